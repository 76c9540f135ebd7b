"""When a duty is due, and from when to when a record can fulfil it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from tests.oracle import expressions, facts, functions
from tests.oracle.findings import root
from tests.oracle.periods import Window, as_day, moved, rolled, shifted, start_of_day, window_between
from tests.oracle.values import INFINITE, Bound, Value, between, exactly, point

if TYPE_CHECKING:
    from tests.oracle.context import Context
    from tests.oracle.duties import Duty


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """`day`: the last local day; `at`: the instant where hours count; `standing`: at the as-of date, never due."""

    day: Value
    at: Value | None = None
    stated: bool = False
    standing: bool = False


def due_of(context: Context, duty: Duty) -> Due:
    if duty.recur is not None:
        assert context.due is not None
        return Due(day=context.due, stated=True)
    due = _unrolled(context, duty)
    if duty.roll is None or not due.stated:
        return due
    return replace(
        due, day=moved(due.day, lambda day: Fraction(rolled(int(day), duty.roll, context.holidays))), at=None
    )


def _unrolled(context: Context, duty: Duty) -> Due:
    zone = facts.zone_of(root(context.subject), context.world)
    if duty.by is None:
        if context.period is not None:
            return Due(day=exactly(context.period.end, "date"))
        if context.trigger is not None:
            return Due(day=dated(as_day(context.trigger, zone)))
        return Due(day=exactly(context.world.as_of, "date"), standing=True)
    by = expressions.evaluate(duty.by, context)
    if by.kind not in ("duration", "number"):
        return Due(day=dated(as_day(by, zone)), at=by if by.kind == "instant" else None, stated=True)
    base = _base(context)
    if by.kind == "number" and point(by) is None and base.kind == "date":
        return Due(day=dated(_after_days(base, by)), stated=True)
    elapses = by.kind == "number" and base.kind == "instant" and _is_of_hours(duty.by, context)
    length = functions.as_duration(by)
    hours = elapses or (length.symbols is not None and any(not word.endswith("|0") for word in length.symbols))
    if hours and base.kind == "date":
        base = _through_the_day(base, zone)
    found = functions.elapsed(base, by) if elapses else shifted(base, length, 1, zone)
    return Due(day=dated(as_day(found, zone)), at=found if hours else None, stated=True)


def _is_of_hours(by: str, context: Context) -> bool:
    """Say whether a field of the subject is declared in hours."""
    declared = root(context.subject).type.fields.get(by)
    return declared is not None and declared.unit in {"h", "min"}


def _after_days(base: Value, days: Value) -> Value:
    """Add a number of days that is not known exactly; part of a day reaches no further day."""

    def end(first: Bound, second: Bound) -> Bound:
        total = first + second
        return total if isinstance(total, float) else Fraction(floor(total))

    if not base.present or not days.present:
        return Value(kind="date")
    return between(end(base.low, days.low), end(base.high, days.high), kind="date")


def dated(day: Value) -> Value:
    """Give a due date as it is if there is one; where there is none, any day."""
    return replace(day, absent=False) if day.present else Value(kind="date")


def _base(context: Context) -> Value:
    if context.trigger is not None:
        return context.trigger if context.trigger.present else Value(kind="date")
    return exactly(context.period.end if context.period else context.world.as_of, "date")


def _through_the_day(day: Value, zone: str) -> Value:
    """Give the instants that a date may stand for, from its first to its last microsecond."""
    low = day.low if isinstance(day.low, float) else start_of_day(int(day.low), zone)
    high = day.high if isinstance(day.high, float) else start_of_day(int(day.high) + 1, zone) - 1
    return replace(between(low, high, kind="instant"), absent=day.absent)


def perhaps_overdue(context: Context, due: Due) -> bool:
    return due.standing or due.day.low < context.world.as_of


def surely_overdue(context: Context, due: Due) -> bool:
    return not due.standing and due.day.high < context.world.as_of


def opened(context: Context, due: Due) -> Context:
    """Give a triggered obligation the window from its trigger to its due date."""
    context = context.changed(due=due.day)
    if context.window is not None or context.trigger is None:
        return context
    start = as_day(context.trigger, facts.zone_of(root(context.subject), context.world))
    return context.changed(window=window_between(dated(start), due.day))


def fulfilling(context: Context, due: Due) -> Context:
    """Give the place in which a bare `some` of a `require` looks as far as a stated due date."""
    if due.standing or (context.window is None and not due.stated):
        return context
    if context.window is None:
        ever = Window(((-INFINITE, due.day.low),), ((-INFINITE, due.day.high),))
        return context.changed(some_window=ever, due_at=due.at)
    window = context.window
    if due.stated and context.period is not None:
        first = window.possible[0][0]
        # Where it is not known on which days the subject is bound, it is not known from which day on a record counts.
        known = window.certain == window.possible and first <= due.day.low
        possible = ((first, due.day.high),) if first <= due.day.high else ()
        window = Window(((first, due.day.low),) if known else (), possible)
    return context.changed(some_window=window, due_at=due.at)


def days_between(due: Due, done: Value) -> int | None:
    """Count the days from the due date to the day on which it was done, where both are known."""
    if due.day.low != due.day.high or done.low != done.high or isinstance(done.low, float):
        return None
    late = done.low - due.day.low
    return int(late) if late > 0 or (late == 0 and due.at is not None) else None
