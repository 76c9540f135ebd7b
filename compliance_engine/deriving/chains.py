"""Duties that recur: each occurrence is due when the last completion, or the last due date, says (docs/language.md section 4)."""

from __future__ import annotations

from datetime import date
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
    from compliance_engine.deriving.context import Context
    from compliance_engine.model.program import DutySpec

MOST_LINKS = 20_000
SATURDAY = 5
SCHEMA = {"sub": pl.UInt32, "w.from": pl.Int32, "w.to": pl.Int32, "chain.due": pl.Int32}


def chained(subjects: Context, duty: DutySpec, enacted: int) -> pl.DataFrame:
    """Give the occurrences of a recurring duty: sub (row of the subject), the window in days, and the day it is due (null: not known).

    `enacted`: the first day of the first version of the law. What was due before it, and not done by then, is due on it.
    """
    assert duty.recur is not None
    first = _first(subjects, duty)
    starts = subjects.compute(pl.when(first.low.num == first.high.num).then(first.low.num)).to_list()
    triggers: list[int | None] = [None] * len(starts)
    if isinstance(subjects.trigger, Number) and duty.after is not None:
        triggers = subjects.compute(day_at_site(subjects.trigger, duty.after.kind, subjects).low.num).to_list()
    done = _completions(subjects, duty)
    as_of = dates.days_of(subjects.world.as_of)
    rows: list[tuple[int, int, int | None, int | None]] = []
    for sub, (start, trigger) in enumerate(zip(starts, triggers, strict=True)):
        begin = -FAR if trigger is None else trigger
        if start is None:
            rows.append((sub, begin, None, None))
        else:
            rows += [(sub, a, b, b) for a, b in _links(start, begin, done.get(sub, []), as_of, duty, enacted)]
    open_ended = pl.when(pl.col("w.from") > -FAR).then("w.from").alias("w.from")
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").with_columns(open_ended)


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


def _links(start: int, begin: int, done: list[int], as_of: int, duty: DutySpec, enacted: int) -> list[tuple[int, int]]:
    """Give first and last day of each link of a chain, up to the first that is not yet due, or not yet done.

    No two are due on one day: where working days bring dates together the first remains, where completions do the last.
    """
    assert duty.recur is not None
    then = duty.recur.then
    links: list[tuple[int, int]] = []
    due, since = start, begin
    if duty.recur.basis == "calendar":
        return _calendar_links(start, as_of, duty)
    for times in range(1, MOST_LINKS + 1):
        day = _rolled(due, duty)
        if duty.recur.basis == "due":
            if not links or day > links[-1][1]:
                links.append((since, day))
            if day > as_of:
                break
            since, due = day + 1, _after(start, then, times)
        else:  # what was done early makes the next one run
            completed = next((d for d in done if d >= since), None)
            late = day < enacted and (completed is None or completed > enacted)
            links.append((since, enacted if late else day))
            if completed is None:
                break
            since, due = completed + 1, _after(completed, then, 1)
    return list({day: (first, day) for first, day in links}.values())


def _calendar_links(start: int, as_of: int, duty: DutySpec) -> list[tuple[int, int]]:
    """Give first and last day of each calendar period, from the one that holds the first date; none counts a day twice."""
    assert duty.recur is not None
    length = duty.recur.then.months
    here = dates.date_of(start)
    month = (here.year * 12 + here.month - 1) // length * length
    links: list[tuple[int, int]] = []
    while len(links) < MOST_LINKS and (not links or links[-1][1] <= as_of):
        first, after = (dates.days_of(date(m // 12, m % 12 + 1, 1)) for m in (month, month + length))
        links.append((max(first, links[-1][1] + 1) if links else first, _rolled(after - 1, duty)))
        month += length
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
