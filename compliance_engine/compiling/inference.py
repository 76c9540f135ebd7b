"""What `previous` is, found before the definition is compiled: from the branches of its formula that do not read it."""

from collections.abc import Iterator
from dataclasses import replace

from compliance_engine.compiling.aggregates import is_aggregate
from compliance_engine.compiling.branches import unified
from compliance_engine.compiling.desk import Desk, Scope
from compliance_engine.compiling.earlier import reads_itself
from compliance_engine.compiling.ordering import ordered_by
from compliance_engine.compiling.typed import ABSENT, Typed, truth, wrong
from compliance_engine.kernel.span import Span
from compliance_engine.model.expression import Const, LetRef
from compliance_engine.model.law import Definition, Formula
from compliance_engine.model.syntax import (
    Argument,
    Binary,
    Call,
    Conditional,
    Expr,
    Is,
    Member,
    Quantified,
    RecordSet,
    Unary,
)

_TRUTHS = frozenset({"and", "or", "=", "<", "<=", ">", ">="})
_VALUED = frozenset({"min", "max", "earliest", "latest", "abs"})


def with_earlier(definition: Definition, scope: Scope) -> Scope:
    """Give the scope in which `previous` may be read, where the definition has calendar periods and reads it."""
    each = definition.each
    if each is None or each.kind != "calendar" or not reads_itself((definition.lets, definition.fields)):
        return scope
    desk = Desk(index=scope.desk.index, express=scope.desk.express, definition_of=scope.desk.definition_of)
    inner = replace(scope, desk=desk)
    for let in definition.lets:
        if isinstance(let.value, RecordSet):
            continue
        value = _joined(tuple(_candidates(let.value, inner)), let.name.span, inner)
        if value is not None:
            inner = replace(inner, lets={**inner.lets, let.name.text: _as_let(let.name.text, value)})
    found = {name: _of_formula(formula, inner) for name, formula in definition.fields}
    for name, formula in definition.fields:
        if found[name] is None:
            scope.desk.report(
                "no-start",
                f"nothing tells what {f'previous.{name}' if name else '`previous`'} is in the first period",
                formula.span,
                "give it a first value: previous else 0",
            )
    return replace(scope, previous={name: value or wrong(definition.id.span) for name, value in found.items()})


def _as_let(name: str, value: Typed) -> Typed:
    """Give what stands for a let whose kind is known."""
    return replace(value, node=LetRef(kind=value.kind, name=name, optional=value.optional), bare=False)


def _of_formula(formula: Formula, scope: Scope) -> Typed | None:
    """Give what a formula gives; None where no branch of it tells."""
    written = [row.then for row in formula.rows] + ([formula.expression] if formula.expression is not None else [])
    found = _joined(tuple(one for text in written for one in _candidates(text, scope)), formula.span, scope)
    return None if found is None else ordered_by(formula.order, found, scope)


def _joined(found: tuple[Typed, ...], place: Span, scope: Scope) -> Typed | None:
    """Bring what several branches give to one kind, unit and set of symbols; None where there are none, or they differ."""
    if not found or all(value.kind == ABSENT for value in found):
        return None
    merged = unified(found, place, scope)
    if merged is None:
        return None
    return replace(merged[1], optional=any(v.optional for v in found), reads=frozenset(), source=None)


def _candidates(expression: Expr, scope: Scope) -> Iterator[Typed]:
    """Give what the branches of an expression give that do not read `previous`."""
    if not reads_itself(expression):
        value = scope.desk.express(expression, scope.expecting(None))
        if not value.is_wrong:
            yield value
        return
    match expression:
        case Is() | Member() | Quantified():
            yield _condition(expression.span)
        case Unary():
            yield from (
                (_condition(expression.span),) if expression.op == "not" else _candidates(expression.operand, scope)
            )
        case Conditional():
            yield from _candidates(expression.then, scope)
            yield from _candidates(expression.otherwise, scope)
        case Binary():
            yield from _of_binary(expression, scope)
        case Call():
            yield from _of_call(expression, scope)


def _condition(place: Span) -> Typed:
    """Give some condition."""
    return truth(Const(kind="bool", value="true"), place)


def _of_binary(expression: Binary, scope: Scope) -> Iterator[Typed]:
    """Give what an operator gives: of a sum, what either side is."""
    if expression.op in _TRUTHS:
        yield _condition(expression.span)
    elif expression.op.startswith("working-"):
        yield Typed(node=Const(kind="date", value="2000-01-01"), kind="date", place=expression.span)
    elif expression.op in {"else", "+", "-"}:
        yield from _candidates(expression.left, scope)
        yield from (value for value in _candidates(expression.right, scope) if value.kind != "duration")


def _of_call(call: Call, scope: Scope) -> Iterator[Typed]:
    """Give what a function gives; a statistic is of what it ranges over, whatever the window."""
    if is_aggregate(call):
        bare = tuple(_bare(argument) for argument in call.arguments)
        if not reads_itself(bare):
            yield from _candidates(replace(call, arguments=bare), scope)
    elif call.name in _VALUED:
        for argument in call.arguments:
            yield from _candidates(argument.value, scope)
    elif call.name == "round":
        yield from _candidates(call.arguments[0].value, scope)


def _bare(argument: Argument) -> Argument:
    """Give an argument without what it is cut to."""
    return replace(argument, window=None, where=None)
