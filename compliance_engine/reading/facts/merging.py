"""The facts of one type from all sources in one table."""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.model.facts import FactTable, Shape
from compliance_engine.reading.facts.numbers import LARGEST_INT128, largest_magnitude, times
from compliance_engine.reading.facts.rows import KNOWN, NUMBERS, ROW, SOURCE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from compliance_engine.model.program import FactType
    from compliance_engine.reading.facts.rows import Chunk


def merge_chunks(fact_type: FactType, chunks: Sequence[tuple[int, Chunk]]) -> tuple[pl.DataFrame, dict[str, int]]:
    """Put chunks (each with the index of its source) on the same scales and dtypes; give the scales too.

    Raises OverflowError if numbers of the sources cannot share a scale in 128 bits: `can_merge` tells beforehand.
    """
    scales = _shared_scales(fact_type, [chunk for _, chunk in chunks])
    frames = [
        _rescaled(chunk, scales).with_columns(pl.lit(source, dtype=pl.UInt16).alias(SOURCE)) for source, chunk in chunks
    ]
    frames = _same_dtypes(frames)
    # A type of which nothing says when it became known needs no column for it.
    if all(frame[KNOWN].null_count() == frame.height for frame in frames):
        frames = [frame.drop(KNOWN, KNOWN + "__o") for frame in frames]
    return (frames[0] if len(frames) == 1 else pl.concat(frames)), scales


def _shared_scales(fact_type: FactType, chunks: Sequence[Chunk]) -> dict[str, int]:
    names = [f.name for f in fact_type.fields if f.base in NUMBERS]
    return {name: lcm(*(chunk.scales[name] for chunk in chunks)) for name in names}


def _rescaled(chunk: Chunk, scales: Mapping[str, int]) -> pl.DataFrame:
    changed = []
    for name, scale in scales.items():
        factor = scale // chunk.scales[name]
        if factor > 1:
            bound = largest_magnitude(chunk.frame[name]) * factor
            if max(bound, factor) >= LARGEST_INT128:
                raise OverflowError(f"{chunk.type}.{name}: numbers of these sources share no scale within 128 bits")
            changed.append(times(chunk.frame[name], factor, max(bound, factor)).alias(name))
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
