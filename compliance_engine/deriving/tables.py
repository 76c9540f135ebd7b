"""Facts as the evaluation sees them: visible at the as-of date, known then, each row addressed by its number."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.identity import text_hashes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from compliance_engine.model.expression import AnyNode
    from compliance_engine.model.facts import FactTable, Shape
    from compliance_engine.model.program import FactType

# Up to so many rows are looked up one by one: to plan a join takes longer.
LISTED = 300
ROW_NUMBER = pl.int_range(pl.len(), dtype=pl.UInt32)  # of each row of a frame
# The column that says whether it is not certain that there is such a thing: of composite subjects, and of findings.
DOUBT = "_doubt"


@dataclass(frozen=True, slots=True)
class Table:
    """The visible facts of a type.

    `lookup` caches id -> row and the like, `places` the same for few rows, `sides` the records' side of each link (by scope and nodes).
    """

    type: FactType
    frame: pl.DataFrame
    shapes: Mapping[str, Shape]
    lookup: dict[str, pl.DataFrame] = field(default_factory=dict)
    places: dict[str, dict[str | int, int]] = field(default_factory=dict)
    sides: dict[tuple[str, tuple[AnyNode, ...]], pl.DataFrame] = field(default_factory=dict)

    def dtype_of(self, name: str) -> pl.DataType | None:
        """Give the type of a column; None if there is none of that name. To ask a frame for its whole schema takes as long as a query."""
        return self.frame.get_column(name).dtype if name in self.frame.columns else None

    def rows_of(self, ids: pl.Series) -> pl.Series:
        """Give the row of each id (null where there is none); ids as text, or integers on both sides."""
        key = "text" if ids.dtype == pl.String or not self.frame["id"].dtype.is_integer() else "integer"
        kind = pl.String if key == "text" else pl.Int64
        if max(ids.len(), self.frame.height) <= LISTED:
            if key not in self.places:
                ids_here = list(enumerate(self.frame["id"].cast(kind).to_list()))
                self.places[key] = {one: row for row, one in reversed(ids_here) if one is not None}
            places = self.places[key]
            return pl.Series("row", [places.get(one) for one in ids.cast(kind).to_list()], dtype=pl.UInt32)
        if key not in self.lookup:
            own = pl.DataFrame({"id": self.frame["id"].cast(kind)}).with_row_index("row")
            self.lookup[key] = own.unique("id", keep="first", maintain_order=True)
        wanted = pl.DataFrame({"id": ids.cast(kind)})
        return wanted.join(self.lookup[key], on="id", how="left", maintain_order="left")["row"]


def id_hashes(table: Table) -> pl.Series:
    """Give 64 bits of the SHA-256 of each record's id, computed once for each table."""
    if "hash" not in table.lookup:
        table.lookup["hash"] = text_hashes(table.frame["id"].cast(pl.String)).to_frame("hash")
    return table.lookup["hash"]["hash"]


def visible_table(
    fact_type: FactType,
    facts: FactTable | None,
    as_of: date,
    known_as_of: datetime | None,
    sites: frozenset[str] | None,
) -> Table:
    """Give the facts of a type that had happened and were known; of two versions of one id, the one known last."""
    if facts is None:
        return Table(fact_type, pl.DataFrame({"id": []}, schema={"id": pl.String}), {})
    frame = facts.frame
    conditions: list[pl.Expr] = []
    if fact_type.kind == "event" and fact_type.time:
        day = day_column(fact_type, fact_type.time)
        if frame[day].max() is not None and frame[day].max() > as_of:  # type: ignore[operator]
            conditions.append(pl.col(day).is_null() | (pl.col(day) <= as_of))
    if sites is not None and fact_type.site in {(), ("site",)}:
        conditions.append(pl.col("site" if fact_type.site else "id").cast(pl.String).is_in(list(sites)))
    if "_known" in frame.columns:
        if known_as_of is not None:
            conditions.append(pl.col("_known").is_null() | (pl.col("_known") <= known_as_of))
        frame = _latest_known(frame.filter(*conditions) if conditions else frame)
    elif conditions:
        frame = frame.filter(*conditions)
    return Table(fact_type, frame, facts.shapes)


def _latest_known(frame: pl.DataFrame) -> pl.DataFrame:
    if frame["_known"].null_count() == frame.height or not frame["id"].is_duplicated().any():
        return frame
    return frame.sort("_known", nulls_last=False, maintain_order=True).unique("id", keep="last", maintain_order=True)


def is_absent(tables: Mapping[str, Table], fact_type: str) -> bool:
    """Say whether the facts hold no record of a type."""
    return fact_type in tables and tables[fact_type].frame.is_empty()


def repeated(value: object, height: int, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    """Give a column that is the same in every row."""
    return _one(value, dtype).new_from_index(0, height) if height else pl.Series([], dtype=dtype)


@lru_cache(maxsize=1_000)
def _one(value: object, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    return pl.Series([value], dtype=dtype)


def day_column(fact_type: FactType, name: str) -> str:
    """Name the column with the local day of a date or instant field."""
    return f"{name}__d" if fact_type.field(name).base == "instant" else name
