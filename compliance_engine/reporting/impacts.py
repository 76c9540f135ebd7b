"""What an amendment does to sites: tables for people, and JSON (schema `compliance-impact/1`)."""

from collections.abc import Iterator
from itertools import groupby

import msgspec
from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from compliance_engine.model.amendment import Impact, Need, Shift
from compliance_engine.reporting.page import Page
from compliance_engine.reporting.summary import print_to_text
from compliance_engine.reporting.words import STATUS_STYLES, make_printable, plural

SCHEMA = "compliance-impact/1"


def render_impact(impact: Impact, *, page: Page | None = None) -> str:
    """Give the verdicts that change, then the facts that are newly needed."""
    shown = page or Page()
    parts: list[RenderableType] = [*_list_shifts(impact.shifts), *_list_needs(impact.needs)]
    return print_to_text(Group(*parts), width=shown.width, color=shown.color) if parts else ""


def render_impact_json(impact: Impact) -> str:
    """Give the same as one JSON document."""
    needs = [{**msgspec.to_builtins(need), "is_met": need.is_met} for need in impact.needs]
    shifts = [{**msgspec.to_builtins(shift), "kind": tell_kind(shift)} for shift in impact.shifts]
    document = {"schema": SCHEMA, "as_of": impact.as_of, "same": impact.same, "shifts": shifts, "needs": needs}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def count_impact(impact: Impact) -> str:
    """Count obligations by what becomes of them."""
    counts: dict[str, int] = {}
    for shift in impact.shifts:
        counts[tell_kind(shift)] = counts.get(tell_kind(shift), 0) + shift.count
    told = [
        f"{plural(counts.get('appears', 0), 'obligation')} appear" + "s" * (counts.get("appears") == 1),
        f"{counts.get('disappears', 0):,} disappear",
        plural(counts.get("flips", 0), "verdict") + " change" + "s" * (counts.get("flips") == 1),
        plural(counts.get("moves", 0), "due date") + " move" + "s" * (counts.get("moves") == 1),
        f"{impact.same:,} stay as they were",
    ]
    return ", ".join(told)


def tell_kind(shift: Shift) -> str:
    """Say what happens: appears, disappears, flips, or moves (its due date)."""
    if not shift.before:
        return "appears"
    if not shift.after:
        return "disappears"
    return "flips" if shift.before != shift.after else "moves"


def _list_shifts(shifts: tuple[Shift, ...]) -> Iterator[RenderableType]:
    if not shifts:
        return
    for site, of_site in groupby(shifts, key=lambda shift: shift.site):
        yield Text(make_printable(site or "no site"), style="bold")
        for (provision, citation), group in groupby(of_site, key=lambda shift: (_name_duty(shift), shift.citation)):
            head = Text(make_printable(provision))
            head.append(f"  {make_printable(citation)}", style="cyan")
            yield Padding(head, (0, 0, 0, 2))
            for shift in group:
                yield Padding(_show_shift(shift), (0, 0, 0, 4))
    yield Text("")


def _name_duty(shift: Shift) -> str:
    return shift.provision if shift.duty == "main" else f"{shift.provision}/{shift.duty}"


def _show_shift(shift: Shift) -> Text:
    """Say how many of which change how: `5 violation -> undetermined from 2026-03-01: L1, L2, ...`."""
    kind = tell_kind(shift)
    line = Text(f"{shift.count:>5,}  ")
    if kind == "moves":
        line.append(f"{shift.before.replace('_', ' ')}, due on another day")
    else:
        line.append(_show_status(shift.before)).append(" -> ").append(_show_status(shift.after))
    since = f" from {shift.first}" if shift.first else ""
    more = ", ..." if len(shift.subjects) < shift.count and len(shift.subjects) > 1 else ""
    return line.append(f"{since}: {make_printable(', '.join(shift.subjects))}{more}", style="dim")


def _list_needs(needs: tuple[Need, ...]) -> Iterator[RenderableType]:
    if not needs:
        return
    yield Text("Facts that are newly needed", style="bold")
    table = _make_table("Fact", "What there is", "For")
    for need in needs:
        name = f"{need.type}.{need.field}" + (" (new type)" if need.is_new_type else "")
        style = "green" if need.is_met else "yellow"
        table.add_row(Text(name), Text(_tell_state(need), style=style), Text(", ".join(need.provisions)))
    yield table


def _tell_state(need: Need) -> str:
    if not need.records:
        return "no records"
    records = plural(need.records, "record")
    return f"{records}, all with it" if need.is_met else f"{records}, {need.empty:,} without it"


def _show_status(status: str) -> Text:
    return Text(status.replace("_", " ") or "none", style=STATUS_STYLES.get(status, "dim"))


def _make_table(*headings: str) -> Table:
    table = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in table.columns:
        column.overflow = "fold"
    return table
