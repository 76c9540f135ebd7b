"""`site.yaml` and mappings: what they say is done, and every mistake in them is told at its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from compliance_engine.kernel.diagnostic import render_diagnostic
from compliance_engine.model.facts import Complete
from compliance_engine.reading.facts import read_facts
from tests.unit.reading.example_types import COLUMNS, TYPES, cells, diagnosed, read_site, write_site

DOCS = Path(__file__).parents[3] / "docs"
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    folder.joinpath(name).write_text(text)


def test_constants_codes_and_where(tmp_path: Path) -> None:
    write(tmp_path, "lab.csv", "n,what,day,mg,unit,q,m\n1,X,03/04/2026,5,19,LT,G\n2,Y,03/04/2026,5,19,,G\n3,X,,,28,,\n")
    write_site(
        tmp_path,
        """
  - file: lab.csv
    type: result
    constants: {site: riverside}
    columns:
      id: n
      date: {column: day, format: "%m/%d/%Y"}
      value: {column: mg, unit_column: unit, qualifier: q}
      kind: m
      outfall: {column: what, first: 1}
    codes:
      kind: {G: grab}
      units: {"19": mg/L, "28": ug/L}
      qualifiers: {LT: <}
    where: {what: [X]}
    complete: {from: 2026-01-01, to: 2026-12-31}
""",
        "zone: America/Chicago\nsince: 2026-01-01",
    )
    facts = read_site(tmp_path)
    assert cells(facts, "result", "id", "site", "date", "value", "value__q", "kind", "outfall") == [
        ("1", "riverside", date(2026, 3, 4), 5000, 1, "grab", "X"),
        ("3", "riverside", None, None, 0, None, "X"),
    ]
    assert facts.tables["result"].shapes["value"].scale == 1000
    assert facts.complete == (Complete(type="result", site="riverside", start=FIRST, end=LAST),)
    assert (facts.zones, facts.since) == ({"riverside": "America/Chicago"}, {"": FIRST})


def test_codes_say_what_an_empty_cell_means_and_what_is_one(tmp_path: Path) -> None:
    write(tmp_path, "lab.csv", "n,m\n1,G\n2,\n3,-\n4,  \n")
    write_site(
        tmp_path,
        '  - {file: lab.csv, type: result, columns: {id: n, kind: m}, codes: {kind: {G: grab, "": composite, "-": ""}}}',
    )
    told = [("1", "grab"), ("2", "composite"), ("3", None), ("4", "composite")]
    assert cells(read_site(tmp_path), "result", "id", "kind") == told


def test_days_since_1970_are_dates(tmp_path: Path) -> None:
    write(tmp_path, "lab.csv", "id,d\n1,20516\n2,soon\n")
    write_site(tmp_path, "  - {file: lab.csv, type: result, columns: {id: id, date: {column: d, format: days}}}")
    facts = read_site(tmp_path)
    assert cells(facts, "result", "id", "date") == [("1", date(2026, 3, 4))]
    assert [(q.row, q.found) for q in facts.quarantine] == [(3, "soon")]


def test_a_spreadsheets_numbers_of_days_are_read_only_where_that_is_said(tmp_path: Path) -> None:
    write(
        tmp_path,
        "lab.csv",
        "id,d\n1,45321\n2,45321.5\n3,60\n4,2024-01-30\n5,31.01.2024\n6,1234567\n7,2024-02-01T00:00:00\n",
    )
    write_site(tmp_path, "  - {file: lab.csv, type: result, columns: {id: id, date: {column: d, format: serial}}}")
    facts = read_site(tmp_path)
    days = [("1", date(2024, 1, 30)), ("2", date(2024, 1, 30)), ("6", date(5280, 2, 15)), ("7", date(2024, 2, 1))]
    assert cells(facts, "result", "id", "date") == days
    assert [q.row for q in facts.quarantine] == [4, 5, 6]
    write_site(tmp_path, "  - {file: lab.csv, type: result, columns: {id: id, date: d}}")
    facts = read_site(tmp_path)
    assert cells(facts, "result", "id", "date") == [("4", date(2024, 1, 30)), ("7", date(2024, 2, 1))]
    said = {q.row: q.reason for q in facts.quarantine}
    day = "expected a day such as 2026-03-04, of a year from 1800 to 9999"
    number = "may be a spreadsheet's number of 2024-01-30: have the column written as days, or say `format: serial`"
    assert said == {
        2: f"{day}; 45321 {number}",
        3: f"{day}; 45321.5 {number}",
        4: day,
        6: f'{day}; how days are written is said with `format`, as in `format: "%d.%m.%Y"`',
        7: day,
    }


def test_a_spreadsheets_number_is_no_instant(tmp_path: Path) -> None:
    write(tmp_path, "notices.csv", "id,t\n1,45321.5625\n")
    write_site(tmp_path, "  - {file: notices.csv, type: notice, columns: {id: id, given: t}}")
    (refused,) = read_site(tmp_path).quarantine
    assert "may be a spreadsheet's number of 2024-01-30: have the column written as days and times" in refused.reason


COMMAS = """  - file: lab.csv
    separator: ";"
    decimal: ","
    type: {type}
    columns: {{{columns}}}
