"""Windows that a rule states: `in 365 days to X`, `in 5 months before period`, `from X to Y`, `at X`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, rational, values
from compliance_engine.deriving.values import Number

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.model.expression import AnyNode, WindowSpec

FAR = 10**7  # days: beyond every date


def stated_window(context: Context, window: WindowSpec) -> pl.DataFrame:
    """Give the days that a stated window covers, row by row: from, to (possible) and c.from, c.to (certain)."""
    row = pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")
    if window.kind == "leading":
        assert window.length is not None
        end = dates.day_number(pl.col("p.from"), known=True)
        start = dates.shifted(end, dates.fixed_span(window.length), -1, instant=False)
        low, high = start.low.num, pl.col("p.from").cast(pl.Int64) - 1
        return context.frame.select(row, low.alias("from"), high.alias("to"), low.alias("c.from"), high.alias("c.to"))
    assert window.end is not None
    end = _day(context, window.end)
    if window.kind == "at":
        start = end
    elif window.kind == "between":
        assert window.start is not None
        start = _day(context, window.start)
    else:
        assert window.length is not None
        back = dates.shifted(end, dates.fixed_span(window.length), -1, instant=False)
        one = values.exact_number(rational.constant(Fraction(1)))
        start = dates.added_days(back, one)
    return context.frame.select(
        row,
        start.low.num.fill_null(-FAR).alias("from"),
        end.high.num.fill_null(FAR).alias("to"),
        start.high.num.fill_null(FAR).alias("c.from"),
        end.low.num.fill_null(-FAR).alias("c.to"),
    )


def _day(context: Context, node: AnyNode) -> Number:
    value = context.value(node)
    assert isinstance(value, Number)
    return dates.local_day(value, node.kind)
