"""From a verdict to the records that it rests on: rows of (obligation, role, fact), found again from the expressions that judged it."""

from __future__ import annotations

from fractions import Fraction
from hashlib import sha256
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import kleene, rational
from compliance_engine.deriving.aggregates import place_of
from compliance_engine.deriving.columns import behind, evaluated
from compliance_engine.deriving.comparing import under_operator
from compliance_engine.deriving.judging import Judged, until_due
from compliance_engine.deriving.limits import same_unit, share_beyond
from compliance_engine.deriving.listing import Listed, links_of, links_to, percents, together
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.moments import in_its_period, place_elsewhere
from compliance_engine.deriving.references import place_of_definition
from compliance_engine.deriving.values import Number, Symbols, single
from compliance_engine.kernel.frames import kept_where, rows_where
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import parts, standing
from compliance_engine.model.program import DoneSpec, ForbidSpec, LimitSpec, RequireSpec
from compliance_engine.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_engine.deriving.context import Context

# Records that prove that a duty was kept are listed up to this number.
MOST_LISTED = 3

# So many findings of a duty that call for nothing have their evidence listed: more are proved by the records that the sources keep.
MOST_PROVED = 2_000

KEPT, OUTSIDE = frozenset({Status.COMPLIANT}), frozenset({Status.NOT_APPLICABLE})
OPEN = frozenset(Status) - KEPT - OUTSIDE


def links(judged: Judged, status: pl.Series) -> pl.DataFrame:
    """Give the links of the findings of a duty (`row`: their place): to whom and to what it applies, and the records that the verdict rests on.

    Those are the records that were counted or that break the law, and what proves that a duty was kept.
    """
    context = judged.context
    codes = status.to_physical()
    broken, kept, outside = (_is_among(codes, wanted) for wanted in (OPEN, KEPT, OUTSIDE))
    shown = broken
    for proved in (kept, outside):
        if 0 < proved.sum() <= MOST_PROVED:
            shown = shown | proved
    rows = rows_where(shown)
    found = [_of_scope(context, rows, name) for name in ("subject", "occurrence") if name in context.scopes]
    told = rows_where(shown & ~outside)
    proving = kept[told]
    groups = [told]
    if isinstance(judged.duty.demand, ForbidSpec) or _is_of_each(judged.duty.demand):
        groups = [told.filter(~proving), told.filter(proving)]  # other records break than prove
    for group in groups:
        if group.len():
            found += _records(judged, group, kept[group])
    return together(found)


def _is_among(codes: pl.Series, wanted: frozenset[Status]) -> pl.Series:
    """Say which findings have one of these statuses (`codes`: their places in the order of all); null where there is none to report."""
    return pl.Series([one in wanted for one in Status])[codes]


def _is_of_each(demand: object) -> bool:
    """Say whether a demand holds each record of a set against a limit."""
    return isinstance(demand, LimitSpec) and demand.set is not None


def _records(judged: Judged, rows: pl.Series, kept: pl.Series) -> list[Listed]:
    """Give the links of some obligations (row numbers, ascending) to the records that were read; `kept`: which of them were kept.

    What proves one that was kept is, where it is many records, told by their number and a digest of their ids (role `selector`), so that
    they can be held against the source.
    """
    context = judged.context.kept(rows)
    context.until = None
    demand, proving = judged.duty.demand, kept.all()
    listed: list[Listed] = []
    if isinstance(demand, LimitSpec) and demand.set is not None and proving:
        child, inside = members(context, demand.set)
        listed.append(links_of(child, demand.set, kleene.expression(inside.may), "counted", demand.value.node))
    elif isinstance(demand, LimitSpec) and demand.set is not None:
        listed += _breaches(context, demand)
    elif isinstance(demand, ForbidSpec) and not proving:
        child, inside = members(context, demand.set)
        listed += _by_certainty(child, demand.set, inside, None)
    else:
        listed += _read(context, judged)
    if not proving:
        for role, items in (("unless", judged.duty.unless), ("excused", judged.duty.excused_by)):
            for item in items:
                truth = judged.parts[role, item.name]
                examined = ~kept & context.compute(kleene.expression(kleene.either(truth.may, truth.may_not)))
                excuses = _counted(context, item.node, "excuses") if examined.any() else []
                listed += [part.kept(examined[part.rows]) for part in excuses]
    found = [part for one in _each_once(listed) for part in _selected(one, kept)]
    return [part.of(rows[part.rows]) for part in found]


