"""Whether a source holds every record of a type for a window: only then does silence mean absence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates
from compliance_engine.deriving.slots import slots_are_complete
from compliance_engine.deriving.tables import ROW_NUMBER
from compliance_engine.deriving.values import Number
from compliance_engine.deriving.windows import FAR, running_window, stated_window
from compliance_engine.kernel.pool import collected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.kleene import Maybe
    from compliance_engine.model.expression import Set
    from compliance_engine.model.facts import Complete


def covered_spans(statements: Iterable[Complete]) -> dict[str, pl.DataFrame]:
    """Merge the statements of each type and site into disjoint spans: columns site (null: all), start, end in days."""
    merged: dict[str, list[tuple[str | None, int, int]]] = {}
    for item in sorted(statements, key=lambda s: (s.type, s.site or "", s.start, s.end)):
        spans = merged.setdefault(item.type, [])
        start, end = dates.days_of(item.start), dates.days_of(item.end)
        if spans and spans[-1][0] == item.site and start <= spans[-1][2] + 1:
            spans[-1] = (item.site, spans[-1][1], max(end, spans[-1][2]))
        else:
            spans.append((item.site, start, end))
    schema = {"site": pl.String, "start": pl.Int32, "end": pl.Int32}
    return {name: pl.DataFrame(spans, schema=schema, orient="row") for name, spans in merged.items()}


def is_complete(context: Context, chosen: Set, *, asked: bool = False) -> Maybe:
    """Say, row by row, whether no record of the set can be missing from its window.

    `asked`: a `require` asks for one, by the due date or the end of the period: it is not lacking before that day has passed.
    """
    if chosen.source == "slot":
        return slots_are_complete(context, chosen)
    if chosen.source != "facts":
        return True
    if chosen.window is not None and chosen.window.kind == "running":
        begun = running_window(context, chosen).select((pl.col("from") > -FAR).alias("complete"))["complete"]
        return pl.col(context.add("complete", begun))
    spans = context.world.covered.get(chosen.type)
    if spans is None or spans.height == 0:
        return False
    today = pl.lit(dates.days_of(context.world.as_of), dtype=pl.Int32)
    known = today
    if context.to_due and chosen.window is None:
        known = today - 1
    elif asked:
        known = today - (_last_day(context) >= today).cast(pl.Int32)
    kind = context.world.program.types[chosen.type].kind
    if chosen.window is not None:
        start, end, _, _ = stated_window(context, chosen.window)
    elif context.windowed and kind not in {"reference", "plan"}:
        start, end = pl.col("w.from"), pl.col("w.to")
        if context.to_due:  # without a start: from the first day that is looked at
            start = pl.when(start > -FAR).then(start).otherwise(_horizon(context))
    else:
        start, end = known if kind != "event" else _horizon(context), known
    return _covered(context, spans, start, end, known)


def _last_day(context: Context) -> pl.Expr:
    """Give the day until which a `require` can be met: due, or the last of the period; one far ahead where it is not known."""
    day = context.due.high.num if context.until is not None and isinstance(context.due, Number) else pl.col("w.to")
    return day.fill_null(FAR)


def _horizon(context: Context) -> pl.Expr:
    """Give the first day that an unlimited look back has to cover: where the evaluation is said to begin.

    Unless that is said no source covers it: the first day of which the facts tell moves with every older record.
    """
    since = context.world.since
    default = dates.days_of(since[""]) if "" in since else -(10**6)
    if "site" not in context.frame.columns:
        return pl.lit(default, dtype=pl.Int32)
    named = {k: dates.days_of(v) for k, v in since.items() if k}
    if not named:
        return pl.lit(default, dtype=pl.Int32)
    return pl.col("site").replace_strict(named, default=default, return_dtype=pl.Int32)


def _covered(context: Context, spans: pl.DataFrame, start: pl.Expr, end: pl.Expr, known: pl.Expr) -> pl.Expr:
    """Say where a source vouches for the days from start to end, of which those up to `known` have passed."""
    frame = context.frame.lazy().select(
        known.cast(pl.Int32).alias("known"),
        ROW_NUMBER.alias("row"),
        start.cast(pl.Int32).fill_null(-FAR).alias("from"),
        end.cast(pl.Int32).fill_null(FAR).alias("to"),
        (pl.col("site") if "site" in context.frame.columns else pl.lit(None, dtype=pl.String)).alias("site"),
    )
    inside = pl.lit(value=False)
    everywhere, local = spans["site"].is_null(), spans.filter(pl.col("site").is_not_null())
    for first, last in zip(*(spans[end].filter(everywhere).to_list() for end in ("start", "end")), strict=True):
        inside = inside | ((pl.col("from") >= first) & (pl.col("to") <= pl.min_horizontal("known", pl.lit(last))))
    if local.height:
        hits = frame.join(local.lazy(), on="site", how="inner").filter(
            (pl.col("from") >= pl.col("start")) & (pl.col("to") <= pl.min_horizontal("end", "known"))
        )
        hits = hits.select("row", pl.lit(value=True).alias("hit")).unique("row")
        frame = frame.join(hits, on="row", how="left", maintain_order="left")
        inside = inside | pl.col("hit").fill_null(value=False)
    found = collected(frame.select("row", inside.alias("complete")), context.frame.height)
    return pl.col(context.add("complete", found["complete"]))
