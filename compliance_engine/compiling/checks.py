"""What a value must be where it stands."""

from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.slips import time_meant
from compliance_engine.compiling.typed import ABSENT, DESCRIPTIONS, Typed, wrong
from compliance_engine.model.expression import (
    Among,
    AnyNode,
    DefinitionRef,
    Field,
    Function,
    LetRef,
    Lookup,
    Previous,
)
from compliance_engine.model.law import Every
from compliance_engine.model.program import Grain
from compliance_engine.model.syntax import Expr


def known_present(value: Typed, scope: Scope) -> bool:
    """Say whether the value cannot be `none` here."""
    return not value.optional or _is_present(value.node, scope)


def _is_present(node: AnyNode, scope: Scope) -> bool:
    """Say whether a node is known to be present: itself, what a let stands for, or the row that its key has."""
    if node in scope.present:
        return True
    if isinstance(node, LetRef):
        source = scope.lets[node.name].source if node.name in scope.lets else None
        return source is not None and _is_present(source, scope)
    if isinstance(node, Lookup) and len(node.keys) == 1:
        column = next(one for one in scope.desk.index.tables[node.table].spec.columns if one.name == node.column)
        return column.empty != "none" and Among(kind="bool", operand=node.keys[0], table=node.table) in scope.present
    return False


def read(value: Typed, scope: Scope) -> Typed:
    """Give a value that is about to be compared or calculated with; one that may be `none` is an error."""
    if value.kind == ABSENT:
        scope.desk.report(
            "possibly-absent",
            "none is not a value that can be compared or calculated with",
            value.place,
            "write `x is none` or `x is present`",
        )
        return wrong(value.place)
    if value.is_wrong or known_present(value, scope):
        return value
    scope.desk.report(
        "possibly-absent",
        f"{_called(value.node)} may be none (absent), and is used as if it were there",
        value.place,
        "guard it (`x is present and x > 3`) or give a default (`x else 0`)",
    )
    return wrong(value.place)


def _called(node: AnyNode) -> str:
    """Name what may be absent, as far as it has a name."""
    match node:
        case Field() | LetRef():
            return node.name
        case Previous():
            return f"previous.{node.field}" if node.field else "previous"
        case DefinitionRef():
            return f"{node.id}.{node.field}" if node.field else node.id
        case Lookup():
            return f"{node.column} of table {node.table}"
        case _:
            return "this"


def express(expression: Expr, scope: Scope) -> Typed:
    """Compile an expression whose value is read at once."""
    return read(scope.desk.express(expression, scope), scope)


def of_kind(value: Typed, kinds: tuple[str, ...], scope: Scope, role: str, hint: str | None = None) -> Typed:
    """Give the value if it is of one of the kinds, else report what it is and what `role` takes."""
    if value.is_wrong or value.kind in kinds:
        return value
    wanted = " or ".join(DESCRIPTIONS[kind] for kind in kinds)
    if hint is None and kinds == ("bool",) and value.kind in {"number", "date", "instant"}:
        hint = "compare it with something: x <= 3"
    if hint is None and value.kind == "duration" and "date" in kinds:
        hint = "a length of time leads to a date from another one: (10 days before as-of), here in parentheses"
    if hint is None and not {"date", "instant", "duration"}.isdisjoint(kinds):
        hint = time_meant(value)
    scope.desk.report("kind-mismatch", f"{role} takes {wanted}, and this is {value.described()}", value.place, hint)
    return wrong(value.place)


def condition(expression: Expr, scope: Scope, role: str = "a condition", hint: str | None = None) -> Typed:
    """Compile an expression that is true or false."""
    return of_kind(express(expression, scope), ("bool",), scope, role, hint)


def as_day(value: Typed) -> Typed:
    """Give an instant as its local day; anything else as it is."""
    if value.kind != "instant":
        return value
    node = Function(kind="date", name="day", arguments=(value.node,))
    return Typed(node=node, kind="date", place=value.place)


def same_time(left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """Give two dates or two instants: an instant held against a date counts as its local day."""
    if left.kind == right.kind:
        return left, right
    return as_day(left), as_day(right)


def is_same_grain(every: Every | None, grain: Grain | None) -> bool:
    """Say whether `each` of a document makes the same periods as a compiled grain."""
    if every is None or grain is None:
        return every is None and grain is None
    if every.kind != grain.kind:
        return False
    if every.kind == "type":
        return grain.set is not None and every.type is not None and every.type.text == grain.set.type
    return (every.unit, every.week_start, every.count, every.step) == (
        grain.unit,
        grain.week_start,
        grain.count,
        grain.step,
    )


def described_grain(every: Every | Grain | None) -> str:
    """Say a grain in words."""
    if every is None:
        return "no `each`"
    if every.kind == "sliding":
        return f"each {every.count} calendar months step {every.step} months"
    if every.kind == "calendar":
        monday = " from monday" if every.unit == "week" and every.week_start == "monday" else ""
        return f"each calendar {every.unit}{monday}"
    name = every.type if isinstance(every, Every) else None
    record = name.text if name else every.set.type if isinstance(every, Grain) and every.set else ""
    return f"each {record}"
