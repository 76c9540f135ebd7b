"""What one leaf of an expression lacks: an empty cell, a record that is not there, a source that is not complete, an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import polars as pl

from compliance_engine.deriving.columns import few
from compliance_engine.deriving.completeness import is_complete
from compliance_engine.deriving.kleene import both, opposite
from compliance_engine.deriving.missing_words import Gap, gap, is_open, where
from compliance_engine.deriving.references import attribute_value
from compliance_engine.deriving.tables import repeated
from compliance_engine.kernel.frames import is_null, rows_where
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.kleene import Maybe
    from compliance_engine.deriving.tables import Table
    from compliance_engine.model.program import FactType

    Gaps = Iterator[Gap]

# What is known where there is no record.
WITHOUT_RECORDS = {"some", "no", "every", "count", "sum"}
READ_ELSEWHERE = (ex.DefinitionRef, ex.FindingRef, ex.Aggregate, ex.Determined, ex.PolicyRef, ex.LetRef, ex.Lookup)


def of_field(node: ex.Field, context: Context, asked: pl.Series, *, named: bool) -> Gaps:
    """Tell where a cell is empty, or a reference on the way to it; `named`: of which record has to be said."""
    for position, hop in enumerate(node.hops):
        reference = msgspec.structs.replace(node, name=hop.field, hops=node.hops[:position])
        ids, table = _cells(reference, context)
        if table.type.field(hop.field).empty == "unknown":
            yield from _empty(reference, context, rows_where(asked & is_null(ids)), named=named)
        _, index = context.follow(node.scope, node.hops[: position + 1])
        assert index is not None
        there = ~is_null(context.frame[index])
        lost = rows_where(asked & ~is_null(ids) & ~there)
        yield from gap(lost, f"there is no {hop.type} {{}}", ids[lost], f"{{}} references lead to no {hop.type}")
        asked = asked & there
    cells, table = _cells(node, context)
    shape = table.shapes.get(node.name)
    if node.empty == "unknown" and node.name != "id" and (shape is None or shape.nulls):
        yield from _empty(node, context, rows_where(asked & is_null(cells)), named=named)


def _cells(node: ex.Field, context: Context) -> tuple[pl.Series, Table]:
    column, table = context.column(node.scope, node.hops, node.name)
    return context.frame[column.meta.output_name()], table


def _empty(node: ex.Field, context: Context, rows: pl.Series, *, named: bool, text: str = "is not recorded") -> Gaps:
    """Tell that a field of some rows is empty."""
    table, index = context.follow(node.scope, node.hops)
    kind = table.type.name
    if not named:
        yield from gap(rows, f"{kind}.{node.name} {text}")
    elif rows.len():
        ids = table.frame["id"][rows if index is None else context.frame[index][rows]]
        yield from gap(rows, f"{node.name} {text} in {kind} {{}}", ids, f"{node.name} {text} in {{}} records of {kind}")


def of_bound(
    node: ex.Field, context: Context, asked: pl.Series, *, named: bool, read: ex.Censored | None = None
) -> Gaps:
    """Tell where a quantity is known as a bound only; `read`: as what a policy takes it."""
    unsettled = both(is_bound(node, context), is_open(context.once(read or node)))
    yield from _empty(node, context, where(asked, unsettled, context), named=named, text="is known as a bound only")


def is_bound(node: ex.Field, context: Context) -> Maybe:
    """Say where a quantity is printed with `<` or `>`."""
    column, table = context.column(node.scope, node.hops, f"{node.name}__q")
    shape = table.shapes.get(node.name)
    return column.fill_null(0) > 0 if shape is not None and shape.censored else False


def of_finding(node: ex.FindingRef, context: Context, asked: pl.Series) -> Gaps:
    """Tell which finding of another provision is not settled, or is not there."""
    rows = where(asked, is_open(context.once(node)), context)
    scope = f"{node.provision}/{node.duty}"
    table, index = context.follow(scope, ())
    assert index is not None
    places = context.frame[index][rows]
    there = ~is_null(places)
    yield from gap(rows.filter(~there), f"there is no finding of {node.provision}")
    told = rows.filter(there)
    if told.len():
        since = table.frame["period_from"].cast(pl.String).fill_null("")[places.filter(there)]
        yield from _unsettled(told, node.provision, since if since[0] else None)


def of_finding_field(node: ex.Field, context: Context, asked: pl.Series, provision: str, *, named: bool) -> Gaps:
    """Tell that a finding is not settled; `named`: which one has to be said."""
    rows = where(asked, is_open(attribute_value(node.scope, node.name, context)), context)
    table, index = context.follow(node.scope, ())
    if not named:
        yield from _unsettled(rows, provision, None)
    elif rows.len():
        found = table.frame["subject", "period_from"][rows if index is None else context.frame[index][rows]]
        yield from _unsettled(rows, provision, _called(found, context, rows))


def _called(found: pl.DataFrame, context: Context, rows: pl.Series) -> pl.Series:
    """Name findings by subject and first day; those of what the obligation itself speaks of by their day alone."""
    table, index = context.follow("subject", ())
    whose = table.frame["subject" if table.type.name == "finding" else "id"]
    ids = whose[rows if index is None else context.frame[index][rows]].cast(pl.String)
    day = pl.col("period_from").cast(pl.String)
    own = (pl.col("subject").cast(pl.String) == pl.lit(ids)) & day.is_not_null()
    both_told = pl.concat_str(pl.col("subject").cast(pl.String), pl.lit(" "), day, ignore_nulls=True)
    return found.select(pl.when(own).then(day).otherwise(both_told).alias("name"))["name"]


def _unsettled(rows: pl.Series, provision: str, names: pl.Series | None) -> Gaps:
    text = f"{provision} is not settled"
    if names is None:
        yield from gap(rows, text)
    else:
        yield from gap(rows, f"{text} for {{}}", names, f"{text} in {{}} findings")


def of_source(records: ex.Set, context: Context, asked: pl.Series, *, some: bool) -> Gaps:
    """Tell where a source is not stated to be complete; `some`: a `require` asks for one."""
    if records.source == "slot":
        passed = is_complete(context, records)
        stated = f"the {records.type}s looked at begin on a day that is not known, or end after the as-of date"
        yield from gap(where(asked, opposite(passed), context), stated)
    if records.source != "facts" or records.type not in context.world.tables:
        return
    refused = records.type in context.world.withdrawn
    known = f"the records of {records.type} are not known to be complete, since a row was refused"
    silent = asked & ~_is_spoken_of(records.type, context)
    yield from gap(rows_where(silent), known if refused else f"no source is stated to be complete for {records.type}")
    stated = f"the records of {records.type} are not stated to be complete for that time"
    rows = where(asked & ~silent, opposite(is_complete(context, records, asked=some)), context)
    yield from gap(rows, f"{stated}, or a row of it was refused" if refused else stated)


def _is_spoken_of(kind: str, context: Context) -> pl.Series:
    """Say, row by row, whether a source is stated to be complete for a type at the row's site, at whatever time."""
    sites = {site for site, _, _ in context.world.covered.get(kind, ())}
    height = context.frame.height
    if None in sites or not sites or "site" not in context.frame.columns:
        return repeated(value=None in sites, height=height, dtype=pl.Boolean)
    places = context.frame["site"].cast(pl.String)
    if few(height):
        return pl.Series([place in sites for place in places.to_list()], dtype=pl.Boolean)
    return places.is_in(list(sites)).fill_null(value=False)


