"""What a compiled expression reads."""

from collections.abc import Mapping

from compliance_engine.compiling.typed import Typed
from compliance_engine.model.expression import And, AnyNode, Builtin, Const, LetRef, Not, Or
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


def known_truth(node: AnyNode) -> bool | None:
    """Say whether a condition is never false (true), never true (false), or either, as far as its form shows."""
    match node:
        case Const(kind="bool", value=value) if value is not None:
            return value == "true"
        case Not(operand=operand):
            inner = known_truth(operand)
            return None if inner is None else not inner
        case And(operands=operands) | Or(operands=operands):
            decides = isinstance(node, Or)  # the truth of one operand that settles the whole
            known = [known_truth(operand) for operand in operands]
            if decides in known or any(Not(kind="bool", operand=operand) in operands for operand in operands):
                return decides
            return not decides if all(truth is (not decides) for truth in known) else None
        case _:
            return None
