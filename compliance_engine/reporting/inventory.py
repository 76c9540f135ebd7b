"""What facts there are: a table for people, JSON for programs."""

from collections.abc import Iterator, Sequence

import msgspec
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from compliance_engine.model.facts import Facts
from compliance_engine.model.inventory import TypeSummary
from compliance_engine.reporting.page import Page
from compliance_engine.reporting.summary import print_to_text
from compliance_engine.reporting.words import make_printable

SCHEMA = "compliance-facts/1"


def render_inventory(facts: Facts, types: Sequence[TypeSummary], *, page: Page | None = None) -> str:
    """Give tables of the fact types and of the sources, and what is stated to be complete."""
    shown = page or Page()
    parts: list[RenderableType] = [_list_types(types), _list_sources(facts), *_list_statements(facts)]
    return print_to_text(Group(*parts), width=shown.width, color=shown.color)


def render_inventory_json(facts: Facts, types: Sequence[TypeSummary]) -> str:
    """Give the same as one JSON document."""
    document = {
        "schema": SCHEMA,
        "digest": facts.digest,
        "types": types,
        "sources": facts.sources,
        "complete": facts.complete,
        "zones": dict(sorted(facts.zones.items())),
        "since": dict(sorted(facts.since.items())),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _list_types(types: Sequence[TypeSummary]) -> RenderableType:
    table = _make_table("Fact type", "Kind", "First", "Last", "Empty cells")
    table.columns[0].footer = "all types"
    table.add_column("Records", justify="right", footer=f"{sum(summary.count for summary in types):,}")
    for summary in types:
        gaps = ", ".join(f"{name} {count:,}" for name, count in summary.empty.items())
        cells = (summary.type, summary.kind, str(summary.first or ""), str(summary.last or ""), gaps)
        table.add_row(*(Text(make_printable(cell)) for cell in cells), f"{summary.count:,}")
    return table


def _list_sources(facts: Facts) -> RenderableType:
    table = _make_table("Source", "Sheet", "SHA-256")
    table.add_column("Rows", justify="right")
    table.add_column("Refused", justify="right")
    for source in facts.sources:
        cells = (source.name, source.sheet, source.digest[:12])
        table.add_row(*(Text(make_printable(cell)) for cell in cells), f"{source.rows:,}", f"{source.quarantined:,}")
    return table


def _list_statements(facts: Facts) -> Iterator[RenderableType]:
    """Say of which types all records are stated to be there."""
    if not facts.complete:
        return
    table = _make_table("Complete", "Site", "From", "To")
    for told in facts.complete:
        cells = (told.type, told.site or "every site", str(told.start), str(told.end))
        table.add_row(*(Text(make_printable(cell)) for cell in cells))
    yield table


def _make_table(*headings: str) -> Table:
    table = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    return table
