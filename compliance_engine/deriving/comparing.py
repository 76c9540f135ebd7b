"""Comparisons: numbers, dates and instants, symbols and their ranks, truths; each with its like."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, kleene, merging, rational, values
from compliance_engine.deriving.kleene import UNKNOWN, Truth, both, either, opposite
from compliance_engine.deriving.lookups import table_member
from compliance_engine.deriving.site_days import day_at_site
from compliance_engine.deriving.symbols import among, is_symbol, same_symbol
from compliance_engine.deriving.values import Number, Option, Symbols, Value
from compliance_engine.model import expression as ex

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context


def number_value(node: ex.AnyNode, context: Context) -> Number:
    """Give a number, also one that is absent wherever it is asked for."""
    found = context.value(node)
    if isinstance(found, Symbols):  # the absent value
        return Number(values.unknown_number().low, values.unknown_number().low, absent=found.absent)
    assert isinstance(found, Number)
    return found


def compared(op: str, left: Value, right: Value) -> Truth:
    """Hold two values of one kind against each other; of a number that may be `none` that is unknown."""
    if isinstance(left, Truth) or isinstance(right, Truth):
        assert isinstance(left, Truth)
        assert isinstance(right, Truth)
        return kleene.disjunction(
            kleene.conjunction(left, right), kleene.conjunction(kleene.negation(left), kleene.negation(right))
        )
    if isinstance(left, Symbols) and isinstance(right, Symbols):
        return same_symbol(left, right)
    assert isinstance(left, Number)
    assert isinstance(right, Number)
    if op == "=":
        found = values.equal(left, right)
    elif op in {"<", "<="}:
        found = values.less(left, right, strict=op == "<")
    else:
        found = values.less(right, left, strict=op == ">")
    return kleene.union(found, kleene.guarded(either(left.absent.may, right.absent.may), UNKNOWN))


def compared_value(node: ex.Compare, context: Context) -> Value:
    """Hold two values against each other."""
    left, right = context.value(node.left), context.value(node.right)
    if node.order and isinstance(left, Symbols) and isinstance(right, Symbols):
        left, right = _ranked(left, node.order), _ranked(right, node.order)
    left, right = (_in_unit(v, node.unit) for v in (left, right))
    if ex_kinds(node) == {"date", "instant"}:
        assert isinstance(left, Number)
        assert isinstance(right, Number)
        left, right = day_at_site(left, node.left.kind, context), day_at_site(right, node.right.kind, context)
    found = compared(node.op, left, right)
    return _beside_never(node, left, right, found) if node.left.kind == node.right.kind == "date" else found


def _beside_never(node: ex.Compare, left: Value, right: Value, found: Truth) -> Truth:
    """Settle a comparison with `never`, also with a day that is not known: no day comes after it, and none is it."""
    assert isinstance(left, Number)
    assert isinstance(right, Number)
    there = opposite(either(left.absent.may, right.absent.may))
    op, one, other = node.op, node.left, node.right
    if op in {">", ">="}:  # x > y is y < x
        op, one, other, left, right = rational.MIRRORED[op], other, one, right, left
    never_left = False if _is_a_day(one) else both(_is_never(left), there)
    never_right = False if _is_a_day(other) else both(_is_never(right), there)
    apart_left = never_left if _is_a_day(other) else False  # for certain not the same day
    apart_right = never_right if _is_a_day(one) else False
    if op == "=":
        return _settled(found, so=False, not_so=either(apart_left, apart_right))
    if op == "<":
        return _settled(found, so=apart_right, not_so=never_left)
    return _settled(found, so=never_right, not_so=apart_left)


def _is_never(number: Number) -> kleene.Maybe:
    """Say where a day is certainly `never`."""
    return False if number.low.constant is not None else (number.low.num >= dates.NEVER).fill_null(value=False)


def _is_a_day(node: ex.AnyNode) -> bool:
    """Say whether a value is some day, known or not: a field whose empty cell is not `never`, moved or not."""
    if isinstance(node, ex.Arithmetic):
        return _is_a_day(node.left)
    return isinstance(node, ex.Field) and node.empty != "never"


def _settled(found: Truth, *, so: kleene.Maybe, not_so: kleene.Maybe) -> Truth:
    """Give a comparison where it is known to be so, or not to be so, for another reason."""
    return Truth(either(both(found.may, opposite(not_so)), so), either(both(found.may_not, opposite(so)), not_so))


def _in_unit(value: Value, unit: str) -> Value:
    """Give a number of a fixed unit that unit, where the other side brings its own."""
    if unit and isinstance(value, Number) and value.unit is None:
        return replace(value, unit=pl.lit(unit))
    return value


def ex_kinds(node: ex.Compare) -> set[str]:
    """Give the kinds of both sides of a comparison."""
    return {node.left.kind, node.right.kind}


def _ranked(value: Symbols, order: tuple[str, ...]) -> Number:
    """Give an ordered enum as the interval of its ranks."""
    result: Value | None = None
    seen: kleene.Maybe = False
    for option in value.options:
        if option.literal is not None and option.literal in order:
            place = values.exact_number(rational.constant(Fraction(order.index(option.literal))))
            result = place if result is None else merging.merge(seen, result, option.possible, place)
            seen = either(seen, option.possible)
            continue
        rank = option.value.cast(pl.String).replace_strict(
            list(order), list(range(len(order))), default=None, return_dtype=pl.Int64
        )
        low = rational.column(rank.fill_null(0), bound=len(order))
        high = rational.column(rank.fill_null(len(order) - 1), bound=len(order))
        number = (
            Number(low, high)
            if not option.known
            else values.exact_number(rational.column(rank, bound=len(order)), known=True)
        )
        result = number if result is None else merging.merge(seen, result, option.possible, number)
        seen = either(seen, option.possible)
    assert isinstance(result, Number)
    return result


def rank_value(node: ex.Rank, context: Context) -> Value:
    """Give the place of an ordered symbol."""
    found = context.value(node.operand)
    assert isinstance(found, Symbols)
    return replace(_ranked(found, node.order), absent=found.absent)


def symbol_of_rank(node: ex.OfRank, context: Context) -> Value:
    """Give the symbols whose places lie in an interval."""
    place = number_value(node.operand, context)
    options = []
    for rank, symbol in enumerate(node.order):
        here = values.equal(place, values.exact_number(rational.constant(Fraction(rank))))
        options.append(Option(possible=here.may, value=pl.lit(symbol), known=True, literal=symbol))
    return Symbols(tuple(options), place.absent)


def compared_by(node: ex.CompareBy, context: Context) -> Value:
    """Hold two values against each other by an operator that is itself data."""
    left, right = (_in_unit(context.value(side), node.unit) for side in (node.left, node.right))
    op = context.value(node.op)
    assert isinstance(op, Symbols)
    return under_operator(op, left, right, context)


def under_operator(op: Symbols, left: Value, right: Value, context: Context) -> Truth:
    """Hold two values against each other by each operator that there may be; by none nothing is known."""
    truth = kleene.guarded(op.absent.may, UNKNOWN)
    for symbol in context.may_be(op, "=", "<", "<=", ">", ">="):
        possible = is_symbol(op, symbol).may
        truth = kleene.union(truth, kleene.guarded(possible, compared(symbol, left, right)))
    return truth


def among_value(node: ex.Among, context: Context) -> Value:
    """Say whether a symbol is among some, or among the keys of a table."""
    operand = context.value(node.operand)
    if node.table is not None:
        return table_member(node.table, operand, context)
    assert isinstance(operand, Symbols)
    return among(operand, node.symbols)


def among_numbers(node: ex.AmongNumbers, context: Context) -> Value:
    """Say whether a number is among some."""
    operand = context.value(node.operand)
    return kleene.disjunction(*(compared("=", operand, context.value(i)) for i in node.items))
