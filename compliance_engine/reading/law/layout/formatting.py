"""Lay a file of law out: keys in the order of docs/language.md, two blanks of indentation, 120 characters a line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from compliance_engine.reading.law.definitions import DEFINITION_KEYS, PARAMETER_KEYS
from compliance_engine.reading.law.duties import DUTY_KEYS
from compliance_engine.reading.law.layout.items import Item, build_items
from compliance_engine.reading.law.layout.remarks import Remark, find_remarks
from compliance_engine.reading.law.layout.scalars import WIDTH, write_inline, write_key, write_value
from compliance_engine.reading.law.nodes import ListNode, MapNode, Node, ScalarNode, Source
from compliance_engine.reading.law.provisions import APPLIES_KEYS, PROVISION_KEYS
from compliance_engine.reading.law.questions import DETERMINATION_KEYS, POLICY_KEYS
from compliance_engine.reading.law.tables import TABLE_KEYS

# The order of keys in a document and in the mappings right below it; elsewhere it is the author's.
_ORDERS = {
    "provision": PROVISION_KEYS,
    "definition": DEFINITION_KEYS,
    "table": TABLE_KEYS,
    # The list of cases, under the same word as the id, comes last.
    "cases": ("cases", "facts", "complete"),
    "parameter": PARAMETER_KEYS,
    "policy": POLICY_KEYS,
    "determination": DETERMINATION_KEYS,
}
# How often, then under which conditions: as in `applies`.
_DUTY_HEAD = ("id", "title", "citation", "severity", "each")
_DUTY_ORDER = (*_DUTY_HEAD, *(key for key in DUTY_KEYS if key not in _DUTY_HEAD))


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatted:
    """A file's text as it should be, and the comments that it holds, as written."""

    text: str
    remarks: tuple[str, ...]


def format_text(source: Source, documents: Sequence[Node]) -> Formatted | None:
    """Lay a text out, of which `documents` were read; None where one of them is not law."""
    remarks, separators = find_remarks(documents, source)
    parts = []
    for document, own in _share_remarks(documents, remarks, separators):
        if not isinstance(document, MapNode):
            return None
        items = build_items(document, source, own, _is_too_long)
        parts.append("".join(f"{line}\n" for line in _lay_items(_in_order(items), 0)))
    return Formatted(text="---\n".join(parts), remarks=tuple(sorted(remark.text for remark in remarks)))


def _share_remarks(
    documents: Sequence[Node], remarks: Sequence[Remark], separators: Sequence[int]
) -> Iterator[tuple[Node, list[Remark]]]:
    """Give each document the comments between the `---` before it and the one after it."""
    start = 0
    for number, document in enumerate(documents):
        last = number + 1 == len(documents)
        between = [
            line for line in separators if not last and document.span.line < line < documents[number + 1].span.line
        ]
        stop = between[0] if between else 10**9
        yield document, [remark for remark in remarks if start <= remark.line < stop]
        start = stop


def _in_order(items: list[Item]) -> list[Item]:
    """Put the keys of a document in order, and those of its `applies` and `duties`."""
    kind = _key_of(items[0])
    for item in items if kind == "provision" else ():
        if _key_of(item) == "applies":
            item.children = _sorted_by(item.children, APPLIES_KEYS)
        elif _key_of(item) == "duties":
            for duty in item.children or ():
                duty.children = _sorted_by(duty.children, _DUTY_ORDER)
    return _sorted_by(items, _ORDERS[kind]) if kind in _ORDERS else items


_Items = TypeVar("_Items", list[Item], list[Item] | None)


def _sorted_by(items: _Items, order: Sequence[str]) -> _Items:
    """Sort by place in the order; unknown keys stay at the end, as they came."""
    places = {name: place for place, name in enumerate(order)}
    return items and sorted(items, key=lambda item: places.get(_key_of(item), len(places)))


def _key_of(item: Item) -> str:
    return "" if item.key is None else item.key.text


