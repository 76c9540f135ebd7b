"""Functions of values, arithmetic on dates, censoring policies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING

from tests.oracle import arithmetic, expressions, facts, questions, references
from tests.oracle import syntax as s
from tests.oracle.context import named_things, reach, type_name
from tests.oracle.findings import root
from tests.oracle.periods import DAY_MICROSECONDS, as_day, shifted
from tests.oracle.values import (
    OracleError,
    Value,
    anything,
    between,
    can_fail,
    can_hold,
    exactly,
    hull,
    point,
    symbol,
    truth,
)

if TYPE_CHECKING:
    from tests.oracle.context import Context

POLICIES = ("zero", "half", "full", "printed", "interval")
SHARES = {"zero": Fraction(0), "half": Fraction(1, 2), "full": Fraction(1)}
OPERATORS = ("=", "<", "<=", ">", ">=")


def zone(context: Context) -> str:
    return facts.zone_of(root(context.subject), context.world)


def year_month(day: int) -> tuple[int, int]:
    here = date.fromordinal(day)
    return here.year, here.month


def first_of_month(year: int, month: int) -> int:
    return date(year, month, 1).toordinal()


def as_days(value: Value) -> Value:
    """Give a length of time as a number of days, where it is one."""
    if value.kind != "duration" or value.symbols is None:
        return value
    parts = [tuple(int(p) for p in word.split("|")) for word in value.symbols]
    if any(months for months, _, _ in parts):
        raise OracleError("months are no number of days")
    return hull([exactly(days + Fraction(micros, DAY_MICROSECONDS)) for _, days, micros in parts])


def whole_days(value: Value) -> Value:
    """Leave parts of days out: they reach no further day."""
    if value.kind != "number":
        return value
    low, high = (end if isinstance(end, float) else Fraction(int(end)) for end in (value.low, value.high))
    return replace(value, low=low, high=high)


def as_duration(value: Value) -> Value:
    """Give a number of days as a length of time."""
    value = whole_days(value)
    days = point(value)
    if value.kind == "duration":
        return value
    if days is None or days.denominator != 1:
        return Value(kind="duration", absent=value.absent)
    return symbol(f"0|{days}|0", kind="duration")


def calculate(left: Value, op: str, right: Value, context: Context) -> Value:
    kinds = (left.kind, right.kind)
    if "duration" in kinds and ("date" in kinds or "instant" in kinds):
        start, length = (left, right) if right.kind == "duration" else (right, left)
        return shifted(start, length, -1 if op == "-" else 1, zone(context))
    if {left.kind, right.kind} == {"date", "instant"}:
        left, right = (as_day(value, zone(context)) for value in (left, right))
    left, right = as_days(left), as_days(right)
    if left.kind == right.kind == "instant":
        return arithmetic.divide(
            arithmetic.add(replace(left, kind="number"), arithmetic.negate(replace(right, kind="number"))),
            exactly(Fraction(DAY_MICROSECONDS)),
        )
    if left.kind == right.kind == "date":
        difference = arithmetic.add(replace(left, kind="number"), arithmetic.negate(replace(right, kind="number")))
        return between(difference.low, difference.high)
    if "instant" in (left.kind, right.kind):
        start, length = (left, right) if left.kind == "instant" else (right, left)
        return elapsed(start, length if op == "+" else arithmetic.negate(length))
    if "date" in (left.kind, right.kind):
        days = whole_days(right)
        moved = arithmetic.add(replace(left, kind="number"), days if op == "+" else arithmetic.negate(days))
        return replace(moved, kind="date")
    operations = {
        "+": arithmetic.add,
        "-": lambda a, b: arithmetic.add(a, arithmetic.negate(b)),
        "*": arithmetic.multiply,
        "/": arithmetic.divide,
    }
    return operations[op](as_number(left), as_number(right))


def elapsed(start: Value, length: Value) -> Value:
    """Move an instant by hours, which are a number of days."""
    micros = arithmetic.multiply(length, exactly(Fraction(DAY_MICROSECONDS)))
    moved = arithmetic.add(replace(start, kind="number"), replace(micros, dimension=start.dimension))
    return replace(moved, kind="instant")


def as_number(value: Value) -> Value:
    return value if value.kind == "number" else anything("number")


def order_of(sides: tuple[s.Expr, ...], context: Context) -> tuple[str, ...]:
    """Give the order of the ordered enum that a side is a field of."""
    for side in sides:
        if isinstance(side, s.Call) and side.name in ("min", "max"):
            inner = order_of((side.arguments[0].value,), context)
            if inner:
                return inner
        if isinstance(side, s.Binary) and side.op in ("at", "else"):
            inner = order_of((side.left,), context)
            if inner:
                return inner
        if isinstance(side, s.Path):
            declared_order = references.order_of(side.parts, context)
            if declared_order:
                return declared_order
            for thing in named_things(context):
                record = root(thing)
                parts = side.parts[1:] if side.parts[0] == type_name(record) else side.parts
                target = reach(record, parts[:-1], context.world) if parts else None
                declared = target.type.fields.get(parts[-1]) if target is not None else None
                if declared is not None and declared.ordered:
                    return declared.symbols
    return ()


def ranks(value: Value, order: tuple[str, ...]) -> Value:
    if value.symbols is None:
        return replace(between(Fraction(0), Fraction(len(order) - 1)), absent=value.absent)
    return replace(hull([exactly(order.index(word)) for word in value.symbols]), absent=value.absent)


def call(node: s.Call, context: Context) -> Value:  # noqa: PLR0911 - a line for each function
    """Evaluate what is neither an aggregate nor a slot."""
    if node.name == "table":
        return references.lookup(node, context)
    if node.name in ("censored", "printed", "sign"):
        return qualified(node, context)
    if node.name == "determined":
        return questions.determined(node.arguments[0].value, context)
    arguments = [argument(a, context) for a in node.arguments]
    if node.name == "abs":
        return arithmetic.absolute(as_number(arguments[0]))
    if node.name in ("min", "max", "earliest", "latest"):
        largest = node.name in ("max", "latest")
        return reduce(lambda a, b: arithmetic.extreme(a, b, largest=largest), [as_days(a) for a in arguments])
    if node.name in ("year", "month"):
        return calendar_part(as_day(arguments[0], zone(context)), node.name)
    if node.name == "round":
        return rounded(arguments[0], arguments[1], arguments[2])
    if node.name == "compare":
        return compare_by(arguments[0], arguments[1], arguments[2], context)
    raise OracleError(f"no such function: {node.name}")


def argument(given: s.Records, context: Context) -> Value:
    if given.window is not None and given.window.kind == "at" and given.window.end is not None:
        return references.parameter_at(s.Binary("at", given.value, given.window.end), context)
    return expressions.value_of(given.value, context)


def calendar_part(value: Value, part: str) -> Value:
    """Give the year or the month of a day; a span over a new year may be in any month."""
    if value.absent or isinstance(value.low, float) or isinstance(value.high, float):
        return anything("number") if part == "year" else between(Fraction(1), Fraction(12))
    first, last = year_month(int(value.low)), year_month(int(value.high))
    if part == "year":
        return between(Fraction(first[0]), Fraction(last[0]))
    return between(Fraction(first[1]), Fraction(last[1])) if first[0] == last[0] else between(Fraction(1), Fraction(12))


def rounded(value: Value, places: Value, mode: Value) -> Value:
    digits = point(places)
    if digits is None or mode.symbols is None:
        return anything("number", value.dimension)
    return hull([arithmetic.round_value(as_number(value), int(digits), word) for word in mode.symbols])


def compare_by(left: Value, op: Value, right: Value, context: Context) -> Value:
    """Compare with an operator that is data; one that is not known may be any."""
    if op.absent or op.symbols is None:
        operators: frozenset[str] | tuple[str, ...] = OPERATORS
    else:
        operators = op.symbols
    found = [expressions.compared(left, word, right, context) for word in operators]
    return truth(can_hold=any(can_hold(f) for f in found), can_fail=any(can_fail(f) for f in found))


def qualified(node: s.Call, context: Context) -> Value:
    """Evaluate `censored(x, POLICY)`, `printed(x)` and `sign(x)`, whose first argument is a field."""
    path = node.arguments[0].value
    if not isinstance(path, s.Path):
        raise OracleError(f"{node.name} takes a field")
    record, name = references.field_of(path.parts, context)
    sign, number = facts.printed(record, name)
    if node.name == "sign":
        return symbol(sign) if sign else anything("symbol")
    if node.name == "printed":
        return number
    word = node.arguments[1].value
    if isinstance(word, s.Path) and len(word.parts) == 1 and word.parts[0] in POLICIES:  # noqa: SIM108
        policy = symbol(word.parts[0])
    else:
        policy = expressions.value_of(word, context)
    words = POLICIES if policy.symbols is None or policy.absent else tuple(policy.symbols)
    return hull([substituted(word, sign, number, facts.cell(record, name, context.world)) for word in words])


def substituted(policy: str, sign: str, number: Value, interval: Value) -> Value:
    if policy == "printed":
        return number
    if sign in ("<", "<=") and policy in SHARES:
        return replace(arithmetic.multiply(number, exactly(SHARES[policy])), dimension=number.dimension)
    return interval
