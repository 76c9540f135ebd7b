"""Run the cases of a document with as few evaluations as their dates allow, and with the results of one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance_engine.workflow.batches import Batch, batches_of, split_findings
from compliance_engine.workflow.evaluation import EngineName, findings_of
from compliance_engine.workflow.expectations import compare_findings
from compliance_engine.workflow.isolation import isolation_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl

    from compliance_engine.model.case import Case
    from compliance_engine.model.program import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The cases of a document, by number: those that can be evaluated together, and those that stand alone."""

    batches: tuple[Batch, ...] = ()
    alone: Mapping[int, Case]


def prepare_cases(program: Program, cases: Mapping[int, Case]) -> Prepared:
    """Read the facts of the cases that can be evaluated together; what cannot is left alone, for whatever reason."""
    isolation = isolation_of(program)
    if isolation is None:
        return Prepared(alone=cases)
    apart = {number: case for number, case in cases.items() if isolation.holds_for(case, program.types)}
    batches = batches_of(apart, program.types) if len(apart) > 1 else None
    if batches is None:
        return Prepared(alone=cases)
    alone = {number: case for number, case in cases.items() if number not in apart}
    return Prepared(batches=batches, alone=alone)


def findings_together(program: Program, batch: Batch, engine: EngineName) -> dict[int, pl.DataFrame] | None:
    """Evaluate a batch, and give the findings of each case; None where they cannot be told apart."""
    since = None if batch.since is None else {"": batch.since}
    findings = findings_of(program, batch.facts, as_of=batch.as_of, since=since, engine=engine)
    return split_findings(findings, batch)


def passes_together(program: Program, provision: str, cases: Mapping[int, Case], engine: EngineName) -> Iterator[int]:
    """Give the numbers of cases that pass, evaluated together; of the others nothing is said, and they are run alone."""
    try:
        prepared = prepare_cases(program, cases)
        for batch in prepared.batches:
            found = findings_together(program, batch, engine) or {}
            for number, frame in found.items():
                if not compare_findings(frame, provision, batch.cases[number]):
                    yield number
    except Exception:  # noqa: BLE001 (whichever case met it meets it again when it is run alone, and is reported then)
        return
