"""`compliance demo`: the first thing that anybody tries."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from compliance_engine.storing.evaluations import list_evaluations

Run = Callable[..., Result]


@pytest.mark.slow
def test_the_demo_repeats_itself(run: Run, tmp_path: Path) -> None:
    """Law: the same findings, byte for byte; each run is another evaluation in the store. The step named next explains a violation."""
    texts = []
    for _ in range(2):
        result = run("demo")
        assert result.exit_code == 0, result.output
        texts.append((tmp_path / "out" / "findings.csv").read_bytes())
    assert texts[0] == texts[1]
    first, second = list_evaluations(f"sqlite:///{tmp_path / 'out' / 'compliance.db'}")
    assert (first.id, second.id) == (1, 2)
    assert first.findings_digest == second.findings_digest
    advice = next(line for line in result.stderr.splitlines() if line.startswith("next: compliance "))
    explained = run(*advice.removeprefix("next: compliance ").split())
    assert explained.exit_code == 0, explained.output
    assert explained.stdout.startswith("VIOLATION")
