"""YAML text to nodes.

PyYAML's event stream is composed here rather than by its own composer: events still carry anchors, aliases and tags,
which are refused, and the depth and number of nodes are bounded while reading.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import yaml

from compliance_engine.kernel.span import Span
from compliance_engine.reading.law.nodes import (
    CASE_LIST,
    KINDS,
    ListNode,
    MapNode,
    Node,
    ScalarNode,
    Source,
    describe_node,
    shorten,
)
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.texts import LawText, clean_text

MAX_DEPTH = 30
MAX_NODES = 200_000
MARKED = "a parser's events have marks"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STYLES = frozenset("'\"|>")
_HINTS = (
    (
        "mapping values are not allowed",
        "a text that holds `: ` stands in quotes; a key is followed by `: ` and its value",
    ),
    (
        "',' or '}'",
        "inside { } a text that holds , [ ] { } or : stands in quotes, and a comma stands between its entries",
    ),
    (
        "',' or ']'",
        "inside [ ] a text that holds , [ ] { } or : stands in quotes, and a comma stands between its items",
    ),
    ("cannot start any token", 'a text that begins with % @ ` or another sign stands in quotes: must: "<="'),
    ("end of stream", "a quote or a bracket is opened and not closed"),
    ("could not find expected ':'", "a key is followed by `: ` and its value"),
    ("expected '-' indicator", "the items of one list stand in one column, and begin with `- `"),
    ("did not find expected key", "keys of one mapping stand in one column"),
    ("block end", "keys of one mapping stand in one column"),
)


class _TooMuchError(Exception):
    """The text is nested too deep or has too many nodes."""


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    span: Span
    is_mapping: bool
    items: list[Node] = field(default_factory=list)


def read_documents(text: LawText, problems: Problems) -> tuple[Node, ...]:
    """Read every document of a text; those before broken YAML are still given, empty ones are not."""
    documents: list[Node] = []
    try:
        for document in _compose(_events(text.text), text.source, problems):
            documents.append(document)  # noqa: PERF402  those before the error are kept
    except yaml.MarkedYAMLError as error:
        problems.report("broken-yaml", *_explain(error, text.source), hint=_hint(str(error.problem)))
    except yaml.YAMLError as error:
        problems.report("broken-yaml", f"this is not YAML: {shorten(str(error), 200)}", Span(text.source.name, 1, 1))
    except _TooMuchError as error:
        problems.report("too-much", str(error), Span(text.source.name, 1, 1), hint="split the file")
    return tuple(node for node in documents if not (isinstance(node, ScalarNode) and node.is_empty))


def _events(text: str) -> Iterator[yaml.Event]:
    loader = _LOADER(text)
    try:
        event = loader.get_event()
        while not isinstance(event, yaml.StreamEndEvent):
            yield event
            event = loader.get_event()
    finally:
        loader.dispose()


def _compose(events: Iterator[yaml.Event], source: Source, problems: Problems) -> Iterator[Node]:
    """Build each document's node from its events, without recursion."""
    stack: list[_Open] = []
    for count, event in enumerate(events):
        if count > MAX_NODES:
            raise _TooMuchError(f"the file has more than {MAX_NODES:,} keys and values")
        if type(event) is yaml.ScalarEvent:  # most events are
            node: Node = _scalar(event, source, problems)
        elif isinstance(event, yaml.CollectionEndEvent):
            done = stack.pop()
            if not stack and done.is_mapping:
                yield from (_mapping(part, problems) for part in _parted(done, problems))
                continue
            node = _close(done, problems)
        elif isinstance(event, yaml.CollectionStartEvent):
            span = _span(event, source)
            _refuse_marks(event, span, problems)
            if len(stack) == MAX_DEPTH:
                raise _TooMuchError(f"lists and mappings are nested deeper than {MAX_DEPTH}, at line {span.line}")
            stack.append(_Open(span, isinstance(event, yaml.MappingStartEvent)))
            continue
        elif isinstance(event, yaml.AliasEvent):
            node = _alias(event, source, problems)
        else:
            _refuse_directives(event, source, problems)
            continue
        if stack:
            stack[-1].items.append(node)
        else:
            yield node


def _parted(done: _Open, problems: Problems) -> Iterator[_Open]:
    """Part what stands at the top where another document begins in it: no document has a kind of document as a further key."""
    keys = done.items[::2]
    starts = [at for at in range(1, len(keys)) if _begins(keys, done.items[2 * at + 1], at)]
    for start, stop in pairwise((0, *starts, len(keys))):
        key = keys[start] if keys else None
        if start and isinstance(key, ScalarNode):
            message = f"another document begins here, with `{key.text}`"
            problems.report("missing-separator", message, key.span, hint="write `---` on a line of its own above it")
        span = done.span if key is None or not start else key.span
        yield _Open(span, is_mapping=True, items=done.items[2 * start : 2 * stop])


