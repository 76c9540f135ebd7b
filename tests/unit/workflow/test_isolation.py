"""What a namespace cannot separate is evaluated one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compliance_engine.workflow.cases import run_cases
from compliance_engine.workflow.isolation import isolation_of
from compliance_engine.workflow.rules import CheckedRules, check_rules
from compliance_engine.workflow.together import prepare_cases

if TYPE_CHECKING:
    from pathlib import Path

VOCABULARY = """
vocabulary: x
types:
  site: {kind: reference, fields: {zone: {type: text, empty: none}}}
  plant: {kind: reference, fields: {site: reference site, label: text}}
  reading: {kind: event, time: day, fields: {plant: reference plant, day: date, good: bool}}
  bulletin: {kind: event, time: day, fields: {day: date, topic: text}}
  note: {kind: event, time: day, links: {plant: [label]}, fields: {label: text, day: date}}
---
"""
PROVISION = """
provision: x.p
title: t
citation: c
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: plant}
require: %s
---
cases: x.p
facts: {site: [{id: s}]}
complete: [{type: reading, from: 2026-01-01, to: 2026-12-31}]
cases:
  - case: one
    kind: pass
    as_of: 2026-03-01
    facts: {plant: [{id: p, site: s, label: a}], reading: [{id: r, plant: p, day: 2026-02-01, good: true}]}
    expect: [{subject: p, status: compliant}]
  - case: two
    kind: fail
    as_of: 2026-03-01
    facts: {plant: [{id: p, site: s, label: a}], reading: [%s]}
    expect: [{subject: p, status: %s}]
"""


def load(folder: Path, require: str, reading: str = "", status: str = "violation") -> CheckedRules:
    (folder / "law.yaml").write_text(VOCABULARY + PROVISION % (require, reading, status), encoding="utf-8")
    checked = check_rules([str(folder)])
    assert checked.program is not None, checked.diagnostics
    return checked


def test_records_bound_by_references_are_separated(tmp_path: Path) -> None:
    checked = load(tmp_path, "some reading where good")
    assert checked.program is not None
    prepared = prepare_cases(checked.program, dict(enumerate(checked.law.cases[0].cases)))
    assert [sorted(batch.cases) for batch in prepared.batches] == [[0, 1]]
    assert not prepared.alone


@pytest.mark.parametrize(
    "require",
    [
        "no bulletin where topic is recall",  # nothing binds it: it would count in every case
        "some note",  # bound by a text that two cases may share
        'id is "p" and some reading',  # the text of an id matters
        'site in ["s"]',
    ],
)
def test_what_no_id_binds_is_not(tmp_path: Path, require: str) -> None:
    checked = load(tmp_path, require if require.startswith("no") else f"'{require}'")
    assert checked.program is not None
    assert isolation_of(checked.program) is None


def test_a_case_with_an_unknown_reference_stands_alone(tmp_path: Path) -> None:
    """A reading of an unknown plant may be one of any plant: of those of another case, too."""
    checked = load(tmp_path, "some reading where good", "{id: r, day: 2026-02-01, good: true}")
    assert checked.program is not None
    prepared = prepare_cases(checked.program, dict(enumerate(checked.law.cases[0].cases)))
    assert 1 in prepared.alone


def test_cases_of_other_days_are_other_evaluations(tmp_path: Path) -> None:
    checked = load(tmp_path, "some reading where good")
    assert checked.program is not None
    (document,) = checked.law.cases
    text = (tmp_path / "law.yaml").read_text(encoding="utf-8")
    last = text.rindex("as_of: 2026-03-01")
    (tmp_path / "law.yaml").write_text(text[:last] + "as_of: 2026-03-02" + text[last + 17 :], encoding="utf-8")
    later = check_rules([str(tmp_path)]).law.cases[0]
    prepared = prepare_cases(checked.program, {0: document.cases[0], 1: later.cases[1]})
    assert [sorted(batch.cases) for batch in prepared.batches] == [[0], [1]]


DECISIONS = """
---
policy: x.basis
citation: c
choices: [early, late]
---
provision: x.q
title: t
citation: c
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: plant}
waivable: {by: [Director]}
require: basis is early and determined("looks bad")
---
cases: x.q
facts: {site: [{id: s}], plant: [{id: p, site: s, label: a}]}
complete: [{type: waiver, from: 2020-01-01, to: 2026-12-31}]
cases:
  - case: answered, and chosen for the site
    kind: pass
    as_of: 2026-03-01
    facts:
      policy: [{policy: x.basis, choice: early, site: s}]
      determination: [{question: looks bad, subject: p, answer: true}]
    expect: [{subject: p, status: compliant}]
  - case: answered otherwise
    kind: fail
    as_of: 2026-03-01
    facts:
      policy: [{policy: x.basis, choice: early, site: s}]
      determination: [{question: looks bad, subject: p, answer: false}]
    expect: [{subject: p, status: violation}]
  - case: waived
    kind: exception
    as_of: 2026-03-01
    facts:
      waiver: [{provision: x.q, subject: p, authority: Director, from: 2026-01-01}]
    expect: [{subject: p, status: exempt}]
  - case: chosen for all sites
    kind: undetermined
    as_of: 2026-03-01
    facts: {policy: [{policy: x.basis, choice: early}]}
    expect: [{subject: p, status: undetermined}]
