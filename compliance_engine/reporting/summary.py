"""An evaluation as a person reads it first: counts by site, violations, what is undetermined, what is due next."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from compliance_engine.model.findings import Findings, Provenance, as_texts
from compliance_engine.model.program import Program
from compliance_engine.model.status import Status
from compliance_engine.reporting.page import Page
from compliance_engine.reporting.rows import describe_place, flatten_findings, link_evidence
from compliance_engine.reporting.words import (
    STATUS_STYLES,
    make_printable,
    name_period,
    name_subject,
    plural,
    shorten,
    tell_lateness,
    tell_refused,
)

_GRAVEST_FIRST = pl.col("severity").replace_strict(
    {"critical": 0, "major": 1, "moderate": 2, "minor": 3}, default=4, return_dtype=pl.Int8
)

# How many other periods of the same breach are named.
_MOST_OTHERS = 4

# From this width on, statuses head their columns in full.
_ROOMY = 84

_SHORT = {
    Status.VIOLATION: "viol.",
    Status.UNDETERMINED: "undet.",
    Status.PENDING: "pend.",
    Status.COMPLIANT: "compl.",
    Status.EXEMPT: "exempt",
    Status.NOT_APPLICABLE: "n/a",
}


_LISTED = (Status.VIOLATION.value, Status.UNDETERMINED.value, Status.PENDING.value)


def render_table(
    findings: Findings,
    provenance: Provenance,
    program: Program,
    *,
    evaluation: int | None = None,
    page: Page | None = None,
) -> str:
    """Give the report as text; `evaluation` is its number in the store."""
    shown = page or Page()
    listed = findings.frame.filter(pl.col("status").is_in(_LISTED))
    frame = _name_findings(flatten_findings(replace(findings, frame=listed), program), findings.frame)
    parts = [
        _head(provenance, evaluation),
        _count_sites(findings.frame, shown),
        *_list_violations(frame, findings, provenance, shown),
        *_list_undetermined(frame, shown),
        *_list_pending(frame, shown),
        *_list_remarks(findings, program, provenance),
    ]
    return print_to_text(Group(*parts), width=shown.width, color=shown.color)


def print_to_text(content: RenderableType, *, width: int, color: bool) -> str:
    """Print to a text of that width, without a space at the end of a line."""
    target = io.StringIO()
    console = Console(
        file=target,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        legacy_windows=False,
    )
    console.print(content)
    return "\n".join(line.rstrip() for line in target.getvalue().splitlines()) + "\n"


def _name_findings(frame: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Name a subject that is a finding by what that finding is about: `finding on permit-limit L7 of 2026-03-01`."""
    is_finding = pl.col("subject_type") == "finding"
    subjects = frame.filter(is_finding)["subject"]
    if subjects.is_empty():
        return frame
    when = pl.coalesce(pl.col("period_from").cast(pl.String), pl.col("occurrence"))
    about = as_texts(known.filter(pl.col("finding").is_in(subjects.implode()))).select(
        pl.col("finding").alias("subject"),
        pl.concat_str(pl.lit("on "), "subject_type", pl.lit(" "), "subject", pl.lit(" of "), when).alias("about"),
    )
    named = frame.join(about, on="subject", how="left", maintain_order="left")
    told = pl.coalesce(pl.col("about"), pl.col("subject"))
    return named.with_columns(pl.when(is_finding).then(told).otherwise("subject").alias("subject")).drop("about")


def _head(provenance: Provenance, evaluation: int | None) -> Text:
    number = "Evaluation" if evaluation is None else f"Evaluation {evaluation}"
    known = f", as known on {provenance.known_as_of}" if provenance.known_as_of else ""
    text = Text(f"{number} as of {provenance.as_of}{known}", style="bold")
    rules = make_printable(", ".join(provenance.rules))
    facts = make_printable(", ".join(provenance.facts))
    text.append(
        f"\nrules {rules} ({provenance.rules_digest[:8]}) · facts {facts} ({provenance.facts_digest[:8]})"
        f" · {provenance.engine} engine\n",
        style="not bold",
    )
    return text


