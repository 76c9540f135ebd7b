"""The parts of a compiled document: every struct inside it, found once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from compliance_engine.model.expression import Aggregate

if TYPE_CHECKING:
    from collections.abc import Callable

# So many documents and expressions are remembered: all of a large body of law, and no more than that.
MOST = 16_384
LEAVES = frozenset({str, int, bool, type(None)})


@lru_cache(maxsize=MOST)
def parts(node: object) -> tuple[msgspec.Struct, ...]:
    """Give an expression (or a tuple of such) and every struct inside, outer ones before inner ones, as they are written."""
    return _structs(node, msgspec.structs.astuple)


@lru_cache(maxsize=MOST)
def standing(node: object) -> tuple[msgspec.Struct, ...]:
    """Give an expression and the structs inside that stand where it does: not what a statistic asks of each record."""
    return _structs(node, _beside)


def _beside(struct: msgspec.Struct) -> tuple[Any, ...]:
    if isinstance(struct, Aggregate):
        return (struct.statistic, struct.set.window, *(pair.subject for pair in struct.set.pairs))
    return msgspec.structs.astuple(struct)


def _structs(node: object, inside: Callable[[msgspec.Struct], tuple[Any, ...]]) -> tuple[msgspec.Struct, ...]:
    found: list[msgspec.Struct] = []
    waiting: list[Any] = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, msgspec.Struct):
            found.append(current)
            current = inside(current)
        if isinstance(current, tuple):
            waiting += [part for part in reversed(current) if type(part) not in LEAVES]
    return tuple(found)
