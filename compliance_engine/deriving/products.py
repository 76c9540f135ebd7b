"""Products and quotients of intervals, from the four pairs of their ends, of which some may be infinite."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Protocol

import polars as pl

from compliance_engine.deriving import kleene, rational
from compliance_engine.deriving.kleene import Maybe, both, either, opposite

if TYPE_CHECKING:
    from compliance_engine.deriving.rational import Rational
    from compliance_engine.deriving.values import Number

ZERO = rational.constant(Fraction(0))
ONE = rational.constant(Fraction(1))
NOTHING = rational.column(pl.lit(None, dtype=pl.Int64), bound=1)


class Rows(Protocol):
    """The rows that something is found for."""

    def settled_end(self, end: Rational) -> Rational:
        """Compute what is read several times."""

    def occurs(self, maybe: Maybe) -> bool:
        """Say whether what may be so is so in any of them."""


@dataclass(frozen=True, slots=True)
class Ends:
    """An interval: `low` and `high` (null: infinite on that side), and whether the end itself is excluded."""

    low: Rational
    high: Rational
    low_open: Maybe = False
    high_open: Maybe = False


@dataclass(frozen=True, slots=True)
class _Corner:
    """A pair of ends: their product (null: infinite), its sign, and whether it is itself a possible product."""

    value: Rational
    sign: pl.Expr
    closed: Maybe


def ends_of(number: Number) -> Ends:
    """Give the ends of a number."""
    return Ends(number.low, number.high, number.low_open, number.high_open)


def product(a: Ends, b: Ends, rows: Rows) -> Ends:
    """Give the least interval that holds every product."""
    (a_low, a_high), (b_low, b_high) = _sides(a), _sides(b)
    least = _corner(a_low, b_low, rows)
    if not rows.occurs((a_low[1] < 0) | (b_low[1] < 0)):  # neither is ever negative
        most = _corner(a_high, b_high, rows)
        return Ends(least.value, most.value, opposite(least.closed), opposite(most.closed))
    corners = [least, *(_corner(x, y, rows) for x, y in ((a_low, b_high), (a_high, b_low), (a_high, b_high)))]
    low, low_open = _outermost(corners, -1, rows)
    high, high_open = _outermost(corners, 1, rows)
    return Ends(low, high, low_open, high_open)


def reciprocal(b: Ends) -> tuple[Ends, pl.Expr]:
    """Give 1 / b, and where it has a meaning: where b cannot be zero."""
    above = _beyond_zero(b.low, b.low_open, ">")
    below = _beyond_zero(b.high, b.high_open, "<")
    low, high = (rational.pick(e.num.is_null(), ZERO, rational.divide(ONE, e)) for e in (b.high, b.low))
    ends = Ends(low, high, either(b.high_open, b.high.num.is_null()), either(b.low_open, b.low.num.is_null()))
    return ends, above | below


def _beyond_zero(end: Rational, excluded: Maybe, op: str) -> pl.Expr:
    touching = kleene.expression(both(excluded, rational.compare("==", end, ZERO)))
    return (rational.compare(op, end, ZERO) | touching).fill_null(value=False)


def _sides(a: Ends) -> tuple[tuple[Rational, pl.Expr, Maybe], ...]:
    """Give the low and the high end: value, sign (of an infinite one that of its side), whether it is excluded."""
    return tuple(
        (end, rational.sign_of(end).fill_null(infinite), excluded)
        for end, infinite, excluded in ((a.low, -1, a.low_open), (a.high, 1, a.high_open))
    )


def _corner(x: tuple[Rational, pl.Expr, Maybe], y: tuple[Rational, pl.Expr, Maybe], rows: Rows) -> _Corner:
    """Multiply two ends: zero by anything is zero, and a possible product if that zero is a possible value."""
    sign = x[1] * y[1]
    value = rows.settled_end(rational.pick(sign == 0, ZERO, rational.multiply(x[0], y[0])))
    closed = both(opposite(x[2]), opposite(y[2]))
    for _, own, excluded in (x, y):
        closed = either(closed, both(opposite(excluded), own == 0))
    return _Corner(value, sign, closed)


def _outermost(corners: list[_Corner], side: int, rows: Rows) -> tuple[Rational, Maybe]:
    """Give the least (greatest) product, and whether it is excluded; null where one is infinite on that side."""
    which: rational.Which = "min" if side < 0 else "max"

    def further(a: Rational, b: Rational) -> Rational:
        return rows.settled_end(rational.outermost(which, [a, b], known=False))

    endless = pl.any_horizontal(corner.value.num.is_null() & (corner.sign == side) for corner in corners)
    found = rows.settled_end(rational.pick(endless, NOTHING, reduce(further, (corner.value for corner in corners))))
    if all(corner.closed is True for corner in corners):
        return found, False
    reached = (both(c.closed, rational.compare("==", c.value, found).fill_null(value=False)) for c in corners)
    return found, opposite(reduce(either, reached))
