"""Calendar slots: the days, weeks, months ... of the current period, or of a window that is stated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates
from compliance_engine.deriving.kleene import Truth
from compliance_engine.deriving.tables import ROW_NUMBER
from compliance_engine.deriving.windows import FAR, stated_window
from compliance_engine.deriving.world import TooManyOccurrencesError
from compliance_engine.kernel.frames import kept_where, without
from compliance_engine.kernel.pool import collected
from compliance_engine.model.program import Grain

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.model.expression import Set

MOST_SLOTS = 50_000_000


def slots(context: Context, chosen: Set) -> tuple[Context, Truth]:
    """Give the slots of each row, as rows of a new context, and whether each belongs."""
    spans = _windows(context, chosen) if chosen.window is not None else _period(context)
    first, last = (dates.period_index(chosen.type, "sunday", pl.col(end)) for end in ("from", "to"))
    spans = spans.with_columns(first.alias("first"), (last + 1).alias("after"))
    spans = kept_where(spans, spans["first"] < spans["after"])
    if (spans["after"].cast(pl.Int64) - spans["first"]).sum() > MOST_SLOTS:
        message = f"more than {MOST_SLOTS} slots of a {chosen.type} each; narrow the window"
        raise TooManyOccurrencesError(message)
    frame = collected(_spelled_out(spans.lazy(), chosen), spans.height)
    bound = _pieces(context, chosen) if chosen.window is None else None
    pieces = None
    if bound is not None:
        days = _days_bound(frame, bound)
        frame = _with_days(frame, days)
        pieces = None if chosen.type == "day" else _parts(frame, days)  # a day that counts, counts whole
    child = context.child(without(frame, "slot"), "row")
    child.grain = Grain(kind="calendar", unit=chosen.type)
    child.windowed, child.plain_window, child.pieces = True, True, pieces
    return child, Truth(may=True, may_not=pl.col("doubt") if frame["doubt"].any() else False)


def _spelled_out(spans: pl.LazyFrame, chosen: Set) -> pl.LazyFrame:
    """Give a row for each slot: row, p.index, p.from, p.to, w.from, w.to, and whether it is in doubt."""
    number = pl.int_ranges("first", "after", dtype=pl.Int32).alias("p.index")
    rows = spans.select("row", "c.from", "c.to", number).explode("p.index")
    start, after = (dates.period_start(chosen.type, "sunday", pl.col("p.index") + more) for more in (0, 1))
    rows = rows.with_columns(start.alias("p.from"), (after - 1).alias("p.to"))
    sure = pl.col("c.from") <= pl.col("c.to")
    sure = sure & (pl.col("p.from") <= pl.col("c.to")) & (pl.col("p.to") >= pl.col("c.from"))
    first, last = pl.col("p.from"), pl.col("p.to")
    if chosen.window is None:  # slots of the current period, beyond which a week may go
        first, last = pl.max_horizontal(first, "c.from"), pl.min_horizontal(last, "c.to")
    window = first.alias("w.from"), last.alias("w.to")
    return rows.select("row", "p.index", "p.from", "p.to", *window, (~sure).alias("doubt"))


def _pieces(context: Context, chosen: Set) -> pl.DataFrame | None:
    """Give the parts of each row's window to which its slots are cut; None where they are whole. A week may go beyond its month or year."""
    if chosen.type != "week":
        return context.pieces
    whole = _period(context)
    if context.pieces is None:
        return whole
    return pl.concat([whole.join(context.pieces, on="row", how="anti"), context.pieces.select(whole.columns)])


def _days_bound(frame: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Give the days of each slot (by its number) on which its row is bound: from, to, and the certain ends; of rows that are not whole."""
    cut = frame.select("row", "p.from", "p.to").with_row_index("slot").join(pieces, on="row", how="inner")
    begins = [pl.max_horizontal(name, "p.from").cast(pl.Int32).alias(name) for name in ("from", "c.from")]
    ends = [pl.min_horizontal(name, "p.to").cast(pl.Int32).alias(name) for name in ("to", "c.to")]
    return cut.select("slot", "p.from", "p.to", *begins, *ends)


def _with_days(frame: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Leave out the slots that have no such day; they keep their number. One that has none for certain is in doubt."""
    found = days.group_by("slot").agg(
        (pl.col("from") <= pl.col("to")).any().alias("touched"),
        (pl.col("c.from") <= pl.col("c.to")).any().alias("sure"),
    )
    frame = frame.with_row_index("slot").join(found, on="slot", how="left", maintain_order="left")
    frame = kept_where(frame, frame["touched"].fill_null(value=True))
    return frame.with_columns(pl.col("doubt") | ~pl.col("sure").fill_null(value=True)).drop("touched", "sure")


def _parts(frame: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame | None:
    """Give the parts of the slots that are not whole: row, from, to and certain ends; None where all are."""
    whole = (pl.col("c.from") == pl.col("p.from")) & (pl.col("c.to") == pl.col("p.to"))
    days = days.join(days.filter(whole), on="slot", how="anti", maintain_order="left")
    days = days.filter(pl.col("from") <= pl.col("to"))
    if days.is_empty():
        return None
    return days.join(frame.select("slot").with_row_index("row"), on="slot").select(
        "row", "from", "to", "c.from", "c.to"
    )


def _period(context: Context) -> pl.DataFrame:
    """Give the current period of each row: row, from, to and the same as certain ends."""
    start, end = pl.col("p.from").cast(pl.Int32), pl.col("p.to").cast(pl.Int32)
    row = ROW_NUMBER.alias("row")
    ends = {"from": start, "to": end, "c.from": start, "c.to": end}
    return context.frame.select(row, *(e.alias(n) for n, e in ends.items()))


def _windows(context: Context, chosen: Set) -> pl.DataFrame:
    """Give the stated windows, cut at the as-of date; where the beginning is not known, what certainly belongs."""
    assert chosen.window is not None
    row = ROW_NUMBER.alias("row")
    ends = zip(stated_window(context, chosen.window), ("from", "to", "c.from", "c.to"), strict=True)
    windows = context.frame.select(row, *(end.cast(pl.Int32).alias(name) for end, name in ends))
    begun = pl.when(pl.col("from") > -FAR).then(pl.col("from")).otherwise(pl.col("c.from"))
    today = pl.lit(dates.days_of(context.world.as_of), dtype=pl.Int32)
    return windows.with_columns(begun.alias("from"), pl.min_horizontal("to", today).alias("to")).filter(
        pl.col("from") <= pl.col("to")
    )


def slots_are_complete(context: Context, chosen: Set) -> pl.Expr | bool:
    """Say, row by row, whether every slot of the window is there: its beginning is known, and none lies in the future, or it has no day at all."""
    if chosen.window is None:
        return True
    start, end, _, _ = stated_window(context, chosen.window)
    today = dates.period_index(chosen.type, "sunday", pl.lit(dates.days_of(context.world.as_of), dtype=pl.Int32))
    near = pl.min_horizontal(end, pl.lit(dates.NEVER, dtype=pl.Int32)).cast(pl.Int32)
    reached = dates.period_index(chosen.type, "sunday", near) <= today
    return pl.col(context.add("whole", context.compute(((start > -FAR) & reached) | (start > end))))
