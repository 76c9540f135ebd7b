"""Store an evaluation: all of it in one transaction, or nothing."""

import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from typing import Any

import msgspec
import polars as pl
from sqlalchemy import Connection, Table, func, insert, select, text

from compliance_engine.model.findings import Findings, Provenance, digest_findings
from compliance_engine.storing.blobs import Chunk, encode_findings
from compliance_engine.storing.opening import open_store
from compliance_engine.storing.schema import blob, evaluation, finding, program, reason, requirement

# Their rows would be most of the database, and nobody lists them: they are in the blobs.
_NOT_IN_ROWS = ("compliant", "not_applicable")

_IDENTITY = ("provision", "duty", "subject_type", "severity")

_COLUMNS = tuple(finding.c.keys())

_ROWS_A_STATEMENT = 50


def store_evaluation(
    url: str, findings: Findings, provenance: Provenance, program_bytes: bytes, created_at: datetime
) -> int:
    """Append an evaluation and give its number. `created_at` has a time zone.

    An evaluation that is not sealed is digested here. Raises StoreError where the store cannot be used; nothing is stored then.
    """
    assert created_at.tzinfo is not None
    with ThreadPoolExecutor(2) as aside, open_store(url, write=True) as connection:
        # The frames are encoded and digested by Polars while the driver inserts rows: each keeps one core busy.
        chunks = aside.submit(tuple, encode_findings(findings, provenance.quarantine))
        digest = aside.submit(lambda: provenance.findings_digest or digest_findings(findings))
        key = _write_program(connection, program_bytes)
        number = _take_number(connection)
        _write_rows(connection, findings.frame, number)
        _write_chunks(connection, chunks.result(), number)
        sealed = replace(provenance, findings_digest=digest.result())
        _write_evaluation(connection, findings, sealed, (number, key, created_at))
    return number


def _take_number(connection: Connection) -> int:
    """Give the number of the evaluation under way: in SQLite nobody else writes meanwhile, PostgreSQL hands it out once."""
    if connection.dialect.name == "postgresql":
        return connection.scalar(text("SELECT nextval(pg_get_serial_sequence('evaluation', 'id'))")) or 0
    return (connection.scalar(select(func.max(evaluation.c.id))) or 0) + 1


def _write_program(connection: Connection, content: bytes) -> str:
    """Store the program unless it is there; give its key, the SHA-256 of its bytes."""
    key = sha256(content).hexdigest()
    row = {"digest": key, "content": zlib.compress(content)}
    connection.execute(_take_insert(connection)(program).values(row).on_conflict_do_nothing())
    return key


def _take_insert(connection: Connection) -> Callable[[Table], Any]:
    """Give the dialect's own `insert`, which can leave alone what is there already."""
    # Start-up: the other dialect imports three drivers, asyncio and TLS, longer than a small evaluation takes to be stored.
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as own  # noqa: PLC0415
    else:
        from sqlalchemy.dialects.sqlite import insert as own  # type: ignore[assignment]  # noqa: PLC0415
    return own


def _write_evaluation(
    connection: Connection, findings: Findings, provenance: Provenance, identity: tuple[int, str, datetime]
) -> None:
    number, key, created_at = identity
    counts = findings.frame.group_by("status").len().sort("status")
    row = {
        "id": number,
        "created_at": created_at.astimezone(UTC),
        "as_of": provenance.as_of,
        "known_as_of": provenance.known_as_of,
        "period": provenance.period,
        "engine": provenance.engine,
        "product_version": provenance.product_version,
        "rules_digest": provenance.rules_digest,
        "facts_digest": provenance.facts_digest,
        "findings_digest": provenance.findings_digest,
        "program": key,
        "rules": list(provenance.rules),
        "facts": list(provenance.facts),
        "sources": msgspec.to_builtins(provenance.sources),
        "counts": dict(counts.iter_rows()),
    }
    connection.execute(insert(evaluation).values(row))


