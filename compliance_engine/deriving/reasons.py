"""Why a finding is what it is, in words: the condition that failed, the figures, what is missing.

A figure stands in the words as its place (`Told`), so that a duty with a thousand findings has few different reasons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.context import computed, roots_of
from compliance_engine.deriving.kleene import expression, negation
from compliance_engine.deriving.missing import missing_facts
from compliance_engine.deriving.settling import BITS
from compliance_engine.model.findings import Status, Told
from compliance_engine.model.program import DoneSpec, ForbidSpec, LimitSpec, NamedNode, RequireSpec

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.judging import Judged

WORDS = {"<=": "at most", "<": "below", ">=": "at least", ">": "above", "=": "equal to"}


def reason_column(judged: Judged, context: Context, truths: pl.DataFrame, frame: pl.DataFrame) -> pl.Series:
    """Give the reason of each finding."""
    figures = [
        pl.col(name).is_not_null().alias(f"!{name}")
        for name in ("value", "limit", "exceedance_percent", "days_late", "cured", "due")
    ]
    base = context.frame.hstack(truths[list(BITS)]).hstack(frame.select(figures))
    said = {
        Status.VIOLATION: _breach,
        Status.COMPLIANT: _kept,
        Status.NOT_APPLICABLE: _outside,
        Status.EXEMPT: _exempt,
        Status.UNDETERMINED: _open,
        Status.PENDING: _open,
    }
    rows: list[pl.Series] = []
    texts: list[pl.Series] = []
    for status in sorted(frame["status"].unique().cast(pl.String)):
        chosen = (frame["status"] == status).arg_true()
        text = said[Status(status)](judged)
        kept = base if chosen.len() == base.height else base.select(roots_of(text) or "!due")[chosen]
        told = computed(kept, text.cast(pl.Categorical))
        rows.append(chosen)
        texts.append(_with_missing(judged, chosen, told) if status == Status.UNDETERMINED.value else told)
    if len(texts) == 1:
        return texts[0].alias("reason")
    if not texts:
        return pl.Series("reason", [], dtype=pl.Categorical)
    return pl.concat(texts)[pl.concat(rows).arg_sort()].alias("reason")


def _with_missing(judged: Judged, rows: pl.Series, told: pl.Series) -> pl.Series:
    """Add to what is not known which missing fact would settle it."""
    frame = pl.DataFrame({"told": told.cast(pl.String), "missing": missing_facts(judged, rows.cast(pl.UInt32))})
    more = (
        pl.when(pl.col("missing") != "").then(pl.concat_str("told", pl.lit("; missing: "), "missing")).otherwise("told")
    )
    return frame.select(more.cast(pl.Categorical).alias("told"))["told"]


def _or_else(told: str, place: str, otherwise: str) -> pl.Expr:
    """Give the place of a figure where there is one, else these words."""
    return pl.when(pl.col(told)).then(pl.lit(place)).otherwise(pl.lit(otherwise))


def _named(items: tuple[NamedNode, ...], role: str, judged: Judged, *, failing: bool) -> pl.Expr:
    """Name the conditions that certainly hold (or fail), joined by commas."""
    found = []
    for item in items:
        truth = judged.parts[role, item.name]
        sure = ~expression(negation(truth).may) if not failing else ~expression(truth.may)
        label = item.because or item.text
        found.append(pl.when(sure).then(pl.lit(f"{item.name}: {label}" if item.because else label)))
    return pl.concat_str(found, separator="; ", ignore_nulls=True) if found else pl.lit("")


def _unknowns(judged: Judged) -> pl.Expr:
    """Name the conditions that are not known."""
    rows = [
        *(("when", i) for i in judged.duty.when),
        *(("unless", i) for i in judged.duty.unless),
        *(("excused", i) for i in judged.duty.excused_by),
    ]
    if isinstance(judged.duty.demand, RequireSpec):
        rows += [("part", i) for i in judged.duty.demand.parts]
    found = []
    if ("scope", "it is a subject, bound at that time") in judged.parts:
        truth = judged.parts["scope", "it is a subject, bound at that time"]
        found.append(
            pl.when(expression(truth.may) & expression(truth.may_not)).then(pl.lit("whether it was bound at that time"))
        )
    for role, item in rows:
        truth = judged.parts[role, item.name]
        found.append(pl.when(expression(truth.may) & expression(truth.may_not)).then(pl.lit(f"whether {item.text}")))
    if not isinstance(judged.duty.demand, RequireSpec):
        found.append(pl.when(pl.col("met.t") & pl.col("met.f")).then(_unknown_demand(judged)))
    return pl.concat_str(found, separator="; ", ignore_nulls=True) if found else pl.lit("")


def _unknown_demand(judged: Judged) -> pl.Expr:
    demand = judged.duty.demand
    if isinstance(demand, LimitSpec):
        value = _or_else("!value", Told.VALUE, "not known")
        limit = _or_else("!limit", Told.LIMIT, "a limit that is not known")
        return pl.concat_str(pl.lit(f"{demand.value.text} is "), value, pl.lit(", held against "), limit)
    if isinstance(demand, ForbidSpec):
        return pl.lit(f"whether there was {demand.text}")
    assert isinstance(demand, DoneSpec)
    return pl.lit(f"when it was done ({demand.date.text})")


def _symbol(judged: Judged) -> str:
    demand = judged.duty.demand
    assert isinstance(demand, LimitSpec)
    return WORDS.get(getattr(demand.must, "value", None) or "", "within")


def _breach(judged: Judged) -> pl.Expr:
    demand = judged.duty.demand
    if isinstance(demand, LimitSpec):
        return pl.concat_str(
            _or_else("!value", Told.VALUE, "the value"),
            pl.lit(f" is not {_symbol(judged)} "),
            _or_else("!limit", Told.LIMIT, "the limit"),
            _or_else("!exceedance_percent", f", {Told.PERCENT} % beyond", ""),
        )
    if isinstance(demand, ForbidSpec):
        return pl.lit(f"there was {demand.text}")
    late = (
        pl.when(pl.col("!cured"))
        .then(pl.lit(f", done {Told.LATE} days late on {Told.CURED}"))
        .otherwise(_or_else("!days_late", f", {Told.LATE} days late", ""))
    )
    due = _or_else("!due", f" by {Told.DUE}", "") if judged.due.stated else pl.lit("")
    if isinstance(demand, RequireSpec):
        return pl.concat_str(
            pl.lit("not met"), due, pl.lit(": "), _named(demand.parts, "part", judged, failing=True), late
        )
    return pl.concat_str(pl.lit("not done"), due, late)


def _kept(judged: Judged) -> pl.Expr:
    demand = judged.duty.demand
    if isinstance(demand, LimitSpec):
        limit = _or_else("!limit", Told.LIMIT, "the limit")
        found = pl.concat_str(pl.lit(f"{Told.VALUE} is {_symbol(judged)} "), limit)
        return pl.when(pl.col("!value")).then(found).otherwise(pl.lit("no record stands against the limit"))
    if isinstance(demand, RequireSpec):
        return pl.concat_str(pl.lit("met: "), _named(demand.parts, "part", judged, failing=False))
    return pl.lit("there was none" if isinstance(demand, ForbidSpec) else "done in time")


def _outside(judged: Judged) -> pl.Expr:
    displacing = tuple(item for item in judged.duty.when if item.because)
    plain = tuple(item for item in judged.duty.when if not item.because)
    failed = _named(plain, "when", judged, failing=True)
    if not displacing:
        return pl.concat_str(pl.lit("does not apply: not "), failed)
    told = pl.when(failed != "").then(pl.concat_str(pl.lit("not "), failed))
    displaced = _named(displacing, "when", judged, failing=True)
    both = pl.concat_str(told, pl.when(displaced != "").then(displaced), separator="; ", ignore_nulls=True)
    return pl.concat_str(pl.lit("does not apply: "), both)


def _exempt(judged: Judged) -> pl.Expr:
    found = [
        _named(judged.duty.unless, "unless", judged, failing=False),
        _named(judged.duty.excused_by, "excused", judged, failing=False),
    ]
    return pl.concat_str([pl.lit("exempt: "), *found])


def _open(judged: Judged) -> pl.Expr:
    return pl.concat_str(pl.lit("not known: "), _unknowns(judged))
