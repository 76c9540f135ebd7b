"""One slip gives one mistake, at its place; what follows from it is not told as a mistake of its own."""

from pathlib import Path

import pytest

from compliance_engine.kernel.diagnostic import render_diagnostic
from compliance_engine.workflow.rules import check_rules

LAW = """\
vocabulary: test
types:
  site: {kind: reference, fields: {name: text}}
  unit:
    kind: reference
    fields: {site: reference site, limit: quantity mg/L}
  sample:
    kind: event
    time: date
    fields: {unit: reference unit, date: date, taken: instant, flow: quantity m3/d, grab: bool, size: "ordered enum [small, large]"}
---
parameter: test.cap
citation: Procedure 1
values:
  - {from: 2020-01-01, value: 30 mg/L}
  - {from: 2025-01-01, value: 25 mg/L}
---
table: test.factors
citation: Procedure 2
keys: {size: text}
columns: {factor: decimal, since: date}
rows: [[small, 1.5, 2020-01-01], [large, 2, 2021-01-01]]
---
definition: test.class
citation: Procedure 3
for: unit
each: calendar month
order: [low, high]
first:
  - {when: sum(sample.flow) > 1000 m3/d, then: high}
  - {otherwise: low}
---
provision: test.slip
title: A slip
citation: Procedure 4
in_force: {from: 2024-01-01}
reviewed: 2026-01-15
status: confirmed
applies: {to: unit where limit > 3 mg/L, each: calendar month}
let: {class: test.class is high}
require: class and some sample where grab
prompts: [{id: call, when: class, then: call the engineer}]
"""


def check(path: Path, text: str) -> list[str]:
    """Give what `rules check` says of a law."""
    path.write_text(text, encoding="utf-8")
    return [render_diagnostic(found).replace(f"{path}:", "") for found in check_rules([str(path)]).diagnostics]


def test_the_law_without_a_slip(tmp_path: Path) -> None:
    """No mistake is found where there is none."""
    assert check(tmp_path / "law.yaml", LAW) == []


