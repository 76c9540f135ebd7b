"""Values that depend on conditions: `if`, decision tables, `else`."""

from collections.abc import Sequence
from dataclasses import replace

from compliance_engine.compiling.checks import as_day, condition, known_present
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.optional import present_if, present_unless
from compliance_engine.compiling.quantities import is_zero, scaled
from compliance_engine.compiling.source_text import text_of
from compliance_engine.compiling.typed import ABSENT, VARIES, Typed, wrong
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.units import conversion
from compliance_engine.model.expression import AnyNode, Choice, Const, Else, First, Present
from compliance_engine.model.law import Row
from compliance_engine.model.syntax import Binary, Conditional, Expr

ANY_WORD = None  # of `Scope.words`: any bare word that names nothing else is a symbol


def compile_conditional(expression: Conditional, scope: Scope) -> Typed:
    """Compile `if c then a else b`, with what the condition says of absence known in the branches."""
    guard = condition(expression.condition, scope.expecting(()), "`if`")
    words = scope.words or ANY_WORD
    then = settled(expression.then, scope.knowing(present_if(guard.node)).expecting(words))
    other = settled(expression.otherwise, scope.knowing(present_unless(guard.node)).expecting(words))
    text = text_of(expression.condition)
    return joined((guard, None), (then, other), (text, "otherwise"), expression.span, scope)


def compile_rows(rows: Sequence[Row], place: Span, scope: Scope) -> Typed:
    """Compile a decision table: a row knows that the guards above it failed."""
    guards: list[Typed | None] = []
    values: list[Typed] = []
    inner = scope
    for row in rows:
        guard = condition(row.when, inner.expecting(()), "`when`") if row.when is not None else None
        here = inner.knowing(present_if(guard.node)) if guard else inner
        guards.append(guard)
        values.append(settled(row.then, here.expecting(ANY_WORD)))
        inner = inner.knowing(present_unless(guard.node)) if guard else inner
    texts = tuple("otherwise" if row.when is None else text_of(row.when) for row in rows)
    return joined(tuple(guards), tuple(values), texts, place, scope)


def settled(expression: Expr, scope: Scope) -> Typed:
    """Compile what a branch gives; where it is known to be present, it is not optional outside either."""
    value = scope.desk.express(expression, scope)
    return replace(value, optional=False) if value.optional and known_present(value, scope) else value


def joined(
    guards: tuple[Typed | None, ...], values: tuple[Typed, ...], texts: tuple[str, ...], place: Span, scope: Scope
) -> Typed:
    """Join the values of the branches, brought to one kind and unit, into a decision table."""
    merged = unified(values, place, scope)
    if merged is None or any(guard is not None and guard.is_wrong for guard in guards):
        return wrong(place)
    parts, whole = merged
    rows = tuple(
        Choice(when=guard.node if guard else None, then=part.node, text=text)
        for guard, part, text in zip(guards, parts, texts, strict=True)
    )
    optional = any(part.kind == ABSENT or not known_present(part, scope) for part in values)
    return replace(whole, node=First(kind=whole.kind, rows=rows), place=place, optional=optional, bare=False)


def unified(values: tuple[Typed, ...], place: Span, scope: Scope) -> tuple[tuple[Typed, ...], Typed] | None:
    """Bring values to one kind, unit and set of symbols; also give what the whole may be. None after a report."""
    if not values or any(value.is_wrong for value in values):  # none: the reader has refused every row
        return None
    leading = next((value for value in values if value.kind != ABSENT and not is_zero(value)), None)
    leading = leading or next((value for value in values if value.kind != ABSENT), values[0])
    parts = []
    for value in values:
        part = _brought_to(value, leading, scope)
        if part is None:
            return None
        parts.append(part)
    kind = "symbol" if leading.kind == ABSENT else leading.kind
    return tuple(parts), replace(leading, kind=kind, symbols=_symbols(parts), place=place)


def _brought_to(value: Typed, leading: Typed, scope: Scope) -> Typed | None:
    """Bring a value to the kind and unit of the leading one; None after a report."""
    if value.kind == ABSENT:
        kind = "symbol" if leading.kind == ABSENT else leading.kind
        return replace(value, node=Const(kind=kind, value=None))
    if value.kind == "instant" and leading.kind == "date":
        return as_day(value)
    part: Typed | None = value
    if value.kind != leading.kind:
        part = None
    elif value.kind == "number" and value.unit != leading.unit:
        part = _converted(value, leading)
    if part is None:
        _refuse(value, leading, scope)
    return part


def _converted(value: Typed, leading: Typed) -> Typed | None:
    """Convert a number to the unit of the leading one; None where it does not convert."""
    if is_zero(value):
        return replace(value, unit=leading.unit)
    factor = None if VARIES in (value.unit, leading.unit) else conversion(value.unit, leading.unit)
    return None if factor is None else scaled(value, factor, leading.unit)


def _refuse(value: Typed, leading: Typed, scope: Scope) -> None:
    """Say that two branches give different things."""
    code = "unit-mismatch" if value.kind == leading.kind else "kind-mismatch"
    message = f"one branch gives {leading.described()}, and this one {value.described()}"
    scope.desk.report(code, message, value.place, related=((leading.place, f"gives {leading.described()}"),))


def _symbols(parts: Sequence[Typed]) -> tuple[str, ...] | None:
    """Give the symbols that any of the branches may be, in order; None where one may be any text."""
    found: dict[str, None] = {}
    for part in parts:
        if part.kind == ABSENT:
            continue
        if part.symbols is None:
            return None
        found.update(dict.fromkeys(part.symbols))
    return tuple(found)


def compile_else(expression: Binary, scope: Scope) -> Typed:
    """Compile `x else y`."""
    operand = scope.desk.express(expression.left, scope)
    words = operand.symbols or scope.words
    default = scope.desk.express(expression.right, scope.expecting(words))
    merged = unified((operand, default), expression.span, scope)
    if merged is None:
        return wrong(expression.span)
    if operand.kind != ABSENT and not operand.optional:
        scope.desk.warn(
            "always-present",
            "this is never none, so its `else` is never used",
            operand.place,
            "a missing value is unknown, not none: no expression can test for it",
        )
    (one, other), whole = merged
    node: AnyNode = Else(kind=whole.kind, operand=one.node, default=other.node)
    if whole.kind == "bool":  # a condition that may be `none` is the definition's own, one period back
        there = Choice(when=Present(kind="bool", operand=one.node), then=one.node, text="a period before")
        node = First(kind="bool", rows=(there, Choice(when=None, then=other.node, text="otherwise")))
    optional = not known_present(default, scope)
    return replace(whole, node=node, place=expression.span, optional=optional, bare=False)
