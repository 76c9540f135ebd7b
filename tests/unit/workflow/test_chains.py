"""A recurring duty may begin at a day that a statistic gives."""

from datetime import date
from pathlib import Path

import pytest

import compliance_engine as ce

VOCABULARY = """
vocabulary: test
types:
  site: {kind: reference, fields: {name: {type: text, empty: none}}}
  pump: {kind: reference, fields: {site: reference site, installed: date}}
  service: {kind: event, time: date, fields: {pump: reference pump, date: date, kind: "enum [first, yearly]"}}
"""
PROVISION = """
provision: test.yearly
title: A pump is serviced every year
citation: invented
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: pump}
let: {begun: FIRST}
after: installed
recur: {first: begun + 12 months, then: 12 months, from: completion}
require: some service where service.kind is yearly
"""
SOME = "some service from 2024-01-01 to 2024-12-31"
LAST = "last(service.date from 2024-01-01 to 2024-12-31)"


@pytest.mark.parametrize("first", [LAST, f"if {SOME} then {LAST} else installed"])
def test_the_day_on_which_a_chain_begins_may_be_of_a_record(tmp_path: Path, first: str) -> None:
    (tmp_path / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    (tmp_path / "yearly.yaml").write_text(PROVISION.replace("FIRST", first), encoding="utf-8")
    facts = ce.Facts.from_records(
        {
            "site": [{"id": "s"}],
            "pump": [{"id": "p", "site": "s", "installed": "2024-01-10"}],
            "service": [{"id": "f", "pump": "p", "date": "2024-02-10", "kind": "first"}],
        },
        complete=[ce.Complete(type="service", start=date(2024, 1, 1), end=date(2026, 12, 31))],
    )
    (finding,) = ce.evaluate(ce.load_rules(tmp_path), facts, as_of=date(2025, 6, 30)).findings()
    assert (finding.status.value, finding.due) == ("violation", date(2025, 2, 10))