def _read(context: Context, judged: Judged) -> list[Listed]:
    """List what was read of a demand that reads records: a figure and its limit, what fulfils, what was done."""
    demand = judged.duty.demand
    if isinstance(demand, LimitSpec):
        return _counted(context, demand.value.node, "counted") + _counted(context, demand.of.node, "limit")
    if isinstance(demand, DoneSpec):
        return _counted(context, demand.date.node, "fulfils")
    if not isinstance(demand, RequireSpec):
        return []
    if judged.due.stated:
        context.until = until_due(context, judged.due)
    return [part for item in demand.parts for part in _counted(context, item.node, "fulfils")]


def _each_once(listed: Sequence[Listed]) -> list[Listed]:
    """Put links in one role to records of one type together, each once: of two to one record the one with its value."""
    alike: dict[tuple[str, str], list[Listed]] = {}
    for part in listed:
        if part.rows.len():
            alike.setdefault((part.role, part.fact_type), []).append(part)
    return [parts[0] if len(parts) == 1 else _merged(parts) for parts in alike.values()]


def _merged(listed: Sequence[Listed]) -> Listed:
    found = together(listed).sort(pl.col("value").is_null(), maintain_order=True)
    found = found.unique(["row", "fact"], keep="first", maintain_order=True).drop("role", "fact_type")
    return Listed(listed[0].role, listed[0].fact_type, {one.name: one for one in found.get_columns()})


def _selected(listed: Listed, kept: pl.Series) -> list[Listed]:
    """Tell records that prove that a duty was `kept`, where they are many, by their number and a digest of their sorted ids."""
    if listed.rows.len() <= MOST_LISTED:
        return [listed]
    links = pl.DataFrame([listed.rows.alias("row"), listed.columns["fact"].alias("fact")])
    many = links.select(pl.len().over("row") > MOST_LISTED)["len"] & kept[listed.rows]
    if not many.any():
        return [listed]
    told = links.filter(many).group_by("row", maintain_order=True).agg(pl.col("fact").sort())
    texts = [f"{len(ids)} records, sha256 {sha256(chr(10).join(ids).encode()).hexdigest()}" for ids in told["fact"]]
    selectors = {"row": told["row"], "fact": pl.Series(texts, dtype=pl.String)}
    return [listed.kept(~many), Listed("selector", listed.fact_type, selectors)]


def _of_scope(context: Context, rows: pl.Series, name: str) -> Listed:
    """Give the links of some obligations to the record that the scope `name` is of."""
    scope = context.scopes[name]
    index = rows.cast(pl.UInt32) if scope.index is None else context.frame[scope.index][rows]
    return links_to(rows, scope.table.frame, index, scope.table.type.name, name)


