"""Group records and compute their statistics as exact bounds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import geometric, rational, values
from compliance_engine.deriving.grouping import Grouped, Plan, tightened
from compliance_engine.deriving.kleene import FALSE, Maybe, Truth, both, either, expression, masked, opposite
from compliance_engine.deriving.openness import open_extremes, open_sum, openness
from compliance_engine.deriving.pinned import undivided
from compliance_engine.deriving.rational import Rational
from compliance_engine.deriving.values import Number, Symbols

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.model import expression as ex

FLOOR = rational.constant(Fraction(0))
NOTHING = rational.column(pl.lit(None, dtype=pl.Int64), bound=1)


def grouped(node: ex.Aggregate, records: Context, inside: Truth, keys: list[str]) -> Grouped:
    """Compute a statistic of the records in each group."""
    inside = present(node, records, inside)
    settled = records.settle(inside, "in")
    assert isinstance(settled, Truth)
    plan = planned(node, records, settled, f"a{next(records.world.counter)}")
    frame = records.frame.group_by(keys).agg(plan.aggregations)
    return tightened(plan.finish(frame), node)


def present(node: ex.Aggregate, records: Context, inside: Truth) -> Truth:
    """Count a record whose value may be `none` only perhaps."""
    if node.value is None:
        return inside
    value = records.once(node.value)
    if isinstance(value, (Number, Symbols)) and value.absent is not FALSE:
        there = Truth(value.absent.may_not, value.absent.may)
        return Truth(both(inside.may, there.may), either(inside.may_not, there.may_not))
    return inside


def planned(node: ex.Aggregate, records: Context, inside: Truth, name: str) -> Plan:
    """Plan the aggregations of a statistic over the records' frame."""
    certain, possible = opposite(inside.may_not), inside.may
    sure = inside.may_not is False and inside.may is True
    height = records.frame.height
    counts = [_how_many(certain).alias(f"{name}.c")]
    if not sure:
        counts.append(_how_many(possible).alias(f"{name}.p"))
    base = Grouped(pl.DataFrame(), f"{name}.c", f"{name}.c" if sure else f"{name}.p", height, sure)
    if node.function in {"some", "no", "count"}:
        return Plan(counts, lambda f: replace(base, frame=f))
    if node.function in {"every", "share"}:
        assert node.condition is not None
        return _conditional(base, counts, records.truth(node.condition), certain, possible, name)
    assert node.value is not None
    value = records.once(node.value)
    if node.function in {"first", "last"}:
        return _ordered(node, base, counts, records, value, possible, name)
    assert isinstance(value, Number)
    settled = records.settle(undivided(value, records), "x")
    assert isinstance(settled, Number)
    plan = FIGURES[node.function](base, counts, settled, certain, possible, name, node)
    return plan if settled.unit is None else _with_unit(plan, settled.unit, possible, name)


def _with_unit(plan: Plan, unit: pl.Expr, possible: Maybe, name: str) -> Plan:
    """Keep the units of the records that may count: a statistic of several dimensions means nothing."""
    text = masked(possible, unit.cast(pl.String))
    ends = [text.min().alias(f"{name}.u"), text.max().alias(f"{name}.v")]
    return Plan(plan.aggregations + ends, lambda f: replace(plan.finish(f), unit=(f"{name}.u", f"{name}.v")))


def _how_many(condition: Maybe) -> pl.Expr:
    return pl.len() if condition is True else expression(condition).sum()


def _conditional(
    base: Grouped, counts: list[pl.Expr], truth: Truth, certain: Maybe, possible: Maybe, name: str
) -> Plan:
    parts = {
        "broken": both(certain, opposite(truth.may)),
        "doubtful": both(possible, truth.may_not),
        "holds": both(certain, opposite(truth.may_not)),
        "may_hold": both(possible, truth.may),
    }
    columns = {k: f"{name}.{k}" for k in parts}
    sums = [
        expression(e).sum().alias(columns[k]) if not isinstance(e, bool) else (pl.len() * int(e)).alias(columns[k])
        for k, e in parts.items()
    ]
    return Plan(counts + sums, lambda f: replace(base, frame=f, columns=columns))


def _single(base: Grouped, value: Number) -> bool:
    return base.sure and value.exact and value.known


def _sum(
    base: Grouped, counts: list[pl.Expr], value: Number, certain: Maybe, possible: Maybe, name: str, _: ex.Aggregate
) -> Plan:
    low, low_exprs = _total(value.low, certain, possible, f"{name}.lo", base.records, lowest=True, known=value.known)
    if value.exact and base.sure:
        return Plan(counts + low_exprs, lambda f: replace(base, frame=f, low=low, high=low, known=value.known))
    high, high_exprs = _total(
        value.high, certain, possible, f"{name}.hi", base.records, lowest=False, known=value.known
    )
    flags, opened = open_sum(value, certain, possible, name)
    return Plan(
        counts + low_exprs + high_exprs + flags,
        lambda f: replace(base, frame=f, low=low, high=high, low_open=opened[0], high_open=opened[1]),
    )


