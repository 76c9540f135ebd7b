"""What the parts of an expression lack, followed into those that are not known: branches that may be taken, lets, definitions, records."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from compliance_engine.deriving import missing_leaves
from compliance_engine.deriving.aggregates import place_of
from compliance_engine.deriving.columns import behind, few
from compliance_engine.deriving.kleene import FALSE, Maybe, Truth, expression
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.moments import in_its_period, place_elsewhere
from compliance_engine.deriving.references import place_of_definition
from compliance_engine.deriving.tables import repeated
from compliance_engine.deriving.values import Span
from compliance_engine.kernel.frames import rows_where
from compliance_engine.model import expression as ex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.missing_words import Gap

    Gaps = Iterator[Gap]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression is not known: `asked`, row by row. `itself`: the scopes of what the obligation speaks of, which need no id.

    `findings`: the provisions whose findings the scopes hold. `seen`: what was followed here already.
    """

    context: Context
    asked: pl.Series
    itself: frozenset[str]
    findings: dict[str, str]
    seen: set[tuple[object, ...]] = field(default_factory=set)

    def where(self, *conditions: Maybe) -> Place:
        """Give the rows of these where all conditions hold."""
        asked = self.asked
        for condition in conditions:
            if condition is not True:
                asked = asked & self.context.compute(expression(condition))
        return replace(self, asked=asked)

    def where_unknown(self, truth: Truth) -> Place:
        """Give the rows of these where a condition is not known."""
        return self.where(truth.may, truth.may_not)

    def within(self, context: Context, **changes: Any) -> Place:  # noqa: ANN401
        """Give a place in all rows of another context."""
        asked = repeated(value=True, height=context.frame.height, dtype=pl.Boolean)
        return replace(self, context=context, asked=asked, seen=set(), **changes)


def copied(context: Context) -> Context:
    """Give a context of the same rows that may be changed otherwise."""
    return context.kept(pl.int_range(context.frame.height, dtype=pl.UInt32, eager=True))


def gaps(node: object, place: Place) -> Gaps:
    """Give what an expression lacks in the rows of a place."""
    if not place.asked.any():
        return
    read = READERS.get(type(node))
    if read is not None:
        key = node, _which(place.asked)
        if key not in place.seen:
            place.seen.add(key)
            yield from read(node, place)
    elif isinstance(node, msgspec.Struct):
        for name in node.__struct_fields__:
            yield from gaps(getattr(node, name), place)
    elif isinstance(node, tuple):
        for part in node:
            yield from gaps(part, place)


def _which(asked: pl.Series) -> object:
    """Tell the rows that are asked about from others: of many by their hash."""
    rows = rows_where(asked)
    return tuple(rows.to_list()) if few(asked.len()) else (rows.len(), rows.hash().sum())


def _of_operands(node: ex.And | ex.Or, place: Place) -> Gaps:
    for operand in node.operands:
        yield from gaps(operand, _unknown_here(operand, place))


def _unknown_here(node: ex.AnyNode, place: Place) -> Place:
    truth = place.context.once(node)
    assert isinstance(truth, Truth)
    return place.where_unknown(truth)


def _of_choice(node: ex.First, place: Place) -> Gaps:
    """Give what the conditions lack that are not known, and the values that may be chosen."""
    for row in node.rows:
        if row.when is None:
            yield from gaps(row.then, place)
            break
        truth = place.context.once(row.when)
        assert isinstance(truth, Truth)
        yield from gaps(row.when, place.where_unknown(truth))
        yield from gaps(row.then, place.where(truth.may))
        place = place.where(truth.may_not)


def _of_else(node: ex.Else, place: Place) -> Gaps:
    """Give what a value lacks where it may be there, and what stands in for it where it may be absent."""
    found = place.context.once(node.operand)
    absent = FALSE if isinstance(found, (Truth, Span)) else found.absent
    yield from gaps(node.operand, place.where(absent.may_not))
    yield from gaps(node.default, place.where(absent.may))


def _of_let(node: ex.LetRef, place: Place) -> Gaps:
    context = place.context
    if context.parent is not None:
        yield from _through(node, place, context.parent, _row_by_row(place, context.row))
    elif node.name in context.lets:
        inner = place
        if context.until is not None or context.asked:  # what a `let` says is the same whoever reads it
            own = copied(context)
            own.until, own.asked, own.memo = None, False, {}
            inner = replace(place, context=own, seen=set())
        yield from gaps(context.lets[node.name].node, inner)


def _row_by_row(place: Place, back: str) -> pl.DataFrame:
    """Pair the rows of a place with those of another context: columns outer, inner."""
    outer = rows_where(place.asked)
    return pl.DataFrame({"outer": outer, "inner": place.context.frame[back][outer]}).drop_nulls()


def _through(node: object, place: Place, inner: Context, pairs: pl.DataFrame, **changes: Any) -> Gaps:  # noqa: ANN401
    """Give what an expression lacks that stands in another context, for the rows that are paired with its rows."""
    part, places = behind(inner, pairs)
    for lack in gaps(node, place.within(part, **changes)):
        own = pl.DataFrame(
            {
                "row": lack.rows,
                "id": repeated(None, lack.rows.len(), pl.String) if lack.records is None else lack.records,
            }
        )
        brought = own.join(places, on="row", how="inner", maintain_order="left")
        yield replace(lack, rows=brought["outer"], records=None if lack.records is None else brought["id"])


