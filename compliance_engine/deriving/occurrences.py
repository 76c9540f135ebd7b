"""Which obligations there are: subjects, and for each the periods, triggers or linked records that occur (docs/language.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, kleene
from compliance_engine.deriving.chains import chained
from compliance_engine.deriving.context import Context, evaluated
from compliance_engine.deriving.kleene import TRUE, Truth
from compliance_engine.deriving.membership import members, record_times
from compliance_engine.deriving.references import site_of
from compliance_engine.deriving.site_days import day_at_site
from compliance_engine.deriving.tables import DOUBT, ROW_NUMBER, day_column
from compliance_engine.deriving.values import Number
from compliance_engine.deriving.windows import FAR
from compliance_engine.deriving.world import Scope, TooManyOccurrencesError
from compliance_engine.kernel.pool import collected

if TYPE_CHECKING:
    from compliance_engine.deriving.tables import Table
    from compliance_engine.deriving.world import World
    from compliance_engine.model.program import DutySpec, Grain, ProvisionSpec, SubjectSpec

MOST_OCCURRENCES = 200_000_000


@dataclass(frozen=True, slots=True)
class Occurrences:
    """The obligations of a duty before anything is judged: a context with a row each.

    `exists`: whether the subject is one, and bound at that time. `triggered`: whether what starts the duty has happened.
    """

    context: Context
    exists: Truth
    triggered: Truth = TRUE


def occurrences(world: World, provision: ProvisionSpec, duty: DutySpec) -> Occurrences:
    """Enumerate the obligations of one duty under one version of its provision."""
    subjects, scope = _subjects(world, provision)
    spans = _bound_spans(subjects, provision)
    if duty.recur is not None:
        return _chain(subjects, scope, spans, provision, duty)
    if duty.grain is None:
        return _single(subjects, scope, spans, provision, duty)
    if duty.grain.kind == "type":
        return _linked_records(subjects, scope, spans, provision, duty.grain)
    return _periods(subjects, scope, spans, provision, duty.grain)


def subject_table(world: World, subject: SubjectSpec) -> Table:
    """Give the table of a provision's subjects: facts, or the findings of another provision."""
    if not subject.finding:
        return world.tables[subject.type]
    found = [r.table for (p, d), r in sorted(world.results.items()) if p == subject.type and subject.duty in {"", d}]
    if len(found) == 1:
        return found[0]
    return type(found[0])(found[0].type, pl.concat([t.frame for t in found], how="diagonal_relaxed"), found[0].shapes)


def _subjects(world: World, provision: ProvisionSpec) -> tuple[Context, Truth]:
    """Give the subjects, without those that certainly are none, and what is known of the rest."""
    table = subject_table(world, provision.subject)
    frame = pl.DataFrame({"subject#": pl.int_range(table.frame.height, dtype=pl.UInt32, eager=True)})
    lets = {item.name: item for item in provision.lets}
    if provision.subject.finding:
        frame = frame.filter(table.frame["reported"])
    context = Context(world, frame, {"subject": Scope(table, "subject#")}, lets)
    existing = _existing(context, table)
    if provision.subject.where is None:
        context.frame = context.frame.with_columns(_site(context, table, finding=provision.subject.finding))
        return context, existing
    truth = context.settle(kleene.conjunction(existing, context.truth(provision.subject.where)), "scope")
    assert isinstance(truth, Truth)
    known = evaluated(context, may=truth.may, may_not=truth.may_not)
    rows, doubt = known["may"].arg_true(), known["may_not"]
    kept = Context(
        world, frame[rows].with_columns(doubt[rows].alias("doubt")), {"subject": Scope(table, "subject#")}, lets
    )
    kept.frame = kept.frame.with_columns(_site(kept, table, finding=provision.subject.finding))
    return kept, Truth(may=True, may_not=pl.col("doubt")) if kept.frame["doubt"].any() else TRUE


def _existing(context: Context, table: Table) -> Truth:
    """Say of each subject whether it is certain to exist.

    A composite one and a finding may rest on what is in doubt; an event of an unknown day may be still to come.
    """
    if DOUBT in table.frame.columns:
        doubtful = table.frame[DOUBT].any()
        return Truth(may=True, may_not=context.column("subject", (), DOUBT)[0]) if doubtful else TRUE
    if table.type.kind == "event" and table.type.time and table.frame.height:
        day = day_column(table.type, table.type.time)
        if table.frame[day].null_count():
            return Truth(may=True, may_not=context.column("subject", (), day)[0].is_null())
    return TRUE


def _site(context: Context, table: Table, *, finding: bool) -> pl.Series:
    if finding:
        return table.frame["site"][context.frame["subject#"]].alias("site")
    return site_of(context, table)


