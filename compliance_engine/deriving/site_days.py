"""Days and instants in the time zone of each row's site (UTC where a row has none)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, decimals, rational
from compliance_engine.deriving.values import Number

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.values import Span


def local_days(instant: Number, context: Context) -> Number:
    """Give the local day of an instant in the zone of each row's site."""

    def day(end: pl.Expr) -> rational.Rational:
        utc = end.cast(pl.Datetime("us", "UTC"))
        found = _by_zone(lambda zone: utc.dt.convert_time_zone(zone).dt.date(), context)
        return rational.column(found.cast(pl.Int32).cast(pl.Int64), bound=dates.DAY_BOUND)

    low = day(instant.low.num)
    return Number(low, low if instant.exact else day(instant.high.num), absent=instant.absent)


def day_at_site(value: Number, kind: str, context: Context) -> Number:
    """Give the local day of an instant in the zone of each row's site; a date as it is."""
    return local_days(value, context) if kind == "instant" else value


def shifted_at_site(start: Number, span: Span, sign: int, kind: str, context: Context) -> Number:
    """Add a length of time to a date or an instant: months and days move the clock on the wall of the site, hours elapse."""
    if kind != "instant":
        return dates.shifted(start, span, sign)

    def wall(instant: Number, months: int, days: Number | None, sign: int) -> Number:
        first, last = (None, None) if days is None else (days.low, days.high)
        first, last = (first, last) if sign > 0 or first is None or last is None else (last, first)
        low = _by_the_wall(instant.low, months, first, sign, context)
        if instant.exact and (days is None or days.exact):
            return Number(low, low, absent=instant.absent, known=instant.known)
        return Number(low, _by_the_wall(instant.high, months, last, sign, context), absent=instant.absent)

    return dates.shifted(start, span, sign, wall)


def _by_the_wall(
    instant: rational.Rational, months: int, days: rational.Rational | None, sign: int, context: Context
) -> rational.Rational:
    """Move one end; a part of a day elapses."""
    whole = None if days is None else decimals.rounded(days, 0, "down")
    offset = None if whole is None else pl.format("{}d", whole.num.cast(pl.Int64) * sign)
    utc = instant.num.cast(pl.Datetime("us", "UTC"))

    def moved(zone: str) -> pl.Expr:
        local = utc.dt.convert_time_zone(zone).dt.replace_time_zone(None)
        local = local.dt.offset_by(f"{months}mo") if months else local
        local = local if offset is None else local.dt.offset_by(offset)
        found, later = (  # of an hour that the clock leaves out, the one after it
            at.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
            for at in (local, local.dt.offset_by("1h"))
        )
        return pl.coalesce(found, later).cast(pl.Int64)

    end = rational.column(_by_zone(moved, context), bound=dates.INSTANT_BOUND)
    if days is None or whole is None or (days.scale == 1 and days.den is None):
        return end
    part = rational.add(days, rational.negate(whole))
    elapsed = rational.multiply(part, rational.constant(Fraction(dates.DAY_MICROS * sign)))
    return rational.add(end, elapsed)


def _by_zone(one: Callable[[str], pl.Expr], context: Context) -> pl.Expr:
    """Take, in each row, what is so in the time zone of its site."""
    zones = context.world.zones if "site" in context.frame.columns else {}
    result = one("UTC")
    for zone in sorted(set(zones.values())):
        sites = [site for site, of in zones.items() if of == zone]
        result = pl.when(pl.col("site").is_in(sites)).then(one(zone)).otherwise(result)
    return result


def trigger_day(context: Context) -> Number:
    """Give the local day of what started the duty: what `trigger` means where it is written."""
    assert isinstance(context.trigger, Number)
    return day_at_site(context.trigger, context.trigger_kind, context)
