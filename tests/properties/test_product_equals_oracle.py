"""One language, one meaning: the product and the oracle, which share no code, find the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from tests.oracle import cases
from tests.properties import laws
from tests.properties.budget import examples
from tests.properties.facts import worlds
from tests.properties.shipped import changed_worlds, shipped, world_of_case
from tests.properties.worlds import World, by_oracle, by_product


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


@examples(15)
@given(world=changed_worlds())
def test_shipped_law_on_changed_facts(world: World) -> None:
    """Equality on the facts of shipped cases, changed at random."""
    laws.agree(by_oracle(world), by_product(world))


@pytest.mark.slow
@examples(2500, fresh=True)
@given(world=changed_worlds())
def test_shipped_law_on_facts_much_changed(world: World) -> None:
    """Equality on many of them."""
    laws.agree(by_oracle(world), by_product(world))
