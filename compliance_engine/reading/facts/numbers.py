"""Columns of numbers, read exactly: integers, and the scale that they are to be divided by.

A float stands for the shortest decimal that reads as it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.kernel.pool import collected
from compliance_engine.reading.facts.cells import LARGEST, LONGEST_CELL, PLACES, Number, read_number
from compliance_engine.reading.facts.distinct import distinct_of
from compliance_engine.reading.facts.refusals import gathered, no_refusals, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

EASY_DIGITS = 15  # a float keeps that many decimal digits, whatever they are
LARGEST_INT64 = 2**63 - 1
LARGEST_INT128 = 2**126


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Numbers as integers x 1/`scale` (null: empty or refused), with qualifiers and units that stood in their cells.

    `marks` (UInt8) and `units` (String, null: none in the cell) are None where no cell had any.
    """

    values: pl.Series
    scale: int
    refusals: pl.DataFrame
    marks: pl.Series | None = None
    units: pl.Series | None = None


def largest_magnitude(values: pl.Series) -> int:
    """Give the largest absolute value; 0 if there is none."""
    low, high = values.min(), values.max()
    ends = [end for end in (low, high) if isinstance(end, int)]
    return max((abs(end) for end in ends), default=0)


def times(values: pl.Series, factor: int, bound: int) -> pl.Series:
    """Multiply by an integer; `bound` is the largest magnitude of the result, which decides between 64 and 128 bits."""
    wide = pl.Int64 if bound <= LARGEST_INT64 else pl.Int128
    if factor == 1:
        return values.cast(wide) if values.dtype != wide else values
    return values.to_frame("v").select(pl.col("v").cast(wide) * pl.lit(factor, dtype=wide))["v"]


def read_numbers(cells: pl.Series, column: str) -> Numbers:
    """Read a column of any dtype. Text may carry a qualifier and a unit; what is no number is refused, not guessed."""
    dtype = cells.dtype
    if dtype == pl.Null:
        return Numbers(values=cells.cast(pl.Int64), scale=1, refusals=no_refusals())
    if dtype.is_integer():
        return _read_integers(cells, column)
    if isinstance(dtype, pl.Decimal) and dtype.scale <= PLACES:
        return _narrowed(cells.to_physical().cast(pl.Int128), dtype.scale, no_refusals())
    if dtype.is_float():
        return _read_floats(cells.cast(pl.Float64), column)
    if dtype == pl.Categorical:
        return _read_once(cells, column)
    return _read_texts(cells.cast(pl.String), column)


def _read_once(cells: pl.Series, column: str) -> Numbers:
    """Read each different text once."""
    parts = distinct_of(cells)
    read = _read_texts(parts.texts, column)
    reasons = dict(read.refusals.select("found", "reason").rows())
    bad = pl.repeat(value=False, n=len(parts.texts), eager=True).scatter(read.refusals["at"], values=True)
    strange = parts.spread(bad).fill_null(value=False)
    return Numbers(
        values=parts.spread(read.values),
        scale=read.scale,
        refusals=refuse(cells, strange, column, lambda text: reasons.get(text[:LONGEST_CELL], "")),
        marks=None if read.marks is None else parts.spread(read.marks).fill_null(0),
        units=None if read.units is None else parts.spread(read.units),
    )


def _narrowed(values: pl.Series, places: int, refusals: pl.DataFrame) -> Numbers:
    bound = largest_magnitude(values)
    return Numbers(values=times(values, 1, bound), scale=10**places, refusals=refusals)


def _read_integers(cells: pl.Series, column: str) -> Numbers:
    if largest_magnitude(cells) <= LARGEST:
        return Numbers(values=cells.cast(pl.Int64), scale=1, refusals=no_refusals())
    wide = cells.cast(pl.Int128).to_frame("v")
    limit = pl.lit(LARGEST, dtype=pl.Int128)
    inside = wide.select(pl.col("v").is_between(-limit, limit))["v"]
    refusals = refuse(cells.cast(pl.String), ~inside.fill_null(value=True), column, lambda _: "beyond 10^18")
    kept = wide.select(pl.when(pl.Series(inside)).then("v").cast(pl.Int64))["v"]
    return Numbers(values=kept, scale=1, refusals=refusals)


def _read_floats(cells: pl.Series, column: str) -> Numbers:
    places = _shared_places(cells.drop_nulls().filter(cells.drop_nulls().is_finite()).head(1000))
    exact = _float_digits(cells, places)
    hard = ~exact["easy"].fill_null(value=True)
    if not hard.any():
        return Numbers(values=exact["digits"], scale=10**places, refusals=no_refusals())
    return _joined(exact["digits"], places, hard, cells.cast(pl.String), column)


def _shared_places(sample: pl.Series) -> int:
    """Give the least number of places at which nine tenths of the sample are whole."""
    for places in range(EASY_DIGITS):
        if not sample.len() or (_float_digits(sample, places)["easy"].sum() or 0) * 10 >= sample.len() * 9:
            break
    return places if sample.len() else 0


