"""Bounds of statistics. Each record has the value that it may have, and whether it counts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import reduce
from itertools import combinations
from typing import TYPE_CHECKING

from tests.oracle import arithmetic
from tests.oracle.arithmetic import root
from tests.oracle.values import INFINITE, Bound, Dimension, OracleError, Value, between, exactly, holds

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_IN_DOUBT = 12  # every choice of them is tried
NAMES = ("count", "geomean", "max", "mean", "median", "min", "sum")
Found = list[tuple[Value, Value]]
End = tuple[Bound, bool]  # value, open


def _unlike(found: Found) -> bool:
    """Say whether the records have no common dimension."""
    known = {value.dimension for value, _ in found}
    return len(known) > 1 or None in known


def _dimension(found: Found, domain: Value) -> Dimension | None:
    return found[0][0].dimension if found else domain.dimension


def total(found: Found, domain: Value, *, complete: bool) -> Value:
    """Sum; a record that may not count adds nothing or what it is."""
    if found and _unlike(found):
        return replace(domain, low=-INFINITE, low_open=True)
    zero = exactly(0, dimension=_dimension(found, domain))
    if not found and domain.dimension is None:
        return domain if not complete else replace(zero, dimension=None)
    terms = [value if holds(belongs) else _or_zero(value) for value, belongs in found]
    result = reduce(arithmetic.add, terms, zero)
    if complete:
        return result
    if domain.low >= 0:
        return replace(result, high=INFINITE, high_open=True)
    return replace(result, low=-INFINITE, low_open=True, high=INFINITE, high_open=True)


def _or_zero(value: Value) -> Value:
    low, low_open = min((value.low, value.low_open), (Fraction(0), False))
    high, closed = max((value.high, not value.high_open), (Fraction(0), True))
    return replace(value, low=low, low_open=low_open, high=high, high_open=not closed)


def extreme(name: str, found: Found, domain: Value, *, complete: bool) -> Value:
    """Give the bounds of min or max; of a set that may be empty, the domain."""
    if name == "min":
        flipped = [(arithmetic.negate(value), belongs) for value, belongs in found]
        return arithmetic.negate(extreme("max", flipped, arithmetic.negate(domain), complete=complete))
    certain = [value for value, belongs in found if holds(belongs)]
    if not certain or _unlike(found):
        return domain
    low, low_open = max((value.low, value.low_open) for value in certain)
    high, closed = max((value.high, not value.high_open) for value, _ in found)
    if not complete:
        high, closed = domain.high, not domain.high_open
    return replace(certain[0], low=low, low_open=low_open, high=high, high_open=not closed)


def central(name: str, found: Found, domain: Value, *, complete: bool, percent: Fraction | None) -> Value:
    """Give mean, median, geometric mean or percentile: exact ends where it is certain which records count, and of means always."""
    if not complete or not any(holds(belongs) for _, belongs in found) or _unlike(found):
        return domain
    lows = [(value.low, value.low_open) for value, _ in found]
    highs = [(value.high, value.high_open) for value, _ in found]
    dimension = _dimension(found, domain)
    if not all(holds(belongs) for _, belongs in found) and name in {"mean", "geomean"}:
        low, low_open = min(_of_ends(name, some, percent)[0] for some in _choices(found, lows))
        ends = (_of_ends(name, some, percent)[1] for some in _choices(found, highs))
        high, closed = max((value, not is_open) for value, is_open in ends)
        return replace(between(low, high, low_open=low_open, high_open=not closed), dimension=dimension)
    if not all(holds(belongs) for _, belongs in found):
        low, low_open = min(lows)
        high, closed = max((value, not is_open) for value, is_open in highs)
        return replace(between(low, high, low_open=low_open, high_open=not closed), dimension=dimension)
    low, low_open = _of_ends(name, sorted(lows), percent)[0]
    high, high_open = _of_ends(name, sorted(highs, key=lambda end: (end[0], not end[1])), percent)[1]
    return replace(between(low, high, low_open=low_open, high_open=high_open), dimension=dimension)


def _choices(found: Found, ends: list[End]) -> Iterator[list[End]]:
    """Give every choice of the records that may count with those that do."""
    marked = [(end, holds(belongs)) for end, (_, belongs) in zip(ends, found, strict=True)]
    certain, doubtful = [end for end, sure in marked if sure], [end for end, sure in marked if not sure]
    if len(doubtful) > MOST_IN_DOUBT:
        raise OracleError("too many records in doubt")
    for size in range(len(doubtful) + 1):
        for chosen in combinations(doubtful, size):
            yield [*certain, *chosen]


def _of_ends(name: str, ends: list[End], percent: Fraction | None) -> tuple[End, End]:
    """Apply a statistic to sorted ends; as low and as high end (they differ for a root that is not rational)."""
    if name == "mean":
        one = _mean(ends)
    elif name == "median":
        one = _interpolated(ends, Fraction(1, 2))
    elif name == "percentile" and percent is not None:
        one = _interpolated(ends, percent)
    elif name == "geomean":
        return _geometric(ends)
    else:
        raise OracleError(f"no such statistic: {name}")
    return one, one


def _mean(ends: list[End]) -> End:
    numbers = [value for value, _ in ends]
    infinite = [value for value in numbers if isinstance(value, float)]
    if infinite:
        return infinite[0], True
    return Fraction(sum(numbers)) / len(numbers), any(is_open for _, is_open in ends)


def _interpolated(ends: list[End], part: Fraction) -> End:
    """Interpolate linearly between the order statistics (the first is part 0, the last part 1)."""
    place = part * (len(ends) - 1)
    index = place.numerator // place.denominator
    rest = place - index
    below = ends[index]
    if rest == 0:
        return below
    above = ends[index + 1]
    for value, _ in (below, above):
        if isinstance(value, float):
            return value, True
    assert isinstance(below[0], Fraction)
    assert isinstance(above[0], Fraction)
    return below[0] + rest * (above[0] - below[0]), below[1] or above[1]


def _geometric(ends: list[End]) -> tuple[End, End]:
    """Give the root of the product; zero if one is zero, anything if one is negative."""
    numbers = [value for value, _ in ends]
    if any(value < 0 for value in numbers):
        return (-INFINITE, True), (INFINITE, True)
    is_open = any(flag for _, flag in ends)
    zeros = [flag for value, flag in ends if value == 0]
    if zeros:
        end = Fraction(0), all(zeros)
        return end, end
    if any(isinstance(value, float) for value in numbers):
        return (INFINITE, True), (INFINITE, True)
    low, high = root(reduce(lambda a, b: a * b, [Fraction(v) for v in numbers], Fraction(1)), len(numbers))
    return (low, is_open), (high, is_open)
