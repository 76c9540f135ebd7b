"""YAML as written: scalars, lists and mappings with their places; nothing is constructed from them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import msgspec

from compliance_engine.kernel.span import Span

LINE_END = re.compile(r"\r\n|\r|\n")
_VISIBLE = re.compile(r"\S+")
_COMMENT = re.compile(r"\s+(#[^\s#]\S*)")


@dataclass(frozen=True, kw_only=True)
class Source:
    """A text that was read, and its name as diagnostics print it."""

    name: str
    text: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Give the lines without their ends; of most texts nothing asks for them."""
        return tuple(LINE_END.split(self.text))


class ScalarNode(msgspec.Struct, frozen=True, gc=False):
    """A scalar: `text` as YAML reads it; `style` is "" (plain), `'`, `"`, `|` or `>`; the span is where it starts.

    `end` is the line and column just after it (from 1); `source` holds the lines that it stands in.
    """

    text: str
    style: str
    span: Span
    end: tuple[int, int]
    source: Source

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is written: no text, or a bare `~`."""
        return not self.text or (not self.style and self.text == "~")

    def reworded(self, text: str) -> "ScalarNode":
        """Give the same scalar with another text."""
        return msgspec.structs.replace(self, text=text)

    def comment(self) -> str | None:
        """Give the word that YAML took for a comment after the text (` #/100mL`); None for `# a comment`."""
        written = not self.style and self.end[0] <= len(self.source.lines)
        line = self.source.lines[self.end[0] - 1] if written else ""
        match = _COMMENT.match(line, self.end[1] - 1)
        return None if match is None else shorten(match[1])

    def places(self) -> tuple[tuple[int, int], ...] | None:
        """Give line and column of each character of the text, or None where it stands in one line as it is."""
        plain_line = self.style in {"", "'", '"'} and self.end[0] == self.span.line
        width = self.end[1] - self.span.column - 2 * bool(self.style)
        return None if plain_line and width == len(self.text) else _align(self)


class ListNode(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A sequence."""

    items: "tuple[Node, ...]"
    span: Span


# The first key of a document says which kind it is.
KINDS = ("vocabulary", "definition", "parameter", "table", "provision", "policy", "determination", "cases", "survivors")
# A `cases` document has its id and its list of cases under one word; the key of the list is known by this name.
CASE_LIST = "cases (list)"


class MapNode(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A mapping, in the order written; no key occurs twice."""

    entries: "tuple[tuple[ScalarNode, Node], ...]"
    span: Span


Node = ScalarNode | ListNode | MapNode


def describe_node(node: Node) -> str:
    """Say in words what kind of node it is."""
    if isinstance(node, ListNode):
        return "a list"
    if isinstance(node, MapNode):
        return "a mapping"
    return "nothing" if node.is_empty else f"`{shorten(node.text)}`"


def shorten(text: str, width: int = 60) -> str:
    """Give the text in one line of at most so many characters."""
    line = " ".join(text[: 4 * width].split())
    return line if len(line) <= width else line[: width - 1] + "…"


def _align(node: ScalarNode) -> tuple[tuple[int, int], ...]:
    """Give each character of the text the place of what was written for it.

    Exact for folded and block texts; after a character that was written as an escape, a little off.
    """
    written = _written(node)
    places: list[tuple[int, int]] = []
    last = (node.span.line, node.span.column)
    blank = 0
    for character in node.text:
        if character.isspace():
            places.append((last[0], last[1] + blank))
        else:
            last = next(written, last)
            blank = 1
            places.append(last)
    return tuple(places)


def _written(node: ScalarNode) -> Iterator[tuple[int, int]]:
    """Give the place of each visible character between the scalar's ends, without its quote or block header."""
    first = node.span.line + 1 if node.style in {"|", ">"} else node.span.line
    for number in range(first, min(node.end[0], len(node.source.lines)) + 1):
        line = node.source.lines[number - 1]
        start = node.span.column - 1 + bool(node.style) if number == node.span.line else 0
        stop = node.end[1] - 1 if number == node.end[0] else len(line)
        for match in _VISIBLE.finditer(line, start, stop):
            yield from ((number, column) for column in range(match.start() + 1, match.end() + 1))


def join_spans(first: Span, last: Span) -> Span:
    """Give the span from the start of one to the end of the other; its length is 0 if they are not in one line."""
    if first.line != last.line:
        return Span(first.file, first.line, first.column)
    return Span(first.file, first.line, first.column, max(0, last.column + last.length - first.column))


def repeated(names: tuple[str, ...]) -> str | None:
    """Give the first name, in the alphabet, that occurs twice."""
    return next((a for a, b in pairwise(sorted(names)) if a == b), None)
