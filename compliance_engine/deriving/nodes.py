"""What can be told of an expression from how it is written: its parts, its sign, itself under another name."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import msgspec

from compliance_engine.model import expression as ex

if TYPE_CHECKING:
    from collections.abc import Callable


def is_non_negative(node: ex.AnyNode) -> bool:
    """Say whether a number cannot be below zero, from how it is written."""
    tell = NON_NEGATIVE.get(type(node))
    return tell is not None and tell(node)


def _function_is_non_negative(node: ex.Function) -> bool:
    if node.name == "max":
        return any(is_non_negative(part) for part in node.arguments)
    return node.name == "abs" or (node.name == "min" and all(is_non_negative(part) for part in node.arguments))


NON_NEGATIVE: dict[type, Callable[[Any], bool]] = {
    ex.Field: lambda node: node.non_negative,
    ex.Censored: lambda node: node.operand.non_negative,
    ex.Printed: lambda node: node.operand.non_negative,
    ex.Const: lambda node: node.value is not None and node.kind == "number" and Fraction(node.value) >= 0,
    ex.Scale: lambda node: is_non_negative(node.operand) and Fraction(node.factor) > 0 and Fraction(node.offset) >= 0,
    ex.Arithmetic: lambda node: (
        node.op in {"+", "*", "/"} and is_non_negative(node.left) and is_non_negative(node.right)
    ),
    ex.Function: _function_is_non_negative,
    ex.Round: lambda node: is_non_negative(node.operand),
    ex.Else: lambda node: is_non_negative(node.operand) and is_non_negative(node.default),
    ex.First: lambda node: all(is_non_negative(row.then) for row in node.rows),
}


def symbols_of(node: ex.AnyNode | None) -> tuple[str, ...]:
    """Give all symbols that an expression can be, from how it is written; none where it may be any text."""
    return node.symbols if isinstance(node, ex.Field) else ()


def renamed(node: Any, old: str, new: str) -> Any:  # noqa: ANN401
    """Give an expression with one scope under another name."""
    if isinstance(node, tuple):
        return tuple(renamed(part, old, new) for part in node)
    if not isinstance(node, msgspec.Struct):
        return node
    changes = {name: renamed(getattr(node, name), old, new) for name in node.__struct_fields__}
    if "scope" in changes and changes["scope"] == old:
        changes["scope"] = new
    return type(node)(**changes)
