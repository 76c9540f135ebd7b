"""A set inside the `where` of another may ask about the record it stands in: its evidence is that record's, not the obligation's."""

from datetime import date
from pathlib import Path

import compliance_engine as ce

VOCABULARY = """
vocabulary: test
types:
  site: {kind: reference, fields: {name: {type: text, empty: none}}}
  tank: {kind: reference, fields: {site: reference site}}
  filling: {kind: event, time: date, fields: {tank: reference tank, date: date, mass: quantity kg}}
  emptying: {kind: event, time: date, fields: {tank: reference tank, date: date}}
"""
PROVISION = """
provision: test.held
title: No more is held than 10 kg
citation: invented
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: tank, each: calendar month}
limit: {value: sum(filling.mass as f where no emptying as e from f.date to period.end), of: 10 kg}
"""
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
FACTS = {
    "site": [{"id": "s"}],
    "tank": [{"id": "t", "site": "s"}],
    "filling": [
        {"id": "old", "tank": "t", "date": "2026-03-01", "mass": "9 kg"},
        {"id": "new", "tank": "t", "date": "2026-03-20", "mass": "4 kg"},
    ],
    "emptying": [{"id": "e", "tank": "t", "date": "2026-03-10"}],
}


def test_a_set_that_asks_about_the_record_around_it_has_evidence(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    (tmp_path / "held.yaml").write_text(PROVISION, encoding="utf-8")
    complete = [ce.Complete(type=name, start=YEAR[0], end=YEAR[1]) for name in ("filling", "emptying")]
    found = {}
    for rows in (FACTS, {**FACTS, "emptying": []}):
        facts = ce.Facts.from_records(rows, complete=complete)
        (finding,) = ce.evaluate(ce.load_rules(tmp_path), facts, as_of=date(2026, 4, 1), period=MARCH).findings()
        found[finding.status.value] = (finding.value, {e.fact for e in finding.evidence if e.fact_type == "filling"})
    assert found == {"compliant": ("4 kg", set()), "violation": ("13 kg", {"old", "new"})}


TRIGGERED = """
provision: test.emptied
title: A filling is taken out by a means that was approved before
citation: invented
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: filling}
after: date
by: 10 days
require: some emptying as e from trigger to (10 days after trigger) where e.date >= 3 days after trigger and e.date < due
"""


def test_the_trigger_and_the_due_date_are_known_inside_a_where(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    (tmp_path / "emptied.yaml").write_text(TRIGGERED, encoding="utf-8")
    found = {}
    for day in ("2026-03-03", "2026-03-04", "2026-03-10", "2026-03-11"):
        rows = {**FACTS, "filling": FACTS["filling"][:1], "emptying": [{"id": "e", "tank": "t", "date": day}]}
        facts = ce.Facts.from_records(rows, complete=[ce.Complete(type="emptying", start=YEAR[0], end=YEAR[1])])
        (finding,) = ce.evaluate(ce.load_rules(tmp_path), facts, as_of=date(2026, 4, 1)).findings()
        found[day] = finding.status.value
    assert list(found.values()) == ["violation", "compliant", "compliant", "violation"]
