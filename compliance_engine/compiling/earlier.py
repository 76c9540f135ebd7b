"""`previous`: what a definition was one period back."""

from dataclasses import replace

from compliance_engine.compiling.checks import as_day, of_kind, read
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.order import paths_in
from compliance_engine.compiling.typed import Typed, with_article, wrong
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.expression import AnyNode, Field, Previous
from compliance_engine.model.law import Definition
from compliance_engine.model.syntax import Path

PREVIOUS = "previous"


def reads_itself(part: object) -> bool:
    """Say whether a part of a definition reads what the definition was a period back."""
    return any(path.parts[0] == PREVIOUS for path in paths_in(part))


def read_previous(path: Path, scope: Scope) -> Typed:
    """Read `previous`, or `previous.FIELD`: optional, since in the first period there is none."""
    desk, place = scope.desk, path.span
    if scope.previous is None:
        desk.report(
            "no-previous",
            "`previous` is a definition's own value one calendar period back, and here is none",
            place,
            "write it in a `definition` with `each: calendar month` or another calendar period",
        )
        return wrong(place)
    name = ".".join(path.parts[1:])
    if name not in scope.previous:
        named = name and f"no field {name}"
        hint = did_you_mean(name, scope.previous) if name else f"write previous.{min(scope.previous, default='FIELD')}"
        desk.report("unknown-field", f"the definition has {named or 'only fields'}", place, hint)
        return wrong(place)
    value = scope.previous[name]
    if value.is_wrong:
        return wrong(place)
    return replace(value, node=Previous(kind=value.kind, field=name), place=place, optional=True, bare=False)


def compile_start(definition: Definition, scope: Scope) -> AnyNode | None:
    """Compile the date in whose period a definition that reads itself begins; None where it does not read itself."""
    desk = scope.desk
    if not reads_itself((definition.lets, definition.fields)):
        if definition.start is not None:
            desk.report(
                "no-previous",
                "`start` says from when `previous` is reckoned, and nothing here reads `previous`",
                definition.start.span,
                "take it out",
            )
        return None
    if definition.start is not None:
        value = of_kind(read(desk.express(definition.start, scope), scope), ("date", "instant"), scope, "`start`")
        return None if value.is_wrong else as_day(value).node
    entry = desk.index.types.get(scope.subject.type)
    if entry is not None and entry.fact.span_from:
        return Field(
            kind="date",
            scope="subject",
            type=entry.fact.name,
            name=entry.fact.span_from,
            empty=entry.fact.field(entry.fact.span_from).empty,
        )
    desk.report(
        "no-start",
        f"`previous` is reckoned from a first period, and {with_article(scope.subject.type)} has no span that begins",
        definition.id.span,
        "say when it begins: start: plant.opened, or start: 2024-01-01",
    )
    return None


def of_earlier_kind(name: str, value: Typed, scope: Scope) -> Typed:
    """Check that a field is what its `previous` was taken for."""
    taken = (scope.previous or {}).get(name)
    if taken is None or value.is_wrong or taken.is_wrong or not _differs(value, taken):
        return value
    scope.desk.report(
        "kind-mismatch",
        f"`previous` was taken for {taken.described()}, and the value is {value.described()}",
        value.place,
        "give the first value the kind and unit of the others: previous else 0 kg",
        related=((taken.place, "taken from here"),),
    )
    return wrong(value.place)


def _differs(value: Typed, taken: Typed) -> bool:
    """Say whether a value is not of the kind, unit and symbols that `previous` has."""
    if value.symbols is not None and taken.symbols is not None and not set(value.symbols) <= set(taken.symbols):
        return True
    return (value.kind, value.unit) != (taken.kind, taken.unit)
