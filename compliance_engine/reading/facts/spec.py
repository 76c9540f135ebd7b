"""What a manifest or a mapping says of a source: which columns give which fields of which type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compliance_engine.kernel.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSpec:
    """Where a field's cells are: the column `name`, or one `constant` text for all rows.

    `format` of dates and instants: a strptime pattern, `days` (integers, days since 1970-01-01) or `serial` (a
    spreadsheet's number of a day); None: ISO 8601.
    `unit` of a quantity, or the column that names it; `qualifier`: the column that holds `<` and the like.
    `first`: only so many characters of the text, from its start.
    """

    name: str | None = None
    constant: str | None = None
    format: str | None = None
    unit: str | None = None
    unit_column: str | None = None
    qualifier: str | None = None
    first: int | None = None
    span: Span | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """List the columns of the source that it reads."""
        return tuple(name for name in (self.name, self.unit_column, self.qualifier) if name is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Emit:
    """One fact of `type` for each row that passes `where` (column: texts that it may have).

    `codes`: per field, what is written for what; `unit_codes` and `qualifier_codes` alike, for the columns of units and
    qualifiers; "" stands for an empty cell. `distinct`: equal rows are one fact. `known`: when a fact became known.
    """

    type: str
    columns: Mapping[str, ColumnSpec]
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unit_codes: Mapping[str, str] = field(default_factory=dict)
    qualifier_codes: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    distinct: bool = False
    known: ColumnSpec | None = None
    span: Span | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """List the columns of the source that it reads, in a fixed order."""
        specs = [*self.columns.values(), *([self.known] if self.known else [])]
        return tuple(dict.fromkeys([name for spec in specs for name in spec.names] + list(self.where)))
