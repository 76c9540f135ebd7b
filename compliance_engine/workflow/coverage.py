"""What of the law its cases exercise: versions, duties met and not, conditions both ways, rows of tables, kinds of cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance_engine.compiling import compile_program
from compliance_engine.kernel.helpers import Helpers, count_helpers
from compliance_engine.model.case import CASE_KINDS
from compliance_engine.model.program import RequireSpec
from compliance_engine.workflow.probes import PREFIX, Probe, probes_of, with_probes
from compliance_engine.workflow.rules import usable_rules
from compliance_engine.workflow.selection import Selection, find_provision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from compliance_engine.model.law import Law
    from compliance_engine.model.program import DutySpec, NamedNode, Program, ProvisionSpec
    from compliance_engine.workflow.evaluation import EngineName
    from compliance_engine.workflow.seen import Seen


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


def measure_coverage(
    rules: Sequence[str],
    *,
    engine: EngineName = "durable",
    jobs: int | None = 1,
    progress: Callable[[str], None] = lambda _: None,
) -> CoverageReport:
    """Run the cases of rulesets, or of parts of them, in so many processes (`None`: all processors), and say what they exercise.

    Cases of other parts of the ruleset count where they exercise what is meant. Raises RulesetError if the law cannot be used.
    """
    plain, law, places = usable_rules(rules)
    probes = probes_of(law)
    program, _ = compile_program(with_probes(law, probes))
    assert program is not None, "each probe compiles, and none reads another"

    def look(at: int) -> Seen:
        from compliance_engine.workflow.seen import look_at_cases  # noqa: PLC0415 (see `workflow.cases`)

        return look_at_cases(plain, program, law.cases[at], probes, engine)

    helpers = Helpers(look, len(law.cases), count_helpers(jobs))
    from compliance_engine.workflow.seen import Seen  # noqa: PLC0415 (see `workflow.cases`)

    seen = Seen()
    for number, shown in enumerate(helpers.results(), 1):
        progress(f"cases {number} of {len(law.cases)}: {law.cases[number - 1].provision.text}")
        seen.join(shown)
    select = Selection(places=places)
    items = [*_items_of_provisions(plain, seen), *_items_of_rows(probes, seen), *_items_of_cases(plain, law)]
    meant = [item for item in items if select.has_place(item.place.rsplit(":", 1)[0])]
    ordered = sorted(meant, key=_in_order)
    return CoverageReport(items=tuple(ordered), unmeasured=_unmeasured(law, probes, select))


def _in_order(item: CoverageItem) -> tuple[str, bool, str, int, str, str]:
    """Sort by document and line; the kinds of cases follow what the law itself says."""
    file, _, line = item.place.rpartition(":")
    return item.document, item.kind == "case", file, int(line), item.kind, item.what


def _items_of_provisions(program: Program, seen: Seen) -> Iterator[CoverageItem]:
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


def _items_of_duty(version: ProvisionSpec, duty: DutySpec, seen: Seen) -> Iterator[CoverageItem]:
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


def _items_of_rows(probes: Sequence[Probe], seen: Seen) -> Iterator[CoverageItem]:
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
    named = [(find_provision(program, document.provision.text), document) for document in law.cases]
    given = {(name, case.kind) for name, document in named for case in document.cases}
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
