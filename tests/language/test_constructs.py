"""Constructs of the language by example: law and its cases in `constructs/`, on the product and on the oracle."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance_engine.reading.law import read_law
from compliance_engine.workflow.cases import CaseResult, run_cases
from compliance_engine.workflow.programs import compile_paths
from tests.oracle import cases
from tests.oracle.law import load
from tests.properties import laws
from tests.properties.worlds import Statement, World, by_oracle, by_product

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
            world = _world(path, document, case)
            laws.agree(by_oracle(world), by_product(world))


def _world(path: Path, document: dict[str, Any], case: dict[str, Any]) -> World:
    rows = [*(document.get("complete") or []), *(case.get("complete") or [])]
    facts = cases.merged(document.get("facts") or {}, case.get("facts") or {})
    return World(
        rules=(),
        facts={name: [_cells(record) for record in records] for name, records in facts.items()},
        complete=tuple(Statement(r["type"], date.fromisoformat(r["from"]), date.fromisoformat(r["to"])) for r in rows),
        as_of=date.fromisoformat(case["as_of"]),
        since=date.fromisoformat(case["since"]) if "since" in case else None,
        paths=(str(path),),
    )


def _cells(record: dict[str, str]) -> dict[str, str | None]:
    return {name: None if text in {"", "~"} else text for name, text in record.items()}
