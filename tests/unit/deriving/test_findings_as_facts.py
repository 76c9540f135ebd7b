"""What later provisions read of a duty's findings has the same columns whether there are findings or none."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from unittest.mock import patch

import compliance_engine as ce
from compliance_engine.deriving import derivation, facts_of_findings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from compliance_engine.deriving.assembling import Assembled
    from compliance_engine.deriving.world import Result

RULES = """
vocabulary: test
types:
  site: {kind: reference, fields: {open: bool}}
  visit: {kind: event, time: day, fields: {site: reference site, day: date, load: quantity kg}}
---
provision: test.load
title: The month's loads stay within 100 kg
citation: none
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: site, each: calendar month, when: [open]}
limit: {value: sum(visit.load), must: "<=", of: 100 kg}
---
provision: test.report
title: A month beyond its loads is reported
citation: none
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: finding of test.load where met is false}
limit: {value: amount, must: "<", of: 50 kg}
"""


def evaluated(tmp_path: Path, *, sites: int) -> tuple[list[ce.Finding], list[Result]]:
    path = tmp_path / "law.yaml"
    path.write_text(RULES, encoding="utf-8")
    visits = [{"id": f"v{n}", "site": f"s{n}", "day": "2026-03-02", "load": "180 kg"} for n in range(sites)]
    complete = [ce.Complete(type="visit", start=date(2026, 3, 1), end=date(2026, 3, 31))]
    records = {"site": [{"id": f"s{n}", "open": "true"} for n in range(sites)], "visit": visits}
    facts = ce.Facts.from_records(records, complete=complete)
    made: list[Result] = []

    def noted(result: Result, found: Sequence[Assembled]) -> Result:
        made.append(facts_of_findings.with_findings(result, found))
        return made[-1]

    period = (date(2026, 3, 1), date(2026, 3, 31))
    with patch.object(derivation, "with_findings", side_effect=noted):
        outcome = ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 3, 31), period=period)
    return list(outcome.findings()), made


def test_the_columns_of_findings_are_those_of_none(tmp_path: Path) -> None:
    findings, made = evaluated(tmp_path, sites=1)
    assert [(f.requirement.id, f.status, f.value) for f in findings] == [
        ("test.load", "violation", "180 kg"),
        ("test.report", "violation", "80 kg"),
    ]
    (result,) = made
    assert dict(result.table.frame.schema) == facts_of_findings.SCHEMA


def test_where_there_is_none_nothing_follows(tmp_path: Path) -> None:
    findings, made = evaluated(tmp_path, sites=0)
    assert findings == []
    assert made == []
