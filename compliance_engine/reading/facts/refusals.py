"""Cells that could not be used: a frame with one row for each, until they become `Quarantined`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.reading.facts.cells import LONGEST_CELL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SCHEMA = {"at": pl.UInt32, "column": pl.String, "found": pl.String, "reason": pl.String}


def no_refusals() -> pl.DataFrame:
    """Give none. Columns: at (position in the frame that was read), column, found, reason."""
    return pl.DataFrame(schema=SCHEMA)


def refuse(cells: pl.Series, mask: pl.Series, column: str, reason: Callable[[str], str]) -> pl.DataFrame:
    """Refuse the cells where `mask` is true; `reason` is asked once for each distinct text."""
    if not mask.any():
        return no_refusals()
    found = pl.DataFrame({"at": mask.arg_true().cast(pl.UInt32), "found": cells.filter(mask).cast(pl.String)})
    texts = [text for text in found["found"].unique().to_list() if text is not None]
    reasons = {text: reason(text) for text in texts}
    told = found["found"].replace_strict(reasons, default=reason(""), return_dtype=pl.String)
    return pl.DataFrame(
        {
            "at": found["at"],
            "column": pl.repeat(column, found.height, dtype=pl.String, eager=True),
            "found": found["found"].fill_null("").str.slice(0, LONGEST_CELL),
            "reason": told,
        },
        schema=SCHEMA,
    )


def gathered(refusals: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Put refusals together."""
    return pl.concat([no_refusals(), *refusals])
