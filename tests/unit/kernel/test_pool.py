"""Work inside Polars' pool: the same answers and the same errors as anywhere else."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextvars import ContextVar
from pathlib import Path

import polars as pl
import pytest

from compliance_engine.kernel.pool import FEW_ROWS, FEW_STEPS, collected, in_the_pool

COLOUR: ContextVar[str] = ContextVar("COLOUR", default="none")


def thread_name() -> str:
    return Path(f"/proc/self/task/{threading.get_native_id()}/comm").read_text(encoding="utf-8").strip()


def test_it_gives_what_the_work_gives() -> None:
    assert in_the_pool(lambda: (1, "two")) == (1, "two")


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the system does not name its threads in /proc")
def test_the_work_is_done_by_a_thread_of_the_pool() -> None:
    """Should Polars ever do it elsewhere nothing breaks, but small evaluations become slow."""
    assert in_the_pool(thread_name).startswith("polars")


def test_it_is_done_once() -> None:
    done: list[int] = []
    in_the_pool(lambda: done.append(1))
    assert done == [1]


@pytest.mark.parametrize("error", [TypeError("an unexpected keyword argument 'return_dtype'"), KeyboardInterrupt()])
def test_an_error_is_raised_where_the_work_was_asked_for(error: BaseException) -> None:
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        raise error

    with pytest.raises(type(error)) as raised:
        in_the_pool(fail)
    assert raised.value is error
    assert calls == [1]


def test_the_work_sees_the_context_of_the_caller() -> None:
    token = COLOUR.set("green")
    try:
        assert in_the_pool(COLOUR.get) == "green"
    finally:
        COLOUR.reset(token)


def test_it_may_stand_inside_itself_and_use_polars() -> None:
    frame = pl.DataFrame({"a": [3, 1, 2], "b": [1, 1, 2]})

    def sums() -> list[int]:
        joined = frame.join(frame, on="b", how="inner").group_by("b").agg(pl.col("a").sum()).sort("b")
        return joined["a"].to_list()

    assert in_the_pool(lambda: in_the_pool(sums)) == sums() == [8, 2]


def test_many_may_ask_at_once() -> None:
    found: list[int] = []

    def ask(number: int) -> None:
        found.append(in_the_pool(lambda: pl.DataFrame({"a": range(number)}).filter(pl.col("a") >= 0).height))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(16))


@pytest.mark.parametrize("rows", [3, FEW_ROWS])
def test_a_query_gives_the_same_of_few_rows_and_of_many(rows: int) -> None:
    query = pl.LazyFrame({"a": [3, 1, 2]}).select(pl.col("a").sort() * 2)
    assert collected(query, rows)["a"].to_list() == [2, 4, 6]


def test_a_thread_of_the_pool_does_not_wait_for_another_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    collect = pl.LazyFrame.collect

    def noted(query: pl.LazyFrame, *, engine: str = "auto", **more: object) -> pl.DataFrame:
        asked.append(engine)
        return collect(query, engine=engine, **more)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(pl.LazyFrame, "collect", noted)
    query = pl.LazyFrame({"a": [1]})
    for rows in (None, 1, FEW_ROWS):
        collected(query, rows)
        in_the_pool(lambda rows=rows: collected(query, rows))  # type: ignore[misc]
    assert asked == ["auto", "in-memory", "in-memory", "in-memory", "auto", "in-memory"]


def test_few_rows_are_joined_under_their_condition_all_the_same() -> None:
    """Pairs of all with all, filtered afterwards, would take room for the square of the records."""
    one, other = pl.LazyFrame({"from": [1, 2]}), pl.LazyFrame({"to": [1, 2]})
    pairs = one.join(other, how="cross").filter(pl.col("from") <= pl.col("to"))
    assert "CROSS JOIN" not in pairs.explain(optimizations=FEW_STEPS)
    assert sorted(collected(pairs, 2).rows()) == [(1, 1), (1, 2), (2, 2)]


def test_one_thread_is_enough(tmp_path: Path) -> None:
    """On a machine with one processor the pool has one thread."""
    root, out = Path(__file__).resolve().parents[3], tmp_path / "findings.csv"
    what = ["evaluate", "--rules", "us/cwa", "--facts", "tannery-creek", "--as-of", "2026-06-30"]
    done = subprocess.run(
        [sys.executable, root / "cli.py", *what, "--format", "csv", "--out", out],
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    assert pl.read_csv(out)["provision"].n_unique() > 1
