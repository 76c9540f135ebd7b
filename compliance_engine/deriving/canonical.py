"""The order in which findings and evidence are given, on every machine: by their texts, not by how these are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.kernel.categories import by_category

if TYPE_CHECKING:
    from collections.abc import Sequence

FINDING_ORDER = ("site", "provision", "duty", "subject", "period_from", "occurrence")
EVIDENCE_ORDER = ("set", "role", "fact_type", "fact")


def canonical_order(frame: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Give the numbers of the rows sorted by these columns, texts by their characters, null first."""
    keys = [_ranked(frame[name]) for name in columns]
    return pl.DataFrame(keys).with_row_index("#").sort(columns, nulls_last=False, maintain_order=True)["#"]


def _ranked(values: pl.Series) -> pl.Series:
    """Give texts, of which few differ, by their rank."""
    if values.dtype != pl.Categorical:
        return values
    distinct = values.unique().drop_nulls()
    return by_category(values, distinct, distinct.cast(pl.String).rank("ordinal"))
