"""Findings as CSV: a line a finding, safe to open in a spreadsheet."""

from collections.abc import Iterator

import polars as pl

from compliance_engine.model.findings import Findings, Provenance
from compliance_engine.model.program import Program
from compliance_engine.reporting.rows import describe_place, flatten_findings, link_evidence

_LINES_A_PART = 100_000

# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"

# These hold figures: a negative one is a number, not a formula.
_FIGURES = ("exceedance_percent", "value", "limit")


def render_csv(findings: Findings, provenance: Provenance, program: Program) -> Iterator[str]:
    """Give the text in parts; the columns are `rows.COLUMNS`."""
    texts = _write_evidence(findings, provenance)
    frame = flatten_findings(findings, program)
    for start in range(0, max(frame.height, 1), _LINES_A_PART):
        part = frame.slice(start, _LINES_A_PART)
        lines = part.join(texts, on="evidence", how="left", maintain_order="left")
        safe = lines.with_columns(pl.col("links").alias("evidence")).drop("links").with_columns(_neutralise())
        yield safe.write_csv(include_header=start == 0)


def _write_evidence(findings: Findings, provenance: Provenance) -> pl.DataFrame:
    """Give the text of each evidence set: `lab.xlsx#Lab!row 12 (result r1); ...`."""
    fact = pl.concat_str(pl.lit("("), pl.col("fact_type"), pl.lit(" "), pl.col("fact"), pl.lit(")"))
    text = pl.concat_str(describe_place(), fact, separator=" ", ignore_nulls=True)
    linked = link_evidence(findings, provenance.sources).select(pl.col("set").alias("evidence"), text.alias("links"))
    return linked.group_by("evidence", maintain_order=True).agg(pl.col("links").str.join("; "))


def _neutralise() -> tuple[pl.Expr, ...]:
    """Put an apostrophe before what a spreadsheet would run."""
    text = pl.col(pl.String).exclude(_FIGURES)
    figures = pl.col(_FIGURES)
    return (
        _mark(text, text.str.contains(_FORMULA)),
        _mark(figures, figures.str.contains(_FORMULA) & ~figures.str.contains(_NUMBER)),
    )


def _mark(cell: pl.Expr, is_formula: pl.Expr) -> pl.Expr:
    """Mark formulas; an empty text becomes null, so that both are written as nothing at all."""
    return pl.when(is_formula).then("'" + cell).when(cell != "").then(cell).name.keep()
