"""Columns with few different texts: each text is read once, and what it means is handed to all its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.kernel.pool import collected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MANY_ROWS = 100_000
SAMPLE = 1_000
FEW = 64
CHECKED = "\x00checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct:
    """The different texts of a column of `cells`, and the number that each has there."""

    texts: pl.Series
    codes: pl.Series
    cells: pl.Series

    def spread(self, values: pl.Series) -> pl.Series:
        """Give each row the value of its text (null: empty)."""
        size = int(self.codes.max() or 0) + 1  # type: ignore[arg-type]  # codes are integers
        places = pl.int_range(len(self.codes), dtype=pl.UInt32, eager=True)
        place_of = pl.repeat(None, size, dtype=pl.UInt32, eager=True).scatter(self.codes, places)
        return values.gather(place_of).gather(self.cells.to_physical())


def distinct_of(cells: pl.Series) -> Distinct:
    """Take a Categorical column apart."""
    different = cells.unique().drop_nulls()
    return Distinct(texts=different.cast(pl.String), codes=different.to_physical(), cells=cells)


def by_text(cells: pl.Series, read: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Apply a reading of texts, which looks at each cell alone; once for each text where the column is Categorical."""
    if cells.dtype != pl.Categorical:
        return read(cells)
    parts = distinct_of(cells)
    return parts.spread(read(parts.texts))


def collect_slim(scan: pl.LazyFrame, names: Sequence[str], extra: Sequence[pl.Expr] = ()) -> pl.DataFrame:
    """Read columns of a large table without keeping all their text, as a sample advises and the whole confirms.

    Texts that are all integers become integers; few different texts become Categorical; others stay as they are.
    """
    sample = collected(scan.select(names).head(SAMPLE))
    texts = [n for n in names if sample.schema[n] == pl.String and sample.height == SAMPLE]
    whole = {n: _integer_type(sample[n]) for n in texts if sample.select(plain_integer(n).all()).item()}
    few = {n for n in texts if n not in whole and sample[n].n_unique() <= FEW}
    chosen = [
        pl.col(n).cast(pl.Categorical)
        if n in few
        else pl.col(n).cast(whole[n], strict=False)
        if n in whole
        else pl.col(n)
        for n in names
    ]
    checks = [plain_integer(n, whole[n]).alias(n + CHECKED) for n in whole]
    frame = collected(scan.select(*chosen, *checks, *extra))
    wrong = [n for n in whole if not frame[n + CHECKED].all()]
    frame = frame.drop([n + CHECKED for n in whole])
    return frame.with_columns(collected(scan.select(wrong)).get_columns()) if wrong else frame


def plain_integer(name: str, dtype: type[pl.DataType] = pl.Int64) -> pl.Expr:
    """Say of each text whether it is how its integer, of that dtype, is printed: no leading zero, no sign; or empty."""
    text = pl.col(name).str
    shortest = ~text.starts_with("0") | (text.len_bytes() == 1)
    unsigned = ~(text.starts_with("+") | text.starts_with("-"))
    return pl.col(name).is_null() | (pl.col(name).cast(dtype, strict=False).is_not_null() & shortest & unsigned)


def _integer_type(sample: pl.Series) -> type[pl.DataType]:
    largest = sample.cast(pl.Int64).max()
    return pl.Int32 if isinstance(largest, int) and largest < 10**8 else pl.Int64
