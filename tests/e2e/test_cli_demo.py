"""`compliance demo`: the first thing that anybody tries."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from compliance_engine.storing.evaluations import list_evaluations

Run = Callable[..., Result]


@pytest.mark.xdist_group("demo")
def test_the_demo_shows_every_kind_of_verdict(
    demo: tuple[Path, Result], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the step that it names next explains a violation."""
    folder, result = demo
    monkeypatch.chdir(folder)
    assert result.exit_code == 0, result.output
    assert "riverside" in result.stdout
    assert "tannery-creek" in result.stdout
    with (folder / "out" / "findings.csv").open(encoding="utf-8", newline="") as file:
        counts = Counter(row["status"] for row in csv.DictReader(file))
    document = json.loads((folder / "out" / "findings.json").read_text(encoding="utf-8"))
    entry = list_evaluations(f"sqlite:///{folder / 'out' / 'compliance.db'}")[0]
    assert set(counts) == {"violation", "undetermined", "pending", "compliant", "exempt", "not_applicable"}
    assert document["counts"] == dict(counts) == dict(entry.counts)
    advice = next(line for line in result.stderr.splitlines() if line.startswith("next: compliance "))
    explained = run(*advice.removeprefix("next: compliance ").split())
    assert explained.exit_code == 0, explained.output
    assert explained.stdout.startswith("VIOLATION")


@pytest.mark.slow
def test_the_demo_repeats_itself(run: Run, tmp_path: Path) -> None:
    """Law: the same findings, byte for byte; each run is another evaluation in the store."""
    texts = []
    for _ in range(2):
        assert run("demo").exit_code == 0
        texts.append((tmp_path / "out" / "findings.csv").read_bytes())
    assert texts[0] == texts[1]
    first, second = list_evaluations(f"sqlite:///{tmp_path / 'out' / 'compliance.db'}")
    assert (first.id, second.id) == (1, 2)
    assert first.findings_digest == second.findings_digest
