"""One value or the other, each where its condition may hold: what `else`, alternatives and table rows give."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from compliance_engine.deriving import rational
from compliance_engine.deriving.kleene import Maybe, Truth, both, expression, guarded, opposite, union
from compliance_engine.deriving.values import Number, Span, Symbols, Value, ends


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
    lower_a = only_a | (~only_b & ends("<", a.low, b.low, missing=False) | ~only_b & a.low.num.is_null())
    upper_a = only_a | (~only_b & ends(">", a.high, b.high, missing=False) | ~only_b & a.high.num.is_null())
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
