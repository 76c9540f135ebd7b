"""A figure held against its limit, or every record of a set; and by how much it is beyond."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import kleene, merging, rational, values
from compliance_engine.deriving.aggregates import SEVERAL
from compliance_engine.deriving.comparing import compared, under_operator
from compliance_engine.deriving.kleene import UNKNOWN, Truth, either
from compliance_engine.deriving.products import NOTHING, ONE, ZERO
from compliance_engine.deriving.symbols import among, is_symbol
from compliance_engine.deriving.values import Number, Symbols
from compliance_engine.model import expression as ex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.products import Rows
    from compliance_engine.deriving.rational import Rational
    from compliance_engine.model.program import LimitSpec


def limited(context: Context, demand: LimitSpec, figures: dict[str, Number]) -> Truth:
    """Say whether a limit is kept; `figures` is told the value and the limit."""
    limit = _figure(context, demand.of.node)
    figures["limit"] = limit
    if demand.set is None:
        value = _figure(context, demand.value.node)
        value, limit = same_unit(value, limit, demand.unit)
        figures["value"], figures["limit"] = value, limit
        return _held(context, value, demand.must, limit)
    return _every_held(context, demand, limit, figures)


def same_unit(value: Number, limit: Number, unit: str) -> tuple[Number, Number]:
    """Give the side that has a fixed unit that unit, where the other brings its own."""
    if not unit or unit == "varies" or (value.unit is None) == (limit.unit is None):
        return value, limit
    fixed = pl.lit(unit)
    return (replace(value, unit=fixed), limit) if value.unit is None else (value, replace(limit, unit=fixed))


def _figure(context: Context, node: ex.AnyNode) -> Number:
    value = context.settle(context.value(node), "figure")
    assert isinstance(value, Number)
    return value


def _held(context: Context, value: Number, must: ex.AnyNode, limit: Number) -> Truth:
    if isinstance(must, ex.Const):
        return compared(must.value or "<=", value, limit)
    choice = context.value(must)
    assert isinstance(choice, Symbols)
    return under_operator(choice, value, limit, context)


def _every_held(context: Context, demand: LimitSpec, limit: Number, figures: dict[str, Number]) -> Truth:
    """Hold every record against the limit: through the extreme of them all, or one by one where that is none: no record perhaps, or several units."""
    assert demand.set is not None
    none = context.settle(context.truth(ex.Aggregate(kind="bool", function="no", set=demand.set)))
    assert isinstance(none, Truth)
    unmeasured = none.may if demand.open_if_none else False
    held = kleene.disjunction(none, _extreme_held(context, demand, limit, figures))
    held = Truth(held.may, either(held.may_not, unmeasured))
    doubtful = kleene.both(none.may, none.may_not)
    mixed = _without_common_unit(context, none, figures)
    if not mixed and (doubtful is False or not context.compute(kleene.expression(doubtful)).any()):
        return held
    value, of, unit = demand.value.node, demand.of.node, "" if demand.unit == "varies" else demand.unit
    test: ex.AnyNode = ex.CompareBy(kind="bool", op=demand.must, left=value, right=of, unit=unit)
    if isinstance(demand.must, ex.Const):
        test = ex.Compare(kind="bool", op=demand.must.value or "<=", left=value, right=of, unit=unit)
    each = context.truth(ex.Aggregate(kind="bool", function="every", set=demand.set, value=value, condition=test))
    return Truth(kleene.both(held.may, each.may), kleene.both(held.may_not, either(each.may_not, unmeasured)))


def _without_common_unit(context: Context, none: Truth, figures: dict[str, Number]) -> bool:
    """Say whether some records that are held against one limit are of several units, or of one not known, and leave the figure open there."""
    extreme = figures["value"]
    if extreme.unit is None:
        return False
    unit = extreme.unit.cast(pl.String)
    unnamed = kleene.both(unit.is_null(), none.may_not)
    several = either(unnamed, (unit == SEVERAL).fill_null(value=False))
    several = pl.lit(context.compute(kleene.expression(several)))
    if not context.compute(several).any():
        return False
    nothing = replace(values.unknown_number(), unit=extreme.unit)
    shown = context.settle(merging.merge(~several, extreme, several, nothing), "figure")
    assert isinstance(shown, Number)
    figures["value"] = shown
    return True


def _extreme_held(context: Context, demand: LimitSpec, limit: Number, figures: dict[str, Number]) -> Truth:
    """Hold the extreme of all records against the limit."""
    records, node = demand.set, demand.value.node
    assert records is not None

    def extreme(function: str) -> Number:
        return _figure(context, ex.Aggregate(kind=node.kind, function=function, set=records, value=node))

    if isinstance(demand.must, ex.Const) and demand.must.value != "=":
        upper = (demand.must.value or "<=") in {"<", "<="}
        worst, limit = same_unit(extreme("max" if upper else "min"), limit, demand.unit)
        figures["value"] = worst
        return _held(context, worst, demand.must, limit)
    choice = context.value(demand.must)
    assert isinstance(choice, Symbols)
    (top, limit), (bottom, _) = (same_unit(extreme(one), limit, demand.unit) for one in ("max", "min"))
    above, below = (among(choice, ops) for ops in (("<", "<=", "="), (">", ">=", "=")))
    shown = context.settle(merging.merge(above.may, top, below.may, bottom), "figure")
    assert isinstance(shown, Number)
    figures["value"] = shown
    upper_held = kleene.disjunction(kleene.negation(above), _bounded(context, top, choice, limit, ("<", "<=")))
    lower_held = kleene.disjunction(kleene.negation(below), _bounded(context, bottom, choice, limit, (">", ">=")))
    return kleene.union(kleene.conjunction(upper_held, lower_held), kleene.guarded(choice.absent.may, UNKNOWN))


def _bounded(context: Context, value: Number, choice: Symbols, limit: Number, ops: tuple[str, str]) -> Truth:
    del context
    strict, loose = is_symbol(choice, ops[0]), among(choice, (ops[1], "="))
    if ops[0] == "<":
        tests = values.less(value, limit, strict=True), values.less(value, limit, strict=False)
    else:
        tests = values.less(limit, value, strict=True), values.less(limit, value, strict=False)
    return kleene.union(kleene.guarded(strict.may, tests[0]), kleene.guarded(loose.may, tests[1]))


def exceedance(figures: Mapping[str, Number], rows: Rows) -> Rational | None:
    """Give |value - limit| / limit x 100 in each of some rows; of intervals the least that it may be."""
    value, limit = figures.get("value"), figures.get("limit")
    if value is None or limit is None:
        return None
    if value.exact and limit.exact:
        found = share_beyond(value.low, limit.low)
    elif rows.occurs(either(_may_be_negative(value), _may_be_negative(limit))):
        found = _least_share(value, limit, rows)
    else:  # the nearer both are to one another, the less
        found = _nearest(value, limit, share_beyond)
    return rational.multiply(found, rational.constant(Fraction(100)))


def share_beyond(value: Rational, limit: Rational) -> Rational:
    """Give |value - limit| / limit."""
    return rational.absolute(rational.divide(_apart(value, limit), limit))


def _may_be_negative(number: Number) -> pl.Expr:
    """Say where a number may be below zero, as far as anything is known of it."""
    below = values.ends("<", number.low, ZERO, missing=False)
    return below | (number.low.num.is_null() & number.high.num.is_not_null())


def _least_share(value: Number, limit: Number, rows: Rows) -> Rational:
    """Give the least that it may be, whatever the signs: that of one of the ends, or 1 as the limit grows without end."""
    found = NOTHING
    for one, other in product((value.low, value.high), (limit.low, limit.high)):
        share, found = rows.settled_end(share_beyond(one, other)), rows.settled_end(found)
        less = rational.compare("<", share, found).fill_null(share.num.is_not_null() & found.num.is_null())
        found = rational.pick(less, share, found)
    found = rows.settled_end(found)
    endless = limit.low.num.is_null() | limit.high.num.is_null()
    known = value.low.num.is_not_null() | value.high.num.is_not_null()
    far = rational.compare("<", ONE, found).fill_null(known & found.num.is_null())
    return rational.pick(endless & far, ONE, found)


def amount(figures: Mapping[str, Number]) -> Rational | None:
    """Give |value - limit|; of intervals what is certain."""
    value, limit = figures.get("value"), figures.get("limit")
    if value is None or limit is None:
        return None
    return _nearest(value, limit, lambda one, other: rational.absolute(_apart(one, other)))


def _apart(value: Rational, limit: Rational) -> Rational:
    return rational.add(value, rational.negate(limit))


def _nearest(value: Number, limit: Number, measure: Callable[[Rational, Rational], Rational]) -> Rational:
    """Measure how far value and limit are apart, between the ends that are nearest to one another."""
    over = measure(value.low, limit.high)
    if value.exact and limit.exact:
        return over
    below = rational.compare("<=", value.high, limit.low).fill_null(value=False)
    return rational.pick(below, measure(value.high, limit.low), over)
