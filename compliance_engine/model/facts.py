"""Site data as frames: what the readers give and the deriver reads.

Column names in a `FactTable.frame` (every row is one fact; no order is meant):

- `id`, text, enum and reference fields: String, Categorical (few texts in many rows) or any integer dtype (an integer column is text that
  happens to be digits); null: empty. An `id` stands once for each `_known`: records that became known later are corrections.
- bool: Boolean. integer, decimal, quantity: Int64 or Int128, value x `shapes[field].scale` (a positive integer; a power of ten, or a
  multiple of one where a conversion does not terminate); null: empty.
- a qualified quantity `f` also has `f__q`: UInt8, 0 `=`, 1 `<`, 2 `<=`, 3 `>`, 4 `>=` (not null where the value is not null).
- a quantity of unit `varies`, `f`, also has `f__u`: String (or Categorical), the standard unit of its dimension, into which the value is converted.
- date: Date. instant: Datetime(us, UTC), and `f__d`: Date, its local day at the site; null: empty.
- `_known`: Datetime(us, UTC) when the fact became known (null: always known). `_source`: UInt16, index into `Facts.sources`.
  `_row`: UInt32, row in that source, counted from 1 as a person does (the header of a CSV or sheet is row 1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is known of a column: `scale` of a number, how many cells are empty, the largest magnitude (scaled), and whether any is censored."""

    scale: int = 1
    nulls: int = 0
    largest: int = 0
    censored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTable:
    """All facts of one type."""

    type: str
    frame: pl.DataFrame
    shapes: Mapping[str, Shape]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where facts came from: `name` relative to the facts path, `sheet` of a workbook or "", SHA-256 of the bytes, rows read."""

    name: str
    sheet: str
    digest: str
    rows: int
    quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A row that could not be used: source index, row, column ("" if the whole row), what was found and why it was refused."""

    source: int
    row: int
    column: str
    found: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete:
    """A source states that it holds every record of `type` from `start` to `end` (both days included) at `site` (None: all sites)."""

    type: str
    start: date
    end: date
    site: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything known of the sites. `digest` is over the sources' digests, completeness and zones, not over the container.

    `withdrawn`: statements of completeness that do not hold as they stand, since a refused row may lie in them; what is left of them is in `complete`.
    `since`: obligations whose period ended before are out of the evaluation's scope (per site; "" for all).
    `zones`: IANA name per site id (default UTC).
    """

    tables: Mapping[str, FactTable]
    sources: tuple[Source, ...] = ()
    complete: tuple[Complete, ...] = ()
    withdrawn: tuple[Complete, ...] = ()
    quarantine: tuple[Quarantined, ...] = ()
    since: Mapping[str, date] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""
