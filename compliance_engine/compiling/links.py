"""Which records belong to a subject: docs/language.md section 1, "Links"."""

from collections.abc import Iterator, Mapping

from compliance_engine.compiling.definition_reads import identity_of, subject_identity
from compliance_engine.compiling.desk import FINDING, Frame, Scope
from compliance_engine.compiling.fact_types import WAIVER, TypeEntry, leads_nowhere
from compliance_engine.compiling.fields import field_of, subject_types
from compliance_engine.compiling.typed import with_article
from compliance_engine.kernel.span import Span
from compliance_engine.model.expression import AnyNode, Field, Hop, Pair

Way = tuple[str, tuple[Pair, ...]]  # how the author would say it, and the equalities


def link(record: Frame, place: Span, scope: Scope) -> tuple[Pair, ...] | None:
    """Give the equalities that link a record to the subject; none where nothing binds its type; None after a report."""
    if record.type == WAIVER:
        return (Pair(subject=subject_identity(scope), record=_node(record, "subject", scope)),)
    sides = [(subject, own) for subject in _sides(scope.subject, scope) for own in _sides(record, scope)]
    for find in (_direct, _declared, _shared, _chained, _same_site):
        for subject, own in sides:
            ways = find(subject, own, scope)
            if len(ways) > 1:
                _report_ambiguous(subject, own, ways, place, scope)
                return None
            if ways:
                return ways[0][1]
    return _unlinked(record, place, scope)


def _sides(frame: Frame, scope: Scope) -> tuple[Frame, ...]:
    """Give a record, or of a finding: the finding itself, then its own subject."""
    if frame.type != FINDING:
        return (frame,)
    own = subject_types(frame, scope.desk)
    return (frame, *own) if len(own) == 1 else (frame,)


def _unlinked(record: Frame, place: Span, scope: Scope) -> tuple[Pair, ...] | None:
    """Accept a type that refers to nothing; report one that refers to something else."""
    entry = scope.desk.index.types.get(record.type)
    if entry is not None and not entry.references() and not entry.links:
        return ()
    if leads_nowhere(record.type, scope.desk.index.types) or leads_nowhere(scope.subject.type, scope.desk.index.types):
        return None
    name = f"findings of {record.provision}" if record.type == FINDING else f"{record.type} records"
    related = ((entry.place, f"{record.type} is declared here"),) if entry and entry.place.file else ()
    scope.desk.report(
        "no-link",
        f"nothing says which {name} belong to {with_article(scope.subject.type)}",
        place,
        f"declare it in the vocabulary: links: {{{scope.subject.type}: [FIELD, ...]}}, or a `reference` field",
        related=related,
    )
    return None


def _report_ambiguous(subject: Frame, record: Frame, ways: list[Way], place: Span, scope: Scope) -> None:
    """Say that two links of the same order exist."""
    words = [way for way, _ in ways]
    fields = [way.removeprefix(f"{record.type}.") for way in words if way.startswith(f"{record.type}.")]
    either = f"{words[0]}, either way round" if len(set(words)) == 1 else " or by ".join(words)
    scope.desk.report(
        "ambiguous-link",
        f"{with_article(record.type)} may belong to {with_article(subject.type)} by {either}",
        place,
        _choosing(subject.type, record.type, fields[0] if fields else "FIELD, ..."),
    )


def _choosing(subject: str, record: str, field: str) -> str:
    """Say how a link is chosen; of references that have other names on the two sides, one has to have the same."""
    own, _, other = field.partition(" and ")
    declared = f"declare which at {record} in the vocabulary: links: {{{subject}: [{own}]}}"
    return f"give {other}, or the field that is meant, the name {own} as well, and {declared}" if other else declared


def _entry(frame: Frame, scope: Scope) -> TypeEntry | None:
    """Give the declaration of a frame's type; None for a finding."""
    return scope.desk.index.types.get(frame.type)


def _node(frame: Frame, name: str, scope: Scope) -> AnyNode:
    """Give a field of a frame as a node."""
    value = field_of(frame, name, scope.desk, Span("", 0, 0))
    assert value is not None, (frame, name)
    return value.node


def _identity(frame: Frame) -> Field:
    """Give the id of a frame's record; what leads to a finding's own subject is the finding's attribute."""
    node = identity_of(frame)
    if len(frame.hops) == 1 and frame.hops[0].field == "subject":
        return Field(kind="symbol", scope=frame.scope, type=FINDING, name="subject")
    return node


