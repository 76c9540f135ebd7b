"""Statistics of records: the value of an `Aggregate` node in each row (docs/language.md, "Unknowns in aggregates")."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import fusion, grouping, merging, nodes, rational, statistics, values
from compliance_engine.deriving.completeness import is_complete
from compliance_engine.deriving.kleene import FALSE, Maybe, Truth, both, either, opposite
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.symbols import is_symbol
from compliance_engine.deriving.values import Number, Option, Symbols, Value
from compliance_engine.model import expression as ex

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.grouping import Grouped

# The unit of a statistic of records whose units differ.
SEVERAL = "several units"
NONE = pl.lit(0)  # so many records
HUNDRED = rational.constant(Fraction(100))


def aggregate_value(node: ex.Aggregate, context: Context) -> Value:
    """Give a statistic of the records that belong to each row."""
    if node.function == "stat":
        return _chosen_statistic(node, context)
    place = place_of(node, context)
    if place is not context:
        return place.carried(aggregate_value(node, place), context, _same(context))
    asked = node.function == "some" and (context.asked or context.until is not None)
    grouped = fusion.fused(node, context)
    if grouped is None:
        child, inside = members(context, node.set)
        if is_of_nothing(node, child):
            return _of_nothing(node, is_complete(context, node.set, asked=asked))
        grouped = statistics.grouped(node, child, inside, ["row"])
        grouped = grouping.placed(grouped, context)
    complete = is_complete(context, node.set, asked=asked)
    return _assembled(node, context, grouped, complete)


def is_of_nothing(node: ex.Aggregate, child: Context) -> bool:
    """Say whether no record stands in any row's set; what has a unit of its own has none then, and is left aside here."""
    if not child.frame.is_empty():
        return False
    value = None if node.value is None else child.once(node.value)
    return not isinstance(value, Number) or value.unit is None


def _of_nothing(node: ex.Aggregate, complete: Maybe) -> Value:
    """Give a statistic of sets in which no record stands: it rests on nothing but whether one may be missing."""
    name, missing = node.function, opposite(complete)
    floor = node.value is not None and nodes.is_non_negative(node.value)
    if name == "some":
        return Truth(missing, may_not=True)
    if name in {"no", "every"}:
        return Truth(may=True, may_not=missing)
    if name == "share":
        return Number(statistics.FLOOR, HUNDRED)
    if name in {"first", "last"} and node.kind == "symbol":
        return _anything(nodes.symbols_of(node.value))
    if name in {"count", "sum"}:
        most = _picked(complete, statistics.FLOOR, statistics.NOTHING)
        return Number(statistics.FLOOR if floor or name == "count" else most, most, known=complete is True)
    return Number(statistics.FLOOR if floor else statistics.NOTHING, statistics.NOTHING)


def place_of(node: ex.Aggregate, context: Context) -> Context:
    """Give the context in which a statistic looks: a bare `some` of a `require` as far as the due date, events also without a start."""
    if node.function != "some" or node.set.window is not None or node.set.source != "facts" or context.until is None:
        return context
    event = context.world.program.types[node.set.type].kind == "event"
    return context.until if context.windowed or event else context


def _same(context: Context) -> str:
    if "#same" not in context.frame.columns:
        context.frame = context.frame.hstack(
            [pl.int_range(context.frame.height, dtype=pl.UInt32, eager=True).alias("#same")]
        )
    return "#same"


def _chosen_statistic(node: ex.Aggregate, context: Context) -> Value:
    assert node.statistic is not None
    choice = context.value(node.statistic)
    assert isinstance(choice, Symbols)
    result: Value | None = None
    seen: Maybe = False
    for name in context.may_be(choice, "mean", "geomean", "median", "min", "max", "sum", "count"):
        possible = is_symbol(choice, name).may
        one = ex.Aggregate(kind=node.kind, function=name, set=node.set, value=None if name == "count" else node.value)
        found = aggregate_value(one, context)
        result = found if result is None else merging.merge(seen, result, possible, found)
        seen = either(seen, possible)
    return values.unknown_number() if result is None else result


