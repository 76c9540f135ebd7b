"""Statistics of sets in which some records may or may not count, and of which more may exist."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from tests.oracle import expressions, functions, statistics
from tests.oracle import syntax as s
from tests.oracle.facts import cell
from tests.oracle.findings import root
from tests.oracle.law import CALENDAR_SLOTS
from tests.oracle.members import Members, members
from tests.oracle.parser import parse_set
from tests.oracle.values import (
    INFINITE,
    OracleError,
    Value,
    anything,
    between,
    can_fail,
    can_hold,
    fails,
    holds,
    hull,
    point,
    symbol,
    truth,
    without_absent,
)

if TYPE_CHECKING:
    from tests.oracle.context import Context

FUNCTIONS = ("count", "sum", "mean", "median", "geomean", "min", "max", "first", "last", "share", "percentile", "stat")


def is_aggregate(node: s.Call) -> bool:
    return node.name in FUNCTIONS and not (node.name in ("min", "max") and len(node.arguments) > 1)


def quantified(node: s.Quantified, context: Context) -> Value:
    """Evaluate `some`, `no` and `every` (whose `where` is what each record must meet)."""
    records, name = typed(node.records, context, universal=node.quantifier == "every")
    if node.quantifier == "every":
        group = members(replace(records, where=None), name, context)
        return every(
            group,
            [
                expressions.value_of(records.where, place) if records.where else truth(can_hold=True, can_fail=False)
                for place, _ in group.places
            ],
        )
    found = some(members(records, name, context, existence=node.quantifier == "some"))
    return found if node.quantifier == "some" else truth(can_hold=can_fail(found), can_fail=can_hold(found))


def some(group: Members) -> Value:
    certain = any(holds(belongs) for _, belongs in group.places)
    return truth(can_hold=bool(group.places) or not group.complete, can_fail=not certain)


def every(group: Members, conditions: list[Value]) -> Value:
    """Hold each member against its condition; one that perhaps does not belong cannot break it for certain."""
    pairs = [(belongs, condition) for (_, belongs), condition in zip(group.places, conditions, strict=True)]
    broken = any(holds(belongs) and fails(condition) for belongs, condition in pairs)
    doubtful = any(can_fail(condition) for _, condition in pairs)
    return truth(can_hold=not broken, can_fail=doubtful or not group.complete)


def named_set(records: s.Records, context: Context, *, universal: bool) -> s.Records:
    """Read a `let` that names a set of records as that set, with what is asked of it here."""
    name = next((path.parts[0] for path in paths(records.value) if path.parts[0] in context.lets), None)
    let = parse_set(context.lets[name]) if name is not None and name not in context.world.law.types else None
    if let is None or name is None:
        return records
    let = named_set(let, context, universal=False)
    window, where = records.window, let.where
    if window is None:
        window = let.window
    elif let.window is not None:
        assert isinstance(let.value, s.Path)
        time = s.Path((context.world.law.types[let.value.parts[0]].time,))
        assert let.window.end is not None
        if let.window.kind == "trailing":
            assert let.window.length is not None
            start: s.Expr = s.Binary(">", time, s.Binary("before", let.window.length, let.window.end))
        else:
            assert let.window.start is not None
            start = s.Binary(">=", time, let.window.start)
        timely = s.Binary("and", start, s.Binary("<=", time, let.window.end))
        where = timely if where is None else s.Binary("and", timely, where)
    if where is None or records.where is None:
        where = records.where if where is None or universal else where
    elif universal:
        where = s.Binary("or", s.Unary("not", where), records.where)
    else:
        where = s.Binary("and", where, records.where)
    value = renamed(records.value, name, let.value)
    return s.Records(value, let.finding, let.duty, records.alias or let.alias, window, where)


def renamed(node: s.Expr, name: str, source: s.Expr) -> s.Expr:
    """Write the type in the place of the let that names its records."""
    assert isinstance(source, s.Path)
    match node:
        case s.Path():
            return s.Path((*source.parts, *node.parts[1:])) if node.parts[0] == name else node
        case s.Binary():
            return s.Binary(node.op, renamed(node.left, name, source), renamed(node.right, name, source))
        case s.Call():
            arguments = tuple(replace(a, value=renamed(a.value, name, source)) for a in node.arguments)
            return s.Call(node.name, arguments, node.field)
        case _:
            return node


def typed(records: s.Records, context: Context, *, universal: bool = False) -> tuple[s.Records, str]:
    """Find the type that a set or an aggregate's argument ranges over; `TYPE at DAY` is a set with a window."""
    records = named_set(records, context, universal=universal)
    value = records.value
    if isinstance(value, s.Binary) and value.op == "at" and records.window is None:
        records = replace(records, value=value.left, window=s.Window("at", end=value.right))
    if records.finding:
        return records, "finding"
    for path in paths(records.value):
        if path.parts[0] in context.world.law.types or path.parts[0] in CALENDAR_SLOTS:
            return records, path.parts[0]
    raise OracleError(f"no fact type in {records.value}")


