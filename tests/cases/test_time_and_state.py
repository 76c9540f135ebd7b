"""Time and state: law that looks back at itself, run on the product and on the oracle."""

from pathlib import Path

from compliance_engine.workflow.cases import evaluate_cases
from tests.oracle.cases import run_cases

FOLDER = Path(__file__).parent / "time"


def test_the_product_finds_what_the_cases_expect() -> None:
    report = evaluate_cases([str(FOLDER)], engine="python")
    assert report.results
    assert [(one.name, one.differences, one.bug) for one in report.results if not one.passed] == []


def test_the_oracle_finds_what_the_cases_expect() -> None:
    results = run_cases(FOLDER)
    assert results
    assert [(name, problems) for name, problems in results if problems] == []
