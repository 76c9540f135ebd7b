"""A store that cannot be used is refused in words, and left as it was; old schemas lead to this one."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from compliance_engine.kernel.errors import StoreError
from compliance_engine.storing import schema
from compliance_engine.storing.evaluations import list_evaluations, read_evaluation
from compliance_engine.storing.opening import open_store
from compliance_engine.storing.upgrading import upgrade_store


def open_to_write(url: str) -> None:
    with open_store(url, write=True):
        pass


def describe_database(url: str) -> set[tuple[str, str]]:
    """Name everything in the database that is not a table's column."""
    engine = sa.create_engine(url)
    statement = (
        "select type, name from sqlite_master"
        if engine.dialect.name == "sqlite"
        else "select 'trigger', tgname from pg_trigger where not tgisinternal"
        " union select 'view', viewname from pg_views where schemaname = 'public'"
        " union select 'index', indexname from pg_indexes where schemaname = 'public'"
        " union select 'function', proname from pg_proc where pronamespace = 'public'::regnamespace"
    )
    with engine.connect() as connection:
        names = {(kind, name) for kind, name in connection.execute(sa.text(statement))}
    engine.dispose()
    return {(kind, name) for kind, name in names if not name.startswith("sqlite_autoindex")}


def migrate(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        upgrade_store(connection)
    engine.dispose()


def test_migrations_lead_to_the_tables_that_a_new_store_gets(store_url: str) -> None:
    """Law: the two ways to make a store agree, tables, columns, triggers and views."""
    migrate(store_url)
    engine = sa.create_engine(store_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": "compliance_version", "compare_type": True}
        )
        assert compare_metadata(context, schema.metadata) == []
        assert connection.scalar(sa.select(schema.compliance_version.c.version_num)) == schema.HEAD
    engine.dispose()
    open_to_write(store_url)


def test_a_store_of_the_first_schema_keeps_what_it_said(store_url: str) -> None:
    """Its reasons had their figures in them: the view tells them as they were."""
    engine = sa.create_engine(store_url)
    row = (
        "insert into finding values (1, '{0}', 1, 's', 'x', '', null, null, null, null, 1, 'violation', '', '5 mg/L',"
        " '4 mg/L', 25, null, null, '{1}')"
    )
    with engine.begin() as connection:
        upgrade_store(connection, target="0001")
        connection.exec_driver_sql("insert into requirement values (1, 'p', 'main', 'site', 'major')")
        for name, reason in (("a", "5 mg/L is not at most 4 mg/L"), ("b", "late"), ("c", "late")):
            connection.exec_driver_sql(row.format(name, reason))
    engine.dispose()
    migrate(store_url)
    engine = sa.create_engine(store_url)
    with engine.connect() as connection:
        told = connection.execute(sa.text("select finding, reason, provision from finding_list order by 1")).all()
        assert [tuple(t) for t in told] == [
            ("a", "5 mg/L is not at most 4 mg/L", "p"),
            ("b", "late", "p"),
            ("c", "late", "p"),
        ]
        assert connection.scalar(sa.text("select count(*) from reason")) == 2
    engine.dispose()


def test_both_ways_make_the_same_guards(tmp_path: Path) -> None:
    migrated, created = (f"sqlite:///{tmp_path / name}" for name in ("a.db", "b.db"))
    migrate(migrated)
    open_to_write(created)
    assert describe_database(migrated) == describe_database(created)
    assert ("trigger", "finding_no_delete") in describe_database(created)


def test_both_ways_make_the_same_guards_in_postgresql(postgres_url: str) -> None:
    migrate(postgres_url)
    migrated = describe_database(postgres_url)
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop schema public cascade")
        connection.exec_driver_sql("create schema public")
    engine.dispose()
    open_to_write(postgres_url)
    assert describe_database(postgres_url) == migrated
    assert ("trigger", "finding_append_only") in migrated


def test_a_newer_store_is_refused(store_url: str) -> None:
    open_to_write(store_url)
    engine = sa.create_engine(store_url)
    with engine.begin() as connection:
        connection.execute(schema.compliance_version.update().values(version_num="9999"))
    engine.dispose()
    with pytest.raises(StoreError, match=r"newer version \(its schema is 9999, ours 0002\)"):
        list_evaluations(store_url)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("create table bookmarks (url text)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"another program's tables \(bookmarks\)"):
        open_to_write(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_another_programs_schema_is_left_alone(postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("create table program (name text)")
    engine.dispose()
    with pytest.raises(StoreError, match=r"another program's tables \(program\)"):
        open_to_write(postgres_url)


def test_other_tables_in_a_shared_schema_do_not_disturb(postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("create table employees (name text)")
    engine.dispose()
    open_to_write(postgres_url)
    assert list_evaluations(postgres_url) == ()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be taken for one at first sight" * 20, encoding="utf-8")
    with pytest.raises(StoreError, match="file is not a database"):
        open_to_write(f"sqlite:///{path}")


def test_a_store_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"the folder .* of the store does not exist"):
        open_to_write(f"sqlite:///{tmp_path / 'none' / 'x.db'}")
    with pytest.raises(StoreError, match="is a folder"):
        open_to_write(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("records.db", "not a database URL"),
        ("", "not a database URL"),
        ("mysql://root@localhost/x", "a store of kind `mysql` is not supported"),
        ("sqlite://", "a store in memory is lost at once"),
        ("sqlite:///:memory:", "a store in memory is lost at once"),
    ],
)
def test_an_address_that_means_nothing_is_refused(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        open_to_write(url)


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(StoreError, match="cannot be used") as refusal:
        open_to_write("postgresql://someone:hunter2@127.0.0.1:1/records")
    assert "127.0.0.1" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_reading_makes_no_store(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with pytest.raises(StoreError, match="there is no store at"):
        read_evaluation(f"sqlite:///{path}")
    assert not path.exists()


def test_reading_an_empty_store_says_so(store_url: str) -> None:
    open_to_write(store_url)
    assert list_evaluations(store_url) == ()
    with pytest.raises(StoreError, match="holds no evaluation yet"):
        read_evaluation(store_url)


def test_reading_a_database_without_tables_says_so(postgres_url: str) -> None:
    with pytest.raises(StoreError, match="holds no evaluation yet"):
        read_evaluation(postgres_url)
    assert describe_database(postgres_url) == set()


def test_damaged_bytes_are_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    open_to_write(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("insert into program values ('p', x'789c030000000001')")
        connection.execute(
            "insert into evaluation values (1, '2026-01-01 00:00:00', '2026-01-01', null, '', '', '', '', '', '', 'p',"
            " '[]', '[]', '[]', '{}')"
        )
        connection.execute("insert into blob values (1, 'findings', 0, x'00')")
    connection.close()
    with pytest.raises(StoreError, match="evaluation 1 cannot be read back"):
        read_evaluation(f"sqlite:///{path}")
