"""How many days late a breached duty is, and when it was cured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, decimals, kleene
from compliance_engine.deriving.columns import evaluated
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.record_spans import record_times
from compliance_engine.deriving.site_days import day_at_site
from compliance_engine.deriving.values import Number
from compliance_engine.kernel.frames import rows_where
from compliance_engine.model import expression as ex
from compliance_engine.model.program import DoneSpec, ForbidSpec, LimitSpec, RequireSpec

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
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
    if not can_be_late(judged) or not violated.any():
        return NOTHING
    cured = _cured(judged, violated)
    first, last = judged.due.day.low.num, judged.due.day.high.num
    due = pl.when(first == last).then(first)  # else it is not known how late
    as_of = pl.lit(dates.days_of(context.world.as_of), dtype=pl.Int64)
    passed = (pl.coalesce(pl.lit(cured.cast(pl.Int32)).cast(pl.Int64), as_of) - due).cast(pl.Int32)
    least = 1 if judged.due.at is None else 0  # late by hours on the due day itself
    return pl.when(pl.lit(violated) & (passed >= least)).then(passed), pl.lit(cured)


def can_be_late(judged: Judged) -> bool:
    """Say whether a duty is late once its day has passed: where it says by when, and what is to be done on the day of its trigger or in its period."""
    due, demand = judged.due, judged.duty.demand
    if isinstance(demand, DoneSpec):
        return not due.standing
    return due.stated and not isinstance(demand, LimitSpec | ForbidSpec)


def _cured(judged: Judged, violated: pl.Series) -> pl.Series:
    """Find the first record after the due date that does what a late duty asked."""
    from_rows = rows_where(violated)
    late = _late_fulfilments(judged, from_rows)
    days = pl.Series("c", [None], dtype=pl.Date).new_from_index(0, judged.height)
    return days.scatter(late["row"], late["day"]) if late.height else days


def _late_fulfilments(judged: Judged, rows: pl.Series) -> pl.DataFrame:
    """Find, for breached obligations, the first day after the due date on which what was asked was done: row, day."""
    demand = judged.duty.demand
    nothing = pl.DataFrame(schema={"row": pl.UInt32, "day": pl.Date})
    context = judged.context.kept(rows)
    if isinstance(demand, DoneSpec):
        date = context.value(demand.date.node)
        assert isinstance(date, Number)
        day = day_at_site(date, demand.date.node.kind, context)
        shown = pl.when(~kleene.expression(day.absent.may)).then(day.low.num)
        found = context.frame.select(pl.lit(rows).alias("row"), shown.cast(pl.Int32).cast(pl.Date).alias("day"))
        return found.filter(pl.col("day") <= context.world.as_of)  # what is planned is no cure
    if not isinstance(demand, RequireSpec):
        return nothing
    late = [_late_records(judged, rows, context, part.node) for part in demand.parts]
    if demand.any or len(late) == 1:
        return pl.concat([nothing, *late]).group_by("row").agg(pl.col("day").min()).sort("row")
    return _last_of_all(judged, rows, late)


def _last_of_all(judged: Judged, rows: pl.Series, late: list[pl.DataFrame]) -> pl.DataFrame:
    """Of several things that were asked (`late`: when each was done after the due date), find the day of the last of those that were lacking: row, day."""
    truths = [truth for (role, _), truth in judged.parts.items() if role == "part"]
    lacking = evaluated(judged.context, **{f"lacks {n}": truth.may_not for n, truth in enumerate(truths)})[rows]
    found = lacking.with_columns(rows.alias("row"))
    for number, frame in enumerate(late):
        found = found.join(frame.rename({"day": f"day {number}"}), on="row", how="left", maintain_order="left")
    days = [pl.when(f"lacks {n}").then(f"day {n}") for n in range(len(late))]
    done = [~pl.col(f"lacks {n}") | pl.col(f"day {n}").is_not_null() for n in range(len(late))]
    return found.filter(pl.all_horizontal(done)).select("row", pl.max_horizontal(days).alias("day")).drop_nulls()


def _late_records(judged: Judged, rows: pl.Series, context: Context, node: ex.AnyNode) -> pl.DataFrame:
    """Find the first record after the due date where a part asks for some record in the window of the duty itself: row, day.

    Of several of which one is enough, it is the first.
    """
    if isinstance(node, ex.Or):
        each = [_late_records(judged, rows, context, part) for part in node.operands]
        return pl.concat(each).group_by("row").agg(pl.col("day").min()).sort("row")
    if not isinstance(node, ex.Aggregate) or node.function != "some" or node.set.window or node.set.source != "facts":
        return pl.DataFrame(schema={"row": pl.UInt32, "day": pl.Date})
    after = (judged.due.day.high.num + (0 if judged.due.at is not None else 1)).cast(pl.Int32)
    as_of = dates.days_of(context.world.as_of)
    frame = context.frame.with_columns(after.alias("w.from"), pl.lit(as_of, dtype=pl.Int32).alias("w.to"))
    later = context.rewindowed(frame.drop([c for c in ("w.cfrom", "w.cto") if c in frame.columns]))
    child, inside = members(later, node.set)
    times = record_times(context.world, child.scopes[node.set.scope].table)
    known = child.frame.select("row", "record", (~kleene.expression(inside.may_not)).alias("sure")).filter("sure")
    days = (
        known.with_columns(times["r.from"][known["record"]].alias("day"))
        .group_by("row")
        .agg(pl.col("day").min())
        .sort("row")
    )
    return days.select(rows[days["row"]].alias("row"), pl.col("day").cast(pl.Date))
