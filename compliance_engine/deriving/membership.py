"""Which records stand in a set, row by row: links, windows, what may and what must belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import polars as pl

from compliance_engine.deriving import dates, kleene, rational, values
from compliance_engine.deriving.columns import few, selected
from compliance_engine.deriving.context import Context
from compliance_engine.deriving.kleene import Truth
from compliance_engine.deriving.linking import index_of, key_of, knows_links, row_keys
from compliance_engine.deriving.pairing import PAIRS, pairs_of
from compliance_engine.deriving.record_spans import times_of
from compliance_engine.deriving.site_days import local_days
from compliance_engine.deriving.slots import slots
from compliance_engine.deriving.tables import DOUBT, ROW_NUMBER, Table, day_column
from compliance_engine.deriving.values import Number, Symbols, Value
from compliance_engine.deriving.windows import FAR, running_window, stated_window
from compliance_engine.deriving.world import Scope
from compliance_engine.kernel.frames import kept_where, with_series
from compliance_engine.kernel.pool import collected

if TYPE_CHECKING:
    from compliance_engine.deriving.world import World
    from compliance_engine.model.expression import AnyNode, Set

# The records of sets of so many rows are kept for evidence, until the findings of their stratum are settled.
MOST_KEPT = 5_000

NONE = "\0none"  # no text of a source: what is absent equals what is absent, and nothing else


def members(context: Context, chosen: Set) -> tuple[Context, Truth]:
    """Give the candidate records of each row, as rows of a new context, and whether each belongs.

    The truth covers the link, the window and the `where`. Sets that differ in their `where` alone share the context.
    """
    key = (chosen, context.windowed)
    found = context.records.get(key) or _of_whole(context, key)
    if found is None and chosen.where is not None:
        child, inside = members(context, msgspec.structs.replace(chosen, where=None))
        found = child, inside if child.frame.is_empty() else kleene.conjunction(inside, _where(child, chosen.where))
    elif found is None:
        found = slots(context, chosen) if chosen.source == "slot" else _found(context, chosen)
    if max(context.frame.height, found[0].frame.height) < MOST_KEPT:
        context.records[key] = found
    return found


def _where(child: Context, node: AnyNode) -> Truth:
    where = child.once(node)
    assert isinstance(where, Truth)
    return where


def _of_whole(context: Context, key: tuple[Set, bool]) -> tuple[Context, Truth] | None:
    """Give the records that were found for a whole context, of the rows that this one has of it."""
    if context.whole is None or context.earlier is not None:
        return None
    whole, rows = context.whole
    held = whole.records.get(key)
    if held is None:
        return None
    child, inside = held
    place = {row: number for number, row in enumerate(rows.to_list())}
    kept = [(at, place[row]) for at, row in enumerate(child.frame["row"].to_list()) if row in place]
    part = child.kept(pl.Series([at for at, _ in kept], dtype=pl.UInt32))
    own = pl.Series("row", [row for _, row in kept], dtype=pl.UInt32)
    part.frame, part.parent = with_series(part.frame, own), context
    return part, inside


def _found(context: Context, chosen: Set) -> tuple[Context, Truth]:
    table = _source(context, chosen)
    pairs = _linked(context, chosen, table)
    if chosen.source == "finding" and table.frame[DOUBT].any():
        pairs = pairs.with_columns(doubt=pl.col("doubt") | table.frame[DOUBT][pairs["record"]])
    child = context.child(pairs, "row")
    index = child.add(f"{chosen.scope}#", pairs["record"])
    child.scopes[chosen.scope] = Scope(table, index)
    maybe = pl.col("doubt")
    inside = Truth(may=True, may_not=maybe if pairs["doubt"].any() else False)
    if context.due_at is not None and chosen.window is None and chosen.source == "facts":
        inside = kleene.conjunction(inside, _in_time(context, child, chosen, table))
    return child, inside


def _in_time(context: Context, child: Context, chosen: Set, table: Table) -> Truth:
    """Hold the instant of each record against the instant at which the duty is due; a bare date may be any time of its day."""
    assert context.due_at is not None
    due = child.parent.carried(context.due_at, child, "row") if child.parent is not None else context.due_at
    assert isinstance(due, Number)
    name = table.type.time
    expr = child.column(chosen.scope, (), name)[0]
    if table.type.field(name).base == "instant":
        at = rational.column(expr.cast(pl.Datetime("us", "UTC")).cast(pl.Int64), bound=dates.INSTANT_BOUND)
        return values.less(Number(at, at), due, strict=False)
    day, last = dates.day_number(expr.cast(pl.Date).cast(pl.Int32)), local_days(due, child)
    return Truth(values.less(day, last, strict=False).may, values.less(day, last, strict=True).may_not)


def _source(context: Context, chosen: Set) -> Table:
    if chosen.source == "facts":
        return context.world.tables[chosen.type]
    found = [
        r.table for (p, d), r in sorted(context.world.results.items()) if p == chosen.type and chosen.duty in {"", d}
    ]
    if len(found) == 1:
        return found[0]
    frame = pl.concat([t.frame for t in found], how="diagonal_relaxed")
    return Table(found[0].type, frame, found[0].shapes)


def _linked(context: Context, chosen: Set, table: Table) -> pl.DataFrame:
    """Pair rows with records by link and window: columns row, record, doubt (belongs only perhaps)."""
    if is_one_empty(context, table):
        return pl.DataFrame(schema=PAIRS)
    found = _by_index(context, chosen, table)
    if found is not None:
        return found
    keys = [f"k{i}" for i in range(len(chosen.pairs))]
    sides = [
        _key(context.value(pair.subject)).cast(pl.String).alias(k) for k, pair in zip(keys, chosen.pairs, strict=True)
    ]
    have = _record_keys(context.world, chosen, table, keys)
    windows = _windows(context, chosen, table)
    row = ROW_NUMBER.alias("row")
    by_row = windows if isinstance(windows, list) else []
    wanted = selected(context.frame, [row, *sides, *by_row])
    if isinstance(windows, pl.DataFrame):
        wanted = wanted.join(windows, on="row", how="inner", maintain_order="left")
    dated = chosen.source == "facts" and table.type.kind == "event"
    return pairs_of(wanted, have, keys, windowed=windows is not None, dated=dated)


def is_one_empty(context: Context, table: Table) -> bool:
    """Say whether there is no row, or no record, so that nothing can be paired."""
    return context.frame.is_empty() or table.frame.is_empty()


def _by_index(context: Context, chosen: Set, table: Table) -> pl.DataFrame | None:
    """Pair rows with the records of their calendar period through the index; None where there is no such index."""
    key = key_of(chosen, context.grain) if context.plain_window else None
    index = index_of(key, context.world) if key is not None else None
    if index is None or not knows_links(chosen, context):
        return None
    keys = row_keys(index, chosen, context)
    wanted = pl.DataFrame({"key": keys}).with_row_index("row")
    wanted = kept_where(wanted, keys.is_not_null()) if keys.null_count() else wanted
    have = index.records(wanted["key"])
    pairs = wanted.lazy().join(have.lazy(), on="key", how="inner", maintain_order="right").select("row", "record")
    most = max(wanted.height, have.height)
    if context.pieces is None:  # the records stand in order
        return collected(pairs.with_columns(doubt=pl.lit(value=False)).sort("row", maintain_order=True), most)
    windows = _windows(context, chosen, table)
    assert isinstance(windows, pl.DataFrame)
    day = table.frame.lazy().select(pl.col(day_column(table.type, table.type.time)).cast(pl.Int32).alias("day"))
    pairs = pairs.join(windows.lazy(), on="row", how="inner").join(day.with_row_index("record"), on="record")
    pairs = pairs.filter(pl.col("day").is_between("from", "to"))
    doubt = ~pl.col("day").is_between("c.from", "c.to")
    return collected(pairs.group_by("row", "record").agg(doubt.min().alias("doubt")).sort("row", "record"), most)


def _key(value: Value) -> pl.Expr:
    """Give what a link is joined on: a text (NONE: known to be absent), or the number of a date; null where it is not known."""
    if isinstance(value, Symbols):
        text = value.options[0].value
        if value.absent.may is False:
            return text
        return pl.when(kleene.expression(value.absent.may) & text.is_null()).then(pl.lit(NONE)).otherwise(text)
    assert isinstance(value, Number)
    return value.low.num if value.exact else pl.lit(None, dtype=pl.Int64)


def _record_keys(world: World, chosen: Set, table: Table, keys: list[str]) -> pl.DataFrame:
    """Give the other side of the link for every record, and the days it spans; of few records found once for each link."""
    links = tuple(pair.record for pair in chosen.pairs)
    held = table.sides.get((chosen.scope, links))
    if held is None:
        base = pl.DataFrame({"record": pl.int_range(table.frame.height, dtype=pl.UInt32, eager=True)})
        own = Context(world, base, {chosen.scope: Scope(table, None)}, {})
        columns = [_key(own.value(node)).cast(pl.String).alias(k) for k, node in zip(keys, links, strict=True)]
        times = times_of(own, chosen, table)
        held = own.frame.select("record", *columns, *times)
        if few(table.frame.height):
            table.sides[chosen.scope, links] = held
    return held


def _windows(context: Context, chosen: Set, table: Table) -> list[pl.Expr] | pl.DataFrame | None:
    """Give the days of the window, from, to (possible), c.from, c.to (certain): of each row, or of the pieces of the rows; None: no window."""
    if chosen.window is not None and chosen.window.kind == "running":
        running = running_window(context, chosen)
        start, end = pl.lit(running["from"]), pl.lit(running["to"])
        return _window_columns(start, end, start, end)
    if chosen.window is not None:
        return _window_columns(*stated_window(context, chosen.window))
    if not context.windowed or (table.type.kind == "reference" and chosen.source == "facts"):
        return None
    start, end = pl.col("w.from").fill_null(-FAR).cast(pl.Int32), pl.col("w.to").fill_null(FAR).cast(pl.Int32)
    if context.pieces is not None:
        row = ROW_NUMBER.alias("row")
        whole = context.frame.lazy().select(row, *_window_columns(start, end, start, end))
        pieces = context.pieces.lazy().select("row", "from", "to", "c.from", "c.to")
        either = pl.concat([whole.join(pieces, on="row", how="anti", maintain_order="left"), pieces])
        return collected(either, context.frame.height)
    sure = (start, end)
    if "w.cfrom" in context.frame.columns:
        sure = (pl.col("w.cfrom").cast(pl.Int32), pl.col("w.cto").cast(pl.Int32))
    if "exact" in context.frame.columns:
        # Where it is not known on which days the subject is bound, no record certainly counts.
        known = pl.when("exact")
        sure = (known.then(sure[0]).otherwise(FAR).cast(pl.Int32), known.then(sure[1]).otherwise(-FAR).cast(pl.Int32))
    return _window_columns(start, end, *sure)


def _window_columns(*ends: pl.Expr) -> list[pl.Expr]:
    return [end.alias(name) for end, name in zip(ends, ("from", "to", "c.from", "c.to"), strict=True)]