def _of_definition(node: ex.DefinitionRef, place: Place) -> Gaps:
    spec = place.context.world.program.definitions[node.id]
    if node.at is not None or node.back:
        yield from gaps(node.at, place)
        inner, back = place_elsewhere(node, spec.grain, place.context)
        yield from _through(in_its_period(node), place, inner, _row_by_row(place, back))
        return
    yield from gaps(node.subject, place)
    inner, back = place_of_definition(node, place.context)
    pairs = _row_by_row(place, back)
    if spec.start is not None:
        pairs = _and_before(pairs, inner)
    itself = place.itself if node.subject is None else frozenset[str]()
    formula = next(item.node for item in spec.fields if item.name == node.field)
    yield from _through((spec.subject.where, formula), place, inner, pairs, itself=itself, findings={})


def _and_before(pairs: pl.DataFrame, inner: Context) -> pl.DataFrame:
    """Add the earlier periods of the same subject, which a definition that reads itself rests on."""
    periods = inner.frame.select("subject#", "p.index").with_row_index("inner")
    own = pairs.join(periods, on="inner", how="inner", maintain_order="left").drop("inner")
    earlier = own.join(periods, on="subject#", how="inner", suffix=".then", maintain_order="left_right")
    return earlier.filter(pl.col("p.index.then") <= pl.col("p.index")).select("outer", "inner")


def _of_finding(node: ex.FindingRef, place: Place) -> Gaps:
    if node.at is not None or node.back:
        yield from gaps(node.at, place)
        grain = place.context.world.results[node.provision, node.duty].grain
        inner, back = place_elsewhere(node, grain, place.context)
        yield from _through(in_its_period(node), place, inner, _row_by_row(place, back))
        return
    yield from missing_leaves.of_finding(node, place.context, place.asked)


def _of_set(node: ex.Aggregate, place: Place) -> Gaps:
    """Give what a statistic lacks: records that its source may not have, and what its records do not say."""
    context, chosen = place_of(node, place.context), node.set
    here = replace(place, context=context)
    yield from gaps((chosen.window, tuple(pair.subject for pair in chosen.pairs), node.statistic), here)
    some = node.function == "some" and (context.asked or context.until is not None)
    yield from missing_leaves.of_source(chosen, context, place.asked, some=some)
    if not missing_leaves.may_lack(node, context):
        return
    child, inside = members(context, chosen)
    findings = place.findings | ({chosen.scope: chosen.type} if chosen.source == "finding" else {})
    own = place.within(child, findings=findings).where(inside.may)
    own = replace(own, asked=own.asked & place.asked[child.frame["row"]])
    doubtful = own.where(inside.may_not)
    sought = [(chosen.where, doubtful), (tuple(pair.record for pair in chosen.pairs), doubtful), (node.value, own)]
    if node.condition is not None:
        sought.append((node.condition, _unknown_here(node.condition, own)))
    found = [lack for part, there in sought for lack in gaps(part, there)]
    if chosen.source == "facts":
        found += missing_leaves.of_span(chosen.scope, child, doubtful.asked, named=True)
    for lack in found:
        yield replace(lack, rows=child.frame["row"][lack.rows])
    yield from missing_leaves.of_nothing(node, context, child.frame["row"].filter(own.asked), place.asked)


def gaps_of_spans(chosen: ex.Set, place: Place) -> Gaps:
    """Give what is not known of the time in which the records of a set are so."""
    child, inside = members(place.context, chosen)
    asked = place.within(child).where(inside.may).asked & place.asked[child.frame["row"]]
    for lack in missing_leaves.of_span(chosen.scope, child, asked, named=True):
        yield replace(lack, rows=child.frame["row"][lack.rows])


def _of_field(node: ex.Field, place: Place, read: ex.Censored | None = None) -> Gaps:
    context, asked, named = place.context, place.asked, node.scope not in place.itself
    if node.scope not in context.scopes:
        return
    if node.type == "finding":
        yield from missing_leaves.of_finding_field(
            node, context, asked, place.findings.get(node.scope, ""), named=named
        )
        return
    yield from missing_leaves.of_field(node, context, asked, named=named)
    if node.qualified:
        yield from missing_leaves.of_bound(node, context, asked, named=named, read=read)


def _of_censored(node: ex.Censored, place: Place) -> Gaps:
    if node.operand.scope not in place.context.scopes:
        return
    yield from _of_field(node.operand, place, node)
    yield from gaps(node.policy, place.where(missing_leaves.is_bound(node.operand, place.context)))


def _of_leaf(tell: Callable[[Any, Context, pl.Series], Gaps]) -> Callable[[Any, Place], Gaps]:
    def read(node: Any, place: Place) -> Gaps:  # noqa: ANN401
        yield from tell(node, place.context, place.asked)
        for name in node.__struct_fields__:
            yield from gaps(getattr(node, name), place)

    return read


READERS: dict[type, Callable[[Any, Place], Gaps]] = {
    ex.And: _of_operands,
    ex.Or: _of_operands,
    ex.First: _of_choice,
    ex.Else: _of_else,
    ex.LetRef: _of_let,
    ex.DefinitionRef: _of_definition,
    ex.FindingRef: _of_finding,
    ex.Aggregate: _of_set,
    ex.Field: _of_field,
    ex.Censored: _of_censored,
    ex.Determined: _of_leaf(missing_leaves.of_answer),
    ex.PolicyRef: _of_leaf(missing_leaves.of_policy),
    ex.Lookup: _of_leaf(missing_leaves.of_cell),
}
