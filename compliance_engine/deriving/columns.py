"""Compute columns of a frame: of few rows without waking other threads, of many each different one once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.kleene import expression
from compliance_engine.deriving.tables import ROW_NUMBER
from compliance_engine.kernel.frames import without

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context

# To choose columns of few rows needs no plan.
NO_PLAN = pl.QueryOptFlags.none()
# From so many rows on it pays to look for equal ones, and not to keep what was found.
MANY = 20_000
# Up to so many rows are looked at one by one: an expression takes longer to make than so few values.
SINGLY = 100


def few(rows: int) -> bool:
    """Say whether there are so few rows that what is found of them is worth keeping, and other threads are not worth waking."""
    return rows < MANY


def singly(rows: int) -> bool:
    """Say whether there are so few rows that each is better looked at by itself."""
    return rows <= SINGLY


def evaluated(context: Context, **columns: pl.Expr | bool) -> pl.DataFrame:
    """Compute named columns over a context's frame, each as long as the frame."""
    return selected(context.frame, [expression(e).alias(n) for n, e in columns.items()])


def selected(frame: pl.DataFrame, exprs: list[pl.Expr]) -> pl.DataFrame:
    """Compute columns of a frame, each as long as it; of a small one in this thread, because to wake others takes longer than the work."""
    found = _computed(frame, exprs)
    if found.height == frame.height or not exprs:
        return found
    # Constants alone come out one row long.
    return without(_computed(frame, [ROW_NUMBER.alias("#row"), *exprs]), "#row")


def _computed(frame: pl.DataFrame, exprs: list[pl.Expr]) -> pl.DataFrame:
    if few(frame.height):
        return frame.lazy().select_seq(exprs).collect(engine="in-memory", optimizations=NO_PLAN)
    return frame.select(exprs)


def computed(frame: pl.DataFrame, expr: pl.Expr) -> pl.Series:
    """Compute a column, as long as the frame; where many rows read the same values, once for each of these."""
    roots = roots_of(expr)
    if few(frame.height) or not roots:
        return selected(frame, [expr.alias("#")])["#"]
    read = frame.select(roots)
    distinct = read.unique()
    if distinct.height * 2 > frame.height:
        return read.select(expr.alias("#"))["#"]
    found = distinct.with_columns(expr.alias("#"))
    return read.join(found, on=roots, how="left", maintain_order="left", nulls_equal=True)["#"]


def roots_of(expr: pl.Expr) -> list[str]:
    """Name the columns that an expression reads, each once."""
    return list(dict.fromkeys(expr.meta.root_names()))


def behind(inner: Context, pairs: pl.DataFrame) -> tuple[Context, pl.DataFrame]:
    """Give the part of a context that rows of another are paired with (columns outer, inner), and the pairs by its rows: row, outer."""
    rows = pairs["inner"].unique().sort()
    places = pairs.join(rows.to_frame("inner").with_row_index("row"), on="inner", how="inner")
    return inner.kept(rows), places.select("row", "outer")
