"""A due date that is the same for all subjects moves to a working day like any other."""

from datetime import date
from pathlib import Path

import pytest

import compliance_engine as ce

VOCABULARY = """
vocabulary: test
types:
  site: {kind: reference, fields: {name: {type: text, empty: none}}}
  pump: {kind: reference, fields: {site: reference site}}
  service: {kind: event, time: date, fields: {pump: reference pump, date: date}}
"""
PROVISION = """
provision: test.by
title: A pump is serviced by a day
citation: invented
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: pump}
%s
require: some service
"""


@pytest.mark.parametrize(
    ("by", "due"),
    [  # 2026-02-01 was a Sunday
        ("by: 2026-02-01\nroll: next working day", date(2026, 2, 2)),
        ("by: 2026-02-01\nroll: previous working day", date(2026, 1, 30)),
        ("by: 3 working days after 2026-02-01", date(2026, 2, 4)),
        ("by: 1 working days before 2026-02-01", date(2026, 1, 30)),
    ],
)
def test_a_date_that_the_law_names_is_moved_for_every_subject(tmp_path: Path, by: str, due: date) -> None:
    (tmp_path / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    (tmp_path / "by.yaml").write_text(PROVISION % by, encoding="utf-8")
    facts = ce.Facts.from_records(
        {"site": [{"id": "s"}], "pump": [{"id": name, "site": "s"} for name in ("p", "q", "r")]}
    )
    findings = ce.evaluate(ce.load_rules(tmp_path), facts, as_of=date(2026, 1, 15)).findings()
    assert [finding.due for finding in findings] == [due] * 3
