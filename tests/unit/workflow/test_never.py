"""Time added to a day that never comes gives no day after the last."""

from datetime import date
from pathlib import Path

import compliance_engine as ce

VOCABULARY = """
vocabulary: test
types:
  site: {kind: reference, fields: {name: {type: text, empty: none}}}
  file: {kind: reference, fields: {site: reference site, made: date, left: {type: date, empty: never}}}
  loss: {kind: event, time: date, fields: {file: reference file, date: date}}
"""
PROVISION = """
provision: test.kept
title: A file is kept for three years, or until 90 days after its subject left
citation: invented
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: file}
after: made
by: earliest(made + 3 years, left + 90 days)
forbid: loss
"""


def test_ninety_days_after_never_can_be_reported(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    (tmp_path / "kept.yaml").write_text(PROVISION, encoding="utf-8")
    facts = ce.Facts.from_records({"site": [{"id": "s"}], "file": [{"id": "f", "site": "s"}]})
    (finding,) = ce.evaluate(ce.load_rules(tmp_path), facts, as_of=date(2026, 6, 30)).findings()
    assert (finding.status.value, finding.due) == ("undetermined", None)
