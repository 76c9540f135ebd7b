"""Keep an evaluation in a store, and find again what was kept."""

from dataclasses import dataclass
from datetime import datetime

from compliance_engine.model.findings import Findings, Provenance
from compliance_engine.model.program import Program, decode_program
from compliance_engine.storing.evaluations import find_finding
from compliance_engine.storing.opening import open_store
from compliance_engine.storing.writing import store_evaluation
from compliance_engine.workflow.evaluation import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A finding with all that explains it; `evaluation` is its number in the store."""

    evaluation: int
    finding: str
    findings: Findings
    provenance: Provenance
    program: Program


def prepare_store(url: str) -> None:
    """Make the store if there is none; raises StoreError if it cannot be used, before an evaluation is waited for."""
    with open_store(url, write=True):
        pass


def record_outcome(url: str, outcome: Outcome, created_at: datetime) -> int:
    """Store an evaluation and give its number; raises StoreError, and then nothing is stored."""
    return store_evaluation(url, outcome.findings, outcome.provenance, outcome.program_data, created_at)


def recall_finding(url: str, prefix: str, evaluation: int | None = None) -> Recorded:
    """Find a stored finding by the start of its id; raises StoreError if there is none, or more than one."""
    found = find_finding(url, prefix, evaluation)
    return Recorded(
        evaluation=found.evaluation,
        finding=found.finding,
        findings=found.findings,
        provenance=found.provenance,
        program=decode_program(found.program),
    )