def _count_sites(frame: pl.DataFrame, page: Page) -> RenderableType:
    """Count by site and status; sites with the most violations first where not all can be shown."""
    counts = frame.group_by(pl.col("site").cast(pl.String).fill_null("")).agg(
        *(pl.col("status").eq(status.value).sum().cast(pl.Int64).alias(status.value) for status in Status)
    )
    order = ["violation", "undetermined"] if counts.height > page.most else []
    ranked = counts.sort(*order, "site", descending=[True] * len(order) + [False])
    table = Table(box=box.SIMPLE_HEAD, show_footer=counts.height > 1, pad_edge=False)
    table.add_column("Site", "all sites", overflow="fold")
    for status in Status:
        total = int(counts[status.value].sum())
        name = status.value.replace("_", " ") if page.width >= _ROOMY else _SHORT[status]
        table.add_column(name, f"{total:,}", justify="right", no_wrap=True)
    for row in ranked.head(page.most).iter_rows():
        table.add_row(make_printable(row[0]), *(_number(n, s) for n, s in zip(row[1:], Status, strict=True)))
    return Group(table, *_tell_rest(counts.height - page.most, "site"))


def _number(count: int, status: Status) -> Text:
    return Text(f"{count:,}", style=STATUS_STYLES[status.value] if count else "dim")


def _list_violations(
    frame: pl.DataFrame, findings: Findings, provenance: Provenance, page: Page
) -> Iterator[RenderableType]:
    """List the gravest first, each with clause, figures and records; what one subject repeats stands together."""
    found = frame.filter(pl.col("status") == "violation")
    if found.is_empty():
        return
    yield _title("Violations", found.height)
    size = pl.col("exceedance_percent").cast(pl.Float64)
    order = found.sort(_GRAVEST_FIRST, -size, "site", "provision", "duty", "subject", "period_from", nulls_last=True)
    groups = order.with_columns(group=pl.struct("site", "provision", "duty", "subject").rank("dense"))
    first = groups.unique("group", keep="first", maintain_order=True)
    evidence = findings.evidence.filter(pl.col("set").is_in(first.head(page.most)["evidence"].implode()))
    records = _describe_records(link_evidence(replace(findings, evidence=evidence), provenance.sources))
    for row in first.head(page.most).iter_rows(named=True):
        others = groups.filter((pl.col("group") == row["group"]) & (pl.col("finding") != row["finding"]))
        yield _entry(row, [*_figures(row), *records.get(row["evidence"], []), *_tell_others(others)])
    rest = groups.join(first.head(page.most), on="group", how="anti").height
    yield from _tell_rest(rest, "violation")


def _tell_others(others: pl.DataFrame) -> Iterator[str]:
    """Tell the other periods in which the same subject breaks the same duty."""
    if others.is_empty():
        return
    ordered = others.sort("period_from", "finding", nulls_last=True)
    shown = [
        f"{name_period(row['period_from'], row['period_to']) or row['occurrence']} {shorten(row['finding'])}".strip()
        for row in ordered.head(_MOST_OTHERS).iter_rows(named=True)
    ]
    rest = f", ... ({others.height} in all)" if others.height > _MOST_OTHERS else ""
    yield make_printable(f"also {', '.join(shown)}{rest}")


def _list_undetermined(frame: pl.DataFrame, page: Page) -> Iterator[RenderableType]:
    """Say what could not be settled, duty by duty, and which missing fact would settle the newest finding."""
    found = frame.filter(pl.col("status") == "undetermined")
    if found.is_empty():
        return
    yield _title("Undetermined", found.height)
    newest = found.sort("period_from", "subject", "finding", descending=[True, False, False], nulls_last=True)
    groups = newest.group_by("site", "provision", "duty", maintain_order=True).agg(
        pl.all().first(), pl.len().alias("count"), pl.col("subject").n_unique().alias("subjects")
    )
    order = groups.sort(_GRAVEST_FIRST, "site", "provision", "duty")
    for row in order.head(page.most).iter_rows(named=True):
        possible = row["possible"].replace("|", " or ").replace("_", " ")
        yield _entry(row, [*([f"may be {possible}"] if possible else []), *_tell_count(row)])
    yield from _tell_rest(sum(order.slice(page.most)["count"].to_list()), "finding")


def _tell_count(row: Mapping[str, Any]) -> Iterator[str]:
    if row["count"] > 1:
        others = plural(row["count"] - 1, "other finding")
        yield f"and {others} of this duty, {plural(row['subjects'], 'subject')} in all"