"""


def test_a_comma_is_the_point_where_that_is_said(tmp_path: Path) -> None:
    rows = ["36,25", "<0,2", "12", "0,5 mg/L", ",5", "2,", "1,5E-3", "5 %", "1.234,5", "1.234", "1,234,5", "1 234,5"]
    rows += ["-0,5", "3,x", "n.d.", "k.A."]
    lines = [f"{number};{row}" for number, row in enumerate(rows, start=2)]
    write(tmp_path, "lab.csv", "\n".join(["id;v", *lines, ""]))
    codes = '    codes: {value: {n.d.: "<0.1", k.A.: ""}}\n'
    source = COMMAS.format(type="result", columns="id: id, value: {column: v, unit: mg/L}")
    write_site(tmp_path, source + codes)
    facts = read_site(tmp_path)
    scale = facts.tables["result"].shapes["value"].scale
    read = {name: (value, mark) for name, value, mark in cells(facts, "result", "id", "value", "value__q")}
    assert {name: (None if v is None else int(str(v)) / scale, mark) for name, (v, mark) in read.items()} == {
        "2": (36.25, 0),
        "3": (0.2, 1),
        "4": (12, 0),
        "5": (0.5, 0),
        "6": (0.5, 0),
        "7": (2, 0),
        "8": (0.0015, 0),
        "16": (0.1, 1),
        "17": (None, 0),
    }
    refused = {q.row: (q.found, q.reason) for q in facts.quarantine}
    comma = 'the source has `decimal: ","`: a number is written 1234,5, without a point and without groups'
    assert {row: refused[row] for row in (10, 11, 12, 13)} == {
        10: ("1.234,5", comma),
        11: ("1.234", comma),
        12: ("1,234,5", comma),
        13: ("1 234,5", comma),
    }
    assert refused[14] == ("-0,5", "below zero, where nothing can be")
    assert {*refused} == {9, 10, 11, 12, 13, 14, 15}


def test_a_comma_is_the_point_of_plain_numbers_too(tmp_path: Path) -> None:
    write(tmp_path, "lab.csv", "id;m;f\n1;12;0,95\n2;12,0;1\n3;12,5;1\n4;1.200;1\n5; 1,5;1\n")
    write_site(tmp_path, COMMAS.format(type="limit", columns="id: id, months: m, factor: f"))
    facts = read_site(tmp_path)
    assert cells(facts, "limit", "id", "months", "factor") == [("1", 12, 95), ("2", 12, 100)]
    assert [(q.row, q.found) for q in facts.quarantine] == [(4, "12,5"), (5, "1.200"), (6, " 1,5")]
    assert facts.quarantine[2].reason == "blanks around the number: write it without them"


def test_numbers_with_commas_lead_to_the_key_that_says_so_unless_thousands_may_be_meant(tmp_path: Path) -> None:
    write(tmp_path, "lab.csv", "id;v\n1;36,25\n2;<0,2 mg/L\n3;0,125\n4;11,500\n5;1,234.5\n6;1,500 mg/L\n")
    write_site(
        tmp_path,
        '  - {file: lab.csv, separator: ";", type: result, columns: {id: id, value: {column: v, unit: mg/L}}}',
    )
    leads = {
        q.row: 'say `decimal: ","` of a CSV that writes 1234,5' in q.reason for q in read_site(tmp_path).quarantine
    }
    assert leads == {2: True, 3: True, 4: True, 5: False, 6: False, 7: False}
    write(tmp_path, "lab.csv", "id;v\n1;\n")
    write_site(tmp_path, COMMAS.format(type="result", columns="id: id, value: {column: v, unit: mg/L}"))
    assert cells(read_site(tmp_path), "result", "id", "value") == [("1", None)]


def test_records_in_place_keep_their_lines(tmp_path: Path) -> None:
    write_site(
        tmp_path, "  []", "records:\n  permit:\n    - {id: p, site: s, expires: ~}\n    - id: q\n      site: ''\n"
    )
    facts = read_site(tmp_path)
    assert cells(facts, "permit", "id", "site", "expires", "_row") == [("p", "s", None, 6), ("q", None, None, 7)]
    assert [s.name for s in facts.sources] == ["site.yaml"]


def test_a_mapping_gives_several_types_from_one_row(tmp_path: Path) -> None:
    write(
        tmp_path / "mappings",
        "public.yaml",
        """
