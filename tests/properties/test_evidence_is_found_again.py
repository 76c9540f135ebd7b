"""Evidence stands among the records that judging found: found anew, from the facts, it is the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given

from compliance_engine.deriving import membership
from compliance_engine.kernel.shipped import resolve_facts
from compliance_engine.reading.facts import read_facts
from compliance_engine.workflow.evaluation import findings_of
from compliance_engine.workflow.programs import load_program
from tests.properties.budget import examples
from tests.properties.facts import worlds
from tests.properties.worlds import World, product_findings

if TYPE_CHECKING:
    from compliance_engine.model.findings import Findings

ROOT = Path(__file__).resolve().parents[2]


def are_the_same(one: Findings, other: Findings) -> None:
    assert one.frame.equals(other.frame)
    assert one.evidence.equals(other.evidence)


@examples(15)
@given(world=worlds())
def test_of_random_rulesets(world: World) -> None:
    narrowed = product_findings(world)
    with patch.object(membership, "_of_whole", return_value=None):
        are_the_same(narrowed, product_findings(world))


@pytest.mark.parametrize(("site", "rules"), [("harlow-plating", "us/rcra"), ("auenfeld", "eu/uwwtd")])
def test_of_sample_sites(site: str, rules: str, tmp_path: Path) -> None:
    program = load_program([ROOT / "rulesets" / rules], tmp_path).program
    place = resolve_facts(str(ROOT / "facts" / site))
    assert isinstance(place, Path)
    facts, _ = read_facts([place], program.types)
    used: list[bool] = []
    whole = membership._of_whole

    def counted(*arguments: object) -> object:
        found = whole(*arguments)  # type: ignore[arg-type]
        used.append(found is not None)
        return found

    with patch.object(membership, "_of_whole", side_effect=counted):
        narrowed = findings_of(program, facts, as_of=date(2026, 6, 30))
    assert any(used), "no evidence was narrowed, so nothing is compared here"
    with patch.object(membership, "_of_whole", return_value=None):
        are_the_same(narrowed, findings_of(program, facts, as_of=date(2026, 6, 30)))
