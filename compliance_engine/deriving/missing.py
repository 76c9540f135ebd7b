"""Which missing facts would settle an undetermined finding: where the conditions and the demand of its duty are not known.

`missing_parts` follows each of them to what it reads, `missing_leaves` knows what that lacks, `missing_words` says it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.judging import BOUND, until_due
from compliance_engine.deriving.missing_leaves import of_span
from compliance_engine.deriving.missing_parts import Place, copied, gaps, gaps_of_spans
from compliance_engine.deriving.missing_words import Gap, told
from compliance_engine.model import expression as ex
from compliance_engine.model.program import DoneSpec, ForbidSpec, LimitSpec, RequireSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.judging import Judged

    Gaps = Iterator[Gap]

ITSELF = frozenset({"subject", "occurrence"})


def missing_facts(judged: Judged, rows: pl.Series) -> pl.Series:
    """Name what is missing for each of some obligations (row numbers, ascending), "" where nothing of the kind was found."""
    context = judged.context.kept(rows)
    context.until = None
    subject = judged.provision.subject
    place = Place(
        context, pl.Series([], dtype=pl.Boolean), ITSELF, {"subject": subject.type} if subject.finding else {}
    )
    place = place.within(context)
    found = [part for node, here in _in_question(judged, place) for part in gaps(node, here)]
    return told([*_of_bound(judged, place), *found], rows.len())


def _of_bound(judged: Judged, place: Place) -> Gaps:
    """Give what is missing where it is not known whether something is a subject, or is bound at that time."""
    bound = judged.parts.get(BOUND)
    if bound is None:
        return
    here, provision = place.where_unknown(bound), judged.provision
    yield from gaps(provision.subject.where, here)
    for chosen in provision.bound_while:
        yield from gaps(ex.Aggregate(kind="bool", function="some", set=chosen), here)
        yield from gaps_of_spans(chosen, here)
    if not provision.subject.finding and here.context.scopes["subject"].table.type.kind == "state":
        yield from of_span("subject", here.context, here.asked, named=False)


def _in_question(judged: Judged, place: Place) -> Iterator[tuple[object, Place]]:
    """Give the conditions and the demand of a duty, each with where it is not known."""
    items = [*(("when", i) for i in judged.duty.when), *(("unless", i) for i in judged.duty.unless)]
    items += [("excused", i) for i in judged.duty.excused_by]
    for role, item in items:
        yield item.node, place.where_unknown(judged.parts[role, item.name])
    demand, unmet = judged.duty.demand, place.where_unknown(judged.met)
    yield (judged.duty.after, judged.duty.by), unmet
    if judged.duty.recur is not None and "due.low" in place.context.frame.columns:
        yield judged.duty.recur.first, unmet.where(pl.col("due.low").ne_missing(pl.col("due.high")))
    if isinstance(demand, RequireSpec):
        looking = replace(place, context=_looking(judged, place.context), seen=set())
        for item in demand.parts:
            yield item.node, looking.where_unknown(judged.parts["part", item.name])
    elif isinstance(demand, LimitSpec):
        yield (demand.of.node, demand.must, _figure(demand)), unmet
    elif isinstance(demand, DoneSpec):
        yield demand.date.node, unmet
    elif isinstance(demand, ForbidSpec):
        yield ex.Aggregate(kind="bool", function="no", set=demand.set), unmet


def _figure(demand: LimitSpec) -> ex.AnyNode:
    """Give what is held against the limit; of each record of a set, the highest stands for all."""
    if demand.set is None:
        return demand.value.node
    return ex.Aggregate(kind="number", function="max", set=demand.set, value=demand.value.node)


def _looking(judged: Judged, context: Context) -> Context:
    """Give a context in which a `some` looks as far as a `require` does."""
    own = copied(context)
    own.memo = {}
    if judged.due.stated:
        own.until = until_due(own, judged.due)
    own.asked = own.windowed and not judged.due.stated
    return own
