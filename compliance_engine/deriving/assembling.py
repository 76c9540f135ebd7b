"""Make the findings of a duty into frames: what is reported and stored, and what later provisions read as facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, evidence, figures, identity, rational
from compliance_engine.deriving.context import MANY, computed, evaluated
from compliance_engine.deriving.facts_of_findings import facts_of
from compliance_engine.deriving.lateness import lateness
from compliance_engine.deriving.reasons import reason_column
from compliance_engine.deriving.tables import id_hashes, repeated
from compliance_engine.model.findings import Status

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.judging import Judged
    from compliance_engine.model.facts import Shape

# So many findings of a duty that call for nothing have their evidence listed: more are proved by the records that the sources keep.
MOST_PROVED = 2_000
SEVERITY = pl.Enum(["minor", "moderate", "major", "critical"])


@dataclass(frozen=True, slots=True)
class Assembled:
    """The findings of one duty: `frame` to report, `links` its evidence by finding, `facts` what later provisions read, `trace` its derivation."""

    frame: pl.DataFrame
    links: pl.DataFrame
    facts: pl.DataFrame
    shapes: dict[str, Shape]
    trace: pl.DataFrame


def assemble(judged: Judged, truths: pl.DataFrame, settled: pl.DataFrame) -> Assembled:
    """Give the findings of a duty with their reasons, figures and evidence."""
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
    frame = pl.DataFrame(_identity(judged, context)).hstack(settled).hstack(told[[*shown, *printed]])
    frame = frame.hstack(
        [
            repeated(judged.duty.severity, judged.height, SEVERITY).alias("severity"),
            repeated(judged.provision.version, judged.height, pl.UInt16).alias("version"),
            figures.percent_beyond(context, ratio, violated),
        ]
    )
    frame = frame.hstack([reason_column(judged, context, truths, frame)])
    read = judged.provision.id in context.world.read
    facts, shapes = facts_of(judged, frame, truths, ratio) if read else (pl.DataFrame(), {})
    found = _links(judged, frame["status"])
    found = found.hstack([frame["finding"][found["row"]]]).drop("row")
    trace = pl.DataFrame([told[name] for name in (*conditions, *lets)])
    if "reported" in context.frame.columns:  # earlier periods serve what looks back at them
        reported = context.frame["reported"]
        frame, trace = frame.filter(reported), trace.filter(reported) if trace.width else trace
        found = found.filter(pl.col("finding").is_in(frame["finding"].implode()))
    return Assembled(frame, found, facts, shapes, trace)


def _told(context: Context, exprs: dict[str, pl.Expr], printed: dict[str, pl.Expr]) -> pl.DataFrame:
    """Compute what is told of each obligation; of many, each different figure is printed once."""
    if context.frame.height < MANY:
        return evaluated(context, **exprs, **printed)
    return evaluated(context, **exprs).hstack(
        [computed(context.frame, expr).alias(name) for name, expr in printed.items()]
    )


def _links(judged: Judged, status: pl.Series) -> pl.DataFrame:
    """Give the evidence of each finding; of what was kept or does not apply only where the duty has not very many of them."""
    open_or_broken = status.is_in(
        [s.value for s in (Status.VIOLATION, Status.UNDETERMINED, Status.EXEMPT, Status.PENDING)]
    )
    parts = [pl.DataFrame(schema=evidence.SCHEMA)]
    for chosen, find, most in (
        (open_or_broken, evidence.links, status.len()),
        (status == Status.COMPLIANT.value, evidence.links_of_kept, MOST_PROVED),
        (status == Status.NOT_APPLICABLE.value, evidence.links_of_outside, MOST_PROVED),
    ):
        rows = chosen.arg_true().cast(pl.UInt32)
        if 0 < rows.len() <= most:
            parts.append(find(judged, rows))
    return pl.concat(parts)


def _identity(judged: Judged, context: Context) -> dict[str, pl.Series]:
    height = judged.height
    scope = context.scopes["subject"]
    index = context.frame[scope.index or "subject#"]
    subject = scope.table.frame["id"][index].cast(pl.String).alias("subject")
    occurrence = _occurrence(context, height)
    duty = f"{judged.provision.id}/{judged.duty.id}"
    ids = identity.mixed(
        [
            repeated(identity.text_hashes(pl.Series([duty])).item(), height, pl.UInt64),
            id_hashes(scope.table)[index] if height > scope.table.frame.height else identity.text_hashes(subject),
            identity.text_hashes(occurrence),
        ]
    )
    if ids.n_unique() != height:
        message = f"two obligations of {duty} have one id"
        raise AssertionError(message)
    names = {
        "provision": judged.provision.id,
        "duty": judged.duty.id,
        "subject_type": "finding" if judged.provision.subject.finding else judged.provision.subject.type,
    }
    return {
        "finding": identity.hex_texts(ids),
        "site": context.frame["site"].cast(pl.Categorical),
        **{name: repeated(text, height, pl.Categorical) for name, text in names.items()},
        "subject": subject,
        "occurrence": occurrence,
        **_period(context),
    }


def _period(context: Context) -> dict[str, pl.Series]:
    """Give the first and last day of each obligation; none where there is no window, no day in it (due before it begins), or no end."""
    height, columns = context.frame.height, context.frame.columns
    if "p.from" not in columns and "w.from" not in columns:
        return {name: repeated(None, height, pl.Date) for name in ("period_from", "period_to")}
    first, last = pl.col("w.from").cast(pl.Int32), pl.col("w.to").cast(pl.Int32)
    days = [pl.when(end < dates.NEVER).then(end).cast(pl.Date) for end in (first, last)]
    if "w.cfrom" in columns:
        inside = ((first <= last) & (first < dates.NEVER)).fill_null(value=True)
        days = [pl.when(inside).then(day) for day in days]
    found = context.frame.select(day.alias(name) for name, day in zip(("period_from", "period_to"), days, strict=True))
    return found.to_dict()


def _occurrence(context: Context, height: int) -> pl.Series:
    if "occurrence" in context.scopes:
        scope = context.scopes["occurrence"]
        assert scope.index is not None
        return scope.table.frame["id"].cast(pl.String)[context.frame[scope.index]]
    if "chain.due" in context.frame.columns:
        return context.compute(dates.as_date(pl.col("chain.due")).cast(pl.String).fill_null("")).alias("o")
    if "p.index" in context.frame.columns:
        return computed(context.frame, dates.as_date(pl.col("p.from")).cast(pl.String))
    return repeated("", height, pl.String)


def _due(judged: Judged) -> pl.Expr:
    day = judged.due.day
    fixed = day.low.num if day.exact else pl.when(rational.compare("==", day.low, day.high)).then(day.low.num)
    shown: pl.Expr = pl.when(fixed < dates.NEVER).then(fixed)
    if judged.due.standing:
        shown = pl.lit(None, dtype=pl.Int64)
    return dates.as_date(shown)


def _due_at(judged: Judged) -> pl.Expr:
    at = judged.due.at
    found = (
        pl.lit(None, dtype=pl.Int64)
        if at is None
        else at.low.num
        if at.exact
        else pl.when(rational.compare("==", at.low, at.high)).then(at.low.num)
    )
    return found.cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
