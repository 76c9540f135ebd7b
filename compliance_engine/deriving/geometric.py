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


def with_means(
    frame: pl.DataFrame, column: str, scale: int, name: str, *, upper: bool
) -> tuple[pl.DataFrame, Rational]:
    """Add the geometric mean of each list of scaled integers (its lower or upper bound) as num and 10^k denominators."""
    found = [_bound(tuple(v), scale, upper=upper) if v else (None, 1) for v in frame[column].to_list()]
    nums = pl.Series(f"{name}.n", [n for n, _ in found], dtype=pl.Int128)
    dens = pl.Series(f"{name}.d", [d for _, d in found], dtype=pl.Int128)
    bound = max((abs(n) for n, _ in found if n is not None), default=1)
    den_bound = max((d for _, d in found), default=1)
    return frame.with_columns(nums, dens), Rational(pl.col(nums.name), 1, max(bound, 1), pl.col(dens.name), den_bound)


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
