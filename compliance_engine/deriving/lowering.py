"""Typed expressions to columns: what each node of `model.expression` means (docs/language.md section 2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl

from compliance_engine.deriving import dates, decimals, intervals, kleene, rational, values
from compliance_engine.deriving.aggregates import aggregate_value
from compliance_engine.deriving.comparing import (
    among_numbers,
    among_value,
    compared_by,
    compared_value,
    number_value,
    rank_value,
    symbol_of_rank,
)
from compliance_engine.deriving.kleene import FALSE, TRUE, Truth, both, either
from compliance_engine.deriving.lookups import lookup_value
from compliance_engine.deriving.pinned import value_of
from compliance_engine.deriving.questions import determined_truth, policy_symbol
from compliance_engine.deriving.references import definition_value, finding_attribute, finding_value, parameter_value
from compliance_engine.deriving.site_days import local_days, shifted_at_site, trigger_day
from compliance_engine.deriving.values import NOTHING, Number, Option, Span, Symbols, Value
from compliance_engine.model import expression as ex

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_engine.deriving.context import Context

COMBINING = (
    ex.First,
    ex.Else,
    ex.Arithmetic,
    ex.Scale,
    ex.Round,
    ex.Stated,
    ex.Function,
    ex.Compare,
    ex.Rank,
    ex.OfRank,
    ex.CompareBy,
    ex.And,
    ex.Or,
    ex.Among,
    ex.AmongNumbers,
    ex.Present,
    ex.Censored,
)


def lower(node: ex.AnyNode, context: Context) -> Value:
    """Give what an expression may be in each row of the context's frame.

    What combines values is computed at once: each end of an interval is read several times by what stands around it, and an expression
    left to grow would double with every level.
    """
    found = LOWERINGS[type(node)](node, context)
    return context.settle(found) if isinstance(node, COMBINING) else found


def _const(node: ex.Const, _: Context) -> Value:
    if node.value is None:
        return NOTHING
    if node.kind == "bool":
        return TRUE if node.value == "true" else FALSE
    if node.kind == "date":
        return dates.day_literal(date.fromisoformat(node.value))
    if node.kind == "symbol":
        return values.literal_symbol(node.value)
    return values.exact_number(rational.constant(Fraction(node.value)))


def _field(node: ex.Field, context: Context) -> Value:
    if node.type == "finding":
        return finding_attribute(node, context)
    expr, table = context.column(node.scope, node.hops, node.name)
    shape = table.shapes.get(node.name)
    complete = not node.hops and shape is not None and shape.nulls == 0 and context.scopes[node.scope].table is table
    absent = _absence(node, expr, context) if node.empty == "none" and not complete else FALSE
    if node.kind == "bool":
        return kleene.certain(expr) if complete else kleene.of_column(expr.cast(pl.Boolean))
    if node.kind == "symbol":
        text = expr if table.frame.schema.get(node.name) in {pl.String, pl.Categorical} else expr.cast(pl.String)
        return Symbols((Option(possible=True, value=text, known=complete or node.empty == "none"),), absent)
    if node.kind == "date":
        number = dates.day_number(expr.cast(pl.Date).cast(pl.Int32), known=complete)
        if node.empty == "never":
            never = pl.when(_unreached(node, context)).then(None).otherwise(pl.lit(dates.NEVER, dtype=pl.Int32))
            day = expr.cast(pl.Date).cast(pl.Int32)
            number = dates.day_number(pl.coalesce(day, never), known=not node.hops)
        return values.Number(number.low, number.low, absent=absent, known=number.known)
    if node.kind == "instant":
        micros = expr.cast(pl.Datetime("us", "UTC")).cast(pl.Int64)
        value = rational.column(micros, bound=dates.INSTANT_BOUND)
        return Number(value, value, absent=absent, known=complete)
    return intervals.field_number(node, context, expr, table, absent=absent, known=complete)


def _unreached(node: ex.Field, context: Context) -> pl.Expr:
    """Say where it is not known which record the field is of: a reference on the way is not known, or leads nowhere."""
    if not node.hops:
        return pl.lit(value=False)
    gone = pl.lit(value=False)
    for position, hop in enumerate(node.hops):
        reference, table = context.column(node.scope, node.hops[:position], hop.field)
        if table.type.field(hop.field).empty == "none":
            _, here = context.follow(node.scope, node.hops[:position])
            gone |= reference.is_null() & (pl.col(here).is_not_null() if position and here else pl.lit(value=True))
    _, index = context.follow(node.scope, node.hops)
    assert index is not None
    return pl.col(index).is_null() & ~gone


def _absence(node: ex.Field, expr: pl.Expr, context: Context) -> Truth:
    """Say where a field is absent: its cell is empty, or a reference on the way is absent; unknown where the record is."""
    return Truth(expr.is_null(), expr.is_not_null() | _unreached(node, context))


def _builtin(node: ex.Builtin, context: Context) -> Value:
    if node.name in {"period.start", "period.end"}:
        return dates.day_number(pl.col("p.from" if node.name.endswith("start") else "p.to"), known=True)
    if node.name == "as-of":
        return dates.day_literal(context.world.as_of)
    value = context.due
    if node.name == "trigger":
        value = None if context.trigger is None else trigger_day(context)
    if value is None and context.parent is not None:
        key = f"@{node.name}"
        if key not in context.cache:
            context.cache[key] = context.parent.carried(context.parent.value(node), context, context.row)
        return context.cache[key]
    return values.unknown_number() if value is None else value


def _let(node: ex.LetRef, context: Context) -> Value:
    if node.name not in context.cache:
        if context.parent is not None:
            context.cache[node.name] = context.parent.carried(context.parent.value(node), context, context.row)
        else:
            context.cache[node.name] = context.settle(context.value(context.lets[node.name].node), node.name)
    return context.cache[node.name]


def _previous(node: ex.Previous, context: Context) -> Value:
    key = f"previous.{node.field}"
    if key not in context.cache:
        if context.earlier is None:
            assert context.parent is not None
            context.cache[key] = context.parent.carried(context.parent.value(node), context, context.row)
        else:
            context.cache[key] = value_of(*context.earlier[node.field], context)
    return context.cache[key]


def _there_before(node: ex.Previous, context: Context) -> Truth:
    """Give whether there was a period before; a condition has no `none` of its own."""
    if context.earlier is None:
        assert context.parent is not None
        parent = context.parent
        found = parent.carried(_there_before(node, parent), context, context.row)
        assert isinstance(found, Truth)
        return found
    cells = context.earlier[node.field][0]
    there, gone = (pl.Series("may", flags) for flags in ([c.there for c in cells], [c.gone for c in cells]))
    return Truth(pl.col(context.add("there", there)), pl.col(context.add("gone", gone)))


def _arithmetic(node: ex.Arithmetic, context: Context) -> Value:
    left, right = context.value(node.left), context.value(node.right)
    if isinstance(left, Span) or isinstance(right, Span):
        start, span = (left, right) if isinstance(right, Span) else (right, left)
        assert isinstance(start, Number)
        assert isinstance(span, Span)
        return shifted_at_site(start, span, -1 if node.op == "-" else 1, node.kind, context)
    if node.kind == "duration":
        message = "lengths of time are not added to one another"
        raise AssertionError(message)
    # Each end of an operand is read several times.
    left, right = context.settle(left), context.settle(right)
    assert isinstance(left, Number)
    assert isinstance(right, Number)

    def kept(end: rational.Rational) -> rational.Rational:
        settled = context.settle(values.exact_number(end))
        assert isinstance(settled, Number)
        return settled.low

    return intervals.OPERATIONS[node.op](left, right, kept)


def _scale(node: ex.Scale, context: Context) -> Value:
    value = intervals.multiplied(
        number_value(node.operand, context), values.exact_number(rational.constant(Fraction(node.factor)))
    )
    offset = Fraction(node.offset)
    return intervals.added(value, values.exact_number(rational.constant(offset))) if offset else value


def _present(node: ex.Present, context: Context) -> Value:
    if node.operand.kind == "bool":
        return _truth_present(node.operand, context)
    operand = context.value(node.operand)
    assert not isinstance(operand, (Truth, Span))
    there = kleene.negation(operand.absent)
    if isinstance(operand, Number) and node.operand.kind == "date":
        never = values.equal(operand, dates.day_number(pl.lit(dates.NEVER), known=True))
        return kleene.conjunction(there, kleene.negation(never))
    return there


def _truth_present(operand: ex.AnyNode, context: Context) -> Truth:
    """Give whether a condition is present: one of a period before, or a field."""
    if isinstance(operand, ex.Previous):
        return _there_before(operand, context)
    if isinstance(operand, ex.Field) and operand.empty == "none":
        expr, _ = context.column(operand.scope, operand.hops, operand.name)
        return Truth(expr.is_not_null(), expr.is_null())
    return TRUE


def _first(node: ex.First, context: Context) -> Value:
    result: Value | None = None
    reached: kleene.Maybe = False
    open_still: kleene.Maybe = True
    for row in node.rows:
        guard = TRUE if row.when is None else context.truth(row.when)
        if row.when is not None:
            settled = context.settle(guard, "guard")
            assert isinstance(settled, Truth)
            guard = settled
        possible = both(open_still, guard.may)
        found = context.value(row.then)
        if isinstance(found, Symbols) and not found.options and node.kind in {"number", "date", "instant"}:
            found = number_value(row.then, context)
        merged = values.merge(reached, result, possible, found) if result is not None else found
        if isinstance(merged, Truth) and result is None:
            merged = kleene.guarded(possible, merged)
        result = context.settle(merged)
        reached = either(reached, possible)
        open_still = both(open_still, guard.may_not)
    assert result is not None
    return result


def _else(node: ex.Else, context: Context) -> Value:
    operand, default = context.value(node.operand), context.value(node.default)
    assert not isinstance(operand, (Truth, Span))
    absent = operand.absent
    if isinstance(operand, Symbols):
        if not operand.options:
            return default
        if isinstance(default, Number):
            return default
        present: Value = Symbols(operand.options, FALSE)
    else:
        present = Number(
            operand.low, operand.high, operand.low_open, operand.high_open, FALSE, operand.known, operand.unit
        )
    return values.merge(absent.may_not, present, absent.may, default)


def _round(node: ex.Round, context: Context) -> Value:
    operand, mode = number_value(node.operand, context), context.value(node.mode)
    assert isinstance(node.places, ex.Const)
    assert isinstance(mode, Symbols)
    places = int(Fraction(node.places.value or "0"))
    result: Value | None = None
    seen: kleene.Maybe = False
    for name in decimals.ROUNDED_UP:
        possible = values.is_symbol(mode, name).may
        if possible is False:
            continue
        number = intervals.rounded(operand, places, name)
        result = number if result is None else values.merge(seen, result, possible, number)
        seen = either(seen, possible)
    assert result is not None
    return result


def _function(node: ex.Function, context: Context) -> Value:
    arguments = [context.value(a) for a in node.arguments]
    numbers = [a for a in arguments if isinstance(a, Number)]
    assert len(numbers) == len(arguments)
    return local_days(numbers[0], context) if node.name == "day" else intervals.FUNCTIONS[node.name](numbers)


def _stated(node: ex.Stated, context: Context) -> Value:
    found, stated = number_value(node.found, context), number_value(node.stated, context)
    inside = values.within(stated, found)
    there = stated.absent.may_not
    kept = values.merge(stated.absent.may, found, both(there, inside), replace(stated, absent=FALSE))
    agreed = either(stated.absent.may, both(there, inside))
    return values.merge(agreed, kept, both(there, kleene.opposite(inside)), values.unknown_number())


def _next_day(node: ex.NextDay, _: Context) -> Value:
    return dates.day_number(dates.next_day(pl.col("p.to"), node.month, node.day), known=True)


def _working_days(node: ex.WorkingDays, context: Context) -> Value:
    return dates.working_day(number_value(node.origin, context), node.count, node.holidays)


def _printed(node: ex.Printed, context: Context) -> Value:
    return intervals.printed_number(node.operand, context)


def _sign(node: ex.Sign, context: Context) -> Value:
    return intervals.sign_symbol(node.operand, context)


def _censored(node: ex.Censored, context: Context) -> Value:
    policy = context.value(node.policy)
    assert isinstance(policy, Symbols)
    return intervals.censored_number(node.operand, policy, context)


def _duration(node: ex.Duration, _: Context) -> Value:
    return dates.fixed_span(node)


def _truths(combine: Callable[..., Truth]) -> Callable[[Any, Context], Value]:
    def lowered(node: ex.And | ex.Or, context: Context) -> Value:
        return combine(*(context.truth(o) for o in node.operands))

    return lowered


LOWERINGS: dict[type, Callable[[Any, Context], Value]] = {
    ex.Const: _const,
    ex.Duration: _duration,
    ex.Field: _field,
    ex.Builtin: _builtin,
    ex.LetRef: _let,
    ex.Previous: _previous,
    ex.DefinitionRef: definition_value,
    ex.ParameterRef: parameter_value,
    ex.FindingRef: finding_value,
    ex.Arithmetic: _arithmetic,
    ex.Scale: _scale,
    ex.Compare: compared_value,
    ex.Rank: rank_value,
    ex.OfRank: symbol_of_rank,
    ex.CompareBy: compared_by,
    ex.Among: among_value,
    ex.AmongNumbers: among_numbers,
    ex.Present: _present,
    ex.Not: lambda node, context: kleene.negation(context.truth(node.operand)),
    ex.And: _truths(kleene.conjunction),
    ex.Or: _truths(kleene.disjunction),
    ex.First: _first,
    ex.Else: _else,
    ex.Round: _round,
    ex.Function: _function,
    ex.Stated: _stated,
    ex.NextDay: _next_day,
    ex.WorkingDays: _working_days,
    ex.Printed: _printed,
    ex.Sign: _sign,
    ex.Censored: _censored,
    ex.Lookup: lookup_value,
    ex.Determined: determined_truth,
    ex.PolicyRef: policy_symbol,
    ex.Aggregate: aggregate_value,
}
