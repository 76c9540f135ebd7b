"""One pass over a fact table for all statistics that any requirement wants of it by the same key and period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, statistics
from compliance_engine.deriving.context import Context, Scope
from compliance_engine.deriving.kleene import TRUE, Truth
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.tables import day_column
from compliance_engine.deriving.values import Symbols
from compliance_engine.model import expression as ex

if TYPE_CHECKING:
    from compliance_engine.deriving.statistics import Grouped
    from compliance_engine.model.program import Grain


@dataclass(frozen=True, slots=True)
class Key:
    """What a pass is grouped by: a fact type, the record's link fields, the calendar period."""

    type: str
    fields: tuple[str, ...]
    unit: str
    week_start: str


def fusible(node: ex.Aggregate, grain: Grain | None) -> Key | None:
    """Give the pass that an aggregate can share; None if it reads its subject or a window of its own."""
    chosen = node.set
    if grain is None or grain.kind != "calendar" or chosen.source != "facts" or chosen.window is not None or not chosen.pairs:
        return None
    if node.function in {"stat", "geomean", "first", "last"}:
        return None
    if not all(isinstance(p.record, ex.Field) and not p.record.hops for p in chosen.pairs):
        return None
    if not all(_own(part, chosen.scope) for part in (chosen.where, node.value, node.condition)):
        return None
    fields = tuple(p.record.name for p in chosen.pairs if isinstance(p.record, ex.Field))
    return Key(chosen.type, fields, grain.unit, grain.week_start)


def _own(node: ex.AnyNode | None, scope: str) -> bool:
    """Say whether an expression reads nothing but the record."""
    bad: list[object] = []

    def visit(part: object) -> None:
        if isinstance(part, ex.Field) and part.scope != scope:
            bad.append(part)
        if isinstance(part, (ex.LetRef, ex.DefinitionRef, ex.FindingRef, ex.Builtin, ex.Aggregate, ex.ParameterRef, ex.Lookup, ex.Determined)):
            bad.append(part)

    statistics.walk(node, visit)
    return not bad


def fused(node: ex.Aggregate, context: Context) -> Grouped | None:
    """Give a statistic from the shared pass, brought to the context's rows; rows with part windows are found from records."""
    key = fusible(node, context.grain)
    if key is None or not context.plain_window or context.world.program.types[key.type].kind != "event":
        return None
    table = context.world.tables[key.type]
    if any(table.frame[f].null_count() for f in (*key.fields, day_column(table.type, table.type.time)) if f in table.frame.columns):
        return None
    if table.frame.height == 0:
        return None
    found = _pass(node, key, context)
    joined = _at_rows(found, key, node, context)
    return joined if context.pieces is None else _with_parts(joined, node, context)


def _pass(node: ex.Aggregate, key: Key, context: Context) -> Grouped:
    world = context.world
    wanted = ex.Aggregate(kind=node.kind, function=node.function, set=_bare(node.set, node.set.scope), value=node.value,
                          condition=node.condition, percent=node.percent)
    if (key, wanted) not in world.fused:
        nodes = _sharing(key, context)
        if wanted not in nodes:
            nodes.append(wanted)
        _run(key, nodes, context)
    return world.fused[(key, wanted)]  # type: ignore[return-value]


def _bare(chosen: ex.Set, scope: str) -> ex.Set:
    """Give a set without its link, so that equal aggregates of different provisions compare equal."""
    return ex.Set(source="facts", type=chosen.type, scope=scope, where=chosen.where)


def _sharing(key: Key, context: Context) -> list[ex.Aggregate]:
    """List the aggregates of the whole program that share a pass."""
    found: list[ex.Aggregate] = []

    def collect(grain: Grain | None, part: object) -> None:
        def visit(node: object) -> None:
            if isinstance(node, ex.Aggregate) and fusible(node, grain) == key:
                bare = ex.Aggregate(kind=node.kind, function=node.function, set=_bare(node.set, node.set.scope), value=node.value,
                                    condition=node.condition, percent=node.percent)
                if bare not in found:
                    found.append(bare)

        statistics.walk(part, visit)

    program = context.world.program
    for definition in program.definitions.values():
        collect(definition.grain, (definition.lets, definition.fields))
    for versions in program.provisions.values():
        for provision in versions:
            for duty in provision.duties:
                collect(duty.grain, (provision.lets, duty.when, duty.demand, duty.unless, duty.excused_by))
    return found


