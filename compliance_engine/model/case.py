"""Cases beside the law, and the drafting errors that no case need notice, as written."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import msgspec

from compliance_engine.kernel.span import Span
from compliance_engine.model.law import Name

# What a case shows of its provision: that the cases of each provision show all of them, `rules coverage` counts.
CASE_KINDS = ("pass", "fail", "undetermined", "boundary", "exception", "version")


# Of these there are a hundred thousand: a struct is made soonest.
class Cell(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A scalar of a case's fact as text; None where the cell is empty or `~`."""

    text: str | None
    span: Span


class CaseRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fact of a case: field name to cell; `id` is among them where the author gave one."""

    cells: tuple[tuple[Name, Cell], ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteDecl:
    """`complete: {type, from, to}`, both days included; `site` None: every site."""

    type: Name
    start: date
    end: date
    site: str | None = None


class Expectation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of `expect`; None: not stated. `no_exceedance`: it says that there is none."""

    provision: str
    duty: str | None
    subject: str
    period: str | None
    occurrence: str | None
    status: str
    due: str | None
    exceedance: Fraction | None
    no_exceedance: bool = False
    days_late: int | None
    reason: str | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case: facts in, findings out."""

    name: str
    kind: str
    as_of: date
    since: date | None
    facts: tuple[tuple[Name, tuple[CaseRecord, ...]], ...]
    complete: tuple[CompleteDecl, ...]
    expect: tuple[Expectation, ...]
    only: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """A `cases` document; `provision` is the id under test; facts and completeness of the document are merged into each case."""

    provision: Name
    cases: tuple[Case, ...]

    @property
    def named(self) -> frozenset[str]:
        """Give the provisions that the expectations name, as they are written."""
        return frozenset(expected.provision for case in self.cases for expected in case.expect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """A change of the law that no case notices, and why that is accepted. It is named as `compliance rules mutate` names it."""

    document: Name
    clause: str
    change: str
    after: str
    because: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivors:
    """A `survivors` document."""

    id: Name
    accepted: tuple[Survivor, ...]
