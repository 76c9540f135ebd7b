"""What an author reads of names, units, links and dates: each file of `compiling/` with the full text beside it."""

import ast
from pathlib import Path

import pytest

import compliance_engine.compiling
from compliance_engine.compiling import compile_program
from compliance_engine.kernel.diagnostic import render_diagnostic
from compliance_engine.reading.law import read_law

FOLDER = Path(__file__).parent / "compiling"
FILES = sorted(path for path in FOLDER.glob("*.yaml") if path.stem != "vocabulary")


def _said(path: Path) -> str:
    law, refused = read_law([Path("vocabulary.yaml"), Path(path.name)])
    _, found = compile_program(law)
    return "".join(f"{render_diagnostic(diagnostic)}\n" for diagnostic in (*refused, *found))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_mistakes_are_said_as_written_beside_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    assert _said(path) == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_code_is_shown_in_one_of_the_files() -> None:
    package = Path(compliance_engine.compiling.__file__).parent
    shown = "".join(path.with_suffix(".txt").read_text(encoding="utf-8") for path in FILES)
    codes = {code for path in package.glob("*.py") for code in _codes(path)}
    assert len(codes) > 30
    assert sorted(code for code in codes if f"[{code}]" not in shown) == []


def _codes(path: Path) -> set[str]:
    """Give the codes that a module reports as literals."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    reports = [
        call
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"report", "warn", "error", "warning"}
    ]
    firsts = [call.args[0] for call in reports if call.args]
    return {str(first.value) for first in firsts if isinstance(first, ast.Constant)}
