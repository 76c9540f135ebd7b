"""Sums and means of records as exact bounds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import rational
from compliance_engine.deriving.grouping import Asked, Grouped, Plan, how_many
from compliance_engine.deriving.kleene import Maybe, both, either, expression, masked, opposite
from compliance_engine.deriving.openness import open_sum
from compliance_engine.deriving.rational import Rational

if TYPE_CHECKING:
    from compliance_engine.deriving.values import Number


def total(value: Number, asked: Asked) -> Plan:
    """Plan a sum."""
    base, name = asked.base, asked.name
    low, low_exprs = _end(asked, value.low, f"{name}.lo", lowest=True, known=value.known)
    if value.exact and base.sure:
        return Plan(asked.counts + low_exprs, lambda f: replace(base, frame=f, low=low, high=low, known=value.known))
    high, high_exprs = _end(asked, value.high, f"{name}.hi", lowest=False, known=value.known)
    flags, opened = open_sum(value, asked.certain, asked.possible, name)
    return Plan(
        asked.counts + low_exprs + high_exprs + flags,
        lambda f: replace(base, frame=f, low=low, high=high, low_open=opened[0], high_open=opened[1]),
    )


def _end(asked: Asked, end: Rational, name: str, *, lowest: bool, known: bool) -> tuple[Rational, list[pl.Expr]]:
    """Sum the certain ends, and of the others only what moves the sum outwards; null if any end is."""
    num, bound = _summed(end, asked)
    outward = pl.min_horizontal(num, 0) if lowest else pl.max_horizontal(num, 0)
    certain, possible = expression(asked.certain), expression(asked.possible)
    term = num if asked.certain is True else pl.when(certain).then(num).when(possible).then(outward).otherwise(0)
    exprs = [term.sum().alias(name)]
    if known:
        return Rational(pl.col(name), end.scale, bound), exprs
    missing = both(asked.possible, end.num.is_null())
    exprs.append(expression(missing).any().alias(f"{name}?"))
    return Rational(pl.when(~pl.col(f"{name}?")).then(pl.col(name)), end.scale, bound), exprs


def _summed(end: Rational, asked: Asked) -> tuple[pl.Expr, int]:
    """Give what is added up, and the bound of the sum."""
    bound = end.bound * max(asked.base.records, 1)
    if end.den is not None or bound > rational.INT128_MAX:
        message = "a sum of quotients, or of numbers of more than 38 digits, cannot be computed exactly"
        raise rational.OutOfRangeError(message)
    return (end.num.cast(pl.Int128) if bound > rational.INT64_MAX else end.num), bound


def mean(value: Number, asked: Asked) -> Plan:
    """Plan a mean: of the records that certainly count, and of those that may as far as they move it further down, or further up."""
    base = asked.base
    if asked.is_exact(value):
        totals = total(value, replace(asked, counts=[]))

        def simple(f: pl.DataFrame) -> Grouped:
            found = totals.finish(f)
            assert found.low is not None
            quotient = _over(found.low, pl.col(base.certain).cast(pl.Int64), base.records)
            return replace(found, low=quotient, high=quotient)

        return Plan(asked.counts + totals.aggregations, simple)
    low, low_open, exprs = _furthest(value.low, value.low_open, asked, f"{asked.name}.least", least=True)
    others: list[pl.Expr] = []
    high, high_open = low, low_open
    if not (value.exact and base.sure):
        high, high_open, others = _furthest(value.high, value.high_open, asked, f"{asked.name}.most", least=False)
    found = replace(base, low=low, high=high, low_open=low_open, high_open=high_open)
    return Plan([*asked.counts, *exprs, *others], lambda f: replace(found, frame=f))


def _furthest(
    end: Rational, is_open: Maybe, asked: Asked, name: str, *, least: bool
) -> tuple[Rational, Maybe, list[pl.Expr]]:
    """Give the least (or greatest) mean, whichever of the records in doubt count, and whether it is never reached.

    They are taken from the least on as long as each is below the mean so far, which is compared without dividing. Null if
    any end of all is.
    """
    num, bound = _summed(end, asked)
    total, count = masked(asked.certain, num).sum(), how_many(asked.certain).cast(pl.Int64)
    in_doubt = both(asked.possible, opposite(asked.certain))
    if not asked.base.sure:
        doubtful = masked(in_doubt, num).drop_nulls().sort(descending=not least)
        before, size = total + doubtful.cum_sum() - doubtful, count + doubtful.cum_count().cast(pl.Int64) - 1
        further = doubtful * size < before if least else doubtful * size > before
        taken = doubtful.filter((size == 0) | further)
        total, count = total + taken.sum(), count + taken.len()
    unknown = expression(both(asked.possible, end.num.is_null())).any()
    exprs = [total.alias(name), count.clip(1).alias(f"{name}.n"), unknown.alias(f"{name}?")]
    if is_open is not False:
        moves = num * count < total if least else num * count > total
        among = both(is_open, either(asked.certain, both(in_doubt, moves)))
        exprs.append(expression(among).any().alias(f"{name}!"))
    found = Rational(pl.when(~pl.col(f"{name}?")).then(pl.col(name)), end.scale, bound)
    return _over(found, pl.col(f"{name}.n"), asked.base.records), is_open is not False and pl.col(f"{name}!"), exprs


def hull(value: Number, possible: Maybe, name: str) -> tuple[Rational, Rational, list[pl.Expr]]:
    """Give the least low and the greatest high end of all that may belong."""
    exprs = []
    ends = []
    for side, end in (("least", value.low), ("most", value.high)):
        inside = masked(possible, end.num)
        exprs.append((inside.min() if side == "least" else inside.max()).alias(f"{name}.{side}"))
        exprs.append(expression(both(possible, end.num.is_null())).any().alias(f"{name}.{side}?"))
        ends.append(Rational(pl.when(~pl.col(f"{name}.{side}?")).then(pl.col(f"{name}.{side}")), end.scale, end.bound))
    return ends[0], ends[1], exprs


def undivided_ends(value: Number) -> Number:
    """Refuse to order fractions with their own denominators, or numbers kept as text, in a group."""
    for end in (value.low, value.high):
        if end.den is not None or end.bound > rational.INT128_MAX:
            message = "a statistic of quotients, or of numbers of more than 38 digits, cannot be computed exactly"
            raise rational.OutOfRangeError(message)
    return value


def _over(value: Rational, den: pl.Expr, bound: int) -> Rational:
    """Give value / den."""
    return Rational(value.num, value.scale, value.bound, den, max(bound, 1))