def _run(key: Key, nodes: list[ex.Aggregate], context: Context) -> None:
    world = context.world
    table = world.tables[key.type]
    day = day_column(table.type, table.type.time)
    index = dates.period_index(key.unit, key.week_start, pl.col(day).cast(pl.Int32)).alias("p.index")
    keys = [f"k{i}" for i in range(len(key.fields))]
    base = table.frame.select(*(pl.col(f).alias(k) for f, k in zip(key.fields, keys, strict=True)), index)
    aggregations, plans = [], []
    for node in nodes:
        records = Context(world, base, {node.set.scope: Scope(table, None)}, {})
        where = TRUE if node.set.where is None else records.truth(node.set.where)
        inside = statistics._present(node, records, where)  # noqa: SLF001
        settled = records.settle(inside, "in") if inside is not TRUE else inside
        assert isinstance(settled, Truth)
        plan = statistics.planned(node, records, settled, f"a{next(world.counter)}")
        base = records.frame
        aggregations += plan.aggregations
        plans.append(plan)
    frame = base.lazy().group_by([*keys, "p.index"]).agg(aggregations).collect()
    for node, plan in zip(nodes, plans, strict=True):
        world.fused[(key, node)] = plan.finish(frame)  # type: ignore[assignment]


def _at_rows(found: Grouped, key: Key, node: ex.Aggregate, context: Context) -> Grouped:
    """Join the pass to the context's rows; once for each pass and context."""
    keys = [f"k{i}" for i in range(len(key.fields))]
    mark = f"fused:{key}:{id(found.frame)}"
    if mark not in context.cache:
        columns = []
        for name, pair in zip(keys, node.set.pairs, strict=True):
            value = context.value(pair.subject)
            assert isinstance(value, Symbols)
            columns.append(value.options[0].value.alias(name))
        wanted = context.frame.select(*columns, pl.col("p.index"))
        stats = [c for c in found.frame.columns if c not in {*keys, "p.index"}]
        wanted = wanted.with_columns(_aligned(wanted[k], found.frame[k].dtype) for k in keys)
        joined = wanted.join(found.frame, on=[*keys, "p.index"], how="left", maintain_order="left").select(stats)
        zeros = [c for c in stats if c.endswith((".c", ".p", ".lo", ".hi", ".broken", ".doubtful", ".holds", ".may_hold"))]
        flags = [c for c in stats if joined.schema[c] == pl.Boolean]
        joined = joined.with_columns(pl.col(zeros).fill_null(0), pl.col(flags).fill_null(value=False))
        context.frame = pl.concat([context.frame, joined], how="horizontal")
        context.cache[mark] = TRUE
    return found


def _aligned(own: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Give a key column in the type of the other side; a text that is no such integer matches nothing."""
    if own.dtype == dtype:
        return own
    if dtype.is_integer():
        number = own.cast(pl.String).cast(dtype, strict=False)
        return pl.select(pl.when(number.cast(pl.String) == own.cast(pl.String)).then(number).alias(own.name)).to_series()
    return own.cast(pl.String).cast(dtype)


def _with_parts(joined: Grouped, node: ex.Aggregate, context: Context) -> Grouped:
    """Replace the statistics of rows whose window is not the whole period by those of the records inside it."""
    assert context.pieces is not None
    rows = context.pieces["row"].unique().sort()
    part = context.kept(rows)
    child, inside = members(part, node.set)
    found = statistics.grouped(node, child, inside, ["row"])
    found = statistics.placed(found, part, pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), ["row"])
    return _spliced(joined, found, part, rows, context)


def _spliced(whole: Grouped, part: Grouped, inner: Context, rows: pl.Series, context: Context) -> Grouped:
    """Put the ends and counts of some rows over those of all."""
    from_part = pl.Series("part", [None] * context.frame.height, dtype=pl.UInt32)
    from_part = from_part.scatter(rows, pl.int_range(rows.len(), dtype=pl.UInt32, eager=True))
    index = context.add("part", from_part)

    def bring(expr: pl.Expr) -> pl.Expr:
        return pl.col(context.add("part", inner.frame.select(expr.alias("x"))["x"].gather(context.frame[index])))

    inside = pl.col(index).is_not_null()

    def over(mine: str, theirs: str) -> str:
        name = context.name("spliced")
        context.frame = context.frame.with_columns(pl.when(inside).then(bring(pl.col(theirs))).otherwise(pl.col(mine)).alias(name))
        return name

    def end(mine: statistics.Rational | None, theirs: statistics.Rational | None) -> statistics.Rational | None:
        if mine is None or theirs is None:
            return None
        return statistics.rational.pick(inside, theirs.rebuilt(tuple(bring(e) for e in theirs.exprs)), mine)

    low = end(whole.low, part.low)
    return statistics.Grouped(
        whole.frame, over(whole.certain, part.certain), over(whole.possible, part.possible), whole.records,
        whole.sure and part.sure, whole.known and part.known, low,
        low if whole.low is whole.high and part.low is part.high else end(whole.high, part.high),
        columns={k: over(v, part.columns[k]) for k, v in whole.columns.items()},
    )
