"""Columns with few different texts: each text is read once, and what it means is handed to all its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MANY_ROWS = 100_000
SAMPLE = 1_000
FEW = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct:
    """The different texts of a column, and for each row which of them it has (null: empty)."""

    texts: pl.Series
    index: pl.Series

    def spread(self, values: pl.Series) -> pl.Series:
        """Give each row the value of its text."""
        return values.gather(self.index)


def distinct_of(cells: pl.Series) -> Distinct:
    """Take a Categorical column apart."""
    different = cells.unique().drop_nulls()
    codes = different.to_physical()
    size = int(codes.max() or 0) + 1  # type: ignore[arg-type]  # codes are integers
    places = pl.int_range(len(codes), dtype=pl.UInt32, eager=True)
    lookup = pl.repeat(None, size, dtype=pl.UInt32, eager=True).scatter(codes, places)
    return Distinct(texts=different.cast(pl.String), index=lookup.gather(cells.to_physical()))


def by_text(cells: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Apply a reading of texts, which looks at each cell alone; once for each text where the column is Categorical."""
    if cells.dtype != pl.Categorical:
        return read(cells)
    parts = distinct_of(cells)
    return parts.spread(read(parts.texts))


def slim(scan: pl.LazyFrame, names: Sequence[str]) -> list[pl.Expr]:
    """Select columns, those of many rows with few different texts (as a sample shows) as Categorical."""
    sample = scan.select(names).head(SAMPLE).collect()
    few = {
        name
        for name in names
        if sample.schema[name] == pl.String and sample.height == SAMPLE and sample[name].n_unique() <= FEW
    }
    return [pl.col(name).cast(pl.Categorical) if name in few else pl.col(name) for name in names]
