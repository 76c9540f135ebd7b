"""Conflicts: for people, as JSON (schema `compliance-conflicts/1`), and their examples as cases."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from compliance_engine.model.conflict import Conflict, Counterexample, Side
from compliance_engine.reporting.page import Page
from compliance_engine.reporting.summary import print_to_text
from compliance_engine.reporting.words import STATUS_STYLES, make_printable

SCHEMA = "compliance-conflicts/1"

_TITLES = {
    "limits": "One value is held against two limits",
    "opposite": "What the first demands, the second forbids",
}
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./")


def render_conflicts(conflicts: Sequence[Conflict], *, page: Page | None = None) -> str:
    """Give each conflict with both provisions and the facts on which they differ."""
    shown = page or Page()
    parts = list(chain.from_iterable(_show(conflict) for conflict in conflicts))
    return print_to_text(Group(*parts), width=shown.width, color=shown.color) if parts else ""


def render_conflicts_json(conflicts: Sequence[Conflict]) -> str:
    """Give the same as one JSON document."""
    document = {"schema": SCHEMA, "conflicts": conflicts}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def render_cases(conflicts: Sequence[Conflict]) -> str:
    """Give the examples as `cases` documents, so that a change that settles a conflict fails them."""
    return "---\n".join(
        "".join(f"{line}\n" for line in _write_cases(conflict)) for conflict in conflicts if conflict.examples
    )


def _show(conflict: Conflict) -> Iterator[RenderableType]:
    yield Text(_TITLES[conflict.kind], style="bold red" if conflict.examples else "bold yellow")
    for side in conflict.sides:
        line = Text(f"{make_printable(_name(side))}  ")
        line.append(f"{make_printable(side.citation)}  ", style="cyan").append(make_printable(side.place), style="dim")
        yield Padding(line, (0, 0, 0, 2))
        yield Padding(Text(make_printable(side.title), style="dim"), (0, 0, 0, 4))
        yield Padding(Text(make_printable(side.demand)), (0, 0, 0, 4))
    for example in conflict.examples:
        yield Padding(Text(f"for example, as of {example.as_of}:"), (0, 0, 0, 2))
        yield from (Padding(line, (0, 0, 0, 4)) for line in _show_example(example))
    if not conflict.examples:
        told = "no facts were found on which they differ: their conditions may exclude each other"
        yield Padding(Text(told, style="yellow"), (0, 0, 0, 2))
    yield Text("")


def _show_example(example: Counterexample) -> Iterator[Text]:
    for name, rows in example.records:
        for row in rows:
            yield Text(make_printable(f"{name}: {', '.join(f'{field} {cell}' for field, cell in row)}"))
    for verdict in example.verdicts:
        line = Text(make_printable(f"{verdict.provision} {verdict.period}: "))
        yield line.append(verdict.status, style=STATUS_STYLES.get(verdict.status, ""))


def _name(side: Side) -> str:
    return side.provision if side.duty == "main" else f"{side.provision}/{side.duty}"


def _write_cases(conflict: Conflict) -> Iterator[str]:
    one, other = conflict.sides
    yield f"# {_TITLES[conflict.kind]}: {_name(one)} and {_name(other)}."
    yield f"cases: {one.provision}"
    yield "cases:"
    for number, example in enumerate(conflict.examples, 1):
        yield f"  - case: {_quote(f'against {_name(other)}, example {number}')}"
        yield "    kind: boundary"
        yield f"    as_of: {example.as_of}"
        yield f"    since: {example.since}"
        yield "    facts:"
        for name, rows in example.records:
            yield f"      {name}:"
            yield from (f"        - {{{', '.join(f'{field}: {_quote(cell)}' for field, cell in row)}}}" for row in rows)
        yield "    complete:"
        for name, start, end in example.complete:
            yield f"      - {{type: {name}, from: {start}, to: {end}}}"
        yield "    expect:"
        for verdict in example.verdicts:
            period = f", period: {verdict.period}" if verdict.period else ""
            identity = f"provision: {verdict.provision}, duty: {verdict.duty}, subject: {_quote(verdict.subject)}"
            yield f"      - {{{identity}{period}, status: {verdict.status}}}"
        yield "    only: true"


def _quote(text: str) -> str:
    """Write a text plain where YAML and a reader take it for what it is, else in quotes."""
    return text if text and text[0].isalpha() and _PLAIN.issuperset(text) else json.dumps(text, ensure_ascii=False)
