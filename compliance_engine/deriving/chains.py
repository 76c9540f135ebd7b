"""Duties that recur: each occurrence is due when the last completion, or the last due date, says (docs/language.md section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, kleene
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.record_spans import record_times
from compliance_engine.deriving.site_days import day_at_site, shifted_at_site
from compliance_engine.deriving.values import Number, Span
from compliance_engine.deriving.windows import FAR
from compliance_engine.model import expression as ex
from compliance_engine.model.program import RequireSpec

if TYPE_CHECKING:
    from datetime import date

    from compliance_engine.deriving.context import Context
    from compliance_engine.model.program import DutySpec

MOST_LINKS = 20_000
SATURDAY = 5
COLUMNS = ("w.from", "w.cfrom", "due.low", "due.high")
Between = tuple[int | None, int | None]  # the first and the last day that one may be; None: no end
# The first day that may count and the first that certainly does, then the first and the last day that it may be due.
Link = tuple[int, int, int | None, int | None]


def chained(subjects: Context, duty: DutySpec, enacted: int) -> pl.DataFrame:
    """Give the occurrences of a recurring duty: sub (row of the subject), the window in days, and the day it is due.

    `w.from` to `w.to` is the window as far as it may reach, `w.cfrom` to `w.cto` what certainly belongs to it; `due.low` and `due.high` are the
    first and the last day that the due date may be (null: no end).

    `enacted`: the first day of the first version of the law. What was due before it, and not done by then, is due on it.
    """
    firsts = _ends(_first(subjects, duty), subjects)
    triggers: list[Between] = [(-FAR, -FAR)] * len(firsts)
    if isinstance(subjects.trigger, Number) and duty.after is not None:
        triggers = _ends(day_at_site(subjects.trigger, duty.after.kind, subjects), subjects)
    done = _completions(subjects, duty)
    as_of = dates.days_of(subjects.world.as_of)
    rows: list[tuple[int, *Link]] = []
    for sub, (first, (low, high)) in enumerate(zip(firsts, triggers, strict=True)):
        begin = (-FAR if low is None else low, FAR if high is None else high)
        rows += [(sub, *link) for link in _links(first, begin, done.get(sub, []), as_of, duty, enacted)]
    frame = pl.DataFrame(rows, schema={"sub": pl.UInt32, **dict.fromkeys(COLUMNS, pl.Int32)}, orient="row")
    return frame.with_columns(
        pl.when(pl.col("w.from") > -FAR).then("w.from").alias("w.from"),
        pl.col("due.high").alias("w.to"),
        pl.col("due.low").fill_null(-FAR).alias("w.cto"),
    )


def _ends(day: Number, subjects: Context) -> list[Between]:
    """Give the first and the last day that a date may be, of each subject."""
    return list(zip(*(subjects.compute(end.num).to_list() for end in (day.low, day.high)), strict=True))


def _first(subjects: Context, duty: DutySpec) -> Number:
    assert duty.recur is not None
    value = subjects.value(duty.recur.first)
    if isinstance(value, Span):
        assert isinstance(subjects.trigger, Number)
        assert duty.after is not None
        value = shifted_at_site(subjects.trigger, value, 1, duty.after.kind, subjects)
        return day_at_site(value, duty.after.kind, subjects)
    assert isinstance(value, Number)
    return day_at_site(value, duty.recur.first.kind, subjects)


def _completions(subjects: Context, duty: DutySpec) -> dict[int, list[int]]:
    """List, for each subject, the days of the records that certainly do what the duty asks."""
    demand = duty.demand
    assert isinstance(demand, RequireSpec)
    node = next(p.node for p in demand.parts if isinstance(p.node, ex.Aggregate) and p.node.function == "some")
    child, inside = members(subjects, node.set)
    sure = child.compute(~kleene.expression(inside.may_not))
    days = record_times(subjects.world, child.scopes[node.set.scope].table)["r.from"]
    found = child.frame.select("row").with_columns(days[child.frame["record"]].alias("day"), sure.alias("sure"))
    grouped = found.filter(pl.col("sure") & (pl.col("day") > -FAR)).group_by("row").agg(pl.col("day").sort())
    return dict(grouped.iter_rows())


def _links(
    first: Between, begin: tuple[int, int], done: list[int], as_of: int, duty: DutySpec, enacted: int
) -> list[Link]:
    """Give the links of a chain, up to the first that is not yet due, or not yet done.

    No two are due on one day: where working days bring dates together the first remains, where completions do the last.
    Where it cannot be said which links there are, one stands for all, due on a day of which nothing is known.
    """
    assert duty.recur is not None
    low, high = (None if day is None else _rolled(day, duty) for day in first)
    if duty.recur.basis == "completion":
        in_doubt = any(begin[0] <= day < begin[1] for day in done)
        return [(*begin, None, None)] if in_doubt else _from_completion(first, begin, done, duty, enacted)
    if duty.recur.basis == "calendar":
        months = duty.recur.then.months
        periods = [None if day is None else dates.month_of(day) // months for day in first]
        if periods[0] is not None and periods[0] == periods[1]:
            return _from_calendar(periods[0], months, as_of, duty)
    elif first[0] is not None and first[0] == first[1]:
        return _from_due(first[0], begin, as_of, duty)
    elif low is not None and low > as_of:
        return [(*begin, low, high)]
    return [(*begin, None, None)]


def _from_due(first: int, begin: tuple[int, int], as_of: int, duty: DutySpec) -> list[Link]:
    """Give the links of a chain, each due so long after the one before, up to the first that is not yet due."""
    assert duty.recur is not None
    last = _rolled(first, duty)
    links: list[Link] = [(*begin, last, last)]
    for times in range(1, MOST_LINKS):
        if last > as_of:
            break
        due = _rolled(_after(first, duty.recur.then, times), duty)
        if due > last:
            links.append((last + 1, last + 1, due, due))
            last = due
    return links


def _from_completion(
    first: Between, begin: tuple[int, int], done: list[int], duty: DutySpec, enacted: int
) -> list[Link]:
    """Give the links of a chain in which what was done, also early, makes the next one run."""
    assert duty.recur is not None
    links: list[Link] = []
    due, since = first, begin
    for _ in range(MOST_LINKS):
        completed = next((day for day in done if day >= since[1]), None)
        low, high = (None if day is None else _rolled(day, duty) for day in due)
        if completed is None or completed > enacted:
            low = enacted if low is None else max(low, enacted)
            high = None if high is None else max(high, enacted)
        links.append((*since, low, high))
        if completed is None:
            break
        next_due = _after(completed, duty.recur.then, 1)
        since, due = (completed + 1, completed + 1), (next_due, next_due)
    return list({link[2:]: link for link in links}.values())


def _from_calendar(number: int, months: int, as_of: int, duty: DutySpec) -> list[Link]:
    """Give a link for each calendar period from that of a number, up to the first not yet over; none counts a day twice."""
    links: list[Link] = []
    last = -FAR
    while len(links) < MOST_LINKS and last <= as_of:
        first, after = (dates.first_day("month", "", n * months) for n in (number, number + 1))
        since, last = max(first, last + 1), _rolled(after - 1, duty)
        links.append((since, since, last, last))
        number += 1
    return links


def _rolled(day: int, duty: DutySpec) -> int:
    """Move a due date that is no working day as the duty says."""
    step = {"next": 1, "previous": -1}.get(duty.roll, 0)
    while step and (dates.date_of(day).weekday() >= SATURDAY or dates.date_of(day).isoformat() in duty.holidays):
        day += step
    return day


def _after(start: int, length: ex.Duration, times: int) -> int:
    """Move a day by a length so many times; from the first day, so that the 31st stays the 31st where there is one."""
    day: date = dates.date_of(start)
    if length.months:
        months = pl.select(pl.lit(day).dt.offset_by(f"{length.months * times}mo")).item()
        day = months
    return dates.days_of(day) + length.days * times + (length.micros * times) // dates.DAY_MICROS
