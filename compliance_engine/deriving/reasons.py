"""Why a finding is what it is, in words: the condition that failed, the figures, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.context import computed, roots_of
from compliance_engine.deriving.kleene import expression, negation
from compliance_engine.model.findings import Status
from compliance_engine.model.program import DoneSpec, ForbidSpec, LimitSpec, NamedNode, RequireSpec

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.judging import Judged

WORDS = {"<=": "at most", "<": "below", ">=": "at least", ">": "above", "=": "equal to"}


def reason_column(judged: Judged, context: Context, truths: pl.DataFrame, frame: pl.DataFrame) -> pl.Series:
    """Give the reason of each finding."""
    base = pl.concat(
        [
            context.frame,
            truths.drop("row"),
            frame.select(
                pl.col("status").alias("!status"),
                pl.col("value").alias("!value"),
                pl.col("limit").alias("!limit"),
                pl.col("days_late").alias("!late"),
                pl.col("cured").alias("!cured"),
                pl.col("due").alias("!due"),
                pl.col("exceedance_percent").alias("!percent"),
            ),
        ],
        how="horizontal",
    )
    said = {
        Status.VIOLATION: _breach,
        Status.COMPLIANT: _kept,
        Status.NOT_APPLICABLE: _outside,
        Status.EXEMPT: _exempt,
        Status.UNDETERMINED: _open,
        Status.PENDING: _open,
    }
    rows, texts = [], []
    for status in sorted(frame["status"].unique().cast(pl.String)):
        chosen = (frame["status"] == status).arg_true()
        text = said[Status(status)](judged)
        kept = base if chosen.len() == base.height else base.select(roots_of(text) or "!status")[chosen]
        rows.append(chosen)
        texts.append(computed(kept, text))
    if len(texts) == 1:
        return texts[0].alias("reason")
    if not texts:
        return pl.Series("reason", [], dtype=pl.String)
    return pl.concat(texts).gather(pl.concat(rows).arg_sort()).alias("reason")


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
        value = pl.coalesce(pl.col("!value"), pl.lit("not known"))
        limit = pl.coalesce(pl.col("!limit"), pl.lit("a limit that is not known"))
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
        percent = pl.when(pl.col("!percent").is_not_null()).then(
            pl.concat_str(
                pl.lit(", "),
                pl.col("!percent").round(1).cast(pl.String).str.replace(r"\.?0+$", ""),
                pl.lit(" % beyond"),
            )
        )
        return pl.concat_str(
            pl.coalesce(pl.col("!value"), pl.lit("the value")),
            pl.lit(f" is not {_symbol(judged)} "),
            pl.coalesce(pl.col("!limit"), pl.lit("the limit")),
            percent.fill_null(""),
        )
    late = (
        pl.when(pl.col("!cured").is_not_null())
        .then(
            pl.concat_str(
                pl.lit(", done "),
                pl.col("!late").cast(pl.String),
                pl.lit(" days late on "),
                pl.col("!cured").cast(pl.String),
            )
        )
        .when(pl.col("!late").is_not_null())
        .then(pl.concat_str(pl.lit(", "), pl.col("!late").cast(pl.String), pl.lit(" days late")))
        .otherwise(pl.lit(""))
    )
    due = (
        pl.when(pl.col("!due").is_not_null() & pl.lit(judged.due.stated))
        .then(pl.concat_str(pl.lit(" by "), pl.col("!due").cast(pl.String)))
        .otherwise(pl.lit(""))
    )
    if isinstance(demand, RequireSpec):
        return pl.concat_str(
            pl.lit("not met"), due, pl.lit(": "), _named(demand.parts, "part", judged, failing=True), late
        )
    if isinstance(demand, ForbidSpec):
        return pl.lit(f"there was {demand.text}")
    return pl.concat_str(pl.lit("not done"), due, late)


def _kept(judged: Judged) -> pl.Expr:
    demand = judged.duty.demand
    if isinstance(demand, LimitSpec):
        found = pl.concat_str(
            pl.coalesce(pl.col("!value"), pl.lit("every record")),
            pl.lit(f" is {_symbol(judged)} "),
            pl.coalesce(pl.col("!limit"), pl.lit("the limit")),
        )
        return pl.when(pl.col("!value").is_null()).then(pl.lit("no record stands against the limit")).otherwise(found)
    if isinstance(demand, RequireSpec):
        return pl.concat_str(pl.lit("met: "), _named(demand.parts, "part", judged, failing=False))
    return pl.lit("there was none" if isinstance(demand, ForbidSpec) else "done in time")


def _outside(judged: Judged) -> pl.Expr:
    failed = _named(judged.duty.when, "when", judged, failing=True)
    return pl.concat_str(pl.lit("does not apply: not "), failed)


def _exempt(judged: Judged) -> pl.Expr:
    found = [
        _named(judged.duty.unless, "unless", judged, failing=False),
        _named(judged.duty.excused_by, "excused", judged, failing=False),
    ]
    return pl.concat_str([pl.lit("exempt: "), *found])


def _open(judged: Judged) -> pl.Expr:
    return pl.concat_str(pl.lit("not known: "), _unknowns(judged))
