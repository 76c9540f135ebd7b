"""Definitions that read themselves one period back, found period by period (docs/language.md section 3, `previous`).

Only what reads `previous` is found anew in each period; all else of the formula is found for all periods at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from compliance_engine.deriving import dates
from compliance_engine.deriving.context import Context
from compliance_engine.deriving.pinned import NONE, UNKNOWN, Cell, cells_of
from compliance_engine.deriving.values import Number
from compliance_engine.deriving.world import Scope, TooManyOccurrencesError
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compliance_engine.deriving.tables import Table
    from compliance_engine.model.program import DefinitionSpec

MOST_PERIODS = 5_000
MOST_ROWS = 5_000_000


def chained_periods(spec: DefinitionSpec, asked: pl.DataFrame, context: Context, table: Table) -> pl.DataFrame:
    """Give the periods that have to be found for those asked: from each subject's first, as far as that is known.

    Columns subject#, p.index, p.from, p.to and `first#` (null: not known), in the order of time.
    """
    assert spec.grain is not None
    unit, week = spec.grain.unit, spec.grain.week_start
    last = asked.group_by("subject#", maintain_order=True).agg(pl.col("p.index").max().alias("last"))
    subjects = last.with_columns(_first_index(spec, last.select("subject#"), context, table).alias("first#"))
    _refuse_long(spec.id, subjects)
    before = (
        subjects.filter(pl.col("first#") <= pl.col("last"))
        .select("subject#", pl.int_ranges("first#", pl.col("last") + 1, dtype=pl.Int32).alias("p.index"))
        .explode("p.index")
    )
    rows = pl.concat([asked.select("subject#", "p.index"), before]).unique(maintain_order=True)
    rows = rows.join(subjects.select("subject#", "first#"), on="subject#", how="left", maintain_order="left")
    return (
        rows.with_columns(
            dates.period_start(unit, week, pl.col("p.index")).alias("p.from"),
            (dates.period_start(unit, week, pl.col("p.index") + 1) - 1).cast(pl.Int32).alias("p.to"),
        )
        .sort("p.index", "subject#")
        .select("subject#", "p.index", "p.from", "p.to", "first#")
    )


def _first_index(spec: DefinitionSpec, subjects: pl.DataFrame, context: Context, table: Table) -> pl.Series:
    """Give the number of each subject's first period; null where it is not known."""
    assert spec.grain is not None
    assert spec.start is not None
    own = Context(context.world, subjects, {"subject": Scope(table, "subject#")}, {})
    start = own.value(spec.start)
    assert isinstance(start, Number)
    days = pl.DataFrame({"low": own.compute(start.low.num), "high": own.compute(start.high.num)})
    known = pl.col("low").is_not_null() & pl.col("high").is_not_null() & (pl.col("high") < dates.NEVER)
    index = [
        dates.period_index(spec.grain.unit, spec.grain.week_start, pl.when(known).then(pl.col(end)))
        for end in ("low", "high")
    ]
    return days.select(pl.when(index[0] == index[1]).then(index[0]).cast(pl.Int32).alias("first#"))["first#"]


def _refuse_long(name: str, subjects: pl.DataFrame) -> None:
    """Refuse to unroll what nobody can have meant."""
    length = (pl.col("last") - pl.col("first#") + 1).clip(0)
    longest, total = subjects.select(length.max(), length.sum().alias("total")).row(0)
    if (longest or 0) > MOST_PERIODS or (total or 0) > MOST_ROWS:
        message = f"{name}: {longest} periods from its `start` (at most {MOST_PERIODS}, {MOST_ROWS} in all)"
        raise TooManyOccurrencesError(message)


