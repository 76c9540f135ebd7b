"""Geometric means: exact where they are decimals, else an interval less than 10^-20 wide (relative), never a float."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from math import isqrt, prod
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.rational import Rational

if TYPE_CHECKING:
    from collections.abc import Sequence

DIGITS = 24
EXACT_PLACES = 6


def with_means(frame: pl.DataFrame, column: str, scale: int, *, upper: bool) -> tuple[pl.DataFrame, Rational]:
    """Put the greatest (least) geometric mean of lists of scaled integers in their place, as num and 10^k denominators.

    `column` lists the values that certainly count, `column`+ those in doubt, which are taken as far as they move the mean.
    """
    pairs = zip(frame[column].to_list(), frame[f"{column}+"].to_list(), strict=True)
    chosen = [_furthest(certain, doubtful, upper=upper) for certain, doubtful in pairs]
    found = [_bound(values, scale, upper=upper) if values else (None, 1) for values in chosen]
    nums = pl.Series(column, [n for n, _ in found], dtype=pl.Int128)
    dens = pl.Series(f"{column}.d", [d for _, d in found], dtype=pl.Int128)
    bound = max((abs(n) for n, _ in found if n is not None), default=1)
    den_bound = max((d for _, d in found), default=1)
    frame = frame.drop(column, f"{column}+").with_columns(nums, dens)
    return frame, Rational(pl.col(nums.name), 1, max(bound, 1), pl.col(dens.name), den_bound)


def _furthest(certain: Sequence[int], doubtful: Sequence[int], *, upper: bool) -> list[int]:
    """Give the values of which the mean is furthest down (up); one in doubt moves it if it lies below (above) the mean so far."""
    chosen = list(certain)
    whole = prod(max(value, 0) for value in chosen)
    for value in sorted((max(value, 0) for value in doubtful), reverse=upper):
        power = value ** len(chosen)
        if chosen and (power <= whole if upper else power >= whole):
            break
        chosen.append(value)
        whole *= value
    return chosen


def _bound(values: Sequence[int], scale: int, *, upper: bool) -> tuple[int, int]:
    """Give the geometric mean as (num, den); zero where a value is zero or negative."""
    if any(v <= 0 for v in values):
        return 0, 1
    n, whole = len(values), prod(values)
    exact = _exact(whole, n, scale)
    if exact is not None:
        return exact
    size = Context(prec=DIGITS + 10)
    mean = size.divide(size.exp(size.divide(size.ln(Decimal(whole)), Decimal(n))), Decimal(scale))
    places = DIGITS - mean.adjusted()
    places = min(max(places, 0), DIGITS)
    step = Decimal(1).scaleb(-places)
    rounded = mean.quantize(step, rounding=ROUND_CEILING if upper else ROUND_FLOOR, context=size)
    rounded += step if upper else -step
    return int(rounded.scaleb(places, context=size)), 10**places


def _exact(whole: int, n: int, scale: int) -> tuple[int, int] | None:
    """Give the mean if it has at most `EXACT_PLACES` decimals: its n-th power then equals the product."""
    power = 10**EXACT_PLACES
    target = whole * power**n
    root = _integer_root(target, n)
    root_scaled, rest = divmod(root, 1)
    if rest == 0 and root**n == target:
        return root_scaled, scale * power
    return None


def _integer_root(value: int, n: int) -> int:
    """Give the integer part of the n-th root."""
    if n == 1:
        return value
    if n == 2:
        return isqrt(value)
    guess = 1 << -(-value.bit_length() // n)
    while True:
        better = ((n - 1) * guess + value // guess ** (n - 1)) // n
        if better >= guess:
            return guess
        guess = better