def _begins(keys: list[Node], value: Node, at: int) -> bool:
    first, key = keys[0], keys[at]
    both = isinstance(first, ScalarNode) and first.text in KINDS and isinstance(key, ScalarNode) and key.text in KINDS
    return both and isinstance(value, ScalarNode)


def _close(done: _Open, problems: Problems) -> Node:
    """Give the list or mapping that has ended."""
    return _mapping(done, problems) if done.is_mapping else ListNode(items=tuple(done.items), span=done.span)


def _scalar(event: yaml.ScalarEvent, source: Source, problems: Problems) -> ScalarNode:
    """Make a scalar; what its escapes give is held to the same characters as the file."""
    first, last = event.start_mark, event.end_mark
    assert first is not None, MARKED
    assert last is not None, MARKED
    line, column, last_line, last_column = first.line + 1, first.column + 1, last.line + 1, last.column + 1
    span = Span(source.name, line, column, last_column - column if line == last_line else 0)
    if event.anchor is not None or event.tag is not None:
        _refuse_marks(event, span, problems)
    style = event.style if event.style in _STYLES else ""
    text = event.value
    cleaned = clean_text(text) if style == '"' else None
    if cleaned is not None:
        problems.report("bad-character", "an escape gives a character that cannot be seen", span, hint="remove it")
        text = cleaned
    return ScalarNode(text=text, style=style, span=span, end=(last_line, last_column), source=source)


def _alias(event: yaml.AliasEvent, source: Source, problems: Problems) -> ScalarNode:
    """Report an alias; in its place stands nothing."""
    span = _span(event, source)
    _refuse_marks(event, span, problems)
    return ScalarNode(text="", style="", span=span, end=(span.line, span.column), source=source)


def _refuse_directives(event: yaml.Event, source: Source, problems: Problems) -> None:
    if isinstance(event, yaml.DocumentStartEvent) and (event.version or event.tags):
        problems.report("yaml-feature", "YAML directives (`%YAML`, `%TAG`) are not used in law", _span(event, source))


def _mapping(done: _Open, problems: Problems) -> MapNode:
    """Pair keys with values; a key that is no text, occurs twice or merges is reported and left out."""
    entries: dict[str, tuple[ScalarNode, Node]] = {}
    for key, value in zip(done.items[::2], done.items[1::2], strict=True):
        if not isinstance(key, ScalarNode):
            problems.report(
                "bad-key", f"found {describe_node(key)}, expected a key", key.span, hint="a key is one word"
            )
        elif key.text == "<<" and not key.style:
            problems.report(
                "yaml-feature", "merge keys (`<<`) are not used in law", key.span, hint="write the keys out"
            )
        elif key.text not in entries:
            entries[key.text] = (key, value)
        elif _is_case_list(entries[key.text], value) and CASE_LIST not in entries:
            entries[CASE_LIST] = (key.reworded(CASE_LIST), value)
        else:
            first = entries[key.text][0].span
            problems.report(
                "duplicate-key",
                f"`{shorten(key.text)}` is written twice in one mapping",
                key.span,
                hint="keep one of the two",
                related=((first, "first written here"),),
            )
    return MapNode(entries=tuple(entries.values()), span=done.span)


def _is_case_list(first: tuple[ScalarNode, Node], value: Node) -> bool:
    """Say whether a second `cases` is the list that belongs to the id under the first (docs/language.md section 7)."""
    return first[0].text == "cases" and isinstance(first[1], ScalarNode) and isinstance(value, ListNode)


def _refuse_marks(event: yaml.NodeEvent, span: Span, problems: Problems) -> None:
    """Report anchors, aliases and tags: in law everything is written where it stands."""
    if event.anchor is not None:
        sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
        problems.report(
            "yaml-feature",
            f"anchors and aliases (`{sign}{shorten(event.anchor)}`) are not used in law",
            span,
            hint="write it out, or give it a name with `let:` or a definition",
        )
    tag = getattr(event, "tag", None)
    if tag is not None:
        problems.report("yaml-feature", f"tags (`{shorten(tag)}`) are not used in law", span, hint="remove it")


def _span(event: yaml.Event, source: Source) -> Span:
    first = event.start_mark
    assert first is not None, MARKED
    return Span(source.name, first.line + 1, first.column + 1)


def _explain(error: yaml.MarkedYAMLError, source: Source) -> tuple[str, Span]:
    """Give the parser's problem in one line, and its place."""
    mark = error.problem_mark or error.context_mark
    context = f"{error.context} " if error.context else ""
    place = Span(source.name, mark.line + 1, mark.column + 1) if mark else Span(source.name, 1, 1)
    return f"this is not YAML: {context}{shorten(str(error.problem), 200)}", place


def _hint(problem: str) -> str | None:
    return next((hint for part, hint in _HINTS if part in problem), None)
