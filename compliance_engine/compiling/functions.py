"""Calls: functions of values, and look-ups in tables."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from compliance_engine.compiling.aggregates import AGGREGATES, compile_aggregate, is_aggregate
from compliance_engine.compiling.branches import unified
from compliance_engine.compiling.checks import as_day, express, of_kind
from compliance_engine.compiling.definition_reads import subject_identity
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.documents import read_determination
from compliance_engine.compiling.lookups import compile_lookup
from compliance_engine.compiling.operators import COMPARISONS, compared_by, compile_operator
from compliance_engine.compiling.rounding import compile_round
from compliance_engine.compiling.typed import Typed, number, truth, wrong
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.expression import Censored, Determined, Field, Function, Printed, Sign
from compliance_engine.model.syntax import Call, Text

_HOUR = "the time of day cannot be asked for: let it be recorded, as a field such as hours: enum [day, night]"
_ELSEWHERE = {
    "today": "write `as-of`",
    "now": "write `as-of`",
    "hour": _HOUR,
    "time": _HOUR,
    **dict.fromkeys(
        ("weekday", "dayofweek"), "record the day of the week as a field, such as `on: enum [workday, weekend]`"
    ),
    "day": "compare whole dates; `year(d)` and `month(d)` give a date's year and month",
    "between": "write both ends: 1 <= x and x <= 3",
    "exists": "write `some TYPE where ...`",
    "if": "write `if A then B else C`",
    "isblank": "write `x is not present`",
    "len": "write `count(TYPE where ...)`",
    "countif": "write `count(TYPE where ...)`",
    "sumif": "write `sum(TYPE.field where ...)`",
}
POLICIES = ("zero", "half", "full", "printed", "interval")


def compile_call(call: Call, scope: Scope) -> Typed:
    """Compile a call."""
    scope = scope.expecting(())
    if is_aggregate(call):
        return compile_aggregate(call, scope)
    found = _FUNCTIONS.get(call.name)
    if found is None:
        meant = "mean" if call.name in {"avg", "average"} else call.name
        hint = _ELSEWHERE.get(call.name.lower()) or did_you_mean(meant, {*_FUNCTIONS, *AGGREGATES})
        scope.desk.report("unknown-function", f"{call.name} is no function", call.span, hint)
        return wrong(call.span)
    least, most, compile_one = found
    if not least <= len(call.arguments) <= most:
        wanted = str(least) if least == most else f"at least {least}"
        scope.desk.report(
            "bad-argument", f"{call.name} takes {wanted} arguments, and has {len(call.arguments)}", call.span
        )
        return wrong(call.span)
    if call.name != "table" and not _are_plain(call, scope):
        return wrong(call.span)
    return compile_one(call, scope)


def _are_plain(call: Call, scope: Scope) -> bool:
    """Check that no argument ranges over records."""
    for argument in call.arguments:
        if argument.finding or argument.alias or argument.window or argument.where is not None:
            scope.desk.report("bad-argument", f"{call.name} takes values, not records", argument.span)
            return False
    return True


def _values(call: Call, kinds: tuple[str, ...], scope: Scope) -> tuple[Typed, ...] | None:
    """Compile the arguments as values of some kinds; None after a report."""
    values = tuple(of_kind(express(argument.value, scope), kinds, scope, call.name) for argument in call.arguments)
    return None if any(value.is_wrong for value in values) else values


def _absolute(call: Call, scope: Scope) -> Typed:
    """Compile `abs(x)`."""
    values = _values(call, ("number",), scope)
    if values is None:
        return wrong(call.span)
    node = Function(kind="number", name="abs", arguments=(values[0].node,))
    return replace(values[0], node=node, place=call.span, bare=False)


def _extreme(call: Call, scope: Scope) -> Typed:
    """Compile `min(a, b)`, `max(a, b)`, `earliest(a, b)`, `latest(a, b)`."""
    dates = call.name in {"earliest", "latest"}
    kinds = ("date", "instant") if dates else ("number", "date", "instant")
    values = _values(call, kinds, scope)
    if values is None:
        return wrong(call.span)
    if len({value.kind for value in values}) > 1:
        values = tuple(as_day(value) for value in values)
    merged = unified(values, call.span, scope)
    if merged is None:
        return wrong(call.span)
    parts, whole = merged
    name = {"earliest": "min", "latest": "max"}.get(call.name, call.name)
    node = Function(kind=whole.kind, name=name, arguments=tuple(part.node for part in parts))
    return replace(whole, node=node, place=call.span, bare=False)


def _calendar(call: Call, scope: Scope) -> Typed:
    """Compile `year(d)` and `month(d)`."""
    values = _values(call, ("date", "instant"), scope)
    if values is None:
        return wrong(call.span)
    return number(Function(kind="number", name=call.name, arguments=(as_day(values[0]).node,)), call.span)


def _compare(call: Call, scope: Scope) -> Typed:
    """Compile `compare(x, OP, y)`."""
    left, right = express(call.arguments[0].value, scope), express(call.arguments[2].value, scope)
    op = call.arguments[1].value
    middle = compile_operator(op.value if isinstance(op, Text) and op.value in COMPARISONS else op, scope, op.span)
    return compared_by(left, middle, right, call.span, scope)


def _determined(call: Call, scope: Scope) -> Typed:
    """Compile `determined("question")`."""
    question = call.arguments[0].value
    if not isinstance(question, Text):
        scope.desk.report(
            "bad-argument", "determined takes a text", call.span, 'write determined("may endanger health")'
        )
        return wrong(call.span)
    for asked in scope.desk.index.determinations.values():
        if question.value in {asked.question, asked.id.text}:
            return read_determination(asked, call.span, scope)
    node = Determined(kind="bool", question=question.value, about=subject_identity(scope))
    return truth(node, call.span)


def _qualified(call: Call, scope: Scope) -> tuple[Typed, Field] | None:
    """Compile the first argument as a field of a qualified quantity; None after a report."""
    value = express(call.arguments[0].value, scope)
    if value.is_wrong:
        return None
    if isinstance(value.node, Field) and value.node.qualified:
        return value, value.node
    scope.desk.report(
        "not-qualified",
        f"{call.name} takes a field of type `qualified quantity`",
        call.arguments[0].span,
        "only a value that may carry < or > has a qualifier",
    )
    return None


def _censored(call: Call, scope: Scope) -> Typed:
    """Compile `censored(x, POLICY)`."""
    found = _qualified(call, scope)
    policy = of_kind(express(call.arguments[1].value, scope.expecting(POLICIES)), ("symbol",), scope, "a policy")
    if found is None or policy.is_wrong:
        return wrong(call.span)
    strange = [symbol for symbol in policy.symbols or () if symbol not in POLICIES]
    if policy.symbols is None or strange:
        message = f"{strange[0]} is no policy" if strange else "the policy may be any text"
        scope.desk.report("unknown-symbol", message, policy.place, f"use one or an enum of {', '.join(POLICIES)}")
        return wrong(call.span)
    value, field = found
    return replace(
        value, node=Censored(kind="number", operand=field, policy=policy.node), place=call.span, optional=False
    )


def _printed(call: Call, scope: Scope) -> Typed:
    """Compile `printed(x)`."""
    found = _qualified(call, scope)
    if found is None:
        return wrong(call.span)
    return replace(found[0], node=Printed(kind="number", operand=found[1]), place=call.span, optional=False)


def _sign(call: Call, scope: Scope) -> Typed:
    """Compile `sign(x)`."""
    found = _qualified(call, scope)
    if found is None:
        return wrong(call.span)
    return Typed(node=Sign(kind="symbol", operand=found[1]), kind="symbol", place=call.span, symbols=COMPARISONS)


_MANY = 50
_FUNCTIONS: Mapping[str, tuple[int, int, Callable[[Call, Scope], Typed]]] = {
    "abs": (1, 1, _absolute),
    "min": (2, _MANY, _extreme),
    "max": (2, _MANY, _extreme),
    "earliest": (2, _MANY, _extreme),
    "latest": (2, _MANY, _extreme),
    "year": (1, 1, _calendar),
    "month": (1, 1, _calendar),
    "round": (2, 3, compile_round),
    "compare": (3, 3, _compare),
    "table": (1, _MANY, compile_lookup),
    "determined": (1, 1, _determined),
    "censored": (2, 2, _censored),
    "printed": (1, 1, _printed),
    "sign": (1, 1, _sign),
}
