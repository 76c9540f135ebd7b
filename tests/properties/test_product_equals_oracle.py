"""One language, one meaning: the product and the oracle, which share no code, find the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.oracle import cases
from tests.oracle.law import load
from tests.properties import laws
from tests.properties.budget import examples
from tests.properties.facts import worlds
from tests.properties.worlds import Statement, World, by_oracle, by_product

RULESETS = Path(__file__).resolve().parents[2] / "rulesets"


@examples(40)
@given(world=worlds())
def test_random_rulesets(world: World) -> None:
    """Equality on random rulesets and facts: identity, period, status, possible, met, exceedance, days late."""
    laws.agree(by_oracle(world), by_product(world))


@pytest.mark.slow
@examples(600, fresh=True)
@given(world=worlds())
def test_many_random_rulesets(world: World) -> None:
    """Equality on many random rulesets."""
    laws.agree(by_oracle(world), by_product(world))


def shipped_documents() -> list[Any]:
    return [pytest.param(d, id=d["cases_of"]) for d in load([RULESETS]).cases]


@pytest.mark.parametrize("document", shipped_documents())
def test_shipped_cases_on_the_oracle(document: dict[str, Any]) -> None:
    """Every shipped case comes out on the oracle as its author expects."""
    law = load([RULESETS])
    assert [p for case in document["cases"] for p in cases.problems(law, document, case)] == []


@pytest.mark.parametrize("document", shipped_documents())
def test_shipped_cases_on_both(document: dict[str, Any]) -> None:
    """Equality on the facts of every shipped case, over all provisions that these facts reach."""
    for case in document["cases"]:
        given_facts = cases.merged(document.get("facts") or {}, case.get("facts") or {})
        rows = [*(document.get("complete") or []), *(case.get("complete") or [])]
        statements = tuple(Statement(r["type"], *(date.fromisoformat(r[k]) for k in ("from", "to"))) for r in rows)
        dates = [date.fromisoformat(d) if d else None for d in (case["as_of"], case.get("since"))]
        assert dates[0] is not None
        world = World(
            (),
            {n: [dict(r) for r in rs] for n, rs in given_facts.items()},
            statements,
            dates[0],
            dates[1],
            (str(RULESETS),),
        )
        laws.agree(by_oracle(world), by_product(world))
