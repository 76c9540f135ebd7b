"""What a duty asks, and whether it is met: require, limit, done, forbid; and the figures that are reported."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle import aggregates, arithmetic, expressions, facts, functions, members
from tests.oracle import syntax as s
from tests.oracle.due import Due, days_between, surely_overdue
from tests.oracle.findings import OracleFinding, root
from tests.oracle.parser import parse, parse_records
from tests.oracle.periods import Window, as_day
from tests.oracle.values import (
    ABSENT,
    FALSE,
    NEVER,
    Value,
    anything,
    can_fail,
    can_hold,
    compare,
    conjunction,
    disjunction,
    exactly,
    fails,
    holds,
    hull,
    negation,
    point,
    symbol,
    truth,
)

if TYPE_CHECKING:
    from tests.oracle.context import Context
    from tests.oracle.duties import Duty


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`amount`, `percent`: how far beyond the limit; `done`: the day on which it was; `breaches`: ids of records."""

    met: Value
    amount: Value = ABSENT
    percent: Value = ABSENT
    done: Value = ABSENT
    breaches: frozenset[str] = frozenset()


def judge(duty: Duty, context: Context, fulfilling: Context, due: Due) -> Judgement:
    if duty.demand == "require":
        return _required(duty, fulfilling, due)
    if duty.demand == "limit":
        return _every(duty, context) if "every" in duty.asked else _limited(duty, context)
    if duty.demand == "done":
        return _done(duty, context, due)
    group = _set(duty.asked, context)
    return Judgement(met=negation(aggregates.some(group)), breaches=_names(group, lambda _: True))


def _required(duty: Duty, context: Context, due: Due) -> Judgement:
    met = _held(duty.asked, context)
    if not fails(met):
        return Judgement(met=met)
    anyone = isinstance(duty.asked, dict) and list(duty.asked) == ["any"]
    if anyone:
        return Judgement(met=met, done=_first(_items(duty.asked), context, due))
    days = [_cured(item, context, due) for item in _items(duty.asked) if can_fail(_held(item, context))]
    last = max(days, key=lambda d: d.low, default=ABSENT) if all(d.present for d in days) else ABSENT
    return Judgement(met=met, done=last)


def _held(asked: Any, context: Context) -> Value:  # noqa: ANN401 - YAML
    """Evaluate a condition, a list or names of them, or `any` or `all` of them, one inside the other."""
    if isinstance(asked, str):
        return expressions.evaluate(asked, context)
    anyone = isinstance(asked, dict) and list(asked) == ["any"]
    found = [_held(one, context) for one in _items(asked)]
    return disjunction(found) if anyone else conjunction(found)


def _items(asked: Any) -> list[Any]:  # noqa: ANN401 - YAML
    if isinstance(asked, dict):
        inner = next(iter(asked.values())) if list(asked) in (["any"], ["all"]) else list(asked.values())
        return inner if isinstance(inner, list) else list(inner.values()) if isinstance(inner, dict) else [inner]
    return [asked] if isinstance(asked, str) else list(asked)


def _first(asked: list[Any], context: Context, due: Due) -> Value:
    days = [day for one in asked if (day := _cured(one, context, due)).present]
    return min(days, key=lambda d: d.low, default=ABSENT)


def _cured(asked: Any, context: Context, due: Due) -> Value:  # noqa: ANN401 - YAML
    """Give the day of the first record after the due date, where one record of a set is asked for; of `any` and `or`, of one of them."""
    if not isinstance(asked, str):
        return _first(_items(asked), context, due) if isinstance(asked, dict) and list(asked) == ["any"] else ABSENT
    return _cured_by(parse(asked), context, due)


def _cured_by(node: s.Expr, context: Context, due: Due) -> Value:
    if isinstance(node, s.Binary) and node.op == "or":
        either = (_cured_by(node.left, context, due), _cured_by(node.right, context, due))
        return min((day for day in either if day.present), key=lambda d: d.low, default=ABSENT)
    alone = isinstance(node, s.Quantified) and node.quantifier == "some" and node.records.window is None
    day = point(due.day)
    if not alone or day is None or not isinstance(node, s.Quantified):
        return ABSENT
    if due.at is None:
        day += 1
    after = Window(((day, Fraction(context.world.as_of)),), ((day, Fraction(context.world.as_of)),))
    records, name = aggregates.typed(node.records, context)
    home = context.home or context  # what a `let` says does not depend on the window
    group = members.members(records, name, context.changed(some_window=None, window=after, due_at=None, home=home))
    days = [_began(root(place.scopes[-1].thing), context.world) for place, belongs in group.places if holds(belongs)]
    known = [d for d in days if d is not None and point(d) is not None]
    return min(known, key=lambda d: d.low) if known else ABSENT


def _began(record: facts.Record, world: facts.World) -> Value | None:
    """Give the day of an event, or the first day of a state."""
    span = facts.span_of(record, world) if record.type.kind == "state" else None
    return facts.time_of(record, world) if span is None else span[0]


def _operators(must: str | None, context: Context) -> Value:
    text = must or "<="
    return symbol(text) if text in functions.OPERATORS else expressions.evaluate(text, context)


def _limited(duty: Duty, context: Context) -> Judgement:
    value = expressions.evaluate(duty.asked["value"], context)
    limit = expressions.evaluate(duty.asked["of"], context)
    must = _operators(duty.asked.get("must"), context)
    met = functions.compare_by(value, must, limit, context)
    return Judgement(met=met, amount=_amount(value, limit), percent=_percent(value, limit))


