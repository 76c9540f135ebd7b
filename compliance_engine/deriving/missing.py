"""Which missing fact would settle an undetermined finding: a field that is not recorded, a source that does not say it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.aggregates import place_of
from compliance_engine.deriving.completeness import is_complete
from compliance_engine.deriving.judging import BOUND, until_due
from compliance_engine.deriving.kleene import Maybe, expression, opposite
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.missing_in_records import stands_here, what_records_lack
from compliance_engine.deriving.missing_spans import what_spans_lack
from compliance_engine.deriving.tables import ROW_NUMBER
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import parts
from compliance_engine.model.program import DoneSpec, ForbidSpec, LimitSpec, RequireSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.judging import Judged

# Records that stand where the obligation stands: only of these it is known which field is empty.
STANDING = {"subject", "occurrence"}


def missing_facts(judged: Judged, rows: pl.Series) -> pl.Series:
    """Name what is missing for each of some obligations (row numbers, ascending), "" where nothing of the kind was found."""
    context = judged.context.kept(rows)
    told: list[pl.DataFrame] = []
    for guard, node in _open_parts(judged):
        asked = isinstance(judged.duty.demand, RequireSpec) and node in {i.node for i in judged.duty.demand.parts}
        context.until = until_due(context, judged.due) if asked and judged.due.stated else None
        is_open = context.compute(expression(guard)).arg_true()
        told += [found.filter(pl.col("row").is_in(is_open.implode())) for found in _lacking(node, context, judged)]
    if BOUND in judged.parts:
        truth = judged.parts[BOUND]
        is_open = context.compute(expression(truth.may) & expression(truth.may_not)).arg_true()
        lacked = what_spans_lack(judged.provision, context)
        told += [found.filter(pl.col("row").is_in(is_open.implode())) for found in lacked]
    every = pl.DataFrame({"row": pl.int_range(rows.len(), dtype=pl.UInt32, eager=True)})
    if not told:
        return every.select(missing=pl.lit(""))["missing"].new_from_index(0, rows.len())
    once = pl.concat(told).unique(maintain_order=True)
    named = once.group_by("row", maintain_order=True).agg(missing=pl.col("text").str.join("; "))
    return every.join(named, on="row", how="left", maintain_order="left")["missing"].fill_null("")


def _open_parts(judged: Judged) -> Iterator[tuple[Maybe, object]]:
    """Give the conditions and the demand of a duty, each with where it is not known."""
    items = [*(("when", i) for i in judged.duty.when), *(("unless", i) for i in judged.duty.unless)]
    items += [("excused", i) for i in judged.duty.excused_by]
    demand = judged.duty.demand
    if isinstance(demand, RequireSpec):
        items += [("part", i) for i in demand.parts]
    for role, item in items:
        truth = judged.parts[role, item.name]
        yield expression(truth.may) & expression(truth.may_not), item.node
    bound = judged.parts.get(BOUND)
    if bound is not None:
        subject = judged.provision.subject
        yield expression(bound.may) & expression(bound.may_not), (subject.where, judged.provision.bound_while)
    unknown = expression(judged.met.may) & expression(judged.met.may_not)
    if isinstance(demand, LimitSpec):
        yield unknown, (demand.value.node, demand.of.node, demand.set)
    elif isinstance(demand, DoneSpec):
        yield unknown, demand.date.node
    elif isinstance(demand, ForbidSpec):
        yield unknown, demand.set
    yield unknown, (judged.duty.after, judged.duty.by, judged.duty.recur)


def _lacking(node: object, context: Context, judged: Judged) -> Iterator[pl.DataFrame]:
    """Give what an expression reads, through lets and definitions of the same subject, and what of it is missing: columns row, text."""
    waiting, seen = [node], set[object]()
    while waiting:
        here = waiting.pop()
        places = {part.set: place_of(part, context) for part in parts(here) if isinstance(part, ex.Aggregate)}
        for part in parts(here):
            if part in seen:
                continue
            seen.add(part)
            if isinstance(part, ex.Field):
                yield from _rows(_empty_field(part, context), context)
            elif isinstance(part, ex.Set):
                place = places.get(part, context)
                yield from _rows(_open_source(part, place), place)
                yield from _rows(_open_findings(part, place), place)
            else:
                waiting += _named_by(part, context, judged)
        yield from what_records_lack(here, context)


def _rows(found: Iterator[tuple[str, pl.Expr]], context: Context) -> Iterator[pl.DataFrame]:
    for text, lacks in found:
        lacking = context.compute(lacks).arg_true()
        yield pl.DataFrame({"row": lacking.cast(pl.UInt32)}).with_columns(text=pl.lit(text))


def _named_by(part: object, context: Context, judged: Judged) -> list[object]:
    """Give what a name stands for: a `let`, or a definition of the same subject."""
    if isinstance(part, ex.LetRef) and part.name in context.lets:
        return [context.lets[part.name].node]
    if isinstance(part, ex.DefinitionRef) and part.subject is None and not part.back:
        spec = context.world.program.definitions[part.id]
        if spec.subject.type == judged.provision.subject.type:
            return [f.node for f in spec.fields if f.name == part.field]
    return []


def _empty_field(field: ex.Field, context: Context) -> Iterator[tuple[str, pl.Expr]]:
    if (
        field.scope in STANDING
        and field.scope in context.scopes
        and field.type != "finding"
        and field.empty == "unknown"
    ):
        column, table = context.column(field.scope, field.hops, field.name)
        shape = table.shapes.get(field.name)
        if field.hops or shape is None or shape.nulls:
            yield f"{field.type}.{field.name} is not recorded", column.is_null()


def _open_source(records: ex.Set, context: Context) -> Iterator[tuple[str, pl.Expr]]:
    if records.source != "facts" or records.type not in context.world.tables:
        return
    refused = records.type in context.world.withdrawn
    if records.type not in context.world.covered:
        stated = f"no source is stated to be complete for {records.type}"
        known = f"the records of {records.type} are not known to be complete, since a row was refused"
        yield known if refused else stated, pl.lit(value=True)
    elif _reads_here(records.window, context):
        lacks = expression(opposite(is_complete(context, records)))
        stated = f"the records of {records.type} are not stated to be complete for that time"
        yield f"{stated}, or a row of it was refused" if refused else stated, lacks


def _open_findings(records: ex.Set, context: Context) -> Iterator[tuple[str, pl.Expr]]:
    """Name a provision of whose findings it is not known whether they belong to a set: what they lack stands there."""
    if records.source == "finding" and stands_here(records, context):
        child, inside = members(context, records)
        doubtful = child.compute(expression(inside.may) & expression(inside.may_not))
        rows = child.frame["row"].filter(doubtful).unique()
        yield f"what would settle {records.type}", ROW_NUMBER.is_in(rows.implode())


def _reads_here(window: object, context: Context) -> bool:
    """Say whether a window can be read where the obligation stands: it names no record of another set, and no `let` of a definition."""
    return all(
        _reads_here(context.lets[part.name].node, context)
        if isinstance(part, ex.LetRef) and part.name in context.lets
        else not (isinstance(part, ex.LetRef) or (isinstance(part, ex.Field) and part.scope not in STANDING))
        for part in parts(window)
    )
