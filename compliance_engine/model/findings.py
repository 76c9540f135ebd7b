"""Findings as frames: what an evaluation gives, and what is stored and reported.

`Findings.frame`, one row a finding, sorted by site, provision, duty, subject, period_from, occurrence (as text). Columns of few
different texts may be Categorical or Enum (`as_texts`):

| column | dtype | meaning |
| --- | --- | --- |
| finding | String | id from content: first 16 hex digits of a hash of the identity; unique |
| site, provision, duty, subject_type, subject | String | identity; `subject` is the record's id (of a finding: that finding's id) |
| occurrence | String | "" or the period's first day, the linked record's id, the scheduled date |
| period_from, period_to | Date | window of the obligation, both days included; null if it has none |
| due | Date | last day for it; null if not known |
| due_at | Datetime(us, UTC) | the instant, where the law counts hours; else null |
| version | UInt16 | which version of the provision governed |
| status | String | violation, undetermined, pending, compliant, exempt, not_applicable |
| possible | String | the statuses that remain possible, joined with `|`, for undetermined and pending; else "" |
| met | String | true, false, unknown (whatever exceptions say) |
| severity | String | minor, moderate, major, critical |
| value, limit | String | the figure held against the limit, and the limit, as decimal texts with unit; null where there is none |
| exceedance_percent | Decimal(38, 9) | percent over (or under) the limit; null where it has no meaning |
| days_late | Int32 | null where it has no meaning |
| cured | Date | when a late duty was done |
| reason | Categorical | why, in words, with figures as `Told` places them; `as_texts` puts them in |
| rule | String | the inference rule that concluded the status ("" where no inference was needed) |
| evidence | String | id of its evidence set ("" if none) |

`Findings.evidence`: one row a link, sorted by set, role, fact_type, fact:
set (String), role (subject, occurrence, counted, limit, breach, doubtful,
fulfils, excuses), fact_type, fact (id), source (UInt16), row (UInt32), value (String, as printed with
its unit; null), exceedance_percent (Decimal(38, 9); null). Sets of aggregates found compliant may carry one row with role
`selector`: fact = "N records, sha256 ...".

`Findings.trace`: the derivation as data, per provision and duty (as provision/duty): a row a finding of that duty, in the order of
`frame`, and one text column per named node: what it was (null: a defence that was not examined, since nothing was breached). A duty that
names none has no frame.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.kernel.categories import by_category

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from compliance_engine.model.facts import Quarantined, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The result of an evaluation as frames (see the module)."""

    frame: pl.DataFrame
    evidence: pl.DataFrame
    trace: Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What an evaluation used: enough to repeat it and to verify that nothing changed.

    `findings_digest` is "" until the outcome is sealed: it is reckoned where it is stored or told, and not for every look.
    """

    rules_digest: str
    facts_digest: str
    findings_digest: str
    as_of: date
    known_as_of: date | None
    period: str
    engine: str
    product_version: str
    sources: tuple[Source, ...]
    quarantine: tuple[Quarantined, ...]
    rules: tuple[str, ...]
    facts: tuple[str, ...]


def of_duty(frame: pl.DataFrame, name: str) -> pl.Series:
    """Say which findings are of a duty, named as provision/duty: those that its trace has rows for, in this order."""
    provision, _, duty = name.rpartition("/")
    return frame.select((pl.col("provision") == provision) & (pl.col("duty") == duty)).to_series()


class Told(StrEnum):
    """Where in a reason a figure of its finding stands."""

    VALUE = "\x02value\x03"
    LIMIT = "\x02limit\x03"
    PERCENT = "\x02percent\x03"
    LATE = "\x02late\x03"
    CURED = "\x02cured\x03"
    DUE = "\x02due\x03"


_PERCENT = pl.col("exceedance_percent")
FIGURES = {
    Told.VALUE: pl.col("value"),
    Told.LIMIT: pl.col("limit"),
    Told.PERCENT: pl.when((_PERCENT > 0) & (_PERCENT.round(1) == 0))
    .then(pl.lit("less than 0.1"))
    .otherwise(_PERCENT.round(1).cast(pl.String).str.replace(r"\.?0+$", "")),
    Told.LATE: pl.col("days_late").cast(pl.String),
    Told.CURED: pl.col("cured").cast(pl.String),
    Told.DUE: pl.col("due").cast(pl.String),
}


# Columns, of findings and of links, of few different texts.
RANKED = frozenset(
    {
        "site",
        "provision",
        "duty",
        "subject_type",
        "status",
        "possible",
        "met",
        "severity",
        "reason",
        "rule",
        "role",
        "fact_type",
    }
)


def as_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Give findings or links in words: columns that are kept as numbers as their texts, reasons with their figures in place."""
    texts = frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
    if "reason" not in texts.columns:
        return texts
    reason = pl.col("reason")
    for place, figure in FIGURES.items():
        reason = reason.str.replace(place, figure.fill_null(""), literal=True)
    return texts.with_columns(reason)


def digest_findings(findings: Findings) -> str:
    """Digest the canonical rows: every finding and link in canonical order, not the container they are kept in.

    Of a column whose texts repeat (`RANKED`) the digest has the texts once, in order, and in each row the rank of its text.
    """
    total = sha256()
    for frame in (findings.frame, findings.evidence):
        texts, rows = _ranked(frame)
        total.update(json.dumps(texts, ensure_ascii=True).encode())
        for part in rows.iter_slices(100_000):
            written = io.BytesIO()
            part.write_csv(written, include_header=False)
            total.update(written.getbuffer())
    return total.hexdigest()


def _ranked(frame: pl.DataFrame) -> tuple[dict[str, list[str | None]], pl.DataFrame]:
    """Give the texts of each ranked column, and the frame with their ranks and with days and instants as numbers."""
    texts, ranks = {}, []
    for name in frame.columns:
        if name in RANKED:
            texts[name], ranked = _ranks(frame[name])
            ranks.append(ranked)
    return texts, frame.with_columns(pl.col(pl.Date, pl.Datetime).to_physical()).with_columns(ranks)


def _ranks(column: pl.Series) -> tuple[list[str | None], pl.Series]:
    """Give the different texts of a column in order, and the place of each row's text among them (null: of none)."""
    codes = column.cast(pl.Categorical)
    seen = codes.unique().to_frame("code").with_columns(text=pl.col("code").cast(pl.String)).sort("text")
    known = seen["code"].drop_nulls()
    return seen["text"].to_list(), by_category(codes, known, pl.int_range(known.len(), dtype=pl.UInt32, eager=True))
