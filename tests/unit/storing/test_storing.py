"""What is stored comes back as it was, in whole or not at all, from SQLite and PostgreSQL alike."""

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa
from polars.testing import assert_frame_equal

from compliance_engine.kernel.errors import StoreError
from compliance_engine.model.findings import Findings, Told, as_texts
from compliance_engine.storing import blobs
from compliance_engine.storing.evaluations import find_finding, list_evaluations, read_evaluation
from compliance_engine.storing.writing import store_evaluation
from tests.unit.example_findings import (
    COMPLIANT,
    FOLLOWING,
    VIOLATION,
    make_findings,
    make_provenance,
)

NOON = datetime(2026, 4, 20, 12, 0, tzinfo=UTC)
PROGRAM = b'{"version": 1}'


def store(url: str, findings: Findings | None = None) -> int:
    return store_evaluation(url, findings or make_findings(), make_provenance(), PROGRAM, NOON)


def query(url: str, statement: str) -> list[dict[str, object]]:
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(sa.text(statement))
            return [dict(row) for row in result.mappings()] if result.returns_rows else []
    finally:
        engine.dispose()


def test_an_evaluation_comes_back_as_it_was(store_url: str) -> None:
    """Round trip: findings, evidence, trace, provenance with its quarantine, program."""
    number = store(store_url)
    findings, provenance, program = read_evaluation(store_url, number)
    expected = make_findings()
    assert_frame_equal(findings.frame, expected.frame)
    assert_frame_equal(findings.evidence, expected.evidence)
    assert findings.trace.keys() == expected.trace.keys()
    for name, frame in expected.trace.items():
        assert_frame_equal(findings.trace[name], frame)
    assert provenance == make_provenance()
    assert program == PROGRAM


def test_evaluations_are_numbered_and_listed(store_url: str) -> None:
    later = NOON.astimezone(timezone(timedelta(hours=-7))) + timedelta(hours=1)
    first = store(store_url)
    second = store_evaluation(store_url, make_findings(), make_provenance(), PROGRAM, later)
    assert second > first
    entries = list_evaluations(store_url)
    assert [entry.id for entry in entries] == [first, second]
    assert [entry.created_at for entry in entries] == [NOON, later]
    assert entries[0].counts == {
        "violation": 2,
        "undetermined": 1,
        "pending": 2,
        "compliant": 1,
        "exempt": 1,
        "not_applicable": 1,
    }
    assert entries[0].rules == ("rulesets/us",)


def test_a_program_is_stored_once(store_url: str) -> None:
    store(store_url)
    store(store_url)
    store_evaluation(store_url, make_findings(), make_provenance(), b"another", NOON)
    assert len(query(store_url, "select digest from program")) == 2
    assert read_evaluation(store_url)[2] == b"another"
    assert read_evaluation(store_url, 1)[2] == PROGRAM


def test_rows_are_kept_for_what_calls_for_attention(store_url: str) -> None:
    """Compliant and not applicable findings are in the blobs only; an empty text is not a null."""
    store(store_url)
    rows = query(store_url, "select * from finding_list order by finding")
    assert {row["status"] for row in rows} == {"violation", "undetermined", "pending", "exempt"}
    worst = next(row for row in rows if row["finding"] == VIOLATION)
    assert worst["site"] == "riverside"
    assert worst["provision"] == "us.example.monthly-average"
    assert worst["severity"] == "major"
    assert str(worst["period_from"]) == "2026-03-01"
    assert Decimal(str(worst["exceedance_percent"])) == Decimal("20.666666667")
    assert worst["possible"] == ""
    assert worst["days_late"] is None
    late = next(row for row in rows if row["days_late"] == 5)
    assert late["subject"] == "=cmd|'/c calc'!A1"
    assert str(next(row for row in rows if row["finding"] == FOLLOWING)["due_at"]).startswith("2026-04-28 12:30:00")


@pytest.mark.parametrize(("percent", "shown"), [("20.666666667", "20.7"), ("0.0423", "less than 0.1"), ("10", "10")])
def test_a_reason_is_told_with_its_figures(store_url: str, percent: str, shown: str) -> None:
    """It is kept once, with places for figures; the view of the store and the frame in words say the same."""
    findings = make_findings()
    beyond = (
        pl.when(pl.col("exceedance_percent") > 0).then(pl.lit(percent)).cast(findings.frame["exceedance_percent"].dtype)
    )
    findings = replace(findings, frame=findings.frame.with_columns(exceedance_percent=beyond))
    reason = f"{Told.VALUE} is not at most {Told.LIMIT}, {Told.PERCENT} % beyond"
    store(store_url, replace(findings, frame=findings.frame.with_columns(reason=pl.lit(reason))))
    told = query(store_url, "select reason from finding_list where exceedance_percent > 0 and period_to is not null")
    assert told == [{"reason": f"36.2 mg/L is not at most 30 mg/L, {shown} % beyond"}]
    read = as_texts(read_evaluation(store_url)[0].frame).filter(pl.col("finding") == VIOLATION)
    assert read["reason"].to_list() == [told[0]["reason"]]
    assert query(store_url, "select text from reason") == [{"text": reason}]


def test_hostile_texts_are_data(store_url: str) -> None:
    hostile = "a\"b'c;--\\,\n\\N\x00é"
    findings = make_findings()
    frame = findings.frame.with_columns(reason=pl.lit(hostile), subject=pl.lit('"'), possible=pl.lit("\\."))
    store(store_url, replace(findings, frame=frame))
    read, _, _ = read_evaluation(store_url)
    assert read.frame["reason"].unique().to_list() == [hostile]
    rows = query(store_url, "select reason, subject, possible from finding_list")
    assert {(row["subject"], row["possible"]) for row in rows} == {('"', "\\.")}
    # A database that cannot hold NUL has a mark in its place.
    assert {str(row["reason"]).replace("\x00", "\N{REPLACEMENT CHARACTER}") for row in rows} == {
        hostile.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    }


