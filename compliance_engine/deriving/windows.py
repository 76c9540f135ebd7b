"""Windows that a rule states: `in 365 days to X`, `in 5 months before period`, `from X to Y`, `at X`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, rational, values
from compliance_engine.deriving.site_days import day_at_site
from compliance_engine.deriving.tables import ROW_NUMBER
from compliance_engine.deriving.values import Number

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.model.expression import AnyNode, Set, WindowSpec

FAR = 10**7  # days: beyond every date


Ends = tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]  # from, to (possible), from, to (certain), in days


def stated_window(context: Context, window: WindowSpec) -> Ends:
    """Give the days that a stated window covers, row by row."""
    if window.kind == "leading":
        assert window.length is not None
        end = dates.day_number(pl.col("p.from"), known=True)
        start = dates.shifted(end, dates.fixed_span(window.length), -1)
        low, high = start.low.num, pl.col("p.from").cast(pl.Int64) - 1
        return low, high, low, high
    assert window.end is not None
    end = _day(context, window.end)
    if window.kind == "at":
        start = end
    elif window.kind == "between":
        assert window.start is not None
        start = _day(context, window.start)
    else:
        assert window.length is not None
        back = dates.shifted(end, dates.fixed_span(window.length), -1)
        one = values.exact_number(rational.constant(Fraction(1)))
        start = dates.added_days(back, one)
    return (
        start.low.num.fill_null(-FAR),
        end.high.num.fill_null(FAR),
        start.high.num.fill_null(FAR),
        end.low.num.fill_null(-FAR),
    )


def running_window(context: Context, chosen: Set) -> pl.DataFrame:
    """Give the days of `running`, row by row: `from` where the records are complete (-FAR: not complete), `to` the end of the period.

    What went before the first day on which the source vouches for its records is in none of them.
    """
    today = dates.days_of(context.world.as_of)
    end = pl.col("p.to").cast(pl.Int32) if "p.to" in context.frame.columns else pl.lit(today, dtype=pl.Int32)
    site = pl.col("site") if "site" in context.frame.columns else pl.lit(None, dtype=pl.String)
    frame = context.frame.select(ROW_NUMBER.alias("row"), site.alias("site"), end.alias("to"))
    spans = context.world.covered.get(chosen.type, ())
    begun = frame.select(pl.lit(-FAR, dtype=pl.Int32).alias("from"), "to")
    if not spans:
        return begun
    vouched = pl.DataFrame(spans, schema={"of": pl.String, "start": pl.Int32, "end": pl.Int32}, orient="row")
    joined = frame.join(vouched, how="cross").filter(
        (pl.col("of").is_null() | (pl.col("of") == pl.col("site")))
        & (pl.col("start") <= pl.col("to"))
        & (pl.min_horizontal("end", pl.lit(today, dtype=pl.Int32)) >= pl.col("to"))
    )
    first = joined.group_by("row").agg(pl.col("start").min().cast(pl.Int32).alias("from"))
    placed = frame.select("row", "to").join(first, on="row", how="left", maintain_order="left")
    return placed.select(pl.col("from").fill_null(-FAR), "to")


def _day(context: Context, node: AnyNode) -> Number:
    value = context.value(node)
    assert isinstance(value, Number)
    return day_at_site(value, node.kind, context)
