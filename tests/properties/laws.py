"""The laws that both evaluators keep, each as a check of one evaluator on one world."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

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
        told = f"{name}\n{verdict}\n{after.get(name)}"
        if verdict.is_settled:
            never_applied = verdict.status == "not_applicable" or verdict.subject in before.keys() - after.keys()
            assert name in after or never_applied, told
            assert name not in after or after[name].status == verdict.status, told
        elif name in after:
            remaining = after[name].possible.split("|") if after[name].possible else [after[name].status]
            assert set(remaining) <= set(verdict.possible.split("|")), told


def agree(first: Iterable[Verdict], second: Iterable[Verdict]) -> None:
    """Hold that two evaluations found the same; tells where they differ."""
    one, two = named(first), named(second)
    for name in sorted(one.keys() | two.keys()):
        assert one.get(name) == two.get(name), f"{name}\n{one.get(name)}\n{two.get(name)}"
