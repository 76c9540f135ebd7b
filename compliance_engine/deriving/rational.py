"""Exact fractions as integer columns: no verdict rests on a float.

A fraction is num / (scale x den): `num` an integer expression (null: not known), `scale` a positive constant, `den` an optional
positive expression (the count under a mean). Magnitudes are bounded ahead: Int64 where they fit, Int128 else (Polars wraps silently);
beyond, the digits are kept as text and Python reckons row by row: slower, and exact all the same.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from functools import lru_cache, reduce
from math import lcm
from typing import TYPE_CHECKING, Literal

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

Which = Literal["min", "max"]
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

    def only(self, condition: pl.Expr) -> Rational:
        """Give the fraction where a condition holds, null elsewhere."""
        return Rational(pl.when(condition).then(self.num), self.scale, self.bound, self.den, self.den_bound)


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


def is_large(bound: int) -> bool:
    """Say whether numbers of that size are kept as text."""
    return bound > INT128_MAX


def reckoned(reckon: Callable[..., object], *operands: pl.Expr, dtype: type[pl.DataType] = pl.String) -> pl.Expr:
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
    if is_large(bound):
        return reckoned(operator.mul, left, right), bound
    if bound > INT64_MAX:
        return left.cast(pl.Int128) * right.cast(pl.Int128), bound
    return left * right, bound


def times(expr: pl.Expr, bound: int, factor: int) -> tuple[pl.Expr, int]:
    """Give expr x factor, and its bound."""
    return (expr, bound) if factor == 1 else product(expr, bound, integer_literal(factor), abs(factor))


def _scaled(a: Rational, scale: int) -> tuple[pl.Expr, int]:
    """Give the numerator over another scale, a multiple of its own, and its bound."""
    factor = scale // a.scale
    if a.constant is not None and not is_large(a.bound * factor):
        return integer_literal(a.constant.numerator * factor), a.bound * factor
    return times(a.num, a.bound, factor)


def _over(a: Rational, b: Rational) -> tuple[pl.Expr, int, pl.Expr, int]:
    """Bring both numerators over one denominator."""
    common = lcm(a.scale, b.scale)
    left, left_bound = _scaled(a, common)
    right, right_bound = _scaled(b, common)
    if a.den is not b.den:
        if b.den is not None:
            left, left_bound = product(left, left_bound, b.den, b.den_bound)
        if a.den is not None:
            right, right_bound = product(right, right_bound, a.den, a.den_bound)
    return left, left_bound, right, right_bound


def _widened(left: pl.Expr, right: pl.Expr, bound: int) -> tuple[pl.Expr, pl.Expr]:
    if is_large(bound):
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
    total = reckoned(operator.add, left, right) if is_large(bound) else left + right
    return Rational(total, lcm(a.scale, b.scale), bound, den, den_bound)


def negate(a: Rational) -> Rational:
    """Give -a."""
    if a.constant is not None:
        return constant(-a.constant)
    # Int128 has no negation.
    num = reckoned(operator.neg, a.num) if is_large(a.bound) else integer_literal(0) - a.num
    return Rational(num, a.scale, a.bound, a.den, a.den_bound)


def sign_of(a: Rational) -> pl.Expr:
    """Give -1, 0 or 1."""
    if is_large(a.bound):
        return reckoned(lambda n: (n > 0) - (n < 0), a.num, dtype=pl.Int64)
    return a.num.sign().cast(pl.Int64)


def absolute(a: Rational) -> Rational:
    """Give |a|."""
    if a.constant is not None:
        return constant(abs(a.constant))
    num = reckoned(abs, a.num) if is_large(a.bound) else a.num.abs()
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
    num, bound = times(num, bound, b.scale)
    if b.den is not None:
        num, bound = product(num, bound, b.den, b.den_bound)
    den, den_bound = absolute(b).num, b.bound
    if a.den is not None:
        den, den_bound = product(a.den, a.den_bound, den, den_bound)
    safe = pl.when(sign_of(b) != 0)
    one = pl.lit("1") if is_large(den_bound) else integer_literal(1)
    return Rational(safe.then(num), a.scale, bound, safe.then(den).otherwise(one), den_bound)


def compare(op: str, a: Rational, b: Rational) -> pl.Expr:
    """Give a `op` b by cross-multiplication; null where either is."""
    if _is_literal(a) and not _is_literal(b):
        # A literal on the left of a column that is itself constant in every row comes out one row long.
        return compare(MIRRORED[op], b, a)
    left, left_bound, right, right_bound = _over(a, b)
    left, right = _widened(left, right, max(left_bound, right_bound))
    if is_large(max(left_bound, right_bound)):
        return reckoned(COMPARISONS[op], left, right, dtype=pl.Boolean)
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
    left, left_bound = _scaled(a, common)
    right, right_bound = _scaled(b, common)
    bound = max(left_bound, right_bound)
    left, right = _widened(left, right, bound)
    num = pl.when(condition).then(left).otherwise(right)
    if a.den is b.den:
        return Rational(num, common, bound, a.den, a.den_bound)
    one = integer_literal(1)
    den_bound = max(a.den_bound, b.den_bound)
    up, low = _widened(one if a.den is None else a.den, one if b.den is None else b.den, den_bound)
    return Rational(num, common, bound, pl.when(condition).then(up).otherwise(low), den_bound)


def outermost(which: Which, ends: Sequence[Rational], *, known: bool) -> Rational:
    """Give the least or the greatest of some (`min`, `max`); null where all are, or, if all have to be `known`, where any is."""
    common = lcm(*(end.scale for end in ends))
    # Columns first: they say how many rows there are.
    scaled = [_scaled(end, common) for end in sorted(ends, key=_is_literal)]
    bound = max(bound for _, bound in scaled)
    if bound > INT64_MAX or any(end.den is not None for end in ends):
        return reduce(lambda a, b: _outer(which, a, b, known=known), ends)
    numbers = [number for number, _ in scaled]
    found = pl.min_horizontal(numbers) if which == "min" else pl.max_horizontal(numbers)
    if known:
        found = pl.when(pl.all_horizontal(number.is_not_null() for number in numbers)).then(found)
    return Rational(found, common, bound)


def _outer(which: Which, a: Rational, b: Rational, *, known: bool) -> Rational:
    """Give the smaller or the larger of two fractions of any size."""
    found = pick(compare("<=" if which == "min" else ">=", a, b), a, b)
    both = found.only(a.num.is_not_null() & b.num.is_not_null())
    return both if known else pick(a.num.is_null(), b, pick(b.num.is_null(), a, both))


def whole_denominator(a: Rational) -> tuple[pl.Expr, int]:
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


def evaluated(frame: pl.DataFrame, a: Rational) -> tuple[pl.DataFrame, Rational]:
    """Compute numerator and denominator once, for what reads them several times: a frame of columns `n` and `d`, and the fraction over it."""
    parts = [a.num.alias("n")] if a.den is None else [a.num.alias("n"), a.den.alias("d")]
    found = frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("#"), *parts)
    den = None if a.den is None else pl.col("d")
    return found, Rational(pl.col("n"), a.scale, a.bound, den, a.den_bound)
