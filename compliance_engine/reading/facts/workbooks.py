"""Excel workbooks: values only, never formulas. Row numbers are those that the sheet shows."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any
from warnings import catch_warnings, simplefilter

import fastexcel
import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.reading.facts.cells import cell_text
from compliance_engine.reading.facts.tables import MOST_BYTES, Loaded, Trouble, nothing_refused, table_of_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# openpyxl keeps error cells and the place of each row; above this (about 300,000 rows) it takes too long.
LARGEST_EXACT = 12 * 1024**2
MOST_CELLS = 10**8
ZIPPED = (".xlsx", ".xlsm")


def open_workbook(path: Path, sheet: str | None, header_row: int) -> Loaded | Trouble:
    """Read a sheet (None: the only one, or the first); `header_row` counts from 1."""
    exact = path.suffix.lower() in ZIPPED and path.stat().st_size <= LARGEST_EXACT
    try:
        if path.suffix.lower() in ZIPPED and _unpacked(path) > MOST_BYTES:
            return Trouble(code="facts-too-large", message=f"the workbook unpacks to more than {MOST_BYTES >> 30} GiB")
        if not exact and path.suffix.lower() in ZIPPED and (cells := _extent(path, sheet)) > MOST_CELLS:
            message = f"the sheet reaches over {cells:,} cells, more than {MOST_CELLS:,}"
            hint = "delete what stands far beside or below the table"
            return Trouble(code="facts-too-large", message=message, hint=hint)
        rows = _exact_rows(path, sheet) if exact else _quick_rows(path, sheet)
    except (zipfile.BadZipFile, fastexcel.FastExcelError, KeyError, ValueError, OSError) as trouble:
        return Trouble(code="facts-unreadable", message=f"the workbook cannot be read: {trouble}")
    return rows if isinstance(rows, Trouble) else _table(rows, header_row)


def _unpacked(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def _extent(path: Path, sheet: str | None) -> int:
    """Count the cells that a sheet says it reaches over; 0 where it does not say so."""
    book = openpyxl.load_workbook(path, read_only=True)
    try:
        name = _chosen(sheet, book.sheetnames)
        chosen = None if isinstance(name, Trouble) else book[name]
        return (chosen.max_row or 0) * (chosen.max_column or 0) if isinstance(chosen, ReadOnlyWorksheet) else 0
    finally:
        book.close()


def _exact_rows(path: Path, sheet: str | None) -> list[tuple[int, list[str | None]]] | Trouble:
    with catch_warnings():
        simplefilter("ignore")  # openpyxl warns of decorations that it does not keep
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            name = _chosen(sheet, book.sheetnames)
            if isinstance(name, Trouble):
                return name
            chosen: Any = book[name]  # its stubs know no sheet that is only read
            if not hasattr(chosen, "reset_dimensions"):
                return Trouble(code="facts-unknown-sheet", message=f"the sheet {name!r} holds a chart, and no cells")
            # What the file says of its extent pads each row as far as the outermost cell, one that was only coloured, say.
            chosen.reset_dimensions()
            return [(n, [_text(cell) for cell in row]) for n, row in enumerate(chosen.iter_rows(values_only=True), 1)]
        finally:
            book.close()


def _text(cell: object) -> str | None:
    """Give a number as Excel shows and compares it: with 15 significant digits, so that 0.1 + 0.2 is 0.3."""
    return f"{cell:.15g}" if isinstance(cell, float) else cell_text(cell)


def _quick_rows(path: Path, sheet: str | None) -> list[tuple[int, list[str | None]]] | Trouble:
    book = fastexcel.read_excel(path)
    name = _chosen(sheet, book.sheet_names)
    if isinstance(name, Trouble):
        return name
    frame = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    return [(n, list(row)) for n, row in enumerate(frame.iter_rows(), 1)]


def _chosen(sheet: str | None, names: Sequence[str]) -> str | Trouble:
    if sheet is None:
        return names[0]
    if sheet in names:
        return sheet
    return Trouble(
        code="facts-unknown-sheet", message=f"the workbook has no sheet {sheet!r}", hint=did_you_mean(sheet, names)
    )


def _table(rows: list[tuple[int, list[str | None]]], header_row: int) -> Loaded | Trouble:
    if len(rows) < header_row or not any(rows[header_row - 1][1]):
        return Trouble(code="facts-no-header", message=f"row {header_row} of the sheet is no header: it is empty")
    names = [(text or "").strip() for text in rows[header_row - 1][1]]
    places = [at for at, name in enumerate(names) if name]
    written = ((n, [row[at] if at < len(row) else None for at in places]) for n, row in rows[header_row:] if any(row))
    body = [(n, row) for n, row in written if any(row)]  # a remark beside the columns is no record
    header = [names[at] for at in places]
    if len(set(header)) < len(header):
        twice = sorted({name for name in header if header.count(name) > 1})
        return Trouble(code="facts-column-twice", message=f"the header names a column twice: {', '.join(twice)}")
    frame = table_of_rows(header, [row for _, row in body], [n for n, _ in body])
    return Loaded(frame=frame, refused=nothing_refused())