def _lay_items(items: Sequence[Item], indent: int) -> Iterator[str]:
    """Write the items of a mapping or list, one under the other."""
    for number, item in enumerate(items):
        if number and (item.leading[0].blank if item.leading else item.blank):
            yield ""
        for place, remark in enumerate(item.leading):
            if place and remark.blank:
                yield ""
            yield " " * indent + remark.text
        if item.leading and item.blank:
            yield ""
        yield from _lay_item(item, indent)
        for remark in item.following:
            if remark.blank:
                yield ""
            yield " " * indent + remark.text


def _lay_item(item: Item, indent: int) -> Iterator[str]:
    """Write one item with all that it holds."""
    head = " " * indent + ("-" if item.key is None else f"{write_key(item.key)}:")
    comment = "".join(f"  {remark.text}" for remark in item.trailing)
    if item.children is not None:
        inner = list(_lay_items(item.children, indent + 2))
        if item.key is not None:
            yield head + comment
            yield from inner
        else:
            yield from _behind_dash(head, inner, comment)
    elif isinstance(item.value, ScalarNode):
        lines = write_value(item.value, head, indent)
        yield lines[0] + comment
        yield from lines[1:]
    else:
        lines = _lay_brackets(item.value, head)
        lines[-1] += comment
        yield from lines


def _behind_dash(head: str, inner: list[str], comment: str) -> Iterator[str]:
    """Write the first entry behind the dash; comments above that entry go above the dash."""
    start = next(place for place, line in enumerate(inner) if line.strip() and not line.lstrip().startswith("#"))
    yield from (line[2:] for line in inner[:start])
    yield f"{head} {inner[start].lstrip()}{comment}"
    yield from inner[start + 1 :]


def _write_brackets(node: Node) -> str:
    """Write a list or mapping in brackets, or a text, in one line."""
    if isinstance(node, ScalarNode):
        return write_inline(node)
    if isinstance(node, ListNode):
        return f"[{', '.join(map(_write_brackets, node.items))}]"
    return "{" + ", ".join(_write_entry(key, value) for key, value in node.entries) + "}"


def _write_entry(key: ScalarNode, value: Node) -> str:
    return f"{write_key(key)}: {_write_brackets(value)}"


def _lay_brackets(node: MapNode | ListNode, head: str) -> list[str]:
    """Write brackets behind `head`: in one line, or filled to the width with the rest under the first entry."""
    line = f"{head} {_write_brackets(node)}"
    if len(line) <= WIDTH:
        return [line]
    opening, closing = "{}" if isinstance(node, MapNode) else "[]"
    entries = (
        [_write_entry(key, value) for key, value in node.entries]
        if isinstance(node, MapNode)
        else [_write_brackets(item) for item in node.items]
    )
    margin = " " * (len(head) + 2)
    lines = [f"{head} {opening}"]
    for place, entry in enumerate(entries):
        text = entry + (closing if place + 1 == len(entries) else ",")
        if place and len(lines[-1]) + 1 + len(text) > WIDTH:
            lines.append(margin + text)
        else:
            lines[-1] += (" " if place else "") + text
    return lines


def _is_too_long(node: Node, taken: int) -> bool:
    """Hold where brackets do not fit in a line, nor can be filled line by line: they hold others, or one long text."""
    if isinstance(node, ScalarNode) or taken + 1 + len(_write_brackets(node)) <= WIDTH:
        return False
    values = [value for _, value in node.entries] if isinstance(node, MapNode) else list(node.items)
    if any(not isinstance(value, ScalarNode) and len(_write_brackets(value)) > WIDTH // 3 for value in values):
        return True
    parts = (
        [_write_entry(key, value) for key, value in node.entries]
        if isinstance(node, MapNode)
        else [_write_brackets(value) for value in node.items]
    )
    return any(taken + 2 + len(part) > WIDTH for part in parts)
