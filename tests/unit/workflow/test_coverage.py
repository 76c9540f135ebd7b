"""What cases exercise is counted from what their findings show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compliance_engine.workflow.coverage import CoverageItem, measure_coverage

if TYPE_CHECKING:
    from pathlib import Path

LAW = """vocabulary: x
types:
  site: {kind: reference, fields: {zone: {type: text, empty: none}}}
  plant:
    kind: reference
    fields: {site: reference site, size: decimal, shut: bool, code: text, new: bool}
---
table: x.codes
keys: {code: text}
columns: {factor: decimal}
rows:
  - [A, 1]
  - [B, 2]
on_miss: undetermined
---
definition: x.class
for: plant
first:
  - {when: size > 9, then: 1}
  - {when: size > 5, then: 2}
  - {otherwise: 3}
---
provision: x.p
title: t
citation: c
in_force: {from: 2020-01-01, to: 2025-12-31}
reviewed: 2026-01-01
applies: {to: plant, when: [not shut]}
require: size <= 20
---
provision: x.p
title: t
citation: c
in_force: {from: 2026-01-01}
reviewed: 2026-01-01
applies: {to: plant, when: [not shut]}
require: {small: "class * table(codes, code).factor <= 2", plain: 'size < 100'}
unless:
  - {id: new, when: new}
"""
CASE = """
  - case: %s
    kind: pass
    as_of: 2026-03-01
    facts:
      site: [{id: s}]
      plant: [{id: p, site: s, size: %s, shut: %s, code: %s, new: false}]
    expect: [{subject: p, status: %s}]
"""


def measure(folder: Path, *cases: tuple[object, ...]) -> dict[str, CoverageItem]:
    (folder / "law.yaml").write_text(LAW, encoding="utf-8")
    text = "cases: x.p\ncases:" + "".join(CASE % case for case in cases)
    (folder / "law.cases.yaml").write_text(text, encoding="utf-8")
    return {
        f"{item.kind}: {item.what} @{item.place.rpartition(':')[2]}": item
        for item in measure_coverage([str(folder)]).items
    }


ONE = ("one", 7, "false", "A", "compliant")


def test_one_case_exercises_what_it_shows(tmp_path: Path) -> None:
    items = measure(tmp_path, ONE)
    seen = {name for name, item in items.items() if item.seen}
    assert seen == {
        "provision: judged @23",
        "version: the version in force from 2026-01-01 governs @31",
        "duty: main met @31",
        "condition: main when `not shut` true @36",
        "condition: main unless `new` false @39",
        "condition: main require `class * table(codes, code).factor <= 2` true @37",
        "condition: main require `size < 100` true @37",
        "decision row: row 2 @20",
        "table row: row A @12",
        "case: one of kind `pass` @23",
    }


def test_what_is_never_exercised_is_listed_with_its_place(tmp_path: Path) -> None:
    never = {name for name, item in measure(tmp_path, ONE).items() if not item.seen}
    assert {
        "version: the version in force from 2020-01-01 governs @23",
        "duty: main not met @31",
        "decision row: row 1 @19",
        "decision row: row 3 (otherwise) @21",
        "table row: row B @13",
        "condition: main when `not shut` false @36",
        "condition: main unless `new` true @39",
        *(f"case: one of kind `{kind}` @23" for kind in ("fail", "undetermined", "boundary", "exception", "version")),
    } <= never


def test_a_case_of_an_exception_is_asked_for_only_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text(LAW.partition("unless:")[0], encoding="utf-8")
    kinds = [item.what for item in measure_coverage([str(tmp_path)]).items if item.kind == "case"]
    assert kinds == [f"one of kind `{kind}`" for kind in ("boundary", "fail", "pass", "undetermined", "version")]


@pytest.mark.parametrize(
    ("case", "name"),
    [
        (("shut", 7, "true", "A", "not_applicable"), "condition: main when `not shut` false @36"),
        (("large", 10, "false", "B", "compliant"), "decision row: row 1 @19"),
        (("small", 1, "false", "B", "violation"), "decision row: row 3 (otherwise) @21"),
        (("small", 1, "false", "B", "violation"), "table row: row B @13"),
        (("small", 1, "false", "B", "violation"), "duty: main not met @31"),
    ],
)
def test_a_case_more_exercises_more(tmp_path: Path, case: tuple[object, ...], name: str) -> None:
    assert not measure(tmp_path, ONE)[name].seen
    assert measure(tmp_path, ONE, case)[name].seen


def test_what_is_not_known_is_not_seen(tmp_path: Path) -> None:
    """A row that only may be the first to hold is not exercised."""
    items = measure(tmp_path, ("unknown", "''", "false", "A", "undetermined"))
    assert not [name for name, item in items.items() if item.seen and name.startswith("decision row")]


def test_cases_may_name_their_provision_by_the_end_of_its_id(tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text(LAW, encoding="utf-8")
    (tmp_path / "law.cases.yaml").write_text("cases: p\ncases:" + CASE % ONE, encoding="utf-8")
    seen = {item.what for item in measure_coverage([str(tmp_path)]).items if item.kind == "case" and item.seen}
    assert seen == {"one of kind `pass`"}
