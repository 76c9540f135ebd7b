"""Which obligations there are: subjects, periods, triggers, bound days, versions (docs/language.md section 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracle import composites, expressions, facts, members, recurring, settle, spells
from tests.oracle.context import Context
from tests.oracle.due import dated
from tests.oracle.duties import Duty, duties_of, words
from tests.oracle.findings import OracleFinding, root
from tests.oracle.periods import (
    ALWAYS,
    Period,
    Window,
    add_months,
    as_day,
    intersect,
    merged,
    periods_between,
    window_between,
)
from tests.oracle.values import (
    INFINITE,
    TRUE,
    UNKNOWN,
    OracleError,
    Value,
    can_hold,
    conjunction,
    exactly,
    holds,
    is_present,
    point,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.oracle.facts import Record, World
    from tests.oracle.law import Document
    from tests.oracle.values import Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """One duty of one subject at one occurrence, not yet judged.

    `exists`: whether it is a subject, and bound then. `triggered`: whether what the duty comes after has happened.
    """

    context: Context
    duty: Duty
    provision: str
    exists: Value
    triggered: Value = TRUE
    occurrence: str = ""


def findings_of(
    world: World, provision: str, since: int | None = None, judged: Callable[[Obligation], bool] | None = None
) -> list[OracleFinding]:
    """Give all findings of a provision; `since`: with those of earlier periods, for what looks back further; `judged`: only these."""
    first = min(horizon(world), since if since is not None else world.as_of)
    start, found = world.memo.get(("findings", provision, judged), (world.as_of + 1, []))
    if first < start:
        found = [
            settle.settled(obligation)
            for version in world.law.provisions[provision]
            for duty in duties_of(version, world.law.types)
            for obligation in obligations(world, version, duty, first)
            if judged is None or judged(obligation)
        ]
        world.memo["findings", provision, judged] = (first, found)
    return [finding for finding in found if finding.period is None or finding.period.end >= first]


def findings_about(world: World, provision: str, subject: Record, period: Period | None) -> list[OracleFinding]:
    """Give the findings of a provision about a record (in the end), in a period or without one."""
    earliest = min(horizon(world), period.start) if period is not None else horizon(world)
    findings_of(world, provision, earliest)
    key = ("about", provision, world.memo["findings", provision, None][0])
    if key not in world.memo:
        index: dict[tuple[str, Period | None], list[OracleFinding]] = {}
        for finding in world.memo["findings", provision, None][1]:
            index.setdefault((root(finding).id, finding.period), []).append(finding)
        world.memo[key] = index
    index = world.memo[key]
    return [*index.get((subject.id, period), []), *(index.get((subject.id, None), []) if period is not None else [])]


def holidays_of(world: World, version: Document) -> frozenset[int]:
    """Give the days of the table that `calendar` names."""
    name = world.law.resolve("tables", version["calendar"]) if "calendar" in version else None
    rows = world.law.tables[name]["rows"] if name is not None else []
    return frozenset(date.fromisoformat(row[0]).toordinal() for row in rows)


def obligations(world: World, version: Document, duty: Duty, since: int) -> Iterator[Obligation]:
    for subject, scope in subjects(world, version):
        bound = bound_days(world, version, subject)
        context = Context(world=world, subject=subject, lets=duty.lets, holidays=holidays_of(world, version))
        if duty.each is not None and duty.each.kind == "type":
            yield from _by_record(context, scope, bound, version, duty)
        elif duty.each is not None:
            yield from _by_period(context, scope, bound, version, duty, since)
        else:
            yield from _single(context, scope, bound, version, duty)


def subjects(world: World, version: Document) -> list[tuple[Record | OracleFinding, Value]]:
    """Give the subjects, without those that certainly are none, and whether each is one."""
    wanted = composites.about(version["applies"]["to"])
    found = []
    for thing, exists in _candidates(world, wanted):
        scope = exists
        if wanted.where is not None and can_hold(scope):
            context = Context(world=world, subject=thing, lets=version.get("let") or {})
            scope = conjunction((scope, expressions.value_of(wanted.where, context)))
        if can_hold(scope):
            found.append((thing, scope))
    return found


def _candidates(world: World, wanted: composites.About) -> list[tuple[Record | OracleFinding, Value]]:
    """Give what may be a subject, before its `where`, and whether it is certain that there is such a thing."""
    if wanted.keys:
        return [*composites.combinations(world, wanted)]
    if wanted.finding:
        resolved = world.law.resolve("provisions", wanted.name)
        if resolved is None:
            raise OracleError(f"no such provision: {wanted.name}")
        return [(f, f.exists) for f in findings_of(world, resolved) if wanted.duty in ("", f.duty)]
    records = sorted(spells.records_of(wanted.name, world).items())
    return [(record, facts.visibility(record, world)) for _, record in records]


def bound_days(world: World, version: Document, subject: Record | OracleFinding) -> Window:
    """Give the days of the subject's own span on which a state of each type under `while` holds."""
    bound = ALWAYS
    own = None if isinstance(subject, OracleFinding) else facts.span_of(subject, world)
    if own is not None:
        bound = window_between(*own)
    for type_name in words(version["applies"].get("while") or version.get("while")):
        bound = intersect(bound, _spans(world, root(subject), type_name))
    return Window(merged(list(bound.certain)), merged(list(bound.possible)))


