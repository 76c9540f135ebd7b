"""Findings as JSON (schema `compliance-findings/1`) and as JSON lines: the keys are the columns of the CSV.

Keys are added, never renamed or removed, while the schema keeps its number.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import polars as pl

from compliance_engine.model.findings import Findings, Provenance
from compliance_engine.model.program import Program
from compliance_engine.model.status import Status
from compliance_engine.reporting.rows import flatten_findings, link_evidence

SCHEMA = "compliance-findings/1"

_LINES_A_PART = 50_000

_LINK = ("fact_type", "fact", "role", "file", "sheet", "row", "digest", "value", "exceedance_percent")

# An unescaped quote cannot stand inside a text, so this meets keys only.
_FIGURE = re.compile(r'"exceedance_percent":"([^"]*)"')


def render_json(
    findings: Findings, provenance: Provenance, program: Program, evaluation: int | None = None
) -> Iterator[str]:
    """Give the document in parts; `evaluation` is the number in the store, null if not stored."""
    head = {
        "schema": SCHEMA,
        "evaluation": describe_evaluation(provenance, evaluation),
        "counts": count_statuses(findings.frame),
        "quarantine": list_quarantine(provenance),
    }
    yield msgspec.json.encode(head).decode().removesuffix("}") + ',"findings":['
    between = "\n"
    for part in _render_lines(findings, provenance, program):
        yield between + part.rstrip("\n").replace("\n", ",\n")
        between = ",\n"
    yield "\n]}\n"


def render_jsonl(findings: Findings, provenance: Provenance, program: Program) -> Iterator[str]:
    """Give a line a finding, in parts of many lines."""
    yield from _render_lines(findings, provenance, program)


def describe_evaluation(provenance: Provenance, number: int | None) -> dict[str, Any]:
    """Say what the evaluation used, for a reader that repeats it."""
    told = msgspec.to_builtins(provenance)
    del told["quarantine"]
    return {"id": number, **told}


def count_statuses(frame: pl.DataFrame) -> dict[str, int]:
    """Count the findings of each status, 0 included."""
    counts = dict(frame.group_by("status").len().iter_rows())
    return {status.value: counts.get(status.value, 0) for status in Status}


def list_quarantine(provenance: Provenance) -> list[dict[str, Any]]:
    """List the rows that could not be used, with their file."""
    sources = provenance.sources
    return [
        {
            "file": sources[row.source].name,
            "sheet": sources[row.source].sheet,
            "row": row.row,
            "column": row.column,
            "found": row.found,
            "reason": row.reason,
        }
        for row in provenance.quarantine
    ]


def _render_lines(findings: Findings, provenance: Provenance, program: Program) -> Iterator[str]:
    links = link_evidence(findings, provenance.sources)
    sets = links.group_by(pl.col("set").alias("evidence"), maintain_order=True).agg(pl.struct(_LINK).alias("links"))
    frame = flatten_findings(findings, program)
    for start in range(0, frame.height, _LINES_A_PART):
        part = frame.slice(start, _LINES_A_PART).join(sets, on="evidence", how="left", maintain_order="left")
        lists = pl.col("links").fill_null(pl.lit([], dtype=part.schema["links"])).alias("evidence")
        yield _FIGURE.sub(r'"exceedance_percent":\1', part.with_columns(lists).drop("links").write_ndjson())
