"""The command starts quickly: asking for help loads nothing that only an evaluation needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from compliance_engine.commands import main

COMMAND = Path(sys.executable).with_name("compliance")
HEAVY = {"polars", "sqlalchemy", "alembic", "pint", "lark", "rich", "durable", "durable_rules_engine", "openpyxl"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["rules", "--help"], ["facts", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from compliance_engine.commands import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(*sys.modules, file=sys.stderr)\n"
    )
    run = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    assert run.stdout
    assert HEAVY.isdisjoint(run.stderr.split())


def test_checking_law_loads_nothing_that_evaluates() -> None:
    program = (
        "import sys\n"
        "from compliance_engine.commands import main\n"
        "try: main(['rules', 'check', sys.argv[1]])\n"
        "finally: print(*sys.modules, file=sys.stderr)\n"
    )
    rules = Path(__file__).resolve().parents[2] / "rulesets" / "other"
    run = subprocess.run([sys.executable, "-c", program, rules], capture_output=True, text=True, check=True)
    assert "0 errors" in run.stderr
    assert {"polars", "sqlalchemy", "durable", "durable_rules_engine", "openpyxl"}.isdisjoint(run.stderr.split())


@pytest.mark.parametrize("what", [("check",), ("test", "--jobs", "3"), ("coverage", "--jobs", "3")])
def test_helpers_begin(what: tuple[str, ...]) -> None:
    """A process that has threads is not copied, and Polars begins some as it is imported: it comes later than the helpers."""
    program = (
        "import sys\n"
        "from compliance_engine.kernel.helpers import Helpers\n"
        "from compliance_engine.reading.law import case_files\n"
        "case_files.WORTH_HELP = 0\n"
        "begin = Helpers.__init__\n"
        "def noted(self, work, count, helpers):\n"
        "    print('helpers:', helpers, file=sys.stderr)\n"
        "    begin(self, work, count, helpers)\n"
        "Helpers.__init__ = noted\n"
        "from compliance_engine.commands import main\n"
        "main(['rules', *sys.argv[1:]])\n"
    )
    rules = Path(__file__).resolve().parents[2] / "rulesets" / "other"
    command = [sys.executable, "-c", program, *what, str(rules)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    wanted = 2 if "--jobs" in what else len(os.sched_getaffinity(0)) - 1
    assert f"helpers: {wanted}\n" in run.stderr


def test_importing_the_library_loads_nothing_heavy() -> None:
    program = "import sys, compliance_engine; print(*dir(compliance_engine)); print(*sys.modules, file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(run.stderr.split())


def test_a_reader_that_goes_away_is_no_trouble() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer) as gone:
        run = subprocess.run([COMMAND, "--help"], stdout=gone, stderr=subprocess.PIPE, text=True, check=False)
    assert run.returncode == 141
    assert run.stderr == ""


@pytest.mark.parametrize(
    "command", [[], *([name] for name in ("evaluate", "obligations", "explain", "demo", "rules", "facts"))]
)
def test_help_shows_an_example(command: list[str]) -> None:
    shown = CliRunner().invoke(main, [*command, "--help"]).output
    assert "\n    compliance " in shown
