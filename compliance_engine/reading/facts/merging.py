"""The facts of one type from all sources in one table."""

from __future__ import annotations

from dataclasses import replace
from math import gcd, lcm
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.kernel.pool import collected
from compliance_engine.model.facts import FactTable, Shape
from compliance_engine.reading.facts.numbers import LARGEST_INT64, LARGEST_INT128, largest_magnitude, times
from compliance_engine.reading.facts.rows import KNOWN, LOST, NUMBERS, REFUSED, ROW, SOURCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from compliance_engine.model.program import FactType
    from compliance_engine.reading.facts.rows import Chunk

ROOMY = 10**6  # scales up to this are left as they are
FEW = 200_000


def merge_chunks(fact_type: FactType, chunks: Sequence[tuple[int, Chunk]]) -> tuple[pl.DataFrame, dict[str, int]]:
    """Put chunks (each with the index of its source) on the same scales and dtypes; give the scales too.

    The chunks are such that a scale exists: see `fitting`.
    """
    names = [f.name for f in fact_type.fields if f.base in NUMBERS]
    scales = {name: lcm(*(chunk.scales[name] for _, chunk in chunks)) for name in names}
    frames = [
        _rescaled(chunk, scales).with_columns(pl.lit(source, dtype=pl.UInt16).alias(SOURCE)) for source, chunk in chunks
    ]
    frames = _same_dtypes(frames)
    # A type of which nothing says when it became known needs no column for it.
    if all(frame[KNOWN].null_count() == frame.height for frame in frames):
        frames = [frame.drop(KNOWN, KNOWN + "__o") for frame in frames]
    return _reduced(frames[0] if len(frames) == 1 else pl.concat(frames), scales)


def _reduced(frame: pl.DataFrame, scales: Mapping[str, int]) -> tuple[pl.DataFrame, dict[str, int]]:
    """Divide out of a column and its scale what all its numbers share: small numbers leave room to reckon."""
    found = dict(scales)
    for name, scale in scales.items():
        common = _common_factor(frame[name], scale) if scale > ROOMY else 1
        if common > 1:
            found[name] = scale // common
            bound = largest_magnitude(frame[name]) // common
            wide = pl.Int64 if bound <= LARGEST_INT64 else pl.Int128
            divided = pl.col(name) // pl.lit(common, dtype=frame.schema[name])
            frame = frame.with_columns(divided.cast(wide))
    return frame, found


def _common_factor(values: pl.Series, scale: int) -> int:
    """Give the greatest common divisor of the scale and all values; of very many values, its powers of ten."""
    if len(values) <= FEW:
        return gcd(scale, *values.unique().drop_nulls().to_list())
    common = 1
    while scale % (common * 10) == 0:
        rest = pl.col("v") % pl.lit(common * 10, dtype=values.dtype)
        if not collected(values.to_frame("v").lazy().select((rest == 0).all()), len(values)).item():
            break
        common *= 10
    return common


def fitting(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Refuse numbers that can share no scale with those of the chunks before within 128 bits; hardly any do."""
    accepted: list[Chunk] = []
    for chunk in chunks:
        fitted = chunk
        for name in sorted(chunk.scales):
            before = [other for other in accepted if other.type == chunk.type]
            if before and not _share(name, [*before, fitted]):
                fitted = _refused(fitted, name)
        accepted.append(fitted)
    return accepted


def _share(name: str, chunks: Sequence[Chunk]) -> bool:
    scale = lcm(*(chunk.scales[name] for chunk in chunks))
    needed = [max(1, largest_magnitude(chunk.frame[name])) * (scale // chunk.scales[name]) for chunk in chunks]
    return max(needed) < LARGEST_INT128


def _refused(chunk: Chunk, name: str) -> Chunk:
    rows = chunk.frame.filter(pl.col(name).is_not_null())
    reason = "the number, in the unit of the law, has too many digits to stand beside those of other sources"
    refused = rows.select(row=ROW, column=pl.lit(name), found=pl.col(name).cast(pl.String), reason=pl.lit(reason))
    lost = pl.DataFrame({"site": [None], "day": [None]}, schema=LOST)
    return replace(
        chunk,
        frame=chunk.frame.filter(pl.col(name).is_null()),
        scales={**chunk.scales, name: 1},
        refused=pl.concat([chunk.refused, refused.cast(REFUSED)]),
        lost=pl.concat([chunk.lost, lost]),
    )


def _rescaled(chunk: Chunk, scales: Mapping[str, int]) -> pl.DataFrame:
    changed = []
    for name, scale in scales.items():
        factor = scale // chunk.scales[name]
        if factor > 1:
            bound = max(largest_magnitude(chunk.frame[name]), 1) * factor
            changed.append(times(chunk.frame[name], factor, bound).alias(name))
    return chunk.frame.with_columns(changed) if changed else chunk.frame


def _same_dtypes(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    for name in frames[0].columns:
        dtypes = {frame.schema[name] for frame in frames}
        if len(dtypes) > 1:
            wide = _common(dtypes)
            frames = [frame.with_columns(pl.col(name).cast(wide)) for frame in frames]
    return frames


def _common(dtypes: set[pl.DataType]) -> pl.DataType:
    if all(dtype.is_integer() for dtype in dtypes):
        return pl.Int128() if any(dtype in (pl.Int128, pl.UInt64, pl.UInt128) for dtype in dtypes) else pl.Int64()
    return pl.String()


def table_of(fact_type: FactType, frame: pl.DataFrame, scales: Mapping[str, int]) -> FactTable:
    """Give the table with the shape of each field."""
    shapes = {"id": Shape()}
    for field in fact_type.fields:
        column = frame[field.name]
        mark = frame[field.name + "__q"] if field.qualified else None
        shapes[field.name] = Shape(
            scale=scales.get(field.name, 1),
            nulls=column.null_count(),
            largest=largest_magnitude(column) if field.base in NUMBERS else 0,
            censored=mark is not None and bool((mark > 0).any()),
        )
    return FactTable(type=fact_type.name, frame=frame.select(_ordered(frame)), shapes=shapes)


def _ordered(frame: pl.DataFrame) -> list[str]:
    lineage = [name for name in (KNOWN, SOURCE, ROW) if name in frame.columns]
    return ["id", *(name for name in frame.columns if name not in {"id", *lineage}), *lineage]