@pytest.mark.parametrize(
    ("right", "slip", "told"),
    [
        # what a document or a field is
        ("vocabulary: test", "vocabularies: test", "1:1: error [bad-document]|did you mean vocabulary?"),
        ("kind: event", "kin: event", "8:5: error [unknown-key]|did you mean kind?"),
        ("unit: reference unit", "unit: reference unot", "10:20: error [unknown-type]|did you mean unit?"),
        ("unit: reference unit", "unit: reference place", "10:20: error [unknown-type] place is no type|known:"),
        ("date: date", "date: dat", "10:42: error [bad-type]|did you mean date?"),
        ("flow: quantity m3/d", "flow: quantity m3d", "10:64: error [unknown-unit]|did you mean m3/d?"),
        ("flow: quantity m3/d", "flow: quantities m3/d", "10:70: error [bad-type]|did you mean quantity?"),
        ("grab: bool", "grab: {type: bool, empty: never}", "error [wrong-kind]|only a date"),
        # legal values
        ("from: 2025-01-01, value", "from: 2020-01-01, value", "16:6: error [duplicate-date]|keep one"),
        ("rows: [[small, 1.5, 2020-01-01], [large, 2, 2021-01-01]]", "rows: []", "22:7: error [empty-list]|rows: [["),
        ("[large, 2, ", '[large, "2,5", ', "22:34: error [table-cell]|with a point and without separators"),
        ("[large, 2, ", '[large, "1,000", ', "22:34: error [table-cell]|with a point and without separators"),
        ("2021-01-01]]", "2021-02-29]]", "22:34: error [table-cell] since: 2021-02-29 is no date"),
        ("[large, 2, ", "[large, two, ", "22:34: error [table-cell] factor: two is no number"),
        ("reviewed: 2026-01-15", "reviewed: 20260115", "37:11: error [bad-date]"),
        ("in_force: {from: 2024", "in_force: {from: 0024", "lies before the year 1800"),
        ("---\nprovision: test.slip", "provision: test.slip", "error [missing-separator]|write `---`"),
        ("---\ntable: test.factors", "table: test.factors", "error [missing-separator]|write `---`"),
        # definitions
        ("for: unit", "for: unot", "26:6: error [unknown-type]|did you mean unit?"),
        ("for: unit", "for: unit whre", "26:11: error [bad-expression]"),
        (
            "each: calendar month\norder",
            "each: month\norder",
            "27:7: error [unknown-type]|did you mean calendar month?",
        ),
        ("then: high}", "then: higher}", "28:9: error [bad-order]|did you mean high?"),
        ("order: [low, high]\n", "order: [low, high]\nvalue: 3\n", "error [too-many-values]|`value` and `first`"),
        (
            "  - {when: sum(sample.flow) > 1000 m3/d, then: high}\n  - {otherwise: low}",
            "  - {otherwise: low}\n  - {when: sum(sample.flow) > 1000 m3/d, then: high}",
            "30:5: error [bad-row]|put it last",
        ),
        (
            "first:\n  - {when: sum(sample.flow) > 1000 m3/d, then: high}\n  - {otherwise: low}",
            "first: []",
            "[empty-list]",
        ),
        ("each: calendar month\norder", "each: [calendar month]\norder", "27:7: error [wrong-kind]"),
        ("each: calendar month\norder", "each: monthly period\norder", "27:7: error [bad-period]"),
        ("3 mg/L, each: calendar month", "3 mg/L, each: calendar moth", "39:48: error [bad-period]|calendar month?"),
        ("where grab", "where 1 < 2", "warning [settled]"),
        # provisions
        ("applies: {to: unit where limit > 3 mg/L, each", "applies: {each", "[missing-key]|to: permit-limit"),
        (
            "applies: {to: unit where limit > 3 mg/L, each: calendar month}",
            "applies: unit",
            "39:10: error [wrong-kind]",
        ),
        ("limit > 3 mg/L", "limit == 3 mg/L", "39:33: error [bad-expression]|write `=` once"),
        ("applies: {to", "aplies: {to", "39:1: error [unknown-key]|did you mean applies?"),
        ("require: class", "reqire: class", "41:1: error [unknown-key]|did you mean require?"),
        ("then: call the engineer", "than: call the engineer", "error [unknown-key]|did you mean then?"),
        (", then: call the engineer", "", "[missing-key]|then: call the plant's engineer"),
        ("require: class and some sample where grab", "require: []", "error [empty-list]|require: some training"),
        ("require: class and some sample where grab", "require: {any: []}", "error [empty-list]"),
        ("require: class and some sample where grab", "require: {}", "error [empty-list]"),
        ("require: class and some sample where grab", "require: [class, {all: []}]", "error [empty-list]"),
        ("require: class and some sample where grab", "duties: []", "error [empty-list]|duties: [{id: report"),
        ("where grab", "where size <= midium", "41:46: error [unknown-name]|expected one of small, large"),
    ],
)
def test_one_slip_gives_one_mistake(right: str, slip: str, told: str, tmp_path: Path) -> None:
    """Only the slip itself is told, with its place, and the hint leads to what is meant."""
    assert right in LAW
    found = check(tmp_path / "law.yaml", LAW.replace(right, slip, 1))
    assert len(found) == 1, "\n".join(found)
    assert all(part in found[0] for part in told.split("|")), found[0]


@pytest.mark.parametrize(
    ("right", "slip", "told"),
    [
        ("limit > 3 mg/L", "limit > –3 mg/L", "write `-`"),
        ("limit > 3 mg/L", "limit > 3\u00a0mg/L", "found the sign no-break space"),
        ("1000 m3/d", "1000 m³/d", "write m3"),
        ("require: class", "require class", "a key is followed by `: ` and its value"),
        ("first:\n  - {when", "first:\n - {when", "items of one list stand in one column"),
        ("1000 m3/d, then", "1000 m3/d then", "between its entries"),
    ],
)
def test_signs_from_word_processors_and_layout(right: str, slip: str, told: str, tmp_path: Path) -> None:
    """A sign that looks like another one, and a slip of layout, are named."""
    assert right in LAW
    found = check(tmp_path / "law.yaml", LAW.replace(right, slip, 1))
    assert told in found[0], "\n".join(found)


def test_two_documents_of_one_id_and_day(tmp_path: Path) -> None:
    """The hint ends no version before it begins."""
    second = LAW[LAW.index("provision: ") :]
    found = check(tmp_path / "law.yaml", f"{LAW}---\n{second}")
    assert len(found) == 1
    assert "another id" in found[0]
    assert "2023-12-31" not in found[0]
