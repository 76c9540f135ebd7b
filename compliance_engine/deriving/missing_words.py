"""What is missing, told: which obligations lack something, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.kleene import Maybe, Truth, both, either, expression, opposite
from compliance_engine.deriving.tables import repeated
from compliance_engine.deriving.values import Number, Symbols, single
from compliance_engine.kernel.frames import rows_where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.values import Value

# So many records that lack the same are named; more are counted.
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Gap:
    """What some rows of a context lack: `rows`, their numbers, and a text.

    `records`: for each row the id of the record that lacks it, which stands for `{}` in the text; where one obligation has
    more of them than are named, `many` is said with their number.
    """

    rows: pl.Series
    text: str
    records: pl.Series | None = None
    many: str = ""


def gap(rows: pl.Series, text: str, records: pl.Series | None = None, many: str = "") -> Iterator[Gap]:
    """Say what some rows lack; nothing of no row."""
    if rows.len():
        yield Gap(rows.cast(pl.UInt32), text, None if records is None else records.cast(pl.String), many)


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


def where(asked: pl.Series, lacks: Maybe, context: Context) -> pl.Series:
    """Give the numbers of the rows that are asked about and lack something."""
    if isinstance(lacks, bool):
        return rows_where(asked) if lacks else pl.Series([], dtype=pl.UInt32)
    return rows_where(asked & context.compute(expression(lacks)))


def told(gaps: Iterable[Gap], height: int) -> pl.Series:
    """Put into words what each of so many rows lacks; "" where nothing was found."""
    alike: dict[tuple[str, str], list[Gap]] = {}
    for one in gaps:
        alike.setdefault((one.text, one.many), []).append(one)
    columns = [_said(some, height).alias(f"{number}") for number, some in enumerate(alike.values())]
    if not columns:
        return repeated("", height, pl.String).alias("missing")
    return pl.DataFrame(columns).select(pl.concat_str(pl.all(), separator="; ", ignore_nulls=True).alias("missing"))[
        "missing"
    ]


def _said(gaps: list[Gap], height: int) -> pl.Series:
    """Say one text of the rows that lack it, of few records by their ids, of many by their number."""
    text, many = gaps[0].text, gaps[0].many
    nothing = repeated(None, height, pl.String)
    if gaps[0].records is None:
        return nothing.scatter(pl.concat([one.rows for one in gaps]), text)
    pairs = pl.DataFrame(
        {
            "row": pl.concat([one.rows for one in gaps]),
            "id": pl.concat([one.records for one in gaps if one.records is not None]),
        }
    )
    ids = pairs.unique(maintain_order=True).group_by("row", maintain_order=True).agg("id")
    few = pl.format(text, pl.col("id").list.join(", "))
    number = pl.col("id").list.len()
    words = ids.select("row", pl.when(number <= MOST_NAMED).then(few).otherwise(pl.format(many, number)).alias("words"))
    return nothing.scatter(words["row"], words["words"])