def paths(node: s.Expr) -> list[s.Path]:
    """List the names in an expression, from left to right."""
    match node:
        case s.Path():
            return [node]
        case s.Unary() | s.Is() | s.Member():
            return paths(node.operand)
        case s.Binary():
            return paths(node.left) + paths(node.right)
        case s.If():
            return paths(node.condition) + paths(node.then) + paths(node.otherwise)
        case s.Call():
            return [path for argument in node.arguments for path in paths(argument.value)]
        case _:
            return []


def aggregate(node: s.Call, context: Context) -> Value:
    arguments = node.arguments
    if node.name == "stat":
        names = expressions.value_of(arguments[0].value, context)
        words = statistics.NAMES if names.symbols is None or names.absent else sorted(names.symbols)
        return hull([_statistic(word, arguments[1], context, None) for word in words])
    percent = point(expressions.value_of(arguments[1].value, context)) if node.name == "percentile" else None
    return _statistic(node.name, arguments[0], context, percent)


def _domain(blank: Value) -> Value:
    """Give what a statistic of records that nobody knows may be: of numbers no more is told than that they are not below zero."""
    if blank.kind != "number":
        return blank
    domain = anything("number", blank.dimension)
    return replace(domain, low=Fraction(0), low_open=False) if blank.low >= 0 else domain


def _statistic(  # noqa: PLR0911 - a line for each statistic
    name: str, argument: s.Records, context: Context, percent: Fraction | None
) -> Value:
    records, type_name = typed(argument, context)
    if name == "share":
        return share(records, type_name, context)
    group = members(records, type_name, context)
    if name == "count":
        return count(group)
    if records.value == s.Path((type_name,)):
        raise OracleError(f"{name} of a whole record")
    domain = _domain(expressions.value_of(records.value, group.blank))
    valued = [(place, expressions.value_of(records.value, place), belongs) for place, belongs in group.places]
    if type_name in CALENDAR_SLOTS and domain.kind == "number":
        domain = anything("number", domain.dimension)
    if domain.kind == "symbol" and name in ("min", "max"):
        return _extreme_of_order(name, records.value, valued, group)
    # A record whose value is `none` has nothing to add; one whose value may be `none` may not count.
    group = replace(
        group, places=tuple((place, _counting(value, belongs)) for place, value, belongs in valued if value.present)
    )
    found = [(without_absent(value), _counting(value, belongs)) for _, value, belongs in valued if value.present]
    if name in ("first", "last"):
        return _by_time(name, group, found, domain)
    if name == "sum":
        return statistics.total(found, domain, complete=group.complete)
    if name in ("min", "max"):
        return statistics.extreme(name, found, domain, complete=group.complete)
    return statistics.central(name, found, domain, complete=group.complete, percent=percent)


def _extreme_of_order(name: str, value: s.Expr, valued: list[tuple[Context, Value, Value]], group: Members) -> Value:
    """Give the least or greatest of symbols that have an order, by their places in it."""
    order = functions.order_of((value,), group.blank)
    found = [
        (without_absent(functions.ranks(v, order)), _counting(v, belongs)) for _, v, belongs in valued if v.present
    ]
    place = statistics.extreme(name, found, anything("number"), complete=group.complete)
    low = max(0, ceil(place.low)) if not isinstance(place.low, float) else 0
    high = min(len(order) - 1, floor(place.high)) if not isinstance(place.high, float) else len(order) - 1
    return symbol(*order[low : high + 1])


def _counting(value: Value, belongs: Value) -> Value:
    return truth(can_hold=True, can_fail=True) if value.absent else belongs


def count(group: Members) -> Value:
    certain = sum(1 for _, belongs in group.places if holds(belongs))
    if not group.complete:
        return between(Fraction(certain), INFINITE)
    return between(Fraction(certain), Fraction(len(group.places)))


def share(records: s.Records, type_name: str, context: Context) -> Value:
    """Give, as a part of one, how many of the records in the window meet the condition."""
    whole = replace(records, value=s.Path((type_name,)), where=None)
    group = members(whole, type_name, context)
    size = len(group.places)
    if not group.complete or not size or any(can_fail(belongs) for _, belongs in group.places):
        return replace(between(Fraction(0), Fraction(1)), percent=True)
    assert records.where is not None
    conditions = [expressions.value_of(records.where, place) for place, _ in group.places]
    met, possible = sum(holds(c) for c in conditions), sum(can_hold(c) for c in conditions)
    return replace(between(Fraction(met, size), Fraction(possible, size)), percent=True)


def _by_time(name: str, group: Members, found: list[tuple[Value, Value]], domain: Value) -> Value:
    """Give the value of the earliest or latest record, of two that with the lesser id; in doubt, any that may count."""
    if not group.complete or not any(holds(belongs) for _, belongs in found):
        return domain
    times = [_order_of(place) for place, _ in group.places]
    if any(can_fail(belongs) for _, belongs in found) or any(point(time) is None for time in times):
        return hull([value for value, _ in found])
    best = min(time.low for time in times) if name == "first" else max(time.low for time in times)
    # Places are in the order of their ids.
    return next(value for time, (value, _) in zip(times, found, strict=True) if time.low == best)


def _order_of(place: Context) -> Value:
    """Give the time field of the innermost record, an instant as it is; of a state the first day of its span."""
    record = root(place.scopes[-1].thing)
    name = record.type.time or record.type.start
    if not name:
        raise OracleError("first and last need a time")
    return cell(record, name, place.world)
