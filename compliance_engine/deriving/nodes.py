"""What can be told of an expression from how it is written: its parts, its sign, itself under another name."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import msgspec

from compliance_engine.model import expression as ex


def is_non_negative(node: ex.AnyNode) -> bool:
    """Say whether a number cannot be below zero, from how it is written."""
    if isinstance(node, ex.Field):
        return node.non_negative
    if isinstance(node, (ex.Censored, ex.Printed)):
        return node.operand.non_negative
    if isinstance(node, ex.Const):
        return node.value is not None and node.kind == "number" and Fraction(node.value) >= 0
    if isinstance(node, ex.Scale):
        return is_non_negative(node.operand) and Fraction(node.factor) > 0 and Fraction(node.offset) >= 0
    if isinstance(node, ex.Arithmetic):
        return node.op in {"+", "*", "/"} and is_non_negative(node.left) and is_non_negative(node.right)
    return isinstance(node, ex.Function) and node.name == "abs"


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