mapping: public
emit:
  - {type: site, distinct: true, columns: {id: Site}}
  - {type: result, distinct: true, columns: {id: No, site: Site, value: {column: V, unit: mg/L}}, known: K}
""",
    )
    rows = "Site,No,V,K,verdict\ns,1,5,2026-03-01,yes\ns,1,5,2026-03-01,no\ns,2,6,2026-03-02,no\n"
    write(tmp_path / "a", "data.csv", rows)
    write_site(tmp_path / "a", "  - {file: data.csv, mapping: ../mappings/public.yaml}")
    facts = read_site(tmp_path / "a")
    assert cells(facts, "site", "id") == [("s",)]
    assert cells(facts, "result", "id", "value", "_row") == [("1", 5, 2), ("2", 6, 4)]
    alone, found = read_facts([tmp_path / "a" / "data.csv"], TYPES, tmp_path / "mappings" / "public.yaml")
    assert found == ()
    assert cells(alone, "result", "id", "value") == [("1", 5), ("2", 6)]


def test_a_folder_of_sites(tmp_path: Path) -> None:
    for name, zone in (("a", "America/Chicago"), ("b", "Asia/Tokyo")):
        write_site(
            tmp_path / name,
            "  []",
            f"zone: {zone}\nsince: 2026-01-01\nrecords: {{site: [{{id: {name}}}]}}\n"
            "complete: [{type: result, from: 2026-01-01, to: 2026-12-31}]",
        )
        manifest = tmp_path / name / "site.yaml"
        manifest.write_text(manifest.read_text().replace("facts: example", f"facts: {name}"))
    facts, found = read_facts([tmp_path], TYPES)
    assert found == ()
    assert facts.zones == {"a": "America/Chicago", "b": "Asia/Tokyo"}
    assert facts.since == {"a": FIRST, "b": FIRST}
    assert [c.site for c in facts.complete] == ["a", "b"]
    assert [s.name for s in facts.sources] == ["a/site.yaml", "b/site.yaml"]
    other, _ = read_facts([tmp_path / "b", tmp_path / "a"], TYPES)
    assert other.digest == facts.digest


def test_one_file_under_several_types_is_one_source(tmp_path: Path) -> None:
    write(tmp_path, "log.csv", "d,x\n2026-03-04,5\n2026-03-05,y\n")
    columns = "columns: {{date: d, value: {{column: x, unit: mg/L}}}}"
    source = f"  - {{{{file: log.csv, type: result, constants: {{{{site: {{}}}}}}, {columns}}}}}"
    write_site(tmp_path, "\n".join(source.format(site) for site in ("s", "t")))
    facts = read_site(tmp_path)
    (only,) = facts.sources
    assert (only.rows, only.quarantined) == (2, 1)
    assert len(cells(facts, "result", "id")) == 2


@pytest.mark.parametrize(
    ("sources", "rest", "message"),
    [
        (
            "  - {file: d.csv, decimal: comma, type: result, columns: {id: id}}",
            "",
            'facts-bad-decimal] `decimal`: expected a comma or a point\n    hint: decimal: ","',
        ),
        (
            "  - {file: d.json, decimal: ',', type: result, columns: {id: id}}",
            "",
            "facts-bad-decimal] `decimal` is for CSV: other files, and databases, hold numbers as numbers",
        ),
        (
            "  - {file: d.csv, type: result, columns: {date: {column: id, format: dd.mm.yyyy}}}",
            "",
            "facts-bad-format] the column of `date`: 'dd.mm.yyyy' is no `format`\n    hint: for example \"%d.%m.%Y\"",
        ),
        ("  []", "zon: UTC", "facts-unknown-key] the manifest: there is no key `zon`\n    hint: did you mean zone?"),
        ("  []", "zone: Mars", "facts-unknown-zone] there is no time zone 'Mars'"),
        ("  []", "since: soon", "facts-bad-date] `since`: 'soon' is no day"),
        ("  []", "since: 2026-W01", "facts-bad-date] `since`: '2026-W01' is no day"),
        ("  []", "records: {permt: []}", "facts-unknown-type] there is no fact type `permt`"),
        ("  []", "records: {permit: [{id: p, sit: s}]}", "there is no key `sit`\n    hint: did you mean site?"),
        ("  []", "facts: again", "facts-key-twice] the manifest: `facts` stands twice"),
        ("  []", "complete: [{type: result, from: 2026-02-01, to: 2026-01-01}]", "facts-bad-window]"),
        ("  []", "complete: [{type: resul, from: 2026-02-01, to: 2026-03-01}]", "hint: did you mean result?"),
        ("  []", "zone: &a UTC\nsince: *a", "facts-bad-yaml] an alias stands at line"),
        ("  - {type: result}", "", "facts-missing-key] a source needs a `file`"),
        ("  - {file: d.csv}", "", "facts-missing-key] a source needs a `type`"),
        ("  - {file: d.csv, type: result, columns: {valu: x}}", "", "hint: did you mean value?"),
        ("  - {file: d.csv, type: result, columns: {outfall: X}}", "", "facts-unknown-column] there is no column 'X'"),
        (
            "  - {file: d.csv, type: result, columns: {outfall: twice}}",
            "",
            "two columns are named 'twice'\n    hint: rename one",
        ),
        ("  - {file: e.csv, type: result, columns: {outfall: x, id: id}}", "", 'hint: say `separator: ";"`'),
        ("  - {file: d.csv, type: result, columns: {value: x}}", "", "facts-no-unit]"),
        ("  - {file: d.csv, type: result, columns: {value: {column: x, unit: mgl}}}", "", "did you mean mg/L?"),
        ("  - {file: d.csv, type: result, columns: {value: {column: x, unit: kg}}}", "", "converted to mg/L"),
        ("  - {file: d.csv, type: result, columns: {value: {colum: x, unit: mg/L}}}", "", "did you mean column?"),
        ("  - {file: d.csv, type: result, columns: {value: {unit: mg/L}}}", "", "which `column`?"),
        ("  - {file: d.csv, type: result, columns: {outfall: {column: x, unit: kg}}}", "", "a text has no `unit`"),
        ("  - {file: d.csv, type: result, columns: {outfall: {column: x, format: serial}}}", "", "has no `format`"),
        ("  - {file: d.csv, type: result, header: 2}", "", "facts-idle-key] `header` is for workbooks"),
        ("  - {file: d.csv, type: result, sheet: A}", "", "facts-idle-key] `sheet` is for workbooks"),
        ("  - {file: d.csv, type: result, at: a.b}", "", "facts-idle-key] `at` is for JSON and YAML"),
        ('  - {file: d.json, type: result, separator: ";"}', "", "facts-idle-key] `separator` is for CSV"),
        ("  - {file: d.csv, type: reslut}", "", "hint: did you mean result?"),
        ("  - {file: d.csv, type: result, constants: {kind: grob}}", "", "facts-bad-constant]"),
        ("  - {file: d.csv, type: result, codes: {kind: {G: grob}}}", "", "facts-unknown-symbol]"),
        ("  - {file: d.csv, type: result, where: {Y: [a]}}", "", "facts-unknown-column]"),
        ("  - {file: d.csv, mapping: none.yaml}", "", "facts-missing-file]"),
        ("  - {file: d.csv, mapping: ../../m.yaml}", "", "facts-path-escapes]"),
        ("  - [", "", "facts-bad-yaml]"),
        ("  - {file: d.csv, type: result, header: 0}", "", "facts-expected-number]"),
    ],
)
def test_mistakes_are_told_at_their_place(sources: str, rest: str, message: str, tmp_path: Path) -> None:
    write(tmp_path, "d.csv", "id,x,twice,twice\n1,5,a,b\n")
    write(tmp_path, "d.json", "[]")
    write(tmp_path, "e.csv", "id;x\n1;5\n")
    write_site(tmp_path, sources, rest)
    printed = [render_diagnostic(found) for found in diagnosed(tmp_path)]
    assert any(message in text for text in printed), printed
    assert all("site.yaml:" in text for text in printed)


def test_a_header_in_another_encoding_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_bytes("id,Größe\n1,5\n".encode("latin-1"))
    write_site(tmp_path, "  - {file: d.csv, type: result, columns: {outfall: Größe}}")
    (found,) = diagnosed(tmp_path)
    assert found.code == "facts-unknown-column"
    assert found.hint is not None
    assert "`encoding: cp1252`" in found.hint
    write_site(tmp_path, "  - {file: d.csv, type: result, encoding: cp1252, columns: {outfall: Größe}}")
    assert read_facts([tmp_path], TYPES)[1] == ()


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    write_site(tmp_path, f"  - file: none.csv{COLUMNS}\n  - {{file: gone.csv, type: resul}}", "zone: Mars")
    assert {d.code for d in diagnosed(tmp_path)} == {"facts-missing-file", "facts-unknown-type", "facts-unknown-zone"}


@pytest.mark.parametrize("name", ["nothing", "data.csv", "empty"])
def test_a_path_that_holds_no_manifest_is_diagnosed(name: str, tmp_path: Path) -> None:
    tmp_path.joinpath("empty").mkdir()
    tmp_path.joinpath("data.csv").write_text("a\n1\n")
    assert len(diagnosed(tmp_path / name)) == 1


def test_the_documented_manifest_is_one(tmp_path: Path) -> None:
    page = DOCS.joinpath("facts.md").read_text()
    example = page.split("```yaml\n", 1)[1].split("```", 1)[0]
    tmp_path.joinpath("site.yaml").write_text(example)
    codes = {found.code for found in diagnosed(tmp_path)}
    assert codes == {"facts-missing-file"}, "only the files that it names are not there"
