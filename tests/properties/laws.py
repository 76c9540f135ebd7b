"""The laws that both evaluators keep, each as a check of one evaluator on one world."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.properties.worlds import Verdict, World

    Evaluator = Callable[[World], list[Verdict]]


def named(verdicts: Iterable[Verdict]) -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in verdicts}


def is_total(evaluate: Evaluator, world: World) -> None:
    """Hold that every obligation has one finding, whose status is one of those that remain possible."""
    verdicts = evaluate(world)
    counted = Counter(verdict.name for verdict in verdicts)
    assert [name for name, count in counted.items() if count > 1] == []
    for verdict in verdicts:
        assert bool(verdict.possible) is not verdict.is_settled
        assert verdict.is_settled or len(verdict.possible.split("|")) > 1


def is_monotone(evaluate: Evaluator, world: World, narrower: World) -> None:
    """Hold that knowing more never changes a settled verdict, nor makes an open one possible in a new way.

    An obligation may turn out not to exist, if it never applied.
    """
    before, after = named(evaluate(world)), named(evaluate(narrower))
    for name, verdict in before.items():
        if verdict.is_settled and (name in after or verdict.status != "not_applicable"):
            note(f"{name}: {verdict}, then {after.get(name)}")
            assert name in after or verdict.subject in before.keys() - after.keys()
            assert name not in after or after[name].status == verdict.status
        elif name in after and not verdict.is_settled:
            remaining = after[name].possible.split("|") if after[name].possible else [after[name].status]
            note(f"{name}: {verdict}, then {after[name]}")
            assert set(remaining) <= set(verdict.possible.split("|"))


def agree(first: Iterable[Verdict], second: Iterable[Verdict]) -> None:
    """Hold that two evaluations found the same; tells where they differ."""
    one, two = named(first), named(second)
    for name in sorted(one.keys() | two.keys()):
        assert one.get(name) == two.get(name), f"{name}\n{one.get(name)}\n{two.get(name)}"