def _amount(value: Value, limit: Value) -> Value:
    if not value.present or not limit.present:
        return ABSENT
    return arithmetic.absolute(arithmetic.add(value, arithmetic.negate(limit)))


def _percent(value: Value, limit: Value) -> Value:
    """Give |value / limit - 1|, a percentage; none if the limit is zero, and of one that may be zero what is certain if it is not."""
    if not value.present or not limit.present or point(limit) == 0:
        return ABSENT
    if limit.low < 0 < limit.high:
        return _percent_around_zero(value, limit)
    limit = replace(limit, low_open=limit.low_open or limit.low == 0, high_open=limit.high_open or limit.high == 0)
    ratio = arithmetic.divide(replace(value, dimension=()), replace(limit, dimension=()))
    return replace(arithmetic.absolute(arithmetic.add(ratio, exactly(-1))), percent=True)


def _percent_around_zero(value: Value, limit: Value) -> Value:
    """Give the same for a limit of either sign: the nearer to zero the more, so that the ends are the least; far away it is 100 %."""
    parts = [
        Fraction(1) if isinstance(of, float) else abs(end / of - 1)
        for of in (limit.low, limit.high)
        for end in (value.low, value.high)
        if isinstance(end, Fraction)
    ]
    return replace(anything("number"), low=min(parts, default=Fraction(0)), low_open=False, percent=True)


def _set(text: str, context: Context) -> members.Members:
    records, name = aggregates.typed(parse_records(text), context)
    return members.members(records, name, context)


def _every(duty: Duty, context: Context) -> Judgement:
    """Hold each record against the limit."""
    records, name = aggregates.typed(parse_records(duty.asked["every"]), context)
    limit = expressions.evaluate(duty.asked["of"], context)
    must = _operators(duty.asked.get("must"), context)
    group = members.members(records, name, context)
    values = [expressions.value_of(records.value, place) for place, _ in group.places]
    held = [functions.compare_by(value, must, limit, context) for value in values]
    met = aggregates.every(group, held)
    if duty.asked.get("on_none") == "undetermined" and not any(holds(belongs) for _, belongs in group.places):
        met = truth(can_hold=can_hold(met), can_fail=True)
    broken = [
        (place, value)
        for (place, belongs), value, condition in zip(group.places, values, held, strict=True)
        if holds(belongs) and fails(condition)
    ]
    if not broken:
        return Judgement(met=met, amount=anything("number", None), percent=anything("number"))
    ids = frozenset(_name(root(place.scopes[-1].thing).id, place) for place, _ in broken)
    held_at_all = [value for value, (_, belongs) in zip(values, group.places, strict=True) if can_hold(belongs)]
    if len({value.dimension for value in held_at_all}) > 1:
        return Judgement(met=met, amount=anything("number", None), percent=anything("number"), breaches=ids)
    percents = [p for p in (_percent(value, limit) for _, value in broken) if p.present]
    worst = max(percents, key=lambda p: p.low) if percents else ABSENT
    amounts = [_amount(value, limit) for _, value in broken]
    return Judgement(met=met, amount=max(amounts, key=lambda a: a.low), percent=worst, breaches=ids)


def _name(record: str, place: Context) -> str:
    thing = place.scopes[-1].thing
    return thing.name if isinstance(thing, OracleFinding) else record


def _names(group: members.Members, chosen: object) -> frozenset[str]:
    del chosen
    return frozenset(_name(root(place.scopes[-1].thing).id, place) for place, belongs in group.places if holds(belongs))


def _done(duty: Duty, context: Context, due: Due) -> Judgement:
    """Hold a date against the due date; absent, it is not done yet, which decides once overdue."""
    zone = facts.zone_of(root(context.subject), context.world)
    value = expressions.evaluate(duty.asked, context)
    day = as_day(replace(value, absent=False), zone)
    ahead = _ahead(day, context.world.as_of) if value.present else FALSE
    verdicts = []
    if value.present and can_fail(ahead):
        by_hour = value.kind == "instant" and due.at is not None
        there = replace(value, absent=False)
        verdicts.append(compare(there, "<=", due.at) if by_hour and due.at else compare(day, "<=", due.day))
    if value.absent or can_hold(ahead):
        verdicts.append(truth(can_hold=not surely_overdue(context, due), can_fail=True))
    met = truth(can_hold=any(can_hold(v) for v in verdicts), can_fail=any(can_fail(v) for v in verdicts))
    return Judgement(met=met, done=day if value.present and not value.absent and fails(ahead) else ABSENT)


def _ahead(day: Value, as_of: int) -> Value:
    """Say whether a day is still to come; what never happens is not."""
    comes = compare(exactly(as_of, "date"), "<", day)
    return conjunction([comes, negation(compare(day, "=", NEVER))])


def reported(duty: Duty, context: Context, judged: Judgement, due: Due) -> tuple[Value, Value]:
    """Give exceedance and days late: as the provision says, else as they are found."""
    own = duty.exceedance
    percent = judged.percent if own is None else expressions.evaluate(own, context)
    if duty.days_late is not None:
        return percent, expressions.evaluate(duty.days_late, context)
    if duty.demand in ("limit", "forbid") or due.standing or not (due.stated or duty.demand == "done"):
        return percent, ABSENT
    late = days_between(due, judged.done if judged.done.present else exactly(context.world.as_of, "date"))
    return percent, exactly(late) if late is not None and fails(judged.met) else hull([ABSENT, anything("number")])
