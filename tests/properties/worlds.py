"""What a property is told of: rules, facts and dates; and how the oracle and the product evaluate them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compliance_engine.model.facts import Complete
from compliance_engine.model.findings import digest_findings
from compliance_engine.reading.facts import facts_from_records
from compliance_engine.workflow.evaluation import findings_of
from compliance_engine.workflow.narrowing import narrow_program
from compliance_engine.workflow.programs import compile_paths
from tests.oracle import cases
from tests.oracle.evaluation import evaluate
from tests.oracle.law import OracleLaw, load, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from compliance_engine.kernel.diagnostic import Diagnostic
    from compliance_engine.model.facts import Facts
    from compliance_engine.model.findings import Findings
    from compliance_engine.model.program import Program

Rows = dict[str, list[dict[str, str | None]]]
NINE_PLACES = Decimal("1e-9")


@dataclass(frozen=True)
class Statement:
    """A source is complete for a type from one day to another."""

    type: str
    start: date
    end: date


@dataclass(frozen=True)
class World:
    """Rules as texts (one a file), or as paths; records by type; completeness; dates; `only`: some provisions."""

    rules: tuple[str, ...]
    facts: Rows
    complete: tuple[Statement, ...]
    as_of: date
    since: date | None = None
    paths: tuple[str, ...] = ()
    only: tuple[str, ...] = ()


@dataclass(frozen=True, order=True)
class Verdict:
    """A finding, reduced to what both must agree on. A finding about a finding has that one's name as subject."""

    provision: str
    duty: str
    subject: str
    occurrence: str
    period: str
    status: str
    possible: str
    met: str
    exceedance: str = field(default="")
    days_late: str = field(default="")

    @property
    def name(self) -> str:
        return f"{self.provision}/{self.duty}/{self.subject}/{self.occurrence}"

    @property
    def is_settled(self) -> bool:
        return self.status not in ("undetermined", "pending")


def world_of(
    document: Mapping[str, Any], case: Mapping[str, Any], *, paths: tuple[str, ...], only: tuple[str, ...] = ()
) -> World:
    """Give the facts of a case of the law at these paths; an empty cell or a bare `~` is an empty cell."""
    rows = [*(document.get("complete") or []), *(case.get("complete") or [])]
    facts = cases.merged(document.get("facts") or {}, case.get("facts") or {})
    return World(
        rules=(),
        facts={name: [_cells(record) for record in records] for name, records in facts.items()},
        complete=tuple(Statement(r["type"], date.fromisoformat(r["from"]), date.fromisoformat(r["to"])) for r in rows),
        as_of=date.fromisoformat(case["as_of"]),
        since=date.fromisoformat(case["since"]) if "since" in case else None,
        paths=paths,
        only=only,
    )


def _cells(record: Mapping[str, str]) -> dict[str, str | None]:
    return {name: None if text in {"", "~"} else text for name, text in record.items()}


def by_oracle(world: World) -> list[Verdict]:
    """Evaluate with the oracle."""
    rows = [{"type": s.type, "from": s.start, "to": s.end} for s in world.complete]
    law = law_of(world.rules, world.paths)
    found = evaluate(law, world.facts, rows, as_of=world.as_of, since=world.since, only=world.only)
    return sorted(
        Verdict(
            provision=f.provision,
            duty=f.duty,
            subject=f.subject,
            occurrence=f.occurrence,
            period=f"{f.period_from}..{f.period_to}",
            status=f.status,
            possible="|".join(sorted(f.possible)) if len(f.possible) > 1 else "",
            met=f.met,
            exceedance=_nine_places(f.exceedance) if f.status == "violation" else "",
            days_late=str(f.days_late) if f.status == "violation" and f.days_late is not None else "",
        )
        for f in found
    )


@lru_cache(maxsize=64)
def law_of(rules: tuple[str, ...], paths: tuple[str, ...]) -> OracleLaw:
    law = load(paths)
    for text in rules:
        read_text(law, text)
    return law


def _nine_places(number: Fraction | None) -> str:
    if number is None:
        return ""
    exact = Decimal(number.numerator * 10**12 // number.denominator).scaleb(-12)
    return str(exact.quantize(NINE_PLACES, rounding=ROUND_HALF_EVEN))


def by_product(world: World) -> list[Verdict]:
    """Evaluate with the product."""
    frame = product_findings(world).frame
    wanted = world.only or set(frame["provision"])
    rows = {row["finding"]: row for row in frame.to_dicts()}
    return sorted(
        Verdict(
            provision=row["provision"],
            duty=row["duty"],
            subject=_subject(row, rows),
            occurrence=row["occurrence"],
            period=f"{row['period_from']}..{row['period_to']}",
            status=row["status"],
            possible="|".join(sorted(row["possible"].split("|"))),
            met=row["met"],
            exceedance="" if row["exceedance_percent"] is None else str(row["exceedance_percent"]),
            days_late="" if row["days_late"] is None else str(row["days_late"]),
        )
        for row in rows.values()
        if row["provision"] in wanted
    )


def _subject(row: Mapping[str, str], rows: Mapping[str, Mapping[str, str]]) -> str:
    """Name a finding that is the subject of another by its identity, as the oracle does."""
    if row["subject_type"] != "finding":
        return row["subject"]
    about = rows[row["subject"]]
    return f"{about['provision']}/{about['duty']}/{_subject(about, rows)}/{about['occurrence']}"


def product_findings(world: World) -> Findings:
    program = program_of(world.rules, world.paths)
    program = narrow_program(program, world.only) if world.only else program
    facts, diagnostics = _read(world, program)
    assert facts is not None, diagnostics
    assert not facts.quarantine, facts.quarantine
    since = {} if world.since is None else {"": world.since}
    return findings_of(program, facts, as_of=world.as_of, since=since, engine="python")


def is_readable(world: World) -> bool:
    """Say whether no record is refused."""
    facts, _ = _read(world, program_of(world.rules, world.paths))
    return facts is not None and not facts.quarantine


def _read(world: World, program: Program) -> tuple[Facts | None, tuple[Diagnostic, ...]]:
    complete = [Complete(type=s.type, start=s.start, end=s.end) for s in world.complete]
    records: dict[str, Sequence[Mapping[str, object]]] = {name: list(rows) for name, rows in world.facts.items()}
    return facts_from_records(program.types, records, complete=complete)


def product_digest(world: World) -> str:
    """Digest the canonical bytes of the product's findings and evidence."""
    return digest_findings(product_findings(world))


@lru_cache(maxsize=64)
def program_of(rules: tuple[str, ...], paths: tuple[str, ...]) -> Program:
    """Compile rules from texts; each text is a file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(rules):
            (Path(folder) / f"{number:03}.yaml").write_text(text, encoding="utf-8")
        places = [Path(p) for p in paths] + ([Path(folder)] if rules else [])
        return compile_paths(places).program
