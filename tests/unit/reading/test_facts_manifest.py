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
        ("  []", "zon: UTC", "facts-unknown-key] the manifest: there is no key `zon`\n    hint: did you mean zone?"),
        ("  []", "zone: Mars", "facts-unknown-zone] there is no time zone 'Mars'"),
        ("  []", "since: soon", "facts-bad-date] `since`: 'soon' is no day"),
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
        ("  - {file: d.csv, type: result, columns: {outfall: twice}}", "", "two columns are named 'twice'"),
        ("  - {file: d.csv, type: result, columns: {value: x}}", "", "facts-no-unit]"),
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
