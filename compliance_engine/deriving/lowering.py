"""Typed expressions to columns: what each node of `model.expression` means (docs/language.md section 2)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from compliance_engine.deriving import censored, dates, decimals, intervals, kleene, merging, rational, values
from compliance_engine.deriving.aggregates import aggregate_value
from compliance_engine.deriving.columns import few
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
from compliance_engine.deriving.leaves import (
    builtin_value,
    constant_value,
    field_value,
    let_value,
    previous_value,
    there_before,
)
from compliance_engine.deriving.lookups import lookup_value
from compliance_engine.deriving.questions import determined_truth, policy_symbol
from compliance_engine.deriving.references import definition_value, finding_value, parameter_value
from compliance_engine.deriving.site_days import local_days, shifted_at_site
from compliance_engine.deriving.symbols import is_symbol
from compliance_engine.deriving.values import Number, Span, Symbols, Value
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import MOST, parts

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

    return intervals.OPERATIONS[node.op](left, right, context)


def _scale(node: ex.Scale, context: Context) -> Value:
    value = intervals.multiplied(
        number_value(node.operand, context), values.exact_number(rational.constant(Fraction(node.factor))), context
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
        return there_before(operand, context)
    if isinstance(operand, ex.Field) and operand.empty == "none":
        expr, _ = context.column(operand.scope, operand.hops, operand.name)
        return Truth(expr.is_not_null(), expr.is_null())
    return TRUE


def _first(node: ex.First, context: Context) -> Value:
    """Give the value of the first row whose condition holds; a value that is nowhere chosen is not found."""
    result: Value | None = None
    reached: kleene.Maybe = False
    open_still: kleene.Maybe = True
    for row in node.rows:
        guard = TRUE if row.when is None else _settled(context.truth(row.when), context)
        if not context.occurs(guard.may) and (result is not None or row is not node.rows[-1]):
            continue
        if not context.occurs(guard.may_not):
            guard = TRUE
        possible = both(open_still, guard.may)
        found = context.value(row.then)
        if isinstance(found, Symbols) and not found.options and node.kind in {"number", "date", "instant"}:
            found = number_value(row.then, context)
        merged = merging.merge(reached, result, possible, found) if result is not None else found
        if isinstance(merged, Truth) and result is None:
            merged = kleene.guarded(possible, merged)
        result = context.settle(merged)
        reached = either(reached, possible)
        open_still = both(open_still, guard.may_not)
        if open_still is False:
            break
    assert result is not None
    return result


def _else(node: ex.Else, context: Context) -> Value:
    operand = context.value(node.operand)
    assert not isinstance(operand, (Truth, Span))
    absent = _settled(operand.absent, context)
    if not context.occurs(absent.may):
        return replace(operand, absent=FALSE)
    default = context.value(node.default)
    if isinstance(operand, Symbols) and (not operand.options or isinstance(default, Number)):
        return default
    if not context.occurs(absent.may_not):
        return default
    return merging.merge(absent.may_not, replace(operand, absent=FALSE), absent.may, default)


def _round(node: ex.Round, context: Context) -> Value:
    operand, mode = number_value(node.operand, context), context.value(node.mode)
    assert isinstance(node.places, ex.Const)
    assert isinstance(mode, Symbols)
    places = int(Fraction(node.places.value or "0"))
    result: Value | None = None
    seen: kleene.Maybe = False
    for name in context.may_be(mode, *decimals.ROUNDED_UP):
        possible = is_symbol(mode, name).may
        number = intervals.rounded(operand, places, name)
        result = number if result is None else merging.merge(seen, result, possible, number)
        seen = either(seen, possible)
    return values.unknown_number() if result is None else result


def _function(node: ex.Function, context: Context) -> Value:
    arguments = [context.value(a) for a in node.arguments]
    numbers = [a for a in arguments if isinstance(a, Number)]
    assert len(numbers) == len(arguments)
    return local_days(numbers[0], context) if node.name == "day" else intervals.FUNCTIONS[node.name](numbers)


def _stated(node: ex.Stated, context: Context) -> Value:
    found, stated = number_value(node.found, context), number_value(node.stated, context)
    inside = values.within(stated, found)
    there = stated.absent.may_not
    kept = merging.merge(stated.absent.may, found, both(there, inside), replace(stated, absent=FALSE))
    agreed = either(stated.absent.may, both(there, inside))
    return merging.merge(agreed, kept, both(there, kleene.opposite(inside)), values.unknown_number())


def _next_day(node: ex.NextDay, _: Context) -> Value:
    return dates.day_number(dates.next_day(pl.col("p.to"), node.month, node.day), known=True)


def _working_days(node: ex.WorkingDays, context: Context) -> Value:
    return dates.working_day(number_value(node.origin, context), node.count, node.holidays)


def _printed(node: ex.Printed, context: Context) -> Value:
    return censored.printed_number(node.operand, context)


def _sign(node: ex.Sign, context: Context) -> Value:
    return censored.sign_symbol(node.operand, context)


def _censored(node: ex.Censored, context: Context) -> Value:
    policy = context.value(node.policy)
    assert isinstance(policy, Symbols)
    return censored.censored_number(node.operand, policy, context)


def _duration(node: ex.Duration, _: Context) -> Value:
    return dates.fixed_span(node)


def _junction(
    join: Callable[..., Truth], open_still: Callable[[Truth], kleene.Maybe]
) -> Callable[[ex.And | ex.Or, Context], Value]:
    """Join conditions; where those before it decide in every row (nothing is `open_still`), a condition is not asked."""

    def lowered(node: ex.And | ex.Or, context: Context) -> Value:
        found = join()
        for number, operand in enumerate(node.operands, 1):
            found = join(found, _condition(operand, context))
            if _is_costly(node.operands[number:]):
                found = _settled(found, context)
                if not context.occurs(open_still(found)):
                    return kleene.negation(join())
        return found

    return lowered


def _condition(node: ex.AnyNode, context: Context) -> Truth:
    """Give a condition. The sets of a type are often under one together: it is found once, unless of few rows it is found as soon as read."""
    cheap = few(context.frame.height) and not _is_costly((node,))
    found = LOWERINGS[type(node)](node, context) if cheap else context.once(node)
    assert isinstance(found, Truth)
    return found


@lru_cache(maxsize=MOST)
def _is_costly(nodes: tuple[ex.AnyNode, ...]) -> bool:
    """Say whether it takes longer to find what these are than to see whether they need to be found."""
    return any(
        isinstance(part, (ex.Aggregate, ex.DefinitionRef, ex.LetRef, ex.FindingRef, ex.Lookup)) for part in parts(nodes)
    )


def _settled(truth: Truth, context: Context) -> Truth:
    settled = context.settle(truth)
    assert isinstance(settled, Truth)
    return settled


LOWERINGS: dict[type, Callable[[Any, Context], Value]] = {
    ex.Const: constant_value,
    ex.Duration: _duration,
    ex.Field: field_value,
    ex.Builtin: builtin_value,
    ex.LetRef: let_value,
    ex.Previous: previous_value,
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
    ex.And: _junction(kleene.conjunction, lambda found: found.may),
    ex.Or: _junction(kleene.disjunction, lambda found: found.may_not),
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
