"""When a duty is due, in local days, and to the instant where the law counts hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, kleene, rational, values
from compliance_engine.deriving.site_days import local_days, shifted_at_site
from compliance_engine.deriving.values import Number, Span

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.kleene import Truth
    from compliance_engine.model.program import DutySpec

DAY = rational.constant(Fraction(dates.DAY_MICROS))


@dataclass(frozen=True, slots=True)
class Due:
    """`day`: the last local day (an interval where not known); `at`: the instant, in microseconds, where hours count.

    `stated`: the rule says when; otherwise it is the end of the period, the trigger or the as-of date. `standing`: a duty at all times, judged at
    the as-of date.
    """

    day: Number
    at: Number | None
    stated: bool
    standing: bool


def due_of(context: Context, duty: DutySpec) -> Due:
    """Give when each obligation of a duty is due."""
    if "due.low" in context.frame.columns:
        day = dates.day_number(pl.col("due.low"))
        if "w.cfrom" in context.frame.columns:
            day = Number(day.low, dates.day_number(pl.col("due.high")).high)
        return Due(day, None, stated=True, standing=False)
    if duty.by is None:
        return _unstated(context, duty)
    by = context.value(duty.by)
    if isinstance(by, Span):
        base, instant = _base(context, duty)
        hours = any(micros for _, _, _, micros in by.options)
        if hours and not instant:
            base, instant = _through_the_day(base), True
        kind = "instant" if instant else "date"
        found = shifted_at_site(base, by, 1, kind, context)
    else:
        assert isinstance(by, Number)
        found, kind, hours = by, duty.by.kind, duty.by.kind == "instant"
    day = local_days(found, context) if kind == "instant" else found
    settled = context.settle(dates.rolled(day, duty.roll, duty.holidays) if duty.roll else day, "due")
    assert isinstance(settled, Number)
    if duty.roll:
        return Due(settled, None, stated=True, standing=False)
    at = context.settle(found, "due.at") if hours and kind == "instant" else None
    assert at is None or isinstance(at, Number)
    return Due(settled, at, stated=True, standing=False)


def _unstated(context: Context, duty: DutySpec) -> Due:
    if "p.to" in context.frame.columns:
        return Due(dates.day_number(pl.col("p.to"), known=True), None, stated=False, standing=False)
    if isinstance(context.trigger, Number) and duty.after is not None:
        day = local_days(context.trigger, context) if duty.after.kind == "instant" else context.trigger
        settled = context.settle(day, "due")
        assert isinstance(settled, Number)
        return Due(settled, None, stated=False, standing=False)
    return Due(dates.day_literal(context.world.as_of), None, stated=False, standing=True)


def _base(context: Context, duty: DutySpec) -> tuple[Number, bool]:
    if duty.after is not None and isinstance(context.trigger, Number):
        return context.trigger, duty.after.kind == "instant"
    if "p.to" in context.frame.columns:
        return dates.day_number(pl.col("p.to"), known=True), False
    return dates.day_literal(context.world.as_of), False


def _through_the_day(day: Number) -> Number:
    """Give the instants that a date may stand for: its first to its last microsecond (UTC)."""
    low = rational.multiply(day.low, DAY)
    high = rational.add(rational.multiply(day.high, DAY), rational.constant(Fraction(dates.DAY_MICROS - 1)))
    return Number(low, high, absent=day.absent)


def perhaps_overdue(context: Context, due: Due) -> pl.Expr:
    """Say where the due date may have passed at the as-of date (a due date includes its whole day)."""
    if due.standing:
        return pl.lit(value=True)
    truth = values.less(due.day, dates.day_literal(context.world.as_of), strict=True)
    return pl.lit(truth.may) if isinstance(truth.may, bool) else truth.may


def surely_overdue(context: Context, due: Due) -> pl.Expr:
    """Say where the due date has passed for certain."""
    if due.standing:
        return pl.lit(value=False)
    truth = values.less(due.day, dates.day_literal(context.world.as_of), strict=True)
    return pl.lit(not truth.may_not) if isinstance(truth.may_not, bool) else ~truth.may_not


def lies_ahead(day: Number, context: Context) -> Truth:
    """Say where a day comes after the as-of date; what never happens does not come."""
    comes = values.less(dates.day_literal(context.world.as_of), day, strict=True)
    never = values.less(dates.day_literal(date.max), day, strict=False)
    return kleene.conjunction(comes, kleene.negation(never))
