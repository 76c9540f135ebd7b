"""Which records stand in a set, and whether more may exist: links, windows, `where`, completeness."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracle import expressions, facts, provisions, spells
from tests.oracle import syntax as s
from tests.oracle.context import reach
from tests.oracle.findings import OracleFinding, root
from tests.oracle.law import CALENDAR_SLOTS
from tests.oracle.periods import (
    ALWAYS,
    Grain,
    Window,
    as_day,
    intersect,
    merged,
    period_of,
    periods_between,
    shifted,
    window_between,
)
from tests.oracle.values import (
    FALSE,
    INFINITE,
    TRUE,
    OracleError,
    Value,
    can_fail,
    can_hold,
    compare,
    conjunction,
    equal_symbols,
    exactly,
    truth,
)

if TYPE_CHECKING:
    from tests.oracle.context import Context
    from tests.oracle.facts import Record, World
    from tests.oracle.law import FactType


Steps = tuple[str, ...]  # references to follow, and the field that is read at the end


@dataclass(frozen=True, slots=True)
class Members:
    """What may belong: the place of each, whether it does; whether nothing else can; an unknown record's place."""

    places: tuple[tuple[Context, Value], ...]
    complete: bool
    blank: Context


def members(records: s.Records, type_name: str, context: Context, *, existence: bool = False) -> Members:
    """Collect a set; `existence` marks `some`, which in a `require` looks as far as the due date."""
    if type_name in CALENDAR_SLOTS and type_name not in context.world.law.types and not records.finding:
        return _slots(records, type_name, context)
    fulfils = existence and records.window is None and context.some_window is not None
    if fulfils and context.window is None:  # no occurrence: only events are sought up to the due date
        fulfils = not records.finding and context.world.law.types[type_name].kind == "event"
    window = context.window
    if records.window is not None:
        running = records.window.kind == "running"
        window = _running(type_name, context) if running else _stated(records.window, context)
    window = context.some_window if fulfils else window
    if records.finding:
        return _findings(records, window, context)
    fact_type = context.world.law.types[type_name]
    candidates = spells.records_of(type_name, context.world)
    places = []
    for key in sorted(candidates):
        belongs = _belongs(candidates[key], window, context.due_at if fulfils else None, context)
        if not can_hold(belongs):
            continue
        inner = context.within(records.alias, candidates[key])
        belongs = conjunction((belongs, _where(records, inner)))
        if can_hold(belongs):
            places.append((inner, belongs))
    blank = context.within(records.alias, facts.phantom(fact_type))
    complete = is_complete(fact_type, window, context)
    if existence and _reaches(window, context.world) and (fulfils or _reaches(context.some_window, context.world)):
        complete = False  # the due day has not passed yet
    return Members(tuple(places), complete, blank)


def _belongs(record: Record, window: Window | None, due_at: Value | None, context: Context) -> Value:
    """Say whether a record is known, of the subject, and in time."""
    link = linked(context, record)
    if not can_hold(link):
        return FALSE
    timely = _timely(record, window, context.world)
    if not can_hold(timely):
        return FALSE
    if due_at is not None:
        timely = conjunction((timely, _by_the_hour(record, due_at, context.world)))
    return conjunction((facts.visibility(record, context.world), link, timely))


def _reaches(window: Window | None, world: World) -> bool:
    """Say whether a window may reach to the as-of date or beyond."""
    return window is not None and any(end >= world.as_of for _, end in window.possible)


def _where(records: s.Records, inner: Context) -> Value:
    return TRUE if records.where is None else expressions.value_of(records.where, inner)


def _by_the_hour(record: Record, due: Value, world: World) -> Value:
    """Say whether an event is not after the due instant; one of a bare date may be at any time of its day."""
    time = facts.cell(record, record.type.time, world) if record.type.time else due
    if time.kind == "instant":
        return compare(time, "<=", due)
    last = as_day(due, facts.zone_of(record, world))
    sure, may = compare(time, "<", last), compare(time, "<=", last)
    return truth(can_hold=can_hold(may), can_fail=can_fail(sure))


def _running(type_name: str, context: Context) -> Window:
    """Give the days from where the records are known to be complete to the end of the period."""
    world = context.world
    end = context.period.end if context.period is not None else world.as_of
    site = facts.site_of(root(context.subject), world)
    stretches = []
    for place in {"", site}:  # a statement for all sites, and one for this, are not joined
        own = [
            (Fraction(a), Fraction(min(b, world.as_of)))
            for s_, a, b in world.complete.get(type_name, [])
            if s_ == place
        ]
        stretches += [(a, b) for a, b in merged([(a, b) for a, b in own if a <= b]) if a <= end <= b]
    days = ((min((a for a, _ in stretches), default=-INFINITE), Fraction(end)),)
    return Window(days, days)


