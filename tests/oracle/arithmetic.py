"""Interval arithmetic, rounding and roots, exact over fractions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import floor, gcd

from tests.oracle.units import STANDARDS
from tests.oracle.values import INFINITE, Bound, Dimension, OracleError, Value, alike, anything, between

ROOT_DIGITS = 40


def _times(a: tuple[Bound, bool], b: tuple[Bound, bool]) -> tuple[Bound, bool]:
    """Multiply two ends (value, open); a closed zero makes a closed zero whatever the other is."""
    (x, x_open), (y, y_open) = a, b
    zero = x == 0 or y == 0
    if zero:
        return Fraction(0), not ((x == 0 and not x_open) or (y == 0 and not y_open))
    if isinstance(x, float) or isinstance(y, float):
        return (INFINITE if (x > 0) == (y > 0) else -INFINITE), True
    return x * y, x_open or y_open


def _combine(a: Dimension | None, b: Dimension | None, sign: int) -> Dimension | None:
    if a is None or b is None:
        return None
    powers = dict(a)
    for base, power in b:
        powers[base] = powers.get(base, 0) + sign * power
    return tuple(sorted((base, power) for base, power in powers.items() if power))


def _plus(a: Bound, b: Bound) -> Bound:
    return a if isinstance(a, float) else b if isinstance(b, float) else a + b


def add(a: Value, b: Value) -> Value:
    if a.absent or b.absent or not alike(a.dimension, b.dimension):
        return anything("number", a.dimension if a.dimension == b.dimension else None)
    return replace(
        a,
        kind="number",
        low=_plus(a.low, b.low),
        high=_plus(a.high, b.high),
        low_open=a.low_open or b.low_open,
        high_open=a.high_open or b.high_open,
    )


def negate(a: Value) -> Value:
    return replace(a, low=-a.high, high=-a.low, low_open=a.high_open, high_open=a.low_open)


def multiply(a: Value, b: Value) -> Value:
    dimension = _combine(a.dimension, b.dimension, 1)
    if a.absent or b.absent:
        return anything("number", dimension)
    corners = [
        _times(x, y)
        for x in ((a.low, a.low_open), (a.high, a.high_open))
        for y in ((b.low, b.low_open), (b.high, b.high_open))
    ]
    low, low_open = min(corners)
    high, closed = max((value, not is_open) for value, is_open in corners)
    percent = not dimension and a.percent != b.percent
    return replace(between(low, high, low_open=low_open, high_open=not closed), dimension=dimension, percent=percent)


def divide(a: Value, b: Value) -> Value:
    """Divide; by a possible zero the quotient is unknown."""
    dimension = _combine(a.dimension, b.dimension, -1)
    above = b.low > 0 or (b.low == 0 and b.low_open)
    below = b.high < 0 or (b.high == 0 and b.high_open)
    if a.absent or b.absent or not (above or below):
        return anything("number", dimension)
    percent = not dimension and a.percent and not b.percent
    return replace(multiply(replace(a, dimension=()), _reciprocal(b)), dimension=dimension, percent=percent)


def _reciprocal(b: Value) -> Value:
    def inverse(end: Bound, zero: float) -> Bound:
        return Fraction(0) if isinstance(end, float) else zero if end == 0 else 1 / end

    side = INFINITE if b.low >= 0 else -INFINITE
    return between(inverse(b.high, side), inverse(b.low, side), low_open=b.high_open, high_open=b.low_open)


def absolute(a: Value) -> Value:
    if a.absent:
        return replace(anything("number", a.dimension), low=Fraction(0), low_open=False)
    if a.low >= 0:
        return a
    if a.high <= 0:
        return negate(a)
    high, closed = max((-a.low, not a.low_open), (a.high, not a.high_open))
    return replace(a, low=Fraction(0), low_open=False, high=high, high_open=not closed)


def extreme(a: Value, b: Value, *, largest: bool) -> Value:
    """Give `max(a, b)` or `min(a, b)`, of numbers, dates or instants."""
    if not largest:
        flipped = extreme(negate(a), negate(b), largest=True)
        return negate(flipped)
    if a.absent or b.absent or a.dimension != b.dimension:
        return anything(a.kind, a.dimension if a.dimension == b.dimension else None)
    low, low_open = max((a.low, a.low_open), (b.low, b.low_open))
    high, closed = max((a.high, not a.high_open), (b.high, not b.high_open))
    return replace(a, low=low, low_open=low_open, high=high, high_open=not closed)


def round_fraction(x: Fraction, places: int, mode: str) -> Fraction:
    """Round to decimal places; `half-*` to the nearest, `up` away from zero, `down` toward it."""
    size = abs(x) * Fraction(10) ** places
    whole = floor(size)
    rest = size - whole
    half = Fraction(1, 2)
    up = {
        "half-up": rest >= half,
        "half-down": rest > half,
        "half-even": rest > half or (rest == half and whole % 2 == 1),
        "up": rest > 0,
        "down": False,
    }
    if mode not in up:
        raise OracleError(f"no rounding mode: {mode}")
    magnitude = Fraction(whole + up[mode]) / Fraction(10) ** places
    return -magnitude if x < 0 else magnitude


def round_value(a: Value, places: int, mode: str) -> Value:
    """Round both ends in the unit in which it is read; rounding is monotone, and a rounded end is taken as closed."""
    if a.absent:
        return anything("number", a.dimension)
    unit = Fraction(1, 100) if a.percent else STANDARDS.get(a.dimension or (), Fraction(1))
    low = a.low if isinstance(a.low, float) else round_fraction(a.low / unit, places, mode) * unit
    high = a.high if isinstance(a.high, float) else round_fraction(a.high / unit, places, mode) * unit
    return replace(between(low, high), dimension=a.dimension, percent=a.percent)


def _integer_root(number: int, degree: int) -> int:
    """Give the floor of the root, by bisection."""
    low, high = 0, 1 << (number.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        if middle**degree <= number:
            low = middle
        else:
            high = middle - 1
    return low


def root(x: Fraction, degree: int) -> tuple[Fraction, Fraction]:
    """Enclose the positive root; both ends are the root where it is rational."""
    top, bottom = _integer_root(x.numerator, degree), _integer_root(x.denominator, degree)
    if top**degree == x.numerator and bottom**degree == x.denominator:
        return Fraction(top, bottom), Fraction(top, bottom)
    assert gcd(x.numerator, x.denominator) == 1
    digits = ROOT_DIGITS + max(0, len(str(x.denominator)) - len(str(x.numerator)))
    scale = 10**digits
    floor_root = _integer_root(x.numerator * scale**degree // x.denominator, degree)
    return Fraction(floor_root, scale), Fraction(floor_root + 1, scale)
