"""The days on which a subject is bound, and what is left of a period when it is cut to them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, kleene
from compliance_engine.deriving.columns import singly
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.record_spans import record_times
from compliance_engine.deriving.tables import ROW_NUMBER, repeated
from compliance_engine.deriving.windows import FAR
from compliance_engine.kernel.frames import rows_where, tuples_by, tuples_of
from compliance_engine.kernel.pool import collected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.world import World
    from compliance_engine.model.program import ProvisionSpec


def bound_spans(subjects: Context, provision: ProvisionSpec) -> pl.DataFrame:
    """Give the days on which each subject is bound: sub, from, to (possible), c.from, c.to (certain)."""
    table = subjects.scopes["subject"].table
    sub, in_order = ROW_NUMBER.alias("sub"), pl.col("from") <= pl.col("to")
    if table.type.kind == "state" and not provision.subject.finding:
        times = record_times(subjects.world, table)[subjects.frame["subject#"]]
        ends = {"from": "r.from", "to": "r.to", "c.from": "r.certain_from", "c.to": "r.certain_to"}
        spans = times.select(sub, *(pl.col(old).alias(new) for new, old in ends.items())).filter(in_order)
    else:
        ever, height = {"from": -FAR, "to": FAR, "c.from": -FAR, "c.to": FAR}, subjects.frame.height
        rows = pl.int_range(height, dtype=pl.UInt32, eager=True).alias("sub")
        spans = pl.DataFrame([rows, *(repeated(day, height, pl.Int32).alias(name) for name, day in ever.items())])
    for chosen in provision.bound_while:
        child, inside = members(subjects, chosen)
        record_table = child.scopes[chosen.scope].table
        when = record_times(subjects.world, record_table)
        doubt = kleene.expression(inside.may_not)
        held = pl.concat(
            [
                child.frame.select(
                    pl.col("row").alias("sub"),
                    "record",
                    doubt.alias("doubt"),
                    kleene.expression(inside.may).alias("may"),
                ),
                when[child.frame["record"]],
            ],
            how="horizontal",
        ).filter("may")
        joined = spans.join(held, on="sub", how="inner")
        spans = joined.select(
            "sub",
            pl.max_horizontal("from", "r.from").alias("from"),
            pl.min_horizontal("to", "r.to").alias("to"),
            pl.when("doubt").then(FAR).otherwise(pl.max_horizontal("c.from", "r.certain_from")).alias("c.from"),
            pl.when("doubt").then(-FAR).otherwise(pl.min_horizontal("c.to", "r.certain_to")).alias("c.to"),
        ).filter(in_order)
    return spans


def bound_on(
    days: pl.DataFrame, spans: pl.DataFrame, provision: ProvisionSpec, as_of: int, *, due: bool
) -> pl.DataFrame:
    """Say of each row, in order, whether it may be an obligation under this version of the law, and is one for certain: may, sure.

    `days`: a subject (`sub`) and the first and last day that the one may be on which it is bound, and whose law governs (`low`, `high`; null: no end).
    Of several the law of the one nearest to the as-of date governs. `due`: before a due date a subject is bound if it is on the as-of date.
    Otherwise a day of which nothing is known may be any on which it is bound; what is certain is that of the as-of date.
    """
    if singly(days.height) and singly(spans.height):
        return _bound_singly(days, spans, provision, as_of, due=due)
    low, high, near = pl.col("low"), pl.col("high"), pl.col("near")
    unknown = low.is_null() & high.is_null() & (not due)
    nearest = pl.when(low > as_of).then(low).when(high < as_of).then(high).otherwise(as_of)
    known = days.lazy().with_row_index("keep").with_columns(nearest.alias("near"), unknown.alias("any day"))
    known = known.with_columns(low.fill_null(near), high.fill_null(near))
    first, last = (pl.min_horizontal(end, pl.lit(as_of)) if due else end for end in (low, high))
    start, end = pl.col("from"), pl.col("to")
    may = (start <= last) & (first <= end) | (pl.col("any day") & start.is_not_null())
    sure = (pl.col("c.from") <= first) & (last <= pl.col("c.to"))
    query = (
        known.join(spans.lazy(), on="sub", how="left")
        .group_by("keep")
        .agg(
            pl.col("low", "high", "near").first(),
            *(truth.fill_null(value=False).any().alias(name) for name, truth in (("may", may), ("sure", sure))),
        )
        .sort("keep")
        .select(
            pl.col("may") & in_force(provision, near),
            pl.col("sure") & in_force(provision, low) & in_force(provision, high),
        )
    )
    return collected(query, max(days.height, spans.height))


def _bound_singly(
    days: pl.DataFrame, spans: pl.DataFrame, provision: ProvisionSpec, as_of: int, *, due: bool
) -> pl.DataFrame:
    """Say the same of few rows, one by one."""
    by_sub = tuples_by(spans, "sub", "from", "to", "c.from", "c.to")
    enacted, repealed = days_in_force(provision)

    def judged(sub: int, low: int | None, high: int | None) -> tuple[bool, bool]:
        near = low if low is not None and low > as_of else high if high is not None and high < as_of else as_of
        first, last = near if low is None else low, near if high is None else high
        ruled = enacted <= near <= repealed
        ruled_surely = enacted <= first <= repealed and enacted <= last <= repealed
        if due:
            first, last = min(first, as_of), min(last, as_of)
        any_day = low is None and high is None and not due
        held = by_sub.get(sub, ())
        may = any(any_day or (start <= last and first <= end) for start, end, *_ in held)
        sure = any(start <= first and last <= end for *_, start, end in held)
        return may and ruled, sure and ruled_surely

    rows = [judged(*row) for row in tuples_of(days, "sub", "low", "high")]
    return pl.DataFrame(rows, schema={"may": pl.Boolean, "sure": pl.Boolean}, orient="row")


def in_force(provision: ProvisionSpec, day: pl.Expr) -> pl.Expr:
    """Say whether the version is in force on a day."""
    first, last = days_in_force(provision)
    return (day >= first) & (day <= last) if provision.in_force_to else day >= first


def days_in_force(provision: ProvisionSpec) -> tuple[int, int]:
    """Give the first and last day on which the version is in force."""
    first = dates.days_of(date.fromisoformat(provision.in_force_from))
    return first, dates.days_of(date.fromisoformat(provision.in_force_to)) if provision.in_force_to else FAR


def clipped(rows: pl.LazyFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Cut each occurrence (`sub`, `p.from`, `p.to`) to the days on which its subject is bound; drop those with none.

    Adds w.from, w.to, `whole` (bound all through) and `exact` (certainly bound as far as possibly), and takes up `keep`, the number of each row.
    """
    one = spans["sub"].n_unique() == spans.height
    start, end = pl.max_horizontal("from", "p.from"), pl.min_horizontal("to", "p.to")
    sure_start, sure_end = pl.max_horizontal("c.from", "p.from"), pl.min_horizontal("c.to", "p.to")
    sure = (sure_start == start) & (sure_end == end)
    whole = (pl.col("from") <= pl.col("p.from")) & (pl.col("to") >= pl.col("p.to"))
    joined = collected(
        rows.join(spans.lazy(), on="sub", how="inner", maintain_order="left")
        .filter((pl.col("from") <= pl.col("p.to")) & (pl.col("to") >= pl.col("p.from")))
        .with_columns(start.alias("w.from"), end.alias("w.to"), sure.alias("exact"), whole.alias("whole"))
        .with_columns(sure_start.alias("s.from"), sure_end.alias("s.to"))
        .drop("from", "to", "c.from", "c.to")
    )
    several = joined["keep"].is_duplicated() if not one else None
    if several is None or not several.any():
        return joined.drop("s.from", "s.to")
    keys = [c for c in joined.columns if c not in {"keep", "w.from", "w.to", "exact", "whole", "s.from", "s.to"}]
    grouped = joined.filter(several).group_by("keep", maintain_order=True)
    found = grouped.agg(
        *(pl.col(c).first() for c in keys),
        pl.col("w.from").min(),
        pl.col("w.to").max(),
        pl.col("exact").all(),
        pl.col("whole").any(),
    )
    found = pl.concat([joined.filter(~several).select(found.columns), found]).sort("keep")
    if found["exact"].all():
        return found
    doubtful = found.filter(~pl.col("exact")).select("keep")
    parts = joined.filter(several).join(doubtful, on="keep", how="semi", maintain_order="left")
    cuts = tuples_by(parts, "keep", "w.from", "w.to", "s.from", "s.to")
    held = pl.Series("held", [keep for keep, cut in cuts.items() if is_certain(cut)], dtype=pl.UInt32)
    return found.with_columns(pl.col("exact") | pl.col("keep").is_in(held.implode()))


