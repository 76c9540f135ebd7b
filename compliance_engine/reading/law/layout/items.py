"""The entries of a document, each with the comments that belong to it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from compliance_engine.reading.law.layout.remarks import Remark, is_blank_above, is_flow, last_line
from compliance_engine.reading.law.nodes import ListNode, MapNode, Node, ScalarNode, Source

# Says whether a list or mapping in brackets, so many characters into its line, is to be broken into lines of its own.
Measure = Callable[[Node, int], bool]


@dataclass(slots=True, kw_only=True)
class Item:
    """An entry of a mapping (with `key`) or of a list (without), as it will be written.

    `children` are set where the value is written in block style. `leading` comments stand above it, `following` ones
    below all that it holds, `trailing` ones in its line. `blank`: an empty line stands above.
    """

    key: ScalarNode | None
    value: Node
    line: int
    column: int
    blank: bool
    parent: "Item | None"
    children: "list[Item] | None" = None
    leading: list[Remark] = field(default_factory=list)
    following: list[Remark] = field(default_factory=list)
    trailing: list[Remark] = field(default_factory=list)


def build_items(node: MapNode, source: Source, remarks: Sequence[Remark], is_too_long: Measure) -> list[Item]:
    """Make the items of a document, with every comment attached to one of them."""
    items = _items_of(node, None, source, remarks, is_too_long, 0)
    ordered = sorted(walk_items(items), key=lambda item: item.line)
    for remark in remarks:
        _attach(remark, ordered)
    return items


def walk_items(items: Sequence[Item]) -> Iterator[Item]:
    """Give every item, the outer before the inner, in order."""
    for item in items:
        yield item
        yield from walk_items(item.children or ())


def _items_of(
    node: MapNode | ListNode,
    parent: Item | None,
    source: Source,
    remarks: Sequence[Remark],
    is_too_long: Measure,
    indent: int,
) -> list[Item]:
    """Make the items of a mapping or list in block style."""
    entries = node.entries if isinstance(node, MapNode) else tuple((None, value) for value in node.items)
    items = []
    for key, value in entries:
        place = key.span if key is not None else value.span
        item = Item(
            key=key,
            value=value,
            line=place.line,
            column=place.column if key is not None else node.span.column,
            blank=is_blank_above(source, place.line),
            parent=parent,
        )
        taken = indent + (2 if key is None else len(key.text) + 2)
        if not isinstance(value, ScalarNode) and _is_block(value, remarks, is_too_long, taken):
            item.children = _items_of(value, item, source, remarks, is_too_long, indent + 2)
        items.append(item)
    return items


def _is_block(node: Node, remarks: Sequence[Remark], is_too_long: Measure, taken: int) -> bool:
    """Hold for block style, and for brackets that hold a comment or do not fit."""
    if not is_flow(node):
        return True
    last = last_line(node)
    return any(node.span.line <= remark.line < last for remark in remarks) or is_too_long(node, taken)


def _attach(remark: Remark, ordered: Sequence[Item]) -> None:
    """Give a comment to the item that it stands beside or above, or, indented deeper than what follows, below."""
    before = [item for item in ordered if item.line <= remark.line]
    if not remark.alone and before:
        before[-1].trailing.append(remark)
        return
    after = next((item for item in ordered if item.line > remark.line), None)
    if after is not None and (remark.column <= after.column or not before):
        after.leading.append(remark)
        return
    owner = before[-1]
    while owner.parent is not None and owner.column > remark.column:
        owner = owner.parent
    owner.following.append(remark)
