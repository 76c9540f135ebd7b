"""What applies, why, to whom, by when and on whose desk: the register that ISO 14001 6.1.3 asks for."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import msgspec
import polars as pl
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from compliance_engine.model.findings import Findings, Provenance
from compliance_engine.model.program import DutySpec, Program, ProvisionSpec
from compliance_engine.reporting.page import Page
from compliance_engine.reporting.rows import flatten_findings
from compliance_engine.reporting.summary import print_to_text
from compliance_engine.reporting.words import make_printable, plural

SCHEMA = "compliance-obligations/1"

COLUMNS = (
    "site",
    "provision",
    "duty",
    "title",
    "citation",
    "why",
    "certain",
    "subjects",
    "open",
    "next_due",
    "responsible",
    "severity",
    "law",
)


def list_obligations(findings: Findings, program: Program, *, until: date | None = None) -> pl.DataFrame:
    """Give a row a site and duty that applies, or may apply (`certain` false), as `COLUMNS`.

    `subjects`: how many things it binds; `open`: obligations not settled yet; `next_due`: the first of these that has a
    date. With `until`, only duties with an open obligation due by then.
    """
    frame = flatten_findings(findings, program).filter(pl.col("status") != "not_applicable")
    is_open = pl.col("status").is_in(["pending", "undetermined"])
    certain = ~(pl.col("possible").str.split("|").list.contains("not_applicable"))
    rows = frame.group_by("site", "provision", "duty").agg(
        pl.col("title", "citation", "responsible", "severity", "law").last(),
        certain.any().alias("certain"),
        pl.col("subject").n_unique().alias("subjects"),
        is_open.sum().alias("open"),
        pl.col("due").filter(is_open).min().alias("next_due"),
    )
    due = rows if until is None else rows.filter(pl.col("next_due") <= until)
    reasons = _tell_reasons(program)
    why = due.join(reasons, on=["provision", "duty"], how="left", maintain_order="left")
    return why.sort("site", "next_due", "provision", "duty", nulls_last=True).select(COLUMNS)


def render_obligations(obligations: pl.DataFrame, provenance: Provenance, *, page: Page | None = None) -> str:
    """Give the register as text, site by site, soonest first."""
    shown = page or Page()
    head = Text(f"Obligations as of {provenance.as_of}", style="bold")
    parts: list[RenderableType] = [head]
    for (site,), rows in obligations.group_by("site", maintain_order=True):
        parts += [Text(f"\n{make_printable(str(site))} ({plural(rows.height, 'obligation')})", style="bold")]
        parts += [_entry(row) for row in rows.iter_rows(named=True)]
    if obligations.is_empty():
        parts.append(Text("None."))
    return print_to_text(Group(*parts), width=shown.width, color=shown.color)


def render_obligations_json(obligations: pl.DataFrame, provenance: Provenance) -> str:
    """Give the register as one JSON document."""
    document = {"schema": SCHEMA, "as_of": provenance.as_of, "obligations": obligations.to_dicts()}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _entry(row: Mapping[str, Any]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="cyan", min_width=12)
    grid.add_column(overflow="fold")
    title = Text(make_printable(row["title"] or f"{row['provision']}/{row['duty']}"), style="bold")
    lines = [Text(make_printable(line)) for line in _tell_lines(row)]
    grid.add_row(str(row["next_due"] or "no date"), Group(title, *lines))
    return Padding(grid, (0, 0, 0, 2))


def _tell_lines(row: Mapping[str, Any]) -> Iterator[str]:
    yield f"{row['citation'] or ''} · {row['provision']}/{row['duty']} · {row['severity']}"
    perhaps = "applies" if row["certain"] else "may apply"
    why = f": {row['why']}" if row["why"] else ""
    yield f"{perhaps} to {plural(row['subjects'], 'subject')}{why}"
    if row["open"]:
        yield f"{plural(row['open'], 'obligation')} open"
    if row["responsible"]:
        yield f"on the desk of: {row['responsible']}"


def _tell_reasons(program: Program) -> pl.DataFrame:
    """Say of each duty, by its newest version, what it binds and on which conditions."""
    rows = {
        (version.id, duty.id): _tell_reason(version, duty)
        for versions in program.provisions.values()
        for version in versions
        for duty in version.duties
    }
    schema = {"provision": pl.String, "duty": pl.String, "why": pl.String}
    return pl.DataFrame([(*key, text) for key, text in rows.items()], schema=schema, orient="row")


def _tell_reason(version: ProvisionSpec, duty: DutySpec) -> str:
    about = version.subject
    kind = f"finding of {about.type}" if about.finding else about.type
    where = f" where {about.where_text}" if about.where_text else ""
    conditions = "; ".join(dict.fromkeys(node.text for node in duty.when))
    return f"each {kind}{where}" + (f", when {conditions}" if conditions else "")
