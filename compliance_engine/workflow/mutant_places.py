"""Where a mutant differs from the law: its place in the file, and its clause by name."""

from __future__ import annotations

from dataclasses import is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from compliance_engine.kernel.span import Span
from compliance_engine.model import law as lw

if TYPE_CHECKING:
    from collections.abc import Mapping

Document = lw.Definition | lw.Parameter | lw.TableDecl | lw.Provision
Path = tuple[str | int, ...]
_WORDS: Mapping[str, str] = {
    "lets": "let",
    "duties": "duty",
    "fields": "field",
    "parts": "part",
    "demand": "",
    "expression": "",
    "in_force_from": "in_force from",
    "in_force_to": "in_force to",
    "condition": "",
    "operand": "of",
}


def span_at(document: Document, path: Path) -> Span:
    """Give the place of the innermost part on a path that has one."""
    found, node = document.id.span, document
    for step in path:
        if isinstance(node, lw.TableDecl) and step == "rows":
            return node.row_spans[path[path.index("rows") + 1]] if node.row_spans else found  # type: ignore[index]
        node = getattr(node, step) if isinstance(step, str) else node[step]  # type: ignore[index]
        own = getattr(node, "span", None)
        found = own if isinstance(own, Span) and own.file else found
    return found


def name_clause(document: Document, path: Path) -> str:
    """Write a path so that it stays the same while other parts of the document change: by names where parts have them."""
    words: list[str] = []
    node: Any = document
    for step in path:
        if isinstance(step, str):
            words.append(_WORDS.get(step, step))
            node = getattr(node, step)
        else:
            words.append("" if is_pair(node) else _name_item(node[step], step))
            node = node[step]
    return " ".join(word for word in words if word)


def is_pair(node: tuple[object, ...]) -> bool:
    """Say whether this is a name or a date with what it stands for."""
    return len(node) == 2 and isinstance(node[0], str | date) and is_dataclass(node[1])


def _name_item(node: object, index: int) -> str:
    name = getattr(node, "id", None) or getattr(node, "name", None)
    if isinstance(node, tuple) and node and isinstance(node[0], str | date):
        name = str(node[0])
    text = name.text if isinstance(name, lw.Name) else name
    return text if isinstance(text, str) and text else str(index + 1)