def _spans(world: World, subject: Record, type_name: str) -> Window:
    certain: list[tuple[Bound, Bound]] = []
    possible: list[tuple[Bound, Bound]] = []
    for record in spells.records_of(type_name, world).values():
        link, span = members.linked_records(subject, record, world), facts.span_of(record, world)
        if span is not None and can_hold(link):
            one = window_between(*span)
            possible += one.possible
            certain += one.certain if holds(link) else ()
    return Window(merged(certain), merged(possible))


def in_force(version: Document, day: int) -> bool:
    window = version["in_force"]
    first, last = date.fromisoformat(window["from"]), window.get("to")
    return first.toordinal() <= day and (not last or day <= date.fromisoformat(last).toordinal())


def _governing(duty: Duty, context: Context) -> Value:
    """Give the day whose law is read."""
    return as_day(expressions.evaluate(duty.governed, context), facts.zone_of(root(context.subject), context.world))


def horizon(world: World) -> int:
    """Give the first day of the evaluation: as stated, or the first day of which anything is told."""
    return world.since if world.since is not None else dawn(world)


def dawn(world: World) -> int:
    """Give the first day of which the facts tell anything."""
    days = [start for spans in world.complete.values() for _, start, _ in spans]
    for records in world.records.values():
        for record in records.values():
            time = facts.time_of(record, world) if record.type.kind == "event" else None
            day = point(time) if time is not None else None
            days += [] if day is None else [int(day)]
    return min([*days, world.as_of])


def _by_period(
    context: Context, scope: Value, bound: Window, version: Document, duty: Duty, since: int
) -> Iterator[Obligation]:
    """Give the periods from the horizon to the as-of date; a sliding period is there if its last months are bound."""
    world = context.world
    if duty.each is None or not bound.possible:
        return
    first = max(Fraction(since), bound.possible[0][0])
    if first > world.as_of:
        return
    for period in periods_between(duty.each, int(first), world.as_of):
        if duty.each.kind == "sliding":
            named = Fraction(add_months(period.start, duty.each.count - duty.each.step))
            if not bound.may_hold(named, Fraction(period.end)):
                continue
        place = context.changed(grain=duty.each, period=period)
        if in_force(version, period.end):
            found = _bound_obligation(place, scope, bound, duty, version, date.fromordinal(period.start).isoformat())
            if found is not None:
                yield found


