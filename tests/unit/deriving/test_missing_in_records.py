"""What an undetermined finding says that the records of a set lack, or the time in which they are so."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

import compliance_engine as ce

if TYPE_CHECKING:
    from pathlib import Path

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
TO_DUE = (MARCH[0], date(2026, 4, 10))

SETS = """
vocabulary: test
types:
  site: {kind: reference}
  visit:
    kind: event
    time: day
    fields:
      site: reference site
      day: date
      load: {type: integer, domain: non-negative}
      by: {type: text, empty: none}
      checked: bool
---
definition: test.sound
for: visit
let: {told: checked}
value: told and load > 5
---
provision: test.visits
title: The visits of a month
citation: none
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: site, each: calendar month}
%s
"""


def visits(tmp_path: Path, duty: str, *rows: dict[str, str], period: tuple[date, date] = MARCH) -> ce.Finding:
    path = tmp_path / "law.yaml"
    path.write_text(SETS % duty, encoding="utf-8")
    records = [{"site": "s", "day": "2026-03-02", "id": f"v{n}"} | row for n, row in enumerate(rows)]
    told = [ce.Complete(type="visit", start=MARCH[0], end=MARCH[1])]
    facts = ce.Facts.from_records({"site": [{"id": "s"}], "visit": records}, complete=told)
    (finding,) = ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 4, 30), period=period).findings()
    return finding


LOAD = "load is not recorded in visit v0"
CHECKED = "checked is not recorded in visit v0"


@pytest.mark.parametrize(
    ("duty", "missing"),
    [
        ('limit: {value: sum(visit.load), must: "<=", of: 10}', LOAD),
        ('limit: {value: max(visit.load where checked), must: "<=", of: 10}', f"{CHECKED}; {LOAD}"),
        ('limit: {every: visit.load, must: "<=", of: 10}', LOAD),
        ("forbid: visit where load > 10", LOAD),
        ("require: some visit where load > 10 and checked", f"{LOAD}; {CHECKED}"),
        ("require: no visit where checked", CHECKED),
        ("require: every visit where checked", CHECKED),
        ('require: count(visit where (by else "") is "x" or checked) >= 1', CHECKED),
        ("let: {heavy: visit where load > 10}\nrequire: some heavy", LOAD),
        ("require: some visit where sound", f"{CHECKED}; {LOAD}"),
    ],
)
def test_undetermined_names_the_field_that_a_record_lacks(tmp_path: Path, duty: str, missing: str) -> None:
    finding = visits(tmp_path, duty, {})
    assert finding.status == "undetermined"
    assert finding.reason.endswith(f"missing: {missing}")


def test_fields_that_many_records_lack_are_told_by_their_number(tmp_path: Path) -> None:
    finding = visits(tmp_path, "forbid: visit where load > 10", {}, {}, {}, {}, {"load": "3"})
    assert finding.reason.endswith("missing: load is not recorded in 4 records of visit")


def test_a_record_that_stands_outside_lacks_nothing(tmp_path: Path) -> None:
    duty = "require: [some visit where load > 10, some visit where checked and load < 3]"
    finding = visits(tmp_path, duty, {"load": "11"}, {"checked": "false"}, {"load": "2"})
    assert finding.status == "undetermined"
    assert finding.reason.endswith("missing: checked is not recorded in visit v2")


def test_where_a_record_belongs_is_what_it_lacks(tmp_path: Path) -> None:
    finding = visits(tmp_path, "forbid: visit where load > 10", {"site": "", "load": "11"})
    assert finding.status == "undetermined"
    assert finding.reason.endswith("missing: site is not recorded in visit v0")


def test_what_may_be_done_until_the_due_date_is_looked_for_until_then(tmp_path: Path) -> None:
    finding = visits(tmp_path, "by: 10 days\nrequire: some visit where checked", {"day": "2026-04-05"}, period=TO_DUE)
    assert finding.status == "undetermined"
    open_source = "the records of visit are not stated to be complete for that time"
    assert finding.reason.endswith(f"missing: {open_source}; {CHECKED}")


SPANS = """
vocabulary: test
types:
  site: {kind: reference}
  permit:
    kind: state
    span: {from: begins, to: ends, goes_on: continued}
    fields: {site: reference site, begins: date, ends: date, continued: bool}
  tank:
    kind: state
    span: {from: begins, to: ends}
    fields: {site: reference site, begins: date, ends: {type: date, empty: never}, sound: bool}
---
provision: test.tank
title: Tanks are sound while a permit lasts
citation: none
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: tank, each: calendar month, while: [permit]}
require: sound
"""


@pytest.mark.parametrize(
    ("permit", "tank", "missing"),
    [
        ({"ends": "2026-03-10", "continued": None}, {}, "continued is not recorded in permit p"),
        ({"ends": None, "continued": "false"}, {}, "ends is not recorded in permit p"),
        ({"ends": "2026-12-31", "continued": None}, {"begins": None}, "tank.begins is not recorded"),
    ],
)
def test_undetermined_names_the_day_of_which_it_is_not_known_who_is_bound(
    tmp_path: Path, permit: dict[str, str | None], tank: dict[str, str | None], missing: str
) -> None:
    path = tmp_path / "law.yaml"
    path.write_text(SPANS, encoding="utf-8")
    held: list[dict[str, str | None]] = [
        {"id": "p", "site": "s", "begins": "2025-01-01", **permit},
        {"id": "t", "site": "s", "begins": "2025-01-01", "sound": "false", **tank},
    ]
    one, other = ({k: v for k, v in row.items() if v is not None} for row in held)
    facts = ce.Facts.from_records(
        {"site": [{"id": "s"}], "permit": [one], "tank": [other]},
        complete=[ce.Complete(type="permit", start=date(2025, 1, 1), end=date(2026, 12, 31))],
    )
    found = ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 4, 30), period=MARCH).findings()
    (finding,) = (one for one in found if one.occurrence == MARCH[0].isoformat())
    assert finding.status == "undetermined"
    assert finding.reason.endswith(f"missing: {missing}")


def test_of_a_state_that_goes_on_no_source_has_records(tmp_path: Path) -> None:
    """Nothing is known of the last days of records that are not there."""
    law = SETS.replace(
        "definition: test.sound",
        "vocabulary: test.permits\ntypes:\n  permit:\n    kind: state\n    span: {from: begins, to: stops, goes_on: extended}\n"
        "    fields: {site: reference site, begins: date, stops: {type: date, empty: never}, extended: bool, strength: decimal}\n"
        "---\ndefinition: test.sound",
        1,
    )
    law = law.replace(", each: calendar month", "") % "require: max(permit.strength) < 1"
    (tmp_path / "law.yaml").write_text(law, encoding="utf-8")
    facts = ce.Facts.from_records({"site": [{"id": "s"}]})
    evaluation = ce.evaluate(ce.load_rules(tmp_path / "law.yaml"), facts, as_of=date(2026, 4, 30))
    assert [finding.status for finding in evaluation.findings()] == ["undetermined"]