def _direct(subject: Frame, record: Frame, scope: Scope) -> list[Way]:
    """Find references, either way round; a finding's subject is itself one."""
    if subject.type == record.type and (subject.hops or record.hops) and subject.type != FINDING:
        return [("being the finding's subject", (Pair(subject=_identity(subject), record=_identity(record)),))]
    ways: list[Way] = []
    for owner, other in ((record, subject), (subject, record)):
        for name, chosen in _references(owner, other, scope):
            identity, node = _identity(other), _node(owner, name, scope)
            pair = Pair(subject=identity, record=node) if owner is record else Pair(subject=node, record=identity)
            if chosen:
                return [(f"{owner.type}.{name}", (pair,))]
            ways.append((f"{owner.type}.{name}", (pair,)))
    return ways


def _references(owner: Frame, other: Frame, scope: Scope) -> Iterator[tuple[str, bool]]:
    """Name the references of one record to another's type, and say of each whether `links` chooses it."""
    entry = _entry(owner, scope)
    for field in entry.references() if entry else ():
        if field.target == other.type:
            yield field.name, entry is not None and entry.chosen(other.type) == field.name


def _declared(subject: Frame, record: Frame, scope: Scope) -> list[Way]:
    """Find `links`, on either type; the same fields on both are one link."""
    forth, back = _entry(record, scope), _entry(subject, scope)
    if forth is None or back is None:
        return []
    sides = ((forth, subject.type), (back, record.type))
    names = {entry.links[other] for entry, other in sides if other in entry.links and not entry.chosen(other)}
    ways = []
    for fields in sorted(names):
        known = [name for name in fields if forth.field(name) and back.field(name)]
        pairs = tuple(Pair(subject=_node(subject, n, scope), record=_node(record, n, scope)) for n in known)
        ways.append((f"links [{', '.join(fields)}]", pairs))
    return ways


def _shared(subject: Frame, record: Frame, scope: Scope) -> list[Way]:
    """Find a reference that both have to the same type."""
    forth, back = _entry(record, scope), _entry(subject, scope)
    if forth is None or back is None:
        return []
    return [
        (
            f"the same {own.target}"
            if own.name == other.name
            else f"{record.type}.{own.name} and {subject.type}.{other.name}",
            (Pair(subject=_node(subject, other.name, scope), record=_node(record, own.name, scope)),),
        )
        for own in forth.references()
        for other in back.references()
        if own.target == other.target
    ]


def _same_site(subject: Frame, record: Frame, scope: Scope) -> list[Way]:
    """Find the site of a finding that is the subject, where its own subject has no link to the record."""
    entry = _entry(record, scope)
    if subject.type != FINDING or entry is None:
        return []
    own = Field(kind="symbol", scope=subject.scope, type=FINDING, name="site")
    sites = [field.name for field in entry.references() if field.target == "site"]
    return [("the same site", (Pair(subject=own, record=_node(record, name, scope)),)) for name in sites]


def _chained(subject: Frame, record: Frame, scope: Scope) -> list[Way]:
    """Find the nearest record to which both lead through references (the site through the permit); both may be it."""
    if FINDING in (subject.type, record.type):
        return []
    forth, back = _reach(record, scope), _reach(subject, scope)
    common = [target for target in forth if target in back and (forth[target].hops or back[target].hops)]
    common = [target for target in common if forth[target] != record or back[target] != subject]
    if not common:
        return []
    lengths = {target: len(forth[target].hops) + len(back[target].hops) for target in common}
    nearest = sorted(target for target in common if lengths[target] == min(lengths.values()))
    return [
        (
            f"the same {target}",
            (Pair(subject=_identity_in(back[target], subject), record=_identity_in(forth[target], record)),),
        )
        for target in nearest
    ]


def _identity_in(frame: Frame, start: Frame) -> Field:
    """Give the id of a record reached from a start."""
    if frame.hops and len(frame.hops) == 1:
        return Field(kind="symbol", scope=frame.scope, type=start.type, name=frame.hops[0].field)
    return _identity(frame)


def _reach(start: Frame, scope: Scope) -> Mapping[str, Frame]:
    """Give the frame of each type that references lead to, by the shortest chain (of several, the first by name)."""
    reached = {start.type: start}
    frontier = [start]
    while frontier:
        following: list[Frame] = []
        for origin in frontier:
            entry = _entry(origin, scope)
            for field in sorted(entry.references(), key=lambda f: f.name) if entry else ():
                if field.target not in reached:
                    hops = (*origin.hops, Hop(field=field.name, type=field.target))
                    frame = Frame(scope=start.scope, type=field.target, hops=hops)
                    reached[field.target] = frame
                    following.append(frame)
        frontier = following
    return reached