def _float_digits(cells: pl.Series, places: int) -> pl.DataFrame:
    """Scale by 10^places: `digits` (Int64; null where not easy) and `easy`.

    Easy: no other decimal of 15 digits reads as the float.
    """
    power = float(10**places)
    scaled = (pl.col("v") * power).round()
    # Polars divides by a constant by multiplying with its reciprocal, which may be a bit off: divide by a column.
    divisor = pl.col("v") * 0.0 + power
    easy = (scaled / divisor == pl.col("v")) & (scaled.abs() <= float(10**EASY_DIGITS)) & pl.col("v").is_finite()
    digits = pl.when(easy).then(scaled).cast(pl.Int64, strict=False)
    return collected(cells.to_frame("v").lazy().select(digits=digits, easy=easy), len(cells))


def _read_texts(cells: pl.Series, column: str) -> Numbers:
    """Read texts: those of up to 15 characters by way of floats, which keep 15 digits; the rest one by one."""
    query = (
        cells.to_frame("t")
        .lazy()
        .select(
            blank=pl.col("t").is_null() | (pl.col("t") == ""),
            value=pl.col("t").cast(pl.Float64, strict=False),
            short=pl.col("t").str.len_bytes() <= EASY_DIGITS,
        )
    )
    frame = collected(query, len(cells))
    simple = frame["short"] & frame["value"].is_finite()
    hard = ~(simple.fill_null(value=False) | frame["blank"])
    values = frame["value"] if not hard.any() else _where(frame["value"], ~hard)
    places = _places_of(cells, hard)
    digits = _float_digits(values, places)
    hard = hard | ~digits["easy"].fill_null(value=True) | _vanished(cells, values)
    if not hard.any():
        return Numbers(values=digits["digits"], scale=10**places, refusals=no_refusals())
    return _joined(digits["digits"], places, hard, cells, column)


def _vanished(cells: pl.Series, values: pl.Series) -> pl.Series:
    """Find the texts that are no zero and read as one: `1e-400`."""
    zero = (values == 0).fill_null(value=False)
    if not zero.any():
        return zero
    at = zero.arg_true()
    return zero.scatter(at, cells.gather(at).str.contains("[1-9]"))


def _where(values: pl.Series, mask: pl.Series) -> pl.Series:
    return pl.DataFrame({"v": values, "m": mask}).select(pl.when("m").then("v"))["v"]


def _places_of(cells: pl.Series, hard: pl.Series) -> int:
    """Give the most digits after the point among the texts that are not hard."""
    places = pl.col("t").str.len_bytes() - pl.col("t").str.find(".", literal=True) - 1
    query = pl.DataFrame({"t": cells, "h": hard}).lazy().select(pl.when(~pl.col("h")).then(places).max())
    found = collected(query, len(cells)).item()
    return min(int(found or 0), EASY_DIGITS)


def _joined(digits: pl.Series, places: int, hard: pl.Series, texts: pl.Series, column: str) -> Numbers:
    """Put the easy numbers and those read one by one on one scale."""
    at = hard.arg_true()
    subset = texts.filter(hard)
    read = {text: read_number(text) for text in subset.unique().to_list()}
    good = {text: number for text, number in read.items() if isinstance(number, Number)}
    reasons = {text: reason for text, reason in read.items() if isinstance(reason, str)}
    needed = max([places, *(_places_needed(number.scaled) for number in good.values())])
    bound = max([largest_magnitude(digits) * 10 ** (needed - places), *_shrunk(good, needed).values()], key=abs)
    easy = times(digits, 10 ** (needed - places), abs(bound))
    mapped = _mapped(subset, _shrunk(good, needed), easy.dtype)
    bad = subset.is_in(list(reasons))
    found = refuse(subset, bad, column, lambda text: reasons.get(text, ""))
    refusals = found.with_columns(at.gather(found["at"]).cast(pl.UInt32).alias("at"))
    return Numbers(
        values=easy.scatter(at, mapped),
        scale=10**needed,
        refusals=gathered([refusals]),
        marks=_marks(good, subset, at, texts.len()),
        units=_units(good, subset, at, texts.len()),
    )


def _places_needed(scaled: int) -> int:
    places = PLACES
    while places and scaled % 10 == 0:
        scaled, places = scaled // 10, places - 1
    return places


def _shrunk(numbers: Mapping[str, Number], places: int) -> dict[str, int]:
    return {text: number.scaled // 10 ** (PLACES - places) for text, number in numbers.items()}


def _marks(numbers: Mapping[str, Number], subset: pl.Series, at: pl.Series, height: int) -> pl.Series | None:
    marks = {text: number.mark for text, number in numbers.items()}
    if not any(marks.values()):
        return None
    mapped = _mapped(subset, marks, pl.UInt8())
    return pl.repeat(0, height, dtype=pl.UInt8, eager=True).scatter(at, mapped.fill_null(0))


def _units(numbers: Mapping[str, Number], subset: pl.Series, at: pl.Series, height: int) -> pl.Series | None:
    units = {text: number.unit for text, number in numbers.items()}
    if not any(units.values()):
        return None
    mapped = _mapped(subset, units, pl.String())
    return pl.repeat(None, height, dtype=pl.String, eager=True).scatter(at, mapped)


def _mapped(texts: pl.Series, values: Mapping[str, object], dtype: pl.DataType) -> pl.Series:
    old, new = pl.Series(list(values), dtype=pl.String), pl.Series(list(values.values()), dtype=dtype)
    return texts.replace_strict(old, new, default=None, return_dtype=dtype)
