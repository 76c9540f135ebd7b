"""Columns of quantities brought to one unit, by exact factors. A unit written as the law writes it costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.kernel.unit_names import STANDARDS
from compliance_engine.reading.facts.numbers import LARGEST_INT128, Numbers, largest_magnitude, times

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIES = "varies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """value x `factor` + `offset` is the value in `unit`."""

    unit: str
    factor: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)


def conversion(unit: str, wanted: str, printed: str = "") -> Conversion | str:
    """Say how to bring `unit` to `wanted` (`varies`: the standard unit of its dimension), or why it cannot be done.

    `printed`: the unit that stands in the vocabulary, which is named in the answer.
    """
    if unit == wanted or (wanted == VARIES and unit in STANDARDS):
        return Conversion(unit=unit)
    return _read_conversion(unit, wanted, printed or wanted)


def _read_conversion(unit: str, wanted: str, printed: str) -> Conversion | str:
    # Only what names another unit than the law's needs them (a start-up exception).
    from compliance_engine.kernel import units  # noqa: PLC0415

    given, law = units.read_unit(unit), units.read_unit(unit if wanted == VARIES else wanted)
    for problem in (given, law):
        if isinstance(problem, units.UnitProblem):
            return problem.message + (f"; did you mean {problem.suggestion}?" if problem.suggestion else "")
    assert isinstance(given, units.Unit)
    assert isinstance(law, units.Unit)
    if wanted == VARIES:
        return Conversion(unit=given.standard, factor=given.factor, offset=given.offset)
    if given.standard != law.standard:
        return f"the unit {unit} cannot be converted to {printed}"
    return Conversion(unit=wanted, factor=given.factor / law.factor, offset=(given.offset - law.offset) / law.factor)


def convert(numbers: Numbers, units: pl.Series | str, ways: Mapping[str, Conversion]) -> Numbers | None:
    """Convert each number from its unit (one for all, or one a row); None where the result needs more than 128 bits.

    Rows whose unit is not among `ways` are to be null already.
    """
    used = [ways[units]] if isinstance(units, str) else [ways[u] for u in units.unique().to_list() if u in ways]
    if all(way.factor == 1 and way.offset == 0 for way in used):
        return numbers
    scale = lcm(*(_denominator(way, numbers.scale) for way in used))
    largest = largest_magnitude(numbers.values)
    steps = [(_step(way.factor, scale, numbers.scale), _step(way.offset, scale, 1)) for way in used]
    bound = max(largest * abs(factor) + abs(offset) for factor, offset in steps)
    if bound >= LARGEST_INT128 or max(scale, *(abs(factor) for factor, _ in steps)) >= LARGEST_INT128:
        return None
    if isinstance(units, str):
        values = _shifted(times(numbers.values, steps[0][0], bound), steps[0][1])
    else:
        by_unit = {u: step for u, step in _steps(ways, scale, numbers.scale).items() if u in set(units.unique())}
        values = _by_row(times(numbers.values, 1, bound), units, by_unit)
    return Numbers(values=values, scale=scale, refusals=numbers.refusals, marks=numbers.marks, units=numbers.units)


def _denominator(way: Conversion, scale: int) -> int:
    return lcm((way.factor / scale).denominator, way.offset.denominator)


def _step(amount: Fraction, scale: int, divisor: int) -> int:
    return int(amount * scale / divisor)


def _steps(ways: Mapping[str, Conversion], scale: int, divisor: int) -> dict[str, tuple[int, int]]:
    return {u: (_step(way.factor, scale, divisor), _step(way.offset, scale, 1)) for u, way in ways.items()}


def _shifted(values: pl.Series, offset: int) -> pl.Series:
    return values if offset == 0 else values.to_frame("v").select(pl.col("v") + pl.lit(offset, dtype=values.dtype))["v"]


def _by_row(values: pl.Series, units: pl.Series, steps: Mapping[str, tuple[int, int]]) -> pl.Series:
    chosen = pl.lit(None, dtype=values.dtype)
    for unit, (factor, offset) in sorted(steps.items()):
        converted = pl.col("v") * pl.lit(factor, dtype=values.dtype) + pl.lit(offset, dtype=values.dtype)
        chosen = pl.when(pl.col("u") == unit).then(converted).otherwise(chosen)
    return pl.DataFrame({"v": values, "u": units}).select(chosen.alias("v"))["v"]
