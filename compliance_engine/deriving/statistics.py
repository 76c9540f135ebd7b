"""Group records and compute their statistics as exact bounds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import rational
from compliance_engine.deriving.columns import few
from compliance_engine.deriving.grouping import Asked, Grouped, Plan, how_many, tightened
from compliance_engine.deriving.kleene import FALSE, TRUE, Maybe, Truth, both, either, expression, masked, opposite
from compliance_engine.deriving.pinned import undivided
from compliance_engine.deriving.ranks import extreme, first_or_last, first_or_last_text, geometric_mean, percentile
from compliance_engine.deriving.totals import mean, total
from compliance_engine.deriving.values import Number, Symbols
from compliance_engine.kernel.frames import rows_where

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.values import Value
    from compliance_engine.model import expression as ex

COUNTS = {"some", "no", "count"}
FLOOR = rational.constant(Fraction(0))
NOTHING = rational.column(pl.lit(None, dtype=pl.Int64), bound=1)


def grouped(node: ex.Aggregate, records: Context, inside: Truth, keys: list[str]) -> Grouped:
    """Compute a statistic of the records in each group."""
    inside = present(node, records, inside)
    settled = records.settle(inside, "in")
    assert isinstance(settled, Truth)
    in_order = few(records.frame.height)  # that of the rows that want them
    sure = in_order and not records.is_open(settled)
    if sure and node.function not in COUNTS and settled.may is not True:
        records, settled = records.kept(rows_where(records.compute(expression(settled.may)))), TRUE
    plan = planned(node, records, settled, f"a{next(records.world.counter)}", sure=sure)
    frame = records.frame.group_by(keys, maintain_order=in_order).agg(plan.aggregations)
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


def planned(node: ex.Aggregate, records: Context, inside: Truth, name: str, *, sure: bool = False) -> Plan:
    """Plan the aggregations of a statistic over the records' frame; `sure`: each record certainly counts or certainly does not."""
    certain, possible = opposite(inside.may_not), inside.may
    sure = sure or (inside.may_not is False and inside.may is True)
    height = records.frame.height
    counts = [how_many(certain).alias(f"{name}.c")]
    if not sure:
        counts.append(how_many(possible).alias(f"{name}.p"))
    base = Grouped(pl.DataFrame(), f"{name}.c", f"{name}.c" if sure else f"{name}.p", height, sure)
    if node.function in COUNTS:
        return Plan(counts, lambda f: replace(base, frame=f))
    if node.function in {"every", "share"}:
        assert node.condition is not None
        return _conditional(base, counts, records.truth(node.condition), certain, possible, name)
    assert node.value is not None
    value = records.once(node.value)
    asked = Asked(node, base, counts, certain, possible, name)
    if node.function in {"first", "last"}:
        return _ordered(value, asked, records)
    assert isinstance(value, Number)
    settled = _of_each(undivided(value, records), records)
    plan = FIGURES[node.function](settled, asked)
    return plan if settled.unit is None else _with_unit(plan, settled.unit, asked)


def _ordered(value: Value, asked: Asked, records: Context) -> Plan:
    """Plan `first` or `last` by time, then id."""
    chosen = asked.node.set
    table = records.scopes[chosen.scope].table
    when, _ = records.column(chosen.scope, (), table.type.time or table.type.span_from)
    ident, _ = records.column(chosen.scope, (), "id")
    keys = [masked(asked.possible, when), ident.cast(pl.String)]
    if isinstance(value, Symbols):
        return first_or_last_text(_column(value.options[0].value, records), asked, keys)
    assert isinstance(value, Number)
    return first_or_last(_of_each(value, records), asked, keys)


def _of_each(value: Number, records: Context) -> Number:
    """Give the number of each record in a column: one that is the same for all would count once."""
    settled = records.settle(value, "x")
    assert isinstance(settled, Number)
    low, high = (
        end if end.num.meta.root_names() else replace(end, num=_column(end.num, records), constant=None)
        for end in (settled.low, settled.high)
    )
    return replace(settled, low=low, high=low if settled.exact else high)


def _column(expr: pl.Expr, records: Context) -> pl.Expr:
    return expr if expr.meta.root_names() else pl.col(records.add("x", records.compute(expr)))


def _with_unit(plan: Plan, unit: pl.Expr, asked: Asked) -> Plan:
    """Keep the units of the records that may count: a statistic of several dimensions, or of one that is not known, means nothing."""
    text = masked(asked.possible, unit.cast(pl.String))
    named = pl.when(~expression(both(asked.possible, unit.is_null())).any())
    least, greatest = f"{asked.name}.u", f"{asked.name}.v"
    ends = [named.then(text.min()).alias(least), named.then(text.max()).alias(greatest)]
    return Plan(plan.aggregations + ends, lambda f: replace(plan.finish(f), unit=(least, greatest)))


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


FIGURES = {
    "sum": total,
    "max": extreme,
    "min": extreme,
    "mean": mean,
    "median": percentile,
    "percentile": percentile,
    "geomean": geometric_mean,
}
