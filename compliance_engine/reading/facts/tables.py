"""A table as it stands in a file or a database, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import polars as pl

from compliance_engine.reading.facts.rows import REFUSED, ROW

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BYTES = 2 * 1024**3  # of a compressed file, unpacked
MOST_ROWS = 200_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a source cannot be read at all; the caller knows the place that named it."""

    code: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The columns asked for, with `_row`; and whole rows that could not be read (row, column, found, reason)."""

    frame: pl.DataFrame
    refused: pl.DataFrame
    rows: int


class Table(Protocol):
    """A table that can be read: its columns are known before its cells are."""

    @property
    def columns(self) -> tuple[str, ...]:
        """List the names of the columns, as the source writes them."""

    def read(self, names: Sequence[str]) -> Cells | Trouble:
        """Read the columns of these names, which exist."""


def nothing_refused() -> pl.DataFrame:
    """Give no refused rows."""
    return pl.DataFrame(schema=REFUSED)


def numbered(frame: pl.DataFrame, first: int) -> pl.DataFrame:
    """Add `_row`, counted from `first`."""
    return frame.with_row_index(ROW, offset=first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A table that is in memory already, as texts: `rows` are the row numbers."""

    frame: pl.DataFrame
    refused: pl.DataFrame

    @property
    def columns(self) -> tuple[str, ...]:
        """List the columns."""
        return tuple(name for name in self.frame.columns if name != ROW)

    def read(self, names: Sequence[str]) -> Cells | Trouble:
        """Give the columns."""
        return Cells(
            frame=self.frame.select(ROW, *names), refused=self.refused, rows=self.frame.height + self.refused.height
        )


def table_of_rows(header: Sequence[str], rows: Sequence[Sequence[str | None]], numbers: Sequence[int]) -> pl.DataFrame:
    """Give rows of texts as a frame with `_row`."""
    schema = dict.fromkeys(header, pl.String)
    frame = pl.DataFrame(rows, schema=schema, orient="row", strict=False) if rows else pl.DataFrame(schema=schema)
    return frame.with_columns(pl.Series(ROW, numbers, dtype=pl.UInt32))