def _stated(window: s.Window, context: Context) -> Window:
    """Give the days of a window that the expression states."""
    zone = facts.zone_of(root(context.subject), context.world)

    def day(node: s.Expr | None) -> Value:
        assert node is not None
        return as_day(expressions.value_of(node, context), zone)

    if window.kind == "between":
        return window_between(day(window.start), day(window.end))
    if window.kind == "at":
        return window_between(day(window.end), day(window.end))
    assert window.length is not None
    length = expressions.number_literal(window.length)
    if window.kind == "leading":
        if context.period is None:
            raise OracleError("`before period` needs a period")
        start = exactly(context.period.start, "date")
        return window_between(shifted(start, length, -1, zone), exactly(context.period.start - 1, "date"))
    end = day(window.end)
    start = shifted(end, length, -1, zone)
    return window_between(replace(start, low=start.low + 1, high=start.high + 1), end)


def _timely(record: Record, window: Window | None, world: World) -> Value:
    """Say whether an event or plan lies in the window, or a state's span meets it; references always do."""
    if window is None or record.type.kind == "reference":
        return TRUE
    span = facts.span_of(record, world)
    if span is not None:
        return truth(can_hold=window.may_meet(*span), can_fail=not window.surely_meets(*span))
    time = facts.time_of(record, world)
    if time is None:
        return TRUE
    if not time.present:
        return FALSE
    inside = window.surely_holds(time.low, time.high) and not time.absent
    return truth(can_hold=window.may_hold(time.low, time.high), can_fail=not inside)


def is_complete(fact_type: FactType, window: Window | None, context: Context) -> bool:
    """Say whether the sources hold every record that the window may have.

    Without a window, events have to be known from the horizon to the as-of date, all else on the as-of date.
    """
    world = context.world
    site = facts.site_of(root(context.subject), world)
    if window is not None and fact_type.kind != "reference":
        ever = -INFINITE if world.since is None else Fraction(world.since)
        stretches = tuple(
            (ever if start == -INFINITE and end >= ever else start, end) for start, end in window.possible
        )
        return facts.covers(
            world, fact_type.name, site, stretches if context.some_window is window else window.possible
        )
    if fact_type.kind != "event":
        return facts.covers(world, fact_type.name, site, ((world.as_of, world.as_of),))
    return world.since is not None and facts.covers(world, fact_type.name, site, ((world.since, world.as_of),))


def linked(context: Context, record: Record) -> Value:
    """Say whether a record belongs to the subject; what was found of two records is remembered."""
    subject, memo = root(context.subject), context.world.memo
    key = ("linked", subject.type.name, subject.id, record.type.name, record.id)
    if subject.phantom or record.phantom:
        return linked_records(subject, record, context.world)
    if key not in memo:
        memo[key] = linked_records(subject, record, context.world)
    found: Value = memo[key]
    return found


def linked_records(subject: Record, record: Record, world: World) -> Value:
    """Compare by the first way that exists: a reference, `links`, a record that both refer to, the nearest one that both lead to."""
    if record is subject and not _chosen(record.type, subject.type):
        return TRUE
    key = ("link", subject.type.name, record.type.name)
    if key not in world.memo:
        world.memo[key] = _ways(subject.type, record.type, world)
    ways = world.memo[key]
    return conjunction(_equal(_side(subject, a, world), _side(record, b, world)) for a, b in ways)


def _side(record: Record, path: Steps, world: World) -> Value:
    end = reach(record, path[:-1], world)
    assert end is not None
    if path[-1] == "id":
        return Value(kind="symbol") if end.phantom else Value(kind="symbol", symbols=frozenset({end.id}))
    return facts.cell(end, path[-1], world)


def _equal(a: Value, b: Value) -> Value:
    ranged = a.kind in ("number", "date", "instant") and b.kind == a.kind
    return compare(a, "=", b) if ranged else equal_symbols(a, b)


def _ways(subject: FactType, record: FactType, world: World) -> list[tuple[Steps, Steps]]:
    """Give the pairs of paths (from subject, from record) whose equality makes the link."""
    if name := _chosen(record, subject):
        return [(("id",), (name,))]
    if name := _chosen(subject, record):
        return [((name,), ("id",))]
    if record.name == "waiver":
        return [(("id",), ("subject",))]
    toward: list[tuple[Steps, Steps]] = [
        (("id",), (f.name,)) for f in record.fields.values() if f.target == subject.name
    ]
    away: list[tuple[Steps, Steps]] = [((f.name,), ("id",)) for f in subject.fields.values() if f.target == record.name]
    named = record.links.get(subject.name) or subject.links.get(record.name)
    shared: list[tuple[Steps, Steps]] = [
        ((a.name,), (b.name,))
        for a in subject.fields.values()
        if a.target
        for b in record.fields.values()
        if a.target == b.target
    ]
    if toward or away:
        ways = toward + away
    elif named:
        return [((name,), (name,)) for name in named]
    else:
        ways = shared or _nearest(subject, record, world)
    if len(ways) != 1:
        raise OracleError(f"{record.name} belongs to {subject.name} in {len(ways)} ways: {ways}")
    return ways


