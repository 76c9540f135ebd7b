"""`compliance demo`: the first thing that anybody tries."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from compliance_engine.storing.evaluations import list_evaluations

Run = Callable[..., Result]


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