def _bound_spans(subjects: Context, provision: ProvisionSpec) -> pl.DataFrame:
    """Give the days on which each subject is bound: sub, from, to (possible), c.from, c.to (certain)."""
    table = subjects.scopes["subject"].table
    times = (
        record_times(subjects.world, table, finding=provision.subject.finding)
        if table.type.kind == "state" and not provision.subject.finding
        else None
    )
    height = subjects.frame.height
    if times is None:
        ends = {"from": -FAR, "to": FAR, "c.from": -FAR, "c.to": FAR}
        spans = pl.DataFrame({"sub": pl.int_range(height, dtype=pl.UInt32, eager=True)}).with_columns(
            pl.lit(v, dtype=pl.Int32).alias(k) for k, v in ends.items()
        )
    else:
        own = times[subjects.frame["subject#"]].rename(
            {"r.from": "from", "r.to": "to", "r.certain_from": "c.from", "r.certain_to": "c.to"}
        )
        spans = own.with_columns(sub=pl.int_range(height, dtype=pl.UInt32)).select(
            "sub", "from", "to", "c.from", "c.to"
        )
    for chosen in provision.bound_while:
        child, inside = members(subjects, chosen)
        record_table = child.scopes[chosen.scope].table
        when = record_times(subjects.world, record_table, finding=False)
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
        ).filter(pl.col("from") <= pl.col("to"))
    return spans


def _single(
    subjects: Context, scope: Truth, spans: pl.DataFrame, provision: ProvisionSpec, duty: DutySpec
) -> Occurrences:
    """One occurrence a subject: at its trigger, or at the as-of date."""
    as_of = dates.days_of(subjects.world.as_of)
    triggered = _triggered(subjects, duty)
    governed = subjects.trigger if provision.governed_by is None else subjects.value(provision.governed_by)
    if governed is None:
        day = pl.lit(as_of, dtype=pl.Int64)
    else:
        assert isinstance(governed, Number)
        kind = (provision.governed_by or duty.after).kind  # type: ignore[union-attr]
        day = day_at_site(governed, kind, subjects).low.num.fill_null(as_of)
    row = ROW_NUMBER.alias("sub")
    days = subjects.frame.lazy().select(day.cast(pl.Int32).alias("day"), row)
    bound = collected(_bound_on(days, spans, "sub").with_columns(_in_force(provision, pl.col("day"))), spans.height)
    keep = (bound["in force"] & bound["may"]).arg_true()
    subjects.frame = subjects.frame.hstack([(~bound["sure"]).alias("bound?")])
    exists = kleene.conjunction(scope, Truth(may=True, may_not=pl.col("bound?")))
    return Occurrences(subjects.kept(keep), exists, triggered)


def _bound_on(days: pl.LazyFrame, spans: pl.DataFrame, key: str) -> pl.LazyFrame:
    """Say of each `day` of a subject (`sub`) whether the subject may be bound then, and is for certain: key, day, may, sure; in the order of the key."""

    def within(start: str, end: str) -> pl.Expr:
        return (pl.col(start) <= pl.col("day")) & (pl.col("day") <= pl.col(end))

    return (
        days.join(spans.lazy(), on="sub", how="left")
        .group_by(key)
        .agg(
            pl.col("day").first(),
            within("from", "to").fill_null(value=False).any().alias("may"),
            within("c.from", "c.to").fill_null(value=False).any().alias("sure"),
        )
        .sort(key)
    )


def _triggered(context: Context, duty: DutySpec) -> Truth:
    """Find what starts a duty, if anything has to, and say whether it has happened."""
    if duty.after is None:
        return TRUE
    trigger = context.settle(context.value(duty.after), "trigger")
    assert isinstance(trigger, Number)
    context.trigger, context.trigger_kind = trigger, duty.after.kind
    return kleene.negation(trigger.absent)


def _chain(
    subjects: Context, scope: Truth, spans: pl.DataFrame, provision: ProvisionSpec, duty: DutySpec
) -> Occurrences:
    """One occurrence for each link of a recurring duty; the law in force when it is due governs it."""
    _triggered(subjects, duty)
    as_of = dates.days_of(subjects.world.as_of)
    enacted = dates.days_of(date.fromisoformat(provision.in_force_from)) if provision.version == 1 else -FAR
    links = chained(subjects, duty, enacted).with_row_index("keep")
    day = pl.min_horizontal(pl.col("chain.due").fill_null(as_of), pl.lit(as_of, dtype=pl.Int32))
    bound = collected(_bound_on(links.lazy().with_columns(day.alias("day")), spans, "keep"), links.height)
    links = links.with_columns(bound["may"], (~bound["sure"]).alias("bound?"))
    links = links.filter(pl.col("may") & _in_force(provision, pl.col("chain.due").fill_null(as_of)))
    frame = subjects.frame[links["sub"]].with_columns(links[c] for c in ("w.from", "w.to", "chain.due", "bound?"))
    context = Context(subjects.world, frame, subjects.scopes, subjects.lets, windowed=True)
    exists = kleene.conjunction(scope, Truth(may=True, may_not=pl.col("bound?")))
    return Occurrences(context, exists, _triggered(context, duty))


