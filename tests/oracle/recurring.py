"""Chains of occurrences: each due when `recur` says, fulfilled by a record since the last completion or due date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracle import aggregates, expressions, facts, members
from tests.oracle import syntax as s
from tests.oracle.due import dated
from tests.oracle.duties import texts
from tests.oracle.findings import root
from tests.oracle.parser import parse
from tests.oracle.periods import Grain, Window, as_day, moved, period_of, rolled, shift_day, shifted, window_between
from tests.oracle.values import INFINITE, OracleError, Value, exactly, holds, point

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle.context import Context
    from tests.oracle.provisions import Obligation

MOST = 5000
NO_START = Value(kind="date", low=-INFINITE, high=-INFINITE)
Step = tuple[Value, Value]  # the day from which records count, the due date


def chain(obligation: Obligation) -> Iterator[Obligation]:
    """Give an obligation for each date up to the first after the as-of date; a single one where it cannot be said which there are."""
    context, recur = obligation.context, obligation.duty.recur
    assert recur is not None
    first = dated(_first(recur["first"], context))
    start = NO_START if context.trigger is None else dated(_day(context.trigger, context))
    steps = _steps(first, start, obligation)
    for begin, due in [(start, Value(kind="date"))] if steps is None else steps:
        yield _occurrence(obligation, begin, due)


def _steps(first: Value, start: Value, obligation: Obligation) -> list[Step] | None:
    """Give (day from which records count, due date); None where it cannot be said how many there are."""
    context, recur = obligation.context, obligation.duty.recur
    assert recur is not None
    then = _length(recur["then"])
    roll, off = obligation.duty.roll, context.holidays
    basis = recur.get("from", "due")
    if basis == "completion":
        days = _completions(context, obligation, start)
        if any(start.low <= day < start.high for day in days):
            return None
        found = [(start, first), *((_one(day + 1), _one(shift_day(day, then, 1))) for day in days)]
        found = [(begin, moved(due, lambda day: Fraction(rolled(int(day), roll, off)))) for begin, due in found]
        found = _enacted(found, days, context, obligation.provision)
        return list(
            {(due.low, due.high): (begin, due) for begin, due in found}.values()
        )  # of two due on one day, the last
    if basis == "calendar":
        grain = Grain("calendar", {1: "month", 3: "quarter", 6: "half-year", 12: "year"}[then[0]])
        ends = [first.low, first.high]
        if any(isinstance(end, float) for end in ends) or len({period_of(grain, int(end)) for end in ends}) > 1:
            return None
        return _from_calendar(grain, int(first.low), roll, context)
    if point(first) is not None:
        return _from_due(start, int(first.low), then, roll, context)
    first = moved(first, lambda day: Fraction(rolled(int(day), roll, off)))
    return [(start, first)] if first.low > context.world.as_of else None


def _one(day: int) -> Value:
    return exactly(day, "date")


def _from_calendar(grain: Grain, first: int, roll: str | None, context: Context) -> list[Step]:
    """Give the calendar periods from the one that holds a day; none counts a day twice."""
    period = period_of(grain, first)
    steps: list[Step] = []
    last = 0
    while not steps or (last <= context.world.as_of and len(steps) < MOST):
        begin, last = max(period.start, last + 1), rolled(period.end, roll, context.holidays)
        steps.append((_one(begin), _one(last)))
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


def _from_due(start: Value, first: int, then: tuple[int, int, int], roll: str | None, context: Context) -> list[Step]:
    """Reckon all due dates from the first: clipping does not add up."""
    last = rolled(first, roll, context.holidays)
    steps: list[Step] = [(start, _one(last))]
    for times in range(1, MOST):
        if last > context.world.as_of:
            break
        months, days, micros = (part * times for part in then)
        due = rolled(shift_day(first, (months, days, micros), 1), roll, context.holidays)
        if due > last:
            steps.append((_one(last + 1), _one(due)))
            last = due
    return steps


def _completions(context: Context, obligation: Obligation, start: Value) -> list[int]:
    """Give the days of all certain records since the chain may have begun: each is a completion."""
    node = parse(texts(obligation.duty.asked)[0])
    assert isinstance(node, s.Quantified)
    records, name = aggregates.typed(node.records, context)
    ever = Window(((start.low, Fraction(context.world.as_of)),), ((start.low, Fraction(context.world.as_of)),))
    group = members.members(replace(records, window=None), name, context.changed(window=ever))
    times = [
        facts.time_of(root(place.scopes[-1].thing), context.world) for place, belongs in group.places if holds(belongs)
    ]
    return sorted({int(d) for time in times if time is not None and (d := point(time)) is not None})


def _enacted(steps: list[Step], done: list[int], context: Context, provision: str) -> list[Step]:
    """Make what was due before the law, and was not done by its first day, due on that day."""
    versions = context.world.law.provisions[provision]
    first = Fraction(min(date.fromisoformat(str(v["in_force"]["from"])).toordinal() for v in versions))
    late = [*(day > first for day in done), True]
    return [
        (begin, replace(due, low=max(due.low, first), high=max(due.high, first)) if late[i] else due)
        for i, (begin, due) in enumerate(steps)
    ]


def _occurrence(obligation: Obligation, begin: Value, due: Value) -> Obligation:
    known = point(due)
    day = "" if known is None else date.fromordinal(int(known)).isoformat()
    context = obligation.context.changed(window=window_between(begin, due), due=due)
    return replace(obligation, context=context, occurrence=day)
