"""Make the findings of a duty into frames: what is reported and stored, and what later provisions read as facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, evidence, figures
from compliance_engine.deriving.columns import evaluated
from compliance_engine.deriving.facts_of_findings import facts_of
from compliance_engine.deriving.lateness import lateness
from compliance_engine.deriving.printing import printed
from compliance_engine.deriving.reasons import reason_column
from compliance_engine.deriving.tables import repeated
from compliance_engine.kernel.frames import rows_where, without
from compliance_engine.model.status import Status

if TYPE_CHECKING:
    from compliance_engine.deriving.judging import Judged
    from compliance_engine.model.facts import Shape

SEVERITY = pl.Enum(["minor", "moderate", "major", "critical"])


@dataclass(frozen=True, slots=True)
class Assembled:
    """The findings of one duty: `frame` to report, `links` its evidence by finding, `facts` what later provisions read, `trace` its derivation."""

    frame: pl.DataFrame
    links: pl.DataFrame
    facts: pl.DataFrame
    shapes: dict[str, Shape]
    trace: pl.DataFrame


def assemble(judged: Judged, names: pl.DataFrame, truths: pl.DataFrame, settled: pl.DataFrame) -> Assembled:
    """Give the findings of a duty with their reasons, figures and evidence.

    The frames have a row for each obligation: `names` as `obligations.names_of` gives them, `truths` and `settled` as `settling` does.
    """
    context = judged.context
    violated = settled["status"] == Status.VIOLATION.value
    late, cured = lateness(judged, violated)
    dated = evaluated(context, due=_due(judged), due_at=_due_at(judged), days_late=late, cured=cured)
    seen = figures.truths_told(judged)
    frame = names.hstack([*settled.get_columns(), *dated.get_columns(), seen["met"]])
    read = judged.provision.id in context.world.read
    facts, shapes = facts_of(judged, frame, truths) if read else (pl.DataFrame(), {})
    status, rows = frame["status"], None
    if "reported" in context.frame.columns:  # earlier periods serve what looks back at them
        reported = context.frame["reported"]
        violated, rows = violated & reported, rows_where(reported)
        status = status.zip_with(reported, repeated(None, judged.height, status.dtype))
    lets = figures.lets_told(judged)
    told = printed(context, figures.figures_told(judged) | lets, rows)
    ratio = figures.ratio_of(judged)
    frame = frame.hstack([figures.percent_beyond(context, ratio, violated)])
    frame, seen = (frame, seen) if rows is None else (frame[rows], seen[rows])
    frame = frame.hstack(
        [
            *(told[name] for name in told.columns if name not in lets),
            repeated(judged.duty.severity, frame.height, SEVERITY).alias("severity"),
            repeated(judged.provision.version, frame.height, pl.UInt16).alias("version"),
        ]
    )
    frame = frame.hstack([reason_column(judged, frame, seen, rows)])
    found = evidence.links(judged, status)
    found = without(found.hstack([names["finding"][found["row"]]]), "row")
    trace = without(seen.hstack([told[name] for name in lets]), "met")
    return Assembled(frame, found, facts, shapes, trace)


def _due(judged: Judged) -> pl.Expr:
    day = judged.due.day
    fixed = dates.only(day)
    shown: pl.Expr = pl.when(fixed < dates.NEVER).then(fixed)
    if judged.due.standing:
        shown = pl.lit(None, dtype=pl.Int64)
    return dates.as_date(shown)


def _due_at(judged: Judged) -> pl.Expr:
    at = judged.due.at
    found = pl.lit(None, dtype=pl.Int64) if at is None else dates.only(at)
    return found.cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
