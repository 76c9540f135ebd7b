"""What is missing, told: rows of (obligation, type, record, text), and the words that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.kleene import Maybe, Truth, both, either, expression, opposite
from compliance_engine.deriving.tables import repeated
from compliance_engine.deriving.values import Number, Symbols, single

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.values import Value

SCHEMA: dict[str, type[pl.DataType]] = {"row": pl.UInt32, "type": pl.String, "record": pl.String, "text": pl.String}
# So many records that lack the same are named; more are counted.
MOST_NAMED = 3


def unknown(truth: Truth) -> Maybe:
    """Say where a condition is not known."""
    return both(truth.may, truth.may_not)


def is_open(value: Value) -> Maybe:
    """Say where a value is not known."""
    if isinstance(value, Truth):
        return unknown(value)
    if isinstance(value, Number):
        return either(unknown(value.absent), both(value.absent.may_not, opposite(single(value))))
    return _several(value) if isinstance(value, Symbols) else False


def _several(value: Symbols) -> Maybe:
    """Say where it is not known which symbol it is."""
    possible = [expression(o.possible).cast(pl.UInt8) for o in value.options]
    unread = [expression(o.possible) & o.value.is_null() for o in value.options if not o.known]
    return either(unknown(value.absent), pl.any_horizontal(pl.sum_horizontal(possible) > 1, *unread))


def gap(
    rows: pl.Series, fact_type: str, text: str | pl.Series, records: pl.Series | None = None
) -> Iterator[pl.DataFrame]:
    """Say of some rows what they lack.

    `fact_type`: what the record is that lacks it ("": a finding); `records`: the id of it for each row, where the law does not say whose it is.
    """
    height = rows.len()
    if not height:
        return
    yield pl.DataFrame(
        [
            rows.cast(pl.UInt32).alias("row"),
            repeated(fact_type, height, pl.String).alias("type"),
            (repeated(None, height, pl.String) if records is None else records.cast(pl.String)).alias("record"),
            (repeated(text, height, pl.String) if isinstance(text, str) else text).alias("text"),
        ]
    )


def where(asked: pl.Series, lacks: Maybe, context: Context) -> pl.Series:
    """Give the numbers of the rows that are asked about and lack something."""
    if lacks is False:
        return pl.Series([], dtype=pl.UInt32)
    return (asked & context.compute(expression(lacks))).arg_true()


def told(found: Iterable[pl.DataFrame], height: int) -> pl.Series:
    """Put into words what each of so many rows lacks; "" where nothing was found."""
    gaps = pl.concat([pl.DataFrame(schema=SCHEMA), *found]).unique(maintain_order=True)
    grouped = gaps.group_by("row", "type", "text", maintain_order=True).agg(pl.col("record").drop_nulls())
    words = grouped.group_by("row", maintain_order=True).agg(_named().str.join("; ").alias("words"))
    return repeated("", height, pl.String).scatter(words["row"], words["words"]).alias("missing")


def _named() -> pl.Expr:
    """Say of which records (column `record`, a list) a text is told: few by their ids, many by their number."""
    text, number, is_finding = pl.col("text"), pl.col("record").list.len(), pl.col("type") == ""
    ids = pl.col("record").list.join(", ")
    named = pl.when(is_finding).then(pl.format("{} for {}", text, ids))
    counted = pl.when(is_finding).then(pl.format("{} in {} findings", text, number))
    return (
        pl.when(number == 0)
        .then(text)
        .when(number <= MOST_NAMED)
        .then(named.otherwise(pl.format("{} in {} {}", text, pl.col("type"), ids)))
        .otherwise(counted.otherwise(pl.format("{} in {} records of {}", text, number, pl.col("type"))))
    )