def _assembled(node: ex.Aggregate, context: Context, grouped: Grouped, complete: Maybe) -> Value:  # noqa: ARG001
    name = node.function
    certain, possible = pl.col(grouped.certain), pl.col(grouped.possible)
    if name in {"some", "no"}:
        some = Truth(either(possible > NONE, opposite(complete)), certain == NONE)
        return some if name == "some" else Truth(some.may_not, some.may)
    if name == "every":
        return Truth(
            pl.col(grouped.columns["broken"]) == NONE,
            either(pl.col(grouped.columns["doubtful"]) > NONE, opposite(complete)),
        )
    if name == "count":
        return _count(grouped, complete)
    if name == "share":
        return _share(grouped, complete)
    if name in {"first", "last"} and node.kind == "symbol":
        column = pl.col(grouped.columns["low"])
        sure = both((certain > 0) & (certain == possible), complete)
        return (
            Symbols(
                (Option(possible=True, value=pl.when(sure).then(column), domain=nodes.symbols_of(node.value)),), FALSE
            )
            if sure is not False
            else _anything(nodes.symbols_of(node.value))
        )
    assert grouped.low is not None
    assert grouped.high is not None
    return _figure(node, grouped, complete)


def _anything(domain: tuple[str, ...]) -> Symbols:
    return Symbols((Option(possible=True, value=pl.lit(None, dtype=pl.String), domain=domain),))


def _count(grouped: Grouped, complete: Maybe) -> Number:
    bound = max(grouped.records, 1)
    low = rational.column(pl.col(grouped.certain).cast(pl.Int64), bound=bound)
    if grouped.sure and complete is True:
        return Number(low, low, known=True)
    high = pl.col(grouped.possible).cast(pl.Int64)
    high = high if complete is True else pl.when(_expr(complete)).then(high)
    return Number(low, rational.column(high, bound=bound))


def _expr(maybe: Maybe) -> pl.Expr:
    return pl.lit(maybe) if isinstance(maybe, bool) else maybe


def _share(grouped: Grouped, complete: Maybe) -> Number:
    total, sure = pl.col(grouped.certain).cast(pl.Int64), pl.col(grouped.certain) == pl.col(grouped.possible)
    fixed = sure & (total > 0) & _expr(complete)
    bound = max(grouped.records, 1)

    def percent(column: str, otherwise: int) -> rational.Rational:
        num = pl.when(fixed).then(pl.col(grouped.columns[column]).cast(pl.Int64) * 100).otherwise(otherwise)
        return rational.Rational(num, 1, bound * 100, pl.when(fixed).then(total).otherwise(1), bound)

    return Number(percent("holds", 0), percent("may_hold", 100))


def _figure(node: ex.Aggregate, grouped: Grouped, complete: Maybe) -> Number:
    """Open the ends of a statistic where records may be missing, and give the domain where there is none."""
    assert node.value is not None
    floor = nodes.is_non_negative(node.value)
    low, high = grouped.low, grouped.high
    assert low is not None
    assert high is not None
    some: Maybe = pl.col(grouped.certain) > NONE
    whole = complete
    keep_low: Maybe
    keep_high: Maybe
    bottom = statistics.FLOOR if floor else statistics.NOTHING
    name = node.function
    if name == "sum":
        keep_low, keep_high = either(whole, floor), whole
    elif name == "max":
        keep_low, keep_high = some, both(whole, some)
    elif name == "min":
        keep_low, keep_high = both(whole, some), some
    else:
        keep_low = keep_high = both(whole, some)
    unit = _unit(grouped)
    if low is high and complete is True and name == "sum":
        return Number(low, low, known=grouped.known, unit=unit)
    if low is high and complete is True:
        one = _picked(some, low, statistics.NOTHING)
        if not floor:
            return Number(one, one, unit=unit)
        return Number(_picked(some, low, statistics.FLOOR), one, unit=unit)
    low_open = grouped.low_open if grouped.low_open is False else both(keep_low, grouped.low_open)
    high_open = grouped.high_open if grouped.high_open is False else both(keep_high, grouped.high_open)
    bounded_low = _picked(keep_low, low, bottom)
    if floor and bounded_low is not statistics.FLOOR:
        bounded_low = rational.pick(bounded_low.num.is_null(), statistics.FLOOR, bounded_low)
    return Number(bounded_low, _picked(keep_high, high, statistics.NOTHING), low_open, high_open, unit=unit)


def _picked(condition: Maybe, a: rational.Rational, b: rational.Rational) -> rational.Rational:
    """Give a where the condition holds, else b; what is always so stays as short as it is."""
    if isinstance(condition, bool):
        return a if condition else b
    return rational.pick(condition, a, b)


def _unit(grouped: Grouped) -> pl.Expr | None:
    """Give the unit of a statistic where units are data: that of its records, if they share one."""
    if grouped.unit is None:
        return None
    least, greatest = (pl.col(name) for name in grouped.unit)
    return pl.when(least == greatest).then(least).when(least.is_not_null()).then(pl.lit(SEVERAL))