def _total(
    end: Rational, certain: Maybe, possible: Maybe, name: str, records: int, *, lowest: bool, known: bool
) -> tuple[Rational, list[pl.Expr]]:
    """Sum the certain ends, and of the others only what moves the sum outwards; null if any end is."""
    bound = end.bound * max(records, 1)
    if end.den is not None or bound > rational.INT128_MAX:
        message = "a sum of quotients, or of numbers of more than 38 digits, cannot be computed exactly"
        raise rational.OutOfRangeError(message)
    num = end.num.cast(pl.Int128) if bound > rational.INT64_MAX else end.num
    outward = pl.min_horizontal(num, 0) if lowest else pl.max_horizontal(num, 0)
    if certain is True:  # noqa: SIM108
        term = num
    else:
        term = pl.when(expression(certain)).then(num).when(expression(possible)).then(outward).otherwise(0)
    exprs = [term.sum().alias(name)]
    if known:
        return Rational(pl.col(name), end.scale, bound), exprs
    missing = both(possible, end.num.is_null())
    exprs.append(expression(missing).any().alias(f"{name}?"))
    return Rational(pl.when(~pl.col(f"{name}?")).then(pl.col(name)), end.scale, bound), exprs


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


def _extreme(
    base: Grouped, counts: list[pl.Expr], value: Number, certain: Maybe, possible: Maybe, name: str, node: ex.Aggregate
) -> Plan:
    if _single(base, value):
        found = value.low.num.max() if node.function == "max" else value.low.num.min()
        end = Rational(pl.col(f"{name}.x"), value.low.scale, value.low.bound)
        return Plan(
            [*counts, found.alias(f"{name}.x")], lambda f: replace(base, frame=f, low=end, high=end, known=True)
        )
    value = _undivided(value)
    low, high, exprs = _extremes(value, certain, possible, name, node.function)
    flags, opened = open_extremes(value, certain, possible, name, node.function)
    return Plan(
        counts + exprs + flags,
        lambda f: replace(base, frame=f, low=low, high=high, low_open=opened[0], high_open=opened[1]),
    )


def _undivided(value: Number) -> Number:
    """Refuse to order fractions with their own denominators, or numbers kept as text, in a group."""
    for end in (value.low, value.high):
        if end.den is not None or end.bound > rational.INT128_MAX:
            message = "a statistic of quotients, or of numbers of more than 38 digits, cannot be computed exactly"
            raise rational.OutOfRangeError(message)
    return value


def _mean(
    base: Grouped, counts: list[pl.Expr], value: Number, certain: Maybe, possible: Maybe, name: str, node: ex.Aggregate
) -> Plan:
    totals = _sum(base, [], value, certain, possible, name, node)
    if _single(base, value):

        def simple(f: pl.DataFrame) -> Grouped:
            total = totals.finish(f)
            assert total.low is not None
            mean = replace_den(total.low, pl.col(base.certain).cast(pl.Int64), base.records)
            return replace(total, low=mean, high=mean)

        return Plan(counts + totals.aggregations, simple)
    value = _undivided(value)
    low, high, exprs = _hull(value, possible, name)

    def finish(f: pl.DataFrame) -> Grouped:
        total = totals.finish(f)
        assert total.low is not None
        assert total.high is not None
        n = pl.col(base.certain).cast(pl.Int64)
        sure = pl.col(base.certain) == pl.col(base.possible)
        means = [replace_den(e, pl.when(n > 0).then(n).otherwise(1), base.records) for e in (total.low, total.high)]
        exact = total.low is total.high
        if exact and base.sure:
            return replace(total, low=means[0], high=means[0])
        ends = [rational.pick(sure, means[0], low), rational.pick(sure, means[1], high)]
        opened = (both(sure, total.low_open), both(sure, total.high_open))
        return replace(total, low=ends[0], high=ends[1], low_open=opened[0], high_open=opened[1])

    return Plan(counts + totals.aggregations + exprs, finish)


def _hull(value: Number, possible: Maybe, name: str) -> tuple[Rational, Rational, list[pl.Expr]]:
    """Give the least low and the greatest high end of all that may belong."""
    exprs = []
    ends = []
    for side, end in (("least", value.low), ("most", value.high)):
        inside = masked(possible, end.num)
        exprs.append((inside.min() if side == "least" else inside.max()).alias(f"{name}.{side}"))
        exprs.append(expression(both(possible, end.num.is_null())).any().alias(f"{name}.{side}?"))
        ends.append(Rational(pl.when(~pl.col(f"{name}.{side}?")).then(pl.col(f"{name}.{side}")), end.scale, end.bound))
    return ends[0], ends[1], exprs


def replace_den(value: Rational, den: pl.Expr, bound: int) -> Rational:
    """Give value / den."""
    return Rational(value.num, value.scale, value.bound, den, max(bound, 1))


