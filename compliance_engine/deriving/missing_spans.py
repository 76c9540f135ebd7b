"""What is not recorded of the days on which something holds, so that it is not known whether a subject is bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates
from compliance_engine.deriving.kleene import expression
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.tables import day_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_engine.deriving.context import Context
    from compliance_engine.model.program import FactType, ProvisionSpec


def what_spans_lack(provision: ProvisionSpec, context: Context) -> Iterator[pl.DataFrame]:
    """Give what the days of the subjects, and of the states of `while`, lack: columns row, text."""
    if not provision.subject.finding and "subject" in context.scopes:
        here = context.compute(pl.lit(value=True))
        yield from _lacked("subject", context, here, pl.int_range(here.len(), dtype=pl.UInt32, eager=True))
    for chosen in provision.bound_while:
        child, inside = members(context, chosen)
        yield from _lacked(chosen.scope, child, child.compute(expression(inside.may)), child.frame["row"])


def _lacked(scope: str, context: Context, here: pl.Series, rows: pl.Series) -> Iterator[pl.DataFrame]:
    table = context.scopes[scope].table
    for name in _days(table.type):
        lacking = here & context.compute(context.column(scope, (), day_column(table.type, name))[0].is_null())
        yield _told(rows.filter(lacking), table.type, name)
    if table.type.goes_on:
        open_end = context.column(scope, (), table.type.goes_on)[0].is_null() & _is_over(scope, table.type, context)
        yield _told(rows.filter(here & context.compute(open_end)), table.type, table.type.goes_on)


def _days(fact: FactType) -> list[str]:
    """Name the days that say when something holds, of which an empty one is not known."""
    named = [fact.time] if fact.kind == "event" else [fact.span_from, fact.span_to] if fact.kind == "state" else []
    return [name for name in named if name and fact.field(name).empty == "unknown"]


def _is_over(scope: str, fact: FactType, context: Context) -> pl.Expr:
    """Say whether a span would be over before the last day of the period (without one, before the as-of date)."""
    end = context.column(scope, (), fact.span_to)[0].cast(pl.Date).cast(pl.Int32)
    as_of = pl.lit(dates.days_of(context.world.as_of), dtype=pl.Int32)
    last = pl.min_horizontal(pl.col("p.to"), as_of) if "p.to" in context.frame.columns else as_of
    return (end < last).fill_null(value=False)


def _told(rows: pl.Series, fact: FactType, name: str) -> pl.DataFrame:
    frame = pl.DataFrame({"row": rows.cast(pl.UInt32)}).unique(maintain_order=True)
    return frame.with_columns(text=pl.lit(f"{fact.name}.{name} is not recorded"))
