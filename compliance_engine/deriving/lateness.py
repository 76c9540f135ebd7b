"""How many days late a breached duty is, and when it was cured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, decimals, evidence
from compliance_engine.deriving.values import Number
from compliance_engine.model.program import ForbidSpec, LimitSpec

if TYPE_CHECKING:
    from compliance_engine.deriving.judging import Judged

NOTHING = (pl.lit(None, dtype=pl.Int32), pl.lit(None, dtype=pl.Date))


def lateness(judged: Judged, violated: pl.Series) -> tuple[pl.Expr, pl.Expr]:
    """Give how many days late each breached obligation is, and when it was cured (null: not yet); over the frame of its context."""
    context, duty = judged.context, judged.duty
    if duty.days_late is not None:
        stated = context.value(duty.days_late)
        assert isinstance(stated, Number)
        shown = decimals.rounded(stated.low, 0, "down").num.cast(pl.Int32)
        return pl.when(pl.lit(violated)).then(shown), NOTHING[1]
    if not judged.due.stated or isinstance(duty.demand, LimitSpec | ForbidSpec) or not violated.any():
        return NOTHING
    cured = _cured(judged, violated)
    first, last = judged.due.day.low.num, judged.due.day.high.num
    due = pl.when(first == last).then(first)  # else it is not known how late
    as_of = pl.lit(dates.days_of(context.world.as_of), dtype=pl.Int64)
    passed = (pl.coalesce(pl.lit(cured.cast(pl.Int32)).cast(pl.Int64), as_of) - due).cast(pl.Int32)
    least = 1 if judged.due.at is None else 0  # late by hours on the due day itself
    return pl.when(pl.lit(violated) & (passed >= least)).then(passed), pl.lit(cured)


def _cured(judged: Judged, violated: pl.Series) -> pl.Series:
    """Find the first record after the due date that does what a late duty asked."""
    from_rows = violated.arg_true().cast(pl.UInt32)
    late = evidence.late_fulfilments(judged, from_rows)
    days = pl.Series("c", [None], dtype=pl.Date).new_from_index(0, judged.height)
    return days.scatter(late["row"], late["day"]) if late.height else days
