"""What a person is told of facts before they are judged: what there is, what is missing, what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from compliance_engine.reading.facts.zones import row_sites

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compliance_engine.model.facts import Facts, FactTable
    from compliance_engine.model.program import FactType


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeDescription:
    """One fact type: how many records and sites, their first and last day (None: timeless, or none known).

    `empty`: fields with empty cells, and how many; `censored`: fields with `<` or `>`, and how many;
    `complete`: first day, last day and site ("" for all) of each statement.
    """

    type: str
    rows: int
    sites: int
    first: date | None
    last: date | None
    empty: tuple[tuple[str, int], ...]
    censored: tuple[tuple[str, int], ...]
    complete: tuple[tuple[date, date, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRow:
    """A cell that was refused, and where it stands."""

    source: str
    sheet: str
    row: int
    column: str
    found: str
    reason: str


def describe_facts(facts: Facts, types: Mapping[str, FactType]) -> tuple[TypeDescription, ...]:
    """Describe each type of which there are records, or completeness is stated; by name."""
    names = sorted(set(facts.tables) | {c.type for c in facts.complete})
    return tuple(_describe(name, facts, types) for name in names)


def _describe(name: str, facts: Facts, types: Mapping[str, FactType]) -> TypeDescription:
    complete = tuple((c.start, c.end, c.site or "") for c in facts.complete if c.type == name)
    table = facts.tables.get(name)
    if table is None:
        return TypeDescription(
            type=name, rows=0, sites=0, first=None, last=None, empty=(), censored=(), complete=complete
        )
    first, last = _extent(table, types[name])
    frames = {other: t.frame for other, t in facts.tables.items()}
    return TypeDescription(
        type=name,
        rows=table.frame.height,
        sites=row_sites(types[name], frames, types).drop_nulls().n_unique(),
        first=first,
        last=last,
        empty=tuple((f.name, n) for f in types[name].fields if (n := table.frame[f.name].null_count())),
        censored=tuple((f.name, n) for f in types[name].fields if f.qualified and (n := _censored(table, f.name))),
        complete=complete,
    )


def _censored(table: FactTable, field: str) -> int:
    return int((table.frame[field + "__q"] > 0).sum() or 0)


def _extent(table: FactTable, fact_type: FactType) -> tuple[date | None, date | None]:
    """Give the first and the last day: of the time, or of the span as far as it is known."""
    names = [n for n in (fact_type.time, fact_type.span_from, fact_type.span_to) if n]
    days = [table.frame[n + "__d" if n + "__d" in table.frame.columns else n] for n in names]
    known = [day for column in days for day in (column.min(), column.max()) if isinstance(day, date)]
    return (min(known), max(known)) if known else (None, None)


def quarantine_rows(facts: Facts) -> tuple[QuarantineRow, ...]:
    """List what was refused with the names of the sources, by source, row and column."""
    return tuple(
        QuarantineRow(
            source=facts.sources[q.source].name,
            sheet=facts.sources[q.source].sheet,
            row=q.row,
            column=q.column,
            found=q.found,
            reason=q.reason,
        )
        for q in facts.quarantine
    )
