"""Chains of occurrences: each due when `recur` says, fulfilled by a record since the last completion or due date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracle import aggregates, expressions, facts, members
from tests.oracle import syntax as s
from tests.oracle.duties import texts
from tests.oracle.findings import root
from tests.oracle.parser import parse
from tests.oracle.periods import Grain, Window, as_day, period_of, rolled, shift_day, shifted
from tests.oracle.values import OracleError, Value, exactly, holds, point

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle.context import Context
    from tests.oracle.provisions import Obligation

MOST = 5000


def chain(obligation: Obligation) -> Iterator[Obligation]:
    """Give an obligation for each date up to the first after the as-of date; one without a date if none is known."""
    context, recur = obligation.context, obligation.duty.recur
    assert recur is not None
    first = point(_first(recur["first"], context))
    if first is None:
        yield obligation
        return
    start = point(_day(context.trigger, context)) if context.trigger is not None else None
    then = _length(recur["then"])
    roll, off = obligation.duty.roll, context.holidays
    if recur.get("from", "due") == "completion":
        found = _from_completion(context, obligation, start, int(first), then)
        steps = [(anchor, rolled(due, roll, off)) for anchor, due in found]
        steps = _enacted(steps, context, obligation.provision)
        steps = list({due: (anchor, due) for anchor, due in steps}.values())  # of two due on one day, the last
    elif recur["from"] == "calendar":
        steps = _from_calendar(int(first), then[0], roll, context)
    else:
        steps = _from_due(start, int(first), then, roll, context)
    for anchor, due in steps:
        yield _occurrence(obligation, anchor, due)


def _from_calendar(first: int, months: int, roll: str | None, context: Context) -> list[tuple[Fraction | None, int]]:
    """Give (day before the first, due date) of the calendar periods from the one that holds a day; none counts a day twice."""
    grain = Grain("calendar", {1: "month", 3: "quarter", 6: "half-year", 12: "year"}[months])
    period = period_of(grain, first)
    steps: list[tuple[Fraction | None, int]] = []
    while not steps or (steps[-1][1] <= context.world.as_of and len(steps) < MOST):
        before = max(period.start - 1, steps[-1][1]) if steps else period.start - 1
        steps.append((Fraction(before), rolled(period.end, roll, context.holidays)))
        period = period_of(grain, period.end + 1)
    return steps


def _day(value: Value, context: Context) -> Value:
    return as_day(value, facts.zone_of(root(context.subject), context.world))


def _first(text: str, context: Context) -> Value:
    value = expressions.evaluate(text, context)
    if value.kind != "duration":
        return _day(value, context)
    if context.trigger is None:
        raise OracleError("a first duration needs a trigger")
    return _day(shifted(context.trigger, value, 1, facts.zone_of(root(context.subject), context.world)), context)


def _length(text: str) -> tuple[int, int, int]:
    node = parse(text)
    assert isinstance(node, s.Number)
    words = expressions.number_literal(node).symbols
    months, days, micros = (int(part) for part in next(iter(words or ())).split("|"))
    return months, days, micros


def _from_due(
    start: Fraction | None, first: int, then: tuple[int, int, int], roll: str | None, context: Context
) -> list[tuple[Fraction | None, int]]:
    """Give (day after which records count, due date); all reckoned from the first: clipping does not add up."""
    steps: list[tuple[Fraction | None, int]] = [
        (None if start is None else start - 1, rolled(first, roll, context.holidays))
    ]
    for times in range(1, MOST):
        if steps[-1][1] > context.world.as_of:
            break
        months, days, micros = (part * times for part in then)
        due = rolled(shift_day(first, (months, days, micros), 1), roll, context.holidays)
        if due > steps[-1][1]:
            steps.append((Fraction(steps[-1][1]), due))
    return steps


def _from_completion(
    context: Context, obligation: Obligation, start: Fraction | None, first: int, then: tuple[int, int, int]
) -> list[tuple[Fraction | None, int]]:
    """Let every certain record be a completion, and make the next due a while after it."""
    node = parse(texts(obligation.duty.asked)[0])
    assert isinstance(node, s.Quantified)
    records, name = aggregates.typed(node.records, context)
    opened = -float("inf") if start is None else start
    ever = Window(((opened, Fraction(context.world.as_of)),), ((opened, Fraction(context.world.as_of)),))
    group = members.members(replace(records, window=None), name, context.changed(window=ever))
    times = [
        facts.time_of(root(place.scopes[-1].thing), context.world) for place, belongs in group.places if holds(belongs)
    ]
    days = sorted({int(d) for time in times if time is not None and (d := point(time)) is not None})
    return [(None if start is None else start - 1, first), *((Fraction(d), shift_day(d, then, 1)) for d in days)]


def _enacted(
    steps: list[tuple[Fraction | None, int]], context: Context, provision: str
) -> list[tuple[Fraction | None, int]]:
    """Make what was due before the law, and was not done by its first day, due on that day."""
    versions = context.world.law.provisions[provision]
    first = min(date.fromisoformat(str(v["in_force"]["from"])).toordinal() for v in versions)
    done = [None if anchor is None else int(anchor) for anchor, _ in steps[1:]]
    late = [day is None or day > first for day in (*done, None)]
    return [(anchor, first if due < first and late[i] else due) for i, (anchor, due) in enumerate(steps)]


def _occurrence(obligation: Obligation, anchor: Fraction | None, due: int) -> Obligation:
    begin = -float("inf") if anchor is None else anchor + 1
    window = Window(((begin, Fraction(due)),), ((begin, Fraction(due)),))
    duty = replace(obligation.duty, by=date.fromordinal(due).isoformat())
    context = obligation.context.changed(window=window, due=exactly(due, "date"))
    return replace(obligation, context=context, duty=duty, occurrence=date.fromordinal(due).isoformat())
