"""`compliance rules format|schema|diff|impact|docs`: the tools of those who keep law as texts."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
HERE = Path(__file__).parent
LAW = HERE / "law"
BROOK = HERE / "brook"


@pytest.fixture
def law(tmp_path: Path) -> Path:
    """Copy the law, to be amended."""
    folder = tmp_path / "law"
    folder.mkdir()
    for path in LAW.iterdir():
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def amend(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_format_writes_what_check_and_diff_tell(run: Run, law: Path) -> None:
    assert run("rules", "format", law).exit_code == 0
    good = (law / "law.yaml").read_text(encoding="utf-8")
    assert run("rules", "format", law, "--check").exit_code == 0
    amend(law / "law.yaml", "severity: major", "severity:   'major'")
    spoilt = (law / "law.yaml").read_text(encoding="utf-8")
    checked = run("rules", "format", law, "--check")
    assert (checked.exit_code, checked.stdout) == (1, f"{law / 'law.yaml'}\n")
    assert checked.stderr == "2 files: 1 would be laid out anew\n"
    diff = run("rules", "format", law, "--diff")
    assert diff.exit_code == 1
    assert "-severity:   'major'\n+severity: \"major\"\n" in diff.stdout
    assert (law / "law.yaml").read_text(encoding="utf-8") == spoilt
    written = run("rules", "format", law)
    assert (written.exit_code, written.stdout) == (0, "")
    assert (law / "law.yaml").read_text(encoding="utf-8") == good.replace("severity: major", 'severity: "major"', 1)


def test_format_refuses_files_with_mistakes(run: Run, law: Path) -> None:
    amend(law / "law.yaml", "severity: major", "severity:   mayor")
    before = (law / "law.yaml").read_text(encoding="utf-8")
    result = run("rules", "format", law)
    assert result.exit_code == 2
    assert "did you mean major?" in result.stderr
    assert (law / "law.yaml").read_text(encoding="utf-8") == before


def test_the_schema_is_printed_for_editors(run: Run, tmp_path: Path) -> None:
    printed = run("rules", "schema")
    assert printed.exit_code == 0
    assert json.loads(printed.stdout)["definitions"].keys() >= {"provision", "cases"}
    assert run("rules", "schema", "--out", tmp_path / "rules.schema.json").exit_code == 0
    assert (tmp_path / "rules.schema.json").read_text(encoding="utf-8") == printed.stdout
