"""`compliance rules coverage`: text, JSON, and the threshold."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Run = Callable[..., Result]
LAW = Path(__file__).parent / "law"


def test_what_is_never_exercised_is_listed(run: Run) -> None:
    result = run("rules", "coverage", LAW)
    assert result.exit_code == 0
    assert "never: " in result.stdout
    assert "law.yaml:" in result.stdout
    assert "duty: " in result.stdout
    assert "% exercised" in result.stderr


def test_too_little_fails(run: Run) -> None:
    assert run("rules", "coverage", LAW, "--fail-under", 100).exit_code == 1


def test_as_json(run: Run) -> None:
    result = run("rules", "coverage", LAW, "--format", "json")
    document = json.loads(result.stdout)
    assert document["schema"] == "compliance-coverage/1"
    items = document["items"]
    assert document["percent"] == round(100 * sum(item["seen"] for item in items) / len(items), 2)
    assert sum(count["total"] for count in document["counts"].values()) == len(items)
    assert all(item["line"] > 0 for item in items)
