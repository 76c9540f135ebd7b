"""Ids from content: the same obligation has the same id on every machine, in every order (never a row number or a library's hash)."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.kernel.pool import collected

if TYPE_CHECKING:
    from collections.abc import Sequence

MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


def text_hashes(texts: pl.Series) -> pl.Series:
    """Give 64 bits of the SHA-256 of each text; each distinct text is hashed once."""
    distinct = texts.unique(maintain_order=False) if texts.len() > 1 else texts
    if distinct.len() == texts.len():
        return pl.Series(texts.name, [_hash(t) for t in texts.to_list()], dtype=pl.UInt64)
    lookup = pl.DataFrame({"t": distinct, "h": pl.Series([_hash(t) for t in distinct.to_list()], dtype=pl.UInt64)})
    return (
        pl.DataFrame({"t": texts})
        .join(lookup, on="t", how="left", maintain_order="left", nulls_equal=True)["h"]
        .alias(texts.name)
    )


def _hash(text: str | None) -> int:
    return int.from_bytes(hashlib.sha256((text or "").encode()).digest()[:8], "big")


def mixed(parts: Sequence[pl.Series]) -> pl.Series:
    """Mix columns of 64-bit hashes into one; the order of the parts matters."""
    names = [f"p{i}" for i in range(len(parts))]
    query = pl.DataFrame([part.alias(name) for part, name in zip(parts, names, strict=True)]).lazy()
    word = pl.col("id")
    query = query.with_columns(_word(MIX[0]).alias("id"))
    for name in names:
        # Step by step: in one expression each step repeats the one before it, twice.
        query = query.with_columns((word ^ pl.col(name)) * _word(MIX[1]))
        query = query.with_columns((word ^ (word // _word(2**29))) * _word(MIX[2]))
        query = query.with_columns(word ^ (word // _word(2**32)))
    return collected(query.select("id"), parts[0].len())["id"]


@cache
def _word(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.UInt64)
