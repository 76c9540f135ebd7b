"""Statistics of records that were grouped, and how they come to stand beside the rows that want them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.kleene import expression
from compliance_engine.deriving.tables import repeated
from compliance_engine.kernel.frames import is_null, with_series
from compliance_engine.kernel.pool import collected

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.kleene import Maybe
    from compliance_engine.deriving.rational import Rational
    from compliance_engine.deriving.values import Number
    from compliance_engine.model import expression as ex


@dataclass(frozen=True, slots=True)
class Grouped:
    """Statistics by group: names of columns in `frame` (later: in the context's frame).

    certain, possible: how many records must and may belong. `low`, `high`: the statistic's ends. `sure`: nothing is in doubt; `known`: no end is
    null. `records`: how many there are in all, a bound for counts.
    """

    frame: pl.DataFrame
    certain: str
    possible: str
    records: int
    sure: bool
    known: bool = False
    low: Rational | None = None
    high: Rational | None = None
    low_open: Maybe = False
    high_open: Maybe = False
    columns: dict[str, str] = field(default_factory=dict)
    unit: tuple[str, str] | None = None  # least and greatest unit among the records, where units are data


@dataclass(frozen=True, slots=True)
class Plan:
    """The aggregations of one statistic, and how to read its result from them."""

    aggregations: list[pl.Expr]
    finish: Callable[[pl.DataFrame], Grouped]


@dataclass(frozen=True, slots=True)
class Asked:
    """A statistic to be planned, and which records of a frame `certain`ly and `possible` count.

    `base` has the numbers of these, which the aggregations `counts` find; `name` begins the names of the columns to make.
    """

    node: ex.Aggregate
    base: Grouped
    counts: list[pl.Expr]
    certain: Maybe
    possible: Maybe
    name: str

    def is_exact(self, value: Number) -> bool:
        """Say whether it is sure which records count, and what each is."""
        return self.base.sure and value.exact and value.known


def how_many(condition: Maybe) -> pl.Expr:
    """Count the records of a group of which a condition holds."""
    return pl.len() if condition is True else expression(condition).sum()


def tightened(found: Grouped, node: ex.Aggregate) -> Grouped:
    """Bound an exact sum or mean by the largest group instead of all records: what is computed of it may stay within 64 bits."""
    end = found.low
    if node.function not in {"sum", "mean"} or end is None or end is not found.high or end.constant is not None:
        return found
    most = max(int(found.frame[found.possible].max() or 0), 1)  # type: ignore[arg-type]
    one = end.bound // max(found.records, 1)
    less = replace(end, bound=max(one * most, 1), den_bound=1 if end.den is None else most)
    return replace(found, low=less, high=less)


ZEROS = (".c", ".p", ".lo", ".hi", ".broken", ".doubtful", ".holds", ".may_hold")


def beside(frame: pl.DataFrame, wanted: pl.DataFrame, found: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Put grouped statistics beside the rows that want them (rows without records: counts and sums 0, ends null)."""
    stats = [c for c in found.columns if c not in keys]
    query = wanted.lazy().join(found.lazy(), on=keys, how="left", maintain_order="left").select(stats)
    return frame.hstack(_without_records(collected(query, max(frame.height, found.height))))


def placed(found: Grouped, context: Context) -> Grouped:
    """Bring statistics that were grouped by `row` to the rows of a context."""
    rows, stats, height = found.frame["row"], found.frame[found.frame.columns[1:]], context.frame.height
    if rows.len() < height or not rows.is_sorted():
        index = repeated(None, height, pl.UInt32).scatter(rows, pl.int_range(rows.len(), dtype=pl.UInt32, eager=True))
        stats = _without_records(stats[index])
    context.frame = context.frame.hstack(stats)
    return found


def _without_records(stats: pl.DataFrame) -> pl.DataFrame:
    """Give rows without records counts and sums of 0, and flags that are not set."""
    lacking = [c for c in stats.columns if stats[c].null_count()]
    zeros = [c for c in lacking if c.endswith(ZEROS)]
    flags = [c for c in lacking if stats[c].dtype == pl.Boolean]
    filled = {c: _filled(stats[c], 0 if c in zeros else False) for c in (*zeros, *flags)}
    return with_series(stats, *filled.values()) if filled else stats


def _filled(column: pl.Series, value: int) -> pl.Series:
    """Put a value where there is none."""
    return column.zip_with(~is_null(column), repeated(value, column.len(), column.dtype))
