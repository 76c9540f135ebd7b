"""Rows and records paired: by what links them, known or not, and by the days that both span."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.windows import FAR
from compliance_engine.kernel.frames import tuples_of
from compliance_engine.kernel.pool import collected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAIRS = {"row": pl.UInt32, "record": pl.UInt32, "doubt": pl.Boolean}
WINDOW = ("from", "to", "c.from", "c.to")
# So many rows and records, multiplied, are held against each other one by one.
MOST_SINGLY = 1_000


def pairs_of(
    wanted: pl.DataFrame, have: pl.DataFrame, keys: Sequence[str], *, windowed: bool, dated: bool
) -> pl.DataFrame:
    """Pair what is wanted with the records that there are: row, record, doubt (belongs only perhaps), in order.

    `wanted`: row, the keys, and if `windowed` from, to, c.from, c.to; a row that has several windows is paired once. `have`: record, the keys,
    r.from, r.to, r.certain_from, r.certain_to. `dated`: what happened at a time that is not known may not have happened by the as-of date.
    """
    lacking = windowed and any(wanted[name].null_count() for name in WINDOW)
    if wanted.height * have.height <= MOST_SINGLY and not lacking:
        found = _pairs_singly(wanted, have, keys, windowed=windowed, dated=dated)
        return pl.DataFrame(found, schema=PAIRS, orient="row")
    pairs = paired(wanted, have, keys)
    if windowed:
        pairs = timed(pairs)
    elif dated:
        pairs = pairs.with_columns(doubt=pl.col("doubt") | (pl.col("r.certain_from") >= FAR))
    if windowed and wanted["row"].is_duplicated().any():
        pairs = pairs.group_by("row", "record").agg(pl.col("doubt").min())
    return collected(pairs.select(*PAIRS).sort("row", "record"), max(wanted.height, have.height))


def _pairs_singly(
    wanted: pl.DataFrame, have: pl.DataFrame, keys: Sequence[str], *, windowed: bool, dated: bool
) -> list[tuple[int, int, bool]]:
    """Hold each of few rows against each record: a plan of joins takes longer to make."""
    records = tuples_of(have, *keys, "record", "r.from", "r.to", "r.certain_from", "r.certain_to")
    number = len(keys)
    found: dict[tuple[int, int], bool] = {}
    for row, *rest in tuples_of(wanted, "row", *keys, *(WINDOW if windowed else ())):
        asked, window = tuple(rest[:number]), rest[number:]
        for one in records:
            record, begin, end, sure_begin, sure_end = one[number:]
            doubt = asked != one[:number] or None in asked
            if doubt and any(None not in pair and pair[0] != pair[1] for pair in zip(asked, one, strict=False)):
                continue
            if window:
                first, last, sure_first, sure_last = window
                if not (begin <= last and end >= first and first <= last):
                    continue
                doubt = doubt or not (sure_begin <= sure_last and sure_end >= sure_first and sure_first <= sure_last)
            elif dated:
                doubt = doubt or sure_begin >= FAR
            found[row, record] = doubt and found.get((row, record), True)
    return sorted((row, record, doubt) for (row, record), doubt in found.items())


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
