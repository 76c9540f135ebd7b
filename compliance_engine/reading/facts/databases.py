"""A query of a SQL database, read in batches, in a transaction that is rolled back."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import polars as pl
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from compliance_engine.reading.facts.cells import cell_text
from compliance_engine.reading.facts.tables import Loaded, Trouble, nothing_refused, table_of_rows

if TYPE_CHECKING:
    from pathlib import Path

BATCH = 50_000
MOST_RESULTS = 20_000_000
READS = re.compile(r"\s*(select|with)\b", re.IGNORECASE)


def open_query(url: str, query: str, folder: Path) -> tuple[Loaded, str, str] | Trouble:
    """Run the query; give the table, the database's name without its password, and a digest of the rows.

    A SQLite file is taken relative to `folder`, must lie within it, and is opened for reading only. Rows count from 1
    in the order in which the query gives them.
    """
    if not READS.match(query):
        return Trouble(
            code="facts-bad-query", message="a query begins with SELECT or WITH", hint="SELECT id, site FROM results"
        )
    try:
        parsed = sa.make_url(url)
    except (SQLAlchemyError, ValueError) as trouble:
        return Trouble(
            code="facts-bad-url", message=f"this is no database URL: {trouble}", hint="sqlite:///monitoring.db"
        )
    name = parsed.render_as_string(hide_password=True)
    if parsed.get_backend_name() == "sqlite":
        path = (folder / (parsed.database or "")).resolve()
        if not path.is_relative_to(folder.resolve()):
            return Trouble(code="facts-path-escapes", message=f"{name} lies outside the folder of the manifest")
        if not path.is_file():
            return Trouble(code="facts-missing-file", message=f"there is no database {name}")
        parsed = sa.make_url(f"sqlite:///file:{path.as_posix()}?mode=ro&uri=true")
    try:
        return _queried(parsed, query, name)
    except (SQLAlchemyError, ImportError) as trouble:
        return Trouble(code="facts-bad-query", message=f"{name}: {str(trouble).splitlines()[0]}")


def _queried(url: sa.URL, query: str, name: str) -> tuple[Loaded, str, str] | Trouble:
    engine = sa.create_engine(url)
    digest, frames, count = hashlib.sha256(), [], 0
    try:
        with engine.connect().execution_options(stream_results=True) as connection:
            result = connection.execute(sa.text(query))
            header = list(result.keys())
            if len(set(header)) < len(header):
                return Trouble(code="facts-column-twice", message=f"{name}: the query gives a column twice")
            while batch := result.fetchmany(BATCH):
                rows = [[cell_text(cell) for cell in row] for row in batch]
                frames.append(table_of_rows(header, rows, range(count + 1, count + 1 + len(rows))))
                digest.update(frames[-1].drop("_row").write_csv(quote_style="always").encode())
                count += len(rows)
                if count > MOST_RESULTS:
                    return Trouble(code="facts-too-large", message=f"{name}: more than {MOST_RESULTS:,} rows")
            connection.rollback()
    finally:
        engine.dispose()
    frame = pl.concat(frames) if frames else table_of_rows(header, [], [])
    return Loaded(frame=frame, refused=nothing_refused()), name, digest.hexdigest()
