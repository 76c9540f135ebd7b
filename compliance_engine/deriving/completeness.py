"""Whether a source holds every record of a type for a window: only then does silence mean absence."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from compliance_engine.deriving import dates
from compliance_engine.deriving.columns import evaluated, singly
from compliance_engine.deriving.kleene import either
from compliance_engine.deriving.slots import slots_are_complete
from compliance_engine.deriving.tables import ROW_NUMBER, repeated
from compliance_engine.deriving.values import Number
from compliance_engine.deriving.windows import FAR, running_window, stated_window
from compliance_engine.kernel.pool import collected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.kleene import Maybe
    from compliance_engine.deriving.world import Covered
    from compliance_engine.model.expression import Set
    from compliance_engine.model.facts import Complete

# A day, or one of each row.
Day: TypeAlias = "pl.Expr | int"
# By the first and last day of a span, the sites of which a source is complete for it (None: all).
Sites: TypeAlias = "dict[tuple[int, int], list[str | None]]"

# So many different spans of days are spelled out in one expression.
MOST_SPELLED = 20


def covered_spans(statements: Iterable[Complete]) -> dict[str, Covered]:
    """Merge the statements of each type and site into disjoint spans."""
    merged: dict[str, list[tuple[str | None, int, int]]] = {}
    for item in sorted(statements, key=lambda s: (s.type, s.site or "", s.start, s.end)):
        spans = merged.setdefault(item.type, [])
        start, end = dates.days_of(item.start), dates.days_of(item.end)
        if spans and spans[-1][0] == item.site and start <= spans[-1][2] + 1:
            spans[-1] = (item.site, spans[-1][1], max(end, spans[-1][2]))
        else:
            spans.append((item.site, start, end))
    return {name: tuple(spans) for name, spans in merged.items()}


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
    spans = context.world.covered.get(chosen.type, ())
    if "site" not in context.frame.columns:
        spans = tuple(span for span in spans if span[0] is None)
    if not spans and not _may_be_reversed(context, chosen):
        return False
    kind = context.world.program.types[chosen.type].kind
    key = (spans, chosen.window, kind, asked, context.windowed, context.to_due, context.until is None)
    if key not in context.vouched:
        context.vouched[key] = _vouched(context, chosen, spans, kind, asked=asked)
    return context.vouched[key]


def _may_be_reversed(context: Context, chosen: Set) -> bool:
    """Say whether a window may end before it begins: one from a trigger to a due date, or one that a rule states so."""
    if chosen.window is not None:
        return chosen.window.kind == "between"
    return context.windowed and not {"w.cfrom", "due.low"}.isdisjoint(context.frame.columns)


def _vouched(context: Context, chosen: Set, spans: Covered, kind: str, *, asked: bool) -> Maybe:
    """Find where a source that is complete for `spans` covers the window of a set."""
    today = dates.days_of(context.world.as_of)
    known: Day = today
    if context.to_due and chosen.window is None:
        known = today - 1
    elif asked:
        known = today - (_last_day(context) >= today).cast(pl.Int32)
    horizon = _horizon(context)
    start: Day = horizon if kind == "event" else known
    end: Day = known
    if chosen.window is not None:
        start, end, _, _ = stated_window(context, chosen.window)
    elif context.windowed and kind != "reference":
        start, end = pl.col("w.from"), pl.col("w.to")
        if context.to_due:  # without a start: from the first day that is looked at, unless it was due before
            start = pl.when((start > -FAR) | (end < horizon)).then(start).otherwise(horizon)
    return _covered(context, spans, start, end, known)


def _last_day(context: Context) -> pl.Expr:
    """Give the day until which a `require` can be met: due, or the last of the period; one far ahead where it is not known."""
    day = context.due.high.num if context.until is not None and isinstance(context.due, Number) else pl.col("w.to")
    return day.fill_null(FAR)


def _horizon(context: Context) -> Day:
    """Give the first day that an unlimited look back has to cover: where the evaluation is said to begin.

    Unless that is said no source covers it: the first day of which the facts tell moves with every older record.
    """
    since = context.world.since
    default = dates.days_of(since[""]) if "" in since else -(10**6)
    if "site" not in context.frame.columns:
        return default
    named = {k: dates.days_of(v) for k, v in since.items() if k}
    if not named:
        return default
    return pl.col("site").replace_strict(named, default=default, return_dtype=pl.Int32)


def _covered(context: Context, spans: Covered, first_day: Day, last_day: Day, known: Day) -> Maybe:
    """Say where a source vouches for all days of a window, of which those up to `known` have passed; where it has none, nothing is missing."""
    sites: Sites = {}
    for site, first, last in spans:
        sites.setdefault((first, last), []).append(site)
    if singly(context.frame.height):
        return _kept(context, _one_by_one(context, sites, first_day, last_day, known))
    start, end = _column(first_day).fill_null(-FAR), _column(last_day).fill_null(FAR)
    no_day = start > end
    if len(sites) > MOST_SPELLED:
        by_site = _vouched_by_site(context, spans, start, end, known)
        return _kept(context, context.compute(no_day | pl.lit(by_site)))
    inside: Maybe = no_day
    for (first, last), named in sites.items():
        passed = min(known, last) if isinstance(known, int) else pl.min_horizontal(known, pl.lit(last, dtype=pl.Int32))
        held = (start >= first) & (end <= passed)
        inside = either(inside, held if None in named else held & pl.col("site").is_in(named))
    assert not isinstance(inside, bool)
    return _kept(context, context.compute(inside.fill_null(value=False)))


def _column(day: Day) -> pl.Expr:
    return pl.lit(day, dtype=pl.Int32) if isinstance(day, int) else day.cast(pl.Int32)


def _one_by_one(context: Context, sites: Sites, first_day: Day, last_day: Day, known: Day) -> pl.Series:
    """Hold each of few rows against the spans: an expression for it takes longer to make."""
    height = context.frame.height
    days = {"first": first_day, "last": last_day, "known": known}
    read = evaluated(context, **{name: day for name, day in days.items() if not isinstance(day, int)})
    begins, ends, passed = (
        [day] * height if isinstance(day, int) else read[name].to_list() for name, day in days.items()
    )
    places = context.frame["site"].cast(pl.String).to_list() if "site" in context.frame.columns else [None] * height

    def holds(begin: int, stop: int, until: int, place: str | None) -> bool:
        return begin > stop or any(
            begin >= first and stop <= min(until, last) and (None in named or place in named)
            for (first, last), named in sites.items()
        )

    found = [
        holds(-FAR if begin is None else begin, FAR if stop is None else stop, until, place)
        for begin, stop, until, place in zip(begins, ends, passed, places, strict=True)
    ]
    return pl.Series("complete", found, dtype=pl.Boolean)


def _kept(context: Context, complete: pl.Series) -> Maybe:
    """Keep where a source is complete; what is so everywhere needs no column."""
    return True if complete.all() else pl.col(context.add("complete", complete))


def _vouched_by_site(context: Context, spans: Covered, start: pl.Expr, end: pl.Expr, known: Day) -> pl.Series:
    """Hold each row against the spans of its site, where they are too many to be spelled out."""
    passed = pl.lit(known, dtype=pl.Int32) if isinstance(known, int) else known
    row, schema = ROW_NUMBER.alias("row"), {"site": pl.String, "start": pl.Int32, "end": pl.Int32}
    site = pl.col("site") if "site" in context.frame.columns else pl.lit(None, dtype=pl.String).alias("site")
    frame = context.frame.lazy().select(site, row, start.alias("from"), end.alias("to"), passed.alias("known"))
    everywhere, local = (
        pl.LazyFrame([span for span in spans if (span[0] is None) == wanted], schema=schema, orient="row")
        for wanted in (True, False)
    )
    joined = pl.concat([frame.join(everywhere.drop("site"), how="cross"), frame.join(local, on="site", how="inner")])
    inside = (pl.col("from") >= pl.col("start")) & (pl.col("to") <= pl.min_horizontal("end", "known"))
    rows = collected(joined.filter(inside).select("row"), context.frame.height)["row"]
    return repeated(value=False, height=context.frame.height, dtype=pl.Boolean).scatter(rows, values=True)
