"""Parquet: typed columns, of which only those asked for are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
from polars.exceptions import PolarsError

from compliance_engine.kernel.pool import collected
from compliance_engine.reading.facts.distinct import collect_slim
from compliance_engine.reading.facts.tables import MOST_ROWS, Cells, Trouble, nothing_refused, numbered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetFile:
    """A Parquet file; its rows count from 1."""

    path: Path
    columns: tuple[str, ...]

    def read(self, names: Sequence[str]) -> Cells | Trouble:
        """Read the columns."""
        try:
            scan = pl.scan_parquet(self.path, glob=False)
            frame = collect_slim(scan, names) if names else self._height_only()
        except (PolarsError, OSError) as trouble:
            return Trouble(code="facts-unreadable", message=f"the Parquet file cannot be read: {_first_line(trouble)}")
        return Cells(frame=numbered(frame, 1), refused=nothing_refused(), rows=frame.height)

    def _height_only(self) -> pl.DataFrame:
        height = collected(pl.scan_parquet(self.path, glob=False).select(pl.len())).item()
        return pl.DataFrame(height=height)


def open_parquet(path: Path) -> ParquetFile | Trouble:
    """Read the schema."""
    try:
        scan = pl.scan_parquet(path, glob=False)
        names, height = scan.collect_schema().names(), collected(scan.select(pl.len())).item()
    except (PolarsError, OSError) as trouble:
        return Trouble(code="facts-unreadable", message=f"the Parquet file cannot be read: {_first_line(trouble)}")
    if height > MOST_ROWS:
        return Trouble(code="facts-too-large", message=f"the file has {height:,} rows, more than {MOST_ROWS:,}")
    return ParquetFile(path=path, columns=tuple(names))


def _first_line(trouble: Exception) -> str:
    return next(iter(str(trouble).splitlines()), type(trouble).__name__)
