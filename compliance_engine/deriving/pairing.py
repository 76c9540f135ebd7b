"""Rows and records paired: by what links them, known or not, and by the days that both span."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def paired(wanted: pl.DataFrame, have: pl.DataFrame, keys: Sequence[str]) -> pl.LazyFrame:
    """Pair what is wanted with what there is by their keys; one that is not known on either side may be any, and leaves `doubt`."""
    columns = [name for name in (*wanted.columns, *have.columns) if name not in keys]
    parts = []
    for (left, some), (right, others) in product(_by_what_is_known(wanted, keys), _by_what_is_known(have, keys)):
        known = [key for key in keys if key in some and key in others]
        pairs = left.lazy().join(right.lazy(), on=known or None, how="inner" if known else "cross")
        parts.append(pairs.select(*columns, pl.lit(value=len(known) < len(keys)).alias("doubt")))
    return parts[0] if len(parts) == 1 else pl.concat(parts)


def _by_what_is_known(frame: pl.DataFrame, keys: Sequence[str]) -> Iterator[tuple[pl.DataFrame, set[str]]]:
    """Part rows by which of their keys are known."""
    lacking = [key for key in keys if frame[key].null_count()]
    if not lacking:
        yield frame, set(keys)
        return
    for unknown, part in frame.group_by([pl.col(key).is_null() for key in lacking], maintain_order=True):
        yield part, {key for key in keys if key not in lacking or not unknown[lacking.index(key)]}


def timed(pairs: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the pairs whose record may meet the window, and doubt those that need not."""
    inside = (pl.col("r.from") <= pl.col("to")) & (pl.col("r.to") >= pl.col("from"))
    inside = inside & (pl.col("from") <= pl.col("to"))  # what may be any day meets no window that has none
    surely = (pl.col("r.certain_from") <= pl.col("c.to")) & (pl.col("r.certain_to") >= pl.col("c.from"))
    surely = surely & (pl.col("c.from") <= pl.col("c.to"))  # what has no end meets no window that is certain on no day
    return pairs.filter(inside).with_columns(doubt=pl.col("doubt") | ~surely)