def _bound_obligation(
    context: Context, scope: Value, bound: Window, duty: Duty, version: Document, occurrence: str
) -> Obligation | None:
    """Cut the window of a period to the days on which the subject is bound; None if there is no such day."""
    period = context.period
    assert period is not None
    days = ((Fraction(period.start), Fraction(period.end)),)
    window = intersect(bound, Window(days, days))
    if not window.possible:
        return None
    scope = scope if window.certain == window.possible else conjunction((scope, UNKNOWN))
    context = context.changed(window=window)
    if duty.after is not None:
        context = context.changed(trigger=expressions.evaluate(duty.after, context))
    return Obligation(context=context, duty=duty, provision=version["provision"], exists=scope, occurrence=occurrence)


def _by_record(context: Context, scope: Value, bound: Window, version: Document, duty: Duty) -> Iterator[Obligation]:
    """Give one occurrence for each linked record; the span of a state is its window."""
    world = context.world
    assert duty.each is not None
    for _, record in sorted(spells.records_of(duty.each.unit, world).items()):
        link = conjunction((members.linked(context, record), facts.visibility(record, world), scope))
        place = context.changed(occurrence=record)
        span = facts.span_of(record, world)
        if not can_hold(link):
            continue
        if span is None:
            yield from _single(place, link, bound, version, duty, record.id)
            continue
        start, end = span
        if start.low > world.as_of or end.high < horizon(world):
            continue
        certain = start.low == start.high and end.low == end.high
        period = Period(int(max(start.low, Fraction(1))), int(min(end.high, Fraction(date.max.toordinal()))))
        if in_force(version, period.end):
            place = place.changed(period=period, grain=duty.each)
            days = bound if certain else Window((), bound.possible)
            found = _bound_obligation(place, link, days, duty, version, record.id)
            if found is not None:
                yield found


def _single(
    context: Context, scope: Value, bound: Window, version: Document, duty: Duty, occurrence: str = ""
) -> Iterator[Obligation]:
    """Give the occurrence at the trigger, or at the as-of date: bound if that day is; if it is not known, perhaps where any day is."""
    trigger = expressions.evaluate(duty.after, context) if duty.after is not None else None
    place = context.changed(trigger=trigger)
    one = Obligation(
        context=place,
        duty=duty,
        provision=version["provision"],
        exists=scope,
        triggered=TRUE if trigger is None else is_present(trigger),
        occurrence=occurrence,
    )
    if duty.recur is not None:
        yield from _links(one, bound, version)
        return
    governed = _governing(duty, place)
    if duty.governed not in ("trigger", "as-of"):
        one = replace(one, context=place.changed(governed=governed))
    ends = dated(governed) if governed.present else exactly(context.world.as_of, "date")
    unknown = isinstance(ends.low, float) and isinstance(ends.high, float)
    yield from _on_day(one, bound, version, ends, perhaps=unknown and bool(bound.possible))


def _links(one: Obligation, bound: Window, version: Document) -> Iterator[Obligation]:
    """Give the links of a chain: each bound, and governed by the law, on the day when it is due; bound as of now before that."""
    for link in recurring.chain(one):
        assert link.context.due is not None
        yield from _on_day(link, bound, version, link.context.due, latest=link.context.world.as_of)


def _on_day(
    one: Obligation, bound: Window, version: Document, day: Value, *, perhaps: bool = False, latest: Bound = INFINITE
) -> Iterator[Obligation]:
    """Give an obligation if the law of a day governs it, and its subject may be bound on it.

    Of several days the one nearest to the as-of date governs. It is in doubt unless it is so on all of them. `perhaps`: on a day of
    which nothing is known; `latest`: bound on this day where the other lies after it.
    """
    as_of, never = Fraction(one.context.world.as_of), Fraction(date.max.toordinal())
    governed = min(max(as_of, day.low), day.high, never)
    low, high = (governed if isinstance(end, float) else end for end in (day.low, day.high))
    first, last = min(low, latest), min(high, latest)
    if in_force(version, int(governed)) and (perhaps or bound.may_hold(first, last)):
        ruled = in_force(version, int(low)) and in_force(version, int(high))
        sure = ruled and bound.surely_holds(first, last)
        yield one if sure else replace(one, exists=conjunction((one.exists, UNKNOWN)))
