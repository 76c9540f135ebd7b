"""CSV and TSV. A plain file goes through Polars.

One with quotes, short rows or broken bytes is read with care, row by row.
"""

from __future__ import annotations

import codecs
import csv
import io
import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from polars.exceptions import PolarsError

from compliance_engine.reading.facts.cells import LONGEST_CELL
from compliance_engine.reading.facts.distinct import collect_slim
from compliance_engine.reading.facts.rows import REFUSED, ROW
from compliance_engine.reading.facts.tables import Cells, Trouble, nothing_refused, numbered

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UTF8 = "utf-8"
BATCH = 50_000
REPLACED = "\ufffd"  # stands for bytes that are no text in the encoding


@dataclass(frozen=True, slots=True, kw_only=True)
class Delimited:
    """A CSV file (`source`: its path, or its bytes once unpacked); `header` is its first row."""

    source: Path | bytes
    separator: str
    encoding: str
    header: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """List the columns."""
        return self.header

    def read(self, names: Sequence[str]) -> Cells | Trouble:
        """Read the columns; rows are counted from 1 with the header, as records, not lines."""
        return self._read_plainly(names) or self._read_with_care(names)

    def _read_plainly(self, names: Sequence[str]) -> Cells | None:
        """Read a file in which a line is a row for certain; None if it may not be so."""
        if self.encoding != UTF8 or not _is_plain(self.source):
            return None
        keys = [f"c{i}" for i in range(len(self.header))]
        wanted = {name: keys[self.header.index(name)] for name in names}
        try:
            scan = pl.scan_csv(
                self.source,
                separator=self.separator,
                quote_char=None,
                has_header=False,
                skip_lines=1,
                schema=dict.fromkeys(keys, pl.String),
                infer_schema=False,
            ).select(*(pl.col(key).alias(name) for name, key in wanted.items()), pl.col(keys[-1]).is_null().alias(LAST))
            frame = collect_slim(scan, names, [pl.col(LAST)])
        except PolarsError:
            return None
        # A row that is too short looks like one whose last cell is empty: only care can tell them apart.
        if frame[LAST].any() or len(keys) == 1:
            return None
        return Cells(frame=numbered(frame.drop(LAST), 2), refused=nothing_refused(), rows=frame.height)

    def _read_with_care(self, names: Sequence[str]) -> Cells | Trouble:
        places = [self.header.index(name) for name in names]
        frames, refused, rows, count = [], [], [], 0
        for number, row in self._rows():
            if isinstance(row, str):
                refused.append((number, "", "", row))
                continue
            if not any(row):
                continue
            count += 1
            reason = self._why_not(row)
            if reason:
                refused.append((number, "", self.separator.join(row)[:LONGEST_CELL], reason))
            else:
                rows.append((number, *(row[place] or None for place in places)))
            if len(rows) == BATCH:
                frames.append(_framed(rows, names))
                rows = []
        frames.append(_framed(rows, names))
        frame = collect_slim(pl.concat(frames).lazy(), [ROW, *names])
        return Cells(frame=frame, refused=pl.DataFrame(refused, schema=REFUSED, orient="row"), rows=count)

    def _rows(self) -> Iterator[tuple[int, list[str] | str]]:
        """Give each row after the header with its number; a text instead of a row says why the rest cannot be read."""
        number = 1
        with _opened(self.source, self.encoding) as lines:
            reader = csv.reader(lines, delimiter=self.separator, strict=True)
            while True:
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except csv.Error as trouble:
                    yield number, f"from here on the file is no CSV: {trouble}"
                    return
                if number > 1:
                    yield number, row
                number += 1

    def _why_not(self, row: Sequence[str]) -> str | None:
        if len(row) != len(self.header):
            return f"the row has {len(row)} cells, the header {len(self.header)}"
        if any(REPLACED in cell for cell in row):
            return f"bytes that are no {self.encoding}: say `encoding:` if the file has another"
        return None


LAST = "\x00last"


def open_delimited(source: Path | bytes, separator: str, encoding: str | None) -> Delimited | Trouble:
    """Read the header. `encoding` None: UTF-8, or UTF-16 if the file begins so."""
    chosen = encoding or ("utf-16" if _head(source).startswith((b"\xff\xfe", b"\xfe\xff")) else UTF8)
    try:
        codecs.lookup(chosen)
        with _opened(source, chosen) as lines:
            header = next(csv.reader(lines, delimiter=separator), None)
    except LookupError:
        return Trouble(
            code="facts-unknown-encoding",
            message=f"there is no encoding {encoding!r}",
            hint="for example utf-8 or cp1252",
        )
    except csv.Error as trouble:
        return Trouble(code="facts-unreadable", message=f"the first row cannot be read: {trouble}")
    if not header:
        return Trouble(code="facts-no-header", message="the file has no header row")
    return Delimited(source=source, separator=separator, encoding=chosen, header=tuple(name.strip() for name in header))


def _opened(source: Path | bytes, encoding: str) -> io.TextIOWrapper:
    binary = source.open("rb") if isinstance(source, Path) else io.BytesIO(source)
    name = "utf-8-sig" if encoding.lower() in (UTF8, "utf8") else encoding
    return io.TextIOWrapper(binary, encoding=name, errors="replace", newline="")


def _head(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:4]
    with source.open("rb") as file:
        return file.read(4)


def _is_plain(source: Path | bytes) -> bool:
    """Say whether a line is a row: no quotes, no lone carriage returns, and no empty first line."""
    if isinstance(source, bytes):
        return _lines_are_rows(source)
    with source.open("rb") as file:
        if not source.stat().st_size:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            return _lines_are_rows(view)


def _lines_are_rows(data: bytes | mmap.mmap) -> bool:
    if data.find(b'"') >= 0 or data[:1] in (b"\n", b"\r"):
        return False
    at = data.find(b"\r")
    return at < 0 or (data[at : at + 2] == b"\r\n" and _only_pairs(data))


def _only_pairs(data: bytes | mmap.mmap) -> bool:
    """Say whether every carriage return stands before a line feed, looking at 16 MiB at a time."""
    step = 1 << 24
    return all(
        data[at : at + step].count(b"\r") == data[at : at + step + 1].count(b"\r\n") for at in range(0, len(data), step)
    )


def _framed(rows: Sequence[Sequence[object]], names: Sequence[str]) -> pl.DataFrame:
    schema = {ROW: pl.UInt32, **dict.fromkeys(names, pl.String)}
    return pl.DataFrame(rows, schema=schema, orient="row") if rows else pl.DataFrame(schema=schema)
