"""YAML of manifests and mappings with the place of every part. Nothing is constructed: a scalar is its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from compliance_engine.kernel.days import read_day
from compliance_engine.kernel.diagnostic import Diagnostic, Level
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.suggestions import did_you_mean, suggest_slip

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date

DEEPEST = 20
MOST_NODES = 2_000_000
MOST_BYTES = 64 * 1024**2


class Trouble:
    """Collects what is wrong with one file."""

    def __init__(self, file: str) -> None:
        """Begin with nothing found in `file`, as a person calls it."""
        self.file = file
        self.found: list[Diagnostic] = []

    def report(self, code: str, message: str, node: yaml.Node | None = None, hint: str | None = None) -> None:
        """Add an error at the node, or at the top of the file."""
        self.found.append(Diagnostic(code=code, message=message, span=self.span(node), hint=hint))

    def report_type(self, name: str, types: Iterable[str], node: yaml.Node) -> None:
        """Report a fact type that no law knows: a name that is nearly another is a mistake, else other law speaks of it."""
        near = suggest_slip(name, types)
        if near is not None:
            self.report("facts-unknown-type", f"there is no fact type `{name}`", node, f"did you mean {near}?")
            return
        message = f"no law that was read speaks of `{name}`: what is said of it is left out"
        self.found.append(
            Diagnostic(code="facts-unread-type", message=message, span=self.span(node), level=Level.WARNING)
        )

    def span(self, node: yaml.Node | None) -> Span:
        """Give the place of a node."""
        if node is None:
            return Span(self.file, 1, 1)
        start, end = node.start_mark, node.end_mark
        length = end.column - start.column if start.line == end.line else 0
        return Span(self.file, start.line + 1, start.column + 1, max(length, 0))


def compose(data: bytes, trouble: Trouble) -> yaml.Node | None:
    """Read one YAML document; None after a report, or if the file is empty.

    Aliases are refused: what they stand for can grow without bound.
    """
    if len(data) > MOST_BYTES:
        trouble.report("facts-too-large", f"the file has more than {MOST_BYTES >> 20} MiB")
        return None
    try:
        text = data.decode("utf-8-sig")
        reason = _why_not(text)
        if reason is not None:
            trouble.report("facts-bad-yaml", reason)
            return None
        return yaml.compose(text, Loader=yaml.CSafeLoader)
    except UnicodeDecodeError as error:
        trouble.report("facts-bad-yaml", f"this is no UTF-8: {error.reason} at byte {error.start}")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Span(trouble.file, mark.line + 1, mark.column + 1) if mark else Span(trouble.file, 1, 1)
        message = f"this is no YAML: {' '.join(str(error.problem or error.context).split())}"
        trouble.found.append(Diagnostic(code="facts-bad-yaml", message=message, span=place))
    except yaml.YAMLError as error:
        trouble.report("facts-bad-yaml", f"this is no YAML: {' '.join(str(error).split())}")
    return None


def _why_not(text: str) -> str | None:
    """Look through the events before anything is built from them."""
    depth, documents = 0, 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            return f"an alias stands at line {_line(event)}: write out what it stands for"
        if depth > DEEPEST:
            return f"nested more than {DEEPEST} deep at line {_line(event)}"
        if count > MOST_NODES:
            return f"more than {MOST_NODES:,} parts"
        if documents > 1:
            return "more than one document: a file has one"
    return None


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 1


def entries(
    node: yaml.Node | None, what: str, known: Collection[str] | None, trouble: Trouble
) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Give key and value nodes of a mapping by key; keys that occur twice or are not `known` are reported."""
    found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    if node is None:
        return found
    if not isinstance(node, yaml.MappingNode):
        trouble.report("facts-expected-mapping", f"{what}: expected a mapping of keys and values", node)
        return found
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else ""
        if not isinstance(key, yaml.ScalarNode):
            trouble.report("facts-bad-key", f"{what}: a key is a text", key)
        elif name in found:
            trouble.report("facts-key-twice", f"{what}: `{name}` stands twice", key)
        elif known is not None and name not in known:
            trouble.report("facts-unknown-key", f"{what}: there is no key `{name}`", key, did_you_mean(name, known))
        else:
            found[name] = (key, value)
    return found


def items(node: yaml.Node | None, what: str, trouble: Trouble) -> Iterator[yaml.Node]:
    """Give the parts of a list."""
    if node is None:
        return
    if not isinstance(node, yaml.SequenceNode):
        trouble.report("facts-expected-list", f"{what}: expected a list", node)
        return
    yield from node.value


def is_empty(node: yaml.Node) -> bool:
    """Say whether nothing stands there (also `~` and `null`, unless quoted)."""
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in ("", "~", "null")


def text(node: yaml.Node | None, what: str, trouble: Trouble) -> str | None:
    """Give the text of a scalar; None if there is none, after a report where something else stands."""
    if node is None:
        return None
    if not isinstance(node, yaml.ScalarNode) or is_empty(node):
        trouble.report("facts-expected-text", f"{what}: expected a text", node)
        return None
    return str(node.value)


def day(node: yaml.Node | None, what: str, trouble: Trouble) -> date | None:
    """Give a day; None after a report."""
    written = text(node, what, trouble)
    if written is None:
        return None
    try:
        return read_day(written)
    except ValueError:
        trouble.report("facts-bad-date", f"{what}: {written!r} is no day", node, "for example 2025-01-31")
        return None


def flag(node: yaml.Node | None, what: str, trouble: Trouble) -> bool:
    """Give true or false; false if nothing stands there."""
    written = text(node, what, trouble)
    if written not in (None, "true", "false"):
        trouble.report("facts-expected-bool", f"{what}: expected true or false", node)
    return written == "true"


def count(node: yaml.Node | None, what: str, trouble: Trouble, default: int) -> int:
    """Give a positive integer."""
    written = text(node, what, trouble)
    if written is None:
        return default
    if not written.isascii() or not written.isdigit() or not 0 < int(written[:9]) == int(written):
        trouble.report("facts-expected-number", f"{what}: expected a number from 1", node)
        return default
    return int(written)


def texts(node: yaml.Node | None, what: str, trouble: Trouble) -> dict[str, str]:
    """Give a mapping of texts to texts; an empty value is the empty text."""
    found = {}
    for name, (_, value) in entries(node, what, None, trouble).items():
        written = "" if is_empty(value) or value.value == "" else text(value, f"{what} `{name}`", trouble)
        if written is not None:
            found[name] = written
    return found