def is_certain(spans: Sequence[tuple[int, ...]]) -> bool:
    """Say whether each day of some spans (first, last: possible; first, last: certain) certainly belongs to one of them."""
    runs: list[list[int]] = []
    for first, last in sorted((first, last) for _, _, first, last in spans if first <= last):
        if runs and first <= runs[-1][1] + 1:
            runs[-1][1] = max(runs[-1][1], last)
        else:
            runs.append([first, last])
    return all(any(begin <= first and last <= end for begin, end in runs) for first, last, _, _ in spans)


def pieces_of(rows: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame | None:
    """Give the parts of the window of each clipped occurrence that is not certainly bound all through; None if all are."""
    part = rows_where(~(rows["whole"] & rows["exact"])).alias("row")
    if part.len() == 0:
        return None
    cut = rows.select("sub", "p.from", "p.to")[part].with_columns(part)
    joined = cut.join(spans, on="sub", how="inner", maintain_order="left").filter(
        (pl.col("from") <= pl.col("p.to")) & (pl.col("to") >= pl.col("p.from"))
    )
    start, end = pl.max_horizontal("from", "p.from"), pl.min_horizontal("to", "p.to")
    sure = pl.max_horizontal("c.from", "p.from"), pl.min_horizontal("c.to", "p.to")
    return joined.select(
        "row",
        *(
            e.cast(pl.Int32).alias(n)
            for e, n in zip((start, end, *sure), ("from", "to", "c.from", "c.to"), strict=True)
        ),
    )


def since(world: World) -> pl.Expr:
    """Give the first day of the evaluation for the `site` of each row, in days."""
    named, default = since_by_site(world)
    if not named:
        return pl.lit(default, dtype=pl.Int32)
    return pl.col("site").replace_strict(named, default=default, return_dtype=pl.Int32)


def since_by_site(world: World) -> tuple[dict[str, int], int]:
    """Give the first day of the evaluation, in days, for sites that have their own, and for all others."""
    named = {site: dates.days_of(day) for site, day in world.since.items() if site}
    return named, dates.days_of(world.since[""]) if "" in world.since else world.earliest()
