"""What an expression may be (docs/language.md section 2)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from tests.oracle import aggregates, arithmetic, functions, references, values
from tests.oracle import syntax as s
from tests.oracle.context import builtin, field_value, named_things
from tests.oracle.parser import parse
from tests.oracle.periods import as_day, last_of_month, moved, shifted, working_day
from tests.oracle.units import calendar_length, to_base
from tests.oracle.values import ABSENT, FALSE, TRUE, OracleError, Value, exactly, symbol

if TYPE_CHECKING:
    from tests.oracle.context import Context


def evaluate(text: str, context: Context) -> Value:
    """Evaluate an expression as it is written."""
    return value_of(parse(text), context)


def value_of(node: s.Expr, context: Context) -> Value:  # noqa: C901, PLR0911, PLR0912 - a line for each shape
    """Give every value that an expression may have."""
    match node:
        case s.Number():
            return number_literal(node)
        case s.Text():
            return symbol(node.value)
        case s.Day():
            return exactly(node.ordinal, "date")
        case s.Word():
            return {"true": TRUE, "false": FALSE, "none": ABSENT}[node.value]
        case s.Path():
            return path_value(node.parts, context)
        case s.Unary():
            operand = value_of(node.operand, context)
            return values.negation(operand) if node.op == "not" else arithmetic.negate(operand)
        case s.Binary():
            return binary(node, context)
        case s.Is():
            return is_word(node, context)
        case s.Member():
            return member(node, context)
        case s.If():
            rows = [(node.condition, node.then), (None, node.otherwise)]
            return first_row(rows, context)
        case s.NextDay():
            return next_day(node, context)
        case s.Quantified():
            return aggregates.quantified(node, context)
        case s.Call():
            return (
                aggregates.aggregate(node, context) if aggregates.is_aggregate(node) else functions.call(node, context)
            )


@lru_cache(maxsize=4096)
def number_literal(node: s.Number) -> Value:
    """Give a quantity in base units; `6 months` and the like are lengths of time."""
    length = calendar_length(node.unit)
    if length is not None:
        if node.value.denominator != 1:
            raise OracleError(f"not a whole length of time: {node.value} {node.unit}")
        return symbol("|".join(str(part * int(node.value)) for part in length), kind="duration")
    factor, offset, dimension = to_base(node.unit)
    return replace(exactly(node.value * factor + offset, dimension=dimension), percent=node.unit == "%")


def path_value(parts: tuple[str, ...], context: Context) -> Value:
    """Resolve a name in the order that the reference states; what is nothing else is a symbol."""
    if parts[0] == "previous" and context.itself is not None:
        return context.itself(".".join(parts[1:]), context.home or context)
    if len(parts) > 1 and context.grain is not None and context.grain.unit == parts[0]:
        return path_value(parts[1:], context)
    found = field_value(parts, context, scopes=True)
    if found is None and len(parts) == 1:
        found = let_value(parts[0], context)
    if found is None:
        found = field_value(parts, context, scopes=False)
    if found is None:
        found = builtin(parts, context)
    if found is None:
        found = references.named_value(parts, context)
    if found is None and len(parts) == 1:
        found = symbol(parts[0])
    if found is None:
        raise OracleError(f"unknown name: {'.'.join(parts)} among {[type(t).__name__ for t in named_things(context)]}")
    return found


def let_value(name: str, context: Context) -> Value | None:
    if name not in context.lets:
        return None
    home = context.home or context
    if name not in home.memo:
        home.memo[name] = evaluate(home.lets[name], home.changed(some_window=None, due_at=None))
    return home.memo[name]


def binary(node: s.Binary, context: Context) -> Value:  # noqa: PLR0911 - a line for each operator
    if node.op == "at":
        return references.parameter_at(node, context)
    if isinstance(node.left, s.Number) and node.left.unit == "working days":
        origin = as_day(value_of(node.right, context), functions.zone(context))
        count = int(node.left.value) * (1 if node.op == "after" else -1)
        return moved(origin, lambda day: Fraction(working_day(int(day), count, context.holidays)))
    left = value_of(node.left, context)
    if node.op in ("and", "or"):
        return either_side(node, left, context)
    right = value_of(node.right, context)
    if node.op == "else":
        if not left.absent:
            return left
        return values.hull([values.without_absent(left), right]) if left.present else right
    if node.op in ("before", "after"):
        if left.kind == "number" and right.kind == "date":
            return functions.calculate(right, "+" if node.op == "after" else "-", left, context)
        return shifted(right, functions.as_duration(left), 1 if node.op == "after" else -1, functions.zone(context))
    if node.op in ("+", "-", "*", "/"):
        return functions.calculate(left, node.op, right, context)
    order = functions.order_of((node.left, node.right), context) if node.op != "=" and left.kind == "symbol" else ()
    return compared(left, node.op, right, context, order)


def either_side(node: s.Binary, left: Value, context: Context) -> Value:
    """Give `and` and `or`; what the left side settles does not ask the right one."""
    if node.op == "and":
        return values.FALSE if values.fails(left) else values.conjunction((left, value_of(node.right, context)))
    return values.TRUE if values.holds(left) else values.disjunction((left, value_of(node.right, context)))


def compared(left: Value, op: str, right: Value, context: Context, order: tuple[str, ...] = ()) -> Value:
    """Compare numbers, dates, instants, lengths of time, symbols and truths, each with its like."""
    if not left.present or not right.present:
        both_absent = not left.present and not right.present
        return (
            values.equal_symbols(left, right)
            if op == "=" and (both_absent or left.kind == "symbol")
            else values.UNKNOWN
        )
    if "duration" in (left.kind, right.kind):
        left, right = functions.as_days(left), functions.as_days(right)
    if {left.kind, right.kind} == {"date", "instant"}:
        left, right = (as_day(value, functions.zone(context)) for value in (left, right))
    if left.kind in values.RANGED:
        return values.compare(left, op, right)
    if order and op != "=":
        return values.compare(functions.ranks(left, order), op, functions.ranks(right, order))
    if op != "=":
        raise OracleError(f"{op} between {left.kind} and {right.kind}")
    return values.equal_symbols(left, right)


def is_word(node: s.Is, context: Context) -> Value:
    operand = value_of(node.operand, context)
    if node.word == "present":
        found = values.is_present(operand)
    elif node.word == "none":
        found = values.truth(can_hold=operand.absent, can_fail=operand.present)
    else:
        found = values.is_among(operand, [node.word])
    return values.negation(found) if node.negated else found


def member(node: s.Member, context: Context) -> Value:
    operand = value_of(node.operand, context)
    if node.table is not None:
        found = references.among_keys(operand, node.table, context)
    elif operand.kind in values.RANGED:
        found = values.disjunction(compared(operand, "=", value_of(item, context), context) for item in node.items)
    else:
        words = [item.parts[0] if isinstance(item, s.Path) else literal_text(item) for item in node.items]
        found = values.is_among(operand, words)
    return values.negation(found) if node.negated else found


def literal_text(item: s.Expr) -> str:
    if isinstance(item, s.Text | s.Word):
        return item.value
    if isinstance(item, s.Number) and not item.unit and item.value.denominator == 1:
        return str(item.value)
    raise OracleError(f"not a symbol: {item}")


def first_row(rows: list[tuple[s.Expr | None, s.Expr]], context: Context) -> Value:
    """Give the union of the rows that may be the first to hold."""
    possible = []
    for guard, then in rows:
        holding = TRUE if guard is None else value_of(guard, context)
        if values.can_hold(holding):
            possible.append(value_of(then, context))
        if values.holds(holding):
            break
    return values.hull(possible)


def next_day(node: s.NextDay, context: Context) -> Value:
    if context.period is None:
        raise OracleError("a day of the next month or year needs a period")
    return exactly(following_day(node.month, node.day, context.period.end), "date")


def following_day(month: int | None, day: int, end: int) -> int:
    """Give a day of the month or year after the one that holds `end`, clipped to the end of its month."""
    year, this_month = functions.year_month(end)
    index = year * 12 + this_month if month is None else (year + 1) * 12 + month - 1
    last = last_of_month(index // 12, index % 12 + 1)
    first = functions.first_of_month(index // 12, index % 12 + 1)
    return min(first + day - 1, last)
