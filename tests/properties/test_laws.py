"""The laws of docs/language.md, on random rulesets and facts, for the oracle and for the product."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties import laws
from tests.properties.budget import examples
from tests.properties.changes import in_micrograms, shuffled, with_gap_filled, with_limits_raised, with_reading_added
from tests.properties.facts import facts, worlds
from tests.properties.rulesets import HEAD
from tests.properties.shipped import changed_worlds, with_cells_lost
from tests.properties.vocabulary import REFERENCE, VOCABULARY
from tests.properties.worlds import (
    Statement,
    World,
    by_oracle,
    by_product,
    is_readable,
    product_digest,
    product_findings,
)

if TYPE_CHECKING:
    from tests.properties.laws import Evaluator

BOTH = pytest.mark.parametrize("evaluator", [by_oracle, by_product], ids=["oracle", "product"])
MONTHLY = "applies:\n  to: plant\n  each: calendar month\n"
LIMITS = st.sampled_from(["max(reading.level)", "mean(censored(reading.level, half))", "sum(reading.level)"])
WHOLE = (Statement("reading", date(2025, 1, 1), date(2026, 12, 31)),)


@BOTH
@examples(10)
@given(world=worlds())
def test_every_obligation_has_one_finding(evaluator: Evaluator, world: World) -> None:
    """Totality: ids are unique, and an open status says which verdicts remain."""
    laws.is_total(evaluator, world)


@BOTH
@examples(8)
@given(rows=facts(), as_of=st.dates(date(2026, 1, 15), date(2026, 6, 15)))
def test_every_month_is_judged(evaluator: Evaluator, rows: dict, as_of: date) -> None:
    """Totality: a month of each plant from the beginning to the as-of date, no more and no fewer."""
    world = World(
        (VOCABULARY % REFERENCE, HEAD % "first" + MONTHLY + "require: active\n"), rows, (), as_of, date(2026, 1, 1)
    )
    expected = {(row["id"], f"2026-{month:02}-01") for row in rows["plant"] for month in range(1, as_of.month + 1)}
    assert {(v.subject, v.occurrence) for v in evaluator(world)} == expected


@examples(8)
@given(data=st.data())
def test_facts_of_shipped_cases_once_known_never_change_a_settled_verdict(data: st.DataObject) -> None:
    """Monotonicity in values, on the shipped law."""
    world = data.draw(changed_worlds())
    lost = data.draw(with_cells_lost(world).filter(is_readable))
    laws.is_monotone(by_product, lost, world)


@BOTH
@examples(10)
@given(data=st.data())
def test_filling_a_gap_never_changes_a_settled_verdict(evaluator: Evaluator, data: st.DataObject) -> None:
    """Monotonicity in values: promise 3."""
    world = data.draw(worlds())
    laws.is_monotone(evaluator, world, data.draw(with_gap_filled(world)))


@BOTH
@examples(10)
@given(data=st.data())
def test_a_record_more_never_changes_a_settled_verdict(evaluator: Evaluator, data: st.DataObject) -> None:
    """Monotonicity in records of a source that is not complete: promise 3."""
    world = data.draw(worlds())
    laws.is_monotone(evaluator, world, data.draw(with_reading_added(world)))


@BOTH
@examples(8)
@given(data=st.data())
def test_order_means_nothing(evaluator: Evaluator, data: st.DataObject) -> None:
    """Order independence: files, types and records may stand in any order."""
    world = data.draw(worlds())
    laws.agree(evaluator(world), evaluator(data.draw(shuffled(world))))


@examples(8)
@given(data=st.data())
def test_order_means_nothing_to_the_bytes(data: st.DataObject) -> None:
    """Reproducibility: the canonical rows of the findings are the same bytes in any order."""
    world = data.draw(worlds())
    one, two = (product_findings(w).frame for w in (world, data.draw(shuffled(world))))
    assert one.write_csv() == two.write_csv()


@examples(8)
@given(world=worlds())
def test_a_replay_gives_the_same_bytes(world: World) -> None:
    """Reproducibility: the same input, evaluated again, has the same digest."""
    assert product_digest(world) == product_digest(world)


@BOTH
@examples(8)
@given(world=worlds())
def test_units_mean_nothing(evaluator: Evaluator, world: World) -> None:
    """Unit invariance: 3 mg/L and 3000 ug/L are one value."""
    laws.agree(evaluator(world), evaluator(in_micrograms(world)))


@BOTH
@examples(10)
@given(rows=facts(), figure=LIMITS, factor=st.integers(2, 5))
def test_a_higher_limit_never_adds_a_violation(evaluator: Evaluator, rows: dict, figure: str, factor: int) -> None:
    """Monotonic limits: what keeps an upper limit keeps a higher one."""
    rule = HEAD % "first" + MONTHLY + f"limit: {{value: '{figure}', of: cap}}\n"
    world = World((VOCABULARY % REFERENCE, rule), rows, WHOLE, date(2026, 5, 4), date(2026, 1, 1))
    raised = {v.name for v in evaluator(with_limits_raised(world, factor)) if v.status == "violation"}
    assert raised <= {v.name for v in evaluator(world) if v.status == "violation"}


@pytest.mark.slow
@BOTH
@examples(300, fresh=True)
@given(data=st.data())
def test_monotonicity_on_many_worlds(evaluator: Evaluator, data: st.DataObject) -> None:
    """Monotonicity, both ways, on many worlds."""
    world = data.draw(worlds())
    laws.is_monotone(evaluator, world, data.draw(st.one_of(with_gap_filled(world), with_reading_added(world))))
