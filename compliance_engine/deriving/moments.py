"""What is read at another time: in the calendar period that holds a date, or one period back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import polars as pl

from compliance_engine.deriving import dates, merging, values
from compliance_engine.deriving.kleene import UNKNOWN
from compliance_engine.deriving.site_days import day_at_site
from compliance_engine.deriving.values import Number, Option, Symbols, Value

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.model.expression import DefinitionRef, FindingRef
    from compliance_engine.model.program import Grain


def elsewhere(node: DefinitionRef | FindingRef, grain: Grain | None, context: Context) -> Value:
    """Give a definition or finding in another period; unknown where it is not known which."""
    key = f"elsewhere:{node}"
    if key not in context.cache:
        child, column = place_elsewhere(node, grain, context)
        brought = child.carried(child.value(in_its_period(node)), context, column)
        context.cache[key] = where_known(brought, node, context, column)
    return context.cache[key]


def where_known(brought: Value, node: DefinitionRef | FindingRef, context: Context, place: str) -> Value:
    """Leave a value unknown that was brought from another context where the row there (`place`) is not known.

    What is the same in every row of the other context is no column there, and would be so here too.
    """
    if not context.frame[place].null_count():
        return brought
    known = pl.col(context.add("known", context.frame[place].is_not_null()))
    return context.settle(merging.merge(known, brought, ~known, unknown_of(node)))


def in_its_period(node: DefinitionRef | FindingRef) -> DefinitionRef | FindingRef:
    """Give what is read, said of the period at hand."""
    return msgspec.structs.replace(node, at=None, back=0)


def place_elsewhere(node: DefinitionRef | FindingRef, grain: Grain | None, context: Context) -> tuple[Context, str]:
    """Give the rows of which the other period is known, in that period, and the column with the row there."""
    assert grain is not None
    if node in context.elsewhere:
        return context.elsewhere[node]
    index = pl.Series("p.index", _indexes(node, grain, context), dtype=pl.Int32)
    rows = pl.DataFrame({"p.index": index}).with_row_index("row").filter(pl.col("p.index").is_not_null())
    start = dates.period_start(grain.unit, grain.week_start, pl.col("p.index"))
    end = dates.period_start(grain.unit, grain.week_start, pl.col("p.index") + 1) - 1
    frame = rows.with_columns(start.alias("p.from"), end.cast(pl.Int32).alias("p.to"))
    child = context.child(frame, "row")
    child.grain, child.windowed, child.plain_window = grain, False, False
    place = pl.Series("at#", [None], dtype=pl.UInt32).new_from_index(0, context.frame.height)
    place = place.scatter(frame["row"], pl.int_range(frame.height, dtype=pl.UInt32, eager=True))
    context.elsewhere[node] = child, context.add("at#", place)
    return context.elsewhere[node]


def _indexes(node: DefinitionRef | FindingRef, grain: Grain, context: Context) -> pl.Series:
    """Give the number of the period that is read in each row; null where that is not known."""
    if node.at is None:
        return context.frame["p.index"] - node.back
    at = context.value(node.at)
    assert isinstance(at, Number)
    day = day_at_site(at, node.at.kind, context)
    low, high = context.compute(day.low.num), context.compute(day.high.num)
    days = pl.DataFrame({"low": low, "high": high}).select(
        pl.when(pl.col("high") < dates.NEVER).then(pl.col(end)).cast(pl.Int32).alias(end) for end in ("low", "high")
    )
    first, last = (dates.period_index(grain.unit, grain.week_start, pl.col(end)) for end in ("low", "high"))
    return days.select(pl.when(first == last).then(first).alias("p.index"))["p.index"]


def unknown_of(node: DefinitionRef | FindingRef) -> Value:
    """Give what a definition or finding may be of which nothing is known."""
    absent = UNKNOWN if getattr(node, "optional", True) else None
    if node.kind == "bool":
        return UNKNOWN
    if node.kind == "symbol":
        anything = (Option(possible=True, value=pl.lit(None, dtype=pl.String)),)
        return Symbols(anything) if absent is None else Symbols(anything, absent)
    number = values.unknown_number()
    return number if absent is None else values.exact_number(number.low, absent=absent)
