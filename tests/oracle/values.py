"""Possible values: what an expression may still turn out to be.

A number, date (day ordinal) or instant (microseconds since 1970 UTC) is an interval whose ends are open or closed; a
symbol, bool or duration is a set (None: the whole domain). `absent`: it may be `none`; `present`: it may be something.
A number is a part of one where `percent` says that it is read in hundredths (it matters when it is rounded).
A date whose closed upper end is infinite may be `never`. Exact: ends are fractions, floats stand for infinities only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Bound = Fraction | float
Dimension = tuple[tuple[str, int], ...]
INFINITE = float("inf")
RANGED = ("number", "date", "instant")


class OracleError(Exception):
    """The rules or facts are outside of what this evaluator understands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """Every value that remains possible. `dimension` of a number: None where not even that is known."""

    kind: str
    low: Bound = -INFINITE
    high: Bound = INFINITE
    low_open: bool = True
    high_open: bool = True
    symbols: frozenset[str] | None = None
    absent: bool = False
    present: bool = True
    dimension: Dimension | None = ()
    percent: bool = False


def exactly(number: Fraction | int, kind: str = "number", dimension: Dimension | None = ()) -> Value:
    point = Fraction(number)
    return Value(kind=kind, low=point, high=point, low_open=False, high_open=False, dimension=dimension)


def between(low: Bound, high: Bound, *, low_open: bool = False, high_open: bool = False, kind: str = "number") -> Value:
    """Give an interval; an infinite end is open."""
    low_open, high_open = low_open or low == -INFINITE, high_open or high == INFINITE
    return Value(kind=kind, low=low, high=high, low_open=low_open, high_open=high_open)


def symbol(*words: str, kind: str = "symbol") -> Value:
    return Value(kind=kind, symbols=frozenset(words))


def anything(kind: str, dimension: Dimension | None = ()) -> Value:
    symbols = frozenset({"true", "false"}) if kind == "bool" else None
    return Value(kind=kind, symbols=symbols, dimension=dimension)


ABSENT = Value(kind="none", absent=True, present=False)
NEVER = Value(kind="date", low=INFINITE, high=INFINITE, low_open=False, high_open=False)
TRUE = Value(kind="bool", symbols=frozenset({"true"}))
FALSE = Value(kind="bool", symbols=frozenset({"false"}))
UNKNOWN = anything("bool")


def truth(*, can_hold: bool, can_fail: bool) -> Value:
    return UNKNOWN if can_hold and can_fail else TRUE if can_hold else FALSE


def can_hold(condition: Value) -> bool:
    """Say whether a condition may be true; one that may be `none` may be anything."""
    return condition.absent or condition.symbols is None or "true" in condition.symbols


def can_fail(condition: Value) -> bool:
    return condition.absent or condition.symbols is None or "false" in condition.symbols


def holds(condition: Value) -> bool:
    return not can_fail(condition)


def fails(condition: Value) -> bool:
    return not can_hold(condition)


def negation(condition: Value) -> Value:
    return truth(can_hold=can_fail(condition), can_fail=can_hold(condition))


def conjunction(conditions: Iterable[Value]) -> Value:
    every = list(conditions)
    return truth(can_hold=all(can_hold(c) for c in every), can_fail=any(can_fail(c) for c in every))


def disjunction(conditions: Iterable[Value]) -> Value:
    every = list(conditions)
    return truth(can_hold=any(can_hold(c) for c in every), can_fail=all(can_fail(c) for c in every))


def point(value: Value) -> Fraction | None:
    """Give the one number that it is, if it is one."""
    certain = value.present and not value.absent and value.low == value.high
    return value.low if certain and isinstance(value.low, Fraction) else None


def may_be_never(value: Value) -> bool:
    return value.present and value.kind == "date" and value.high == INFINITE and not value.high_open


