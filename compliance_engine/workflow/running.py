"""Run cases: the facts that one tells, evaluated as any are, and how what was found differs from what it expects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from compliance_engine.kernel.diagnostic import Diagnostic, has_errors
from compliance_engine.kernel.span import Span
from compliance_engine.model.case import Case
from compliance_engine.model.facts import Complete, Facts
from compliance_engine.model.findings import Findings, Provenance
from compliance_engine.model.program import Program
from compliance_engine.reading.facts import facts_from_records
from compliance_engine.version import __version__
from compliance_engine.workflow.evaluation import EngineName, findings_of
from compliance_engine.workflow.expectations import compare_findings
from compliance_engine.workflow.strays import find_strays
from compliance_engine.workflow.together import passes_together


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseFindings:
    """What a case found, as an evaluation has it; `differing`: the ids of the findings that are not as expected."""

    program: Program
    findings: Findings
    provenance: Provenance
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """How a case went: `differences` between what was expected and what was found; none, if it passed.

    `bug`: the exception that ended it, which no case should be able to raise; the other cases run all the same.
    `found`: of a case that failed, its findings, where there are any.
    """

    provision: str
    name: str
    kind: str
    span: Span
    differences: tuple[str, ...]
    bug: Exception | None = None
    found: CaseFindings | None = field(default=None, compare=False, repr=False)

    @property
    def passed(self) -> bool:
        """Say whether all was as expected."""
        return not self.differences and self.bug is None


def pass_case(provision: str, case: Case) -> CaseResult:
    """Say that a case passed."""
    return CaseResult(provision=provision, name=case.name, kind=case.kind, span=case.span, differences=())


def run_document(
    program: Program, provision: str, cases: Mapping[int, Case], engine: EngineName, *, together: bool
) -> dict[int, CaseResult]:
    """Run cases of a document; one that does not pass together with others is run alone, and that result counts."""
    passed = frozenset(passes_together(program, provision, cases, engine)) if together else frozenset()
    return {
        number: pass_case(provision, case) if number in passed else run_case(program, provision, case, engine)
        for number, case in cases.items()
    }


def run_case(program: Program, provision: str, case: Case, engine: EngineName) -> CaseResult:
    """Evaluate the facts of one case and compare."""
    plain = pass_case(provision, case)
    try:
        return _compare(program, plain, case, engine)
    except Exception as error:  # noqa: BLE001 (reported with the case; the command then says that the bug is ours)
        return replace(plain, bug=error)


def _compare(program: Program, plain: CaseResult, case: Case, engine: EngineName) -> CaseResult:
    facts, troubles = read_case_facts(program, case)
    refused = tuple(f"{one.message}; {one.hint}" if one.hint else one.message for one in troubles)
    if facts is None:
        return replace(plain, differences=refused)
    since = None if case.since is None else {"": case.since}
    findings = findings_of(program, facts, as_of=case.as_of, since=since, engine=engine)
    found = compare_findings(findings.frame, plain.provision, case)
    if not found and not refused:
        return plain
    differing = tuple(dict.fromkeys(one.finding for one in found if one.finding))
    used = _provenance_of(program, facts, case, engine)
    kept = CaseFindings(program=program, findings=findings, provenance=used, differing=differing)
    texts = (*refused, *(one.text for one in found), *_tell_strays(facts, program, case))
    return replace(plain, differences=texts, found=kept)


def _provenance_of(program: Program, facts: Facts, case: Case, engine: EngineName) -> Provenance:
    return Provenance(
        rules_digest=program.digest,
        facts_digest=facts.digest,
        findings_digest="",
        as_of=case.as_of,
        known_as_of=None,
        period="",
        engine=engine,
        product_version=__version__,
        sources=facts.sources,
        quarantine=facts.quarantine,
        rules=(case.span.file,),
        facts=(f"case {case.name}",),
    )


def read_case_facts(program: Program, case: Case) -> tuple[Facts | None, tuple[Diagnostic, ...]]:
    """Read the records of a case; none if they cannot be read. A record that is refused is a mistake of its author."""
    records = {
        name.text: [{field.text: cell.text for field, cell in record.cells} for record in group]
        for name, group in case.facts
    }
    complete = [Complete(type=told.type.text, start=told.start, end=told.end, site=told.site) for told in case.complete]
    facts, diagnostics = facts_from_records(program.types, records, complete=complete)
    if has_errors(diagnostics):
        return None, tuple(replace(diagnostic, span=diagnostic.span or case.span) for diagnostic in diagnostics)
    return facts, tuple(_refuse_record(facts, number, case) for number in range(len(facts.quarantine)))


def _tell_strays(facts: Facts, program: Program, case: Case) -> Iterator[str]:
    """Say which references of a case that goes otherwise than expected lead to no record."""
    for stray in find_strays(facts, program):
        near = f"; did you mean {stray.near}?" if stray.near else ""
        place = _line_of(case, stray.type, stray.row, stray.field)
        yield f"{place}{stray.type} record {stray.row}, field `{stray.field}`: there is no {stray.target} {stray.id}{near}"


def _line_of(case: Case, kind: str, record: int, field: str) -> str:
    """Name the line of a cell, or of its record."""
    groups = [group for name, group in case.facts if name.text == kind]
    if not groups or not 0 < record <= len(groups[0]):
        return ""
    found = groups[0][record - 1]
    span = next((cell.span for name, cell in found.cells if name.text == field), found.span)
    return f"line {span.line}: "


def _refuse_record(facts: Facts, number: int, case: Case) -> Diagnostic:
    row = facts.quarantine[number]
    source = facts.sources[row.source]
    column = f", field `{row.column}`" if row.column else ""
    place = _line_of(case, source.sheet or source.name, row.row, row.column)
    message = f"{place}{source.sheet or source.name} record {row.row}{column}: {row.reason} (found `{row.found}`)"
    return Diagnostic(code="case-fact-refused", message=message, span=case.span)
