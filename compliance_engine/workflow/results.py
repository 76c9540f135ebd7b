"""What an evaluation gives to a program: findings as objects, made when they are asked for, or as one frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import polars as pl

from compliance_engine.model.findings import Findings, as_texts, digest_findings
from compliance_engine.model.status import Status
from compliance_engine.reading.facts import quarantine_rows
from compliance_engine.reporting.rows import flatten_findings, link_evidence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from compliance_engine.kernel.diagnostic import Diagnostic
    from compliance_engine.model.facts import Facts
    from compliance_engine.model.program import Program
    from compliance_engine.reading.facts import QuarantineRow

# Findings made into objects at a time: their evidence is found with one pass over all links.
_BATCH = 20_000

_Key = tuple[str, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One duty of one version of a provision. `confirmed`: a lawyer has read the law the same way."""

    id: str
    duty: str
    version: int
    title: str
    citation: str
    source: str
    responsible: str
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A record that a verdict rests on, and where it stands.

    `row` counts as a person does; `digest` is the file's SHA-256. All three of `file`, `row` and `digest` are None for
    what stands in no file (a finding, a selector of many records). `value`: as it was printed, with its unit.
    """

    fact_type: str
    fact: str
    role: str
    file: str | None
    sheet: str | None
    row: int | None
    digest: str | None
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One obligation and its verdict.

    `period`: first and last day; None without one. `due_at`: where the law counts hours. `possible`: what it may still
    become. `value` and `limit`: texts with units. `exceedance_percent`, `days_late`: None where they have no meaning.
    """

    id: str
    site: str
    requirement: Requirement
    subject_type: str
    subject: str
    occurrence: str
    period: tuple[date, date] | None
    due: date | None
    due_at: datetime | None
    cured: date | None
    status: Status
    possible: tuple[Status, ...]
    reason: str
    severity: str
    value: str | None
    limit: str | None
    exceedance_percent: Decimal | None
    days_late: int | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """The findings of law on facts, as of a date. `diagnostics`: remarks on either that refuse nothing."""

    rules_digest: str
    as_of: date
    diagnostics: tuple[Diagnostic, ...]
    _findings: Findings = field(repr=False)
    _facts: Facts = field(repr=False)
    _program: Program = field(repr=False)

    @property
    def digest(self) -> str:
        """Digest the findings and their evidence: the same for the same law, facts and dates."""
        return digest_findings(self._findings)

    @property
    def facts_digest(self) -> str:
        """Tell these facts from any other."""
        return self._facts.digest

    @property
    def quarantine(self) -> tuple[QuarantineRow, ...]:
        """List the rows of the facts that could not be used, and why."""
        return quarantine_rows(self._facts)

    def counts(self) -> dict[Status, int]:
        """Count the findings of each status, 0 included."""
        found = dict(self._findings.frame.group_by("status").len().iter_rows())
        return {status: found.get(status.value, 0) for status in Status}

    def violations(self) -> Iterator[Finding]:
        """Give the findings that are violations."""
        return self.findings(status=Status.VIOLATION)

    def findings(self, *, status: Status | str | None = None) -> Iterator[Finding]:
        """Give the findings, of one status or of all, by site and provision; ValueError: there is no such status."""
        frame = self._findings.frame
        chosen = frame if status is None else frame.filter(pl.col("status") == Status(status).value)
        return self._made(chosen)

    def to_frame(self) -> pl.DataFrame:
        """Give a row a finding; the columns are those of the CSV, `evidence` the id of a set in `evidence_frame`."""
        frame = self._findings.frame
        return flatten_findings(self._findings, self._program).with_columns(
            frame["exceedance_percent"], frame["due_at"]
        )

    def evidence_frame(self) -> pl.DataFrame:
        """Give a row a link from a set of evidence to a record, with the record's file, sheet, row and digest."""
        exact = self._findings.evidence["exceedance_percent"]
        return link_evidence(self._findings, self._facts.sources).with_columns(exact).drop("source")

    def to_pandas(self) -> Any:  # noqa: ANN401 (pandas is not a dependency)
        """Give `to_frame` as a pandas DataFrame; raises ImportError where pandas or pyarrow is not installed."""
        missing = [name for name in ("pandas", "pyarrow") if find_spec(name) is None]
        if missing:
            raise ImportError(f"to_pandas needs {' and '.join(missing)}: install them, or use to_frame (Polars)")
        return self.to_frame().to_pandas()

    def _made(self, frame: pl.DataFrame) -> Iterator[Finding]:
        requirements = requirements_of(self._program)
        for part in map(as_texts, frame.iter_slices(_BATCH)):
            links = self._links(part)
            for row in part.iter_rows(named=True):
                requirement = requirements[row["provision"], row["version"], row["duty"]]
                yield _finding(row, requirement, links.get(row["evidence"], ()))

    def _links(self, part: pl.DataFrame) -> dict[str, tuple[Evidence, ...]]:
        wanted = self._findings.evidence.filter(pl.col("set").is_in(part["evidence"].unique().implode()))
        linked = link_evidence(Findings(frame=part, evidence=wanted, trace={}), self._facts.sources)
        found: dict[str, list[Evidence]] = {}
        for row in linked.iter_rows(named=True):
            found.setdefault(row["set"], []).append(_evidence(row))
        return {name: tuple(links) for name, links in found.items()}


def requirements_of(program: Program) -> dict[_Key, Requirement]:
    """Give every duty by provision, version and duty, in that order."""
    return {
        (spec.id, spec.version, duty.id): Requirement(
            id=spec.id,
            duty=duty.id,
            version=spec.version,
            title=duty.title or spec.title,
            citation=duty.citation or spec.citation,
            source=spec.source,
            responsible=spec.responsible,
            confirmed=spec.status == "confirmed",
        )
        for _, versions in sorted(program.provisions.items())
        for spec in versions
        for duty in spec.duties
    }


def _evidence(row: Mapping[str, Any]) -> Evidence:
    return Evidence(
        fact_type=row["fact_type"],
        fact=row["fact"],
        role=row["role"],
        file=row["file"],
        sheet=row["sheet"] or None,
        row=row["row"],
        digest=row["digest"],
        value=row["value"],
    )


def _finding(row: Mapping[str, Any], requirement: Requirement, evidence: tuple[Evidence, ...]) -> Finding:
    start, end = row["period_from"], row["period_to"]
    return Finding(
        id=row["finding"],
        site=row["site"] or "",
        requirement=requirement,
        subject_type=row["subject_type"],
        subject=row["subject"],
        occurrence=row["occurrence"],
        period=None if start is None else (start, end),
        due=row["due"],
        due_at=row["due_at"],
        cured=row["cured"],
        status=Status(row["status"]),
        possible=tuple(Status(text) for text in row["possible"].split("|") if text),
        reason=row["reason"],
        severity=row["severity"],
        value=row["value"],
        limit=row["limit"],
        exceedance_percent=row["exceedance_percent"],
        days_late=row["days_late"],
        evidence=evidence,
    )
