"""Which obligations there are: subjects, and for each the periods, triggers or linked records that occur (docs/language.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, kleene
from compliance_engine.deriving.bound import bound_on, clipped, in_force, pieces_of, since
from compliance_engine.deriving.chains import chained
from compliance_engine.deriving.columns import evaluated, selected
from compliance_engine.deriving.context import Context
from compliance_engine.deriving.kleene import TRUE, Truth
from compliance_engine.deriving.membership import members
from compliance_engine.deriving.periods import bound_periods
from compliance_engine.deriving.record_spans import record_times
from compliance_engine.deriving.site_days import day_at_site
from compliance_engine.deriving.subjects import subjects_of
from compliance_engine.deriving.tables import ROW_NUMBER
from compliance_engine.deriving.values import Number
from compliance_engine.deriving.windows import FAR
from compliance_engine.kernel.frames import rows_where, with_series

if TYPE_CHECKING:
    from compliance_engine.deriving.world import World
    from compliance_engine.model.program import DutySpec, Grain, ProvisionSpec


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
    subjects, found = subjects_of(world, provision)
    scope, spans = found.exists, found.spans
    if duty.recur is not None:
        return _chain(subjects, scope, spans, provision, duty)
    if duty.grain is None:
        return _on_their_days(subjects, ROW_NUMBER, scope, spans, provision, duty)
    if duty.grain.kind == "type":
        return _linked_records(subjects, scope, spans, provision, duty)
    return _periods(subjects, scope, spans, provision, duty.grain)


def _on_their_days(
    context: Context, sub: pl.Expr, exists: Truth, spans: pl.DataFrame, provision: ProvisionSpec, duty: DutySpec
) -> Occurrences:
    """One occurrence a row (of the subject `sub`), under the law of the day that governs: a stated one, the trigger, that of an event, else the as-of date."""
    as_of = dates.days_of(context.world.as_of)
    triggered = _triggered(context, duty)
    governed = context.trigger if duty.governed_by is None else context.value(duty.governed_by)
    low = high = pl.lit(as_of)
    if governed is not None:
        assert isinstance(governed, Number)
        kind = (duty.governed_by or duty.after).kind  # type: ignore[union-attr]
        found = context.settle(day_at_site(governed, kind, context), "governed")
        assert isinstance(found, Number)
        context.governed = None if duty.governed_by is None else found
        # Where there certainly is no such day, that is not a day that is not known.
        there = kleene.expression(governed.absent.may_not)
        low, high = (
            pl.when(there | found.low.num.is_not_null()).then(end).otherwise(as_of)
            for end in (found.low.num, found.high.num)
        )
    ends = [low.cast(pl.Int32).alias("low"), high.cast(pl.Int32).alias("high")]
    days = selected(context.frame, [sub.alias("sub"), *ends])
    bound = bound_on(days, spans, provision, as_of, due=False)
    context.frame = context.frame.hstack([(~bound["sure"]).alias("bound?")])
    keep = rows_where(bound["may"])
    exists = kleene.conjunction(exists, Truth(may=True, may_not=pl.col("bound?")))
    return Occurrences(context.kept(keep), exists, triggered)


def _triggered(context: Context, duty: DutySpec) -> Truth:
    """Find what starts a duty, if anything has to, and say whether it has happened."""
    if duty.after is None:
        return TRUE
    trigger = context.settle(context.value(duty.after), "trigger")
    assert isinstance(trigger, Number)
    context.trigger, context.trigger_kind = trigger, duty.after.kind
    happened = kleene.negation(trigger.absent)
    if duty.after.kind != "date" or trigger.low.constant is not None:
        return happened
    ends = (trigger.low.num, trigger.high.num)
    never, perhaps = ((end >= dates.NEVER).fill_null(value=False) for end in ends)
    if not context.occurs(perhaps):
        return happened
    return kleene.conjunction(happened, Truth(~never, perhaps))


def _chain(
    subjects: Context, scope: Truth, spans: pl.DataFrame, provision: ProvisionSpec, duty: DutySpec
) -> Occurrences:
    """One occurrence for each link of a recurring duty; the law in force when it is due governs it."""
    _triggered(subjects, duty)
    as_of = dates.days_of(subjects.world.as_of)
    enacted = dates.days_of(date.fromisoformat(provision.in_force_from)) if provision.version == 1 else -FAR
    links = chained(subjects, duty, enacted)
    days = pl.DataFrame([links["sub"], links["due.low"].alias("low"), links["due.high"].alias("high")])
    bound = bound_on(days, spans, provision, as_of, due=True)
    links = with_series(links, (~bound["sure"]).alias("bound?"))[rows_where(bound["may"])]
    taken = ["w.from", "w.to", "due.low", "due.high", "bound?"]
    if not (links["w.from"].fill_null(-FAR).equals(links["w.cfrom"]) and links["w.to"].equals(links["w.cto"])):
        taken += ["w.cfrom", "w.cto"]
    frame = with_series(subjects.frame[links["sub"]], *(links[c] for c in taken))
    context = Context(subjects.world, frame, subjects.scopes, subjects.lets, windowed=True)
    exists = kleene.conjunction(scope, Truth(may=True, may_not=pl.col("bound?")))
    return Occurrences(context, exists, _triggered(context, duty))


def _linked_records(
    subjects: Context, scope: Truth, spans: pl.DataFrame, provision: ProvisionSpec, duty: DutySpec
) -> Occurrences:
    """One occurrence for each linked record; the span of a state is its window."""
    assert duty.grain is not None
    assert duty.grain.set is not None
    child, inside = members(subjects, duty.grain.set)
    child.scopes["occurrence"] = child.scopes[duty.grain.set.scope]
    exists = child.settle(kleene.conjunction(_carried(scope, subjects, child), inside), "linked")
    assert isinstance(exists, Truth)
    child.parent = None
    child.cache.clear()
    table = child.scopes["occurrence"].table
    if table.type.kind != "state":
        context = child.kept(rows_where(evaluated(child, may=exists.may)["may"]))
        return _on_their_days(context, pl.col("row"), exists, spans, provision, duty)
    times = record_times(subjects.world, table)[child.frame["record"]]
    named = times.select(pl.col("r.from").alias("p.from"), pl.col("r.to").alias("p.to"))
    as_of = dates.days_of(subjects.world.as_of)
    rows = child.frame.hstack(named).lazy().with_row_index("keep").filter(kleene.expression(exists.may))
    ends = pl.col("p.to") >= pl.max_horizontal("p.from", since(subjects.world))
    rows = rows.filter((pl.col("p.from") <= as_of) & ends)
    rows = rows.filter(in_force(provision, pl.col("p.to"))).with_columns(pl.col("row").alias("sub"))
    cut = clipped(rows.select("keep", "sub", "p.from", "p.to"), spans)
    known = (times["r.from"] == times["r.certain_from"]) & (times["r.to"] == times["r.certain_to"])
    cut = cut.with_columns(pl.col("exact") & known[cut["keep"]])
    context = child.kept(cut["keep"])
    context.windowed = True
    taken = ("p.from", "p.to", "w.from", "w.to", "exact")
    context.frame = with_series(context.frame, *(cut[name] for name in taken))
    exists = kleene.conjunction(exists, Truth(may=True, may_not=~pl.col("exact")))
    return Occurrences(context, exists, _triggered(context, duty))


def _carried(truth: Truth, subjects: Context, child: Context) -> Truth:
    """Give a truth about the subjects beside the records that are linked to them."""
    if truth is TRUE:
        return TRUE
    found = subjects.carried(truth, child, "row")
    assert isinstance(found, Truth)
    return found


def _periods(
    subjects: Context, scope: Truth, spans: pl.DataFrame, provision: ProvisionSpec, grain: Grain
) -> Occurrences:
    """One occurrence for each calendar (or sliding) period in which the subject is bound."""
    back = subjects.world.lookback.get(provision.id, 0)
    cut = bound_periods(subjects, spans, provision, grain, back)
    taken = cut.select("p.index", "p.from", "p.to", "w.from", "w.to", "exact").get_columns()
    if back:
        taken.append((cut["p.to"] >= cut["since"]).alias("reported"))
    context = Context(
        subjects.world,
        subjects.frame[cut["sub"]].hstack(taken),
        subjects.scopes,
        subjects.lets,
        grain,
        windowed=True,
        plain_window=True,
        pieces=pieces_of(cut, spans),
    )
    exact = Truth(may=True, may_not=~pl.col("exact"))
    return Occurrences(context, scope if cut["exact"].all() else kleene.conjunction(scope, exact))
