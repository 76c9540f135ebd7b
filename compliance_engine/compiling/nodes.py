"""Walking compiled expressions."""

from collections.abc import Iterator, Mapping

import msgspec

from compliance_engine.compiling.typed import Typed
from compliance_engine.model.expression import AnyNode, Builtin, LetRef


def children(node: object) -> Iterator[object]:
    """Give every node and part of a node directly inside."""
    if isinstance(node, msgspec.Struct):
        for name in node.__struct_fields__:
            yield getattr(node, name)
    elif isinstance(node, tuple):
        yield from node


def walk(node: object) -> Iterator[object]:
    """Give a node and all that is inside it."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(children(current))


def mentions(node: AnyNode, wanted: AnyNode, lets: Mapping[str, Typed]) -> bool:
    """Say whether an expression reads `wanted`, also through one of the lets."""
    return any(
        part == wanted or (isinstance(part, LetRef) and part.name in lets and wanted in lets[part.name].reads)
        for part in walk(node)
    )


def dates_read(node: AnyNode, lets: Mapping[str, Typed]) -> frozenset[AnyNode]:
    """Give the dates of the occurrence (`due`, `trigger` ...) that an expression reads, also through lets."""
    found: set[AnyNode] = set()
    for part in walk(node):
        if isinstance(part, Builtin):
            found.add(part)
        elif isinstance(part, LetRef) and part.name in lets:
            found |= lets[part.name].reads
    return frozenset(found)
