"""Constructs of the language by example: law and its cases in `constructs/`, on the product and on the oracle."""

from pathlib import Path

import pytest

from compliance_engine.reading.law import read_law
from compliance_engine.workflow.cases import run_cases
from compliance_engine.workflow.programs import compile_paths
from compliance_engine.workflow.running import CaseResult
from tests.oracle import cases
from tests.oracle.law import load
from tests.properties import laws
from tests.properties.worlds import by_oracle, by_product, world_of

FILES = sorted((Path(__file__).parent / "constructs").glob("*.yaml"))
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@each_file
def test_cases_come_out_on_the_product(path: Path) -> None:
    law, _ = read_law([path])
    results = list(run_cases(compile_paths([path]).program, law.cases, engine="python"))
    assert results
    assert [_told(result) for result in results if not result.passed] == []


def _told(result: CaseResult) -> tuple[str, tuple[str, ...], Exception | None]:
    return result.name, result.differences, result.bug


@each_file
def test_cases_come_out_on_the_oracle(path: Path) -> None:
    assert [one for one in cases.run_cases(path) if one[1]] == []


@each_file
def test_both_find_the_same(path: Path) -> None:
    for document in load([path]).cases:
        for case in document["cases"]:
            world = world_of(document, case, paths=(str(path),))
            laws.agree(by_oracle(world), by_product(world))
