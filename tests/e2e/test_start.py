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


@pytest.mark.parametrize("name", ["rules_check", "rules_test", "rules_coverage"])
def test_helpers_can_begin_when_the_law_is_read(name: str) -> None:
    """A process that has threads is not copied, and Polars begins some as it is imported."""
    program = (
        "import importlib, sys\n"
        f"importlib.import_module('compliance_engine.commands.{name}')\n"
        "from compliance_engine.kernel.helpers import count_helpers\n"
        "from compliance_engine.workflow.rules import usable_rules\n"
        "usable_rules(['other/commitments'])\n"
        "print(count_helpers(3), 'polars' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "2 False\n"


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
