"""README.md is true: its commands exist, its output is what they print, its examples run, its links lead somewhere."""

import csv
import json
import re
import shlex
from collections import Counter
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from compliance_engine.commands import main
from compliance_engine.storing.evaluations import list_evaluations

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
FILES = re.findall(r"`([\w/.-]+)`:\n\n```\w+\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
STEPS = [
    step.partition("\n")
    for language, text in BLOCKS
    if language == "console"
    for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
]
COMMANDS = sorted(
    {command for command, _, _ in STEPS}
    | {line for language, text in BLOCKS if language == "sh" for line in text.replace("\\\n", " ").splitlines()}
    | {text.replace("\n", " ") for text in re.findall(r"`((?:compliance|make) [^`]+)`", README)}
)


def in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the example files into an empty folder, and go there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("COMPLIANCE_STORE", raising=False)
    for name, text in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")


def test_there_is_something_to_test() -> None:
    assert len(STEPS) >= 5
    assert {name for name, _ in FILES} >= {"procedures/training.yaml", "creekside/site.yaml"}


def shows_what_to_do_next(printed: str) -> None:
    assert "riverside" in printed
    assert "tannery-creek" in printed
    advice = next(line for line in printed.splitlines() if line.startswith("next: compliance "))
    explained = CliRunner().invoke(main, shlex.split(advice.removeprefix("next: compliance ")))
    assert explained.exit_code == 0, explained.output
    assert explained.stdout.startswith("VIOLATION")


def test_output_is_what_the_commands_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step, one after another, from the demonstration on: it shows every kind of verdict, and names a step that explains one."""
    in_its_folder(tmp_path, monkeypatch)
    for command, _, output in STEPS:
        call = "compliance demo" if command == "make demo" else command
        printed = CliRunner().invoke(main, shlex.split(call)[1:]).output
        shown = [re.escape(part.strip()) for part in " ".join(output.split()).split("...")]
        assert re.search(".*".join(shown), " ".join(printed.split())), printed
        if command == "make demo":
            shows_what_to_do_next(printed)
    with (tmp_path / "out" / "findings.csv").open(encoding="utf-8", newline="") as file:
        counts = Counter(row["status"] for row in csv.DictReader(file))
    document = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))
    entry = list_evaluations(f"sqlite:///{tmp_path / 'out' / 'compliance.db'}")[0]
    assert set(counts) == {"violation", "undetermined", "pending", "compliant", "exempt", "not_applicable"}
    assert document["counts"] == dict(counts) == dict(entry.counts)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_exists(line: str) -> None:
    words = shlex.split(line, comments=True)
    if words[0] == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert all(re.search(rf"^{word}:.*##", makefile, re.MULTILINE) for word in words[1:])
        return
    assert words[0] == "compliance"
    command: click.Command = main
    context = click.Context(main)
    for word in words[1:]:
        found = command.get_command(context, word) if isinstance(command, click.Group) else None
        command = found or command
    assert not isinstance(command, click.Group)
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_the_library_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    (example,) = [text for language, text in BLOCKS if language == "python"]
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 (our own page)
    assert "36.2 mg/L is not within 30 mg/L, 20.7 % beyond (Evidence(" in capsys.readouterr().out


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert links
    paths = re.findall(r"`((?:docs|facts|rulesets|bench)/[\w./-]+)`", README)
    assert [path for path in (*links, *paths) if not (ROOT / path).exists()] == []
