"""What every report shows of a finding: one frame with the law's words and, apart, the evidence with its files.

The columns are the keys of CSV, JSON and JSON lines, and stay as they are: `COLUMNS`.
"""

import polars as pl

from compliance_engine.model.facts import Source
from compliance_engine.model.findings import Findings, as_texts
from compliance_engine.model.program import Program

COLUMNS = (
    "site",
    "provision",
    "subject",
    "period_from",
    "period_to",
    "status",
    "severity",
    "exceedance_percent",
    "days_late",
    "reason",
    "evidence",
    "duty",
    "occurrence",
    "due",
    "due_at",
    "cured",
    "title",
    "citation",
    "responsible",
    "subject_type",
    "value",
    "limit",
    "met",
    "possible",
    "version",
    "law",
    "rule",
    "finding",
)

# Of the law, by provision, version and duty. `law`: confirmed or unconfirmed.
_LAW = ("title", "citation", "responsible", "law")


def flatten_findings(findings: Findings, program: Program) -> pl.DataFrame:
    """Give the columns of `COLUMNS` a finding, in the findings' order; `evidence` is still the id of its set.

    Figures are text without trailing zeros ("20.666666667", "21"), instants ISO 8601 in UTC.
    """
    frame = as_texts(findings.frame).join(
        _tell_law(program), on=["provision", "version", "duty"], how="left", maintain_order="left"
    )
    return frame.with_columns(
        pl.col("site").fill_null(""),
        trim_decimal("exceedance_percent"),
        pl.col("due_at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
    ).select(COLUMNS)


def link_evidence(findings: Findings, sources: tuple[Source, ...]) -> pl.DataFrame:
    """Give the evidence with the file, sheet and digest of every record (null for what is no record of a file)."""
    files = pl.DataFrame(
        {
            "source": range(len(sources)),
            "file": [source.name for source in sources],
            "sheet": [source.sheet for source in sources],
            "digest": [source.digest for source in sources],
        },
        schema={"source": pl.UInt16, "file": pl.String, "sheet": pl.String, "digest": pl.String},
    )
    linked = as_texts(findings.evidence).join(files, on="source", how="left", maintain_order="left")
    return linked.with_columns(trim_decimal("exceedance_percent"))


def trim_decimal(column: str) -> pl.Expr:
    """Write a Decimal(38, 9) as text without the zeros that say nothing."""
    return pl.col(column).cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")


def describe_place() -> pl.Expr:
    """Write where a linked record stands: `file#sheet!row 12`, `file#row 12`; null where it stands in no file."""
    sheet = pl.when(pl.col("sheet") == "").then(pl.lit("")).otherwise(pl.col("sheet") + "!")
    return pl.concat_str(pl.col("file"), pl.lit("#"), sheet, pl.lit("row "), pl.col("row").cast(pl.String))


def _tell_law(program: Program) -> pl.DataFrame:
    """Give title, citation and so on of each provision, version and duty."""
    rows = [
        (
            version.id,
            version.version,
            duty.id,
            duty.title or version.title,
            duty.citation or version.citation,
            version.responsible,
            version.status,
        )
        for versions in program.provisions.values()
        for version in versions
        for duty in version.duties
    ]
    texts = dict.fromkeys(("duty", *_LAW), pl.String)
    schema = {"provision": pl.String, "version": pl.UInt16, **texts}
    return pl.DataFrame(rows, schema=schema, orient="row")
