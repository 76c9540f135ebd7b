"""Days, calendar periods, lengths of time, and windows. Days are proleptic ordinals (1 is 0001-01-01)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tests.oracle.values import INFINITE, Bound, OracleError, Value, between, hull

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
DAY_MICROSECONDS = 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Length = tuple[int, int, int]  # months, days, microseconds


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Grain:
    """What `each` says: `calendar` (unit, week_start), `sliding` (count, step: months) or `type` (unit names it)."""

    kind: str
    unit: str = ""
    week_start: str = "sunday"
    count: int = 0
    step: int = 0


def read_grain(text: str) -> Grain:
    """Read `calendar week from monday`, `6 calendar months step 1 month`, or a type."""
    words = text.split()
    if words[0] == "calendar":
        return Grain("calendar", words[1], words[3] if len(words) > 3 else "sunday")
    if words[0].isdigit():
        return Grain("sliding", count=int(words[0]), step=int(words[4]))
    return Grain("type", words[0])


def add_months(day: int, months: int) -> int:
    """Move by calendar months, clipping to the end of a shorter month."""
    start = date.fromordinal(day)
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return min(date(year, month + 1, 1).toordinal() + start.day - 1, last_of_month(year, month + 1))


def last_of_month(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following.toordinal() - 1


@lru_cache(maxsize=100_000)
def period_of(grain: Grain, day: int) -> Period:
    """Give the period that holds a day; of sliding periods, the one whose last months hold it."""
    if grain.kind == "sliding":
        end = month_end(day, grain.step)
        first = date.fromordinal(end).replace(day=1).toordinal()
        return Period(add_months(first, 1 - grain.count), end)
    if grain.unit == "day":
        return Period(day, day)
    if grain.unit == "week":
        # Ordinal 7 was a Sunday.
        offset = (day - (0 if grain.week_start == "sunday" else 1)) % 7
        return Period(day - offset, day - offset + 6)
    length = MONTHS[grain.unit]
    end = month_end(day, length)
    return Period(add_months(date.fromordinal(end).replace(day=1).toordinal(), 1 - length), end)


def month_end(day: int, months: int) -> int:
    """Give the last day of the group of `months` months, counted from January, that holds a day."""
    here = date.fromordinal(day)
    index = here.year * 12 + here.month - 1
    year, month = divmod(index - index % months + months - 1, 12)
    return last_of_month(year, month + 1)


def periods_between(grain: Grain, first: int, last: int) -> Iterator[Period]:
    """Give the periods from the one named by the day `first` to the one named by `last`."""
    period = period_of(grain, first)
    final = period_of(grain, last)
    while period.end <= final.end:
        yield period
        period = period_of(grain, period.end + 1)


def shift_day(day: int, length: Length, sign: int) -> int:
    """Add (or take away) months, then days; whole days of elapsed time count as days."""
    months, days, micros = length
    if micros % DAY_MICROSECONDS:
        raise OracleError("hours added to a date")
    return add_months(day, sign * months) + sign * (days + micros // DAY_MICROSECONDS)


def shift_instant(instant: Fraction, length: Length, sign: int, zone: str) -> Fraction:
    """Add elapsed time; months and days move the local wall clock."""
    months, days, micros = length
    if months or days:
        local = (EPOCH + timedelta(microseconds=int(instant))).astimezone(ZoneInfo(zone))
        moved = date.fromordinal(add_months(local.date().toordinal(), sign * months) + sign * days)
        instant = microseconds(local.replace(year=moved.year, month=moved.month, day=moved.day))
    return instant + sign * micros


def microseconds(moment: datetime) -> Fraction:
    return Fraction((moment.astimezone(UTC) - EPOCH) // timedelta(microseconds=1))


def local_day(instant: Bound, zone: str) -> Bound:
    if isinstance(instant, float):
        return instant
    moment = EPOCH + timedelta(microseconds=int(instant))
    return Fraction(moment.astimezone(ZoneInfo(zone)).date().toordinal())


def is_working(day: int, holidays: frozenset[int]) -> bool:
    return date.fromordinal(day).weekday() < 5 and day not in holidays


def working_day(day: int, count: int, holidays: frozenset[int]) -> int:
    """Give the `count`-th working day after a day (negative: before it)."""
    step = 1 if count > 0 else -1
    while count:
        day += step
        count -= step if is_working(day, holidays) else 0
    return day


def rolled(day: int, roll: str | None, holidays: frozenset[int]) -> int:
    """Move a day that is no working day to the next, or the previous, one."""
    while roll and not is_working(day, holidays):
        day += 1 if roll.startswith("next") else -1
    return day


def start_of_day(day: int, zone: str) -> Fraction:
    midnight = datetime.combine(date.fromordinal(day), datetime.min.time(), tzinfo=ZoneInfo(zone))
    return microseconds(midnight)


def as_day(value: Value, zone: str) -> Value:
    """Give the local day of an instant; a date as it is."""
    if value.kind != "instant":
        return value
    day = between(local_day(value.low, zone), local_day(value.high, zone), kind="date")
    return replace(day, absent=value.absent)


def shifted(value: Value, lengths: Value, sign: int, zone: str) -> Value:
    """Move a date or instant by each of the lengths of time that are possible."""
    if not value.present or not lengths.present:
        return Value(kind=value.kind)
    if lengths.symbols is None:
        return Value(kind=value.kind)
    return hull([moved(value, partial(_shift, value.kind, word, sign, zone)) for word in sorted(lengths.symbols)])


def _shift(kind: str, word: str, sign: int, zone: str, end: Fraction) -> Fraction:
    months, days, micros = (int(part) for part in word.split("|"))
    length = (months, days, micros)
    if kind == "instant":
        return shift_instant(end, length, sign, zone)
    return Fraction(shift_day(int(end), length, sign))


def moved(value: Value, move: Callable[[Fraction], Fraction]) -> Value:
    """Apply a monotone map to both ends."""
    low = value.low if isinstance(value.low, float) else move(value.low)
    high = value.high if isinstance(value.high, float) else move(value.high)
    return replace(value, low=low, high=high)


@dataclass(frozen=True, slots=True)
class Window:
    """Stretches of days: those that surely belong, and those that may. An infinite end is no end."""

    certain: tuple[tuple[Bound, Bound], ...]
    possible: tuple[tuple[Bound, Bound], ...]

    def surely_holds(self, low: Bound, high: Bound) -> bool:
        return any(start <= low and high <= end for start, end in self.certain)

    def may_hold(self, low: Bound, high: Bound) -> bool:
        return any(low <= end and start <= high for start, end in self.possible)

    def surely_meets(self, start: Value, end: Value) -> bool:
        """Say whether a span from `start` to `end` certainly shares a day with it."""
        return any(start.high <= last and end.low >= first for first, last in self.certain)

    def may_meet(self, start: Value, end: Value) -> bool:
        return any(start.low <= last and end.high >= first for first, last in self.possible)


ALWAYS = Window(((-INFINITE, INFINITE),), ((-INFINITE, INFINITE),))


def window_between(start: Value, end: Value) -> Window:
    """Give the days from one date to another, both included."""
    certain = ((start.high, end.low),) if start.high <= end.low and not (start.absent or end.absent) else ()
    return Window(certain, ((start.low, end.high),) if start.low <= end.high else ())


def intersect(a: Window, b: Window) -> Window:
    return Window(_meet(a.certain, b.certain), _meet(a.possible, b.possible))


def _meet(a: tuple[tuple[Bound, Bound], ...], b: tuple[tuple[Bound, Bound], ...]) -> tuple[tuple[Bound, Bound], ...]:
    pairs = [(max(x[0], y[0]), min(x[1], y[1])) for x in a for y in b]
    return tuple(sorted({pair for pair in pairs if pair[0] <= pair[1]}))


def merged(spans: list[tuple[Bound, Bound]]) -> tuple[tuple[Bound, Bound], ...]:
    """Join stretches that touch or overlap, so that one of them holds whatever their union holds."""
    result: list[tuple[Bound, Bound]] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return tuple(result)
