"""What a compiled expression reads."""

from collections.abc import Mapping

from compliance_engine.compiling.typed import Typed
from compliance_engine.model.expression import AnyNode, Builtin, LetRef
from compliance_engine.model.parts import parts


def mentions(node: AnyNode, wanted: AnyNode, lets: Mapping[str, Typed]) -> bool:
    """Say whether an expression reads `wanted`, also through one of the lets."""
    return any(
        part == wanted or (isinstance(part, LetRef) and part.name in lets and wanted in lets[part.name].reads)
        for part in parts(node)
    )


def dates_read(node: AnyNode, lets: Mapping[str, Typed]) -> frozenset[AnyNode]:
    """Give the dates of the occurrence (`due`, `trigger` ...) that an expression reads, also through lets."""
    found: set[AnyNode] = set()
    for part in parts(node):
        if isinstance(part, Builtin):
            found.add(part)
        elif isinstance(part, LetRef) and part.name in lets:
            found |= lets[part.name].reads
    return frozenset(found)
