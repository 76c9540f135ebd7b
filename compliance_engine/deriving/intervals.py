"""Arithmetic on intervals, and the numbers that a qualified quantity may be."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, decimals, kleene, merging, rational, values
from compliance_engine.deriving.kleene import FALSE, Truth, both, either
from compliance_engine.deriving.values import Number, Option, Symbols, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.rational import Rational
    from compliance_engine.deriving.tables import Table
    from compliance_engine.model.expression import Field

    Kept = Callable[[Rational], Rational]

SIGNS = ("=", "<", "<=", ">", ">=")
ZERO = rational.constant(Fraction(0))
POLICY_FACTORS = {"zero": Fraction(0), "half": Fraction(1, 2), "full": Fraction(1)}


def _absent(a: Number, b: Number) -> Truth:
    return FALSE if a.absent is FALSE and b.absent is FALSE else kleene.disjunction(a.absent, b.absent)


def added(a: Number, b: Number) -> Number:
    """Give a + b."""
    low = rational.add(a.low, b.low)
    unit = a.unit if a.unit is not None else b.unit
    if a.exact and b.exact:
        return Number(low, low, absent=_absent(a, b), known=a.known and b.known, unit=unit)
    return Number(
        low,
        rational.add(a.high, b.high),
        either(a.low_open, b.low_open),
        either(a.high_open, b.high_open),
        _absent(a, b),
        unit=unit,
    )


def negated(a: Number) -> Number:
    """Give -a."""
    low = rational.negate(a.high)
    return replace(
        a, low=low, high=low if a.exact else rational.negate(a.low), low_open=a.high_open, high_open=a.low_open
    )


def subtracted(a: Number, b: Number) -> Number:
    """Give a - b."""
    return added(a, negated(b))


def _as_it_is(value: Rational) -> Rational:
    return value


def multiplied(a: Number, b: Number, kept: Kept = _as_it_is) -> Number:
    """Give a x b; an end is unknown where any product of ends is. `kept` computes what is read several times."""
    unit = a.unit if a.unit is not None else b.unit
    if a.exact and b.exact:
        one = rational.multiply(a.low, b.low)
        return Number(one, one, absent=_absent(a, b), known=a.known and b.known, unit=unit)
    factor = b.low.constant if b.exact else a.low.constant if a.exact else None
    if factor is not None:
        x = a if b.exact else b
        low, high = (rational.multiply(e, rational.constant(factor)) for e in (x.low, x.high))
        if factor < 0:
            return Number(high, low, x.high_open, x.low_open, x.absent, unit=unit)
        return replace(x, low=low, high=high, unit=unit)
    products = [kept(rational.multiply(x, y)) for x in (a.low, a.high) for y in (b.low, b.high)]
    low, high = _extremes(products, kept)
    # With both known not to be negative, the product of the low ends stands even where there is no high end.
    positive = (rational.compare(">=", a.low, ZERO) & rational.compare(">=", b.low, ZERO)).fill_null(value=False)
    low = rational.pick(positive, products[0], low)
    return Number(low, high, absent=_absent(a, b), unit=unit)


def _extremes(ends: list[Rational], kept: Kept) -> tuple[Rational, Rational]:
    """Give the least and the greatest of some numbers; null where any is."""
    low = reduce(lambda a, b: kept(rational.least(a, b)), ends)
    return low, reduce(lambda a, b: kept(rational.greatest(a, b)), ends)


def divided(a: Number, b: Number, kept: Kept = _as_it_is) -> Number:
    """Give a / b; unknown where b may be zero. `kept` computes what is read several times."""
    divisor = b.low.constant if b.exact else None
    if a.exact and b.exact:
        one = rational.divide(a.low, b.low)
        return Number(one, one, absent=_absent(a, b), known=a.known and bool(divisor))
    if divisor:
        return multiplied(a, values.exact_number(rational.constant(Fraction(1) / divisor)))
    away = (rational.compare(">", b.low, ZERO) | rational.compare("<", b.high, ZERO)).fill_null(value=False)
    low, high = _extremes([kept(rational.divide(x, y)) for x in (a.low, a.high) for y in (b.low, b.high)], kept)
    nothing = rational.column(pl.lit(None, dtype=pl.Int64), bound=1)
    return Number(rational.pick(away, low, nothing), rational.pick(away, high, nothing), absent=_absent(a, b))


def rounded(a: Number, places: int, mode: str) -> Number:
    """Round both ends (rounding is monotone)."""
    low = decimals.rounded(a.low, places, mode)
    return replace(
        a, low=low, high=low if a.exact else decimals.rounded(a.high, places, mode), low_open=False, high_open=False
    )


def absolute(a: Number) -> Number:
    """Give |a|."""
    if a.exact:
        one = rational.absolute(a.low)
        return replace(a, low=one, high=one)
    flipped = negated(a)
    negative = rational.compare("<=", a.high, ZERO).fill_null(value=False)
    positive = rational.compare(">=", a.low, ZERO).fill_null(value=False)
    low = rational.pick(positive, a.low, rational.pick(negative, flipped.low, ZERO))
    high = rational.pick(
        positive, a.high, rational.pick(negative, flipped.high, rational.greatest(a.high, flipped.high))
    )
    return Number(low, high, absent=a.absent)


def _extreme(arguments: list[Number], which: str) -> Number:
    def chosen(a: Number, b: Number) -> Number:
        known = a.known and b.known
        better = rational.least if which == "min" else rational.greatest
        if known:
            one = better(a.low, b.low)
            return Number(one, one, absent=_absent(a, b), known=True)

        # An unknown low end of one side leaves the minimum without a low end, but the maximum keeps the other's.
        def low_end(x: Rational, y: Rational) -> Rational:
            found = better(x, y)
            return (
                found if which == "min" else rational.pick(x.num.is_null(), y, rational.pick(y.num.is_null(), x, found))
            )

        def high_end(x: Rational, y: Rational) -> Rational:
            found = better(x, y)
            return (
                found if which == "max" else rational.pick(x.num.is_null(), y, rational.pick(y.num.is_null(), x, found))
            )

        return Number(low_end(a.low, b.low), high_end(a.high, b.high), absent=_absent(a, b))

    return reduce(chosen, arguments)


def _calendar(part: str) -> Callable[[list[Number]], Number]:
    def found(arguments: list[Number]) -> Number:
        def read(e: pl.Expr) -> pl.Expr:
            day = dates.as_date(e).dt
            found = (day.year() if part == "year" else day.month()).cast(pl.Int64)
            return pl.when(e < dates.NEVER).then(found)  # never is in no month

        value = arguments[0]
        low = rational.column(read(value.low.num), bound=10_000)
        if value.exact:
            return Number(low, low, absent=value.absent)
        high = rational.column(read(value.high.num), bound=10_000)
        if part == "year":
            return Number(low, high, absent=value.absent)
        same = (low.num == high.num) & (
            dates.as_date(value.low.num).dt.year() == dates.as_date(value.high.num).dt.year()
        )
        return Number(
            rational.pick(same.fill_null(value=False), low, rational.constant(Fraction(1))),
            rational.pick(same.fill_null(value=False), high, rational.constant(Fraction(12))),
            absent=value.absent,
        )

    return found


OPERATIONS: dict[str, Callable[[Number, Number, Kept], Number]] = {
    "+": lambda a, b, _: added(a, b),
    "-": lambda a, b, _: subtracted(a, b),
    "*": multiplied,
    "/": divided,
}
FUNCTIONS: dict[str, Callable[[list[Number]], Number]] = {
    "abs": lambda a: absolute(a[0]),
    "negate": lambda a: negated(a[0]),
    "min": lambda a: _extreme(a, "min"),
    "max": lambda a: _extreme(a, "max"),
    "earliest": lambda a: _extreme(a, "min"),
    "latest": lambda a: _extreme(a, "max"),
    "year": _calendar("year"),
    "month": _calendar("month"),
}


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
        expr
        if expr.meta.is_column() and table.frame.schema.get(node.name) in {pl.Int64, pl.Int128}
        else expr.cast(pl.Int64)
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
    return replace(value, low=rational.pick(value.low.num.is_null(), ZERO, value.low))


def _interval(value: Rational, sign: pl.Expr, node: Field) -> Number:
    under, over = sign.is_in([1, 2]).fill_null(value=False), sign.is_in([3, 4]).fill_null(value=False)
    nothing = rational.column(pl.lit(None, dtype=pl.Int64), bound=1)
    floor = ZERO if node.non_negative else nothing
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
    for name in ("zero", "half", "full", "printed", "interval"):
        possible = values.is_symbol(policy, name).may
        if possible is False:
            continue
        found = plain if name == "interval" else _substituted(name, value, under, over, plain, node, known=known)
        result = context.settle(found if result is None else merging.merge(seen, result, possible, found))
        seen = either(seen, possible)
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
