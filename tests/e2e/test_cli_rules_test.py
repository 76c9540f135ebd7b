"""`compliance rules test`: which cases run, and how a failure is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result

Run = Callable[..., Result]
LAW = Path(__file__).parent / "law"
ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "rulesets"


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    """Copy the law, and let one case expect what is not so, under a name that XML has to escape."""
    folder = tmp_path / "law"
    folder.mkdir()
    for path in LAW.iterdir():
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    cases = folder / "law.cases.yaml"
    text = cases.read_text(encoding="utf-8")
    assert "status: compliant" in text
    text = text.replace("status: compliant", "status: violation", 1)
    first = text.index("- case: ") + len("- case: ")
    cases.write_text(text[:first] + "'<3 & \"quoted\"'" + text[text.index("\n", first) :], encoding="utf-8")
    return folder


def test_a_failure_is_derived(run: Run, spoilt: Path) -> None:
    result = run("rules", "test", spoilt, "--verbose")
    assert result.exit_code == 1
    assert "expected violation, found compliant" in result.stdout
    derivation = result.stdout.partition("COMPLIANT")[2]
    assert "because" in derivation
    assert "must" in derivation


@pytest.mark.parametrize("what", [("test", "--verbose"), ("coverage",)])
def test_several_processes_tell_what_one_does(spoilt: Path, what: tuple[str, ...]) -> None:
    """Results come in the order of the files, whoever ran the cases; a failure is derived all the same."""
    for name in ("again", "more"):
        (spoilt / f"{name}.cases.yaml").write_bytes((spoilt / "law.cases.yaml").read_bytes())
    command = [sys.executable, str(ROOT / "cli.py"), "rules", *what, str(spoilt), "--jobs"]
    one, three = (
        subprocess.run([*command, jobs], capture_output=True, text=True, timeout=300, check=False)
        for jobs in ("1", "3")
    )
    assert three.stdout
    assert (one.returncode, one.stdout, one.stderr) == (three.returncode, three.stdout, three.stderr)


def test_without_verbose_a_failure_is_short(run: Run, spoilt: Path) -> None:
    result = run("rules", "test", spoilt)
    assert "because" not in result.stdout
    assert "expected violation, found compliant" in result.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("date: 2026-03-04", "dat: 2026-03-04", "has no field `dat`; did you mean date?"),
        ("value: 30 mg/L", "value: 30,5 mg/L", "has no field `5 mg/L`; inside { } of YAML a text that holds commas"),
    ],
)
def test_a_mistake_in_the_facts_of_a_case_is_told_with_its_hint(
    run: Run, spoilt: Path, right: str, wrong: str, told: str
) -> None:
    cases = spoilt / "law.cases.yaml"
    text = cases.read_text(encoding="utf-8")
    assert right in text
    cases.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    assert told in " ".join(run("rules", "test", spoilt).stdout.split())


def test_junit_is_well_formed(run: Run, spoilt: Path, tmp_path: Path) -> None:
    file = tmp_path / "cases.xml"
    assert run("rules", "test", spoilt, "--junit", file).exit_code == 1
    root = ET.fromstring(file.read_text(encoding="utf-8"))  # noqa: S314 (written a moment ago)
    assert root.get("failures") == "1"
    (failed,) = [test for test in root.iter("testcase") if test.find("failure") is not None]
    assert str(failed.get("name")).startswith('<3 & "quoted"')
    assert "found compliant" in str(failed.find("failure").get("message"))  # type: ignore[union-attr]
    assert int(root.get("tests", "0")) == len(list(root.iter("testcase")))


def test_a_part_of_a_ruleset_runs_its_own_cases(run: Run) -> None:
    """Its siblings are read, since it reads them; their cases are not run."""
    result = run("rules", "test", SHIPPED / "us/cwa/npdes/snc", "--kind", "version", "--kind", "pass", "--verbose")
    assert result.exit_code == 0
    told = [line for line in result.stdout.splitlines() if line.startswith("passed")]
    assert told
    assert all("/snc/" in line for line in told)
    assert all("(pass)" in line or "(version)" in line for line in told)


def test_a_file_of_cases_is_a_part(run: Run) -> None:
    result = run("rules", "test", SHIPPED / "us/cwa/secondary-treatment/ph.cases.yaml", "--verbose")
    assert result.exit_code == 0
    assert result.stdout.count("ph.cases.yaml:") == result.stdout.count("passed ") > 3


def test_cases_of_a_provision(run: Run) -> None:
    result = run("rules", "test", SHIPPED / "us/cwa", "--provision", "secondary-treatment.ph", "--verbose")
    assert result.exit_code == 0
    assert result.stdout.count("passed ") > 3
    assert all("secondary-treatment.ph:" in line for line in result.stdout.splitlines())


def test_a_provision_that_is_not_there(run: Run) -> None:
    result = run("rules", "test", LAW, "--provision", "monthly-averages")
    assert result.exit_code == 2
    assert "did you mean" in result.stderr


def test_nothing_selected(run: Run) -> None:
    result = run("rules", "test", LAW, "--kind", "version")
    assert result.exit_code == 2
    assert "no case matches version" in result.stderr


@pytest.fixture
def question(tmp_path: Path) -> Path:
    """Give a question to the law, in a folder of the asker's own: the cases of the law, as they were moved away from it."""
    file = tmp_path / "mine" / "question.yaml"
    file.parent.mkdir()
    file.write_text((LAW / "law.cases.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return file


def test_a_question_is_put_to_law_that_stands_elsewhere(run: Run, question: Path) -> None:
    """Only the question is run, against law whose own cases are not even read: here one of them is broken."""
    law = question.parent.parent / "law"
    law.mkdir()
    for path in LAW.iterdir():
        (law / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (law / "broken.cases.yaml").write_text("cases: no.such\ncases: [{case: x}]\n", encoding="utf-8")
    assert run("rules", "test", law).exit_code == 2
    result = run("rules", "test", question, "--rules", law, "--verbose")
    assert result.exit_code == 0, result.output
    assert result.stdout.count(str(question)) == result.stdout.count("passed ") > 0
    assert str(law) not in result.output


def test_a_question_that_expects_what_is_not_so_is_told(run: Run, question: Path) -> None:
    text = question.read_text(encoding="utf-8")
    question.write_text(text.replace("status: compliant", "status: violation", 1), encoding="utf-8")
    result = run("rules", "test", question, "--rules", LAW)
    assert result.exit_code == 1
    assert "expected violation, found compliant" in result.stdout


def test_cases_without_their_law_are_told_how_to_be_run(run: Run, question: Path) -> None:
    result = run("rules", "test", question)
    assert result.exit_code == 2
    assert "compliance rules test FILE --rules rulesets" in result.stderr
