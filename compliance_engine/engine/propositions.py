"""Propositions on their way in: columns checked, and only what some rule could read kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.engine.rules import fields_carried, fields_matched, kinds_tested

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_engine.engine.rules import InferenceRule

MOST_ROWS = 2**32 - 1  # premises are u32


def read_propositions(rules: Sequence[InferenceRule], propositions: pl.DataFrame) -> pl.DataFrame:
    """Keep the rows of a kind that some rule tests, in the order given.

    Columns: `row` (u32, in the frame given), `session` (u32), `kind` (Enum), `key` and each field that the rules match
    or carry (i64; one that the frame does not have is null throughout).
    """
    _check(propositions)
    kinds = kinds_tested(rules)
    fields = sorted({*fields_matched(rules), *fields_carried(rules)})
    return (
        propositions.with_row_index("row")
        .with_columns(pl.col("kind").cast(pl.String))
        .filter(pl.col("kind").is_in(kinds))
        .select(
            pl.col("row", "session").cast(pl.UInt32),
            pl.col("kind").cast(pl.Enum(kinds)),
            pl.col("key").cast(pl.Int64),
            *(_field(name, propositions).cast(pl.Int64).alias(name) for name in fields),
        )
    )


def _field(name: str, propositions: pl.DataFrame) -> pl.Expr:
    return pl.col(name) if name in propositions.columns else pl.lit(None)


def _check(propositions: pl.DataFrame) -> None:
    """Raise ValueError, naming the column, for a frame that breaks the terms of `Engine.infer`."""
    if propositions.height > MOST_ROWS:
        raise ValueError(f"{propositions.height} propositions, where at most {MOST_ROWS} are allowed")
    schema = propositions.schema
    for name in ("session", "kind", "key"):
        if name not in schema:
            raise ValueError(f"propositions have no column {name!r}")
        if propositions[name].null_count():
            raise ValueError(f"propositions have nulls in column {name!r}")
    for name, dtype in schema.items():
        is_fit = isinstance(dtype, pl.String | pl.Enum) if name == "kind" else dtype.is_integer() or dtype == pl.Null
        if not is_fit:
            raise ValueError(f"column {name!r} of the propositions holds {dtype}")
    if propositions.select((pl.col("key") < 0).any()).item():
        raise ValueError("propositions have a negative key")
