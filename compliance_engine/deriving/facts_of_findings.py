"""The findings of a duty as facts of the type `finding`: what later provisions read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.beyond import UNKNOWN, columns_beyond
from compliance_engine.deriving.columns import evaluated
from compliance_engine.deriving.kleene import expression
from compliance_engine.deriving.tables import DOUBT, Table, repeated
from compliance_engine.deriving.world import Result
from compliance_engine.model.facts import Shape
from compliance_engine.model.program import FactType, FieldType
from compliance_engine.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_engine.deriving.assembling import Assembled
    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.judging import Judged
    from compliance_engine.model.program import DutySpec, ProvisionSpec

FINDING_TYPE = FactType(
    name="finding",
    kind="state",
    time="period_to",
    span_from="period_from",
    span_to="period_to",
    fields=(FieldType(name="subject", base="reference"), FieldType(name="status", base="text")),
    site=("site",),
)


# What is read of a finding (`references.attribute_value`) and where it stands, as `facts_of` gives it; ratios only of limits.
SCHEMA: dict[str, type[pl.DataType]] = {
    **dict.fromkeys(("id", "subject", "site", "status", "amount__u"), pl.String),
    **dict.fromkeys(("period_from", "period_to", "bound_from", "bound_to", "due", "cured", "breach_at"), pl.Date),
    **dict.fromkeys((f"{name}__{end}" for name in ("applies", "met", "lifted") for end in "tf"), pl.Boolean),
    **dict.fromkeys((f"{name}__{part}" for name in ("exceedance", "amount") for part in "nd"), pl.Int128),
    **dict.fromkeys(("exceedance__x", "amount__x", DOUBT, "reported"), pl.Boolean),
    "days_late": pl.Int32,
    "subject_row": pl.UInt32,
    "period": pl.Int32,
}


def facts_of(judged: Judged, frame: pl.DataFrame, truths: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, Shape]]:
    """Give the findings as facts of the type `finding`, with what `references.attribute_value` reads."""
    context = judged.context
    perhaps, surely = frame["met"] != "true", frame["met"] == "false"
    day = pl.coalesce("due", "period_to")
    columns = frame.select(
        pl.col("finding").alias("id"),
        "subject",
        pl.col("site").cast(pl.String),
        *_calendar_period(context),
        pl.col("period_from").alias("bound_from"),
        pl.col("period_to").alias("bound_to"),
        "due",
        pl.when(pl.lit(surely)).then("days_late").alias("days_late"),
        pl.col("status").cast(pl.String),
        "cured",
        pl.when(pl.lit(perhaps)).then(day).alias("breach_at"),
    )
    truth = truths.select(pl.col(f"{n}.{e}").alias(f"{n}__{e}") for n in ("applies", "met", "lifted") for e in "tf")
    settled = ~columns["status"].is_in([Status.UNDETERMINED.value, Status.PENDING.value])
    columns = columns.with_columns(pl.when(pl.lit(settled)).then("status").alias("status"))
    scope = context.scopes["subject"]
    row = context.frame[scope.index or "subject#"].alias("subject_row")
    period = context.frame["p.index"].cast(pl.Int32) if "p.index" in context.frame.columns else None
    beyond, shapes = columns_beyond(judged, pl.lit(surely))
    read = {DOUBT: expression(judged.exists.may_not), **beyond}
    reported = repeated(value=True, height=judged.height, dtype=pl.Boolean())
    reported = context.frame["reported"] if "reported" in context.frame.columns else reported
    return pl.concat([columns, truth, evaluated(context, **read)], how="horizontal").with_columns(
        row,
        (repeated(None, judged.height, pl.Int32) if period is None else period).alias("period"),
        reported.alias("reported"),
    ), shapes


def _calendar_period(context: Context) -> list[pl.Series | str]:
    """Give the first and last day of the whole calendar period of each obligation, where there is one; else of its window."""
    if "p.from" not in context.frame.columns:
        return ["period_from", "period_to"]
    ends = (("period_from", "p.from"), ("period_to", "p.to"))
    return [context.frame[end].cast(pl.Int32).cast(pl.Date).alias(name) for name, end in ends]


def without_findings(provision: ProvisionSpec, duty: DutySpec) -> Result:
    """Give the findings of a duty as long as there are none, for what reads them."""
    table = Table(FINDING_TYPE, pl.DataFrame(schema=SCHEMA), UNKNOWN)
    return Result(table, provision.subject.type, provision.subject.finding, duty.grain)


def with_findings(result: Result, found: Sequence[Assembled]) -> Result:
    """Put in the findings of a duty, of all versions of its provision that have some."""
    frame = pl.concat([one.facts for one in found], how="diagonal_relaxed")
    shapes = {name: _widest([one.shapes[name] for one in found]) for name in UNKNOWN}
    return replace(result, table=Table(FINDING_TYPE, frame, shapes))


def _widest(shapes: Sequence[Shape]) -> Shape:
    return Shape(scale=max(one.scale for one in shapes), largest=max(one.largest for one in shapes))
