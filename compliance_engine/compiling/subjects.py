"""Subjects, occurrences and lets: what stands around the expressions of a document."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from compliance_engine.compiling.checks import condition
from compliance_engine.compiling.desk import FINDING, Desk, Frame, Scope
from compliance_engine.compiling.nodes import dates_read
from compliance_engine.compiling.optional import NOTHING, present_if
from compliance_engine.compiling.sets import Records, compile_set, resolve_provision
from compliance_engine.compiling.source_text import text_of
from compliance_engine.compiling.typed import ABSENT, Typed, wrong
from compliance_engine.kernel.span import Span
from compliance_engine.model.expression import AnyNode, LetRef, Set
from compliance_engine.model.law import Every, Let, Name, Subject
from compliance_engine.model.program import Grain, NamedNode, SubjectSpec
from compliance_engine.model.syntax import RecordSet

_PERIODS = {
    word: f"did you mean calendar {period}?"
    for period, words in {
        "day": ("day", "daily"),
        "week": ("week", "weekly"),
        "month": ("month", "monthly"),
        "quarter": ("quarter", "quarterly"),
        "year": ("year", "yearly", "annual", "annually"),
    }.items()
    for word in words
}


def place_of(span: Span) -> str:
    """Give `file:line`."""
    return f"{span.file}:{span.line}"


def named(name: str, node: AnyNode, text: str, span: Span) -> NamedNode:
    """Give a node with its name, its author's text and its place."""
    return NamedNode(name=name, node=node, text=text, place=place_of(span))


def compile_subject(subject: Subject, desk: Desk) -> tuple[SubjectSpec, Scope] | None:
    """Compile what a document is about, and open the scope in which its subject can be named; None after a report."""
    frame = _finding_subject(subject, desk) if subject.finding else _fact_subject(subject, desk)
    if frame is None:
        return None
    scope = Scope(desk=desk, subject=frame)
    where = condition(subject.where, scope, "`where`") if subject.where is not None else None
    known = present_if(where.node) if where else NOTHING
    spec = SubjectSpec(
        type=frame.provision or frame.type,
        finding=subject.finding,
        duty=frame.duty,
        where=where.node if where and not where.is_wrong else None,
        where_text=text_of(subject.where) if subject.where is not None else "",
    )
    return spec, scope.knowing(known)


def _fact_subject(subject: Subject, desk: Desk) -> Frame | None:
    """Find the type of a subject."""
    name = subject.source
    if name.text in desk.index.types:
        desk.read_type(name.text, name.span)
        return Frame(scope="subject", type=name.text)
    if name.text:  # "" stands for what could not be read
        hint = desk.index.near_type(name.text)
        desk.report("unknown-type", f"{name.text} is no type of record", name.span, hint)
    return None


def _finding_subject(subject: Subject, desk: Desk) -> Frame | None:
    """Find the provision whose findings are the subjects."""
    name = subject.source
    text = f"{name.text}/{subject.duty}" if subject.duty else name.text
    found = resolve_provision(text, name.span, Scope(desk=desk, subject=Frame(scope="subject", type=FINDING)))
    if found is None:
        return None
    provision, duty = found
    desk.read_from(provision, name.span)
    return Frame(scope="subject", type=FINDING, provision=provision, duty=duty)


def compile_grain(each: Every | None, scope: Scope) -> Grain | None:
    """Compile `each`; of a type, the records of it that are linked to the subject."""
    if each is None:
        return None
    if each.kind != "type" or each.type is None:
        return Grain(kind=each.kind, unit=each.unit, week_start=each.week_start, count=each.count, step=each.step)
    linked = linked_set(each.type, scope)
    return Grain(kind="type", set=linked) if linked else None


def linked_set(name: Name, scope: Scope) -> Set | None:
    """Give the records of a type that are linked to the subject; None after a report."""
    if not name.text:  # what could not be read
        return None
    if name.text not in scope.desk.index.types:
        scope.desk.report(
            "unknown-type",
            f"{name.text} is no type of record",
            name.span,
            _PERIODS.get(name.text) or scope.desk.index.near_type(name.text),
        )
        return None
    records = Records(source=name.text, finding=False, alias=None, window=None, where=None, place=name.span)
    ranged = compile_set(records, scope)
    return ranged.set if ranged else None


def with_grain(scope: Scope, each: Every | None, grain: Grain | None) -> Scope:
    """Open the scope of an occurrence: its period, and the fields of its record if it has one."""
    occurrence = Frame(scope="occurrence", type=each.type.text) if each and each.kind == "type" and each.type else None
    return replace(scope, grain=grain, timed=each is not None, occurrence=occurrence)


def compile_lets(lets: Iterable[Let], scope: Scope) -> tuple[tuple[NamedNode, ...], Scope]:
    """Compile the lets of a document in order; each may use those before it."""
    nodes: list[NamedNode] = []
    known: dict[str, Typed] = {}
    for let in lets:
        name = let.name.text
        assert not isinstance(let.value, RecordSet), "record sets are put in before"
        value = scope.desk.express(let.value, replace(scope, lets=dict(known)))
        known[name] = _let_ref(name, value, dates_read(value.node, known))
        if not value.is_wrong:
            nodes.append(named(name, value.node, text_of(let.value), let.name.span))
    return tuple(nodes), replace(scope, lets=_frozen(known))


def _frozen(lets: dict[str, Typed]) -> Mapping[str, Typed]:
    """Give a copy that no one else holds."""
    return dict(lets)


def _let_ref(name: str, value: Typed, reads: frozenset[AnyNode]) -> Typed:
    """Give what stands for a let where it is used."""
    if value.is_wrong:
        return wrong(value.place)
    kind = "symbol" if value.kind == ABSENT else value.kind
    node = LetRef(kind=kind, name=name, optional=value.optional)
    return replace(value, node=node, kind=kind, bare=False, reads=reads, source=value.node)
