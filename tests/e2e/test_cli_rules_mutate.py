"""`compliance rules mutate`: what is listed, as text and as JSON, and the exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]
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
