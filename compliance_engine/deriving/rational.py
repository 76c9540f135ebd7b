"""Exact fractions as integer columns: no verdict rests on a float.

A fraction is num / (scale x den): `num` an integer expression (null: not known), `scale` a positive constant, `den` an optional
positive expression (the count under a mean). Magnitudes are bounded ahead: Int64 where they fit, Int128 else (Polars wraps silently);
beyond, the digits are kept as text and Python reckons row by row: slower, and exact all the same.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

INT64_MAX = 2**63 - 1
INT128_MAX = 2**127 - 1


class OutOfRangeError(Exception):
    """Numbers too large (or of too many places) for a statistic in 128 bits."""


@dataclass(frozen=True, slots=True)
class Rational:
    """num / (scale x den); |num| <= bound, den <= den_bound; `constant` where it is one."""

    num: pl.Expr
    scale: int
    bound: int
    den: pl.Expr | None = None
    den_bound: int = 1
    constant: Fraction | None = None

    @property
    def exprs(self) -> tuple[pl.Expr, ...]:
        """Give the columns that it is made of."""
        return (self.num,) if self.den is None else (self.num, self.den)

    def rebuilt(self, exprs: tuple[pl.Expr, ...]) -> Rational:
        """Give the same fraction over other columns."""
        return Rational(
            exprs[0], self.scale, self.bound, exprs[1] if self.den is not None else None, self.den_bound, self.constant
        )


@lru_cache(maxsize=10_000)
def integer_literal(value: int) -> pl.Expr:
    """Give a literal in the narrowest of Int64 and Int128."""
    return pl.lit(value, dtype=pl.Int64 if abs(value) <= INT64_MAX else pl.Int128)


def constant(value: Fraction) -> Rational:
    """Give a fraction that is the same in every row."""
    return Rational(integer_literal(value.numerator), value.denominator, max(abs(value.numerator), 1), constant=value)


def column(expr: pl.Expr, *, scale: int = 1, bound: int) -> Rational:
    """Give the fraction that a column of scaled integers holds."""
    return Rational(expr, scale, max(bound, 1))


def _large(bound: int) -> bool:
    """Say whether numbers of that size are kept as text."""
    return bound > INT128_MAX


def _reckoned(reckon: Callable[..., object], *operands: pl.Expr, dtype: type[pl.DataType] = pl.String) -> pl.Expr:
    """Apply a function of Python integers row by row; null where an operand is."""

    def apply(columns: Sequence[pl.Series]) -> pl.Series:
        height = 0 if any(c.len() == 0 for c in columns) else max(c.len() for c in columns)
        columns = [c.head(height) for c in columns]
        rows = zip(*(c.to_list() * (height if c.len() == 1 else 1) for c in columns), strict=True)
        found = [None if None in row else reckon(*map(int, row)) for row in rows]
        return pl.Series("n", [str(f) if dtype == pl.String and f is not None else f for f in found], dtype=dtype)

    texts = [o.cast(pl.String) for o in operands]
    if any(o.meta.root_names() for o in operands):
        return pl.map_batches(texts, apply, return_dtype=dtype, is_elementwise=True)
    # Constants alone: reckoned here, since a function of them does not know how long the frame is.
    return pl.lit(apply([pl.select(t).to_series() for t in texts]).item(), dtype=dtype)


def product(left: pl.Expr, left_bound: int, right: pl.Expr, right_bound: int) -> tuple[pl.Expr, int]:
    """Multiply two integer expressions in a type that holds the result."""
    bound = left_bound * right_bound
    if _large(bound):
        return _reckoned(operator.mul, left, right), bound
    if bound > INT64_MAX:
        return left.cast(pl.Int128) * right.cast(pl.Int128), bound
    return left * right, bound


def _times(expr: pl.Expr, bound: int, factor: int) -> tuple[pl.Expr, int]:
    return (expr, bound) if factor == 1 else product(expr, bound, integer_literal(factor), abs(factor))


def _over(a: Rational, b: Rational) -> tuple[pl.Expr, int, pl.Expr, int]:
    """Bring both numerators over one denominator."""
    common = lcm(a.scale, b.scale)
    left, left_bound = _times(a.num, a.bound, common // a.scale)
    right, right_bound = _times(b.num, b.bound, common // b.scale)
    if a.den is not b.den:
        if b.den is not None:
            left, left_bound = product(left, left_bound, b.den, b.den_bound)
        if a.den is not None:
            right, right_bound = product(right, right_bound, a.den, a.den_bound)
    return left, left_bound, right, right_bound


def _widened(left: pl.Expr, right: pl.Expr, bound: int) -> tuple[pl.Expr, pl.Expr]:
    if _large(bound):
        return left.cast(pl.String), right.cast(pl.String)
    return (left.cast(pl.Int128), right.cast(pl.Int128)) if bound > INT64_MAX else (left, right)


def _denominator(a: Rational, b: Rational) -> tuple[pl.Expr | None, int]:
    if a.den is b.den:
        return a.den, a.den_bound
    if a.den is None or b.den is None:
        return (b.den, b.den_bound) if a.den is None else (a.den, a.den_bound)
    return product(a.den, a.den_bound, b.den, b.den_bound)


def add(a: Rational, b: Rational) -> Rational:
    """Give a + b."""
    if a.constant is not None and b.constant is not None:
        return constant(a.constant + b.constant)
    left, left_bound, right, right_bound = _over(a, b)
    bound = left_bound + right_bound
    left, right = _widened(left, right, bound)
    den, den_bound = _denominator(a, b)
    total = _reckoned(operator.add, left, right) if _large(bound) else left + right
    return Rational(total, lcm(a.scale, b.scale), bound, den, den_bound)


def negate(a: Rational) -> Rational:
    """Give -a."""
    if a.constant is not None:
        return constant(-a.constant)
    # Int128 has no negation.
    num = _reckoned(operator.neg, a.num) if _large(a.bound) else integer_literal(0) - a.num
    return Rational(num, a.scale, a.bound, a.den, a.den_bound)


def sign_of(a: Rational) -> pl.Expr:
    """Give -1, 0 or 1."""
    if _large(a.bound):
        return _reckoned(lambda n: (n > 0) - (n < 0), a.num, dtype=pl.Int64)
    return a.num.sign().cast(pl.Int64)


def absolute(a: Rational) -> Rational:
    """Give |a|."""
    if a.constant is not None:
        return constant(abs(a.constant))
    num = _reckoned(abs, a.num) if _large(a.bound) else a.num.abs()
    return Rational(num, a.scale, a.bound, a.den, a.den_bound)


def multiply(a: Rational, b: Rational) -> Rational:
    """Give a x b."""
    if a.constant is not None and b.constant is not None:
        return constant(a.constant * b.constant)
    num, bound = product(a.num, a.bound, b.num, b.bound)
    if a.den is not None and b.den is not None:
        return Rational(num, a.scale * b.scale, bound, *product(a.den, a.den_bound, b.den, b.den_bound))
    den, den_bound = (a.den, a.den_bound) if a.den is not None else (b.den, b.den_bound)
    return Rational(num, a.scale * b.scale, bound, den, den_bound)


def divide(a: Rational, b: Rational) -> Rational:
    """Give a / b; null where b is zero."""
    if b.constant is not None:
        return multiply(a, constant(1 / b.constant)) if b.constant else Rational(pl.lit(None, dtype=pl.Int64), 1, 1)
    num, bound = product(a.num, a.bound, sign_of(b), 1)
    num, bound = _times(num, bound, b.scale)
    if b.den is not None:
        num, bound = product(num, bound, b.den, b.den_bound)
    den, den_bound = absolute(b).num, b.bound
    if a.den is not None:
        den, den_bound = product(a.den, a.den_bound, den, den_bound)
    safe = pl.when(sign_of(b) != 0)
    one = pl.lit("1") if _large(den_bound) else integer_literal(1)
    return Rational(safe.then(num), a.scale, bound, safe.then(den).otherwise(one), den_bound)


def compare(op: str, a: Rational, b: Rational) -> pl.Expr:
    """Give a `op` b by cross-multiplication; null where either is."""
    if _is_literal(a) and not _is_literal(b):
        # A literal on the left of a column that is itself constant in every row comes out one row long.
        return compare(MIRRORED[op], b, a)
    left, left_bound, right, right_bound = _over(a, b)
    left, right = _widened(left, right, max(left_bound, right_bound))
    if _large(max(left_bound, right_bound)):
        return _reckoned(COMPARISONS[op], left, right, dtype=pl.Boolean)
    if op == "<":
        return left < right
    if op == "<=":
        return left <= right
    if op == ">":
        return left > right
    return left >= right if op == ">=" else left == right


def _is_literal(a: Rational) -> bool:
    """Say whether a fraction reads no column."""
    return a.constant is not None or not any(e.meta.root_names() for e in a.exprs)


def pick(condition: pl.Expr, a: Rational, b: Rational) -> Rational:
    """Give a where the condition holds, else b."""
    common = lcm(a.scale, b.scale)
    left, left_bound = _times(a.num, a.bound, common // a.scale)
    right, right_bound = _times(b.num, b.bound, common // b.scale)
    bound = max(left_bound, right_bound)
    left, right = _widened(left, right, bound)
    num = pl.when(condition).then(left).otherwise(right)
    if a.den is b.den:
        return Rational(num, common, bound, a.den, a.den_bound)
    one = pl.lit(1, dtype=pl.Int64)
    den_bound = max(a.den_bound, b.den_bound)
    up, low = _widened(one if a.den is None else a.den, one if b.den is None else b.den, den_bound)
    return Rational(num, common, bound, pl.when(condition).then(up).otherwise(low), den_bound)


def least(a: Rational, b: Rational) -> Rational:
    """Give the smaller; null where either is (an end that is not known)."""
    return _where_both(a, b, pick(compare("<=", a, b), a, b))


def greatest(a: Rational, b: Rational) -> Rational:
    """Give the larger; null where either is."""
    return _where_both(a, b, pick(compare(">=", a, b), a, b))


def _where_both(a: Rational, b: Rational, found: Rational) -> Rational:
    if a.constant is not None and b.constant is not None:
        return found
    known = a.num.is_not_null() & b.num.is_not_null()
    return Rational(pl.when(known).then(found.num), found.scale, found.bound, found.den, found.den_bound)


def _whole(a: Rational) -> tuple[pl.Expr, int]:
    """Give the whole denominator of a fraction."""
    scale = integer_literal(a.scale)
    return (scale, a.scale) if a.den is None else product(a.den, a.den_bound, scale, a.scale)


MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
ROUNDED_UP: dict[str, Callable[[pl.Expr, pl.Expr, pl.Expr], pl.Expr]] = {
    "half-up": lambda twice, den, quotient: twice >= den,  # noqa: ARG005
    "half-down": lambda twice, den, quotient: twice > den,  # noqa: ARG005
    "half-even": lambda twice, den, quotient: (twice > den) | ((twice == den) & (quotient % 2 == 1)),
    "up": lambda twice, den, quotient: twice > 0,  # noqa: ARG005
    "down": lambda twice, den, quotient: pl.lit(value=False),  # noqa: ARG005
}


def rounded(a: Rational, places: int, mode: str) -> Rational:
    """Round to `places` decimals: half-up, half-down, half-even, up or down (away from or toward zero)."""
    den, den_bound = _whole(a)
    num, bound = _times(absolute(a).num, a.bound, 10 ** max(places, 0))
    if places < 0:
        den, den_bound = _times(den, den_bound, 10**-places)
    if _large(2 * max(bound, den_bound)):
        return _rounded_large(a, num, bound, den, places, mode)
    if 2 * max(bound, den_bound) > INT64_MAX:
        num, den = num.cast(pl.Int128), den.cast(pl.Int128)
    quotient = num // den
    up = ROUNDED_UP[mode](2 * (num - quotient * den), den, quotient)
    result = (quotient + up.cast(pl.Int64)) * a.num.sign()
    if places < 0:
        return column(result * integer_literal(10**-places), bound=bound + 10**-places)
    return column(result, scale=10**places, bound=bound + 1)


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

    shown = _reckoned(reckon, num, den, sign_of(a))
    if not _large(bound + 1):
        shown = shown.cast(pl.Int128)
    if places < 0:
        return Rational(product(shown, bound, integer_literal(10**-places), 10**-places)[0], 1, bound * 10**-places)
    return Rational(shown, 10**places, bound + 1)


def reduced(a: Rational) -> tuple[pl.Expr, pl.Expr]:
    """Give numerator and denominator as Int128; null where they do not fit in lowest terms."""
    den, den_bound = _whole(a)
    if not _large(a.bound) and not _large(den_bound):
        return a.num.cast(pl.Int128), den.cast(pl.Int128)

    def part(index: int) -> pl.Expr:
        found = _reckoned(lambda n, d: Fraction(n, d).as_integer_ratio()[index], a.num, den)
        return found.cast(pl.Int128, strict=False)

    return part(0), part(1)


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
    if _large(shown.bound):
        return _spelled(shown.num, width)
    size = shown.num.abs()
    power = integer_literal(10**width)
    whole = (size // power).cast(pl.String)
    part = (size % power).cast(pl.String).str.zfill(width).str.strip_chars_end("0")
    sign = pl.when(shown.num < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    dot = pl.when(part == "").then(pl.lit("")).otherwise(pl.lit("."))
    return pl.concat_str(sign, whole, dot, part)


def _in_places(a: Rational, places: int) -> Rational:
    """Give the same number over 10 to the `places`, a multiple of its scale."""
    num, bound = _times(a.num, a.bound, 10**places // a.scale)
    return Rational(num, 10**places, bound)


def evaluated(frame: pl.DataFrame, a: Rational) -> tuple[pl.DataFrame, Rational]:
    """Compute numerator and denominator once, for what reads them several times: a frame of columns `n` and `d`, and the fraction over it."""
    parts = [a.num.alias("n")] if a.den is None else [a.num.alias("n"), a.den.alias("d")]
    found = frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("#"), *parts)
    den = None if a.den is None else pl.col("d")
    return found, Rational(pl.col("n"), a.scale, a.bound, den, a.den_bound)


def _spelled(digits: pl.Expr, width: int) -> pl.Expr:
    """Put the decimal point into integers kept as text."""
    sign = pl.when(digits.str.starts_with("-")).then(pl.lit("-")).otherwise(pl.lit(""))
    padded = digits.str.strip_prefix("-").str.zfill(width + 1)
    part = padded.str.tail(width).str.strip_chars_end("0")
    dot = pl.when(part == "").then(pl.lit("")).otherwise(pl.lit("."))
    return pl.concat_str(sign, padded.str.head(-width), dot, part)
