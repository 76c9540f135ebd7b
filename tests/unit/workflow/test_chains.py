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


MOTOR = """
provision: test.quarterly
title: A pump is serviced every three months
citation: invented
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: pump}
after: "if heavy then installed else latest(installed, 2025-03-01)"
recur: {first: 3 months, then: 3 months, from: BASIS}
require: some service where service.kind is yearly
"""


def judged(folder: Path, as_of: date, *services: str, basis: str = "completion") -> list[tuple[str, str, str]]:
    """Judge a pump installed on 2025-01-10 of which it is not known whether it is heavy: status, occurrence, last day."""
    vocabulary = VOCABULARY.replace("installed: date", "installed: date, heavy: bool")
    (folder / "vocabulary.yaml").write_text(vocabulary, encoding="utf-8")
    (folder / "quarterly.yaml").write_text(MOTOR.replace("BASIS", basis), encoding="utf-8")
    records = [{"id": day, "pump": "p", "date": day, "kind": "yearly"} for day in services]
    facts = ce.Facts.from_records(
        {"site": [{"id": "s"}], "pump": [{"id": "p", "site": "s", "installed": "2025-01-10"}], "service": records},
        complete=[ce.Complete(type="service", start=date(2024, 1, 1), end=date(2026, 12, 31))],
    )
    findings = ce.evaluate(ce.load_rules(folder), facts, as_of=as_of).findings()
    return [(f.status.value, f.occurrence, str(f.period[1] if f.period else None)) for f in findings]


@pytest.mark.parametrize(
    ("as_of", "status"),
    [
        (date(2025, 4, 10), "pending"),  # on the first day on which it may be due
        (date(2025, 4, 11), "undetermined"),
        (date(2025, 6, 1), "undetermined"),
        (date(2025, 6, 2), "violation"),  # after the last
    ],
)
def test_a_first_due_date_between_two_days_is_judged_by_both(tmp_path: Path, as_of: date, status: str) -> None:
    """From 2025-04-10 to 2025-06-01, as any due date that lies between two days."""
    assert judged(tmp_path, as_of) == [(status, "", "2025-06-01")]


def test_what_was_done_after_both_days_makes_the_next_due_date_certain(tmp_path: Path) -> None:
    assert judged(tmp_path, date(2025, 8, 1), "2025-04-05") == [
        ("compliant", "", "2025-06-01"),
        ("violation", "2025-07-05", "2025-07-05"),
    ]


def test_what_was_done_between_both_leaves_open_which_links_there_are(tmp_path: Path) -> None:
    assert judged(tmp_path, date(2025, 8, 1), "2025-02-05") == [("undetermined", "", "None")]


@pytest.mark.parametrize(("as_of", "status"), [(date(2025, 4, 9), "pending"), (date(2025, 4, 10), "undetermined")])
def test_from_due_dates_that_are_not_known_only_the_first_can_be_told(tmp_path: Path, as_of: date, status: str) -> None:
    assert [found for found, _, _ in judged(tmp_path, as_of, basis="due")] == [status]


def test_calendar_periods_are_certain_where_both_days_lie_in_one(tmp_path: Path) -> None:
    assert judged(tmp_path, date(2025, 7, 5), "2025-05-01", basis="calendar") == [
        ("compliant", "2025-06-30", "2025-06-30"),
        ("pending", "2025-09-30", "2025-09-30"),
    ]


def test_what_is_due_before_it_begins_is_overdue_whether_or_not_sources_are_complete(tmp_path: Path) -> None:
    """Nothing lies between the trigger and a due date before it, so nothing can be missing from there."""
    (tmp_path / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    text = PROVISION.replace("let: {begun: FIRST}\n", "").replace("begun + 12 months", "2024-06-01")
    (tmp_path / "yearly.yaml").write_text(text, encoding="utf-8")
    facts = ce.Facts.from_records(
        {"site": [{"id": "s"}], "pump": [{"id": "p", "site": "s", "installed": "2024-07-10"}], "service": []}
    )
    (finding,) = ce.evaluate(ce.load_rules(tmp_path), facts, as_of=date(2025, 6, 30)).findings()
    assert (finding.status.value, finding.period) == ("violation", None)
