"""Judge the obligations of a duty: does it apply, is it lifted, is it met, is a breach excused; three-valued, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import kleene, values
from compliance_engine.deriving.comparing import number_value
from compliance_engine.deriving.due import Due, due_of, lies_ahead, surely_overdue
from compliance_engine.deriving.kleene import FALSE, Truth, both, either
from compliance_engine.deriving.limits import limited
from compliance_engine.deriving.occurrences import occurrences
from compliance_engine.deriving.site_days import day_at_site
from compliance_engine.deriving.tables import ROW_NUMBER, is_absent
from compliance_engine.deriving.values import Number
from compliance_engine.deriving.windows import FAR
from compliance_engine.model import expression as ex
from compliance_engine.model.program import DoneSpec, ForbidSpec, LimitSpec, RequireSpec

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.kleene import Maybe
    from compliance_engine.deriving.world import World
    from compliance_engine.model.program import DutySpec, NamedNode, ProvisionSpec, SubjectSpec


# The role and name of what is said of the subject itself.
BOUND = ("scope", "it is a subject, bound at that time")


@dataclass(frozen=True, slots=True)
class Judged:
    """The obligations of one duty under one version: a context with a row each, and what is known of each.

    `exists` says whether there is such an obligation at all. `parts` keeps the truth of every named condition, for the
    derivation: (role, name) -> truth. A defence that was not examined may be neither true nor false.
    """

    provision: ProvisionSpec
    duty: DutySpec
    context: Context
    due: Due
    exists: Truth
    applies: Truth
    lifted: Truth
    met: Truth
    excused: Truth
    parts: dict[tuple[str, str], Truth]
    figures: dict[str, Number]

    @property
    def height(self) -> int:
        """Say how many obligations there are."""
        return self.context.frame.height


@dataclass(frozen=True, slots=True)
class Begun:
    """The obligations of duties that arise alike, before any condition is asked: `exists` and `triggered` as `occurrences` gives them, when each is due."""

    context: Context
    due: Due
    exists: Truth
    triggered: Truth


def judge(world: World, provision: ProvisionSpec) -> list[Judged]:
    """Judge every obligation of each duty of one version of a provision; duties of which there is none are left out."""
    if has_no_subject(world, provision.subject):
        return []
    begun: dict[object, Begun | None] = {}
    found = []
    for duty in provision.duties:
        alike = _arising(duty)
        if alike not in begun:
            begun[alike] = _begun(world, provision, duty)
        if (start := begun[alike]) is not None:
            found.append(_judged(provision, duty, start))
    return found


def _arising(duty: DutySpec) -> object:
    """Give all that the obligations of a duty, and their due dates, depend on: a chain also on what was done."""
    done = duty.demand if duty.recur is not None else None
    return (duty.grain, duty.after, duty.by, duty.recur, done, duty.roll, duty.holidays, duty.governed_by)


def _begun(world: World, provision: ProvisionSpec, duty: DutySpec) -> Begun | None:
    found = occurrences(world, provision, duty)
    context = found.context
    if context.frame.is_empty():
        return None
    due = due_of(context, duty)
    context.due = due.day
    if duty.after is not None and not context.windowed:
        _open_window(context, due, duty)
    exists = found.exists if found.exists.may_not is False else _kept(context, found.exists, "exists")
    return Begun(context, due, exists, found.triggered)


def _judged(provision: ProvisionSpec, duty: DutySpec, begun: Begun) -> Judged:
    context, due = begun.context, begun.due
    parts: dict[tuple[str, str], Truth] = {}
    applies = kleene.conjunction(begun.exists, begun.triggered)
    if applies.may_not is not False:
        applies = _kept(context, applies, "scope")
        parts[BOUND] = applies
    for item in duty.when:
        parts["when", item.name] = _condition(context, item)
        applies = kleene.conjunction(applies, parts["when", item.name])
    figures: dict[str, Number] = {}
    met = _kept(context, _met(context, duty, due, parts, figures), "met")
    lifted = _lifted(context, duty, parts)
    applies = _kept(context, applies, "applies")
    breached = kleene.both(applies.may, kleene.both(lifted.may_not, met.may_not))
    excused = _excused(context, duty, breached, parts)
    for item in duty.prompts:
        parts["prompt", item.name] = _condition(context, item)
    return Judged(provision, duty, context, due, begun.exists, applies, lifted, met, excused, parts, figures)


def has_no_subject(world: World, subject: SubjectSpec) -> bool:
    """Say whether there is no record of the subject's type at all: most law speaks of what a site does not have."""
    if subject.finding:
        of_type = (result for (provision, _), result in world.results.items() if provision == subject.type)
        return all(result.table.frame.is_empty() for result in of_type)
    return is_absent(world.tables, subject.type)


