"""How a single text is written: as its author wrote it where that is one line that fits, else folded."""

import re
import textwrap

from compliance_engine.reading.law.layout.remarks import block_lines
from compliance_engine.reading.law.nodes import CASE_LIST, ScalarNode

WIDTH = 120
_HEADER = re.compile(r"([|>])([0-9]?)([+-]?)")
# What a folded text cannot say in one paragraph: line ends, tabs, and blanks that folding would swallow.
_UNFOLDABLE = re.compile(r"[\n\t\r]|\s{2}|^\s|\s$")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def write_key(key: ScalarNode) -> str:
    """Write a key."""
    return "cases" if key.text == CASE_LIST else write_inline(key)


def write_inline(node: ScalarNode) -> str:
    """Write a text in one line, plain or in quotes as its author chose."""
    if node.style == "":
        return node.text
    written = node.source.lines[node.span.line - 1]
    if node.end[0] == node.span.line and (node.style == '"' or '"' in node.text or "\\" in node.text):
        return written[node.span.column - 1 : node.end[1] - 1]
    return '"' + "".join(_ESCAPES.get(character, character) for character in node.text) + '"'


def write_value(node: ScalarNode, head: str, indent: int) -> list[str]:
    """Write a text behind `head` (`key:` or `-`); more lines are indented by `indent` and two."""
    if node.style in {"|", ">"}:
        return _write_block(node, head, indent + 2)
    line = f"{head} {write_inline(node)}".rstrip()
    several = node.end[0] > node.span.line
    if _UNFOLDABLE.search(node.text) or not (several or len(line) > WIDTH):
        return [line]
    if several and node.style and len(line) <= WIDTH:
        return [line]
    lines = _own_lines(node, indent + 2) or _wrap(node.text, indent + 2)
    fits = len(lines) < 2 and (len(line) <= WIDTH or " " not in node.text)
    return [line] if fits else [f"{head} >-", *_indented(lines, indent + 2)]


def _write_block(node: ScalarNode, head: str, indent: int) -> list[str]:
    """Write a `|` or `>` text again; one that is folded is wrapped anew if it is too wide."""
    header = _HEADER.match(node.source.lines[node.span.line - 1], node.span.column - 1)
    assert header is not None, "a block text begins with its header"
    sign, given, chomping = header.groups()
    lines = [node.source.lines[number - 1] for number in block_lines(node)]
    margin = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    bare = [line[margin:] for line in lines]
    if sign == ">" and not given and any(len(line) + indent > WIDTH for line in bare):
        paragraph = node.text.rstrip("\n")
        bare = bare if _UNFOLDABLE.search(paragraph) else _wrap(paragraph, indent)
    # Lines that begin with blanks of their own need to be told where the text begins.
    return [f"{head} {sign}{'2' if given else ''}{chomping}", *_indented(bare, indent)]


def _own_lines(node: ScalarNode, indent: int) -> list[str] | None:
    """Give the lines of a plain text as its author broke them, if they fit; else None."""
    if node.style or node.end[0] == node.span.line:
        return None
    lines = list(node.source.lines[node.span.line - 1 : node.end[0]])
    lines[-1] = lines[-1][: node.end[1] - 1]
    lines[0] = lines[0][node.span.column - 1 :]
    bare = [line.strip() for line in lines]
    fits = all(len(line) + indent <= WIDTH for line in bare)
    return bare if fits and " ".join(bare) == node.text else None


def _wrap(text: str, indent: int) -> list[str]:
    lines = textwrap.wrap(text, WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    return lines if " ".join(lines) == text else [text]


def _indented(lines: list[str], indent: int) -> list[str]:
    return [" " * indent + line if line.strip() else "" for line in lines]
