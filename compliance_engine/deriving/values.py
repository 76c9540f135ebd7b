"""What an expression may be, row by row: numbers as intervals, symbols as sets, truths as in `kleene`.

Dates are numbers of days, instants numbers of microseconds since 1970-01-01. `absent` says whether the value may be `none`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import polars as pl

from compliance_engine.deriving import rational
from compliance_engine.deriving.kleene import (
    ALWAYS,
    FALSE,
    TRUE,
    UNKNOWN,
    Maybe,
    Truth,
    both,
    either,
    opposite,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_engine.deriving.rational import Rational


@dataclass(frozen=True, slots=True)
class Number:
    """An interval: null in `low` or `high` is no end on that side; one object in both is one (perhaps unknown) value.

    `low_open` and `high_open`: the end itself is excluded. `absent`: may be `none` (and may not).
    """

    low: Rational
    high: Rational
    low_open: Maybe = False
    high_open: Maybe = False
    absent: Truth = FALSE
    known: bool = False  # one value, and not null in any row
    unit: pl.Expr | None = None  # of a quantity whose unit varies: the standard unit, row by row

    @property
    def exact(self) -> bool:
        """Say whether it is one value in each row (null: unknown)."""
        return self.low is self.high


@dataclass(frozen=True, slots=True)
class Option:
    """A symbol that it may be where `possible`; null: any of `domain`, or any at all where that is empty."""

    possible: Maybe
    value: pl.Expr
    known: bool = False
    literal: str | None = None
    domain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Symbols:
    """A set of symbols (texts, enums, references)."""

    options: tuple[Option, ...]
    absent: Truth = FALSE


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: fixed months, days, microseconds, or a number of days found in the facts."""

    options: tuple[tuple[Maybe, int, Number | None, int], ...]  # possible, months, days, microseconds


Value = Number | Symbols | Truth | Span


def exact_number(value: Rational, *, known: bool = False, absent: Truth = FALSE) -> Number:
    """Give a number that is one value in each row; null is unknown."""
    return Number(value, value, known=known or value.constant is not None, absent=absent)


def unknown_number() -> Number:
    """Give a number of which nothing is known."""
    return exact_number(rational.column(pl.lit(None, dtype=pl.Int64), bound=1))


@lru_cache(maxsize=10_000)
def literal_symbol(text: str) -> Symbols:
    """Give one symbol."""
    return Symbols((Option(possible=True, value=pl.lit(text), known=True, literal=text),))


NOTHING = Symbols((), absent=TRUE)


def exprs_of(value: Value) -> list[pl.Expr]:
    """List the columns that a value is made of, in the order in which `rebuilt` takes them."""
    found: list[pl.Expr] = []

    def note(expr: pl.Expr, *, null: bool | None) -> pl.Expr:
        del null
        found.append(expr)
        return expr

    transform(value, note)
    return found


class Change(Protocol):
    """Gives another column for one of a value; `null` says as what null counts in it (None: it means that nothing is known)."""

    def __call__(self, expr: pl.Expr, *, null: bool | None) -> pl.Expr:
        """Give the other column."""


def transform(value: Value, change: Change) -> Value:
    """Give the same value over changed columns."""

    def truth(t: Truth) -> Truth:
        return t.rebuilt(tuple(change(e, null=True) for e in t.exprs))

    def maybe(m: Maybe) -> Maybe:
        return m if isinstance(m, bool) else change(m, null=True)

    def fraction(r: Rational) -> Rational:
        return r if r.constant is not None else r.rebuilt(tuple(change(e, null=None) for e in r.exprs))

    if isinstance(value, Truth):
        return truth(value)
    if isinstance(value, Symbols):
        options = tuple(
            o
            if o.literal is not None and isinstance(o.possible, bool)
            else replace(
                o,
                possible=maybe(o.possible),
                value=o.value if o.literal is not None else change(o.value, null=None),
            )
            for o in value.options
        )
        return Symbols(options, truth(value.absent))
    if isinstance(value, Span):
        return Span(
            tuple(
                (maybe(p), m, None if d is None else _number(d, change, truth, fraction), u)
                for p, m, d, u in value.options
            )
        )
    return _number(value, change, truth, fraction)


