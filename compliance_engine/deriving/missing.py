"""Which missing fact would settle an undetermined finding: a field that is not recorded, a source that does not say it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.completeness import is_complete
from compliance_engine.deriving.judging import BOUND
from compliance_engine.deriving.kleene import Maybe, expression, opposite
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.tables import ROW_NUMBER, day_column
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import parts
from compliance_engine.model.program import DoneSpec, ForbidSpec, LimitSpec, RequireSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.judging import Judged

# Records that stand where the obligation stands: only of these it is known which field is empty.
STANDING = {"subject", "occurrence"}
# So many records without a date are named; more are counted.
MOST_NAMED = 3


def missing_facts(judged: Judged, rows: pl.Series) -> pl.Series:
    """Name what is missing for each of some obligations (row numbers, ascending), "" where nothing of the kind was found."""
    context = judged.context.kept(rows)
    context.until = None
    wanted: dict[str, pl.Expr] = {}
    for guard, node in _open_parts(judged):
        for text, lacks in _lacking(node, context, judged):
            found = expression(guard) & lacks
            wanted[text] = wanted[text] | found if text in wanted else found
    if not wanted:
        return pl.Series("missing", [""], dtype=pl.String).new_from_index(0, rows.len())
    texts = [pl.when(found).then(pl.lit(text)) for text, found in wanted.items()]
    return context.compute(pl.concat_str(texts, separator="; ", ignore_nulls=True)).alias("missing")


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
    yield unknown, (judged.duty.after, judged.duty.by)


def _lacking(node: object, context: Context, judged: Judged) -> list[tuple[str, pl.Expr]]:
    """Give what an expression reads, through lets and definitions of the same subject, with where it is missing."""
    found: list[tuple[str, pl.Expr]] = []
    waiting, seen = [node], set[object]()
    while waiting:
        for part in parts(waiting.pop()):
            if part in seen:
                continue
            seen.add(part)
            if isinstance(part, ex.Field):
                found.extend(_empty_field(part, context))
            elif isinstance(part, ex.Set):
                found.extend(_open_source(part, context))
                found.extend(_undated(part, context))
            else:
                waiting += _named_by(part, context, judged)
    return found


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


def _undated(records: ex.Set, context: Context) -> Iterator[tuple[str, pl.Expr]]:
    """Name the events that may belong to a set because it is not known when they happened."""
    table = context.world.tables.get(records.type) if records.source == "facts" else None
    if table is None or table.type.kind != "event" or table.frame.is_empty() or not _stands_here(records, context):
        return
    lacking = table.frame[day_column(table.type, table.type.time)].is_null()
    if not lacking.any():
        return
    child, inside = members(context, records)
    pairs = child.frame[["row", "record"]].filter(
        child.compute(expression(inside.may)) & lacking[child.frame["record"]]
    )
    names = table.frame["id"].cast(pl.String)
    found = pairs["record"].unique().sort()
    field = f"{table.type.time} is not recorded"
    told = [(f"{field} in {found.len()} records of {records.type}", pairs)]
    if found.len() <= MOST_NAMED:
        told = [(f"{records.type} {names[one]}: {field}", pairs.filter(pl.col("record") == one)) for one in found]
    for text, here in told:
        yield text, ROW_NUMBER.is_in(here["row"].unique().implode())


def _stands_here(records: ex.Set, context: Context) -> bool:
    """Say whether a set reads nothing but its own records and what the obligation knows."""
    own = {part.scope for part in parts(records) if isinstance(part, ex.Set)}
    return all(
        part.name in context.lets if isinstance(part, ex.LetRef) else part.scope in own | context.scopes.keys()
        for part in parts(records)
        if isinstance(part, (ex.LetRef, ex.Field))
    )


def _reads_here(window: object, context: Context) -> bool:
    """Say whether a window can be read where the obligation stands: it names no record of another set, and no `let` of a definition."""
    return all(
        _reads_here(context.lets[part.name].node, context)
        if isinstance(part, ex.LetRef) and part.name in context.lets
        else not (isinstance(part, ex.LetRef) or (isinstance(part, ex.Field) and part.scope not in STANDING))
        for part in parts(window)
    )
