"""One language, one meaning: the product and the oracle, which share no code, find the same."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.oracle import cases
from tests.oracle.law import OracleLaw, load
from tests.properties import laws
from tests.properties.budget import examples
from tests.properties.facts import worlds
from tests.properties.worlds import Statement, World, by_oracle, by_product

RULESETS = Path(__file__).resolve().parents[2] / "rulesets"


@examples(30)
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


@lru_cache(maxsize=1)
def shipped() -> OracleLaw:
    return load([RULESETS])


def documents() -> list[Any]:
    return [pytest.param(d, id=d["cases_of"]) for d in shipped().cases]


@pytest.mark.parametrize("document", documents())
def test_shipped_cases_on_the_oracle(document: dict[str, Any]) -> None:
    """Every shipped case comes out on the oracle as its author expects."""
    assert [p for case in document["cases"] for p in cases.problems(shipped(), document, case)] == []


@pytest.mark.slow
@pytest.mark.parametrize("document", documents())
def test_shipped_cases_on_both(document: dict[str, Any]) -> None:
    """Equality on the facts of every shipped case, for the provisions that its document speaks of."""
    for case in document["cases"]:
        world = world_of_case(document, case)
        laws.agree(by_oracle(world), by_product(world))


def world_of_case(document: dict[str, Any], case: dict[str, Any]) -> World:
    rows = [*(document.get("complete") or []), *(case.get("complete") or [])]
    facts = cases.merged(document.get("facts") or {}, case.get("facts") or {})
    return World(
        rules=(),
        facts={name: [dict(record) for record in records] for name, records in facts.items()},
        complete=tuple(Statement(r["type"], date.fromisoformat(r["from"]), date.fromisoformat(r["to"])) for r in rows),
        as_of=date.fromisoformat(case["as_of"]),
        since=date.fromisoformat(case["since"]) if "since" in case else None,
        paths=(str(RULESETS),),
        only=cases.provisions_of(shipped(), document),
    )
