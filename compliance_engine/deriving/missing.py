"""Which missing fact would settle an undetermined finding: a field that is not recorded, a source that does not say it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.completeness import is_complete
from compliance_engine.deriving.judging import BOUND
from compliance_engine.deriving.kleene import Maybe, expression, opposite
from compliance_engine.deriving.references import definition_context, subject_rows, subjects_of
from compliance_engine.deriving.unrecorded import undated, undecided, valueless
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import parts
from compliance_engine.model.program import DoneSpec, ForbidSpec, LimitSpec, RequireSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.judging import Judged
    from compliance_engine.model.program import DefinitionSpec

# Records that stand where the obligation stands: only of these it is known which field is empty.
STANDING = {"subject", "occurrence"}


def missing_facts(judged: Judged, rows: pl.Series) -> pl.Series:
    """Name what is missing for each of some obligations (row numbers, ascending), "" where nothing of the kind was found."""
    context = judged.context.kept(rows)
    context.until = None
    wanted: dict[str, pl.Expr] = {}
    for guard, node in _open_parts(judged):
        for text, lacks in _lacking(node, context):
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


def _lacking(node: object, context: Context, *, timeless: bool = False) -> list[tuple[str, pl.Expr]]:
    """Give what an expression reads, through lets and definitions, with where it is missing; `timeless`: only what is no matter of time."""
    found: list[tuple[str, pl.Expr]] = []
    waiting, seen = [node], set[object]()
    while waiting:
        for part in parts(waiting.pop()):
            if part in seen:
                continue
            seen.add(part)
            if isinstance(part, ex.Field):
                found.extend(_empty_field(part, context))
            elif isinstance(part, ex.LetRef) and part.name in context.lets:
                waiting.append(context.lets[part.name].node)
            elif isinstance(part, ex.Set):
                found.extend(_never_stated(part, context) if timeless else _open_set(part, context))
            elif isinstance(part, ex.Aggregate) and not timeless:
                found.extend(valueless(part, context))
            elif isinstance(part, ex.DefinitionRef) and not timeless:
                found.extend(_of_definition(part, context))
    return found


def _open_parts_of(node: object, context: Context) -> Iterator[tuple[str, pl.Expr]]:
    """Give what a definition lacks: of a conjunction or disjunction, what those of its parts lack that are in doubt themselves."""
    if isinstance(node, ex.LetRef) and node.name in context.lets:
        yield from _open_parts_of(context.lets[node.name].node, context)
    elif isinstance(node, (ex.And, ex.Or)):
        for operand in node.operands:
            truth = context.truth(operand)
            in_doubt = expression(truth.may) & expression(truth.may_not)
            for text, lacks in _open_parts_of(operand, context):
                yield text, in_doubt & lacks
    elif isinstance(node, ex.Determined):
        answer = context.truth(node)
        yield f'the question "{node.question}" is not answered', expression(answer.may) & expression(answer.may_not)
    else:
        yield from _lacking(node, context)


def _of_definition(read: ex.DefinitionRef, context: Context) -> Iterator[tuple[str, pl.Expr]]:
    """Give what a definition lacks; of one that is read at another time, only what is not recorded of its subject."""
    if read.back or not _stands(read.subject, context):
        return
    spec = context.world.program.definitions[read.id]
    # One of slots, or of other periods than those at hand, is read at a time of its own.
    elsewhere = read.at is not None or (spec.grain is not None and spec.grain != context.grain)
    if not elsewhere:
        _, whole, column = definition_context(read, context)
    else:
        column = subject_rows(read, context, context.world.tables[spec.subject.type])
        whole = subjects_of(spec, context.world)
    rows = context.frame[column].drop_nulls().unique().sort()
    inner = whole.kept(rows)
    for field in spec.fields:
        if field.name == read.field:
            lacking = _lacking(field.node, inner, timeless=True) if elsewhere else _open_parts_of(field.node, inner)
            for text, lacks in lacking:
                here = rows.filter(inner.compute(lacks))
                yield text, pl.col(column).is_in(here.implode())
    if elsewhere and read.at is None and read.subject is None:
        yield from _sources(spec, read.field, context)


def _sources(spec: DefinitionSpec, field: str, context: Context) -> Iterator[tuple[str, pl.Expr]]:
    """Give the sources of what is read at other times, as far as they are not complete for the time at hand."""
    waiting: list[object] = [one.node for one in spec.fields if one.name == field]
    seen = set[object]()
    while waiting:
        for part in parts(waiting.pop()):
            if part in seen:
                continue
            seen.add(part)
            if isinstance(part, ex.Set):
                yield from _open_source(part, context)
            elif isinstance(part, ex.DefinitionRef) and part.subject is None and part.at is None and not part.back:
                inner = context.world.program.definitions[part.id]
                waiting += [one.node for one in inner.fields if one.name == part.field]


def _stands(subject: object, context: Context) -> bool:
    """Say whether the subject of a definition is a record that stands where the obligation stands, or one that it refers to."""
    if subject is None:
        return "subject" in context.scopes
    return isinstance(subject, ex.Field) and subject.scope in STANDING and subject.scope in context.scopes


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


def _open_set(records: ex.Set, context: Context) -> Iterator[tuple[str, pl.Expr]]:
    yield from _never_stated(records, context)
    yield from _open_source(records, context)
    yield from undated(records, context)
    yield from undecided(records, context)


def _never_stated(records: ex.Set, context: Context) -> Iterator[tuple[str, pl.Expr]]:
    if _is_told(records, context) and records.type not in context.world.covered:
        stated = f"no source is stated to be complete for {records.type}"
        known = f"the records of {records.type} are not known to be complete, since a row was refused"
        yield known if records.type in context.world.withdrawn else stated, pl.lit(value=True)


def _open_source(records: ex.Set, context: Context) -> Iterator[tuple[str, pl.Expr]]:
    covered = _is_told(records, context) and records.type in context.world.covered
    if covered and _reads_here(records.window, context):
        lacks = expression(opposite(is_complete(context, records)))
        stated = f"the records of {records.type} are not stated to be complete for that time"
        refused = records.type in context.world.withdrawn
        yield f"{stated}, or a row of it was refused" if refused else stated, lacks


def _is_told(records: ex.Set, context: Context) -> bool:
    """Say whether a set is of facts of a type that some source may tell of."""
    return records.source == "facts" and records.type in context.world.tables


def _reads_here(window: object, context: Context) -> bool:
    """Say whether a window can be read where the obligation stands: it names no record of another set."""
    return all(
        _reads_here(context.lets[part.name].node, context)
        if isinstance(part, ex.LetRef) and part.name in context.lets
        else not (isinstance(part, ex.LetRef) or (isinstance(part, ex.Field) and part.scope not in STANDING))
        for part in parts(window)
    )
