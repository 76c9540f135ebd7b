"""What the records of a set lack, so that it is not known whether they belong to it, or what they add to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from compliance_engine.deriving.aggregates import place_of
from compliance_engine.deriving.kleene import expression
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.tables import day_column
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_engine.deriving.context import Context
    from compliance_engine.model.program import DefinitionSpec

# So many records that lack something are named; more are counted.
MOST_NAMED = 3
# What one record settles that certainly belongs, whatever else may.
SETTLED_BY_ONE = {"some", "no"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an expression asks of a set: whether one record may settle it, what is read of each record, and what says which belong."""

    settled_by_one: bool
    values: tuple[ex.Field, ...]
    conditions: tuple[ex.Field, ...]

    @property
    def fields(self) -> tuple[ex.Field, ...]:
        """Give each field once, those of the conditions first."""
        return tuple(dict.fromkeys((*self.conditions, *self.values)))


def what_records_lack(node: object, context: Context) -> Iterator[pl.DataFrame]:
    """Give what the records of the sets in an expression lack: columns row, text."""
    for records in dict.fromkeys(part for part in parts(node) if isinstance(part, ex.Set)):
        if records.source == "facts" and records.type in context.world.tables and stands_here(records, context):
            asking = [part for part in parts(node) if isinstance(part, ex.Aggregate) and part.set == records]
            place = place_of(asking[0], context) if asking else context
            yield from _lacked(records, _asked(records, node, context), place)


def _asked(records: ex.Set, node: object, context: Context) -> Asked:
    asking = [part for part in parts(node) if isinstance(part, ex.Aggregate) and part.set == records]
    values = [value for part in asking for value in (part.value, part.condition)]
    if not asking and isinstance(node, tuple):  # `every` of a limit: what is read of each record stands beside the set
        values = [part for part in node if part != records]
    return Asked(
        bool(asking) and all(part.function in SETTLED_BY_ONE for part in asking),
        tuple(_read(values, records, context)),
        tuple(_read((records.pairs, records.where), records, context)),
    )


def _read(nodes: object, records: ex.Set, context: Context) -> Iterator[ex.Field]:
    """Give the fields of a set's records that expressions read, through definitions of these records."""
    for part in parts(tuple(nodes) if isinstance(nodes, list) else nodes):
        if isinstance(part, ex.Field) and part.scope == records.scope:
            yield part
        elif isinstance(part, ex.DefinitionRef) and _is_of_record(part, records):
            own = _read_by(context.world.program.definitions[part.id], part.field)
            yield from (msgspec.structs.replace(field, scope=records.scope) for field in own)


def _is_of_record(part: ex.DefinitionRef, records: ex.Set) -> bool:
    named = part.subject
    return isinstance(named, ex.Field) and named.scope == records.scope and not named.hops and named.name == "id"


def _read_by(spec: DefinitionSpec, field: str) -> Iterator[ex.Field]:
    """Give the fields of its subject that a definition reads."""
    lets = {let.name: let.node for let in spec.lets}
    waiting: list[object] = [one.node for one in spec.fields if one.name == field]
    while waiting:
        for part in parts(waiting.pop()):
            if isinstance(part, ex.Field) and part.scope == "subject":
                yield part
            elif isinstance(part, ex.LetRef) and part.name in lets:
                waiting.append(lets.pop(part.name))


def _lacked(records: ex.Set, asked: Asked, context: Context) -> Iterator[pl.DataFrame]:
    table = context.world.tables[records.type]
    fields = [field for field in asked.fields if _has_empty(field, context)]
    undated = _undated(records, context)
    if table.frame.is_empty() or not (fields or undated is not None):
        return
    child, inside = members(context, records)
    may, may_not = child.compute(expression(inside.may)), child.compute(expression(inside.may_not))
    if asked.settled_by_one:
        settled = child.frame["row"].filter(~may_not).unique()
        may &= ~child.frame["row"].is_in(settled.implode())
    pairs = child.frame[["row", "record"]]
    if undated is not None:
        yield _told(pairs.filter(may & undated[pairs["record"]]), table.type.time, records, context)
    for field in fields:
        lacking = child.compute(child.column(field.scope, field.hops, field.name)[0].is_null())
        concerned = may if field in asked.values else may & may_not
        name = ".".join((*(hop.field for hop in field.hops), field.name))
        yield _told(pairs.filter(concerned & lacking), name, records, context)


def _has_empty(field: ex.Field, context: Context) -> bool:
    """Say whether a field is empty in some record where that means that it is not known."""
    if field.empty != "unknown" or field.type not in context.world.tables:
        return False
    shape = context.world.tables[field.type].shapes.get(field.name)
    return shape is None or shape.nulls > 0 or bool(field.hops)


def _undated(records: ex.Set, context: Context) -> pl.Series | None:
    """Say of each event whether it is not known when it happened; None where it is known of all."""
    table = context.world.tables[records.type]
    if table.type.kind != "event" or table.frame.is_empty():
        return None
    lacking = table.frame[day_column(table.type, table.type.time)].is_null()
    return lacking if lacking.any() else None


def _told(pairs: pl.DataFrame, field: str, records: ex.Set, context: Context) -> pl.DataFrame:
    """Name the records of each row that lack a field, by their ids in order; of many tell the number."""
    ids = context.world.tables[records.type].frame["id"].cast(pl.String)
    named = pairs.select("row", id=ids[pairs["record"]]).unique().sort("row", "id")
    few = pl.len().over("row") <= MOST_NAMED
    one = pl.format(f"{records.type} {{}}: {field} is not recorded", "id")
    many = pl.format(f"{field} is not recorded in {{}} records of {records.type}", pl.len().over("row"))
    return named.select("row", text=pl.when(few).then(one).otherwise(many)).unique(maintain_order=True)


def stands_here(records: ex.Set, context: Context) -> bool:
    """Say whether a set reads nothing but its own records and what the obligation knows."""
    own = {part.scope for part in parts(records) if isinstance(part, ex.Set)}
    return all(
        part.name in context.lets if isinstance(part, ex.LetRef) else part.scope in own | context.scopes.keys()
        for part in parts(records)
        if isinstance(part, (ex.LetRef, ex.Field))
    )
