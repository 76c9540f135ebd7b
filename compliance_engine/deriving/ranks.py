"""Records in order, as exact bounds: extremes, median and percentiles, first and last; and the geometric mean, which reads them sorted."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import geometric, rational
from compliance_engine.deriving.grouping import Asked, Grouped, Plan
from compliance_engine.deriving.kleene import Maybe, both, either, expression, masked, opposite
from compliance_engine.deriving.openness import open_extremes, openness
from compliance_engine.deriving.rational import Rational
from compliance_engine.deriving.totals import hull, undivided_ends

if TYPE_CHECKING:
    from compliance_engine.deriving.values import Number


def extreme(value: Number, asked: Asked) -> Plan:
    """Plan a maximum or a minimum."""
    base, name, which = asked.base, asked.name, asked.node.function
    if asked.is_exact(value):
        end = value.low
        found = end.num.max() if which == "max" else end.num.min()
        one = Rational(pl.col(f"{name}.x"), end.scale, end.bound)
        return Plan(
            [*asked.counts, found.alias(f"{name}.x")], lambda f: replace(base, frame=f, low=one, high=one, known=True)
        )
    value = undivided_ends(value)
    low, high, exprs = _extremes(value, asked.certain, asked.possible, name, which)
    flags, opened = open_extremes(value, asked.certain, asked.possible, name, which)
    return Plan(
        asked.counts + exprs + flags,
        lambda f: replace(base, frame=f, low=low, high=high, low_open=opened[0], high_open=opened[1]),
    )


def _extremes(
    value: Number, certain: Maybe, possible: Maybe, name: str, which: str
) -> tuple[Rational, Rational, list[pl.Expr]]:
    """Give the ends of a maximum (minimum): a certain record bounds it from inside, any possible one from outside."""
    maximum = which == "max"
    inner, outer = (value.low, value.high) if maximum else (value.high, value.low)
    inner_of = masked(certain, inner.num).max() if maximum else masked(certain, inner.num).min()
    spare = masked(possible, inner.num).min() if maximum else masked(possible, inner.num).max()
    spare_null = expression(both(possible, inner.num.is_null())).any()
    outer_of = masked(possible, outer.num).max() if maximum else masked(possible, outer.num).min()
    outer_null = expression(both(possible, outer.num.is_null())).any()
    exprs = [
        inner_of.alias(f"{name}.in"),
        spare.alias(f"{name}.sp"),
        spare_null.alias(f"{name}.sp?"),
        outer_of.alias(f"{name}.out"),
        outer_null.alias(f"{name}.out?"),
    ]
    fallback = pl.when(~pl.col(f"{name}.sp?")).then(pl.col(f"{name}.sp"))
    inside = Rational(pl.coalesce(pl.col(f"{name}.in"), fallback), inner.scale, inner.bound)
    outside = Rational(pl.when(~pl.col(f"{name}.out?")).then(pl.col(f"{name}.out")), outer.scale, outer.bound)
    return (inside, outside, exprs) if maximum else (outside, inside, exprs)


def percentile(value: Number, asked: Asked) -> Plan:
    """Plan a median or percentile: exact between the sorted low ends and the sorted high ends."""
    base, value, possible, name = asked.base, undivided_ends(value), asked.possible, asked.name
    hull_low, hull_high, exprs = hull(value, possible, name)
    share = Fraction(1, 2) if asked.node.function == "median" else Fraction(asked.node.percent or "0")
    ends = []
    for side, end in (("l", value.low), ("h", value.high)):
        ordered = masked(possible, end.num).drop_nulls().sort()
        position = (ordered.len().cast(pl.Int64) - 1).clip(0) * share.numerator
        index, rest = position // share.denominator, position % share.denominator
        below, above = ordered.get(index, null_on_oob=True), ordered.get(index + 1, null_on_oob=True)
        weighted, bound = rational.product(below, end.bound, share.denominator - rest, share.denominator)
        extra, _ = rational.product(pl.coalesce(above, below), end.bound, rest, share.denominator)
        exprs.append((weighted + extra).alias(f"{name}.{side}"))
        ends.append(Rational(pl.col(f"{name}.{side}"), end.scale * share.denominator, bound * 2))

    # Where the ends of all that may count are open, so is that of what lies between two of them.
    open_ends = (("lo", value.low_open), ("hi", value.high_open))
    flags = [
        expression(either(opposite(possible), is_open)).all().alias(f"{name}.{side}!")
        for side, is_open in open_ends
        if is_open is not False
    ]

    def finish(f: pl.DataFrame) -> Grouped:
        if asked.is_exact(value):
            return replace(base, frame=f, low=ends[0], high=ends[0])
        low_open, high_open = openness(value, base, name)
        found = _between(base, f, name, ends, (hull_low, hull_high))
        return replace(found, low_open=low_open, high_open=high_open)

    return Plan(asked.counts + exprs + flags, finish)


def _between(
    base: Grouped, frame: pl.DataFrame, name: str, ends: list[Rational], hulls: tuple[Rational, Rational]
) -> Grouped:
    """Give the ends of a statistic where it is sure which records count, and all their ends are known; else the hull of all that may."""
    sure = pl.col(base.certain) == pl.col(base.possible)
    low = rational.pick(sure & ~pl.col(f"{name}.least?"), ends[0], hulls[0])
    return replace(base, frame=frame, low=low, high=rational.pick(sure & ~pl.col(f"{name}.most?"), ends[1], hulls[1]))


def geometric_mean(value: Number, asked: Asked) -> Plan:
    """Plan a geometric mean, whose ends are found group by group from the values that certainly and that perhaps count."""
    value, name = undivided_ends(value), asked.name
    doubtful = both(asked.possible, opposite(asked.certain))
    exprs = []
    for side, end in (("l", value.low), ("h", value.high)):
        lists = {side: asked.certain, f"{side}+": doubtful}
        exprs += [masked(which, end.num).drop_nulls().alias(f"{name}.{column}") for column, which in lists.items()]
        exprs.append(expression(both(asked.possible, end.num.is_null())).any().alias(f"{name}.{side}?"))

    def finish(f: pl.DataFrame) -> Grouped:
        ends = []
        for side, end in (("l", value.low), ("h", value.high)):
            column = f"{name}.{side}"
            f, found = geometric.with_means(f, column, end.scale, upper=side == "h")
            ends.append(replace(found, num=pl.when(~pl.col(f"{column}?")).then(found.num)))
        return replace(asked.base, frame=f, low=ends[0], high=ends[1])

    return Plan(asked.counts + exprs, finish)


def first_or_last(value: Number, asked: Asked, keys: list[pl.Expr]) -> Plan:
    """Plan the number of the first or last record by `keys`, a time first of all; in doubt, that of any that may belong."""
    base, possible, name = asked.base, asked.possible, asked.name
    descending = [asked.node.function == "last", False]
    hull_low, hull_high, exprs = hull(value, possible, name)
    ends = []
    for side, end in (("l", value.low), ("h", value.high)):
        chosen = end.num.sort_by(keys, descending=descending, nulls_last=True).first()
        exprs.append(chosen.alias(f"{name}.{side}"))
        ends.append(Rational(pl.col(f"{name}.{side}"), end.scale, end.bound))
    exprs.append(expression(both(possible, keys[0].is_null())).any().alias(f"{name}.t?"))
    for side, is_open in (("lo", value.low_open), ("hi", value.high_open)):
        if is_open is not False:
            ordered = expression(is_open).sort_by(keys, descending=descending, nulls_last=True)
            exprs.append(ordered.first().alias(f"{name}.{side}!"))
    units = None if value.unit is None else (f"{name}.u", f"{name}.v")
    if value.unit is not None and units is not None:
        text = masked(possible, value.unit.cast(pl.String))
        chosen = text.sort_by(keys, descending=descending, nulls_last=True).first()
        exprs += [chosen.alias(f"{name}.w"), text.min().alias(units[0]), text.max().alias(units[1])]

    def finish(f: pl.DataFrame) -> Grouped:
        sure = (pl.col(base.certain) == pl.col(base.possible)) & ~pl.col(f"{name}.t?")
        if units is not None:
            f = f.with_columns(pl.when(sure).then(f"{name}.w").otherwise(unit).alias(unit) for unit in units)
        low, high = rational.pick(sure, ends[0], hull_low), rational.pick(sure, ends[1], hull_high)
        opened = openness(value, base, name)
        low_open, high_open = both(sure, opened[0]), both(sure, opened[1])
        return replace(base, frame=f, low=low, high=high, low_open=low_open, high_open=high_open, unit=units)

    return Plan(asked.counts + exprs, finish)


def first_or_last_text(text: pl.Expr, asked: Asked, keys: list[pl.Expr]) -> Plan:
    """Plan the text of the first or last record that may belong."""
    column = f"{asked.name}.v"
    ordered = masked(asked.possible, text.cast(pl.String)).sort_by(
        keys, descending=[asked.node.function == "last", False], nulls_last=True
    )
    return Plan(
        [*asked.counts, ordered.first().alias(column)],
        lambda f: replace(asked.base, frame=f, columns={"low": column}),
    )
