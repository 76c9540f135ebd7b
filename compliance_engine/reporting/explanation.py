"""Why a finding is what it is, as a person reads it: verdict, law, numbers, conditions, exceptions, records.

Conditions and numbers come from the trace: the frame of `provision/duty`, one text column per named node. A trace that
lacks a node leaves its line out; nothing is made up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from compliance_engine.model.findings import Findings, Provenance, as_texts, of_duty
from compliance_engine.model.program import DutySpec, NamedNode, Program, ProvisionSpec
from compliance_engine.model.status import Status
from compliance_engine.reporting.page import Page
from compliance_engine.reporting.rows import describe_place, link_evidence, trim_decimal
from compliance_engine.reporting.summary import print_to_text, run_together
from compliance_engine.reporting.words import (
    STATUS_STYLES,
    make_printable,
    name_period_in_words,
    name_subject,
    name_type,
    shorten,
    tell_lateness,
)

_MOST_FOLLOWING = 10

# How the trace names its columns: `when 1`, `scope ...`, `unless upset`, `excused fire`, `part 1`, `let average`.
_CONDITION = "when "
_SCOPE = "scope "
_PART = "part "
_LET = "let "
_PROMPT = "prompt "
_NAMES = {"value": "the value", "of": "the limit", "date": "the date", "due": "the due date"}
_OUTCOMES = {"true": "holds", "false": "does not hold", "unknown": "is not known"}
_FULFILS, _READ = "fulfils", "read"  # what a demand reads fulfils it only where it is met
_EXCEPTIONS = ("unless ", "excused ")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """All that is known of one finding. `law` and `duty` are None where the program no longer has them."""

    row: Mapping[str, Any]
    findings: Findings
    provenance: Provenance
    law: ProvisionSpec | None
    duty: DutySpec | None
    trace: Mapping[str, str | None]
    links: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line of a section and, at the right, where it comes from."""

    text: str
    place: str = ""


def render_explanation(
    findings: Findings,
    finding: str,
    provenance: Provenance,
    program: Program,
    *,
    evaluation: int | None = None,
    page: Page | None = None,
) -> str:
    """Explain the finding of that id; `findings` holds at least its row, evidence and trace, and what is about it."""
    shown = page or Page()
    case = _gather(findings, finding, provenance, program)
    sections = [
        ("must", _tell_duty(case)),
        ("because", _tell_numbers(case)),
        ("do", _tell_prompts(case)),
        ("applies", _tell_conditions(case)),
        ("not", _tell_exceptions(case, holds=False)),
        ("exempt", _tell_exceptions(case, holds=True)),
        ("about", _tell_subject(case)),
        ("follows", _tell_following(case)),
        ("evidence", _tell_records(case)),
        ("from", _tell_evaluation(case, evaluation)),
    ]
    body = Table.grid(padding=(0, 2), expand=True)
    body.add_column(no_wrap=True, style="dim")
    body.add_column(ratio=3, overflow="fold")
    body.add_column(ratio=2, overflow="fold", style="dim")
    for name, lines in sections:
        for number, line in enumerate(lines):
            label = f"  {name:<8}" if number == 0 else ""
            body.add_row(label, Text(make_printable(line.text)), Text(make_printable(line.place)))
    return print_to_text(Group(_tell_verdict(case), body), width=shown.width, color=shown.color)


def _gather(findings: Findings, finding: str, provenance: Provenance, program: Program) -> _Case:
    own = as_texts(findings.frame.filter(pl.col("finding") == finding))
    row = own.with_columns(trim_decimal("exceedance_percent")).row(0, named=True)
    law = _find_version(program, row)
    links = link_evidence(findings, provenance.sources).filter(pl.col("set") == row["evidence"])
    return _Case(
        row=row,
        findings=findings,
        provenance=provenance,
        law=law,
        duty=next((duty for duty in law.duties if duty.id == row["duty"]), None) if law else None,
        trace=_find_trace(findings, row),
        links=links,
    )


def _find_version(program: Program, row: Mapping[str, Any]) -> ProvisionSpec | None:
    versions = program.provisions.get(row["provision"], ())
    return next(
        (version for version in versions if version.version == row["version"]), versions[-1] if versions else None
    )


def _find_trace(findings: Findings, row: Mapping[str, Any]) -> Mapping[str, str | None]:
    """Give what each named node was; empty where nothing was kept."""
    name = f"{row['provision']}/{row['duty']}"
    frame = findings.trace.get(name)
    if frame is None:
        return {}
    ids = findings.frame.filter(of_duty(findings.frame, name))["finding"]
    return frame.row(int((ids == row["finding"]).arg_max() or 0), named=True)


