"""Tables of many rows: the time that a look-up takes grows with the rows, not with the cases that the rows open."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import compliance_engine as ce

if TYPE_CHECKING:
    from pathlib import Path

RULES = """
vocabulary: test
types:
  site: {kind: reference, fields: {size: {type: integer, domain: non-negative}, load: decimal}}
---
table: test.bands
keys: {size: {type: decimal, band: from}}
columns: {most: integer}
rows: [%s]
---
provision: test.load
title: The load stays within the band
citation: none
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: site}
limit: {value: load, must: "<=", of: "table(test.bands, size).most"}
"""


def test_a_key_that_is_not_known_may_be_in_any_of_sixty_bands(tmp_path: Path) -> None:
    """Each row of a look-up used to double what was computed: twenty-five took minutes."""
    path = tmp_path / "law.yaml"
    path.write_text(RULES % ", ".join(f"[{10 * n}, {n + 1}]" for n in range(60)), encoding="utf-8")
    sites = [{"id": "known", "size": "25", "load": "4"}, {"id": "low", "load": "1"}, {"id": "high", "load": "61"}]
    sites.append({"id": "between", "load": "3"})
    law, facts = ce.load_rules(path), ce.Facts.from_records({"site": sites})
    found = {f.subject: f.status for f in ce.evaluate(law, facts, as_of=date(2026, 1, 1)).findings()}
    assert found == {"known": "violation", "low": "compliant", "high": "violation", "between": "undetermined"}


def test_a_band_may_begin_on_a_day_and_a_cell_may_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "law.yaml"
    rules = RULES.replace("{type: integer, domain: non-negative}", "date").replace(
        "type: decimal, band", "type: date, band"
    )
    rules = rules.replace(
        "applies: {to: site}", 'applies: {to: site, when: ["table(test.bands, size).most is present"]}'
    )
    path.write_text(rules % "[1900-01-01, 5], [1998-01-01, 4], [2006-01-01, '']", encoding="utf-8")
    days = {"eve": "1997-12-31", "day": "1998-01-01", "after": "2006-01-01", "unknown": "", "before": "1899-12-31"}
    sites = [{"id": name, "size": day, "load": "5"} for name, day in days.items()]
    facts = ce.Facts.from_records({"site": sites})
    found = {f.subject: f.status for f in ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 1, 1)).findings()}
    assert found.pop("before") == "undetermined"
    assert found == {"eve": "compliant", "day": "violation", "after": "not_applicable", "unknown": "undetermined"}
