"""Expressions as written to typed expressions."""

from compliance_engine.compiling.aggregates import compile_quantified
from compliance_engine.compiling.branches import compile_conditional, compile_else
from compliance_engine.compiling.conditions import compile_is, compile_junction, compile_member, compile_not
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.functions import compile_call
from compliance_engine.compiling.moments import compile_at
from compliance_engine.compiling.operators import (
    compile_arithmetic,
    compile_comparison,
    compile_moved,
    compile_negative,
)
from compliance_engine.compiling.paths import compile_path
from compliance_engine.compiling.quantities import compile_number
from compliance_engine.compiling.typed import Typed, absent, symbol, truth, wrong
from compliance_engine.model.expression import Const
from compliance_engine.model.expression import NextDay as NextDayNode
from compliance_engine.model.syntax import (
    UNREAD,
    Binary,
    Call,
    Conditional,
    DateLiteral,
    Expr,
    Is,
    Member,
    NextDay,
    Number,
    Path,
    Quantified,
    Text,
    Unary,
    Word,
)


def compile_expression(expression: Expr, scope: Scope) -> Typed:
    """Compile an expression; what is wrong with it is on the desk, and the value's kind is then `wrong`."""
    match expression:
        case Number() | Text() | DateLiteral() | Word():
            return _literal(expression, scope)
        case Path() | Call() | NextDay():
            return _named(expression, scope)
        case Binary():
            return _binary(expression, scope)
        case _:
            return _condition(expression, scope)


def _named(expression: Path | Call | NextDay, scope: Scope) -> Typed:
    """Compile what is said by name."""
    match expression:
        case Path():
            return compile_path(expression, scope)
        case Call():
            return compile_call(expression, scope)
        case NextDay():
            return _next_day(expression, scope)


def _condition(expression: Unary | Is | Member | Conditional | Quantified, scope: Scope) -> Typed:
    """Compile what is, or holds, a condition; and `-x`."""
    match expression:
        case Unary():
            return (compile_not if expression.op == "not" else compile_negative)(expression, scope)
        case Is():
            return compile_is(expression, scope)
        case Member():
            return compile_member(expression, scope)
        case Conditional():
            return compile_conditional(expression, scope)
        case Quantified():
            return compile_quantified(expression, scope)


def _literal(expression: Number | Text | DateLiteral | Word, scope: Scope) -> Typed:
    """Compile a literal."""
    match expression:
        case Number():
            return compile_number(expression, scope)
        case Text():
            return symbol(expression.value, expression.span)
        case DateLiteral():
            return Typed(node=Const(kind="date", value=expression.value), kind="date", place=expression.span)
        case Word():
            return _word(expression)


def _word(expression: Word) -> Typed:
    """Compile `true`, `false`, `none`; of what could not be read the reader has said so."""
    if expression.value == UNREAD:
        return wrong(expression.span)
    if expression.value == "none":
        return absent(expression.span)
    return truth(Const(kind="bool", value=expression.value), expression.span)


def _binary(expression: Binary, scope: Scope) -> Typed:
    """Compile what stands between two operands."""
    match expression.op:
        case "and" | "or":
            return compile_junction(expression, scope)
        case "+" | "-" | "*" | "/":
            return compile_arithmetic(expression, scope.expecting(()))
        case "else":
            return compile_else(expression, scope)
        case "before" | "after" | "working-before" | "working-after":
            return compile_moved(expression, scope.expecting(()))
        case "at":
            return compile_at(expression, scope.expecting(()))
        case _:
            return compile_comparison(expression, scope.expecting(()))


def _next_day(expression: NextDay, scope: Scope) -> Typed:
    """Compile `28 of next month` and `03-01 of next year`, counted from the end of the period."""
    if not scope.timed:
        hint = "add `each: calendar month`, or give a date or a duration"
        scope.desk.report(
            "no-period",
            f"`of next {expression.unit}` counts from the end of a period, and there is none",
            expression.span,
            hint,
        )
        return wrong(expression.span)
    return Typed(
        node=NextDayNode(kind="date", month=expression.month, day=expression.day), kind="date", place=expression.span
    )
