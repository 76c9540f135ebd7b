"""The numbers that a qualified quantity may be: `<5 mg/L` as an interval, or as what a policy puts in its place."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import intervals, kleene, merging, rational
from compliance_engine.deriving.kleene import Truth, both, either
from compliance_engine.deriving.symbols import is_symbol
from compliance_engine.deriving.values import Number, Option, Symbols, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.rational import Rational
    from compliance_engine.deriving.tables import Table
    from compliance_engine.model.expression import Field

    Kept = Callable[[Rational], Rational]

SIGNS = ("=", "<", "<=", ">", ">=")
POLICY_FACTORS = {"zero": Fraction(0), "half": Fraction(1, 2), "full": Fraction(1)}


def _raw(node: Field, context: Context) -> tuple[Rational, pl.Expr | None, pl.Expr | None, bool]:
    """Give the printed number, the qualifier column (None: never censored), the unit column, and whether none is empty."""
    expr, table = context.column(node.scope, node.hops, node.name)
    shape = table.shapes.get(node.name)
    scale, bound = (shape.scale, shape.largest) if shape else (1, 1)
    known = shape is not None and shape.nulls == 0 and not node.hops
    sign = (
        context.column(node.scope, node.hops, f"{node.name}__q")[0]
        if node.qualified and shape and shape.censored
        else None
    )
    unit = context.column(node.scope, node.hops, f"{node.name}__u")[0] if node.varies else None
    integer = (
        expr if expr.meta.is_column() and table.dtype_of(node.name) in {pl.Int64, pl.Int128} else expr.cast(pl.Int64)
    )
    return rational.column(integer, scale=scale, bound=bound), sign, unit, known


def field_number(node: Field, context: Context, expr: pl.Expr, table: Table, *, absent: Truth, known: bool) -> Number:
    """Give the interval of a number field: the domain where it is empty, censored values as what they may be."""
    del expr, table
    value, sign, unit, _ = _raw(node, context)
    if sign is None:
        return _bounded(Number(value, value, absent=absent, known=known, unit=unit), node)
    return replace(_interval(value, sign, node), absent=absent, unit=unit)


def _bounded(value: Number, node: Field) -> Number:
    """Give an unknown number of a non-negative field the low end zero."""
    if value.known or not node.non_negative:
        return value
    return replace(value, low=rational.pick(value.low.num.is_null(), intervals.ZERO, value.low))


def _interval(value: Rational, sign: pl.Expr, node: Field) -> Number:
    under, over = sign.is_in([1, 2]).fill_null(value=False), sign.is_in([3, 4]).fill_null(value=False)
    nothing = rational.column(pl.lit(None, dtype=pl.Int64), bound=1)
    floor = intervals.ZERO if node.non_negative else nothing
    low = rational.pick(under | value.num.is_null(), floor, value)
    high = rational.pick(over, nothing, value)
    return Number(low, high, low_open=(sign == 3).fill_null(value=False), high_open=(sign == 1).fill_null(value=False))


def printed_number(node: Field, context: Context) -> Number:
    """Give the number as printed, whatever its qualifier."""
    value, _, unit, known = _raw(node, context)
    return _bounded(Number(value, value, known=known, unit=unit), node)


def sign_symbol(node: Field, context: Context) -> Symbols:
    """Give the qualifier as a symbol; unknown where the value is."""
    value, sign, _, known = _raw(node, context)
    if sign is None:
        text = pl.when(value.num.is_not_null()).then(pl.lit("="))
        return Symbols((Option(possible=True, value=text, known=known),))
    return Symbols(
        (Option(possible=True, value=sign.replace_strict(range(5), SIGNS, default=None, return_dtype=pl.String)),)
    )


def censored_number(node: Field, policy: Symbols, context: Context) -> Number:
    """Give a qualified quantity under each policy that may hold; values with `>` stay intervals, save as printed."""
    value, sign, unit, known = _raw(node, context)
    if sign is None:
        return _bounded(Number(value, value, known=known, unit=unit), node)
    plain = replace(_interval(value, sign, node), unit=unit)
    under = sign.is_in([1, 2]).fill_null(value=False)
    highest = context.scopes[node.scope].table.frame[f"{node.name}__q"].max() if not node.hops else 4
    over = sign.is_in([3, 4]).fill_null(value=False) if highest is not None and highest >= 3 else None  # type: ignore[operator]
    result: Value | None = None
    seen: kleene.Maybe = False
    for name in context.may_be(policy, "zero", "half", "full", "printed", "interval"):
        possible = is_symbol(policy, name).may
        found = plain if name == "interval" else _substituted(name, value, under, over, plain, node, known=known)
        result = context.settle(found if result is None else merging.merge(seen, result, possible, found))
        seen = either(seen, possible)
    if result is None:  # of no record
        return plain
    assert isinstance(result, Number)
    return replace(result, unit=unit)


def _substituted(  # noqa: PLR0913
    name: str, value: Rational, under: pl.Expr, over: pl.Expr | None, plain: Number, node: Field, *, known: bool
) -> Number:
    if name == "printed":
        return _bounded(Number(value, value, known=known), node)
    substitute = rational.multiply(value, rational.constant(POLICY_FACTORS[name]))
    low = rational.pick(under & value.num.is_not_null(), substitute, value)
    number = _bounded(Number(low, low, known=known), node)
    if over is None:
        return number
    return Number(
        rational.pick(over, plain.low, number.low),
        rational.pick(over, plain.high, number.high),
        both(over, plain.low_open),
    )
