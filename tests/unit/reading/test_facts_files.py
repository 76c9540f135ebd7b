"""Every kind of file gives the same facts, and each keeps what it cannot give for the reader to see."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
from contextlib import closing
from datetime import date, datetime
from typing import TYPE_CHECKING

import openpyxl
import polars as pl
import pytest

from compliance_engine.reading.facts import quarantine_rows
from tests.unit.reading.example_types import COLUMNS, HEADER, ROWS, cells, diagnosed, read_site, write_site

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MARKS = ["", "<", "="]
EXPECTED = [
    ("A1", "s", date(2026, 3, 4), 3625, 0, "grab"),
    ("A2", "s", date(2026, 3, 5), 20, 1, "composite"),
]


def as_csv(folder: Path) -> str:
    with folder.joinpath("lab.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER, *ROWS])
    return "file: lab.csv"


def as_quoted_csv(folder: Path) -> str:
    with folder.joinpath("lab.csv").open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([HEADER, *ROWS])
    return "file: lab.csv"


def as_semicolons(folder: Path) -> str:
    with folder.joinpath("lab.txt").open("w", newline="", encoding="cp1252") as file:
        csv.writer(file, delimiter=";").writerows([HEADER, *ROWS])
    return 'file: lab.txt\n    separator: ";"\n    encoding: cp1252'


def as_tsv_gz(folder: Path) -> str:
    with gzip.open(folder / "lab.tsv.gz", "wt", newline="") as file:
        csv.writer(file, delimiter="\t", lineterminator="\n").writerows([HEADER, *ROWS])
    return "file: lab.tsv.gz"


def as_utf16(folder: Path) -> str:
    folder.joinpath("lab.csv").write_text("\n".join(",".join(row) for row in [HEADER, *ROWS]), encoding="utf-16")
    return "file: lab.csv"


def as_parquet(folder: Path) -> str:
    frame = pl.DataFrame(ROWS, schema=HEADER, orient="row")
    frame = frame.with_columns(pl.col("Result").cast(pl.Float64), pl.col("Day").str.to_date())
    frame.write_parquet(folder / "lab.parquet")
    return "file: lab.parquet"


def as_json(folder: Path) -> str:
    records = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    folder.joinpath("lab.json").write_text(json.dumps({"out": {"rows": records}}).replace('"36.25"', "36.25"))
    return "file: lab.json\n    at: out.rows"


def as_json_lines(folder: Path) -> str:
    lines = [json.dumps(dict(zip(HEADER, row, strict=True))) for row in ROWS]
    folder.joinpath("lab.jsonl").write_text("\n".join(lines))
    return "file: lab.jsonl"


def as_yaml(folder: Path) -> str:
    lines = ["- {Lab ID: A1, Site: s, Day: 2026-03-04, Result: 36.25, Q: ~, Kind: grab}"]
    lines += ["- {Lab ID: A2, Site: s, Day: 2026-03-05, Result: 0.2, Q: <, Kind: composite}"]
    folder.joinpath("lab.yaml").write_text("\n".join(lines))
    return "file: lab.yaml"


def as_workbook(folder: Path) -> str:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Lab")
    sheet.append(["Results of the laboratory (invented)"])
    sheet.append([])
    sheet.append(HEADER)
    sheet.append(["A1", "s", date(2026, 3, 4), 36.25, None, "grab"])
    sheet.append([])
    sheet.append(["A2", "s", datetime(2026, 3, 5), 0.2, "<", "composite"])  # noqa: DTZ001  a workbook knows no zone
    book.save(folder / "lab.xlsx")
    return "file: lab.xlsx\n    sheet: Lab\n    header: 3"


def as_database(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "lab.db")) as database:
        database.execute('create table lab ("Lab ID", Site, Day, Result decimal, Q, Kind)')
        database.executemany("insert into lab values (?, ?, ?, ?, ?, ?)", ROWS)
        database.commit()
    return 'sql: {url: "sqlite:///lab.db", query: select * from lab order by 1}'


FORMATS = (
    as_csv, as_quoted_csv, as_semicolons, as_tsv_gz, as_utf16, as_parquet, as_json, as_json_lines, as_yaml,
    as_workbook, as_database,
)  # fmt: skip


@pytest.mark.parametrize("write", FORMATS)
def test_every_format_gives_the_same_facts(write: Callable[[Path], str], tmp_path: Path) -> None:
    write_site(tmp_path, f"  - {write(tmp_path)}{COLUMNS}")
    facts = read_site(tmp_path)
    assert facts.quarantine == ()
    scale = facts.tables["result"].shapes["value"].scale
    assert scale == 100
    assert cells(facts, "result", "id", "site", "date", "value", "value__q", "kind") == EXPECTED
    (source,) = facts.sources
    assert source.rows == 2
    assert len(source.digest) == 64


def test_rows_are_counted_as_a_person_counts_them(tmp_path: Path) -> None:
    for write, rows in ((as_csv, [(2,), (3,)]), (as_parquet, [(1,), (2,)]), (as_workbook, [(4,), (6,)])):
        write_site(tmp_path, f"  - {write(tmp_path)}{COLUMNS}")
        assert cells(read_site(tmp_path), "result", "_row") == rows


def lab(folder: Path, text: str | bytes) -> None:
    folder.joinpath("lab.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    write_site(folder, f"  - file: lab.csv{COLUMNS}")


def test_short_and_long_rows_are_refused_not_filled_or_cut(tmp_path: Path) -> None:
    lab(
        tmp_path,
        "Lab ID,Site,Day,Result,Q,Kind\nA1,s,2026-03-04,1\nA2,s,2026-03-04,1,,grab,more\nA3,s,2026-03-04,1,,\n",
    )
    facts = read_site(tmp_path)
    assert cells(facts, "result", "id", "_row") == [("A3", 4)]
    assert [(q.row, q.reason) for q in quarantine_rows(facts)] == [
        (2, "the row has 4 cells, the header 6"),
        (3, "the row has 7 cells, the header 6"),
    ]


def test_blank_lines_count_as_rows_and_give_no_fact(tmp_path: Path) -> None:
    lab(tmp_path, "Lab ID,Site,Day,Result,Q,Kind\n\nA1,s,2026-03-04,1,=,grab\n\n")
    facts = read_site(tmp_path)
    assert cells(facts, "result", "id", "_row") == [("A1", 3)]
    assert facts.sources[0].rows == 1


def test_broken_bytes_refuse_their_row(tmp_path: Path) -> None:
    lab(tmp_path, b"Lab ID,Site,Day,Result,Q,Kind\nA\xff,s,2026-03-04,1,=,grab\nA2,s,2026-03-04,1,=,grab\n")
    facts = read_site(tmp_path)
    assert cells(facts, "result", "id") == [("A2",)]
    assert "encoding" in facts.quarantine[0].reason


def test_an_open_quote_refuses_the_rest_of_the_file(tmp_path: Path) -> None:
    lab(tmp_path, 'Lab ID,Site,Day,Result,Q,Kind\nA1,s,2026-03-04,1,=,grab\nA2,"s,2026-03-04,1,=,grab\nA3,s,,,,\n')
    facts = read_site(tmp_path)
    assert cells(facts, "result", "id") == [("A1",)]
    assert [q.row for q in facts.quarantine] == [3]


def test_quoted_cells_may_hold_commas_and_line_ends(tmp_path: Path) -> None:
    lab(tmp_path, 'Lab ID,Site,Day,Result,Q,Kind\n"A,1\nb",s,2026-03-04,1,=,grab\nA2,s,2026-03-04,1,=,grab\n')
    assert cells(read_site(tmp_path), "result", "id", "_row") == [("A,1\nb", 2), ("A2", 3)]


def test_a_workbooks_numbers_have_the_fifteen_digits_that_it_shows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    sheet.append([1, "s", "2026-03-04", 0.1 + 0.2, None, "grab"])
    sheet.append([2, "s", "2026-03-04", "#N/A", None, "grab"])
    book.save(tmp_path / "lab.xlsx")
    write_site(tmp_path, f"  - file: lab.xlsx{COLUMNS}")
    facts = read_site(tmp_path)
    assert cells(facts, "result", "id", "value") == [("1", 3)]
    assert [(q.row, q.found) for q in facts.quarantine] == [(3, "#N/A")]


@pytest.mark.parametrize("quote", ["", '"'])
def test_many_rows_are_read_as_few_are(quote: str, tmp_path: Path) -> None:
    """Long tables take quicker ways, but not those with quotes: integers while scanning, each different text once."""
    n = 120_000
    rows = [
        (i, i % 7, f"2026-03-{i % 28 + 1:02}", f"{i % 1000 + 1}.{i % 10}", MARKS[i % 3], f"{quote}grab{quote}")
        for i in range(n)
    ]
    rows[1500] = (1500, 3, "2026-03-32", "1", "", "grab")
    rows[110_000] = (110_000, 3, "2026-03-31", "1.5.0", "?", "grub")
    text = "\n".join(",".join(map(str, row)) for row in [HEADER, *rows]) + "\n"
    lab(tmp_path, text)
    many = read_site(tmp_path)
    table = many.tables["result"].frame.sort("_row")
    assert table.schema["id"].is_integer()
    assert table.schema["kind"] == pl.Categorical
    assert table.height == n - 2
    assert [(q.row, q.column) for q in many.quarantine] == [(1502, "date"), (110_002, "kind"), (110_002, "value")]
    lab(tmp_path, "\n".join(text.split("\n")[:900]) + "\n")
    few = read_site(tmp_path).tables["result"].frame.sort("_row")
    head = table.head(few.height)
    for column in few.columns:
        assert few[column].cast(pl.String).to_list() == head[column].cast(pl.String).to_list()


def test_an_id_with_leading_zeros_late_in_a_long_file_stays_text(tmp_path: Path) -> None:
    rows = [f"{i},s,2026-03-04,1,=,grab" for i in range(1, 110_000)] + ["007,s,2026-03-04,1,=,grab"]
    lab(tmp_path, "\n".join([",".join(HEADER), *rows]) + "\n")
    ids = set(read_site(tmp_path).tables["result"].frame["id"].cast(pl.String).to_list())
    assert {"7", "007"} <= ids


@pytest.mark.parametrize(
    ("source", "code", "hint"),
    [
        ("file: lba.csv", "facts-missing-file", "did you mean lab.csv?"),
        ("file: ../other/lab.csv", "facts-path-escapes", None),
        ("file: link.csv", "facts-path-escapes", None),
        ("file: /etc/hostname", "facts-path-escapes", None),
        ("file: lab.docx", "facts-unknown-format", None),
        ("file: broken.parquet", "facts-unreadable", None),
        ("file: broken.xlsx", "facts-unreadable", None),
        ("file: broken.csv.gz", "facts-unreadable", None),
        ("file: broken.json", "facts-unreadable", None),
        ("file: broken.yaml", "facts-unreadable", None),
        ("file: empty.csv", "facts-no-header", None),
        ("file: lab.csv\n    encoding: utf-99", "facts-unknown-encoding", None),
        ('sql: {url: "sqlite:///../other/lab.db", query: select 1}', "facts-path-escapes", None),
        ('sql: {url: "sqlite:///lab.db", query: select 1}', "facts-missing-file", None),
        ('sql: {url: "sqlite:///lab.db", query: drop table lab}', "facts-bad-query", None),
    ],
)
def test_a_source_that_cannot_be_read_is_diagnosed(source: str, code: str, hint: str | None, tmp_path: Path) -> None:
    folder, other = tmp_path / "site", tmp_path / "other"
    folder.mkdir()
    other.mkdir()
    for name in ("broken.parquet", "broken.xlsx", "broken.csv.gz", "lab.docx"):
        folder.joinpath(name).write_bytes(b"\x1f\x8bno such thing")
    folder.joinpath("broken.json").write_text('[{"a": ')
    folder.joinpath("broken.yaml").write_text("- {a: [")
    folder.joinpath("empty.csv").write_text("")
    for place in (folder, other):
        as_csv(place)
    folder.joinpath("link.csv").symlink_to(other / "lab.csv")
    write_site(folder, f"  - {source}{COLUMNS}")
    (found,) = diagnosed(folder)
    assert (found.code, found.hint if hint else None) == (code, hint)
    assert found.span is not None
    assert found.span.line == 3


def test_a_missing_sheet_is_diagnosed(tmp_path: Path) -> None:
    as_workbook(tmp_path)
    write_site(tmp_path, f"  - file: lab.xlsx\n    sheet: lab{COLUMNS}")
    (found,) = diagnosed(tmp_path)
    assert (found.code, found.hint) == ("facts-unknown-sheet", "did you mean Lab?")


def test_a_database_is_only_read(tmp_path: Path) -> None:
    source = as_database(tmp_path).replace("select * from lab order by 1", "with x as (select 1) delete from lab")
    write_site(tmp_path, f"  - {source}{COLUMNS}")
    assert {d.code for d in diagnosed(tmp_path)} == {"facts-bad-query"}
    with closing(sqlite3.connect(tmp_path / "lab.db")) as database:
        assert database.execute("select count(*) from lab").fetchone() == (2,)