def is_present(value: Value) -> Value:
    never = value.present and value.low == INFINITE
    return truth(can_hold=value.present and not never, can_fail=value.absent or may_be_never(value))


def without_absent(value: Value) -> Value:
    return replace(value, absent=False)


def hull(values: Iterable[Value]) -> Value:
    """Give the least value that holds all of them: the convex hull of intervals, the union of sets."""
    every = list(values)
    parts = [v for v in every if v.present]
    absent = any(v.absent for v in every)
    if not parts:
        return ABSENT
    kind = parts[0].kind
    if any(v.kind != kind for v in parts):
        raise OracleError(f"a value of several kinds: {sorted({v.kind for v in parts})}")
    if kind not in RANGED:
        known = all(v.symbols is not None for v in parts)
        union = frozenset().union(*(v.symbols or () for v in parts)) if known else None
        return Value(kind=kind, symbols=union, absent=absent)
    low, low_open = min((v.low, v.low_open) for v in parts)
    high, closed = max((v.high, not v.high_open) for v in parts)
    dimension = parts[0].dimension if len({v.dimension for v in parts}) == 1 else None
    if dimension is None:
        low, low_open, high, closed = -INFINITE, True, INFINITE, False
    percent = any(v.percent for v in parts)
    return Value(
        kind=kind,
        low=low,
        high=high,
        low_open=low_open,
        high_open=not closed,
        absent=absent,
        dimension=dimension,
        percent=percent,
    )


def _meets(a: Value, b: Value) -> bool:
    low, low_open = max((a.low, a.low_open), (b.low, b.low_open))
    high, closed = min((a.high, not a.high_open), (b.high, not b.high_open))
    return low < high or (low == high and not low_open and closed)


def _may_be_below(a: Value, b: Value) -> bool:
    return a.low < b.high


def _may_be_at_most(a: Value, b: Value) -> bool:
    return a.low < b.high or (a.low == b.high and not a.low_open and not b.high_open)


def _may_differ(a: Value, b: Value) -> bool:
    return not (a.low == a.high == b.low == b.high)


def alike(a: Dimension | None, b: Dimension | None) -> bool:
    """Say whether two dimensions are known and one."""
    return a is not None and a == b


def compare(a: Value, op: str, b: Value) -> Value:
    """Hold every pair of possible values against each other; `none` compares as unknown."""
    if a.absent or b.absent or not alike(a.dimension, b.dimension):
        return UNKNOWN
    if op == "=":
        return truth(can_hold=_meets(a, b), can_fail=_may_differ(a, b))
    if op in (">", ">="):
        return compare(b, "<" if op == ">" else "<=", a)
    if op == "<":
        return truth(can_hold=_may_be_below(a, b), can_fail=_may_be_at_most(b, a))
    if op == "<=":
        return truth(can_hold=_may_be_at_most(a, b), can_fail=_may_be_below(b, a))
    raise OracleError(f"no comparison: {op}")


def is_among(value: Value, words: Iterable[str]) -> Value:
    """Say whether a symbol is one of the words; `none` is none of them."""
    listed = frozenset(words)
    if value.symbols is None and value.present:
        return truth(can_hold=bool(listed), can_fail=True)
    symbols = (value.symbols or frozenset()) if value.present else frozenset()
    return truth(can_hold=bool(symbols & listed), can_fail=value.absent or bool(symbols - listed))


def equal_symbols(a: Value, b: Value) -> Value:
    """Say whether two symbols are the same; `none` equals `none` alone."""
    options_a, options_b = _options(a), _options(b)
    if options_a is None or options_b is None:
        return UNKNOWN
    return truth(can_hold=bool(options_a & options_b), can_fail=len(options_a | options_b) > 1)


def _options(value: Value) -> frozenset[str | None] | None:
    if value.present and value.symbols is None:
        return None
    present: frozenset[str | None] = frozenset(value.symbols or ()) if value.present else frozenset()
    return present | {None} if value.absent else present
