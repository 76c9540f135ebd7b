"""Which records of a set lack what the set reads of them: a time, a field of its `where`, a value that is summed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.kleene import expression
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.tables import ROW_NUMBER, day_column
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.tables import Table

# So many records are named; more are counted.
MOST_NAMED = 3


def undated(records: ex.Set, context: Context) -> Iterator[tuple[str, pl.Expr]]:
    """Name the events that may belong to a set because it is not known when they happened."""
    table = _table(records, context)
    if table is not None and table.type.kind == "event":
        lacking = table.frame[day_column(table.type, table.type.time)].is_null()
        yield from _told(records, context, table.type.time, lacking, sure=True)


def undecided(records: ex.Set, context: Context) -> Iterator[tuple[str, pl.Expr]]:
    """Name the records that only perhaps belong to a set, and lack a field that its `where` reads."""
    yield from _lacking(records, records.where, context, sure=False)


def valueless(statistic: ex.Aggregate, context: Context) -> Iterator[tuple[str, pl.Expr]]:
    """Name the records of a set that lack what is to be found of each."""
    for node in (statistic.value, statistic.condition):
        yield from _lacking(statistic.set, node, context, sure=True)


def stands_here(records: ex.Set, context: Context) -> bool:
    """Say whether a set reads nothing but its own records and what the obligation knows."""
    own = {part.scope for part in parts(records) if isinstance(part, ex.Set)}
    return all(
        part.name in context.lets if isinstance(part, ex.LetRef) else part.scope in own | context.scopes.keys()
        for part in parts(records)
        if isinstance(part, (ex.LetRef, ex.Field))
    )


def _lacking(records: ex.Set, node: object, context: Context, *, sure: bool) -> Iterator[tuple[str, pl.Expr]]:
    table = _table(records, context)
    if table is None or node is None:
        return
    for name in dict.fromkeys(_fields(node, records, context)):
        if name in table.frame.columns and name != table.type.time:
            yield from _told(records, context, name, table.frame[name].is_null(), sure=sure)


def _table(records: ex.Set, context: Context) -> Table | None:
    table = context.world.tables.get(records.type) if records.source == "facts" else None
    if table is None or table.frame.is_empty() or not stands_here(records, context):
        return None
    return table


def _told(
    records: ex.Set, context: Context, field: str, lacking: pl.Series, *, sure: bool
) -> Iterator[tuple[str, pl.Expr]]:
    """Name the lacking records among those that may belong (`sure`: or do), by id or, where they are many, by number."""
    if not lacking.any():
        return
    child, inside = members(context, records)
    open_here = expression(inside.may) if sure else expression(inside.may) & expression(inside.may_not)
    pairs = child.frame[["row", "record"]].filter(child.compute(open_here) & lacking[child.frame["record"]])
    names = context.world.tables[records.type].frame["id"].cast(pl.String)
    found = pairs["record"].unique().sort()
    told = [(f"{field} is not recorded in {found.len()} records of {records.type}", pairs)]
    if found.len() <= MOST_NAMED:
        told = [
            (f"{records.type} {names[one]}: {field} is not recorded", pairs.filter(pl.col("record") == one))
            for one in found
        ]
    for text, here in told:
        yield text, ROW_NUMBER.is_in(here["row"].unique().implode())


def _fields(node: object, records: ex.Set, context: Context) -> Iterator[str]:
    """Give the fields that an expression reads of the records of a set, also through a definition of each record."""
    for part in parts(node):
        if isinstance(part, ex.Field):
            if part.scope == records.scope and not part.hops and part.empty == "unknown":
                yield part.name
        elif isinstance(part, ex.DefinitionRef) and _is_of_record(part, records):
            yield from _fields_of_definition(part, context)


def _is_of_record(read: ex.DefinitionRef, records: ex.Set) -> bool:
    of = read.subject
    return isinstance(of, ex.Field) and (of.scope, of.hops, of.name, read.back) == (records.scope, (), "id", 0)


def _fields_of_definition(read: ex.DefinitionRef, context: Context) -> Iterator[str]:
    spec = context.world.program.definitions[read.id]
    lets = {let.name: let.node for let in spec.lets}
    waiting: list[object] = [field.node for field in spec.fields if field.name == read.field]
    while waiting:
        for part in parts(waiting.pop()):
            if isinstance(part, ex.Field) and part.scope == "subject" and not part.hops and part.empty == "unknown":
                yield part.name
            elif isinstance(part, ex.LetRef) and part.name in lets:
                waiting.append(lets.pop(part.name))
