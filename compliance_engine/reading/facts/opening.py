"""Files opened by what their names say they are; compressed ones are unpacked up to a limit."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from compliance_engine.reading.facts.delimited import open_delimited
from compliance_engine.reading.facts.parquet import open_parquet
from compliance_engine.reading.facts.structured import open_json, open_json_lines, open_yaml
from compliance_engine.reading.facts.tables import MOST_BYTES, Table, Trouble

if TYPE_CHECKING:
    from compliance_engine.reading.facts.manifest import SourceDecl

GZ = ".gz"
DELIMITED = {".csv": ",", ".tsv": "\t", ".txt": ","}
WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
TEXTS = (".json", ".jsonl", ".ndjson", ".yaml", ".yml")
KNOWN = (*DELIMITED, *WORKBOOKS, *TEXTS, ".parquet")
STEP = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A source that can be read; where it is no file, also the name that it is known by, and its digest."""

    table: Table
    name: str | None = None
    digest: str | None = None


def open_source(source: SourceDecl, folder: Path) -> Opened | Trouble:
    """Open the file or run the query."""
    if source.decimal is not None and not _is_delimited(source.path):
        message = "`decimal` is for CSV: other files, and databases, hold numbers as numbers"
        return Trouble(code="facts-bad-decimal", message=message, hint="leave `decimal` out, or save the table as CSV")
    idle = _say_in_vain(source)
    if idle is not None:
        return idle
    if source.path is None:
        # SQLAlchemy takes 0.2 s to load: only a query pays for it (a start-up exception).
        from compliance_engine.reading.facts.databases import open_query  # noqa: PLC0415

        opened = open_query(source.url, source.query, folder)
        return opened if isinstance(opened, Trouble) else Opened(table=opened[0], name=opened[1], digest=opened[2])
    table = _open_file(source.path, source)
    return table if isinstance(table, Trouble) else Opened(table=table)


def _say_in_vain(source: SourceDecl) -> Trouble | None:
    """Refuse what is said of a source of another kind, which nothing would read."""
    kind = "" if source.path is None else _kind(source.path)
    said = {
        "header": (source.header != 1, kind in WORKBOOKS, "workbooks: remove the lines above the header of a text"),
        "sheet": (source.sheet is not None, kind in WORKBOOKS, "workbooks"),
        "at": (source.at is not None, kind in TEXTS, "JSON and YAML"),
        "separator": (source.separator is not None, kind in DELIMITED, "CSV"),
        "encoding": (source.encoding is not None, kind in DELIMITED, "CSV"),
    }
    for key, (written, fits, what) in said.items():
        if written and not fits:
            return Trouble(code="facts-idle-key", message=f"`{key}` is for {what}", hint=f"leave `{key}` out")
    return None


def _is_delimited(path: Path | None) -> bool:
    return path is not None and _kind(path) in DELIMITED


def _kind(path: Path) -> str:
    """Give the suffix that says what a file is, that of compression left out."""
    packed = path.suffix.lower() == GZ
    return Path(path.stem).suffix.lower() if packed else path.suffix.lower()


def _open_file(path: Path, source: SourceDecl) -> Table | Trouble:
    packed = path.suffix.lower() == GZ
    kind = _kind(path)
    if kind in DELIMITED:
        data = _unpacked(path) if packed else path
        return (
            data
            if isinstance(data, Trouble)
            else open_delimited(data, source.separator or DELIMITED[kind], source.encoding)
        )
    if kind in TEXTS:
        content = _unpacked(path) if packed else _whole(path)
        return content if isinstance(content, Trouble) else _open_text(content, kind, source.at, path.name)
    if kind == ".parquet" and not packed:
        return open_parquet(path)
    if kind in WORKBOOKS and not packed:
        # openpyxl and fastexcel take 0.2 s to load: only a workbook pays for them (a start-up exception).
        from compliance_engine.reading.facts.workbooks import open_workbook  # noqa: PLC0415

        return open_workbook(path, source.sheet, source.header)
    return Trouble(
        code="facts-unknown-format",
        message=f"{path.name}: no such kind of file is read",
        hint=f"known: {', '.join(KNOWN)}",
    )


def _open_text(data: bytes, kind: str, at: str | None, file: str) -> Table | Trouble:
    if kind == ".json":
        return open_json(data, at)
    return open_yaml(data, at, file) if kind in (".yaml", ".yml") else open_json_lines(data)


def _whole(path: Path) -> bytes | Trouble:
    if path.stat().st_size > MOST_BYTES:
        return Trouble(code="facts-too-large", message=f"the file has more than {MOST_BYTES >> 30} GiB")
    return path.read_bytes()


def _unpacked(path: Path) -> bytes | Trouble:
    parts, size = [], 0
    try:
        with gzip.open(path) as file:
            while part := file.read(STEP):
                size += len(part)
                if size > MOST_BYTES:
                    return Trouble(
                        code="facts-too-large", message=f"the file unpacks to more than {MOST_BYTES >> 30} GiB"
                    )
                parts.append(part)
    except (OSError, EOFError, zlib.error) as trouble:
        return Trouble(code="facts-unreadable", message=f"the file cannot be unpacked: {trouble}")
    return b"".join(parts)


def digest_of_file(path: Path) -> str:
    """Give the SHA-256 of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
