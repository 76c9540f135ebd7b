"""What of the law its cases exercise: versions, duties met and not, conditions both ways, rows of tables, kinds of cases."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.compiling import compile_program
from compliance_engine.model.case import CASE_KINDS
from compliance_engine.model.findings import of_duty
from compliance_engine.model.program import RequireSpec
from compliance_engine.workflow.cases import named_provisions, read_case_facts
from compliance_engine.workflow.evaluation import EngineName, findings_of
from compliance_engine.workflow.narrowing import narrow_program
from compliance_engine.workflow.probes import PREFIX, Probe, probes_of, with_probes
from compliance_engine.workflow.rules import usable_rules
from compliance_engine.workflow.selection import Selection, find_provision
from compliance_engine.workflow.together import prepare_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from compliance_engine.model.case import Cases
    from compliance_engine.model.findings import Findings
    from compliance_engine.model.law import Law
    from compliance_engine.model.program import DutySpec, NamedNode, Program, ProvisionSpec

_ROLES = ("when", "unless", "excused", "part")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageItem:
    """One thing that cases may exercise. `kind`: provision, version, duty, condition, decision row, table row or case.

    `what` says of it what has to be seen; `place` is `file:line`.
    """

    document: str
    kind: str
    what: str
    place: str
    seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageReport:
    """All items, by document; `unmeasured` tables are read only where rows cannot be told apart."""

    items: tuple[CoverageItem, ...]
    unmeasured: tuple[str, ...] = ()

    @property
    def percent(self) -> float:
        """Give the share of items that were seen; 100 where there is nothing to see."""
        return 100 * sum(item.seen for item in self.items) / len(self.items) if self.items else 100.0


@dataclass(slots=True)
class _Seen:
    """What the findings of all cases showed: values by provision, version, duty and named condition."""

    versions: set[tuple[str, int]] = field(default_factory=set)
    met: set[tuple[str, int, str, str]] = field(default_factory=set)
    truths: dict[tuple[str, int, str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, findings: Findings) -> None:
        """Note what an evaluation showed."""
        keys = findings.frame.select("provision", "version", "duty", "met").with_columns(
            pl.col("provision", "duty", "met").cast(pl.String)
        )
        for provision, version, duty, met in keys.unique().iter_rows():
            self.versions.add((provision, version))
            self.met.add((provision, version, duty, met))
        for name, frame in findings.trace.items():
            provision, _, duty = name.rpartition("/")
            shown = frame.with_columns(keys.filter(of_duty(findings.frame, name))["version"])
            columns = [column for column in frame.columns if column.partition(" ")[0] in _ROLES]
            for (version,), group in shown.group_by("version"):
                for column in columns:
                    values = group[column].drop_nulls().cast(pl.String).unique().to_list()
                    self.truths[provision, int(str(version)), duty, column].update(values)


def measure_coverage(
    rules: Sequence[str], *, engine: EngineName = "durable", progress: Callable[[str], None] = lambda _: None
) -> CoverageReport:
    """Run the cases of rulesets, or of parts of them, and say what they exercise.

    Cases of other parts of the ruleset count where they exercise what is meant. Raises RulesetError if the law cannot be used.
    """
    plain, law, places = usable_rules(rules)
    probes = probes_of(law)
    program, _ = compile_program(with_probes(law, probes))
    assert program is not None, "each probe compiles, and none reads another"
    seen = _Seen()
    for number, document in enumerate(law.cases, 1):
        progress(f"cases {number} of {len(law.cases)}: {document.provision.text}")
        for findings in _findings_of_cases(plain, program, document, probes, engine):
            seen.add(findings)
    select = Selection(places=places)
    items = [*_items_of_provisions(plain, seen), *_items_of_rows(probes, seen), *_items_of_cases(plain, law)]
    meant = [item for item in items if select.has_place(item.place.rsplit(":", 1)[0])]
    ordered = sorted(meant, key=_in_order)
    return CoverageReport(items=tuple(ordered), unmeasured=_unmeasured(law, probes, select))


def _in_order(item: CoverageItem) -> tuple[str, bool, str, int, str, str]:
    """Sort by document and line; the kinds of cases follow what the law itself says."""
    file, _, line = item.place.rpartition(":")
    return item.document, item.kind == "case", file, int(line), item.kind, item.what


def _findings_of_cases(
    plain: Program, program: Program, document: Cases, probes: Sequence[Probe], engine: EngineName
) -> Iterator[Findings]:
    """Evaluate the cases of a document, with the probes of what it reads."""
    name = find_provision(plain, document.provision.text)
    assert name is not None, "the law was checked"
    wanted = named_provisions(plain, name, document)
    part = narrow_program(plain, wanted)
    read = {*part.definitions, *part.provisions}
    whole = narrow_program(program, [*wanted, *(probe.id for probe in probes if probe.reads in read)])
    prepared = prepare_cases(whole, dict(enumerate(document.cases)))
    for batch in prepared.batches:
        since = None if batch.since is None else {"": batch.since}
        yield findings_of(whole, batch.facts, as_of=batch.as_of, since=since, engine=engine)
    for case in prepared.alone.values():
        facts, _ = read_case_facts(whole, case)
        if facts is not None:
            since = None if case.since is None else {"": case.since}
            yield findings_of(whole, facts, as_of=case.as_of, since=since, engine=engine)


def _items_of_provisions(program: Program, seen: _Seen) -> Iterator[CoverageItem]:
    for name, versions in program.provisions.items():
        tried = any((name, version.version) in seen.versions for version in versions)
        yield CoverageItem(document=name, kind="provision", what="judged", place=versions[0].place, seen=tried)
        for version in versions:
            if len(versions) > 1:
                what = f"the version in force from {version.in_force_from} governs"
                known = (name, version.version) in seen.versions
                yield CoverageItem(document=name, kind="version", what=what, place=version.place, seen=known)
            for duty in version.duties:
                yield from _items_of_duty(version, duty, seen)


def _items_of_duty(version: ProvisionSpec, duty: DutySpec, seen: _Seen) -> Iterator[CoverageItem]:
    key = (version.id, version.version, duty.id)
    for value, word in (("true", "met"), ("false", "not met")):
        known = (*key, value) in seen.met
        what = f"{duty.id} {word}"
        yield CoverageItem(document=version.id, kind="duty", what=what, place=version.place, seen=known)
    parts = duty.demand.parts if isinstance(duty.demand, RequireSpec) and len(duty.demand.parts) > 1 else ()
    named = {"when": duty.when, "unless": duty.unless, "excused": duty.excused_by, "part": parts}
    for role, nodes in named.items():
        for node in nodes:
            shown = seen.truths.get((*key, f"{role} {node.name}"), set())
            yield from _both_ways(version, duty, role, node, shown)


def _both_ways(
    version: ProvisionSpec, duty: DutySpec, role: str, node: NamedNode, shown: set[str]
) -> Iterator[CoverageItem]:
    for value in ("true", "false"):
        what = f"{duty.id} {_SAID[role]} `{node.text}` {value}"
        place = node.place or version.place
        yield CoverageItem(document=version.id, kind="condition", what=what, place=place, seen=value in shown)


_SAID: Mapping[str, str] = {"when": "when", "unless": "unless", "excused": "excused_by", "part": "require"}


def _items_of_rows(probes: Sequence[Probe], seen: _Seen) -> Iterator[CoverageItem]:
    """Give each row once, seen if any probe of it saw it."""
    found: dict[tuple[str, str, str, str], bool] = {}
    for probe in probes:
        for number, row in enumerate(probe.rows, 1):
            kind = "decision row" if row.document == probe.reads else "table row"
            key = (row.document, kind, row.text, f"{row.span.file}:{row.span.line}")
            reached = "true" in seen.truths.get((probe.id, 1, "main", f"part {number}"), set())
            found[key] = found.get(key, False) or reached
    for (document, kind, text, place), reached in found.items():
        yield CoverageItem(document=document, kind=kind, what=text, place=place, seen=reached)


def _items_of_cases(program: Program, law: Law) -> Iterator[CoverageItem]:
    """Give each kind of case that a provision needs; one of an exception only where there is `unless` or `excused_by`."""
    given = {(document.provision.text, case.kind) for document in law.cases for case in document.cases}
    for name, versions in program.provisions.items():
        excused = any(duty.unless or duty.excused_by for version in versions for duty in version.duties)
        for kind in CASE_KINDS:
            if kind != "exception" or excused:
                what, known = f"one of kind `{kind}`", (name, kind) in given
                yield CoverageItem(document=name, kind="case", what=what, place=versions[0].place, seen=known)


def _unmeasured(law: Law, probes: Sequence[Probe], select: Selection) -> tuple[str, ...]:
    """Name tables, and definitions with a decision table, whose rows no probe can reach."""
    probed = {row.document for probe in probes for row in probe.rows}
    tables = [table.id for table in law.tables if table.rows]
    tables += [one.id for one in law.definitions if any(formula.rows for _, formula in one.fields)]
    left = [name for name in tables if name.text not in probed and not name.text.startswith(PREFIX)]
    return tuple(sorted(name.text for name in left if select.has_place(name.span.file)))