def _tell_verdict(case: _Case) -> RenderableType:
    """Head the tree: VERDICT, where, what, when; the severity at the right."""
    row = case.row
    title = case.law.title if case.law else row["provision"]
    where = [row["site"], name_subject(row), title, name_period_in_words(row["period_from"], row["period_to"])]
    head = Table.grid(padding=(0, 2), expand=True)
    head.add_column(no_wrap=True)
    head.add_column(ratio=1, overflow="fold")
    head.add_column(justify="right", no_wrap=True)
    verdict = Text(row["status"].upper().replace("_", " "), style=STATUS_STYLES[row["status"]])
    head.add_row(verdict, Text(" · ".join(make_printable(part) for part in where if part)), Text(row["severity"]))
    return head


def _tell_duty(case: _Case) -> Iterator[_Line]:
    """Say what the law demands, and where it says so."""
    row, law, duty = case.row, case.law, case.duty
    if law is None:
        yield _Line(text=f"{row['provision']}/{row['duty']}")
        return
    title = (duty.title if duty else "") or law.title
    yield _Line(text=law.text or title, place=(duty.citation if duty else "") or law.citation)
    version = f"version {law.version}, in force from {law.in_force_from}" + (
        f" to {law.in_force_to}" if law.in_force_to else ""
    )
    yield _Line(text=f"{row['provision']}/{row['duty']}, {version}", place=_shorten_place(law.place))
    if row["due"] is not None:
        yield _Line(text=f"due {_tell_due(row)}", place=law.responsible)
    if law.tightens:
        yield _Line(text=f"tightens {', '.join(law.tightens)}, which holds as well")
    if law.status == "unconfirmed":
        yield _Line(text="this reading of the law is not yet confirmed by a lawyer")


def _shorten_place(place: str) -> str:
    """Keep the file and its folder: law lies deep."""
    return "/".join(place.replace("\\", "/").split("/")[-2:])


def _tell_due(row: Mapping[str, Any]) -> str:
    return f"{row['due_at']:%Y-%m-%d %H:%M} UTC" if row["due_at"] is not None else str(row["due"])


def _tell_numbers(case: _Case) -> Iterator[_Line]:
    """Give the reason, then the figures and the named values behind it."""
    row = case.row
    percent = row["exceedance_percent"]
    over = f" ({percent} % beyond the limit)" if percent and "%" not in row["reason"] else ""
    yield _Line(text=f"{row['reason']}{over}")
    if row["possible"]:
        yield _Line(text=f"may be {row['possible'].replace('|', ' or ').replace('_', ' ')}")
    late = tell_lateness(row)
    if late:
        yield _Line(text=late)
    texts = _node_texts(case)
    elsewhere = (_CONDITION, _SCOPE, _PART, _PROMPT, *_EXCEPTIONS)
    for name, value in case.trace.items():
        if value is not None and name.startswith(_PART):
            text = texts.get(name, name)
            yield _Line(text=f"`{text}` {_OUTCOMES.get(value, value)}")
        if value is None or name.startswith(elsewhere):
            continue
        yield _Line(
            text=f"{_NAMES.get(name, name.removeprefix(_LET))} is {value}", place=texts.get(name.removeprefix(_LET), "")
        )


def _node_texts(case: _Case) -> dict[str, str]:
    """Give what the author wrote for each named value."""
    if case.law is None or case.duty is None:
        return {}
    demand = case.duty.demand
    nodes = [*case.law.lets, *(getattr(demand, name) for name in ("value", "of", "date") if hasattr(demand, name))]
    texts = {node.name: node.text for node in nodes}
    texts |= {f"part {part.name}": part.text for part in getattr(demand, "parts", ())}
    return texts


def _tell_conditions(case: _Case) -> Iterator[_Line]:
    """Say of each condition of applicability what it was; the ones that failed are what kept the law from applying."""
    texts = {node.name: node.text for node in case.duty.when} if case.duty else {}
    for name, value in case.trace.items():
        if value is not None and name.startswith(_SCOPE):
            yield _Line(text=f"{name.removeprefix(_SCOPE)}: {_OUTCOMES.get(value, value)}{_tell_scope(case, value)}")
        if value is not None and name.startswith(_CONDITION):
            short = name.removeprefix(_CONDITION)
            yield _Line(text=f"`{texts.get(short, short)}` {_OUTCOMES.get(value, value)}")


