"""What a finding tells besides its verdict: which fact is missing, and what proves that a duty was kept."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

import compliance_engine as ce

if TYPE_CHECKING:
    from pathlib import Path

RULES = """
vocabulary: test
types:
  site: {kind: reference, fields: {open: bool}}
  visit: {kind: event, time: day, fields: {site: reference site, day: date, load: {type: integer, domain: non-negative}}}
---
provision: test.load
title: The month's loads stay within 100
citation: none
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: site, each: calendar month, when: [open]}
limit: {value: sum(visit.load), must: "<=", of: 100}
"""
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
TO_DUE = (MARCH[0], date(2026, 4, 10))


def march(tmp_path: Path, *, is_open: str | None, visits: int, complete: bool) -> ce.Finding:
    path = tmp_path / "law.yaml"
    path.write_text(RULES, encoding="utf-8")
    rows = [{"id": f"v{n}", "site": "s", "day": f"2026-03-{n + 1:02}", "load": "1"} for n in range(visits)]
    told = [ce.Complete(type="visit", start=MARCH[0], end=MARCH[1])] if complete else []
    site = {"id": "s"} | ({} if is_open is None else {"open": is_open})
    facts = ce.Facts.from_records({"site": [site], "visit": rows}, complete=told)
    (finding,) = ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 4, 30), period=MARCH).findings()
    return finding


@pytest.mark.parametrize(
    ("is_open", "complete", "missing"),
    [
        (None, True, "missing: site.open is not recorded"),
        ("true", False, "missing: no source is stated to be complete for visit"),
    ],
)
def test_undetermined_names_the_missing_fact(
    tmp_path: Path, *, is_open: str | None, complete: bool, missing: str
) -> None:
    finding = march(tmp_path, is_open=is_open, visits=2, complete=complete)
    assert finding.status == "undetermined"
    assert finding.reason.endswith(missing)


def test_undetermined_names_what_makes_a_subject(tmp_path: Path) -> None:
    path = tmp_path / "law.yaml"
    path.write_text(
        RULES.replace("to: site, each: calendar month, when: [open]", "to: site where open"), encoding="utf-8"
    )
    facts = ce.Facts.from_records(
        {"site": [{"id": "s"}], "visit": [{"id": "v", "site": "s", "day": "2026-03-01", "load": "101"}]}
    )
    (finding,) = ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 4, 30)).findings()
    assert finding.status == "undetermined"
    assert finding.reason == "not known: whether it was bound at that time; missing: site.open is not recorded"


def undated(tmp_path: Path, *, visits: int, link: str = "s") -> ce.Finding:
    path = tmp_path / "law.yaml"
    path.write_text(RULES, encoding="utf-8")
    rows = [{"id": f"v{n}", "site": link, "load": "60"} for n in range(visits)]
    rows += [{"id": "dated", "site": "s", "day": "2026-03-02", "load": "60"}]
    sites = [{"id": name, "open": "true"} for name in ("s", "other")]
    told = [ce.Complete(type="visit", start=MARCH[0], end=MARCH[1])]
    facts = ce.Facts.from_records({"site": sites, "visit": rows}, complete=told)
    found = ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 4, 30), period=MARCH).findings()
    return next(finding for finding in found if finding.subject == "s")


def test_undetermined_names_the_record_without_a_date(tmp_path: Path) -> None:
    finding = undated(tmp_path, visits=2)
    assert finding.status == "undetermined"
    assert finding.reason.endswith("missing: day is not recorded in visit v0, v1")


def test_many_records_without_a_date_are_told_by_their_number(tmp_path: Path) -> None:
    finding = undated(tmp_path, visits=4)
    assert finding.status == "undetermined"
    assert finding.reason.endswith("missing: day is not recorded in 4 records of visit")


def test_undetermined_says_that_a_row_was_refused(tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "visits.csv").write_text("id,day,load\nv0,2026-03-02,1\nv1,2026-03-03,many\n", encoding="utf-8")
    (tmp_path / "site.yaml").write_text(
        "facts: s\nrecords: {site: [{id: s, open: true}]}\nsources:\n  - file: visits.csv\n    type: visit\n"
        "    constants: {site: s}\n    columns: {id: id, day: day, load: load}\n"
        "    complete: {from: 2026-03-01, to: 2026-03-31}\n",
        encoding="utf-8",
    )
    rules = ce.load_rules(tmp_path / "law.yaml")
    facts = ce.load_facts(tmp_path)
    (finding,) = ce.evaluate(rules, facts, as_of=date(2026, 4, 30), period=MARCH).findings()
    assert finding.status == "undetermined"
    told = "missing: the records of visit are not stated to be complete for that time, or a row of it was refused"
    assert finding.reason.endswith(told)


def test_a_record_of_another_site_lacks_nothing_here(tmp_path: Path) -> None:
    assert undated(tmp_path, visits=2, link="other").status == "compliant"


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


def test_a_kept_duty_lists_few_records(tmp_path: Path) -> None:
    finding = march(tmp_path, is_open="true", visits=3, complete=True)
    assert finding.status == "compliant"
    assert {(e.role, e.fact) for e in finding.evidence} == {
        ("subject", "s"),
        ("counted", "v0"),
        ("counted", "v1"),
        ("counted", "v2"),
    }


def test_a_kept_duty_tells_many_records_by_number_and_digest(tmp_path: Path) -> None:
    finding = march(tmp_path, is_open="true", visits=4, complete=True)
    digest = sha256(b"v0\nv1\nv2\nv3").hexdigest()
    assert {(e.role, e.fact) for e in finding.evidence} == {
        ("subject", "s"),
        ("selector", f"4 records, sha256 {digest}"),
    }


FIGURES = """
vocabulary: test
types:
  site: {kind: reference}
  tank:
    kind: reference
    fields: {site: reference site, size: {type: quantity, unit: gal}, hot: {type: quantity, unit: degF}, held: {type: quantity, unit: h}}
