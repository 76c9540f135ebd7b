"""The days that each record spans: for certain, and perhaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.columns import few, selected
from compliance_engine.deriving.context import Context
from compliance_engine.deriving.tables import Table, day_column
from compliance_engine.deriving.windows import FAR
from compliance_engine.deriving.world import Scope
from compliance_engine.model import expression as ex

if TYPE_CHECKING:
    from compliance_engine.deriving.world import World
    from compliance_engine.model.expression import Set


def record_times(world: World, table: Table) -> pl.DataFrame:
    """Give the span of every record of a table in days: r.from, r.to (possible), r.certain_from, r.certain_to; of few found once."""
    held = table.lookup.get("times")
    if held is None:
        base = pl.DataFrame({"record": pl.int_range(table.frame.height, dtype=pl.UInt32, eager=True)})
        own = Context(world, base, {"record": Scope(table, None)}, {})
        columns = times_of(own, ex.Set(source="facts", type=table.type.name, scope="record"), table)
        held = selected(own.frame, columns)
        if few(table.frame.height):
            table.lookup["times"] = held
    return held


def times_of(own: Context, chosen: Set, table: Table) -> list[pl.Expr]:
    """Give from, to, certain_from, certain_to of each record in days; an event is a day long."""
    kind = table.type.kind

    def read(name: str) -> pl.Expr:
        return own.column(chosen.scope, (), name)[0].cast(pl.Date).cast(pl.Int32)

    if chosen.source == "finding":
        start, end = read("bound_from"), read("bound_to")
        return _span(start, start, end, end)
    if kind in {"event", "plan"} and table.type.time and table.frame.height:
        day = read(day_column(table.type, table.type.time))
        return _span(day, day, day, day)
    if kind == "state" and table.frame.height:
        return _state_span(own, chosen, table, read)
    return _span(*(pl.lit(v, dtype=pl.Int32) for v in (-FAR, -FAR, FAR, FAR)))


def _span(start: pl.Expr, certain_start: pl.Expr, end: pl.Expr, certain_end: pl.Expr) -> list[pl.Expr]:
    """Name the possible span and the certain one (null ends: not known)."""
    return [
        start.fill_null(-FAR).alias("r.from"),
        end.fill_null(FAR).alias("r.to"),
        certain_start.fill_null(FAR).alias("r.certain_from"),
        certain_end.fill_null(-FAR).alias("r.certain_to"),
    ]


def _state_span(own: Context, chosen: Set, table: Table, read: object) -> list[pl.Expr]:
    fact = table.type
    start = read(fact.span_from) if fact.span_from else pl.lit(-FAR, dtype=pl.Int32)  # type: ignore[operator]
    if not fact.span_to:
        return _span(start, start, pl.lit(FAR, dtype=pl.Int32), pl.lit(FAR, dtype=pl.Int32))
    end = read(fact.span_to)  # type: ignore[operator]
    if fact.field(fact.span_to).empty in {"never", "none"}:
        end = end.fill_null(FAR)
    if not fact.goes_on:
        return _span(start, start, end, end)
    on = own.column(chosen.scope, (), fact.goes_on)[0].cast(pl.Boolean)
    possible = pl.when(on.fill_null(value=True)).then(FAR).otherwise(end)
    certain = pl.when(on.fill_null(value=False)).then(FAR).otherwise(end)
    return _span(start, start, possible, certain)
