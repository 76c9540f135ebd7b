"""The comments of a file: YAML's events leave them out, so they are found in the lines, outside of all scalars."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from compliance_engine.reading.law.nodes import ListNode, Node, ScalarNode, Source

_BLOCK_HEADER = re.compile(r"[|>][0-9+-]*")
_SEPARATOR = re.compile(r"---(\s|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A comment, from its `#` on. `alone`: nothing of a document stands in its line; `blank`: an empty line stands above it."""

    text: str
    line: int
    column: int
    alone: bool
    blank: bool


def scalars_of(node: Node) -> Iterator[ScalarNode]:
    """Give keys and values in the order written."""
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from scalars_of(item)
    else:
        for key, value in node.entries:
            yield key
            yield from scalars_of(value)


def find_remarks(documents: Iterable[Node], source: Source) -> tuple[tuple[Remark, ...], tuple[int, ...]]:
    """Find the comments of a text, and the lines with `---`; what a scalar covers is neither."""
    covered: dict[int, list[tuple[int, int]]] = {}
    for scalar in (scalar for document in documents for scalar in scalars_of(document)):
        for number, start, stop in _covered_by(scalar):
            covered.setdefault(number, []).append((start, stop))
    remarks = []
    separators = []
    for number, line in enumerate(source.lines, 1):
        taken = covered.get(number, [])
        if not taken and _SEPARATOR.match(line):
            separators.append(number)
        at = _find_mark(line, taken)
        if at is not None:
            alone = line[:at].strip() in {"", "---"}
            remarks.append(
                Remark(
                    text=line[at:].rstrip(),
                    line=number,
                    column=at + 1,
                    alone=alone,
                    blank=alone and is_blank_above(source, number),
                )
            )
    return tuple(remarks), tuple(separators)


def is_blank_above(source: Source, line: int) -> bool:
    """Say whether the line above is empty."""
    return line > 1 and not source.lines[line - 2].strip()


def is_flow(node: Node) -> bool:
    """Say whether a list or mapping is written in brackets."""
    if isinstance(node, ScalarNode):
        return False
    scalar = next(scalars_of(node), None)
    if scalar is None:
        return True
    line = scalar.source.lines[node.span.line - 1]
    return line[node.span.column - 1 : node.span.column] == ("[" if isinstance(node, ListNode) else "{")


def last_line(node: Node) -> int:
    """Give the line in which the last scalar of a node ends."""
    return max((scalar.end[0] for scalar in scalars_of(node)), default=node.span.line)


def _covered_by(scalar: ScalarNode) -> Iterator[tuple[int, int, int]]:
    """Give line and columns (from 0, the end excluded) of what belongs to the scalar."""
    first, column = scalar.span.line, scalar.span.column - 1
    if scalar.style in {"|", ">"}:
        header = _BLOCK_HEADER.match(scalar.source.lines[first - 1], column)
        yield first, column, header.end() if header else column + 1
        for number in block_lines(scalar):
            yield number, 0, len(scalar.source.lines[number - 1])
        return
    for number in range(first, scalar.end[0] + 1):
        start = column if number == first else 0
        stop = scalar.end[1] - 1 if number == scalar.end[0] else len(scalar.source.lines[number - 1])
        yield number, start, stop


def block_lines(scalar: ScalarNode) -> range:
    """Give the numbers of the lines that a block text has below its header, without empty ones at the end."""
    first = scalar.span.line + 1
    stop = min(scalar.end[0] + (scalar.end[1] > 1), len(scalar.source.lines) + 1)
    while stop > first and not scalar.source.lines[stop - 2].strip():
        stop -= 1
    return range(first, stop)


def _find_mark(line: str, taken: list[tuple[int, int]]) -> int | None:
    """Find the `#` that begins a comment: outside of scalars, at the start of the line or behind a blank."""
    for match in re.finditer(r"(?:^|(?<=\s))#", line):
        at = match.start()
        if not any(start <= at < stop for start, stop in taken):
            return at
    return None
