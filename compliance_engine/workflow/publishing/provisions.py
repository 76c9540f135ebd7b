"""Provisions as pages: versions in words, and examples from the cases."""

from collections.abc import Iterator, Sequence

from compliance_engine.compiling.source_text import text_of
from compliance_engine.model.case import CaseRecord, Cases, Expectation
from compliance_engine.model.law import Duty, ExceptionRow, Provision
from compliance_engine.model.register import (
    DutyText,
    Example,
    ExampleFacts,
    ExampleResult,
    ExceptionText,
    VersionText,
)
from compliance_engine.workflow.amending.clauses import MAIN, compare_provisions, write_relations
from compliance_engine.workflow.amending.wording import write, write_subject
from compliance_engine.workflow.publishing.words import tell_demand, tell_due, tell_every, tell_recurrence


def describe_versions(versions: Sequence[Provision]) -> tuple[VersionText, ...]:
    """Describe the versions of a provision, the latest first."""
    ordered = sorted(versions, key=lambda version: version.in_force_from)
    return tuple(
        _describe_version(version, number, ordered[number - 2] if number > 1 else None)
        for number, version in enumerate(ordered, 1)
    )[::-1]


def _describe_version(version: Provision, number: int, before: Provision | None) -> VersionText:
    return VersionText(
        number=number,
        first=version.in_force_from,
        last=version.in_force_to,
        reviewed=version.reviewed,
        confirmed=version.status == "confirmed",
        title=version.title,
        text=version.text or "",
        citation=version.citation,
        source=version.source or "",
        subject=write_subject(version.subject),
        every=tell_every(version.each),
        bound_while=tuple(name.text for name in version.bound_while),
        when=tuple(text_of(condition) for condition in version.when),
        lets=tuple((let.name.text, write(let.value)) for let in version.lets),
        duties=tuple(_describe_duty(version, duty) for duty in version.duties),
        unless=tuple(map(_describe_exception, version.unless)),
        excused_by=tuple(map(_describe_exception, version.excused_by)),
        evidence=tuple(name.text for name in version.evidence),
        responsible=version.responsible or "",
        severity=version.severity,
        place=f"{version.span.file}:{version.span.line}",
        relations=tuple(_describe_relations(version)),
        changes=() if before is None else tuple(told.text for told in compare_provisions(before, version)),
    )


def _describe_relations(version: Provision) -> Iterator[tuple[str, str]]:
    """Say how a provision stands to others, who may waive it, and what it prompts for."""
    if version.tightens:
        yield "Stricter than", ", ".join(name.text for name in version.tightens)
    if version.displaced_by:
        yield "Gives way to", write_relations(version.displaced_by)
    if version.displaces:
        yield "Comes in place of", write_relations(version.displaces)
    if version.waivable:
        yield "May be waived by", ", ".join(version.waivable)
    for prompt in version.prompts:
        yield "Prompts", f"{prompt.then}, when {text_of(prompt.when)}"


def _describe_duty(version: Provision, duty: Duty) -> DutyText:
    lead, demands = tell_demand(duty.demand)
    due, code = tell_due(version, duty)
    return DutyText(
        id="" if duty.id.text == MAIN else duty.id.text,
        title=duty.title or "",
        citation=duty.citation or "",
        severity=duty.severity or version.severity,
        every=tell_every(duty.each),
        when=tuple(text_of(condition) for condition in duty.when),
        lead=lead,
        demands=demands,
        due=due,
        due_code=code,
        roll=duty.roll or version.roll or "",
        recurs=tell_recurrence(duty),
        unless=tuple(map(_describe_exception, duty.unless)),
        excused_by=tuple(map(_describe_exception, duty.excused_by)),
    )


def _describe_exception(row: ExceptionRow) -> ExceptionText:
    return ExceptionText(
        id="" if row.id.isdigit() else row.id,
        when=text_of(row.when),
        because=row.because or "",
        citation=row.citation or "",
    )


def describe_examples(documents: Sequence[Cases]) -> Iterator[Example]:
    """Describe the cases of a provision, in the order of the files."""
    for document in documents:
        for case in document.cases:
            yield Example(
                name=case.name,
                kind=case.kind,
                as_of=case.as_of,
                facts=tuple(_describe_facts(name.text, records) for name, records in case.facts if records),
                results=tuple(_describe_result(expected, document) for expected in case.expect),
            )


def _describe_facts(name: str, records: Sequence[CaseRecord]) -> ExampleFacts:
    columns = tuple(dict.fromkeys(field.text for record in records for field, _ in record.cells))
    written = [{field.text: cell.text or "" for field, cell in record.cells} for record in records]
    return ExampleFacts(
        type=name, columns=columns, rows=tuple(tuple(row.get(column, "") for column in columns) for row in written)
    )


def _describe_result(expected: Expectation, document: Cases) -> ExampleResult:
    other = "" if expected.provision == document.provision.text else expected.provision
    about = (other, expected.subject, expected.duty, expected.period, expected.occurrence)
    remarks = (
        f"due {expected.due}" if expected.due else "",
        f"{expected.exceedance} % over" if expected.exceedance is not None else "",
        f"{expected.days_late} days late" if expected.days_late is not None else "",
        expected.reason or "",
    )
    return ExampleResult(
        about=" · ".join(part for part in about if part),
        status=expected.status,
        remark=", ".join(remark for remark in remarks if remark),
    )
