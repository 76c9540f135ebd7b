"""Files as people leave them: what is odd in them is told or harmless, and never guessed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import openpyxl
import polars as pl
import pytest
from openpyxl.chart import BarChart

from compliance_engine.kernel.diagnostic import Level
from compliance_engine.reading.facts import quarantine_rows, read_facts, workbooks
from tests.unit.reading.example_types import COLUMNS, HEADER, ROWS, TYPES, cells, diagnosed, read_site, write_site

if TYPE_CHECKING:
    from pathlib import Path


def workbook(path: Path) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (HEADER, *ROWS):
        sheet.append(row)
    book.save(path)
    return book


def test_a_cell_at_the_far_end_of_a_sheet_costs_nothing(tmp_path: Path) -> None:
    """A sheet reaches as far as its outermost cell, up to 1,048,576 rows of 16,384 columns; a remark there is no record."""
    book = workbook(tmp_path / "lab.xlsx")
    book.worksheets[0].cell(row=1_048_576, column=16_384, value="x")
    book.worksheets[0].cell(row=5, column=20, value="checked")
    book.save(tmp_path / "lab.xlsx")
    write_site(tmp_path, f"  - file: lab.xlsx{COLUMNS}")
    assert cells(read_site(tmp_path), "result", "id") == [("A1",), ("A2",)]


def test_a_large_workbook_that_reaches_too_far_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LARGEST_EXACT", 0)
    book = workbook(tmp_path / "lab.xlsx")
    write_site(tmp_path, f"  - file: lab.xlsx{COLUMNS}")
    assert cells(read_site(tmp_path), "result", "id") == [("A1",), ("A2",)]
    book.worksheets[0].cell(row=1_048_576, column=16_384, value="x")
    book.save(tmp_path / "lab.xlsx")
    (found,) = diagnosed(tmp_path)
    assert found.message == "the sheet reaches over 17,179,869,184 cells, more than 100,000,000"


def test_a_chart_has_no_cells(tmp_path: Path) -> None:
    book = workbook(tmp_path / "lab.xlsx")
    book.create_chartsheet("Chart", 0).add_chart(BarChart())
    book.save(tmp_path / "lab.xlsx")
    write_site(tmp_path, f"  - file: lab.xlsx{COLUMNS}")
    (found,) = diagnosed(tmp_path)
    assert found.message == "the sheet 'Chart' holds a chart, and no cells"


@pytest.mark.parametrize("name", ["lab.json", "lab.jsonl", "lab.yaml"])
def test_a_record_that_says_a_field_twice_is_refused(name: str, tmp_path: Path) -> None:
    records = [json.dumps(dict(zip(HEADER, row, strict=True))) for row in ROWS]
    records.append(records[0].replace("{", '{"Result": 3, ', 1).replace("A1", r"say \"x\": y"))
    text = {"lab.json": f"[{','.join(records)}]", "lab.jsonl": "\n".join(records)}
    (tmp_path / name).write_text(text.get(name, "".join(f"- {record}\n" for record in records)), encoding="utf-8")
    write_site(tmp_path, f"  - file: {name}{COLUMNS}")
    facts = read_site(tmp_path)
    assert cells(facts, "result", "id") == [("A1",), ("A2",)]
    assert [(row.row, row.reason) for row in quarantine_rows(facts)] == [(3, "`Result` stands twice in one record")]


def test_lines_of_which_none_is_a_record_are_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "lab.jsonl").write_text('[{"Sample": "A1"}]', encoding="utf-8")
    write_site(tmp_path, f"  - file: lab.jsonl{COLUMNS}")
    (found,) = diagnosed(tmp_path)
    assert found.message == "no record can be read; row 1: expected one JSON object on the line"


def test_the_day_of_an_instant_is_not_guessed(tmp_path: Path) -> None:
    """The first of February in UTC is the last of January in Chicago: the month of a sample is not left to the source."""
    moments = pl.Series([datetime(2026, 2, 1, 5, 30, tzinfo=UTC), datetime(2026, 2, 1, 18, tzinfo=UTC)])
    rows = {name: [row[at] for row in ROWS] for at, name in enumerate(HEADER)}
    pl.DataFrame({**rows, "Day": moments}).write_parquet(tmp_path / "lab.parquet")
    write_site(tmp_path, f"  - file: lab.parquet{COLUMNS}", "zone: America/Chicago")
    facts = read_site(tmp_path)
    assert cells(facts, "result", "id") == []
    assert all("depends on the zone of its site" in row.reason for row in quarantine_rows(facts))


def test_links_that_lead_in_a_circle_are_no_file(tmp_path: Path) -> None:
    (tmp_path / "lab.csv").symlink_to("lab.csv")
    write_site(tmp_path, f"  - file: lab.csv{COLUMNS}")
    (found,) = diagnosed(tmp_path)
    assert "lab.csv" in found.message


def test_a_source_of_which_no_row_is_wanted_is_remarked_upon(tmp_path: Path) -> None:
    workbook(tmp_path / "lab.xlsx")
    write_site(tmp_path, f"  - file: lab.xlsx\n    where: {{Kind: [grop]}}{COLUMNS}")
    _, (found,) = read_facts([tmp_path], TYPES)
    assert found.message == "no row has what `where` asks for (Kind is 'grop'): the source gives no result"
    assert found.level is Level.WARNING