def _in_force(provision: ProvisionSpec, day: pl.Expr) -> pl.Expr:
    """Say whether the version is in force on a day: column `in force`."""
    inside = day >= dates.days_of(date.fromisoformat(provision.in_force_from))
    if provision.in_force_to:
        inside = inside & (day <= dates.days_of(date.fromisoformat(provision.in_force_to)))
    return inside.alias("in force")


def _linked_records(
    subjects: Context, scope: Truth, spans: pl.DataFrame, provision: ProvisionSpec, grain: Grain
) -> Occurrences:
    """One occurrence for each linked record; the span of a state is its window."""
    assert grain.set is not None
    child, inside = members(subjects, grain.set)
    table = child.scopes[grain.set.scope].table
    child.scopes["occurrence"] = child.scopes[grain.set.scope]
    own = child.settle(inside, "linked")
    assert isinstance(own, Truth)
    frame = child.frame
    if table.type.kind == "state":
        times = record_times(subjects.world, table, finding=False)[frame["record"]]
        frame = pl.concat(
            [frame, times.select(pl.col("r.from").alias("p.from"), pl.col("r.to").alias("p.to"))], how="horizontal"
        )
    frame = frame.with_columns(ROW_NUMBER.alias("keep"), pl.col("row").alias("sub"))
    frame = frame.filter(kleene.expression(own.may))
    as_of = dates.days_of(subjects.world.as_of)
    if "p.to" in frame.columns:
        since = _since(subjects.world, frame["site"])
        frame = frame.with_columns(since.alias("since")).filter(
            (pl.col("p.from") <= as_of) & (pl.col("p.to") >= pl.col("since"))
        )
        clipped = _clipped(frame, spans)
    else:
        day = frame.with_columns(
            pl.lit(as_of, dtype=pl.Int32).alias("p.from"), pl.lit(as_of, dtype=pl.Int32).alias("p.to")
        )
        clipped = _clipped(day, spans).drop("p.from", "p.to")
    governing = pl.col("p.to") if "p.to" in clipped.columns else pl.lit(as_of)
    clipped = clipped.filter(_in_force(provision, governing))
    context = child.kept(clipped["keep"])
    context.parent = None
    context.cache.clear()
    columns = [c for c in ("p.from", "p.to", "w.from", "w.to", "exact") if c in clipped.columns]
    if "p.from" in columns:
        context.windowed = True
        context.frame = context.frame.with_columns(clipped[c] for c in columns)
    else:
        context.frame = context.frame.with_columns(clipped["exact"])
    return Occurrences(context, kleene.conjunction(scope, own, Truth(may=True, may_not=~pl.col("exact"))))


def _periods(
    subjects: Context, scope: Truth, spans: pl.DataFrame, provision: ProvisionSpec, grain: Grain
) -> Occurrences:
    """One occurrence for each calendar (or sliding) period in which the subject is bound."""
    unit, week = (grain.unit, grain.week_start) if grain.kind == "calendar" else ("month", "sunday")
    world = subjects.world
    extent = spans.group_by("sub").agg(pl.col("from").min(), pl.col("to").max()).sort("sub")
    site = subjects.frame["site"][extent["sub"]]
    since = _since(world, site)
    back = world.lookback.get(provision.id, 0)
    early = since if back == 0 else dates.month_shift(pl.col("since"), -back)
    extent = (
        extent.with_columns(since.alias("since"))
        .with_columns(
            pl.max_horizontal("from", early).cast(pl.Int32).alias("from"),
            pl.min_horizontal("to", pl.lit(dates.days_of(world.as_of), dtype=pl.Int32)),
        )
        .filter(pl.col("from") <= pl.col("to"))
    )
    first, last = dates.period_index(unit, week, pl.col("from")), dates.period_index(unit, week, pl.col("to"))
    count = extent.select((last - first + 1).cast(pl.Int64).sum()).item() or 0
    if count > MOST_OCCURRENCES:
        message = f"{provision.id}: {count} obligations; narrow the period"
        raise TooManyOccurrencesError(message)
    rows = extent.select("sub", "since", pl.int_ranges(first, last + 1, dtype=pl.Int32).alias("p.index")).explode(
        "p.index"
    )
    if grain.kind == "sliding":
        rows = rows.filter((pl.col("p.index") + 1) % grain.step == 0)
    start = dates.period_start(unit, week, pl.col("p.index") - (grain.count - 1 if grain.kind == "sliding" else 0))
    rows = rows.with_columns(
        start.alias("p.from"), (dates.period_start(unit, week, pl.col("p.index") + 1) - 1).cast(pl.Int32).alias("p.to")
    ).filter(_in_force(provision, pl.col("p.to")))
    rows = rows.with_columns(ROW_NUMBER.alias("keep"))
    clipped = _clipped(rows, spans)
    pieces = _pieces(clipped, spans)
    frame = subjects.frame[clipped["sub"]].with_columns(
        clipped[c] for c in ("p.index", "p.from", "p.to", "w.from", "w.to", "exact")
    )
    if back:
        frame = frame.with_columns((clipped["p.to"] >= clipped["since"]).alias("reported"))
    context = Context(
        world, frame, subjects.scopes, subjects.lets, grain, windowed=True, plain_window=True, pieces=pieces
    )
    exact = bool(clipped["exact"].all())
    return Occurrences(
        context, scope if exact else kleene.conjunction(scope, Truth(may=True, may_not=~pl.col("exact")))
    )


