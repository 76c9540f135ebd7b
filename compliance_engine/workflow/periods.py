"""Periods as people write them: `2026`, `2026-Q3`, `2026-03`, `2026-W10`, `2026-03-05`, `2026-01-15..2026-03-31`."""

import re
from datetime import date, timedelta

from compliance_engine.kernel.days import read_day
from compliance_engine.kernel.diagnostic import Diagnostic

_YEAR = re.compile(r"(\d{4})")
_HALF = re.compile(r"(\d{4})-H([12])")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")


def read_period(text: str) -> tuple[date, date] | Diagnostic:
    """Give the first and the last day of a period, or say what is wrong with the text."""
    first, dots, last = text.partition("..")
    try:
        start = _read_part(first.strip())
        end = _read_part(last.strip()) if dots else start
    except ValueError:
        return _refuse(text, "is not a period")
    if end[1] < start[0]:
        return _refuse(text, "ends before it begins")
    return start[0], end[1]


def _read_part(text: str) -> tuple[date, date]:
    """Give the days of a year, half-year, quarter, month, week (from Monday) or day; raises ValueError."""
    if match := _YEAR.fullmatch(text):
        return _months(int(match[1]), 1, 12)
    if match := _HALF.fullmatch(text):
        return _months(int(match[1]), 6 * int(match[2]) - 5, 6)
    if match := _QUARTER.fullmatch(text):
        return _months(int(match[1]), 3 * int(match[2]) - 2, 3)
    if match := _MONTH.fullmatch(text):
        return _months(int(match[1]), int(match[2]), 1)
    if match := _WEEK.fullmatch(text):
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        return monday, monday + timedelta(days=6)
    day = read_day(text)
    return day, day


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    """Give the days of that many months; the last year that a date can have ends on its last day."""
    start = date(year, month, 1)
    after = month - 1 + count
    if year + after // 12 > date.max.year:
        return start, date.max
    return start, date(year + after // 12, after % 12 + 1, 1) - timedelta(days=1)


def _refuse(text: str, what: str) -> Diagnostic:
    return Diagnostic(
        code="bad-period",
        message=f"`{text}` {what}",
        hint="write 2026, 2026-Q3, 2026-03, 2026-W10 or 2026-01-15..2026-03-31",
    )
