"""What an expression reads: constants, fields, what was named by a `let`, and what was found one period before."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import censored, dates, kleene, rational, values
from compliance_engine.deriving.kleene import ALWAYS, FALSE, TRUE, Truth
from compliance_engine.deriving.pinned import value_of
from compliance_engine.deriving.references import finding_attribute
from compliance_engine.deriving.site_days import trigger_day
from compliance_engine.deriving.values import NOTHING, Number, Option, Symbols, Value

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.model import expression as ex


def constant_value(node: ex.Const, _: Context) -> Value:
    """Give a value that the law itself states."""
    if node.value is None:
        return NOTHING
    if node.kind == "bool":
        return TRUE if node.value == "true" else FALSE
    if node.kind == "date":
        return dates.day_literal(date.fromisoformat(node.value))
    if node.kind == "symbol":
        return values.literal_symbol(node.value)
    return values.exact_number(rational.constant(Fraction(node.value)))


def field_value(node: ex.Field, context: Context) -> Value:
    """Give a field of the record in a scope: its cell, or the possible values that it leaves open."""
    if node.type == "finding":
        return finding_attribute(node, context)
    expr, table = context.column(node.scope, node.hops, node.name)
    shape = table.shapes.get(node.name)
    complete = not node.hops and shape is not None and shape.nulls == 0 and context.scopes[node.scope].table is table
    complete = complete or (shape is not None and not context.frame[expr.meta.output_name()].null_count())
    absent = _absence(node, expr, context) if node.empty == "none" and not complete else FALSE
    if node.kind == "bool":
        return kleene.certain(expr) if complete else kleene.of_column(expr.cast(pl.Boolean))
    if node.kind == "symbol":
        text = expr if table.dtype_of(node.name) in {pl.String, pl.Categorical} else expr.cast(pl.String)
        return Symbols(
            (Option(possible=True, value=text, known=complete or node.empty == "none", domain=node.symbols),), absent
        )
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
    return censored.field_number(node, context, expr, table, absent=absent, known=complete)


def _unreached(node: ex.Field, context: Context) -> pl.Expr:
    """Say where it is not known which record the field is of: a reference on the way is not known, or leads nowhere."""
    if not node.hops:
        return ALWAYS[False]
    gone = ALWAYS[False]
    for position, hop in enumerate(node.hops):
        reference, table = context.column(node.scope, node.hops[:position], hop.field)
        if table.type.field(hop.field).empty == "none":
            _, here = context.follow(node.scope, node.hops[:position])
            gone |= reference.is_null() & (pl.col(here).is_not_null() if position and here else ALWAYS[True])
    _, index = context.follow(node.scope, node.hops)
    assert index is not None
    return pl.col(index).is_null() & ~gone


def _absence(node: ex.Field, expr: pl.Expr, context: Context) -> Truth:
    """Say where a field is absent: its cell is empty, or a reference on the way is absent; unknown where the record is."""
    return Truth(expr.is_null(), expr.is_not_null() | _unreached(node, context))


def builtin_value(node: ex.Builtin, context: Context) -> Value:
    """Give the ends of an obligation's period, its trigger, its due date, or the as-of date."""
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


def let_value(node: ex.LetRef, context: Context) -> Value:
    """Give what a `let` names, found once for the obligations (or records) that it is said of."""
    if node.name not in context.cache:
        if context.parent is not None:
            context.cache[node.name] = context.parent.carried(context.parent.value(node), context, context.row)
        else:
            context.cache[node.name] = context.settle(_let_itself(node, context), node.name)
    return context.cache[node.name]


def _let_itself(node: ex.LetRef, context: Context) -> Value:
    """Find what a `let` names: the same whether a `require` reads it first or anything else."""
    until, asked = context.until, context.asked
    context.until, context.asked = None, False
    found = context.value(context.lets[node.name].node)
    context.until, context.asked = until, asked
    return found


def previous_value(node: ex.Previous, context: Context) -> Value:
    """Give a field of a definition as it was one period before."""
    key = f"previous.{node.field}"
    if key not in context.cache:
        if context.earlier is None:
            assert context.parent is not None
            context.cache[key] = context.parent.carried(context.parent.value(node), context, context.row)
        else:
            context.cache[key] = value_of(*context.earlier[node.field], context)
    return context.cache[key]


def there_before(node: ex.Previous, context: Context) -> Truth:
    """Give whether there was a period before; a condition has no `none` of its own."""
    if context.earlier is None:
        assert context.parent is not None
        parent = context.parent
        found = parent.carried(there_before(node, parent), context, context.row)
        assert isinstance(found, Truth)
        return found
    cells = context.earlier[node.field][0]
    there, gone = (pl.Series("may", flags) for flags in ([c.there for c in cells], [c.gone for c in cells]))
    return Truth(pl.col(context.add("there", there)), pl.col(context.add("gone", gone)))