def _list_pending(frame: pl.DataFrame, page: Page) -> Iterator[RenderableType]:
    """List what is due next, soonest first, and on whose desk it is."""
    found = frame.filter(pl.col("status") == "pending")
    if found.is_empty():
        return
    yield _title("Due next", found.height)
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    order = found.sort("due", "site", "provision", "duty", "subject", nulls_last=True)
    for row in order.head(page.most).iter_rows(named=True):
        what = f"{_name_requirement(row)} · {_name_place(row)}"
        table.add_row(str(row["due"] or "date unknown"), Text(what), Text(make_printable(row["responsible"] or "")))
    yield Padding(table, (0, 0, 0, 2))
    yield from _tell_rest(found.height - page.most, "obligation")


def _list_remarks(findings: Findings, program: Program, provenance: Provenance) -> Iterator[RenderableType]:
    duties = findings.frame.unique(["provision", "version", "duty"], maintain_order=True)
    laws = flatten_findings(replace(findings, frame=duties), program)
    unconfirmed = laws.filter(pl.col("law") == "unconfirmed")["provision"].n_unique()
    if unconfirmed:
        yield Text(f"\nNot yet confirmed by a lawyer: {plural(unconfirmed, 'provision')} of those above.")
    if provenance.quarantine:
        yield Text(f"\n{tell_refused(provenance.quarantine)}", style="yellow")


def _title(name: str, count: int) -> Text:
    return Text(f"\n{name} ({count:,})", style="bold")


def _entry(row: Mapping[str, Any], more: list[str]) -> RenderableType:
    """Show one finding: what and where, then the clause, the reason and what else there is to say."""
    head = Text.assemble((_name_requirement(row), "bold"), f" · {_name_place(row)}  ", (shorten(row["finding"]), "dim"))
    lines = [make_printable(row["citation"] or row["provision"]), make_printable(row["reason"]), *more]
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    body = Group(head, *(Text(line) for line in lines if line))
    grid.add_row(Text(f"{row['severity']:<8}", style=STATUS_STYLES[row["status"]]), body)
    return Padding(grid, (0, 0, 0, 2))


def _name_requirement(row: Mapping[str, Any]) -> str:
    """Give the title, and which duty of the provision it is where it has a name of its own."""
    if not row["title"]:
        return make_printable(f"{row['provision']}/{row['duty']}")
    return make_printable(row["title"] if row["duty"] == "main" else f"{row['title']} ({row['duty']})")


def _name_place(row: Mapping[str, Any]) -> str:
    parts = (make_printable(row["site"]), name_subject(row), name_period(row["period_from"], row["period_to"]))
    return " · ".join(part for part in parts if part)


def _figures(row: Mapping[str, Any]) -> Iterator[str]:
    """Tell the figures that the reason leaves out."""
    figures = [row["value"], row["limit"]]
    percent = f"{_round_percent(row['exceedance_percent'])} %" if row["exceedance_percent"] else ""
    if None not in figures and any(figure not in row["reason"] for figure in figures):
        beyond = f", {percent} beyond it" if percent else ""
        yield make_printable(f"{row['value']} against a limit of {row['limit']}{beyond}")
    elif percent and "%" not in row["reason"]:
        yield f"{percent} beyond the limit"
    late = tell_lateness(row)
    if late:
        yield late


def _round_percent(text: str) -> str:
    """Show at most one decimal; all of them are in the CSV and JSON."""
    rounded = f"{Decimal(text):.1f}".removesuffix(".0")
    return "less than 0.1" if rounded == "0" and Decimal(text) else rounded


def _describe_records(links: pl.DataFrame) -> dict[str, list[str]]:
    """Say of each evidence set where its records are: a line a file, rows run together."""
    places = links.with_columns(place=describe_place()).filter(pl.col("place").is_not_null())
    found: dict[str, list[str]] = {}
    for (key, file, sheet), group in places.group_by("set", "file", "sheet", maintain_order=True):
        rows = sorted(set(group["row"].to_list()))
        where = f"{file}#{sheet}!" if sheet else f"{file}#"
        found.setdefault(str(key), []).append(make_printable(f"evidence {where}row {run_together(rows)}"))
    return found


def run_together(rows: list[int], most: int = 8) -> str:
    """Write ascending numbers as runs: `2-5, 9`; after `most` runs, how many there are in all."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in runs]
    rest = f", ... ({len(rows)} rows)" if len(texts) > most else ""
    return ", ".join(texts[:most]) + rest


def _tell_rest(count: int, noun: str) -> Iterator[RenderableType]:
    if count > 0:
        yield Text(f"  ... and {plural(count, f'more {noun}')}: --format csv lists all", style="dim")
