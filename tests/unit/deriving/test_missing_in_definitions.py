"""What an undetermined finding says that the definitions lack which it reads."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

import compliance_engine as ce

if TYPE_CHECKING:
    from pathlib import Path

MARCH = (date(2026, 3, 1), date(2026, 3, 31))

THROUGH = """
vocabulary: test
types:
  site: {kind: reference, fields: {near: bool}}
  tank:
    kind: reference
    fields:
      site: reference site
      size: {type: quantity gal, domain: non-negative}
      place: "enum [above, below]"
      spare: bool
---
definition: test.tank-counts
citation: none
for: tank
let: {outside: place is above}
value: outside
---
definition: test.storage
citation: none
for: site
let:
  held: sum(tank.size where test.tank-counts and not spare)
  large: held > 1000 gal
fields:
  binds: near and large
---
provision: test.plan
title: A site that stores much has a sign
citation: none
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: site, when: [storage.binds]}
require: no tank where place is below and spare
"""


@pytest.mark.parametrize(
    ("near", "tank", "missing"),
    [
        (None, {}, "site.near is not recorded"),
        ("true", {"size": None}, "size is not recorded in tank t"),
        ("true", {"place": None}, "place is not recorded in tank t"),
        ("true", {"spare": None}, "spare is not recorded in tank t"),
        ("true", {"spare": None, "size": None}, "spare is not recorded in tank t; size is not recorded in tank t"),
    ],
)
def test_undetermined_names_what_a_definition_lacks(
    tmp_path: Path, *, near: str | None, tank: dict[str, str | None], missing: str
) -> None:
    path = tmp_path / "law.yaml"
    path.write_text(THROUGH, encoding="utf-8")
    whole = {"id": "t", "site": "s", "size": "1500 gal", "place": "above", "spare": "false"} | tank
    site = {"id": "s"} | ({} if near is None else {"near": near})
    rows = [{name: text for name, text in whole.items() if text is not None}]
    told = [ce.Complete(type="tank", start=MARCH[0], end=date(2026, 4, 30))]
    facts = ce.Facts.from_records({"site": [site], "tank": rows}, complete=told)
    (finding,) = ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 4, 30)).findings()
    assert finding.status == "undetermined"
    assert finding.reason.split("missing: ")[-1] == missing


def test_what_settled_parts_of_a_definition_lack_is_not_named(tmp_path: Path) -> None:
    path = tmp_path / "law.yaml"
    told_by = "binds: near and large or asked and since > 2026-01-01"
    law = THROUGH.replace("near: bool}", "near: bool, asked: bool, since: date}")
    path.write_text(law.replace("binds: near and large", told_by), encoding="utf-8")
    tanks = [{"id": "t", "site": "s", "place": "above", "spare": "false"}]
    told = [ce.Complete(type="tank", start=MARCH[0], end=date(2026, 4, 30))]
    facts = ce.Facts.from_records(
        {"site": [{"id": "s", "near": "true", "asked": "false"}], "tank": tanks}, complete=told
    )
    (finding,) = ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 4, 30)).findings()
    assert finding.reason == "not known: whether storage.binds; missing: size is not recorded in tank t"


def test_a_question_of_a_definition_that_nobody_answered_is_named(tmp_path: Path) -> None:
    path = tmp_path / "law.yaml"
    path.write_text(THROUGH.replace("near and large", 'near and determined("is it a port")'), encoding="utf-8")
    told = [ce.Complete(type="tank", start=MARCH[0], end=date(2026, 4, 30))]
    facts = ce.Facts.from_records({"site": [{"id": "s", "near": "true"}]}, complete=told)
    (finding,) = ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 4, 30)).findings()
    assert finding.status == "undetermined"
    assert finding.reason.endswith('missing: no determination settles "is it a port"')


SLOTS = """
vocabulary: test
types:
  site: {kind: reference, fields: {near: bool}}
  visit: {kind: event, time: day, fields: {site: reference site, day: date, load: {type: integer, domain: non-negative}}}
---
definition: test.busy
citation: none
for: site
each: calendar month
value: near and sum(visit.load) > 100
---
provision: test.months
title: At most one month is busy
citation: none
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: site, each: %s}
require: count(month where busy) <= 1
"""


@pytest.mark.parametrize("each", ["calendar year", "calendar quarter"])
def test_what_a_definition_of_slots_lacks_of_its_subject_is_named(tmp_path: Path, each: str) -> None:
    path = tmp_path / "law.yaml"
    path.write_text(SLOTS % each, encoding="utf-8")
    rows = [{"id": f"v{n}", "site": "s", "day": f"2025-0{n}-02", "load": "101"} for n in (1, 2, 3)]
    told = [ce.Complete(type="visit", start=date(2025, 1, 1), end=date(2025, 12, 31))]
    facts = ce.Facts.from_records({"site": [{"id": "s"}], "visit": rows}, complete=told)
    found = ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 4, 30)).findings()
    finding = next(one for one in found if one.status == "undetermined")
    assert "site.near is not recorded" in finding.reason


def test_a_field_that_decides_nothing_is_not_named(tmp_path: Path) -> None:
    path = tmp_path / "law.yaml"
    path.write_text(THROUGH, encoding="utf-8")
    tanks = [
        {"id": "t", "site": "s", "size": "900 gal", "place": "above", "spare": "false"},
        {"id": "u", "site": "s", "place": "below"},
        {"id": "v", "site": "s", "place": "above", "spare": "false"},
    ]
    told = [ce.Complete(type="tank", start=MARCH[0], end=date(2026, 4, 30))]
    facts = ce.Facts.from_records({"site": [{"id": "s", "near": "true"}], "tank": tanks}, complete=told)
    (finding,) = ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 4, 30)).findings()
    assert finding.status == "undetermined"
    assert "size is not recorded in tank v" in finding.reason
    assert "tank u: size" not in finding.reason
    assert "spare is not recorded in tank u" in finding.reason