def of_span(scope: str, context: Context, asked: pl.Series, *, named: bool) -> Gaps:
    """Tell where it is not known when a record happened, or from when to when it is so."""
    table = context.scopes[scope].table
    kind = table.type
    if kind.kind == "event":
        yield from of_field(_field(kind, scope, kind.time), context, asked, named=named)
        return
    for name in (kind.span_from, kind.span_to):
        if name:
            yield from of_field(_field(kind, scope, name), context, asked, named=named)
    if kind.goes_on:  # that it may go on matters once its last day is over
        ends, _ = _cells(_field(kind, scope, kind.span_to), context)
        last = next((name for name in ("w.to", "p.to") if name in context.frame.columns), None)
        looked_at = context.frame[last].cast(pl.Date) if last else context.world.as_of
        over = (ends.cast(pl.Date) < looked_at).fill_null(value=False)  # a column that no source has is of no type
        yield from of_field(_field(kind, scope, kind.goes_on), context, asked & over, named=named)


def _field(kind: FactType, scope: str, name: str) -> ex.Field:
    return ex.Field(kind="date", scope=scope, type=kind.name, name=name, empty=kind.field(name).empty)


def of_nothing(node: ex.Aggregate, context: Context, there: pl.Series, asked: pl.Series) -> Gaps:
    """Tell where no record stands for a statistic to be found of, though none is missing: `there` are the rows that have one."""
    if node.function not in WITHOUT_RECORDS:
        empty = repeated(value=True, height=asked.len(), dtype=pl.Boolean).scatter(there, values=False)
        rows = where(asked & empty, is_complete(context, node.set), context)
        kind = f"record of {node.set.type}" if node.set.source == "facts" else node.set.type
        yield from gap(rows, f"there is no {kind} that counts")


def of_answer(node: ex.Determined, context: Context, asked: pl.Series) -> Gaps:
    """Tell which question has no answer that counts."""
    text = f'no determination settles "{node.question}"'
    yield from gap(where(asked, is_open(context.once(node)), context), text)


def of_policy(node: ex.PolicyRef, context: Context, asked: pl.Series) -> Gaps:
    """Tell which choice is not stated."""
    text = f"no choice is stated for the policy {node.id}"
    yield from gap(where(asked, is_open(context.once(node)), context), text)


def of_cell(node: ex.Lookup, context: Context, asked: pl.Series) -> Gaps:
    """Tell where a table has no row for keys that are known."""
    lacks = is_open(context.once(node))
    for key in node.keys:
        lacks = both(lacks, opposite(is_open(context.once(key))))
    yield from gap(where(asked, lacks, context), f"{node.table} has no row for it")


def may_lack(node: ex.Aggregate, context: Context) -> bool:
    """Say whether what a statistic reads of its records may be missing in one of them."""
    chosen = node.set
    if chosen.source != "facts" or node.function not in WITHOUT_RECORDS:
        return True
    table = context.world.tables[chosen.type]
    if table.frame.is_empty():
        return False
    times = [n for n in (table.type.time, table.type.span_from, table.type.span_to, table.type.goes_on) if n]
    if any(table.shapes[name].nulls for name in times if name in table.shapes):
        return True
    read = parts((chosen.where, tuple(pair.record for pair in chosen.pairs), node.value, node.condition))
    return any(isinstance(part, READ_ELSEWHERE) or _may_be_empty(part, chosen.scope, table) for part in read)


def _may_be_empty(part: object, scope: str, table: Table) -> bool:
    if not isinstance(part, ex.Field) or part.scope != scope:
        return False
    shape = table.shapes.get(part.name)
    return bool(part.hops) or shape is None or bool(shape.nulls) or shape.censored