def _tell_scope(case: _Case, value: str) -> str:
    """Say what a subject is where it is not certain that this is one."""
    if value == "true" or case.law is None or not case.law.subject.where_text:
        return ""
    return f" (each {case.law.subject.type} where {case.law.subject.where_text})"


def _tell_prompts(case: _Case) -> Iterator[_Line]:
    """Tell what is to be done or noted beside the verdict; of what is only possible, that it may be."""
    for node in case.duty.prompts if case.duty else ():
        value = case.trace.get(_PROMPT + node.name)
        if value in {"true", "unknown"}:
            perhaps = "" if value == "true" else f" (if `{node.text}`, which is not known)"
            yield _Line(text=f"{node.because}{perhaps}", place=node.name)


def _tell_exceptions(case: _Case, *, holds: bool) -> Iterator[_Line]:
    """Tell the exceptions that held, or those that did not."""
    if case.duty is None:
        return
    for prefix, nodes in zip(_EXCEPTIONS, (case.duty.unless, case.duty.excused_by), strict=True):
        for node in nodes:
            value = case.trace.get(prefix + node.name)
            if value is not None and (value == "true") == holds:
                yield _Line(text=_tell_exception(node, value), place=node.citation)


def _tell_exception(node: NamedNode, value: str) -> str:
    because = f" ({node.because})" if node.because else ""
    if value == "true":
        return f"as {node.name}{because}: {node.text}"
    return f"exempt as {node.name}{because}: `{node.text}` {_OUTCOMES.get(value, value)}"


def _tell_subject(case: _Case) -> Iterator[_Line]:
    """Tell the finding that this one is about, if it is about one."""
    if case.row["subject"] == case.row["finding"]:
        return
    for row in case.findings.frame.filter(pl.col("finding") == case.row["subject"]).iter_rows(named=True):
        yield _Line(text=_tell_finding(row), place=shorten(row["finding"]))


def _tell_following(case: _Case) -> Iterator[_Line]:
    """Tell the obligations that this finding calls for."""
    rows = case.findings.frame.filter(pl.col("subject") == case.row["finding"]).sort("due", "finding", nulls_last=True)
    for row in rows.head(_MOST_FOLLOWING).iter_rows(named=True):
        due = f", due {row['due']}" if row["due"] else ""
        yield _Line(text=f"{_tell_finding(row)}{due}", place=shorten(row["finding"]))
    if rows.height > _MOST_FOLLOWING:
        yield _Line(text=f"... and {rows.height - _MOST_FOLLOWING} more")


def _tell_finding(row: Mapping[str, Any]) -> str:
    return f"{row['provision']}/{row['duty']}: {row['status'].replace('_', ' ')}"


def _tell_records(case: _Case) -> Iterator[_Line]:
    """Tell the records by role, type and file, with the file's digest; rows of one file run together."""
    links = case.links.with_columns(place=describe_place())
    fulfilled = case.row["status"] == Status.COMPLIANT or case.row["cured"] is not None
    groups = links.group_by("role", "fact_type", "file", "sheet", "digest", maintain_order=True)
    for (role, fact_type, file, sheet, digest), group in groups:
        facts = ", ".join(group["fact"].head(6)) + (f", ... ({group.height})" if group.height > 6 else "")
        values = [value for value in group["value"].head(6) if value is not None]
        shown = f": {', '.join(values)}" if values else ""
        told = _READ if role == _FULFILS and not fulfilled else role
        yield _Line(
            text=f"{told}: {name_type(str(fact_type))} {facts}{shown}", place=_tell_file(group, file, sheet, digest)
        )


def _tell_file(group: pl.DataFrame, file: object, sheet: object, digest: object) -> str:
    if file is None:
        return ""
    rows = run_together(sorted(set(group["row"].to_list())))
    return f"{file}#{f'{sheet}!' if sheet else ''}row {rows} · sha256 {str(digest)[:8]}..."


def _tell_evaluation(case: _Case, number: int | None) -> Iterator[_Line]:
    """Say which evaluation this is and what it used, so that it can be repeated."""
    used = case.provenance
    name = "an evaluation (not stored)" if number is None else f"evaluation {number}"
    known = f" as known on {used.known_as_of}" if used.known_as_of else ""
    rules = ", ".join(used.rules)
    yield _Line(
        text=f"{name} as of {used.as_of}{known}, {used.engine} engine, version {used.product_version}",
        place=f"rules {rules} {used.rules_digest[:8]} · finding {case.row['finding']}",
    )