def _number(
    value: Number,
    change: Change,
    truth: Callable[[Truth], Truth],
    fraction: Callable[[Rational], Rational],
) -> Number:
    low = fraction(value.low)
    high = low if value.exact else fraction(value.high)

    def end(m: Maybe) -> Maybe:
        return m if isinstance(m, bool) else change(m, null=False)

    return replace(
        value,
        low=low,
        high=high,
        low_open=end(value.low_open),
        high_open=end(value.high_open),
        absent=truth(value.absent),
        unit=None if value.unit is None else change(value.unit, null=None),
    )


def less(a: Number, b: Number, *, strict: bool) -> Truth:
    """Give a < b (strict) or a <= b over all pairs of possible values."""
    if a.known and b.known:
        found = rational.compare("<" if strict else "<=", a.low, b.low)
        return _unit_guard(a, b, Truth(found, ~found))
    if a.exact and b.exact:
        return _unit_guard(a, b, perhaps(rational.compare("<" if strict else "<=", a.low, b.low)))
    reaches = ends("<", a.low, b.high)
    touches = both(ends("==", a.low, b.high, missing=False), both(opposite(a.low_open), opposite(b.high_open)))
    exceeds = ends(">", a.high, b.low)
    meets = both(ends("==", a.high, b.low, missing=False), both(opposite(a.high_open), opposite(b.low_open)))
    if strict:
        return _unit_guard(a, b, Truth(reaches, either(exceeds, meets)))
    return _unit_guard(a, b, Truth(either(reaches, touches), exceeds))


def within(a: Number, b: Number) -> Maybe:
    """Say whether every possible value of a is a possible value of b."""
    below = either(ends("<", a.low, b.low, missing=False), b.low.num.is_not_null() & a.low.num.is_null())
    above = either(ends(">", a.high, b.high, missing=False), b.high.num.is_not_null() & a.high.num.is_null())
    at_low = both(ends("==", a.low, b.low, missing=False), both(b.low_open, opposite(a.low_open)))
    at_high = both(ends("==", a.high, b.high, missing=False), both(b.high_open, opposite(a.high_open)))
    return opposite(either(either(below, above), either(at_low, at_high)))


def equal(a: Number, b: Number) -> Truth:
    """Give a = b over all pairs of possible values."""
    if a.known and b.known:
        found = rational.compare("==", a.low, b.low)
        return _unit_guard(a, b, Truth(found, ~found))
    if a.exact and b.exact:
        return _unit_guard(a, b, perhaps(rational.compare("==", a.low, b.low)))
    overlap = both(less(a, b, strict=False).may, less(b, a, strict=False).may)
    fixed = both(single(a), single(b))
    return _unit_guard(a, b, Truth(overlap, opposite(both(fixed, overlap))))


def perhaps(found: pl.Expr, otherwise: Truth = UNKNOWN) -> Truth:
    """Give the truth of a comparison that is null where a value is not known: there it is static."""
    may, may_not = (ALWAYS[bool(part)] for part in (otherwise.may, otherwise.may_not))
    return Truth(found.fill_null(may), (~found).fill_null(may_not))


def single(a: Number) -> Maybe:
    """Say where a number is one value, and known."""
    if a.exact:
        return True if a.known else a.low.num.is_not_null()
    return rational.compare("==", a.low, a.high).fill_null(value=False)


def ends(op: str, a: Rational, b: Rational, *, missing: bool = True) -> pl.Expr:
    """Compare two ends of intervals; one that is not there counts as `missing`."""
    return rational.compare(op, a, b).fill_null(ALWAYS[missing])


def _unit_guard(a: Number, b: Number, truth: Truth) -> Truth:
    """Make a comparison unknown where both units are data and differ, or are not known: where there is no value there is no unit."""
    if a.unit is None or b.unit is None:
        return truth
    # A literal on the left of a column that is itself constant in every row comes out one row long.
    first, second = (a.unit, b.unit) if a.unit.meta.root_names() else (b.unit, a.unit)
    unlike = ~(first.cast(pl.String) == second.cast(pl.String)).fill_null(value=False)
    return Truth(either(unlike, truth.may), either(unlike, truth.may_not))