@pytest.mark.parametrize("statement", ["update {} set {} = {}", "delete from {}"])
@pytest.mark.parametrize(
    ("table", "column"), [("evaluation", "id"), ("finding", "status"), ("blob", "chunk"), ("program", "digest")]
)
def test_nothing_stored_is_changed_or_removed(store_url: str, statement: str, table: str, column: str) -> None:
    store(store_url)
    with pytest.raises(sa.exc.DBAPIError, match="never changed"):
        query(store_url, statement.format(table, column, column))
    assert len(list_evaluations(store_url)) == 1


def test_nothing_is_stored_of_what_fails_half_way(store_url: str) -> None:
    """The trace cannot be encoded, which is seen after the rows were written."""
    store(store_url)
    broken = replace(make_findings(), trace={"p/d": pl.DataFrame({"finding": [object()]})})
    with pytest.raises(Exception, match=r"(?i)object"):
        store(store_url, broken)
    assert len(list_evaluations(store_url)) == 1
    assert len(query(store_url, "select distinct evaluation from finding")) == 1


def test_a_killed_run_leaves_the_store_as_it_was(sqlite_url: str, tmp_path: Path) -> None:
    """Law: after SIGKILL at any moment, every evaluation in the list is whole."""
    store(sqlite_url)
    run = subprocess.Popen([sys.executable, __file__, sqlite_url], env=os.environ | {"PYTHONPATH": "."})
    journal = tmp_path / "records.db-journal"
    while not journal.exists() and run.poll() is None:
        pass
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    for entry in list_evaluations(sqlite_url):
        assert read_evaluation(sqlite_url, entry.id)[0].frame.height == sum(entry.counts.values())
    with sqlite3.connect(tmp_path / "records.db") as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
    connection.close()
    assert store(sqlite_url) == list_evaluations(sqlite_url)[-1].id


def test_two_writers_wait_for_each_other(store_url: str) -> None:
    """Eight at once, on a store that none of them finds in place."""
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: store(store_url), range(8)))
    assert len(set(numbers)) == 8
    assert [entry.id for entry in list_evaluations(store_url)] == sorted(numbers)
    assert len(query(store_url, "select digest from program")) == 1


def test_many_findings_are_kept_in_chunks(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "FINDINGS_A_CHUNK", 1_000)
    findings = make_findings()
    frame = pl.concat([findings.frame] * (1_000 // findings.frame.height + 1)).with_columns(
        finding=pl.int_range(pl.len()).cast(pl.String).str.zfill(16)
    )
    store(sqlite_url, replace(findings, frame=frame))
    assert len(query(sqlite_url, "select chunk from blob where kind = 'findings'")) == 2
    assert_frame_equal(read_evaluation(sqlite_url)[0].frame, frame)
    last = frame["finding"][-1]
    assert find_finding(sqlite_url, last).finding == last


def test_an_evaluation_without_findings_is_stored(store_url: str) -> None:
    findings = make_findings()
    store(store_url, Findings(frame=findings.frame.clear(), evidence=findings.evidence.clear(), trace={}))
    assert_frame_equal(read_evaluation(store_url)[0].frame, findings.frame.clear())


def test_a_finding_is_found_by_the_start_of_its_id(store_url: str) -> None:
    """With what explains it: its evidence and trace, the finding it is about, the findings about it."""
    number = store(store_url)
    found = find_finding(store_url, VIOLATION.upper()[:16])
    assert (found.evaluation, found.finding) == (number, VIOLATION)
    assert set(found.findings.frame["finding"]) == {VIOLATION, FOLLOWING}
    assert set(found.findings.evidence["set"]) == {"set1"}
    assert found.findings.trace["us.example.monthly-average/main"]["when 1"].to_list() == ["true"]
    about = find_finding(store_url, FOLLOWING)
    assert set(about.findings.frame["finding"]) == {VIOLATION, FOLLOWING}
    assert find_finding(store_url, "99").finding == COMPLIANT


def test_the_newest_evaluation_that_has_a_finding_speaks(sqlite_url: str) -> None:
    findings = make_findings()
    first = store(sqlite_url)
    fewer = findings.frame.filter(pl.col("finding") != COMPLIANT)
    second = store(sqlite_url, replace(findings, frame=fewer, trace={}))
    assert find_finding(sqlite_url, "99").evaluation == first
    assert find_finding(sqlite_url, VIOLATION).evaluation == second
    assert find_finding(sqlite_url, VIOLATION, first).evaluation == first


@pytest.mark.parametrize(
    ("prefix", "number", "message"),
    [
        ("4f1c", None, "2 findings of evaluation 1 have an id that starts with `4f1c`: 4f1c9a0000000001, 4f1c"),
        ("0", None, "no finding of any evaluation has an id that starts with `0`"),
        ("0", 1, "no finding of evaluation 1 has"),
        ("4f1c", 7, "the store has no evaluation 7"),
    ],
)
def test_what_cannot_be_found_is_said(sqlite_url: str, prefix: str, number: int | None, message: str) -> None:
    store(sqlite_url)
    with pytest.raises(StoreError, match=message):
        find_finding(sqlite_url, prefix, number)


def _store_without_end(url: str) -> None:
    """Run as a script: store large evaluations until killed."""
    findings = make_findings()
    frame = pl.concat([findings.frame] * 5000).with_columns(
        finding=pl.int_range(pl.len()).cast(pl.String).str.zfill(16)
    )
    while True:
        store(url, replace(findings, frame=frame, trace={}))


if __name__ == "__main__":
    _store_without_end(sys.argv[1])