def _open_window(context: Context, due: Due, duty: DutySpec) -> None:
    """Give each triggered obligation the window from its trigger to its due date."""
    assert isinstance(context.trigger, Number)
    assert duty.after is not None
    start = day_at_site(context.trigger, duty.after.kind, context)
    context.frame = context.frame.with_columns(
        start.low.num.cast(pl.Int32).alias("w.from"),
        due.day.high.num.cast(pl.Int32).alias("w.to"),
        start.high.num.fill_null(FAR).cast(pl.Int32).alias("w.cfrom"),
        due.day.low.num.fill_null(-FAR).cast(pl.Int32).alias("w.cto"),
    )
    context.windowed = True


def _kept(context: Context, truth: Truth, stem: str) -> Truth:
    settled = context.settle(truth, stem)
    assert isinstance(settled, Truth)
    return settled


def _condition(context: Context, item: NamedNode) -> Truth:
    """Give what a condition may be, found once for the duties that share the context."""
    found = context.once(item.node)
    assert isinstance(found, Truth)
    return found


def _lifted(context: Context, duty: DutySpec, parts: dict[tuple[str, str], Truth]) -> Truth:
    for item in duty.unless:
        parts["unless", item.name] = _condition(context, item)
    found = kleene.disjunction(*(parts["unless", item.name] for item in duty.unless))
    return _kept(context, found, "unless")


def _excused(context: Context, duty: DutySpec, breached: Maybe, parts: dict[tuple[str, str], Truth]) -> Truth:
    """Examine the defences where an obligation is perhaps breached; elsewhere nobody asks for them."""
    if not duty.excused_by:
        return FALSE
    examined = context.compute(kleene.expression(breached))
    where = pl.col(context.add("breached", examined))
    for item in duty.excused_by:
        found = _condition(context, item) if examined.any() else FALSE
        parts["excused", item.name] = kleene.guarded(where, found)
    found = kleene.disjunction(*(parts["excused", item.name] for item in duty.excused_by))
    return _kept(context, found, "excused")


def _met(
    context: Context, duty: DutySpec, due: Due, parts: dict[tuple[str, str], Truth], figures: dict[str, Number]
) -> Truth:
    demand = duty.demand
    if isinstance(demand, RequireSpec):
        return _required(context, demand, due, parts)
    if isinstance(demand, LimitSpec):
        return limited(context, demand, figures)
    if isinstance(demand, DoneSpec):
        return _done(context, demand, due, parts)
    return _forbidden(context, demand)


def _required(context: Context, demand: RequireSpec, due: Due, parts: dict[tuple[str, str], Truth]) -> Truth:
    if due.stated:
        context.until = until_due(context, due)
    context.asked = context.windowed and not due.stated
    for item in demand.parts:
        parts["part", item.name] = _kept(context, context.truth(item.node), "part")
    context.until, context.asked = None, False
    truths = [parts["part", item.name] for item in demand.parts]
    return kleene.disjunction(*truths) if demand.any else kleene.conjunction(*truths)


def until_due(context: Context, due: Due) -> Context:
    """Give the same obligations with windows that reach from their start (if they have one) to their due date."""
    if context.reaching is not None:
        return context.reaching
    if context.whole is not None:
        whole, rows = context.whole
        if whole.reaching is not None:
            return whole.reaching.kept(rows)
    ever = pl.lit(-FAR, dtype=pl.Int32)
    frame = context.frame if context.windowed else context.frame.with_columns(ever.alias("w.from"))
    frame = frame.with_columns(
        due.day.high.num.cast(pl.Int32).alias("w.to"),
        due.day.low.num.fill_null(-FAR).cast(pl.Int32).alias("w.cto"),
        pl.col("w.cfrom" if "w.cfrom" in frame.columns else "w.from").fill_null(-FAR).alias("w.cfrom"),
    ).with_columns(ROW_NUMBER.alias("#same"))
    # What a `let` says is read from the obligation's own window: from the context that this one stands within.
    own = context.rewindowed(frame)
    own.parent, own.row, own.due_at, own.to_due = context, "#same", due.at, True
    context.reaching = own
    return own


def _done(context: Context, demand: DoneSpec, due: Due, parts: dict[tuple[str, str], Truth]) -> Truth:
    """Hold a date against the due date. Absent, or after the as-of date, it is not done yet, which decides only once overdue."""
    date = context.settle(number_value(demand.date.node, context), "done")
    assert isinstance(date, Number)
    day = day_at_site(date, demand.date.node.kind, context)
    by_hour = demand.date.node.kind == "instant" and due.at is not None
    in_time = values.less(date, due.at, strict=False) if by_hour and due.at else values.less(day, due.day, strict=False)
    ahead = lies_ahead(day, context)
    late = surely_overdue(context, due)
    not_done = Truth(~late, may_not=True)
    there, gone = both(date.absent.may_not, ahead.may_not), either(date.absent.may, ahead.may)
    truth = kleene.union(kleene.guarded(there, in_time), kleene.guarded(gone, not_done))
    parts["part", demand.date.name] = truth
    return truth


def _forbidden(context: Context, demand: ForbidSpec) -> Truth:
    return context.truth(ex.Aggregate(kind="bool", function="no", set=demand.set))
