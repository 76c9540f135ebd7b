"""Each kind of drafting error is made, at its place, and found where no case looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compliance_engine.kernel.errors import InputError
from compliance_engine.workflow.mutants import apply_mutant, mutants_of
from compliance_engine.workflow.mutating import MutationReport, mutate_rules
from compliance_engine.workflow.rules import check_rules
from compliance_engine.workflow.trying import Fate, Tried, bench_of

if TYPE_CHECKING:
    from pathlib import Path

    from compliance_engine.model.law import Definition, Law, Parameter, Provision, TableDecl
from compliance_engine.workflow.mutants import Mutant

LAW = """vocabulary: x
types:
  site: {kind: reference, fields: {zone: {type: text, empty: none}}}
  plant: {kind: reference, fields: {site: reference site, size: decimal, shut: bool, opened: date, old: bool}}
  reading: {kind: event, time: day, fields: {plant: reference plant, day: date, level: quantity mg/L, good: bool}}
---
parameter: x.least
values: [{from: 2020-01-03, value: 5}]
---
definition: x.class
for: plant
first:
  - {when: size > 9, then: 1}
  - {otherwise: 2}
---
provision: x.p
title: t
citation: c
in_force: {from: 2020-01-01, to: 2027-12-31}
reviewed: 2026-01-01
applies:
  to: plant
  when: [not shut, size >= least]
let: {worst: max(reading.level from 2021-01-01 to as-of where good and day > 2026-01-01)}
limit: {value: worst, of: 30 mg/L}
unless:
  - {id: new, when: opened > 2026-01-31 or class = 1}
"""
CASES = """
cases: x.p
complete: [{type: reading, from: 2020-01-01, to: 2026-12-31}]
cases:
  - case: at the limit
    kind: boundary
    as_of: 2026-03-01
    facts:
      site: [{id: s}]
      plant: [{id: p, site: s, size: 5, shut: false, opened: 2020-01-01, old: false}]
      reading: [{id: r, plant: p, day: 2026-02-01, level: 30 mg/L, good: true}]
    expect: [{subject: p, status: compliant}]