def _nearest(subject: FactType, record: FactType, world: World) -> list[tuple[Steps, Steps]]:
    """Give the ways to the type that both lead to through the fewest references."""
    back, forth = _reached(subject, world), _reached(record, world)
    lengths = {name: len(back[name]) + len(forth[name]) for name in back if name in forth and back[name] + forth[name]}
    nearest = [name for name in lengths if lengths[name] == min(lengths.values())]
    return [(back[name] or ("id",), forth[name] or ("id",)) for name in nearest]


def _reached(start: FactType, world: World) -> dict[str, Steps]:
    """Give the shortest path of references to each type that they lead to, of several the first by name."""
    paths: dict[str, Steps] = {start.name: ()}
    for name in (queue := [start.name]):
        for field in sorted(world.law.types[name].fields.values(), key=lambda f: f.name):
            if field.base == "reference" and field.target and field.target not in paths:
                paths[field.target] = (*paths[name], field.name)
                queue.append(field.target)
    return paths


def _chosen(owner: FactType, other: FactType) -> str:
    """Name the one reference by which `links` says that a record belongs to another."""
    names = owner.links.get(other.name) or []
    return names[0] if len(names) == 1 and owner.fields[names[0]].target == other.name else ""


def _findings(records: s.Records, window: Window | None, context: Context) -> Members:
    """Collect findings of a provision whose period meets the window; known from the horizon to the as-of date."""
    assert isinstance(records.value, s.Path)
    world = context.world
    name = world.law.resolve("provisions", ".".join(records.value.parts))
    if name is None:
        raise OracleError(f"no such provision: {records.value.parts}")
    places, blank = [], context
    starts = [start for start, _ in window.possible if not isinstance(start, float)] if window is not None else []
    for finding in provisions.findings_of(world, name, int(min(starts)) if starts else None):
        if records.duty not in ("", finding.duty):
            continue
        inner = blank = context.within(records.alias, finding)
        own, other = root(context.subject), root(finding)
        alike = own.type.name == other.type.name  # of one kind: a finding belongs to none but its own
        related = truth(can_hold=own.id == other.id, can_fail=own.id != other.id)
        related = related if alike else linked_records(own, other, world)
        belongs = conjunction((finding.exists, related, _finding_timely(finding, window)))
        if can_hold(belongs):
            belongs = conjunction((belongs, _where(records, inner)))
        if can_hold(belongs):
            places.append((inner, belongs))
    return Members(tuple(places), complete=True, blank=blank)


def _finding_timely(finding: OracleFinding, window: Window | None) -> Value:
    if window is None:
        return TRUE
    if finding.period_from is None or finding.period_to is None:
        return truth(can_hold=bool(window.possible), can_fail=True)
    start, end = (exactly(day.toordinal(), "date") for day in (finding.period_from, finding.period_to))
    return truth(can_hold=window.may_meet(start, end), can_fail=not window.surely_meets(start, end))


def _slots(records: s.Records, unit: str, context: Context) -> Members:
    """Give the calendar slots inside the current period; records outside of the occurrence's window do not count."""
    grain = Grain("calendar", unit)
    if records.window is not None:
        return _slots_in(_stated(records.window, context), records, grain, context)
    if context.period is None:
        raise OracleError("slots need a period")
    places = []
    for period in periods_between(grain, context.period.start, context.period.end):
        days = Window(((period.start, period.end),), ((period.start, period.end),))
        bound = intersect(days, context.window or ALWAYS)
        if not bound.possible:
            continue
        inner = context.in_slot(grain, period, days if unit == "day" else bound)  # a day that counts, counts whole
        belongs = conjunction((truth(can_hold=True, can_fail=not bound.certain), _where(records, inner)))
        if can_hold(belongs):
            places.append((inner, belongs))
    blank = context.in_slot(grain, period_of(grain, context.world.as_of), ALWAYS)
    return Members(tuple(places), complete=True, blank=blank)


def _slots_in(window: Window, records: s.Records, grain: Grain, context: Context) -> Members:
    """Give the slots that a window touches, up to that of the as-of date; an open beginning is cut to what is certain."""
    today = period_of(grain, context.world.as_of)
    blank = context.in_slot(grain, today, ALWAYS)
    places, complete = [], True
    for start, end in window.possible:
        complete = complete and not isinstance(start, float) and end <= today.end
        begun = start if not isinstance(start, float) else min((c for c, _ in window.certain), default=INFINITE)
        if begun > min(end, context.world.as_of):
            continue
        for period in periods_between(grain, int(begun), int(min(end, context.world.as_of))):
            days = Window(((period.start, period.end),), ((period.start, period.end),))
            inner = context.in_slot(grain, period, days)
            sure = any(first <= period.end and last >= period.start for first, last in window.certain)
            belongs = truth(can_hold=True, can_fail=not sure)
            belongs = conjunction((belongs, _where(records, inner)))
            if can_hold(belongs):
                places.append((inner, belongs))
    return Members(tuple(places), complete, blank)
