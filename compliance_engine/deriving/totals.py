"""Sums and means of records as exact bounds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import rational
from compliance_engine.deriving.grouping import Asked, Grouped, Plan
from compliance_engine.deriving.kleene import Maybe, both, expression, masked
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
    bound = end.bound * max(asked.base.records, 1)
    if end.den is not None or bound > rational.INT128_MAX:
        message = "a sum of quotients, or of numbers of more than 38 digits, cannot be computed exactly"
        raise rational.OutOfRangeError(message)
    num = end.num.cast(pl.Int128) if bound > rational.INT64_MAX else end.num
    outward = pl.min_horizontal(num, 0) if lowest else pl.max_horizontal(num, 0)
    certain, possible = expression(asked.certain), expression(asked.possible)
    term = num if asked.certain is True else pl.when(certain).then(num).when(possible).then(outward).otherwise(0)
    exprs = [term.sum().alias(name)]
    if known:
        return Rational(pl.col(name), end.scale, bound), exprs
    missing = both(asked.possible, end.num.is_null())
    exprs.append(expression(missing).any().alias(f"{name}?"))
    return Rational(pl.when(~pl.col(f"{name}?")).then(pl.col(name)), end.scale, bound), exprs


def mean(value: Number, asked: Asked) -> Plan:
    """Plan a mean: exact where it is sure which records count, else between the least and the greatest of all that may."""
    base = asked.base
    totals = total(value, replace(asked, counts=[]))
    if asked.is_exact(value):

        def simple(f: pl.DataFrame) -> Grouped:
            found = totals.finish(f)
            assert found.low is not None
            quotient = _over(found.low, pl.col(base.certain).cast(pl.Int64), base.records)
            return replace(found, low=quotient, high=quotient)

        return Plan(asked.counts + totals.aggregations, simple)
    low, high, exprs = hull(undivided_ends(value), asked.possible, asked.name)

    def finish(f: pl.DataFrame) -> Grouped:
        found = totals.finish(f)
        assert found.low is not None
        assert found.high is not None
        n = pl.col(base.certain).cast(pl.Int64)
        sure = pl.col(base.certain) == pl.col(base.possible)
        means = [_over(e, pl.when(n > 0).then(n).otherwise(1), base.records) for e in (found.low, found.high)]
        if found.low is found.high and base.sure:
            return replace(found, low=means[0], high=means[0])
        ends = [rational.pick(sure, means[0], low), rational.pick(sure, means[1], high)]
        opened = (both(sure, found.low_open), both(sure, found.high_open))
        return replace(found, low=ends[0], high=ends[1], low_open=opened[0], high_open=opened[1])

    return Plan(asked.counts + totals.aggregations + exprs, finish)


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
