"""One pass over a fact table for all statistics that any requirement wants of it by the same key and period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import grouping, kleene, nodes, rational, statistics
from compliance_engine.deriving.context import Context
from compliance_engine.deriving.grouping import Grouped
from compliance_engine.deriving.kleene import TRUE, Truth
from compliance_engine.deriving.linking import Index, Key, index_of, key_of, knows_links, row_keys
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.tables import is_absent
from compliance_engine.deriving.world import Scope
from compliance_engine.kernel.pool import collected
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import parts
from compliance_engine.model.program import DutySpec, LimitSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_engine.deriving.world import World
    from compliance_engine.model.program import Grain, SubjectSpec

ALONE = {"stat", "geomean", "first", "last"}
OUTER = (
    ex.LetRef,
    ex.Previous,
    ex.DefinitionRef,
    ex.FindingRef,
    ex.Builtin,
    ex.Aggregate,
    ex.ParameterRef,
    ex.Lookup,
    ex.Determined,
)


def fusible(node: ex.Aggregate, grain: Grain | None) -> Key | None:
    """Give the pass that an aggregate can share; None if it reads its subject or a window of its own."""
    if node.function in ALONE or not all(
        _own(part, node.set.scope) for part in (node.set.where, node.value, node.condition)
    ):
        return None
    return key_of(node.set, grain)


def _own(node: ex.AnyNode | None, scope: str) -> bool:
    """Say whether an expression reads nothing but the record."""
    return not any(
        isinstance(part, OUTER)
        or _by_the_clock(part)
        or (isinstance(part, ex.Field) and (part.scope != scope or part.hops))
        for part in parts(node)
    )


def _by_the_clock(part: object) -> bool:
    """Say whether a part asks for the day or the hour at the subject's site."""
    if isinstance(part, ex.Compare):
        return {part.left.kind, part.right.kind} == {"date", "instant"}
    if isinstance(part, ex.Function):
        return part.name == "day"
    return isinstance(part, ex.Arithmetic) and part.kind == "instant"


def fused(node: ex.Aggregate, context: Context) -> Grouped | None:
    """Give a statistic from the shared pass, brought to the context's rows; rows with part windows are found from records."""
    key = fusible(node, context.grain)
    if key is None or not context.plain_window:
        return None
    index = index_of(key, context.world)
    if index is None or not knows_links(node.set, context):
        return None
    found = _pass(node, key, index, context)
    joined = _at_rows(found, key, index, node, context)
    return joined if context.pieces is None else _with_parts(joined, node, context)


def _shape(node: ex.Aggregate) -> ex.Aggregate:
    """Give what is computed, whatever provision asks for it: counts are one, the link is left out, the scope has one name."""
    bare = ex.Aggregate(
        kind=node.kind,
        function="count" if node.function in statistics.COUNTS else node.function,
        set=ex.Set(source="facts", type=node.set.type, scope=node.set.scope, where=node.set.where),
        value=node.value,
        condition=node.condition,
        percent=node.percent,
    )
    shape = nodes.renamed(bare, node.set.scope, "record")
    assert isinstance(shape, ex.Aggregate)
    return shape


def _pass(node: ex.Aggregate, key: Key, index: Index, context: Context) -> Grouped:
    world = context.world
    wanted = _shape(node)
    if (key, wanted) not in world.fused:
        nodes = _sharing(key, context)
        _run(key, index, nodes if wanted in nodes else [*nodes, wanted], context)
    return world.fused[(key, wanted)]


def _sharing(key: Key, context: Context) -> list[ex.Aggregate]:
    """List the aggregates of the whole program that share a pass."""
    world = context.world
    if key.type not in world.sharing:
        world.sharing[key.type] = _by_pass(world, key.type)
    return list(world.sharing[key.type].get(key, ()))


def _by_pass(world: World, fact_type: str) -> dict[Key, dict[ex.Aggregate, None]]:
    """Sort the aggregates over records of a type by the pass that they share, each once."""
    found: dict[Key, dict[ex.Aggregate, None]] = {}
    for grain, law in _asked(world):
        for node in parts(law):
            if isinstance(node, ex.Aggregate) and node.set.type == fact_type:
                key = fusible(node, grain)
                if key is not None:
                    found.setdefault(key, {})[_shape(node)] = None
    return found


def _asked(world: World) -> Iterator[tuple[Grain | None, object]]:
    """Give, by grain, what definitions and duties ask; law that has no subject here asks for nothing."""
    for definition in world.program.definitions.values():
        if not _lacks_subjects(world, definition.subject):
            yield definition.grain, (definition.lets, definition.fields)
    for versions in world.program.provisions.values():
        for provision in versions:
            for duty in () if _lacks_subjects(world, provision.subject) else provision.duties:
                asked = (duty.when, duty.demand, duty.unless, duty.excused_by, _extremes(duty))
                yield duty.grain, (provision.lets, *asked)


