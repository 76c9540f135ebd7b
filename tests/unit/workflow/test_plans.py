"""What may lie in the future is cut to the window of an obligation like what has happened."""

from datetime import date
from pathlib import Path

import pytest

import compliance_engine as ce

VOCABULARY = """
vocabulary: test
types:
  site: {kind: reference, fields: {name: {type: text, empty: none}}}
  visit: {kind: plan, time: due-day, fields: {site: reference site, due-day: date, hours: decimal}}
"""
PROVISION = """
provision: test.visits
title: Visits of a time take no longer than three hours together
citation: invented
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
%s
"""
BY_MONTH = "applies: {to: site, each: calendar month}\nlimit: {value: sum(visit.hours), of: 3}"
BY_VISIT = "applies: {to: visit}\nafter: due-day\nby: 5 days\nlimit: {value: sum(visit.hours as v), of: 3}"


@pytest.mark.parametrize(
    ("rule", "statuses"),
    [(BY_MONTH, ["compliant", "compliant"]), (BY_VISIT, ["compliant", "compliant"])],
)
def test_plans_are_those_of_the_window(tmp_path: Path, rule: str, statuses: list[str]) -> None:
    (tmp_path / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    (tmp_path / "visits.yaml").write_text(PROVISION % rule, encoding="utf-8")
    visits = [{"id": day, "site": "s", "due-day": day, "hours": "2"} for day in ("2026-01-20", "2026-02-10")]
    facts = ce.Facts.from_records(
        {"site": [{"id": "s"}], "visit": visits},
        complete=[ce.Complete(type="visit", start=date(2026, 1, 1), end=date(2026, 12, 31))],
    )
    evaluation = ce.evaluate(
        ce.load_rules(tmp_path), facts, as_of=date(2026, 3, 10), period=(date(2026, 1, 1), date(2026, 2, 28))
    )
    assert [finding.status.value for finding in evaluation.findings()] == statuses
