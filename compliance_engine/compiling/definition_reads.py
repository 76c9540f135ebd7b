"""Definitions read by name: of the subject itself, or of a record that it leads to."""

from dataclasses import replace

from compliance_engine.compiling.checks import described_grain, is_same_grain
from compliance_engine.compiling.desk import FINDING, Frame, Scope
from compliance_engine.compiling.fields import subject_types, target_of
from compliance_engine.compiling.typed import Typed, with_article, wrong
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.expression import (
    DefinitionRef,
    Field,
    Hop,
)
from compliance_engine.model.law import Definition, Every
from compliance_engine.model.syntax import Path


def subject_identity(scope: Scope) -> Field:
    """Give the id of the subject; of a finding, that of its own subject."""
    if scope.subject.type == FINDING:
        return Field(kind="symbol", scope=scope.subject.scope, type=FINDING, name="subject")
    return identity_of(scope.subject)


def read_definition_through(origin: Frame | Typed, names: tuple[str, ...], path: Path, scope: Scope) -> Typed | None:
    """Read a definition about the record of a frame, or the one that a reference leads to; None if none fits."""
    frame = origin if isinstance(origin, Frame) else target_of(origin, scope.desk)
    if frame is None:
        return None
    index = scope.desk.index
    for length in range(len(names), 0, -1):
        rest = names[length:]
        ids = [
            identity
            for identity in index.matches(".".join(names[:length]), index.definitions)
            if _is_about(index.definitions[identity], frame, scope)
        ]
        if len(ids) == 1 and len(rest) <= 1:
            return _definition(ids[0], rest, frame, path, scope)
    return None


def _is_about(definition: Definition, frame: Frame, scope: Scope) -> bool:
    """Say whether a definition is about the type of a frame's record."""
    if definition.subject.finding:
        return frame.type == FINDING and frame.provision in scope.desk.index.matches(definition.subject.source.text)
    return definition.subject.source.text == frame.type


def read_definition(identity: str, rest: tuple[str, ...], path: Path, scope: Scope) -> Typed:
    """Read a definition about the innermost record or subject of its type, or what the subject refers to."""
    definition = scope.desk.index.definitions[identity]
    frames = [frame for frame in reversed(scope.records) if not frame.slot]
    frames += [frame for frame in (scope.occurrence, scope.subject) if frame is not None]
    if scope.subject.type == FINDING:
        frames += subject_types(scope.subject, scope.desk)
    for frame in frames:
        if _is_about(definition, frame, scope):
            return _definition(identity, rest, frame, path, scope)
    if not definition.subject.finding and definition.subject.source.text not in scope.desk.index.types:
        return wrong(path.span)  # told where the definition says whom it is about
    chains = _chains(scope.subject, definition.subject.source.text, scope)
    if len(chains) == 1:
        return _definition(identity, rest, chains[0], path, scope)
    about = definition.subject.source.text
    ways = " or ".join(".".join((*(hop.field for hop in chain.hops), *path.parts)) for chain in chains)
    hint = (
        f"write {ways}"
        if chains
        else f"read it where {with_article(about)} is the subject, or through a reference to one"
    )
    reached = f"{'several' if chains else 'none'} can be reached from {with_article(scope.subject.type)}"
    message = f"{identity} is about {with_article(about)}, and {reached}"
    scope.desk.report("wrong-subject", message, path.span, hint)
    return wrong(path.span)


def _chains(frame: Frame, goal: str, scope: Scope) -> list[Frame]:
    """Give the shortest chains of references that lead from a record to a type."""
    frontier, seen = [frame], {frame.type}
    while frontier:
        following: list[Frame] = []
        for origin in frontier:
            entry = scope.desk.index.types.get(origin.type)
            for field in entry.references() if entry else ():
                hops = (*origin.hops, Hop(field=field.name, type=field.target))
                following.append(Frame(scope=frame.scope, type=field.target, hops=hops))
        found = [reached for reached in following if reached.type == goal]
        if found:
            return found
        frontier = [reached for reached in following if reached.type not in seen]
        seen.update(reached.type for reached in frontier)
    return []


def identity_of(frame: Frame) -> Field:
    """Give the id of a frame's record: its own field `id`, or the last reference that led to it."""
    if not frame.hops:
        return Field(kind="symbol", scope=frame.scope, type=frame.type, name="id")
    *before, last = frame.hops
    holder = before[-1].type if before else ""
    return Field(kind="symbol", scope=frame.scope, hops=tuple(before), type=holder, name=last.field)


def _identity(frame: Frame, scope: Scope) -> Field | None:
    """Give the id of the record that a definition is read for; None for the subject itself."""
    if frame.scope == scope.subject.scope and not frame.hops:
        return None
    node = identity_of(frame)
    if len(frame.hops) == 1:
        frames = (*scope.records, *((scope.occurrence,) if scope.occurrence else ()), scope.subject)
        holder = next((outer.type for outer in frames if outer.scope == frame.scope), "")
        node = Field(kind="symbol", scope=frame.scope, hops=(), type=holder, name=frame.hops[0].field)
    return node


def _definition(identity: str, rest: tuple[str, ...], frame: Frame, path: Path, scope: Scope) -> Typed:
    """Read a definition for a record."""
    desk, place = scope.desk, path.span
    definition = desk.index.definitions[identity]
    desk.read_from(identity, place)
    if not is_read_at_grain(definition.each, identity, place, scope):
        return wrong(place)
    fields = desk.definition_of(identity)
    if fields is None:  # being compiled itself: the cycle is reported with the strata
        return wrong(place)
    name = rest[0] if rest else ""
    if name not in fields:
        hint = did_you_mean(name, fields) if name else f"write {path}.{min(fields)}"
        desk.report(
            "unknown-field",
            f"{identity} has no {f'field {name}' if name else 'value of its own, only fields'}",
            place,
            hint,
        )
        return wrong(place)
    value = fields[name]
    node = DefinitionRef(
        kind=value.kind, id=identity, field=name, subject=_identity(frame, scope), optional=value.optional
    )
    return replace(value, node=node, place=place, bare=False)


def is_read_at_grain(each: Every | None, identity: str, place: Span, scope: Scope) -> bool:
    """Check that a definition or finding with periods is read at those same periods, or in that which holds a date."""
    slot = scope.slot()
    if scope.moment and each is not None and each.kind == "calendar":
        return True
    if each is not None and each.type is not None and each.type.text not in scope.desk.index.types:
        return False  # told where it is written
    if scope.timed and scope.grain is None and each is not None and not scope.mixed:
        return False  # told where the periods of the document are written
    if each is None or (slot and each.kind == "calendar" and each.unit == slot) or is_same_grain(each, scope.grain):
        return True
    found, hint = described_grain(scope.grain), "read it with the same `each`, or inside a slot: some {} where ..."
    if slot:
        found = f"each {slot} of a slot"
    elif scope.mixed:
        found, hint = "a `let` for duties of different periods", "write it into the duty that has this `each`"
    unit = each.unit if each.kind == "calendar" else "month"
    scope.desk.report(
        "grain-mismatch",
        f"{identity} is found {described_grain(each)}, and is read where there is {found}",
        place,
        hint.format(unit),
    )
    return False
