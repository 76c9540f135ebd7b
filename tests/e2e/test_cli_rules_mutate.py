"""`compliance rules mutate`: what is listed, as text and as JSON, and the exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[2]
LAW = Path(__file__).parent / "law"


def test_survivors_are_listed_at_their_place(run: Run) -> None:
    result = run("rules", "mutate", LAW, "-k", "monthly")
    assert result.exit_code == 1
    head, first, *_ = result.stdout.splitlines()
    assert head == "test.monthly-average"
    assert "law.yaml:" in first
    assert " -> " in first
    assert "survive" in result.stderr


def test_a_threshold_decides_the_exit_code(run: Run) -> None:
    result = run("rules", "mutate", LAW, "--sample", 4, "--fail-above", 100)
    assert result.exit_code == 0
    assert "4 mutants (" in result.stderr


def test_as_json(run: Run) -> None:
    result = run("rules", "mutate", LAW, "--format", "json", "--fail-above", 100)
    document = json.loads(result.stdout)
    assert document["schema"] == "compliance-mutants/1"
    assert sum(document["counts"].values()) == len(document["mutants"])
    fates = [one["fate"] for one in document["mutants"]]
    judged = sum(fate in {"noticed", "survived", "accepted"} for fate in fates)
    assert document["surviving_percent"] == round(100 * fates.count("survived") / judged, 2)
    assert {one["line"] > 0 for one in document["mutants"]} == {True}


def test_nothing_to_change(run: Run) -> None:
    result = run("rules", "mutate", LAW, "-k", "no-such-document")
    assert result.exit_code == 2
    assert "nothing to change" in result.stderr


def test_a_survivor_without_a_reason_is_an_error(run: Run, tmp_path: Path) -> None:
    for path in LAW.iterdir():
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    row = "{in: test.monthly-average, clause: duty main must, change: comparison, after: must <}"
    (tmp_path / "survivors.yaml").write_text(f"survivors: test\naccepted:\n  - {row}\n", encoding="utf-8")
    result = run("rules", "check", tmp_path)
    assert result.exit_code == 2
    assert "survivors.yaml:3:" in result.stdout
    assert "because" in result.stdout


def running() -> dict[int, int]:
    """Give the parent of each process that has not ended."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            state, parent, *_ = path.read_text(encoding="utf-8").rpartition(")")[2].split()
            if state != "Z":
                found[int(path.parent.name)] = int(parent)
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not happen within a minute"
        time.sleep(0.1)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_no_process_outlives_the_command_when_it_is_killed() -> None:
    command = [sys.executable, "cli.py", "rules", "mutate", "rulesets/us/cwa", "--jobs", "2"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:  # two that try mutants, and one that watches what they share
            wait_until(lambda: list(running().values()).count(process.pid) >= 3)
            begun = {pid for pid, parent in running().items() if parent == process.pid}
        finally:
            process.kill()
    wait_until(lambda: begun.isdisjoint(running()))
