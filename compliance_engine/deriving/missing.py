"""Which missing fact would settle an undetermined finding: a field that is not recorded, a source that does not say it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.completeness import is_complete
from compliance_engine.deriving.judging import BOUND
from compliance_engine.deriving.kleene import Maybe, expression, opposite
from compliance_engine.deriving.unrecorded import undated, undecided, valueless
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import parts
from compliance_engine.model.program import DoneSpec, ForbidSpec, LimitSpec, RequireSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.judging import Judged
    from compliance_engine.model.program import NamedNode

# Records that stand where the obligation stands: only of these it is known which field is empty.
STANDING = {"subject", "occurrence"}


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
    waiting, seen = [(node, "")], set[object]()
    while waiting:
        inside, within = waiting.pop()
        for part in parts(inside):
            if (part, within) in seen:
                continue
            seen.add((part, within))
            if isinstance(part, ex.Field):
                found.extend(_empty_field(part, context))
            elif isinstance(part, ex.Set):
                found.extend(_open_set(part, context, within))
            elif isinstance(part, ex.Aggregate) and _is_read_here(within, context):
                found.extend(valueless(part, context, _lets(within, context)))
            else:
                waiting += _named_by(part, within, context, judged)
    return found


def _open_set(records: ex.Set, context: Context, within: str) -> Iterator[tuple[str, pl.Expr]]:
    lets = _lets(within, context)
    yield from _open_source(records, context, lets)
    if _is_read_here(within, context):
        yield from undated(records, context, lets)
        yield from undecided(records, context, lets)


def _lets(within: str, context: Context) -> dict[str, NamedNode]:
    """Give the `let`s that can be read where the obligation stands: its own, and none of a definition."""
    return {} if within else context.lets


def _is_read_here(within: str, context: Context) -> bool:
    """Say whether the sets of a definition ("" is the provision) are those of the obligation's own place and time."""
    return not within or context.world.program.definitions[within].grain is None


def _named_by(part: object, within: str, context: Context, judged: Judged) -> list[tuple[object, str]]:
    """Give what a name stands for, and within which definition: a `let`, or a definition of the same subject."""
    definitions = context.world.program.definitions
    if isinstance(part, ex.LetRef):
        lets = definitions[within].lets if within else context.lets.values()
        return [(let.node, within) for let in lets if let.name == part.name]
    if isinstance(part, ex.DefinitionRef) and part.subject is None and not part.back:
        spec = definitions[part.id]
        if spec.subject.type == judged.provision.subject.type:
            return [(f.node, part.id) for f in spec.fields if f.name == part.field]
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


def _open_source(records: ex.Set, context: Context, lets: dict[str, NamedNode]) -> Iterator[tuple[str, pl.Expr]]:
    if records.source != "facts" or records.type not in context.world.tables:
        return
    refused = records.type in context.world.withdrawn
    if records.type not in context.world.covered:
        stated = f"no source is stated to be complete for {records.type}"
        known = f"the records of {records.type} are not known to be complete, since a row was refused"
        yield known if refused else stated, pl.lit(value=True)
    elif _reads_here(records.window, lets):
        lacks = expression(opposite(is_complete(context, records)))
        stated = f"the records of {records.type} are not stated to be complete for that time"
        yield f"{stated}, or a row of it was refused" if refused else stated, lacks


def _reads_here(window: object, lets: dict[str, NamedNode]) -> bool:
    """Say whether a window can be read where the obligation stands: it names no record of another set, and no `let` of a definition."""
    return all(
        _reads_here(lets[part.name].node, lets)
        if isinstance(part, ex.LetRef) and part.name in lets
        else not (isinstance(part, ex.LetRef) or (isinstance(part, ex.Field) and part.scope not in STANDING))
        for part in parts(window)
    )
