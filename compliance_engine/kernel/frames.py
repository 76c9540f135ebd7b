"""Rows and columns chosen at once. As a query each choice would be planned first, which takes longer than to choose where there are few rows."""

from __future__ import annotations

from typing import Any

import polars as pl

from compliance_engine.kernel.pool import FEW_ROWS


def rows_where(mask: pl.Series) -> pl.Series:
    """Give the numbers of the rows where a mask holds (null: it does not), ascending, as UInt32."""
    if mask.len() >= FEW_ROWS:
        return mask.arg_true().cast(pl.UInt32)
    return pl.int_range(mask.len(), dtype=pl.UInt32, eager=True).filter(mask).alias(mask.name)


def is_null(column: pl.Series) -> pl.Series:
    """Say where a column is null."""
    lacking = column.null_count()
    if 0 < lacking < column.len() or column.is_empty():
        return column.is_null()
    return pl.Series(column.name, [lacking > 0]).new_from_index(0, column.len())


def kept_where(frame: pl.DataFrame, mask: pl.Series) -> pl.DataFrame:
    """Give the rows of a frame where a mask holds."""
    if frame.height >= FEW_ROWS:
        return frame.filter(mask)
    return pl.DataFrame([column.filter(mask) for column in frame.get_columns()])


def without(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Give a frame without some of its columns."""
    return pl.DataFrame([column for column in frame.get_columns() if column.name not in names])


def with_series(frame: pl.DataFrame, *columns: pl.Series) -> pl.DataFrame:
    """Give a frame with more columns, or others in the place of those of the same names."""
    new = {column.name: column for column in columns}
    if new.keys().isdisjoint(frame.columns):
        return frame.hstack(list(columns))
    replaced = [new.pop(column.name, column) for column in frame.get_columns()]
    return pl.DataFrame([*replaced, *new.values()])


def tuples_of(frame: pl.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    """Give some columns (at least one) row by row."""
    return list(zip(*(frame.get_column(name).to_list() for name in names), strict=True))


def tuples_by(frame: pl.DataFrame, key: str, *names: str) -> dict[int, list[tuple[Any, ...]]]:
    """Give some columns row by row under each key, in the order in which they stand."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    for one, *rest in tuples_of(frame, key, *names):
        found.setdefault(one, []).append(tuple(rest))
    return found
