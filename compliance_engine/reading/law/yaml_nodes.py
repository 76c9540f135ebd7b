"""YAML text to nodes.

PyYAML's event stream is composed here rather than by its own composer: events still carry anchors, aliases and tags,
which are refused, and the depth and number of nodes are bounded while reading.
"""

from collections.abc import Iterator
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
from compliance_engine.reading.law.texts import clean_text

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


def read_documents(source: Source, problems: Problems) -> tuple[Node, ...]:
    """Read every document of a text; those before broken YAML are still given, empty ones are not."""
    documents: list[Node] = []
    try:
        _compose(source, documents, problems)
    except yaml.MarkedYAMLError as error:
        problems.report("broken-yaml", *_explain(error, source), hint=_hint(str(error.problem)))
    except yaml.YAMLError as error:
        problems.report("broken-yaml", f"this is not YAML: {shorten(str(error), 200)}", Span(source.name, 1, 1))
    except _TooMuchError as error:
        problems.report("too-much", str(error), Span(source.name, 1, 1), hint="split the file")
    return tuple(node for node in documents if not (isinstance(node, ScalarNode) and node.is_empty))


def _compose(source: Source, documents: list[Node], problems: Problems) -> None:
    """Build each document's node from the parser's events, without recursion; those before an error stay in the list."""
    items = documents  # of what stands open
    around: list[tuple[list[Node], Span]] = []  # items of what stands open around that, and where it began itself
    loader = _LOADER(source.text)
    try:
        for _ in range(MAX_NODES):
            event = loader.get_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:  # most events are
                items.append(_scalar(event, source, problems))
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                done = items
                items, span = around.pop()
                items += _close(done, span, problems, is_mapping=kind is yaml.MappingEndEvent, is_document=not around)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                span = _span(event, source)
                _refuse_marks(event, span, problems)
                if len(around) == MAX_DEPTH:
                    raise _TooMuchError(f"lists and mappings are nested deeper than {MAX_DEPTH}, at line {span.line}")
                around.append((items, span))
                items = []
            elif kind is yaml.AliasEvent:
                items.append(_alias(event, source, problems))
            elif kind is yaml.StreamEndEvent:
                return
            else:
                _refuse_directives(event, source, problems)
    finally:
        loader.dispose()
    raise _TooMuchError(f"the file has more than {MAX_NODES:,} keys and values")


def _close(
    items: list[Node], span: Span, problems: Problems, *, is_mapping: bool, is_document: bool
) -> tuple[Node, ...]:
    """Give the list or mapping that has ended; what stands at the top may be several documents."""
    if not is_mapping:
        return (ListNode(items=tuple(items), span=span),)
    parts = _parted(items, span, problems) if is_document else ((items, span),)
    return tuple(_mapping(part, place, problems) for part, place in parts)


def _parted(items: list[Node], span: Span, problems: Problems) -> Iterator[tuple[list[Node], Span]]:
    """Part what stands at the top where another document begins in it: no document has a kind of document as a further key."""
    keys = items[::2]
    starts = [at for at in range(1, len(keys)) if _begins(keys, items[2 * at + 1], at)]
    for start, stop in pairwise((0, *starts, len(keys))):
        key = keys[start] if keys else None
        if start and isinstance(key, ScalarNode):
            message = f"another document begins here, with `{key.text}`"
            problems.report("missing-separator", message, key.span, hint="write `---` on a line of its own above it")
        yield items[2 * start : 2 * stop], span if key is None or not start else key.span


def _begins(keys: list[Node], value: Node, at: int) -> bool:
    first, key = keys[0], keys[at]
    both = isinstance(first, ScalarNode) and first.text in KINDS and isinstance(key, ScalarNode) and key.text in KINDS
    return both and isinstance(value, ScalarNode)


def _scalar(event: yaml.ScalarEvent, source: Source, problems: Problems) -> ScalarNode:
    """Make a scalar; what its escapes give is held to the same characters as the file."""
    first, last = event.start_mark, event.end_mark
    assert first is not None, MARKED
    assert last is not None, MARKED
    line, column, last_line, last_column = first.line + 1, first.column + 1, last.line + 1, last.column + 1
    span = Span(source.name, line, column, last_column - column if line == last_line else 0)
    if event.anchor is not None or event.tag is not None:
        _refuse_marks(event, span, problems)
    text, style = event.value, event.style
    if style not in _STYLES:
        return ScalarNode(text, "", span, (last_line, last_column), source)
    cleaned = clean_text(text) if style == '"' else None
    if cleaned is not None:
        problems.report("bad-character", "an escape gives a character that cannot be seen", span, hint="remove it")
        text = cleaned
    return ScalarNode(text, style, span, (last_line, last_column), source)


def _alias(event: yaml.AliasEvent, source: Source, problems: Problems) -> ScalarNode:
    """Report an alias; in its place stands nothing."""
    span = _span(event, source)
    _refuse_marks(event, span, problems)
    return ScalarNode(text="", style="", span=span, end=(span.line, span.column), source=source)


def _refuse_directives(event: yaml.Event, source: Source, problems: Problems) -> None:
    if isinstance(event, yaml.DocumentStartEvent) and (event.version or event.tags):
        problems.report("yaml-feature", "YAML directives (`%YAML`, `%TAG`) are not used in law", _span(event, source))


def _mapping(items: list[Node], span: Span, problems: Problems) -> MapNode:
    """Pair keys with values; a key that is no text, occurs twice or merges is reported and left out."""
    entries: dict[str, tuple[ScalarNode, Node]] = {}
    for key, value in zip(items[::2], items[1::2], strict=True):
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
    return MapNode(entries=tuple(entries.values()), span=span)


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