def _breaches(context: Context, demand: LimitSpec) -> list[Listed]:
    """List the records that may break a limit set for each, with the percentage of each that certainly does."""
    assert demand.set is not None
    limit = context.settle(context.value(demand.of.node), "limit")
    must = context.value(demand.must)
    child, inside = members(context, demand.set)
    value = child.settle(child.value(demand.value.node), "x")
    assert isinstance(value, Number)
    bound = context.carried(limit, child, "row")
    op = context.carried(must, child, "row") if not isinstance(demand.must, ex.Const) else must
    assert isinstance(bound, Number)
    assert isinstance(op, Symbols)
    value, bound = same_unit(value, bound, demand.unit)
    broken = child.settle(
        kleene.conjunction(inside, kleene.negation(under_operator(op, value, bound, child))), "broken"
    )
    assert isinstance(broken, kleene.Truth)
    child = child.kept(rows_where(evaluated(child, broken=broken.may)["broken"]))
    hundred = rational.constant(Fraction(100))
    over = rational.multiply(share_beyond(value.low, bound.low), hundred)
    known = kleene.expression(kleene.both(single(value), single(bound)))
    child.frame = child.frame.with_columns(percents(child.frame, over.only(known)).alias("exceedance"))
    return _by_certainty(child, demand.set, broken, demand.value.node)


def _by_certainty(child: Context, chosen: ex.Set, broken: kleene.Truth, value: ex.AnyNode | None) -> list[Listed]:
    """Tell the records that break the law from those of which it is not known."""
    sure = ~kleene.expression(broken.may_not)
    doubtful = kleene.expression(broken.may) & kleene.expression(broken.may_not)
    return [links_of(child, chosen, sure, "breach", value), links_of(child, chosen, doubtful, "doubtful", value)]


def _counted(context: Context, node: ex.AnyNode, role: str) -> list[Listed]:
    """List the records of every statistic in an expression, through lets and definitions."""
    found: list[Listed] = []
    seen: set[object] = set()

    waiting: list[object] = [node]
    while waiting:
        current = waiting.pop()
        here = {part for part in standing(current) if isinstance(part, ex.DefinitionRef)}
        for part in parts(current):
            if part in seen or not isinstance(part, (ex.Aggregate, ex.LetRef, ex.DefinitionRef)):
                continue
            seen.add(part)
            if isinstance(part, ex.LetRef):
                waiting.append(context.lets[part.name].node)
            elif isinstance(part, ex.DefinitionRef):
                if part in here:
                    found.extend(_of_definition(context, part, role))
            elif part.set.source != "slot" and not _stands_inside(part, context):
                child, inside = members(place_of(part, context), part.set)
                found.append(links_of(child, part.set, kleene.expression(inside.may), role, part.value))
    return found


def _stands_inside(node: ex.Aggregate, context: Context) -> bool:
    """Say whether a statistic reads the record of a set around it, so that it is one for each of these, not for an obligation."""
    own = {n.scope for n in parts(node) if isinstance(n, ex.Set)}
    read = {n.scope for n in parts(node) if isinstance(n, ex.Field)}
    return not read <= own | context.scopes.keys()


def _of_definition(context: Context, node: ex.DefinitionRef, role: str) -> list[Listed]:
    """List the records of a definition's statistics, also where nobody needed to know what it is."""
    spec = context.world.program.definitions[node.id]
    if node.at is not None or node.back:
        inner, back = place_elsewhere(node, spec.grain, context)
        return _through(context, back, inner, in_its_period(node), role)
    inner, back = place_of_definition(node, context)
    return _through(context, back, inner, next(f for f in spec.fields if f.name == node.field).node, role)


def _through(context: Context, back: str, inner: Context, node: ex.AnyNode, role: str) -> list[Listed]:
    """List the records of an expression that stands in another context, in whose row `back` each row has it."""
    index = context.frame.get_column(back).alias("inner").to_frame().with_row_index("outer")
    index = kept_where(index, index["inner"].is_not_null())
    part, places = behind(inner, index)
    return [_brought(listed, places) for listed in _counted(part, node, role) if listed.rows.len()]


def _brought(listed: Listed, places: pl.DataFrame) -> Listed:
    """Give links of the rows of a context to each row that reads them (`places`: row, outer)."""
    own = listed.rows.to_frame("row").with_row_index("at")
    pairs = own.join(places, on="row", how="inner")
    return listed.at(pairs["at"]).of(pairs["outer"].cast(pl.UInt32))
