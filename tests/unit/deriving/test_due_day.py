"""What is asked for within a period is not lacking before the period's last day has passed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

import compliance_engine as ce

if TYPE_CHECKING:
    from pathlib import Path

RULES = """
vocabulary: test
types:
  site: {kind: reference, fields: {}}
  visit: {kind: event, time: day, fields: {site: reference site, day: date}}
---
provision: test.visit
title: The site is visited each month
citation: none
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: site, each: calendar month}
require: some visit
"""


@pytest.mark.parametrize(("day", "status"), [(30, "pending"), (31, "pending"), (32, "violation")])
def test_a_month_is_open_through_its_last_day(tmp_path: Path, day: int, status: str) -> None:
    path = tmp_path / "law.yaml"
    path.write_text(RULES, encoding="utf-8")
    complete = [ce.Complete(type="visit", start=date(2026, 3, 1), end=date(2026, 12, 31))]
    facts = ce.Facts.from_records({"site": [{"id": "s"}]}, complete=complete)
    as_of = date.fromordinal(date(2026, 3, 1).toordinal() + day - 1)
    found = ce.evaluate(ce.load_rules(path), facts, as_of=as_of, since=date(2026, 3, 1)).findings()
    assert next(f.status for f in found if f.period == (date(2026, 3, 1), date(2026, 3, 31))) == status
