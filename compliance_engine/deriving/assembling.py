"""Make the findings of a duty into frames: what is reported and stored, and what later provisions read as facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, evidence, figures
from compliance_engine.deriving.columns import computed, evaluated, few
from compliance_engine.deriving.facts_of_findings import facts_of
from compliance_engine.deriving.lateness import lateness
from compliance_engine.deriving.reasons import reason_column
from compliance_engine.deriving.tables import repeated
from compliance_engine.model.findings import Status

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
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
    ratio = figures.ratio_of(judged)
    violated = settled["status"] == Status.VIOLATION.value
    late, cured = lateness(judged, violated)
    conditions, lets = figures.conditions_told(judged), figures.lets_told(judged)
    shown = {
        "due": _due(judged),
        "due_at": _due_at(judged),
        "days_late": late,
        "cured": cured,
        "met": figures.truth_text(judged.met),
    }
    printed = figures.figures_told(judged)
    told = _told(context, shown | conditions, printed | lets)
    frame = names.hstack(
        [
            *settled.get_columns(),
            *(told[name] for name in (*shown, *printed)),
            repeated(judged.duty.severity, judged.height, SEVERITY).alias("severity"),
            repeated(judged.provision.version, judged.height, pl.UInt16).alias("version"),
            figures.percent_beyond(context, ratio, violated),
        ]
    )
    frame = frame.hstack([reason_column(judged, frame, told)])
    read = judged.provision.id in context.world.read
    facts, shapes = facts_of(judged, frame, truths) if read else (pl.DataFrame(), {})
    found = evidence.links(judged, frame["status"])
    found = found.hstack([frame["finding"][found["row"]]]).drop("row")
    trace = pl.DataFrame([told[name] for name in (*conditions, *lets)])
    if "reported" in context.frame.columns:  # earlier periods serve what looks back at them
        reported = context.frame["reported"]
        frame, trace = frame.filter(reported), trace.filter(reported) if trace.width else trace
        found = found.filter(pl.col("finding").is_in(frame["finding"].implode()))
    return Assembled(frame, found, facts, shapes, trace)


def _told(context: Context, exprs: dict[str, pl.Expr], printed: dict[str, pl.Expr]) -> pl.DataFrame:
    """Compute what is told of each obligation; of many, each different figure is printed once."""
    if few(context.frame.height):
        return evaluated(context, **exprs, **printed)
    return evaluated(context, **exprs).hstack(
        [computed(context.frame, expr).alias(name) for name, expr in printed.items()]
    )


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