def _write_rows(connection: Connection, frame: pl.DataFrame, number: int) -> None:
    kept = frame.filter(~pl.col("status").is_in(_NOT_IN_ROWS))
    if kept.is_empty():
        return
    bad = kept.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    # What belongs to no site has none, which a row says as an empty text.
    rows = (
        bad.with_columns(pl.col("site").fill_null(""))
        .join(_write_requirements(connection, bad), on=_IDENTITY)
        .join(_write_reasons(connection, bad), on="reason")
        .drop("reason")
        .rename({"reason_number": "reason"})
        .with_columns(evaluation=pl.lit(number, pl.Int32))
    )
    if connection.dialect.name == "postgresql":
        _copy_rows(connection, rows.select(_COLUMNS))
    else:
        _insert_rows(connection, rows.select(_COLUMNS))


def _write_requirements(connection: Connection, frame: pl.DataFrame) -> pl.DataFrame:
    """Store the requirements that are not there yet; give the number of each."""
    rows = frame.select(_IDENTITY).unique().sort(_IDENTITY).to_dicts()
    connection.execute(_take_insert(connection)(requirement).on_conflict_do_nothing(), rows)
    names = [requirement.c[name] for name in _IDENTITY]
    known = connection.execute(select(requirement.c.id, *names)).all()
    return pl.DataFrame(known, schema=["requirement", *_IDENTITY], orient="row")


def _write_reasons(connection: Connection, frame: pl.DataFrame) -> pl.DataFrame:
    """Store the reasons that are not there yet; give the number of each."""
    texts = frame.select("reason").unique().sort("reason")
    stored = texts.with_columns(text=_without_nul("reason") if connection.dialect.name == "postgresql" else "reason")
    rows = stored.select("text").unique().sort("text").to_dicts()
    connection.execute(_take_insert(connection)(reason).on_conflict_do_nothing(), rows)
    known = connection.execute(select(reason.c.id, reason.c.text)).all()
    numbers = pl.DataFrame(known, schema={"reason_number": pl.Int64, "text": pl.String}, orient="row")
    return stored.join(numbers, on="text").select("reason", "reason_number")


def _without_nul(column: str | pl.Expr) -> pl.Expr:
    """Put a mark in the place of NUL, which PostgreSQL's texts cannot hold; the blob has it as it was."""
    texts = pl.col(column) if isinstance(column, str) else column
    return texts.str.replace_all("\x00", "\ufffd", literal=True)


def _insert_rows(connection: Connection, rows: pl.DataFrame) -> None:
    """Insert tuples through the driver, many a statement: a dictionary a row would take ten times as long."""
    # In the order of the key the table's tree is filled from left to right: faster, and half the size.
    texts = rows.sort("finding").with_columns(
        pl.col(pl.Date, pl.Decimal).cast(pl.String), pl.col(pl.Datetime).dt.strftime("%Y-%m-%d %H:%M:%S.%6f")
    )
    filled = [name for name in _COLUMNS if texts[name].null_count() < texts.height]
    whole = texts.height - texts.height % _ROWS_A_STATEMENT
    for part, count in ((texts.head(whole), _ROWS_A_STATEMENT), (texts.slice(whole), texts.height - whole)):
        if part.height:
            names, one = ", ".join(f'"{name}"' for name in filled), f"({', '.join('?' * len(filled))})"
            statement = f"INSERT INTO finding ({names}) VALUES {', '.join([one] * count)}"  # noqa: S608 (names of ours)
            cells = list(chain.from_iterable(zip(*(part[name].to_list() for name in filled), strict=True)))
            size = count * len(filled)
            connection.exec_driver_sql(statement, [tuple(cells[n : n + size]) for n in range(0, len(cells), size)])


def _copy_rows(connection: Connection, rows: pl.DataFrame) -> None:
    """Copy the rows as CSV: an unquoted empty cell is null, a quoted one an empty text."""
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    clean = rows.with_columns(
        _without_nul(pl.col(pl.String)),
        pl.col(pl.Datetime).dt.strftime("%Y-%m-%dT%H:%M:%S.%6fZ"),
    )
    table = clean.write_csv(include_header=False, quote_style="non_numeric")
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY finding ({names}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(table)


def _write_chunks(connection: Connection, chunks: Iterable[Chunk], number: int) -> None:
    rows = [
        {"evaluation": number, "kind": chunk.kind, "chunk": chunk.number, "content": chunk.content} for chunk in chunks
    ]
    connection.execute(insert(blob), rows)