def _sorted_figure(
    base: Grouped, counts: list[pl.Expr], value: Number, certain: Maybe, possible: Maybe, name: str, node: ex.Aggregate
) -> Plan:
    """Plan a median or percentile: exact between the sorted low ends and the sorted high ends."""
    value = _undivided(value)
    del certain
    hull_low, hull_high, exprs = _hull(value, possible, name)
    share = Fraction(1, 2) if node.function == "median" else Fraction(node.percent or "0")
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
        if _single(base, value):
            return replace(base, frame=f, low=ends[0], high=ends[0])
        low_open, high_open = openness(value, base, name)
        found = _between(base, f, name, ends, (hull_low, hull_high))
        return replace(found, low_open=low_open, high_open=high_open)

    return Plan(counts + exprs + flags, finish)


def _between(
    base: Grouped, frame: pl.DataFrame, name: str, ends: list[Rational], hull: tuple[Rational, Rational]
) -> Grouped:
    """Give the ends of a statistic where it is sure which records count, and all their ends are known; else the hull of all that may."""
    sure = pl.col(base.certain) == pl.col(base.possible)
    low = rational.pick(sure & ~pl.col(f"{name}.least?"), ends[0], hull[0])
    return replace(base, frame=frame, low=low, high=rational.pick(sure & ~pl.col(f"{name}.most?"), ends[1], hull[1]))


def _geomean(
    base: Grouped, counts: list[pl.Expr], value: Number, certain: Maybe, possible: Maybe, name: str, node: ex.Aggregate
) -> Plan:
    value = _undivided(value)
    del certain, node
    hull_low, hull_high, exprs = _hull(value, possible, name)
    lists = [
        masked(possible, e.num).drop_nulls().sort().alias(f"{name}.{s}")
        for s, e in (("l", value.low), ("h", value.high))
    ]

    def finish(f: pl.DataFrame) -> Grouped:
        ends = []
        for side, end, column in (("low", value.low, f"{name}.l"), ("high", value.high, f"{name}.h")):
            f, found = geometric.with_means(f, column, end.scale, f"{name}.{side}", upper=side == "high")
            ends.append(found)
        return _between(base, f.drop(f"{name}.l", f"{name}.h"), name, ends, (hull_low, hull_high))

    return Plan(counts + exprs + lists, finish)


def _ordered(
    node: ex.Aggregate,
    base: Grouped,
    counts: list[pl.Expr],
    records: Context,
    value: values.Value,
    possible: Maybe,
    name: str,
) -> Plan:
    """Plan `first` or `last` by time, then id; in doubt, anything that may belong."""
    table = records.scopes[node.set.scope].table
    when, _ = records.column(node.set.scope, (), table.type.time or table.type.span_from)
    ident, _ = records.column(node.set.scope, (), "id")
    keys = [masked(possible, when), ident.cast(pl.String)]
    descending = [node.function == "last", False]
    if isinstance(value, Symbols):
        text = value.options[0].value.cast(pl.String)
        chosen = masked(possible, text).sort_by(keys, descending=descending, nulls_last=True).first()
        columns = {"low": f"{name}.v"}
        return Plan([*counts, chosen.alias(f"{name}.v")], lambda f: replace(base, frame=f, columns=columns))
    assert isinstance(value, Number)
    settled = records.settle(value, "x")
    assert isinstance(settled, Number)
    hull_low, hull_high, exprs = _hull(settled, possible, name)
    ends = []
    for side, end in (("l", settled.low), ("h", settled.high)):
        chosen = end.num.sort_by(keys, descending=descending, nulls_last=True).first()
        exprs.append(chosen.alias(f"{name}.{side}"))
        ends.append(Rational(pl.col(f"{name}.{side}"), end.scale, end.bound))
    exprs.append(expression(both(possible, when.is_null())).any().alias(f"{name}.t?"))
    for side, is_open in (("lo", settled.low_open), ("hi", settled.high_open)):
        if is_open is not False:
            exprs.append(
                expression(is_open)
                .sort_by(keys, descending=descending, nulls_last=True)
                .first()
                .alias(f"{name}.{side}!")
            )

    def finish(f: pl.DataFrame) -> Grouped:
        sure = (pl.col(base.certain) == pl.col(base.possible)) & ~pl.col(f"{name}.t?")
        low, high = rational.pick(sure, ends[0], hull_low), rational.pick(sure, ends[1], hull_high)
        opened = openness(settled, base, name)
        return replace(
            base, frame=f, low=low, high=high, low_open=both(sure, opened[0]), high_open=both(sure, opened[1])
        )

    return Plan(counts + exprs, finish)


FIGURES = {
    "sum": _sum,
    "max": _extreme,
    "min": _extreme,
    "mean": _mean,
    "median": _sorted_figure,
    "percentile": _sorted_figure,
    "geomean": _geomean,
}
