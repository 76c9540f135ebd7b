"""What the findings of cases show: which versions governed, what was met and not, which conditions held and did not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.model.findings import of_duty
from compliance_engine.workflow.cases import named_provisions
from compliance_engine.workflow.evaluation import EngineName, findings_of
from compliance_engine.workflow.narrowing import narrow_program
from compliance_engine.workflow.running import read_case_facts
from compliance_engine.workflow.selection import find_provision
from compliance_engine.workflow.together import prepare_cases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from compliance_engine.model.case import Cases
    from compliance_engine.model.findings import Findings
    from compliance_engine.model.program import Program
    from compliance_engine.workflow.probes import Probe

_ROLES = ("when", "unless", "excused", "part")


@dataclass(slots=True)
class Seen:
    """What the findings of all cases showed: values by provision, version, duty and named condition."""

    versions: set[tuple[str, int]] = field(default_factory=set)
    met: set[tuple[str, int, str, str]] = field(default_factory=set)
    truths: dict[tuple[str, int, str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def join(self, other: Seen) -> None:
        """Note what others showed."""
        self.versions |= other.versions
        self.met |= other.met
        for key, values in other.truths.items():
            self.truths[key] |= values

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


def look_at_cases(
    plain: Program, program: Program, document: Cases, probes: Sequence[Probe], engine: EngineName
) -> Seen:
    """Evaluate the cases of a document, and say what they showed; `program` is the law with the probes beside it."""
    seen = Seen()
    for findings in _findings_of(plain, program, document, probes, engine):
        seen.add(findings)
    return seen


def _findings_of(
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