---
provision: test.figures
title: Figures
citation: none
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: tank}
limit: {value: %s, of: %s}
"""


@pytest.mark.parametrize(
    ("value", "limit", "told"),
    [
        ("size", "1320 gal", ("1500.5 gal", "1320 gal")),
        ("size", "5 m3", ("5.680010381892 m3", "5 m3")),
        ("hot", "100 degF", ("101.3 degF", "100 degF")),
        ("held", "12 hours", ("13 h", "12 h")),
    ],
)
def test_figures_have_the_unit_of_the_limit(tmp_path: Path, value: str, limit: str, told: tuple[str, str]) -> None:
    path = tmp_path / "law.yaml"
    path.write_text(FIGURES % (value, limit), encoding="utf-8")
    tank = {"id": "t", "site": "s", "size": "1500.5 gal", "hot": "101.3 degF", "held": "13 h"}
    facts = ce.Facts.from_records({"site": [{"id": "s"}], "tank": [tank]})
    (finding,) = ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 4, 30)).findings()
    assert finding.status == "violation"
    assert (finding.value, finding.limit) == told
    assert finding.reason.startswith(f"{told[0]} is not at most {told[1]}")


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


def test_undetermined_names_the_provision_that_leaves_it_open(tmp_path: Path) -> None:
    path = tmp_path / "law.yaml"
    other = RULES.split("---\n")[1].replace("test.load", "test.calm").replace("limit: {value: sum(visit.load)", "%s")
    calm = (
        other[: other.index("%s")].replace(", when: [open]", "")
        + "require: no finding of test.load where met is false\n"
    )
    path.write_text(f"{RULES}---\n{calm}", encoding="utf-8")
    told = [ce.Complete(type="visit", start=MARCH[0], end=MARCH[1])]
    facts = ce.Facts.from_records(
        {"site": [{"id": "s", "open": "true"}], "visit": [{"id": "v", "site": "s", "day": "2026-03-02"}]}, complete=told
    )
    found = ce.evaluate(ce.load_rules(path), facts, as_of=date(2026, 4, 30), period=MARCH).findings()
    (finding,) = (one for one in found if one.requirement.id == "test.calm")
    assert finding.status == "undetermined"
    assert finding.reason.endswith("missing: test.load is not settled for s 2026-03-01")


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (">25 mg/L", "more than 25 mg/L is not at most 25 mg/L, 0 % beyond"),
        (">=26 mg/L", "at least 26 mg/L is not at most 25 mg/L, 4 % beyond"),
    ],
)
def test_a_figure_beyond_what_was_measured_does_not_read_as_the_limit(tmp_path: Path, result: str, told: str) -> None:
    law = RULES.replace("{type: integer, domain: non-negative}", "qualified quantity mg/L").replace(
        "of: 100", "of: 25 mg/L"
    )
    (tmp_path / "law.yaml").write_text(law.replace("sum(", "max("), encoding="utf-8")
    visits = [{"id": "v", "site": "s", "day": "2026-03-05", "load": result}]
    complete = [ce.Complete(type="visit", start=MARCH[0], end=MARCH[1])]
    facts = ce.Facts.from_records({"site": [{"id": "s", "open": "true"}], "visit": visits}, complete=complete)
    (finding,) = ce.evaluate(
        ce.load_rules(tmp_path / "law.yaml"), facts, as_of=date(2026, 4, 30), period=MARCH
    ).findings()
    assert (finding.status, finding.reason) == ("violation", told)
