"""Stratum by stratum from facts to findings: what the workflow drives, with the inference engine between judging and settling."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import listing
from compliance_engine.deriving.assembling import Assembled, assemble
from compliance_engine.deriving.canonical import EVIDENCE_ORDER, FINDING_ORDER, canonical_order
from compliance_engine.deriving.completeness import covered_spans
from compliance_engine.deriving.composites import composite_table
from compliance_engine.deriving.facts_of_findings import with_findings, without_findings
from compliance_engine.deriving.judging import Judged, judge
from compliance_engine.deriving.lowering import lower
from compliance_engine.deriving.obligations import names_of
from compliance_engine.deriving.settling import Class, classes_of, propositions, statuses, truths_of, verdicts
from compliance_engine.deriving.spells import derive_spells, spells_among
from compliance_engine.deriving.tables import is_absent, visible_table
from compliance_engine.deriving.world import World
from compliance_engine.kernel.hexadecimal import hex_numbers
from compliance_engine.model.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from compliance_engine.deriving.tables import Table
    from compliance_engine.model.facts import Complete, Facts
    from compliance_engine.model.program import Program

EVIDENCE_COLUMNS = ("set", "role", "fact_type", "fact", "source", "row", "value", "exceedance_percent")
FINDING_COLUMNS = (
    "finding",
    "site",
    "provision",
    "duty",
    "subject_type",
    "subject",
    "occurrence",
    "period_from",
    "period_to",
    "due",
    "due_at",
    "version",
    "status",
    "possible",
    "met",
    "severity",
    "value",
    "limit",
    "exceedance_percent",
    "days_late",
    "cured",
    "reason",
    "rule",
    "evidence",
)


def world_of(
    program: Program,
    facts: Facts,
    *,
    as_of: date,
    known_as_of: datetime | None,
    since: Mapping[str, date],
    sites: frozenset[str] | None,
) -> World:
    """Give the facts as they are seen at the as-of date."""
    tables = {
        name: visible_table(kind, facts.tables.get(name), as_of, known_as_of, sites)
        for name, kind in sorted(program.types.items())
    }
    for name, composite in sorted(program.composites.items()):
        tables[name] = composite_table(composite, tables[composite.source], as_of)
    return World(
        program,
        tables,
        as_of,
        dict(since),
        lower,
        covered_spans(_known_then(facts.complete, known_as_of)),
        frozenset(statement.type for statement in facts.withdrawn),
        zones=dict(facts.zones),
        read=_read_here(program, tables),
        lookback=program.lookback,
    )


def _read_here(program: Program, tables: Mapping[str, Table]) -> frozenset[str]:
    """Name the provisions whose findings something reads that has a subject among these facts, or is itself read."""
    spells = {spec.spells for spec in program.definitions.values() if spec.spells}

    def has_subjects(name: str) -> bool:
        return name in program.definitions or any(
            (version.subject.type in program.provisions and has_subjects(version.subject.type))
            if version.subject.finding
            else version.subject.type in spells or not is_absent(tables, version.subject.type)
            for version in program.provisions.get(name, ())
        )

    found: set[str] = set()
    waiting = [name for name, readers in program.readers.items() if any(has_subjects(reader) for reader in readers)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other, readers in program.readers.items() if name in readers]
    return frozenset(found)


def _known_then(statements: Sequence[Complete], known_as_of: datetime | None) -> list[Complete]:
    """Cut statements of completeness at the time as of which facts are known: nobody could vouch for later days then."""
    if known_as_of is None:
        return list(statements)
    day = known_as_of.date()
    return [replace(s, end=min(s.end, day)) for s in statements if s.start <= day]


@dataclass(slots=True)
class Stratum:
    """What one stratum asks of the inference engine."""

    judged: list[Judged]
    truths: pl.DataFrame  # of all their obligations, one duty below the other
    keys: list[int]
    classes: tuple[Class, ...]
    propositions: pl.DataFrame


@dataclass(slots=True)
class Derivation:
    """Findings under way."""

    world: World
    names: list[str] = field(default_factory=list)  # of each frame: provision/duty
    frames: list[pl.DataFrame] = field(default_factory=list)
    links: list[pl.DataFrame] = field(default_factory=list)
    trace: dict[str, list[pl.DataFrame]] = field(default_factory=dict)

    def judge(self, ids: Sequence[str]) -> Stratum:
        """Judge the provisions of a stratum; definitions are found when they are read, but spells are facts."""
        for spec in spells_among(self.world.program, ids):
            derive_spells(self.world, spec)
        versions = [version for name in ids for version in self.world.program.provisions.get(name, ())]
        for version in versions:
            for duty in version.duties if version.id in self.world.read else ():
                self.world.results.setdefault((version.id, duty.id), without_findings(version, duty))
        judged = [found for version in versions for found in judge(self.world, version)]
        truths = truths_of(judged) if judged else pl.DataFrame({"key": []}, schema={"key": pl.UInt32})
        keys = truths["key"].unique().sort().to_list()
        classes = classes_of(keys)
        names = [f"{j.provision.id}/{j.duty.id}" for j in judged]
        return Stratum(judged, truths, keys, classes, propositions(classes, names, consequences(self.world.program)))

    def settle(self, stratum: Stratum, conclusions: pl.DataFrame | None) -> None:
        """Settle the obligations of a stratum with what the engine concluded, and keep them for what reads them."""
        settled = statuses(stratum.truths, stratum.keys, verdicts(stratum.classes, conclusions))
        begin = 0
        made: dict[tuple[str, str], list[Assembled]] = {}
        for item, names in zip(stratum.judged, names_of(stratum.judged), strict=True):
            own = (names, *(frame.slice(begin, item.height) for frame in (stratum.truths, settled)))
            assembled = assemble(item, *own)
            begin += item.height
            made.setdefault((item.provision.id, item.duty.id), []).append(assembled)
            self.names.append(f"{item.provision.id}/{item.duty.id}")
            self.frames.append(assembled.frame)
            self.links.append(assembled.links)
            self.trace.setdefault(f"{item.provision.id}/{item.duty.id}", []).append(assembled.trace)
        for key, versions in made.items():
            if key in self.world.results:
                self.world.results[key] = with_findings(self.world.results[key], versions)

    def findings(self) -> Findings:
        """Give all findings in canonical order; nothing more is judged after that."""
        self.world.shared.clear()  # they refer to the world, which would hold all its facts until a collection
        if not self.frames:
            return no_findings()
        frame, links = pl.concat(self.frames, how="diagonal_relaxed"), pl.concat(self.links)
        order = canonical_order(frame, FINDING_ORDER)
        links = links.rename({"finding": "set", "record": "row"}).select(EVIDENCE_COLUMNS)
        links = links[canonical_order(links.with_columns(hex_numbers(links["set"])), EVIDENCE_ORDER)]
        frame = frame[order]
        shown = pl.lit("")
        if links.height:
            shown = pl.when(pl.col("finding").is_in(links["set"].unique().implode())).then("finding").otherwise(shown)
        frame = frame.with_columns(shown.alias("evidence")).select(FINDING_COLUMNS)
        return Findings(frame=frame, evidence=links, trace=self._traces(order.arg_sort()))

    def _traces(self, places: pl.Series) -> dict[str, pl.DataFrame]:
        """Give the derivations of each duty in the order of its findings; `places`: where each row of `frames` came to stand."""
        stands: dict[str, list[pl.Series]] = {}
        begin = 0
        for name, frame in zip(self.names, self.frames, strict=True):
            stands.setdefault(name, []).append(places.slice(begin, frame.height))
            begin += frame.height
        found = {}
        for name, frames in sorted(self.trace.items()):
            told = pl.concat(frames, how="diagonal_relaxed")
            if told.width:
                found[name] = told[pl.concat(stands[name]).arg_sort()]
        return found


def no_findings() -> Findings:
    """Give the findings of an evaluation in which nobody is obliged to anything."""
    dates = dict.fromkeys(("period_from", "period_to", "due", "cured"), pl.Date())
    others = {
        "due_at": pl.Datetime("us", "UTC"),
        "version": pl.UInt16(),
        "exceedance_percent": pl.Decimal(38, 9),
        "days_late": pl.Int32(),
    }
    columns: dict[str, pl.DataType] = dict.fromkeys(FINDING_COLUMNS, pl.String())
    # As links are renamed in `findings`: a set is named after its finding, and a record stands in a row of its source.
    kinds = {**listing.SCHEMA, "set": pl.String(), "row": listing.SCHEMA["record"]}
    links = pl.DataFrame(schema={name: kinds[name] for name in EVIDENCE_COLUMNS})
    return Findings(frame=pl.DataFrame(schema=columns | dates | others), evidence=links, trace={})


def consequences(program: Program) -> dict[str, list[int]]:
    """Give, for each duty, the numbers (in order of id) of the provisions whose subjects are its findings."""
    found: dict[str, list[int]] = {}
    for number, (_, versions) in enumerate(sorted(program.provisions.items())):
        for version in versions:
            if version.subject.finding:
                for duty in program.provisions[version.subject.type][0].duties:
                    if version.subject.duty in {"", duty.id}:
                        numbers = found.setdefault(f"{version.subject.type}/{duty.id}", [])
                        numbers += [] if number in numbers else [number]
    return found
