"""Composite subjects as facts: one for each combination of keys that some visible record has (docs/language.md section 4).

Where a key of a record is not known, the roster is incomplete: one subject more at the site stands for whatever that
record belongs to. Its keys are unknown, and so is whether it is one more subject at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.tables import DOUBT, Table, day_column
from compliance_engine.model.facts import Shape

if TYPE_CHECKING:
    from datetime import date

    from compliance_engine.model.program import Composite

# What stands in an id where a key is not known; a key of that very text is written with a stroke before it.
OTHERS = "(others)"


def composite_table(composite: Composite, source: Table, as_of: date) -> Table:
    """Give the subjects: `id`, the keys, and `_doubt`."""
    keys = list(composite.keys)
    found = _combinations(composite, source, as_of)
    whole = found.filter(pl.all_horizontal(pl.col(key).is_not_null() for key in keys))
    part = found.filter(pl.any_horizontal(pl.col(key).is_null() for key in keys))
    known = {composite.type.site[0]} if composite.type.site else set()
    others = part.with_columns(
        *(pl.lit(None, dtype=pl.String).alias(key) for key in keys if key not in known),
        pl.lit(value=True).alias(DOUBT),
    ).unique()
    frame = pl.concat([whole, others]).with_columns(_identity(keys).alias("id")).sort("id")
    shapes = {key: Shape(nulls=frame[key].null_count()) for key in keys}
    return Table(composite.type, frame.select("id", *keys, DOUBT), shapes)


def _combinations(composite: Composite, source: Table, as_of: date) -> pl.DataFrame:
    """Give each combination of keys once; in doubt if no record that has it is certain to have happened by then."""
    keys = list(composite.keys)
    frame, kind = source.frame, source.type
    texts = [
        frame[key].cast(pl.String) if key in frame.columns else pl.Series(key, [None] * frame.height, dtype=pl.String)
        for key in keys
    ]
    doubt = pl.repeat(value=False, n=frame.height, eager=True)
    if kind.kind == "event" and kind.time and frame.height:
        day = frame[day_column(kind, kind.time)]
        doubt = day.is_null() | (day > as_of)
    return pl.DataFrame([*texts, doubt.alias(DOUBT)]).group_by(keys, maintain_order=True).agg(pl.col(DOUBT).all())


def _identity(keys: list[str]) -> pl.Expr:
    """Join the texts of the keys so that no two combinations have one id."""

    def written(key: str) -> pl.Expr:
        plain = pl.col(key).str.replace_all("\\", "\\\\", literal=True).str.replace_all("/", "\\/", literal=True)
        plain = pl.when(plain == OTHERS).then(pl.lit(f"\\{OTHERS}")).otherwise(plain)
        return plain.fill_null(OTHERS)

    return pl.concat_str([written(key) for key in keys], separator="/")