"""
PLACES = {
    ("comparison", "must <=", "must <"): 25,
    ("number", "30 mg/L", "31 mg/L"): 25,
    ("unit", "30 mg/L", "30 ug/L"): 25,
    ("date", "2026-01-31", "2026-02-01"): 27,
    ("date", "2027-12-31", "2028-01-01"): 16,
    ("date", "2020-01-03", "2020-01-04"): 7,
    ("and/or", "good and day > 2026-01-01", "good or day > 2026-01-01"): 24,
    ("not dropped", "not shut", "shut"): 23,
    ("exception dropped", "unless new", "(dropped)"): 27,
    ("condition dropped", "when size >= least", "(dropped)"): 23,
    ("row dropped", "when size > 9", "(dropped)"): 13,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "law.yaml").write_text(LAW, encoding="utf-8")
    (tmp_path / "law.cases.yaml").write_text(CASES, encoding="utf-8")
    return tmp_path


def documents(law: Law) -> list[Definition | Parameter | TableDecl | Provision]:
    return [*law.definitions, *law.parameters, *law.tables, *law.provisions]


def all_mutants(law: Law) -> list[Mutant]:
    return [mutant for document in documents(law) for mutant in mutants_of(document)]


def fates(report: MutationReport) -> dict[tuple[str, str, str], Fate]:
    return {(one.mutant.change, one.mutant.before, one.mutant.after): one.fate for one in report.tried}


def test_every_kind_of_error_is_made_at_its_place(folder: Path) -> None:
    law = check_rules([str(folder)]).law
    made = {(m.change, m.before, m.after): m.span.line for m in all_mutants(law)}
    assert {key: made.get(key) for key in PLACES} == PLACES


def test_a_mutant_differs_in_one_document_only(folder: Path) -> None:
    law = check_rules([str(folder)]).law
    for mutant in all_mutants(law):
        changed = apply_mutant(law, mutant)
        pairs = zip(documents(law), documents(changed), strict=True)
        assert [old.id.text for old, new in pairs if old != new] == [mutant.document], mutant.clause


def test_mutants_of_a_document_have_keys_of_their_own(folder: Path) -> None:
    keys = [mutant.key for mutant in all_mutants(check_rules([str(folder)]).law)]
    assert len(keys) == len(set(keys))


def test_what_a_case_looks_at_is_noticed(folder: Path) -> None:
    found = fates(mutate_rules([str(folder)]))
    assert found["comparison", "must <=", "must <"] is Fate.NOTICED
    assert found["comparison", "size >= least", "size > least"] is Fate.NOTICED
    assert found["not dropped", "not shut", "shut"] is Fate.NOTICED
    assert found["unit", "30 mg/L", "30 ug/L"] is Fate.NOTICED
    assert found["number", "5", "6"] is Fate.NOTICED  # of the parameter


def test_what_no_case_looks_at_survives(folder: Path) -> None:
    found = fates(mutate_rules([str(folder)]))
    assert found["number", "30 mg/L", "31 mg/L"] is Fate.SURVIVED
    assert found["exception dropped", "unless new", "(dropped)"] is Fate.SURVIVED
    assert found["row dropped", "when size > 9", "(dropped)"] is Fate.SURVIVED


def test_a_reviewed_survivor_is_accepted(folder: Path) -> None:
    row = '{in: x.p, clause: unless new, change: exception dropped, after: (dropped), because: "nothing is built"}'
    (folder / "survivors.yaml").write_text(f"survivors: x\naccepted:\n  - {row}\n", encoding="utf-8")
    report = mutate_rules([str(folder)])
    assert fates(report)["exception dropped", "unless new", "(dropped)"] is Fate.ACCEPTED
    assert not report.stale


def test_an_accepted_survivor_that_is_noticed_is_told(folder: Path) -> None:
    row = '{in: x.p, clause: duty main must, change: comparison, after: must <, because: "it was so once"}'
    (folder / "survivors.yaml").write_text(f"survivors: x\naccepted:\n  - {row}\n", encoding="utf-8")
    assert [one.because for one in mutate_rules([str(folder)]).stale] == ["it was so once"]


def test_a_sample_is_the_same_for_the_same_seed(folder: Path) -> None:
    first, again = (mutate_rules([str(folder)], sample=5, seed=3) for _ in range(2))
    assert [one.mutant.key for one in first.tried] == [one.mutant.key for one in again.tried]
    assert len(first.tried) == 5
    assert first.total > 5


@pytest.mark.parametrize("jobs", [1, 2])
def test_cases_that_fail_already_say_nothing(folder: Path, jobs: int) -> None:
    text = (folder / "law.cases.yaml").read_text(encoding="utf-8")
    (folder / "law.cases.yaml").write_text(text.replace("status: compliant", "status: violation"), encoding="utf-8")
    with pytest.raises(InputError, match="rules test"):
        mutate_rules([str(folder)], jobs=jobs)


def test_time_is_bounded(folder: Path) -> None:
    answers = iter([True, True, False])
    assert len(mutate_rules([str(folder)], may_go_on=lambda: next(answers)).tried) == 2


def test_many_processes_find_what_one_does(folder: Path) -> None:
    one, two = (mutate_rules([str(folder)], jobs=jobs) for jobs in (1, 2))
    assert two == one


def test_each_is_told_when_it_was_tried(folder: Path) -> None:
    told: list[Tried] = []
    known: list[int] = []

    def may_go_on() -> bool:
        known.append(len(told))
        return len(known) <= 2

    report = mutate_rules([str(folder)], tell=told.append, may_go_on=may_go_on)
    assert known == [0, 1, 2]
    assert tuple(told) == report.tried


def test_only_the_law_that_its_cases_read_is_compiled(folder: Path) -> None:
    other = LAW[LAW.index("provision:") :].replace("x.p", "x.q").replace("class = 1", "size > 5")
    other = other.replace("of: 30 mg/L", 'must: ">=", of: 1 mg/L')
    (folder / "other.yaml").write_text(other, encoding="utf-8")
    (folder / "other.cases.yaml").write_text(CASES.replace("x.p", "x.q"), encoding="utf-8")
    bench, _ = bench_of([str(folder)], "durable")
    assert [one.id.text for one in bench.part("x.q").law.provisions] == ["x.q"]
    assert [one.id.text for one in bench.part("x.class").law.provisions] == ["x.p"]
    assert [one.id.text for one in bench.part("x.least").law.provisions] == ["x.p", "x.q"]
    assert [one.provision for one in bench.part("x.q").suites] == ["x.q"]
