"""What an evaluation knows and has found so far: the facts, and what all duties share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from compliance_engine.deriving.tables import day_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import polars as pl

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.grouping import Grouped
    from compliance_engine.deriving.kleene import Truth
    from compliance_engine.deriving.linking import Index, Key
    from compliance_engine.deriving.tables import Table
    from compliance_engine.deriving.values import Value
    from compliance_engine.model.expression import Aggregate, AnyNode, Set
    from compliance_engine.model.program import Grain, NamedNode, Program, SubjectSpec


# The days for which a source is stated to be complete: site (None: all), the first and the last day.
Covered = tuple[tuple[str | None, int, int], ...]


class TooManyOccurrencesError(Exception):
    """More obligations, or periods, than an evaluation may enumerate."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The record that each row refers to: row number in `index`; None: row i is record i."""

    table: Table
    index: str | None


@dataclass(frozen=True, slots=True)
class FoundSubjects:
    """The subjects of a provision: a frame with a row each, the scope of their records, whether each is one, and the days on which it is bound.

    `spans` as `bound.bound_spans` gives them.
    """

    frame: pl.DataFrame
    scope: Scope
    exists: Truth
    spans: pl.DataFrame


@dataclass(frozen=True, slots=True)
class FoundDefinition:
    """A definition as far as it was found: `inner` has a row for each subject (and period), `places` says which.

    `places` has the columns subject#, (p.index, p.from, p.to) and `found`, the row of `inner`; `listed` the same for few rows, once it was asked for.
    """

    inner: Context
    places: pl.DataFrame
    listed: dict[tuple[int, ...], int] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """What an evaluation knows, and what it has found so far. `lower` is the evaluator of expressions."""

    program: Program
    tables: dict[str, Table]
    as_of: date
    since: dict[str, date]
    lower: Callable[[AnyNode, Context], Value]
    covered: dict[str, Covered]  # by type, disjoint
    withdrawn: frozenset[str]  # the types of which a refused row took the statement of completeness back
    results: dict[tuple[str, str], Result] = field(default_factory=dict)
    fused: dict[tuple[Key, AnyNode], Grouped] = field(default_factory=dict)
    # The statistics of each pass over the records of a type.
    sharing: dict[str, dict[Key, dict[Aggregate, None]]] = field(default_factory=dict)
    indexes: dict[Key, Index | None] = field(default_factory=dict)
    subjects: dict[tuple[SubjectSpec, tuple[Set, ...], tuple[NamedNode, ...]], FoundSubjects] = field(
        default_factory=dict
    )
    shared: dict[str, FoundDefinition] = field(default_factory=dict)  # definitions, as far as any duty has asked
    counter: Iterator[int] = field(default_factory=lambda: iter(range(10**9)))
    zones: Mapping[str, str] = field(default_factory=dict)
    earliest_day: int | None = None  # what `earliest` gives, once it was asked for
    read: frozenset[str] = frozenset()  # the provisions whose findings others read
    lookback: Mapping[str, int] = field(
        default_factory=dict
    )  # months before the horizon that others read of a provision

    def earliest(self) -> int:
        """Give the first day of which the facts tell anything: where an evaluation without a stated beginning starts."""
        if self.earliest_day is None:
            self.earliest_day = self._earliest()
        return self.earliest_day

    def _earliest(self) -> int:
        days = [first for spans in self.covered.values() for _, first, _ in spans]
        for table in self.tables.values():
            name = table.type.time if table.type.kind == "event" else ""
            column = day_column(table.type, name) if name else ""
            first = table.frame[column].min() if column in table.frame.columns else None
            if isinstance(first, date):
                days.append((first - date(1970, 1, 1)).days)
        return min(days, default=(self.as_of - date(1970, 1, 1)).days)


@dataclass(frozen=True, slots=True)
class Result:
    """The findings of a duty, for what reads them: `table` as facts of the type `finding`, and where they stand.

    `subject_type` and the columns `subject_row`, `period` (index or null) locate the finding of a subject and period.
    """

    table: Table
    subject_type: str
    finding_subject: bool
    grain: Grain | None
