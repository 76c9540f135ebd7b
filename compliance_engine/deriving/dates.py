"""Calendar arithmetic on columns: days and microseconds since 1970-01-01, periods by number, lengths of time.

Months and years clip to the end of the month; hours elapse; days are local dates (docs/language.md section 2).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import polars as pl

from compliance_engine.deriving import merging, rational, values
from compliance_engine.deriving.kleene import Maybe, either
from compliance_engine.deriving.values import Number, Span, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_engine.deriving.rational import Rational
    from compliance_engine.model.expression import Duration

    Wall = Callable[[Number, int, Number | None, int], Number]  # an instant, months, days, and the sign of the days

EPOCH = date(1970, 1, 1)
DAY_MICROS = 86_400_000_000
# Days lie between the years 1 and 9999, microseconds within Int64.
DAY_BOUND = 3_000_000
INSTANT_BOUND = 4 * 10**17
NEVER = (date(9999, 12, 31) - EPOCH).days
UNITS_IN_MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
WEEKS_BEGIN = {"sunday": 3, "monday": 4}  # 1970-01-01, day 0, was a Thursday


def days_of(day: date) -> int:
    """Give the number of days since 1970-01-01."""
    return (day - EPOCH).days


def date_of(days: int) -> date:
    """Give the date of a number of days since 1970-01-01."""
    return EPOCH + timedelta(days=days)


def day_number(expr: pl.Expr, *, known: bool = False) -> Number:
    """Give the value of a column of days (Int32 or Int64)."""
    return values.exact_number(rational.column(expr.cast(pl.Int64), bound=DAY_BOUND), known=known)


@lru_cache(maxsize=1_000)
def day_literal(day: date) -> Number:
    """Give a constant date."""
    return day_number(pl.lit(days_of(day), dtype=pl.Int64), known=True)


def only(moment: Number) -> pl.Expr:
    """Give the day, or the microsecond, that a date or an instant is; null where it is not known which."""
    fixed = moment.low.num
    return fixed if moment.exact else pl.when(rational.compare("==", moment.low, moment.high)).then(fixed)


def as_date(days: pl.Expr) -> pl.Expr:
    """Give the dates of a column of days."""
    return days.cast(pl.Int32).cast(pl.Date)


def shifted(start: Number, span: Span, sign: int, wall: Wall | None = None) -> Number:
    """Add a length of time; the last day of a month clips, and never stays never. `wall` moves instants by months and days, else dates are moved."""
    result: Value | None = None
    seen: Maybe = False
    for possible, months, days, micros in span.options:
        moved = start
        if wall is not None and (months or days is not None):
            moved = wall(start, months * sign, days, sign)
        elif months:
            moved = _map_days(moved, lambda e, months=months: month_shift(e, months * sign))
        if wall is None and days is not None:
            moved = _never_kept(moved, added_days(moved, days, sign))
        if micros:
            moved = added_days(moved, values.exact_number(rational.constant(Fraction(micros * sign))), 1)
        result = moved if result is None else merging.merge(seen, result, possible, moved)
        seen = either(seen, possible)
    assert isinstance(result, Number)
    return result


def added_days(start: Number, length: Number, sign: int = 1) -> Number:
    """Add a number (of days, or of microseconds to an instant)."""
    low, high = (length.low, length.high) if sign > 0 else (rational.negate(length.high), rational.negate(length.low))
    if start.exact and length.exact:
        one = rational.add(start.low, low)
        return Number(one, one, absent=start.absent, known=start.known and length.known)
    return Number(rational.add(start.low, low), rational.add(start.high, high), absent=start.absent)


def _never_kept(start: Number, moved: Number) -> Number:
    """Leave the day that stands for never where it was."""
    low = _kept(start.low, moved.low)
    return replace(moved, low=low, high=low if moved.exact else _kept(start.high, moved.high))


def _kept(start: Rational, moved: Rational) -> Rational:
    if start.constant is not None:
        return moved
    return rational.pick((start.num >= NEVER).fill_null(value=False), start, moved)


def _map_days(value: Number, change: object) -> Number:
    low = rational.column(change(value.low.num), bound=DAY_BOUND)  # type: ignore[operator]
    if value.exact:
        return Number(low, low, absent=value.absent, known=value.known)
    return Number(low, rational.column(change(value.high.num), bound=DAY_BOUND), absent=value.absent)  # type: ignore[operator]


def month_shift(days: pl.Expr, months: int) -> pl.Expr:
    """Move a day by calendar months; the 31st clips to the last day of a shorter month, and never stays never."""
    moved = as_date(days).dt.offset_by(f"{months}mo").cast(pl.Int32).cast(pl.Int64)
    return pl.when(days < NEVER).then(moved).otherwise(days)


def working_day(value: Number, count: int, holidays: tuple[str, ...]) -> Number:
    """Give the `count`-th working day after a date (negative: before it)."""
    return _map_days(value, lambda e: _business(e, count, holidays, "backward" if count > 0 else "forward"))


def rolled(value: Number, roll: str, holidays: tuple[str, ...]) -> Number:
    """Move a date that is no working day to the next, or the previous, one."""
    return _map_days(value, lambda e: _business(e, 0, holidays, "forward" if roll == "next" else "backward"))


def _business(days: pl.Expr, count: int, holidays: tuple[str, ...], roll: Literal["forward", "backward"]) -> pl.Expr:
    """Count working days; the year 9999, which stands for never, stays as it is."""
    near = pl.min_horizontal(days, pl.lit(NEVER - 10_000, dtype=pl.Int64))
    off = [date.fromisoformat(day) for day in holidays]
    moved = as_date(near).dt.add_business_days(count, holidays=off, roll=roll).cast(pl.Int32).cast(pl.Int64)
    if not days.meta.root_names():  # a constant, of which Polars would make a column of one row
        moved = pl.lit(pl.select(moved).item(), dtype=pl.Int64)
    return pl.when(days.is_not_null()).then(pl.when(days < NEVER - 10_000).then(moved).otherwise(days))


def fixed_span(duration: Duration) -> Span:
    """Give a length of time that the rule states."""
    days = values.exact_number(rational.constant(Fraction(duration.days))) if duration.days else None
    return Span(((True, duration.months, days, duration.micros),))


def next_day(end: pl.Expr, month: int | None, day: int) -> pl.Expr:
    """Give a day of the month (or of the year) after the one that holds `end`."""
    base = as_date(end)
    first = base.dt.month_start().dt.offset_by("1mo") if month is None else pl.date(base.dt.year() + 1, month, 1)
    last = first.dt.month_end()
    wished = first.dt.offset_by(f"{day - 1}d")
    return pl.min_horizontal(wished, last).cast(pl.Int32).cast(pl.Int64)


def period_index(unit: str, week_start: str, days: pl.Expr) -> pl.Expr:
    """Give the number of the calendar period that holds a day: months since year 0, weeks and days since 1970."""
    if unit == "day":
        return days.cast(pl.Int32)
    if unit == "week":
        return (days.cast(pl.Int32) - WEEKS_BEGIN[week_start]).floordiv(7).cast(pl.Int32)
    day = as_date(days)
    months = day.dt.year().cast(pl.Int32) * 12 + day.dt.month().cast(pl.Int32) - 1
    return months // UNITS_IN_MONTHS[unit]


def period_start(unit: str, week_start: str, index: pl.Expr) -> pl.Expr:
    """Give the first day (since 1970-01-01) of a numbered period."""
    if unit == "day":
        return index.cast(pl.Int32)
    if unit == "week":
        return index.cast(pl.Int32) * 7 + WEEKS_BEGIN[week_start]
    months = index * UNITS_IN_MONTHS[unit]
    return pl.date(months // 12, months % 12 + 1, 1).cast(pl.Int32)


def period_number(unit: str, week_start: str, day: int) -> int:
    """Give what `period_index` gives, of one day."""
    if unit == "day":
        return day
    if unit == "week":
        return (day - WEEKS_BEGIN[week_start]) // 7
    return month_of(day) // UNITS_IN_MONTHS[unit]


def first_day(unit: str, week_start: str, number: int) -> int:
    """Give what `period_start` gives, of one period."""
    if unit == "day":
        return number
    if unit == "week":
        return number * 7 + WEEKS_BEGIN[week_start]
    year, month = divmod(number * UNITS_IN_MONTHS[unit], 12)
    return days_of(date(year, month + 1, 1))


def months_earlier(day: int, months: int) -> int:
    """Give the day so many months before, or the last of that month if it has no such day."""
    year, month = divmod(month_of(day) - months, 12)
    return days_of(date(year, month + 1, min(date_of(day).day, monthrange(year, month + 1)[1])))


def month_of(day: int) -> int:
    """Give the month that a day is in, counted since year 0."""
    then = date_of(day)
    return then.year * 12 + then.month - 1
