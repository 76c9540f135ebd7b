"""What an amendment changes: for people, and as JSON (schema `compliance-amendment/1`)."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from compliance_engine.model.amendment import Amendment, Change
from compliance_engine.reporting.page import Page
from compliance_engine.reporting.summary import print_to_text
from compliance_engine.reporting.words import make_printable, plural

SCHEMA = "compliance-amendment/1"

_STYLES = {"added": "green", "removed": "red", "renamed": "cyan", "version": "bold yellow", "changed": ""}


def render_amendment(amendment: Amendment, *, page: Page | None = None) -> str:
    """Give a paragraph a document: its id, citation and title, then each change in words."""
    shown = page or Page()
    if not amendment.changes:
        return ""
    concerns = dict(amendment.concerns)
    parts: list[RenderableType] = []
    for (_, name), group in groupby(amendment.changes, key=lambda change: (change.document, change.id)):
        parts += _show_document(tuple(group), concerns.get(name, ()))
    return print_to_text(Group(*parts), width=shown.width, color=shown.color)


def render_amendment_json(amendment: Amendment) -> str:
    """Give the same as one JSON document."""
    concerns = dict(amendment.concerns)
    document = {"schema": SCHEMA, "changes": [_describe(change, concerns) for change in amendment.changes]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def count_changes(amendment: Amendment) -> str:
    """Count what changes: `3 changes in 2 documents`."""
    documents = {(change.document, change.id) for change in amendment.changes}
    return f"{plural(len(amendment.changes), 'change')} in {plural(len(documents), 'document')}"


def _show_document(changes: tuple[Change, ...], concerned: Iterable[str]) -> Iterator[RenderableType]:
    head = changes[-1]
    kind = "" if head.document == "provision" else f"{head.document} "
    line = Text(f"{kind}{make_printable(head.id)}", style="bold")
    if head.citation:
        line.append(f"  {make_printable(head.citation)}", style="not bold cyan")
    line.append(f"  {make_printable(head.place)}", style="not bold dim")
    yield line
    if head.title:
        yield Padding(Text(make_printable(head.title), style="dim"), (0, 0, 0, 2))
    for change, following in zip(changes, (*changes[1:], None), strict=True):
        date = f"from {change.effective}: " if change.effective and change.kind == "changed" else ""
        yield Padding(Text(f"- {date}{make_printable(change.text)}", style=_STYLES[change.kind]), (0, 0, 0, 2))
        # Two figures of one clause: the clause is shown once, below both.
        is_last = following is None or (change.before, change.after) != (following.before, following.after)
        if is_last and not _is_told(change):
            yield Padding(Text(f"was: {make_printable(change.before)}", style="red"), (0, 0, 0, 4))
            yield Padding(Text(f"now: {make_printable(change.after)}", style="green"), (0, 0, 0, 4))
    names = ", ".join(concerned)
    if names:
        yield Padding(Text(f"concerns {names}", style="dim"), (0, 0, 0, 2))
    yield Text("")


def _is_told(change: Change) -> bool:
    """Hold where the sentence itself says all there is."""
    return not (change.before and change.after) or (change.before in change.text and change.after in change.text)


def _describe(change: Change, concerns: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    return {
        "document": change.document,
        "id": change.id,
        "citation": change.citation,
        "title": change.title,
        "kind": change.kind,
        "effective": change.effective,
        "text": change.text,
        "before": change.before,
        "after": change.after,
        "place": change.place,
        "concerns": [change.id] if change.document == "provision" else concerns.get(change.id, ()),
    }