def unroll(spec: DefinitionSpec, context: Context) -> None:
    """Find what the definition was one period back, for each row of a context over `chained_periods`."""
    fields = tuple(item for item in spec.fields if item.name in _fields_read(spec))
    lets = _split_lets(spec, context)
    nodes = {item.name: _split(item.node, context) for item in fields}
    subjects, indexes = context.frame["subject#"].to_list(), context.frame["p.index"].to_list()
    firsts = context.frame["first#"].to_list()
    back: dict[str, list[Cell]] = {item.name: [UNKNOWN] * len(subjects) for item in fields}
    found: dict[tuple[int, int], dict[str, Cell]] = {}
    for rows in _by_period(indexes):
        kept = [row for row in rows if firsts[row] is not None and firsts[row] <= indexes[row]]
        for row in kept:
            earlier = None if firsts[row] == indexes[row] else found[subjects[row], indexes[row] - 1]
            for item in fields:
                back[item.name][row] = NONE if earlier is None else earlier[item.name]
        if kept and rows[-1] + 1 < len(subjects):
            step = context.kept(pl.Series(kept, dtype=pl.UInt32))
            step.lets = lets
            step.earlier = {item.name: ([back[item.name][row] for row in kept], item.node.kind) for item in fields}
            columns = {name: cells_of(step.value(node), step) for name, node in nodes.items()}
            for place, row in enumerate(kept):
                found[subjects[row], indexes[row]] = {name: cells[place] for name, cells in columns.items()}
    context.earlier = {item.name: (back[item.name], item.node.kind) for item in fields}


def _by_period(indexes: list[int]) -> list[list[int]]:
    """Group the rows, which stand in the order of time, by period."""
    groups: list[list[int]] = []
    for row, index in enumerate(indexes):
        if not groups or indexes[groups[-1][0]] != index:
            groups.append([])
        groups[-1].append(row)
    return groups


def _fields_read(spec: DefinitionSpec) -> frozenset[str]:
    """List the fields of which the definition reads the earlier ones."""
    return frozenset(part.field for part in parts((spec.lets, spec.fields)) if isinstance(part, ex.Previous))


def _split_lets(spec: DefinitionSpec, context: Context) -> dict[str, Any]:
    """Give the lets with what does not read `previous` found already."""
    return {
        item.name: msgspec.structs.replace(item, node=_split(item.node, context))
        if _reads_previous(item.node, context)
        else item
        for item in spec.lets
    }


def _reads_previous(part: object, context: Context) -> bool:
    """Say whether an expression reads `previous`, also through lets."""
    return any(
        isinstance(node, ex.Previous)
        or (
            isinstance(node, ex.LetRef)
            and node.name in context.lets
            and _reads_previous(context.lets[node.name].node, context)
        )
        for node in parts(part)
    )


def _split(node: Any, context: Context) -> Any:  # noqa: ANN401 - a node, or a part of one
    """Find what does not read `previous` for all periods at once, and leave a name for it."""
    if isinstance(node, tuple):
        return tuple(_split(part, context) for part in node)
    if isinstance(node, ex.Const | ex.Previous | ex.Duration) or not isinstance(node, msgspec.Struct):
        return node
    if isinstance(node, ex.Node) and not _reads_previous(node, context):
        name = f"#{next(context.world.counter)}"
        context.cache[name] = context.settle(context.value(node), "all")  # type: ignore[arg-type]
        return ex.LetRef(kind=node.kind, name=name)
    if isinstance(node, ex.LetRef):
        return node  # its `let` is split
    return msgspec.structs.replace(node, **_split_parts(node, context))


def _split_parts(node: msgspec.Struct, context: Context) -> Mapping[str, Any]:
    """Split the parts of a node; what is said of the records of a set stands elsewhere, and stays."""
    names = node.__struct_fields__
    if isinstance(node, ex.Aggregate):
        names = ("set", "statistic")
    elif isinstance(node, ex.Set):
        names = ("window",)
    elif isinstance(node, ex.Round):
        names = ("operand",)  # its places are read as they are written
    return {name: _split(getattr(node, name), context) for name in names}
