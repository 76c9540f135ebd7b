"""Law from text."""

from pathlib import Path

import pytest

from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.model.program import Program
from tests.unit.compiling.example_law import Compile, compile_text


@pytest.fixture
def compiled(tmp_path: Path) -> Compile:
    """Compile law: the program, and what is wrong."""

    def _compiled(text: str) -> tuple[Program | None, tuple[Diagnostic, ...]]:
        return compile_text(tmp_path / "law", text)

    return _compiled
