"""A case has the same findings together with others as alone, whatever the others hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_engine.kernel.span import Span
from compliance_engine.model.case import Case, CaseRecord, Cell, CompleteDecl
from compliance_engine.model.findings import as_texts
from compliance_engine.model.law import Name
from compliance_engine.workflow.cases import run_cases
from compliance_engine.workflow.evaluation import findings_of
from compliance_engine.workflow.isolation import isolation_of
from compliance_engine.workflow.narrowing import narrow_program
from compliance_engine.workflow.rules import CheckedRules, check_rules
from compliance_engine.workflow.running import read_case_facts
from compliance_engine.workflow.selection import find_provision
from compliance_engine.workflow.together import findings_together, prepare_cases
from tests.properties.budget import examples
from tests.properties.facts import facts, statements
from tests.properties.rulesets import rulesets
from tests.properties.worlds import program_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from compliance_engine.model.program import Program
    from tests.properties.worlds import Rows, Statement

NOWHERE = Span("", 0, 0)
SHIPPED = Path(__file__).parents[2] / "rulesets"
# Ids of findings are made of the names in them, so they differ; all that a case can speak of does not.
SAME = (
    *("site", "provision", "duty", "subject_type", "occurrence", "period_from", "period_to", "due", "due_at"),
    *("version", "status", "possible", "met", "severity", "value", "limit", "exceedance_percent", "days_late"),
    *("cured", "reason", "rule"),
)


def name(text: str) -> Name:
    return Name(text=text, span=NOWHERE)


def as_case(number: int, rows: Rows, told: tuple[Statement, ...], since: date | None) -> Case:
    groups = tuple(
        (
            name(kind),
            tuple(
                CaseRecord(cells=tuple((name(k), Cell(text=v, span=NOWHERE)) for k, v in row.items()), span=NOWHERE)
                for row in records
            ),
        )
        for kind, records in rows.items()
    )
    complete = tuple(CompleteDecl(type=name(s.type), start=s.start, end=s.end) for s in told)
    return Case(
        name=str(number),
        kind="pass",
        as_of=date(2026, 3, 20),
        since=since,
        facts=groups,
        complete=complete,
        expect=(),
        only=False,
        span=NOWHERE,
    )


def alone(program: Program, case: Case) -> list[tuple[object, ...]]:
    read, _ = read_case_facts(program, case)
    assert read is not None
    since = None if case.since is None else {"": case.since}
    frame = findings_of(program, read, as_of=case.as_of, since=since, engine="python").frame
    return rows_of(as_texts(frame))


def rows_of(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    return frame.select(SAME).sort(SAME).rows() if frame.height else []


def count_equal(program: Program, cases: Mapping[int, Case]) -> int:
    """Hold each case that is evaluated together against itself alone; give how many there were."""
    checked = 0
    for batch in prepare_cases(program, cases).batches:
        for number, frame in (findings_together(program, batch, "python") or {}).items():
            assert rows_of(frame) == alone(program, cases[number]), cases[number].name
            checked += 1
    return checked


@examples(12)
@given(data=st.data())
def test_random_cases_are_apart(data: st.DataObject) -> None:
    """Namespaces hold on random law: other cases have other gaps, records and statements under the same ids."""
    program = program_of(data.draw(rulesets()), ())
    since = st.sampled_from([None, date(2026, 1, 1), date(2026, 2, 1)])
    drawn = [data.draw(st.tuples(facts(), statements(), since)) for _ in range(4)]
    cases = {number: as_case(number, *one) for number, one in enumerate(drawn)}
    checked = count_equal(program, cases)
    isolation = isolation_of(program)
    apart = [] if isolation is None else [c for c in cases.values() if isolation.holds_for(c, program.types)]
    assert checked == (len(apart) if len(apart) > 1 else 0)


@pytest.fixture(scope="module")
def shipped() -> CheckedRules:
    return check_rules([str(SHIPPED)])


@pytest.mark.parametrize("provision", ["twenty-four-hour-notice", "significant-noncompliance", "permit-renewal"])
def test_shipped_cases_are_apart(shipped: CheckedRules, provision: str) -> None:
    """All cases of a shipped document are evaluated together, with the findings of one by one."""
    assert shipped.program is not None
    document = next(d for d in shipped.law.cases if d.provision.text.endswith(f".{provision}"))
    named = {e.provision for case in document.cases for e in case.expect} | {document.provision.text}
    found = [find_provision(shipped.program, one) for one in named]
    program = narrow_program(shipped.program, [one for one in found if one is not None])
    assert count_equal(program, dict(enumerate(document.cases))) == len(document.cases)


@pytest.mark.slow
def test_all_shipped_cases_go_the_same(shipped: CheckedRules) -> None:
    """Together or one by one, every case has the same result."""
    assert shipped.program is not None
    together = list(run_cases(shipped.program, shipped.law.cases))
    assert together == list(run_cases(shipped.program, shipped.law.cases, together=False))