"""


def test_what_people_decide_is_of_one_case(tmp_path: Path) -> None:
    """Answers, choices and waivers name their subject by a text; a choice for all sites would be one for all cases."""
    (tmp_path / "law.yaml").write_text(VOCABULARY + DECISIONS.removeprefix("\n---\n"), encoding="utf-8")
    checked = check_rules([str(tmp_path)])
    assert checked.program is not None, checked.diagnostics
    prepared = prepare_cases(checked.program, dict(enumerate(checked.law.cases[0].cases)))
    assert [sorted(batch.cases) for batch in prepared.batches] == [[0, 1, 2]]
    assert sorted(prepared.alone) == [3]
    assert [result.differences for result in run_cases(checked.program, checked.law.cases)] == [()] * 4


TOURS = """
vocabulary: x
types:
  site: {kind: reference}
  tour: {kind: reference, fields: {site: reference site}}
  plant: {kind: reference, fields: {site: reference site, tour: {type: reference tour, empty: none}}}
  reading: {kind: event, time: day, fields: {plant: reference plant, day: date, amount: decimal}}
  visit: {kind: event, time: day, fields: {tour: {type: reference tour, empty: none}, day: date}}
---
definition: x.level
for: plant
each: calendar month
start: 2026-01-01
value: (previous else 0) + sum(reading.amount)
---
provision: x.p
title: t
citation: c
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: plant%s}
require: %s
---
cases: x.p
complete:
  - {type: tour, from: 2026-01-01, to: 2026-12-31}
  - {type: visit, from: 2026-01-01, to: 2026-12-31}
  - {type: reading, from: 2026-01-01, to: 2026-12-31}
facts: {site: [{id: s}]}
cases:
  - case: of no tour
    kind: pass
    as_of: 2026-03-01
    facts: {plant: [{id: p, site: s}], visit: [{id: v, day: 2026-02-01}], reading: [{id: r, plant: p, day: 2026-01-05, amount: 2}]}
    expect: []
  - case: of a tour
    kind: pass
    as_of: 2026-03-01
    facts: {plant: [{id: p, site: s, tour: t}], tour: [{id: t, site: s}], visit: [{id: v, tour: t, day: 2026-02-01}]}
    expect: []
"""


@pytest.mark.parametrize(
    ("each", "require", "alone"),
    [
        pytest.param("", "no tour", [], id="an empty reference equals no id"),
        pytest.param("", "no visit", [0, 1], id="what is empty equals what is empty, of whichever case"),
        pytest.param(", each: calendar month", "level < 2", [], id="law with a memory remembers its own subject"),
    ],
)
def test_what_is_empty_is_known_too(tmp_path: Path, each: str, require: str, alone: list[int]) -> None:
    (tmp_path / "law.yaml").write_text(TOURS % (each, require), encoding="utf-8")
    checked = check_rules([str(tmp_path)])
    assert checked.program is not None, checked.diagnostics
    prepared = prepare_cases(checked.program, dict(enumerate(checked.law.cases[0].cases)))
    assert sorted(prepared.alone) == alone
    apart = list(run_cases(checked.program, checked.law.cases, together=False))
    assert list(run_cases(checked.program, checked.law.cases)) == apart