def _clipped(rows: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Cut each occurrence to the days on which its subject is bound; drop those with none.

    Adds w.from, w.to, `whole` (bound all through) and `exact` (certainly bound as far as possibly).
    """
    one = spans["sub"].n_unique() == spans.height
    joined = rows.join(spans, on="sub", how="inner", maintain_order="left").filter(
        (pl.col("from") <= pl.col("p.to")) & (pl.col("to") >= pl.col("p.from"))
    )
    start, end = pl.max_horizontal("from", "p.from"), pl.min_horizontal("to", "p.to")
    sure = (pl.max_horizontal("c.from", "p.from") == start) & (pl.min_horizontal("c.to", "p.to") == end)
    whole = (pl.col("from") <= pl.col("p.from")) & (pl.col("to") >= pl.col("p.to"))
    joined = joined.with_columns(start.alias("w.from"), end.alias("w.to"), sure.alias("exact"), whole.alias("whole"))
    if one:
        return joined.drop("from", "to", "c.from", "c.to")
    keys = [c for c in rows.columns if c != "keep"]
    found = joined.group_by("keep", maintain_order=True).agg(
        *(pl.col(c).first() for c in keys),
        pl.col("w.from").min(),
        pl.col("w.to").max(),
        pl.col("exact").all(),
        pl.col("whole").any(),
    )
    if found["exact"].all():
        return found
    # One span that is certain, and holds all others, leaves no doubt.
    ends = found.select("keep", pl.col("w.from").alias("first"), pl.col("w.to").alias("last"))
    holds_all = (pl.col("w.from") == pl.col("first")) & (pl.col("w.to") == pl.col("last"))
    held = joined.filter("exact").join(ends, on="keep").filter(holds_all)["keep"].unique()
    return found.with_columns(pl.col("exact") | pl.col("keep").is_in(held.implode()))


def _pieces(clipped: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame | None:
    """Give the parts of the window of each occurrence that is not certainly bound all through; None if all are."""
    part = clipped.select("sub", "p.from", "p.to", "whole", "exact").with_row_index("row")
    part = part.filter(~pl.col("whole") | ~pl.col("exact"))
    if part.height == 0:
        return None
    joined = part.join(spans, on="sub", how="inner", maintain_order="left").filter(
        (pl.col("from") <= pl.col("p.to")) & (pl.col("to") >= pl.col("p.from"))
    )
    start, end = pl.max_horizontal("from", "p.from"), pl.min_horizontal("to", "p.to")
    sure = pl.max_horizontal("c.from", "p.from"), pl.min_horizontal("c.to", "p.to")
    return joined.select(
        pl.col("row").cast(pl.UInt32),
        *(
            e.cast(pl.Int32).alias(n)
            for e, n in zip((start, end, *sure), ("from", "to", "c.from", "c.to"), strict=True)
        ),
    )


def _since(world: World, site: pl.Series) -> pl.Series:
    """Give the first day of the evaluation for each site, in days."""
    default = dates.days_of(world.since[""]) if "" in world.since else world.earliest()
    named = {k: dates.days_of(v) for k, v in world.since.items() if k}
    if not named:
        return pl.repeat(default, site.len(), dtype=pl.Int32, eager=True)
    return site.replace_strict(named, default=default, return_dtype=pl.Int32)
