"""When duties are due, and which days the windows of a rule cover, through the smallest law that says so."""

from datetime import date
from pathlib import Path

import pytest

import compliance_engine as ce

VOCABULARY = """
vocabulary: test
types:
  site: {kind: reference, fields: {zone: {type: text, empty: none}}}
  spill: {kind: event, time: seen, fields: {site: reference site, seen: instant, day: date}}
  notice: {kind: event, time: seen, fields: {site: reference site, seen: instant}}
  inspection: {kind: event, time: day, fields: {site: reference site, day: date}}
---
provision: test.duty
title: Test
citation: Test Act 1
in_force: {from: 2000-01-01}
reviewed: 2026-01-01
status: confirmed
"""
AS_OF = date(2026, 12, 31)
COMPLETE = [ce.Complete(type=t, start=date(2023, 1, 1), end=AS_OF) for t in ("spill", "notice", "inspection")]


def evaluate(
    tmp_path: Path, duty: str, records: dict[str, list[dict[str, str]]], as_of: date = AS_OF
) -> list[ce.Finding]:
    (tmp_path / "law.yaml").write_text(VOCABULARY + duty, encoding="utf-8")
    law = ce.load_rules(tmp_path / "law.yaml")
    facts = ce.Facts.from_records({"site": [{"id": "s", "zone": "America/Chicago"}], **records}, complete=COMPLETE)
    return list(ce.evaluate(law, facts, as_of=as_of, since=date(2024, 1, 1)).findings())


@pytest.mark.parametrize(
    ("by", "month", "due"),
    [
        ("28 of next month", date(2026, 1, 1), date(2026, 2, 28)),
        ("31 of next month", date(2026, 1, 1), date(2026, 2, 28)),
        ("31 of next month", date(2026, 2, 1), date(2026, 3, 31)),
        ("03-01 of next year", date(2026, 5, 1), date(2027, 3, 1)),
        ("30 days", date(2026, 1, 1), date(2026, 3, 2)),
        ("1 month", date(2026, 1, 1), date(2026, 2, 28)),
        ("2026-07-15", date(2026, 3, 1), date(2026, 7, 15)),
        ("", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_a_duty_of_a_period_is_due(tmp_path: Path, by: str, month: date, due: date) -> None:
    stated = f"by: {by}" if by else ""
    duty = f"applies: {{to: site, each: calendar month}}\n{stated}\nrequire: some inspection\n"
    found = {f.period[0]: f.due for f in evaluate(tmp_path, duty, {}) if f.period}
    assert found[month] == due


@pytest.mark.parametrize(
    ("after", "by", "due"),
    [
        ("spill.day", "5 days", date(2026, 3, 9)),
        ("spill.day", "1 month", date(2026, 4, 4)),
        ("spill.day", "", date(2026, 3, 4)),
        # 23:30 in Chicago is the next day in UTC: the days are those of the site.
        ("spill.seen", "", date(2026, 3, 4)),
        ("spill.seen", "24 hours", date(2026, 3, 5)),
        ("spill.seen", "30 minutes", date(2026, 3, 5)),
        ("spill.seen", "29 minutes", date(2026, 3, 4)),
    ],
)
def test_a_triggered_duty_is_due(tmp_path: Path, after: str, by: str, due: date) -> None:
    stated = f"by: {by}" if by else ""
    duty = f"applies: {{to: spill}}\nafter: {after}\n{stated}\nrequire: some notice\n"
    (finding,) = evaluate(
        tmp_path, duty, {"spill": [{"id": "x", "site": "s", "day": "2026-03-04", "seen": "2026-03-04T23:30"}]}
    )
    assert finding.due == due


@pytest.mark.parametrize(
    ("as_of", "status"),
    [(date(2026, 3, 8), "pending"), (date(2026, 3, 9), "pending"), (date(2026, 3, 10), "violation")],
)
def test_a_due_day_is_open_until_it_has_passed(tmp_path: Path, as_of: date, status: str) -> None:
    duty = "applies: {to: spill}\nafter: spill.day\nby: 5 days\nrequire: some notice\n"
    spill = {"id": "x", "site": "s", "day": "2026-03-04", "seen": "2026-03-04T12:00"}
    (finding,) = evaluate(tmp_path, duty, {"spill": [spill]}, as_of)
    assert finding.status.value == status


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        ("in 10 days to 2026-06-30", ["2026-06-21", "2026-06-30"], ["2026-06-20", "2026-07-01"]),
        ("in 1 months to 2026-06-30", ["2026-05-31", "2026-06-30"], ["2026-05-30", "2026-07-01"]),
        ("in 365 days to 2026-06-30", ["2025-07-01"], ["2025-06-30"]),
        ("from 2026-06-01 to 2026-06-03", ["2026-06-01", "2026-06-03"], ["2026-05-31", "2026-06-04"]),
        ("in 2 months before period", ["2026-03-01", "2026-04-30"], ["2026-02-28", "2026-05-01"]),
    ],
)
def test_a_window_has_the_days_that_it_says(tmp_path: Path, window: str, inside: list[str], outside: list[str]) -> None:
    duty = (
        "applies: {to: site, each: calendar month}\n"
        f"limit: {{value: count(inspection {window}), must: '>=', of: 100}}\n"
    )
    records = {"inspection": [{"id": day, "site": "s", "day": day} for day in inside + outside]}
    found = {f.period[0]: f.value for f in evaluate(tmp_path, duty, records) if f.period}
    assert found[date(2026, 5, 1)] == str(len(inside))
