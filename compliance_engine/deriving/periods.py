"""The calendar and sliding periods in which subjects are bound within an evaluation, cut to the days on which they are.

Of few subjects and periods they are listed one by one: a plan over frames takes longer to make.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates
from compliance_engine.deriving.bound import clipped, days_in_force, in_force, is_certain, since, since_by_site
from compliance_engine.deriving.world import TooManyOccurrencesError
from compliance_engine.kernel.frames import tuples_by
from compliance_engine.kernel.pool import collected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_engine.deriving.context import Context
    from compliance_engine.model.program import Grain, ProvisionSpec

MOST_OCCURRENCES = 200_000_000

# So many spans of days, and so many periods, are listed one by one.
FEW_SPANS, FEW_PERIODS = 20, 300

SCHEMA = {
    "keep": pl.UInt32,
    "sub": pl.UInt32,
    "since": pl.Int32,
    **dict.fromkeys(("p.index", "p.from", "p.to", "w.from", "w.to"), pl.Int32),
    **dict.fromkeys(("exact", "whole"), pl.Boolean),
}


@dataclass(frozen=True, slots=True)
class Calendar:
    """Periods of one kind: the number of the last unit of each, of which it has `count`, and one in `step` is one."""

    unit: str
    week: str
    count: int
    step: int

    def named(self, day: pl.Expr) -> pl.Expr:
        """Give the number of the period that a day belongs to: of sliding ones the last of those that the day is among the last of."""
        index = dates.period_index(self.unit, self.week, day)
        return index if self.step == 1 else (index // self.step + 1) * self.step - 1

    def number(self, day: int) -> int:
        """Give the same of one day."""
        index = dates.period_number(self.unit, self.week, day)
        return (index // self.step + 1) * self.step - 1

    def start(self, index: int) -> int:
        """Give the first day of a unit."""
        return dates.first_day(self.unit, self.week, index)


def bound_periods(
    subjects: Context, spans: pl.DataFrame, provision: ProvisionSpec, grain: Grain, back: int
) -> pl.DataFrame:
    """Give the periods of each subject in order, from that in which the evaluation begins, or so many months before, as SCHEMA says.

    `spans`: the days on which subjects are bound, as `bound_spans` gives them. Raises TooManyOccurrencesError.
    """
    sliding = grain.kind == "sliding"
    calendar = (
        Calendar("month", "sunday", grain.count, grain.step)
        if sliding
        else Calendar(grain.unit, grain.week_start, 1, 1)
    )
    if spans.height <= FEW_SPANS:
        with suppress(ValueError, OverflowError):  # a day before the year 1, or after 9999: Python has none
            rows = _singly(subjects, spans, provision, calendar, back)
            if rows is not None:
                return pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return _together(subjects, spans, provision, calendar, back).select(*SCHEMA)


def _together(
    subjects: Context, spans: pl.DataFrame, provision: ProvisionSpec, calendar: Calendar, back: int
) -> pl.DataFrame:
    unit, week, step = calendar.unit, calendar.week, calendar.step
    bound = _extent(subjects, spans, calendar, back)
    named = (calendar.named(pl.col(end)).cast(pl.Int32) for end in ("from", "to"))
    extent = collected(bound.with_columns(named), spans.height)
    count = (extent["to"] - extent["from"] + 1).cast(pl.Int64).sum()
    if count > MOST_OCCURRENCES:
        message = f"{provision.id}: {count} obligations; narrow the period"
        raise TooManyOccurrencesError(message)
    index = pl.int_ranges("from", pl.col("to") + 1, dtype=pl.Int32).alias("p.index")
    rows = extent.lazy().select("sub", "since", index).explode("p.index")
    if step > 1:
        rows = rows.filter((pl.col("p.index") + 1) % step == 0)
    start = dates.period_start(unit, week, pl.col("p.index") - (calendar.count - 1))
    end = (dates.period_start(unit, week, pl.col("p.index") + 1) - 1).cast(pl.Int32)
    rows = rows.with_columns(start.alias("p.from"), end.alias("p.to"))
    return clipped(rows.filter(in_force(provision, pl.col("p.to"))).with_row_index("keep"), spans)


def _extent(subjects: Context, spans: pl.DataFrame, calendar: Calendar, back: int) -> pl.LazyFrame:
    """Give the days from which and to which each subject is bound within the evaluation: sub, since, from, to."""
    world = subjects.world
    first = pl.col("since") if back == 0 else dates.month_shift(pl.col("since"), -back)
    early = dates.period_start(calendar.unit, calendar.week, calendar.named(first) + 1 - calendar.step).cast(pl.Int32)
    site = pl.lit(subjects.frame["site"]).gather("sub").alias("site")
    as_of = pl.lit(dates.days_of(world.as_of), dtype=pl.Int32)
    return (
        spans.lazy()
        .group_by("sub")
        .agg(pl.col("from").min(), pl.col("to").max())
        .sort("sub")
        .with_columns(site)
        .with_columns(since(world).alias("since"))
        .with_columns(pl.max_horizontal("from", early).alias("from"), pl.min_horizontal("to", as_of).alias("to"))
        .filter(pl.col("from") <= pl.col("to"))
    )


def _singly(
    subjects: Context, spans: pl.DataFrame, provision: ProvisionSpec, calendar: Calendar, back: int
) -> list[tuple[int | bool, ...]] | None:
    """List the periods; None if they are many."""
    by_sub = tuples_by(spans, "sub", "from", "to", "c.from", "c.to")
    named, otherwise = since_by_site(subjects.world)
    as_of = dates.days_of(subjects.world.as_of)
    enacted, repealed = days_in_force(provision)
    sites = subjects.frame["site"].to_list()
    rows: list[tuple[int | bool, ...]] = []
    keep = 0
    for sub in sorted(by_sub):
        begun = named.get(sites[sub], otherwise)
        early = calendar.start(calendar.number(dates.months_earlier(begun, back)) + 1 - calendar.step)
        first, last = max(min(d[0] for d in by_sub[sub]), early), min(max(d[1] for d in by_sub[sub]), as_of)
        if first > last:
            continue
        numbers = range(calendar.number(first), calendar.number(last) + 1, calendar.step)
        if len(rows) + len(numbers) > FEW_PERIODS:
            return None
        for index in numbers:
            start, end = calendar.start(index + 1 - calendar.count), calendar.start(index + 1) - 1
            if enacted <= end <= repealed:
                rows += ((keep, sub, begun, index, start, end, *cut) for cut in _cut(by_sub[sub], start, end))
                keep += 1
    return rows


def _cut(spans: list[tuple[int, ...]], start: int, end: int) -> Iterator[tuple[int, int, bool, bool]]:
    """Give what `clipped` leaves of one period: w.from, w.to, exact, whole; nothing if no span meets it."""
    parts = []
    for low, high, sure_low, sure_high in spans:
        if low <= end and high >= start:
            first, last = max(low, start), min(high, end)
            parts.append((first, last, max(sure_low, start), min(sure_high, end)))
    if parts:
        first, last = min(part[0] for part in parts), max(part[1] for part in parts)
        yield first, last, is_certain(parts), (start, end) in {part[:2] for part in parts}
