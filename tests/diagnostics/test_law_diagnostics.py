"""What an author reads: each file of `law/` with the full text of its mistakes beside it."""

from pathlib import Path

import pytest

from compliance_engine.kernel.diagnostic import render_diagnostic
from compliance_engine.reading.law import read_law

FOLDER = Path(__file__).parent / "law"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_mistakes_are_said_as_written_beside_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    _, found = read_law([Path(path.name)])
    said = [text for text in map(render_diagnostic, found) if text.startswith(path.name)]
    assert "\n".join(said) + "\n" == path.with_suffix(".txt").read_text(encoding="utf-8")
