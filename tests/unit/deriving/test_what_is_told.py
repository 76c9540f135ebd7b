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
    assert finding.reason.endswith("missing: test.load is not settled for 2026-03-01")


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


def test_a_record_tells_its_percentage_beside_one_that_cannot(tmp_path: Path) -> None:
    """Of two records beyond their limit one is only known to be more than was measured."""
    law = RULES.replace("{type: integer, domain: non-negative}", "qualified quantity mg/L")
    law = law.replace('{value: sum(visit.load), must: "<=", of: 100}', "{every: visit.load, of: 25 mg/L}")
    (tmp_path / "law.yaml").write_text(law, encoding="utf-8")
    loads = {"measured": "30 mg/L", "off-scale": ">40 mg/L"}
    visits = [{"id": name, "site": "s", "day": "2026-03-05", "load": load} for name, load in loads.items()]
    facts = ce.Facts.from_records({"site": [{"id": "s", "open": "true"}], "visit": visits})
    evaluation = ce.evaluate(ce.load_rules(tmp_path / "law.yaml"), facts, as_of=date(2026, 4, 30), period=MARCH)
    links = [row for row in evaluation.evidence_frame().iter_rows(named=True) if row["role"] == "breach"]
    assert {row["fact"]: row["exceedance_percent"] for row in links} == {"measured": 20, "off-scale": None}
