"""What an evaluation leaves out because it is known already, or does otherwise where there is little, changes nothing.

Done in full, and as where there is much, it gives the same findings and evidence.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from hypothesis import given

from compliance_engine.deriving import (
    aggregates,
    columns,
    completeness,
    derivation,
    judging,
    membership,
    obligations,
    pairing,
    periods,
    references,
    tables,
)
from compliance_engine.deriving.context import Context
from compliance_engine.deriving.symbols import is_symbol
from compliance_engine.engine import screening
from compliance_engine.kernel import hexadecimal
from compliance_engine.kernel.shipped import resolve_facts
from compliance_engine.reading.facts import read_facts
from compliance_engine.workflow.evaluation import findings_of
from compliance_engine.workflow.programs import load_program
from tests.properties.budget import examples
from tests.properties.facts import worlds
from tests.properties.worlds import World, product_findings

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_engine.deriving.kleene import Maybe
    from compliance_engine.deriving.values import Symbols
    from compliance_engine.model.findings import Findings
    from compliance_engine.model.program import Program

ROOT = Path(__file__).resolve().parents[2]
narrowed, read_here = membership._of_whole, derivation._read_here


def read_anywhere(program: Program, tables: object) -> frozenset[str]:
    del tables
    return frozenset(program.readers)


def perhaps_somewhere(_: Context, maybe: Maybe) -> bool:
    return maybe if isinstance(maybe, bool) else True


def any_of(_: Context, symbols: Symbols, *names: str) -> tuple[str, ...]:
    return tuple(name for name in names if is_symbol(symbols, name).may is not False)


def in_full(evaluate: Callable[[], Findings]) -> Findings:
    """Evaluate with every set found anew for evidence, all that anything reads judged, each duty by itself, few rows treated as many.

    And nothing left out because it is nowhere so: conditions after one that decides, values that are not chosen, operators and policies.
    """
    few = [
        (completeness, "MOST_SPELLED"),
        (hexadecimal, "FEW"),
        (obligations, "SHORT"),
        (columns, "MANY"),
        (periods, "FEW_SPANS"),
        (columns, "SINGLY"),
        (screening, "FEW"),
        (pairing, "MOST_SINGLY"),
        (references, "LISTED"),
        (tables, "LISTED"),
    ]
    with ExitStack() as changed:
        for module, name in few:
            changed.enter_context(patch.object(module, name, 0))
        changed.enter_context(patch.object(aggregates, "is_of_nothing", return_value=False))
        changed.enter_context(patch.object(membership, "is_one_empty", return_value=False))
        changed.enter_context(patch.object(Context, "occurs", perhaps_somewhere))
        changed.enter_context(patch.object(Context, "may_be", any_of))
        changed.enter_context(patch.object(judging, "_arising", side_effect=lambda duty: duty.id))
        changed.enter_context(patch.object(membership, "_of_whole", return_value=None))
        changed.enter_context(patch.object(derivation, "_read_here", side_effect=read_anywhere))
        return evaluate()


def are_the_same(one: Findings, other: Findings) -> None:
    assert one.frame.equals(other.frame)
    assert one.evidence.equals(other.evidence)
    traces = {duty: trace for duty, trace in other.trace.items() if duty in one.trace or trace.height}
    assert one.trace.keys() == traces.keys()
    assert all(trace.equals(traces[duty]) for duty, trace in one.trace.items())


@examples(15)
@given(world=worlds())
def test_of_random_rulesets(world: World) -> None:
    are_the_same(product_findings(world), in_full(lambda: product_findings(world)))


@pytest.mark.parametrize(("site", "rules"), [("harlow-plating", "us"), ("auenfeld", "eu/uwwtd")])
def test_of_sample_sites(site: str, rules: str, tmp_path: Path) -> None:
    program = load_program([ROOT / "rulesets" / rules], tmp_path).program
    place = resolve_facts(str(ROOT / "facts" / site))
    assert isinstance(place, Path)
    facts, _ = read_facts([place], program.types)
    used: list[bool] = []
    left_out: list[str] = []

    def narrowing(*arguments: object) -> object:
        found = narrowed(*arguments)  # type: ignore[arg-type]
        used.append(found is not None)
        return found

    def reading(*arguments: object) -> frozenset[str]:
        found = read_here(*arguments)  # type: ignore[arg-type]
        left_out.extend(program.readers.keys() - found)
        return found

    def evaluate() -> Findings:
        return findings_of(program, facts, as_of=date(2026, 6, 30))

    with (
        patch.object(membership, "_of_whole", side_effect=narrowing),
        patch.object(derivation, "_read_here", side_effect=reading),
    ):
        found = evaluate()
    assert any(used), "no evidence was narrowed, so nothing is compared here"
    assert left_out or rules != "us", "nothing was left out, so nothing is compared here"
    are_the_same(found, in_full(evaluate))