def _lacks_subjects(world: World, subject: SubjectSpec) -> bool:
    return not subject.finding and is_absent(world.tables, subject.type)


def _extremes(duty: DutySpec) -> tuple[ex.Aggregate, ...]:
    """Give the statistics by which a limit on every record is judged."""
    demand = duty.demand
    if not isinstance(demand, LimitSpec) or demand.set is None:
        return ()
    op = demand.must.value if isinstance(demand.must, ex.Const) else None
    wanted = {"<": ("max",), "<=": ("max",), ">": ("min",), ">=": ("min",)}.get(op or "", ("max", "min"))
    node, kind = demand.value.node, demand.value.node.kind
    extremes = tuple(ex.Aggregate(kind=kind, function=f, set=demand.set, value=node) for f in wanted)
    return (*extremes, ex.Aggregate(kind="bool", function="no", set=demand.set))


def _run(key: Key, index: Index, nodes: list[ex.Aggregate], context: Context) -> None:
    world = context.world
    table = world.tables[key.type]
    records = Context(world, pl.DataFrame({"key": index.keys}), {"record": Scope(table, None)}, {}, sharing=True)
    aggregations, plans = [], []
    for node in nodes:
        where = TRUE if node.set.where is None else records.truth(node.set.where)
        inside = statistics.present(node, records, where)
        settled = records.settle(inside, "in") if inside is not TRUE else inside
        assert isinstance(settled, Truth)
        plan = statistics.planned(node, records, settled, f"a{next(world.counter)}")
        aggregations += plan.aggregations
        plans.append(plan)
    frame = collected(records.frame.lazy().group_by("key").agg(aggregations), records.frame.height)
    for node, plan in zip(nodes, plans, strict=True):
        world.fused[(key, node)] = grouping.tightened(plan.finish(frame), node)


def _at_rows(found: Grouped, key: Key, index: Index, node: ex.Aggregate, context: Context) -> Grouped:
    """Join the pass to the context's rows; once for each pass and context."""
    mark = f"fused:{key}:{id(found.frame)}"
    if mark not in context.cache:
        keys = row_keys(index, node.set, context)
        context.frame = grouping.beside(context.frame, keys.to_frame(), found.frame, ["key"])
        context.cache[mark] = TRUE
    return found


def _with_parts(joined: Grouped, node: ex.Aggregate, context: Context) -> Grouped:
    """Replace the statistics of rows whose window is not the whole period by those of the records inside it."""
    assert context.pieces is not None
    rows = context.pieces["row"].unique().sort()
    part = context.kept(rows)
    child, inside = members(part, node.set)
    found = statistics.grouped(node, child, inside, ["row"])
    found = grouping.placed(found, part)
    return _spliced(joined, found, part, rows, context)


def _spliced(whole: Grouped, part: Grouped, inner: Context, rows: pl.Series, context: Context) -> Grouped:
    """Put the ends and counts of some rows over those of all."""
    from_part = pl.Series("part", [None], dtype=pl.UInt32).new_from_index(0, context.frame.height)
    from_part = from_part.scatter(rows, pl.int_range(rows.len(), dtype=pl.UInt32, eager=True))
    index = context.add("part", from_part)
    inside = pl.col(index).is_not_null()

    def bring(expr: pl.Expr) -> pl.Expr:
        return pl.col(context.add("part", inner.compute(expr)[context.frame[index]]))

    def over(mine: str, theirs: str) -> str:
        name = context.name("spliced")
        theirs_here = bring(pl.col(theirs))
        context.frame = context.frame.with_columns(
            pl.when(inside).then(theirs_here).otherwise(pl.col(mine)).alias(name)
        )
        return name

    def end(mine: rational.Rational | None, theirs: rational.Rational | None) -> rational.Rational | None:
        if mine is None or theirs is None:
            return None
        return rational.pick(inside, theirs.rebuilt(tuple(bring(e) for e in theirs.exprs)), mine)

    def openness(mine: kleene.Maybe, theirs: kleene.Maybe) -> kleene.Maybe:
        if mine is False and theirs is False:
            return False
        return pl.when(inside).then(bring(kleene.expression(theirs))).otherwise(kleene.expression(mine))

    low = end(whole.low, part.low)
    return Grouped(
        whole.frame,
        over(whole.certain, part.certain),
        over(whole.possible, part.possible),
        whole.records,
        whole.sure and part.sure,
        whole.known and part.known,
        low,
        low if whole.low is whole.high and part.low is part.high else end(whole.high, part.high),
        openness(whole.low_open, part.low_open),
        openness(whole.high_open, part.high_open),
        columns={k: over(v, part.columns[k]) for k, v in whole.columns.items()},
        unit=None
        if whole.unit is None or part.unit is None
        else (over(whole.unit[0], part.unit[0]), over(whole.unit[1], part.unit[1])),
    )
