"""Fractions rounded to decimals, and printed: exact half-way, whatever the size of the numbers."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import rational
from compliance_engine.deriving.rational import Rational

if TYPE_CHECKING:
    from collections.abc import Callable

MINUS, POINT, NOTHING = pl.lit("-"), pl.lit("."), pl.lit("")
ROUNDED_UP: dict[str, Callable[[pl.Expr, pl.Expr, pl.Expr], pl.Expr]] = {
    "half-up": lambda twice, den, quotient: twice >= den,  # noqa: ARG005
    "half-down": lambda twice, den, quotient: twice > den,  # noqa: ARG005
    "half-even": lambda twice, den, quotient: (twice > den) | ((twice == den) & (quotient % 2 == 1)),
    "up": lambda twice, den, quotient: twice > 0,  # noqa: ARG005
    "down": lambda twice, den, quotient: pl.lit(value=False),  # noqa: ARG005
}


def rounded(a: Rational, places: int, mode: str) -> Rational:
    """Round to `places` decimals: half-up, half-down, half-even, up or down (away from or toward zero)."""
    den, den_bound = rational.whole_denominator(a)
    num, bound = rational.times(rational.absolute(a).num, a.bound, 10 ** max(places, 0))
    if places < 0:
        den, den_bound = rational.times(den, den_bound, 10**-places)
    if rational.is_large(2 * max(bound, den_bound)):
        return _rounded_large(a, num, bound, den, places, mode)
    if 2 * max(bound, den_bound) > rational.INT64_MAX:
        num, den = num.cast(pl.Int128), den.cast(pl.Int128)
    quotient = num // den
    up = ROUNDED_UP[mode](2 * (num - quotient * den), den, quotient)
    result = (quotient + up.cast(pl.Int64)) * a.num.sign()
    if places < 0:
        return rational.column(result * rational.integer_literal(10**-places), bound=bound + 10**-places)
    return rational.column(result, scale=10**places, bound=bound + 1)


def _rounded_large(a: Rational, num: pl.Expr, bound: int, den: pl.Expr, places: int, mode: str) -> Rational:
    def reckon(size: int, whole: int, sign: int) -> int:
        quotient, rest = divmod(size, whole)
        up = {
            "half-up": 2 * rest >= whole,
            "half-down": 2 * rest > whole,
            "up": rest > 0,
            "down": False,
            "half-even": 2 * rest > whole or (2 * rest == whole and quotient % 2 == 1),
        }[mode]
        return sign * (quotient + up)

    shown = rational.reckoned(reckon, num, den, rational.sign_of(a))
    if not rational.is_large(bound + 1):
        shown = shown.cast(pl.Int128)
    if places < 0:
        return Rational(
            rational.product(shown, bound, rational.integer_literal(10**-places), 10**-places)[0],
            1,
            bound * 10**-places,
        )
    return Rational(shown, 10**places, bound + 1)


def reduced(a: Rational) -> tuple[pl.Expr, pl.Expr]:
    """Give numerator and denominator as Int128; null where they do not fit in lowest terms."""
    den, den_bound = rational.whole_denominator(a)
    if not rational.is_large(a.bound) and not rational.is_large(den_bound):
        return a.num.cast(pl.Int128), den.cast(pl.Int128)

    def part(index: int) -> pl.Expr:
        found = rational.reckoned(lambda n, d: Fraction(n, d).as_integer_ratio()[index], a.num, den)
        return found.cast(pl.Int128, strict=False)

    return part(0), part(1)


@lru_cache(maxsize=1_000)
def decimal_places(scale: int) -> int | None:
    """Say how many decimals 1/scale has; None if it does not end."""
    places, rest = 0, scale
    while rest % 10 == 0:
        rest //= 10
        places += 1
    twos = fives = 0
    while rest % 2 == 0:
        rest //= 2
        twos += 1
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    return places + max(twos, fives) if rest == 1 else None


def as_decimal(a: Rational, places: int = 6) -> Rational:
    """Give a decimal: the same where it ends, else rounded half-even to `places`."""
    exact = decimal_places(a.scale) if a.den is None else None
    return rounded(a, places, "half-even") if exact is None else _in_places(a, exact)


def decimal_text(a: Rational) -> pl.Expr:
    """Print as a decimal (`as_decimal`) without trailing zeros."""
    shown = as_decimal(a)
    width = decimal_places(shown.scale)
    if not width:
        return shown.num.cast(pl.String)
    if rational.is_large(shown.bound):
        return _spelled(shown.num, width)
    size = shown.num.abs()
    power = rational.integer_literal(10**width)
    whole = (size // power).cast(pl.String)
    part = (size % power).cast(pl.String).str.zfill(width).str.strip_chars_end("0")
    sign = pl.when(shown.num < 0).then(MINUS).otherwise(NOTHING)
    dot = pl.when(part == NOTHING).then(NOTHING).otherwise(POINT)
    return pl.concat_str(sign, whole, dot, part)


def spelled(value: Fraction, a: Rational) -> str:
    """Print one value of `a`, as `decimal_text` prints all."""
    exact = decimal_places(a.scale) if a.den is None else None
    places = 6 if exact is None else exact
    size, rest = divmod(abs(value.numerator) * 10**places, value.denominator)
    twice = 2 * rest
    size += twice > value.denominator or (twice == value.denominator and size % 2 == 1)  # as `as_decimal` rounds
    digits = str(size).zfill(places + 1)
    whole, part = digits[: len(digits) - places], digits[len(digits) - places :].rstrip("0")
    sign = "-" if value < 0 and (whole != "0" or part) else ""
    return f"{sign}{whole}.{part}" if part else f"{sign}{whole}"


def _in_places(a: Rational, places: int) -> Rational:
    """Give the same number over 10 to the `places`, a multiple of its scale."""
    num, bound = rational.times(a.num, a.bound, 10**places // a.scale)
    return Rational(num, 10**places, bound)


def _spelled(digits: pl.Expr, width: int) -> pl.Expr:
    """Put the decimal point into integers kept as text."""
    sign = pl.when(digits.str.starts_with("-")).then(MINUS).otherwise(NOTHING)
    padded = digits.str.strip_prefix("-").str.zfill(width + 1)
    part = padded.str.tail(width).str.strip_chars_end("0")
    dot = pl.when(part == NOTHING).then(NOTHING).otherwise(POINT)
    return pl.concat_str(sign, padded.str.head(-width), dot, part)
