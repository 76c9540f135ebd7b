"""Open a store: find the database, make or check its tables, and say in words why it cannot be used.

A new store's tables are made at once from `schema` (tests hold the migrations to the same result); Alembic, slow to
import, is loaded for an older store only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError

from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.kernel.errors import StoreError
from compliance_engine.storing.schema import (
    APPEND_ONLY,
    HEAD,
    POSTGRESQL_GUARD,
    compliance_version,
    finding_list,
    guard_statements,
    metadata,
)

# How long a writer waits for another one, in seconds.
PATIENCE = 60

# Memory in which SQLite holds what a transaction writes: less would be written to the file, and read back, on the way.
CACHE_KIB = 65_536

# Any number, the same for all: who makes the tables in PostgreSQL holds this lock.
_LOCK = 7_203_811_406

_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "sqlite+pysqlite": "sqlite+pysqlite",
    "postgresql+psycopg": "postgresql+psycopg",
}

# PostgreSQL's codes for: insufficient privilege, no such schema, read-only transaction.
_THEIR_STATES = frozenset({"42501", "3F000", "25006"})


def refuse(code: str, message: str, hint: str | None = None) -> StoreError:
    """Make the error that says why the store cannot serve."""
    return StoreError([Diagnostic(code=code, message=message, hint=hint)])


@contextmanager
def open_store(url: str, *, write: bool) -> Iterator[Connection]:
    """Give a connection inside one transaction: all of it is kept, or nothing.

    Raises StoreError where the database cannot be reached, read or written, is not a store, or is a newer version's.
    To read, a store must be there already; to write, it is made on first use.
    """
    target = _read_url(url)
    if target.get_backend_name() == "sqlite":
        _check_file(Path(target.database or ""), write=write)
    with _say_what_failed(target):
        engine = _make_engine(target, write=write)
        try:
            with engine.begin() as connection:
                _prepare_tables(connection, shown=show_url(target), write=write)
                yield connection
        finally:
            engine.dispose()


def show_url(url: URL) -> str:
    """Write the address as a person may read it: without the password."""
    return url.render_as_string(hide_password=True)


def _read_url(url: str) -> URL:
    example = "sqlite:///compliance.db or postgresql://user@host/database"
    try:
        target = make_url(url)
    except ArgumentError:
        raise refuse("store-url", "the store's address is not a database URL", f"write {example}") from None
    if target.drivername not in _DRIVERS:
        message = f"a store of kind `{target.drivername}` is not supported"
        raise refuse("store-url", message, f"write {example}")
    if target.get_backend_name() == "sqlite" and target.database in {None, "", ":memory:"}:
        raise refuse("store-url", "a store in memory is lost at once", f"name a file: {example}")
    return target.set(drivername=_DRIVERS[target.drivername])


def _check_file(path: Path, *, write: bool) -> None:
    if path.is_dir():
        raise refuse("store-unusable", f"{path} is a folder: a store is a file")
    if not write and not path.exists():
        hint = "name it with --store; `compliance evaluate` makes one"
        raise refuse("store-not-found", f"there is no store at {path}", hint)
    if not path.parent.exists():
        raise refuse("store-unusable", f"the folder {path.parent} of the store does not exist")


def _make_engine(url: URL, *, write: bool) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 10})
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": PATIENCE})

    # Python's driver begins no transaction before tables are made: it is told not to interfere, and we begin ourselves.
    def take_over(connection: Any, _record: object) -> None:  # noqa: ANN401 (a driver's connection)
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    event.listen(engine, "connect", take_over)
    event.listen(engine, "begin", begin)
    return engine


def _prepare_tables(connection: Connection, *, shown: str, write: bool) -> None:
    """Leave the connection with tables of this version, or raise StoreError."""
    version = _read_version(connection, shown)
    if version is None and not write:
        raise refuse("store-empty", f"{shown} holds no evaluation yet", "`compliance evaluate --store` makes one")
    if version is None:
        _create_tables(connection, shown)
    elif version != HEAD:
        _bring_up_to_date(connection, version, shown)


def _read_version(connection: Connection, shown: str) -> str | None:
    """Give the schema's version; None if there is no store here yet."""
    present = set(inspect(connection).get_table_names())
    if compliance_version.name in present:
        return connection.scalar(select(compliance_version.c.version_num))
    others = present if connection.dialect.name == "sqlite" else present & set(APPEND_ONLY)
    if others:
        names = ", ".join(sorted(others)[:5])
        message = f"{shown} holds another program's tables ({names}): it is not a store, and is left as it is"
        raise refuse("store-foreign", message, "name a new file, or an empty schema")
    return None


def _create_tables(connection: Connection, shown: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        # Another writer may have made them while we waited.
        if _read_version(connection, shown) is not None:
            return
    metadata.create_all(connection, checkfirst=False)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(POSTGRESQL_GUARD)
    for table in APPEND_ONLY:
        for statement in guard_statements(table, connection.dialect.name):
            connection.exec_driver_sql(statement)
    connection.exec_driver_sql(finding_list())
    connection.execute(compliance_version.insert().values(version_num=HEAD))


def _bring_up_to_date(connection: Connection, version: str, shown: str) -> None:
    if version > HEAD:
        message = f"{shown} was written by a newer version (its schema is {version}, ours {HEAD})"
        raise refuse("store-newer", message, "upgrade compliance-engine, or name another store")
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    # Loaded on demand: Alembic takes half a second to import, and is needed once in a store's life.
    import_module("compliance_engine.storing.upgrading").upgrade_store(connection)


@contextmanager
def _say_what_failed(url: URL) -> Iterator[None]:
    """Turn what a database says into a StoreError; what only a bug of ours can cause passes through."""
    shown = show_url(url)
    try:
        yield
    except ModuleNotFoundError as error:
        hint = "pip install 'compliance-engine[postgres]'"
        raise refuse("store-driver", f"{shown} needs the package {error.name}", hint) from error
    except NoSuchModuleError as error:
        raise refuse("store-url", f"{shown}: {error}") from error
    except DBAPIError as error:
        if not _is_theirs(error):
            raise
        cause = str(error.orig).strip().splitlines()
        raise refuse("store-unusable", f"{shown} cannot be used: {cause[0] if cause else error}") from error


def _is_theirs(error: DBAPIError) -> bool:
    """Hold where the database, its server, or the rights there are to blame."""
    if isinstance(error, OperationalError | InterfaceError) or type(error) is DatabaseError:
        return True
    return getattr(error.orig, "sqlstate", None) in _THEIR_STATES
