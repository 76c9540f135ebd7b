"""Calendar arithmetic on columns is that of the calendar: checked against Python's dates, and by the laws of periods."""

import calendar
from collections.abc import Callable
from datetime import date, timedelta

import polars as pl
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compliance_engine.deriving import dates

few = settings(max_examples=60, deadline=None, derandomize=True, database=None)
DAYS = st.lists(st.dates(date(1900, 1, 1), date(2199, 12, 31)), min_size=1, max_size=8)
UNITS = [
    ("day", "sunday"),
    ("week", "sunday"),
    ("week", "monday"),
    ("month", ""),
    ("quarter", ""),
    ("half-year", ""),
    ("year", ""),
]


def computed(change: Callable[[pl.Expr], pl.Expr], days: list[date]) -> list[int]:
    numbers = pl.DataFrame({"d": [dates.days_of(day) for day in days]}, schema={"d": pl.Int64})
    return numbers.select(change(pl.col("d")).cast(pl.Int64)).to_series().to_list()


def moved(days: list[date], change: Callable[[pl.Expr], pl.Expr]) -> list[date]:
    return [dates.date_of(number) for number in computed(change, days)]


@given(st.dates())
def test_days_are_counted_from_1970(day: date) -> None:
    assert dates.date_of(dates.days_of(day)) == day
    assert dates.days_of(date(1970, 1, 1)) == 0


@few
@given(DAYS, st.integers(-48, 48))
@example([date(2026, 8, 31), date(2027, 8, 31), date(2024, 2, 29)], 6)
@example([date(2024, 2, 29)], 12)
def test_months_clip_to_the_end_of_the_month(days: list[date], months: int) -> None:
    expected = [day + relativedelta(months=months) for day in days]
    assert moved(days, lambda d: dates.month_shift(d, months)) == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
    ],
)
def test_month_ends_and_leap_days(day: date, months: int, expected: date) -> None:
    assert moved([day], lambda d: dates.month_shift(d, months)) == [expected]


@pytest.mark.parametrize(("unit", "week_start"), UNITS)
@few
@given(DAYS)
@example([date(2025, 12, 31), date(2026, 1, 1), date(2024, 2, 29), date(1969, 12, 31)])
def test_periods_tile_the_calendar(unit: str, week_start: str, days: list[date]) -> None:
    def index(d: pl.Expr) -> pl.Expr:
        return dates.period_index(unit, week_start, d)

    starts = moved(days, lambda d: dates.period_start(unit, week_start, index(d)))
    nexts = moved(days, lambda d: dates.period_start(unit, week_start, index(d) + 1))
    for day, start, after in zip(days, starts, nexts, strict=True):
        assert start <= day < after
    # The day before a period begins lies in the one before it.
    here = computed(index, days)
    before = computed(index, [start - timedelta(days=1) for start in starts])
    assert [n - 1 for n in here] == before
    assert [dates.period_number(unit, week_start, dates.days_of(day)) for day in days] == here
    assert [dates.first_day(unit, week_start, number) for number in here] == [dates.days_of(day) for day in starts]


@few
@given(DAYS)
def test_periods_begin_where_people_say(days: list[date]) -> None:
    def starts(unit: str, week_start: str = "") -> list[date]:
        return moved(days, lambda d: dates.period_start(unit, week_start, dates.period_index(unit, week_start, d)))

    assert all(day.isoweekday() == 7 for day in starts("week", "sunday"))
    assert all(day.isoweekday() == 1 for day in starts("week", "monday"))
    assert starts("month") == [day.replace(day=1) for day in days]
    assert starts("quarter") == [date(day.year, (day.month - 1) // 3 * 3 + 1, 1) for day in days]
    assert starts("half-year") == [date(day.year, 1 if day.month < 7 else 7, 1) for day in days]
    assert starts("year") == [date(day.year, 1, 1) for day in days]


@few
@given(DAYS, st.integers(1, 31))
@example([date(2026, 1, 31), date(2026, 12, 31)], 31)
def test_a_day_of_the_next_month_clips_to_its_end(days: list[date], wished: int) -> None:
    found = moved(days, lambda d: dates.next_day(d, None, wished))
    for day, due in zip(days, found, strict=True):
        first = day.replace(day=1) + relativedelta(months=1)
        assert due == first.replace(day=min(wished, calendar.monthrange(first.year, first.month)[1]))


@pytest.mark.parametrize(
    ("end", "month", "day", "expected"),
    [
        (date(2026, 12, 31), 3, 1, date(2027, 3, 1)),
        (date(2026, 1, 31), 3, 1, date(2027, 3, 1)),
        (date(2026, 12, 31), 2, 29, date(2027, 2, 28)),
        (date(2027, 12, 31), 2, 29, date(2028, 2, 29)),
    ],
)
def test_a_day_of_the_next_year(end: date, month: int, day: int, expected: date) -> None:
    assert moved([end], lambda d: dates.next_day(d, month, day)) == [expected]


@few
@given(DAYS, st.integers(0, 40))
@example([date(2024, 3, 31), date(2025, 3, 31), date(2024, 2, 29)], 1)
@example([date(2024, 2, 29)], 12)
def test_one_day_is_moved_back_as_columns_are(days: list[date], months: int) -> None:
    here = [dates.date_of(dates.months_earlier(dates.days_of(day), months)) for day in days]
    assert here == moved(days, lambda d: dates.month_shift(d, -months))
