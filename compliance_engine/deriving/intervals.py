"""Arithmetic on intervals, and the numbers that a qualified quantity may be."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, decimals, kleene, products, rational, values
from compliance_engine.deriving.kleene import FALSE, Truth, both, either
from compliance_engine.deriving.values import Number

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_engine.deriving.products import Rows

ZERO = products.ZERO


def _absent(*numbers: Number) -> Truth:
    absent = [number.absent for number in numbers if number.absent is not FALSE]
    return kleene.disjunction(*absent) if absent else FALSE


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


def multiplied(a: Number, b: Number, rows: Rows) -> Number:
    """Give a x b."""
    unit = a.unit if a.unit is not None else b.unit
    if a.exact and b.exact:
        one = rational.multiply(a.low, b.low)
        if not (a.known and b.known):  # zero by anything is zero
            zero = ((a.low.num == 0) | (b.low.num == 0)).fill_null(value=False)
            one = rational.pick(zero, ZERO, one)
        return Number(one, one, absent=_absent(a, b), known=a.known and b.known, unit=unit)
    factor = b.low.constant if b.exact else a.low.constant if a.exact else None
    if factor:
        x = a if b.exact else b
        low, high = (rational.multiply(e, rational.constant(factor)) for e in (x.low, x.high))
        if factor < 0:
            return Number(high, low, x.high_open, x.low_open, x.absent, unit=unit)
        return replace(x, low=low, high=high, unit=unit)
    found = products.product(products.ends_of(a), products.ends_of(b), rows)
    return Number(found.low, found.high, found.low_open, found.high_open, _absent(a, b), unit=unit)


def divided(a: Number, b: Number, rows: Rows) -> Number:
    """Give a / b; unknown where b may be zero."""
    divisor = b.low.constant if b.exact else None
    if a.exact and b.exact:
        one = rational.divide(a.low, b.low)
        return Number(one, one, absent=_absent(a, b), known=a.known and bool(divisor))
    if divisor:
        return multiplied(a, values.exact_number(rational.constant(Fraction(1) / divisor)), rows)
    inverse, away = products.reciprocal(products.ends_of(b))
    found = products.product(products.ends_of(a), inverse, rows)
    low, high = (rational.pick(away, end, products.NOTHING) for end in (found.low, found.high))
    return Number(low, high, both(found.low_open, away), both(found.high_open, away), _absent(a, b))


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
        positive,
        a.high,
        rational.pick(negative, flipped.high, rational.outermost("max", [a.high, flipped.high], known=True)),
    )
    return Number(low, high, absent=a.absent)


def _extreme(arguments: list[Number], which: rational.Which) -> Number:
    if len(arguments) == 1:
        return arguments[0]
    lows, highs = [a.low for a in arguments], [a.high for a in arguments]
    absent = _absent(*arguments)
    if all(a.known for a in arguments):
        one = rational.outermost(which, lows, known=False)
        return Number(one, one, absent=absent, known=True)
    # An unknown low end of one side leaves the minimum without a low end, but the maximum keeps the other's.
    low = rational.outermost(which, lows, known=which == "min")
    return Number(low, rational.outermost(which, highs, known=which == "max"), absent=absent)


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


OPERATIONS: dict[str, Callable[[Number, Number, Rows], Number]] = {
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
