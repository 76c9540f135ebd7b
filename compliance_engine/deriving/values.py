"""What an expression may be, row by row: numbers as intervals, symbols as sets, truths as in `kleene`.

Dates are numbers of days, instants numbers of microseconds since 1970-01-01. `absent` says whether the value may be `none`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import polars as pl

from compliance_engine.deriving import rational
from compliance_engine.deriving.kleene import (
    FALSE,
    TRUE,
    Maybe,
    Truth,
    both,
    either,
    expression,
    guarded,
    opposite,
    union,
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
    """A symbol that it may be where `possible`; null: any symbol."""

    possible: Maybe
    value: pl.Expr
    known: bool = False
    literal: str | None = None


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
            else Option(
                maybe(o.possible), o.value if o.literal is not None else change(o.value, null=None), o.known, o.literal
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
    reaches = _ends("<", a.low, b.high)
    touches = both(_ends("==", a.low, b.high, missing=False), both(opposite(a.low_open), opposite(b.high_open)))
    exceeds = _ends(">", a.high, b.low)
    meets = both(_ends("==", a.high, b.low, missing=False), both(opposite(a.high_open), opposite(b.low_open)))
    if strict:
        return _unit_guard(a, b, Truth(reaches, either(exceeds, meets)))
    return _unit_guard(a, b, Truth(either(reaches, touches), exceeds))


def within(a: Number, b: Number) -> Maybe:
    """Say whether every possible value of a is a possible value of b."""
    below = either(_ends("<", a.low, b.low, missing=False), b.low.num.is_not_null() & a.low.num.is_null())
    above = either(_ends(">", a.high, b.high, missing=False), b.high.num.is_not_null() & a.high.num.is_null())
    at_low = both(_ends("==", a.low, b.low, missing=False), both(b.low_open, opposite(a.low_open)))
    at_high = both(_ends("==", a.high, b.high, missing=False), both(b.high_open, opposite(a.high_open)))
    return opposite(either(either(below, above), either(at_low, at_high)))


def equal(a: Number, b: Number) -> Truth:
    """Give a = b over all pairs of possible values."""
    if a.known and b.known:
        found = rational.compare("==", a.low, b.low)
        return _unit_guard(a, b, Truth(found, ~found))
    overlap = both(less(a, b, strict=False).may, less(b, a, strict=False).may)
    if a.exact and b.exact:
        same = rational.compare("==", a.low, b.low)
        return _unit_guard(a, b, Truth(same.fill_null(value=True), (~same).fill_null(value=True)))
    fixed = both(_single(a), _single(b))
    return _unit_guard(a, b, Truth(overlap, opposite(both(fixed, overlap))))


def _single(a: Number) -> Maybe:
    if a.exact:
        return True if a.known else a.low.num.is_not_null()
    return rational.compare("==", a.low, a.high).fill_null(value=False)


def _ends(op: str, a: Rational, b: Rational, *, missing: bool = True) -> pl.Expr:
    return rational.compare(op, a, b).fill_null(value=missing)


def _unit_guard(a: Number, b: Number, truth: Truth) -> Truth:
    """Make a comparison unknown where both units are data and differ."""
    if a.unit is None or b.unit is None:
        return truth
    # Where there is no value there is no unit: what may be any number is compared as such.
    same = (a.unit.cast(pl.String) == b.unit.cast(pl.String)).fill_null(value=True)
    return Truth(either(truth.may, ~same), either(truth.may_not, ~same))


def is_symbol(value: Symbols, symbol: str) -> Truth:
    """Give whether it is that symbol."""
    return among(value, (symbol,))


def among(value: Symbols, symbols: tuple[str, ...]) -> Truth:
    """Give whether it is one of the symbols; `none` is none of them."""
    may: Maybe = False
    may_not: Maybe = value.absent.may
    for option in value.options:
        if option.literal is not None:
            inside: Maybe = option.literal in symbols
            outside: Maybe = not inside
        else:
            hit = option.value == symbols[0] if len(symbols) == 1 else option.value.cast(pl.String).is_in(list(symbols))
            inside = hit if option.known else hit.fill_null(value=True)
            outside = ~hit if option.known else (~hit).fill_null(value=True)
        may = either(may, both(option.possible, inside))
        may_not = either(may_not, both(option.possible, outside))
    return Truth(may, may_not)


def same_symbol(a: Symbols, b: Symbols) -> Truth:
    """Give whether two symbols are equal over all pairs."""
    may: Maybe = both(a.absent.may, b.absent.may)
    may_not: Maybe = either(both(a.absent.may, b.absent.may_not), both(a.absent.may_not, b.absent.may))
    for x in a.options:
        for y in b.options:
            hit = x.value.cast(pl.String) == y.value.cast(pl.String)
            here = both(x.possible, y.possible)
            may = either(may, both(here, hit.fill_null(value=True)))
            may_not = either(may_not, both(here, (~hit).fill_null(value=True)))
    return Truth(may, may_not)


def merge(guard_a: Maybe, a: Value, guard_b: Maybe, b: Value) -> Value:
    """Give what it may be: a where guard_a holds, b where guard_b holds (both: either)."""
    if isinstance(a, Truth) and isinstance(b, Truth):
        return union(guarded(guard_a, a), guarded(guard_b, b))
    if isinstance(a, Span) and isinstance(b, Span):
        return Span(
            tuple((both(guard_a, p), m, d, u) for p, m, d, u in a.options)
            + tuple((both(guard_b, p), m, d, u) for p, m, d, u in b.options)
        )
    if isinstance(a, Symbols) and isinstance(b, Symbols):
        options = tuple(replace(o, possible=both(guard_a, o.possible)) for o in a.options)
        options += tuple(replace(o, possible=both(guard_b, o.possible)) for o in b.options)
        return Symbols(options, union(guarded(guard_a, a.absent), guarded(guard_b, b.absent)))
    if isinstance(a, Number) and isinstance(b, Number):
        return _merge_numbers(guard_a, a, guard_b, b)
    message = f"cannot merge {type(a).__name__} and {type(b).__name__}"
    raise AssertionError(message)


def _merge_numbers(guard_a: Maybe, a: Number, guard_b: Maybe, b: Number) -> Number:
    absent = union(guarded(guard_a, a.absent), guarded(guard_b, b.absent))
    # Where a may only be `none`, it adds no number.
    here_a, here_b = both(guard_a, a.absent.may_not), both(guard_b, b.absent.may_not)
    if here_b is False:
        return replace(a, absent=absent)
    if here_a is False:
        return replace(b, absent=absent)
    only_a, only_b = expression(opposite(here_b)), expression(opposite(here_a))
    unit = _merged_unit(only_a, a, b)
    if a.exact and b.exact and _exclusive(here_a, here_b):
        value = rational.pick(only_a, a.low, b.low)
        return Number(value, value, absent=absent, known=a.known and b.known, unit=unit)
    lower_a = only_a | (~only_b & _ends("<", a.low, b.low, missing=False) | ~only_b & a.low.num.is_null())
    upper_a = only_a | (~only_b & _ends(">", a.high, b.high, missing=False) | ~only_b & a.high.num.is_null())
    low, high = rational.pick(lower_a, a.low, b.low), rational.pick(upper_a, a.high, b.high)
    low_open = _open(only_a, only_b, a.low_open, b.low_open)
    return Number(low, high, low_open, _open(only_a, only_b, a.high_open, b.high_open), absent, unit=unit)


def _exclusive(a: Maybe, b: Maybe) -> bool:
    """Say whether two guards are complements by construction."""
    if isinstance(a, bool) or isinstance(b, bool):
        return False
    return a.meta.eq(~b) or b.meta.eq(~a)


def _open(only_a: pl.Expr, only_b: pl.Expr, a: Maybe, b: Maybe) -> Maybe:
    if a is False and b is False:
        return False
    return pl.when(only_a).then(expression(a)).when(only_b).then(expression(b)).otherwise(expression(both(a, b)))


def _merged_unit(only_a: pl.Expr, a: Number, b: Number) -> pl.Expr | None:
    if a.unit is None or b.unit is None:
        return a.unit if b.unit is None else b.unit
    return pl.when(only_a).then(a.unit.cast(pl.String)).otherwise(b.unit.cast(pl.String))
