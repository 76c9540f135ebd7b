"""`some`, `no`, `every`, and statistics of records."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from compliance_engine.compiling.checks import condition, express, of_kind
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.ordering import of_rank, ranked
from compliance_engine.compiling.paths import is_a_name
from compliance_engine.compiling.sets import SLOTS, Ranged, compile_set, records_of_argument, records_of_set
from compliance_engine.compiling.typed import Typed, number, truth, wrong
from compliance_engine.kernel.suggestions import suggest
from compliance_engine.model.expression import Aggregate, AnyNode, Choice, Compare, Const, First, OfRank, Rank
from compliance_engine.model.syntax import (
    Argument,
    Binary,
    Call,
    Conditional,
    Expr,
    Is,
    Member,
    Number,
    Path,
    Quantified,
    Unary,
)

STATISTICS = ("mean", "geomean", "median", "min", "max", "sum", "count")
NUMERIC = ("sum", "mean", "median", "geomean", "percentile", "stat")
AGGREGATES = frozenset(
    {"count", "sum", "mean", "median", "geomean", "min", "max", "first", "last", "share", "percentile", "stat"}
)
# What `first` and `last` make of a truth: a number, by which it is found again.
HOLDS, HOLDS_NOT = Const(kind="number", value="1"), Const(kind="number", value="0")


def compile_quantified(expression: Quantified, scope: Scope) -> Typed:
    """Compile `some SET`, `no SET` and `every SET where C`."""
    records = records_of_set(expression.set)
    scope = scope.expecting(())
    if expression.quantifier != "every":
        ranged = compile_set(records, scope)
        if ranged is None:
            return wrong(expression.span)
        return truth(Aggregate(kind="bool", function=expression.quantifier, set=ranged.set), expression.span)
    if records.where is None:
        scope.desk.report(
            "bad-argument", "`every` needs a condition", expression.span, "write every tank where inspected"
        )
        return wrong(expression.span)
    ranged = compile_set(records, scope, filters=False)
    if ranged is None:
        return wrong(expression.span)
    held = condition(records.where, ranged.inside, "`where`")
    if held.is_wrong:
        return held
    return truth(Aggregate(kind="bool", function="every", set=ranged.set, condition=held.node), expression.span)


def is_aggregate(call: Call) -> bool:
    """Say whether a call is a statistic of records; `min` and `max` of several values are not."""
    if call.name in {"min", "max"}:
        return len(call.arguments) == 1
    return call.name in AGGREGATES


def compile_aggregate(call: Call, scope: Scope) -> Typed:
    """Compile a statistic of records."""
    scope = scope.expecting(())
    expected = 2 if call.name in {"percentile", "stat"} else 1
    if len(call.arguments) != expected:
        hint = {"percentile": "percentile(result.value, 95 %)", "stat": "stat(base, result.value)"}.get(
            call.name, f"{call.name}(result.value)"
        )
        scope.desk.report(
            "bad-argument", f"{call.name} takes {expected} argument{'s' * (expected > 1)}", call.span, f"write {hint}"
        )
        return wrong(call.span)
    if call.name in {"count", "share"}:
        return _counted(call, scope)
    argument = call.arguments[1] if call.name == "stat" else call.arguments[0]
    found = _ranged(argument, call, scope)
    if found is None:
        return wrong(call.span)
    ranged, value = found
    return _statistic(call, ranged, value, scope)


def ranged_argument(argument: Argument, scope: Scope) -> tuple[Ranged, Typed] | None:
    """Compile an argument such as `censored(result.value, zero) where approved`: its records, and the value of each.

    None after a report.
    """
    source = ranged_type(argument.value, scope)
    if source is None:
        known = scope.desk.index.types
        name = argument.value.parts[0] if isinstance(argument.value, Path) else ""
        near = suggest(name, known)
        scope.desk.report(
            "unknown-type",
            "this names no type of record to range over",
            argument.span,
            f"did you mean {near}?" if near else "write TYPE.field, as in result.value",
        )
        return None
    ranged = compile_set(records_of_argument(argument, source), scope)
    if ranged is None:
        return None
    value = express(argument.value, ranged.inside)
    return None if value.is_wrong else (ranged, value)


def _ranged(argument: Argument, call: Call, scope: Scope) -> tuple[Ranged, Typed] | None:
    """Compile an argument whose value is a field or an expression of a record."""
    if argument.finding or (isinstance(argument.value, Path) and str(argument.value) in scope.desk.index.types):
        message = f"{call.name} takes a value of each record, and this names the records"
        scope.desk.report("bad-argument", message, argument.span, f"write {call.name}({argument.value}.FIELD)")
        return None
    return ranged_argument(argument, scope)


def ranged_type(expression: Expr, scope: Scope) -> str | None:
    """Find the type whose records an argument ranges over: the leftmost one named that is not already at hand."""
    paths = [path for path in _paths(expression) if _names_records(path, scope)]
    if not paths:
        return None
    frames = (*scope.records, *((scope.occurrence,) if scope.occurrence else ()), scope.subject)
    at_hand = {frame.type for frame in frames}
    new = [path for path in paths if path.parts[0] not in at_hand and len(path.parts) > 1]
    new = new or [path for path in paths if len(path.parts) > 1 and not is_a_name(path, scope)] or paths
    return new[0].parts[0]


def _names_records(path: Path, scope: Scope) -> bool:
    """Say whether a name begins with a type of record, or with a slot that is not at hand."""
    word = path.parts[0]
    if word in scope.desk.index.types:
        return True
    return word in SLOTS and len(path.parts) > 1 and scope.slot() != word and not is_a_name(path, scope)


def _paths(expression: Expr) -> Iterator[Path]:
    """Give the names in an expression, from left to right, without those in sets inside it."""
    match expression:
        case Path():
            yield expression
        case Unary() | Is() | Member():
            yield from _paths(expression.operand)
        case Binary():
            yield from _paths(expression.left)
            yield from _paths(expression.right)
        case Conditional():
            yield from _paths(expression.condition)
            yield from _paths(expression.then)
            yield from _paths(expression.otherwise)
        case Call() if not (is_aggregate(expression)):
            for argument in expression.arguments:
                yield from _paths(argument.value)
        case _:
            return


def _counted(call: Call, scope: Scope) -> Typed:
    """Compile `count(SET)` and `share(TYPE where C)`."""
    argument = call.arguments[0]
    if not isinstance(argument.value, Path):
        if call.name == "share":
            return _share_of(argument, call, scope)
        scope.desk.report("bad-argument", "count takes records", argument.span, "write count(result where approved)")
        return wrong(call.span)
    records = records_of_argument(argument, argument.value)
    ranged = compile_set(records, scope, filters=call.name == "count")
    if ranged is None:
        return wrong(call.span)
    if call.name == "count":
        return number(Aggregate(kind="number", function="count", set=ranged.set), call.span)
    if records.where is None:
        scope.desk.report(
            "bad-argument", "share needs a condition", call.span, "write share(result where value <= 30 mg/L)"
        )
        return wrong(call.span)
    return _share(ranged, condition(records.where, ranged.inside, "`where`"), call)


def _share_of(argument: Argument, call: Call, scope: Scope) -> Typed:
    """Compile `share(CONDITION where C)`: of the records with C, those that meet the condition."""
    source = ranged_type(argument.value, scope)
    if source is None:
        scope.desk.report(
            "unknown-type", "this names no type of record to range over", argument.span, "write share(result where ...)"
        )
        return wrong(call.span)
    ranged = compile_set(records_of_argument(argument, source), scope)
    if ranged is None:
        return wrong(call.span)
    return _share(ranged, condition(argument.value, ranged.inside, "share"), call)


def _share(ranged: Ranged, held: Typed, call: Call) -> Typed:
    """Give the share of records that meet a condition, in %."""
    if held.is_wrong:
        return held
    return number(Aggregate(kind="number", function="share", set=ranged.set, condition=held.node), call.span, "%")


def _statistic(call: Call, ranged: Ranged, value: Typed, scope: Scope) -> Typed:
    """Give a statistic of the value of each record, after checking that it can be found."""
    if call.name in NUMERIC:
        value = of_kind(value, ("number",), scope, call.name)
    elif call.name in {"min", "max"}:
        value = of_kind(ranked(value), ("number", "date", "instant"), scope, call.name)
    percent, statistic, is_truth = None, None, value.kind == "bool"
    if is_truth:
        rows = (Choice(when=value.node, then=HOLDS), Choice(when=None, then=HOLDS_NOT))
        value = number(First(kind="number", rows=rows), value.place)
    if call.name == "percentile":
        percent = _percent(call.arguments[1].value, scope)
    if call.name == "stat":
        statistic = _chosen(call.arguments[0].value, scope)
    failed = (call.name == "percentile" and percent is None) or (call.name == "stat" and statistic is None)
    if failed or value.is_wrong or not _has_order(call, ranged, scope):
        return wrong(call.span)
    found = Aggregate(
        kind=value.kind, function=call.name, set=ranged.set, value=value.node, percent=percent, statistic=statistic
    )
    if is_truth:
        return truth(Compare(kind="bool", op="=", left=found, right=HOLDS), call.span)
    node: Aggregate | OfRank = found
    if isinstance(value.node, Rank):
        node, value = of_rank(found, value.node.order), replace(value, kind="symbol")
    return replace(value, node=node, place=call.span, optional=False, bare=False)


def _has_order(call: Call, ranged: Ranged, scope: Scope) -> bool:
    """Check that `first` and `last` range over records that have a time."""
    entry = scope.desk.index.types.get(ranged.set.type)
    if call.name not in {"first", "last"} or (entry is not None and entry.fact.kind != "reference"):
        return True
    scope.desk.report("bad-argument", f"{call.name} is by time, and {ranged.set.type} records have none", call.span)
    return False


def _percent(expression: Expr, scope: Scope) -> str | None:
    """Read the percentage of a percentile as a fraction of one; None after a report."""
    if isinstance(expression, Number) and expression.unit == "%" and 0 <= expression.value <= 100:
        return str(expression.value / Fraction(100))
    scope.desk.report(
        "bad-argument",
        "a percentile takes a percentage from 0 % to 100 %",
        expression.span,
        "write percentile(result.value, 95 %)",
    )
    return None


def _chosen(expression: Expr, scope: Scope) -> AnyNode | None:
    """Compile the statistic that `stat` reads from data; None after a report."""
    value = of_kind(express(expression, scope.expecting(STATISTICS)), ("symbol",), scope, "stat")
    if value.is_wrong:
        return None
    strange = [symbol for symbol in value.symbols or () if symbol not in STATISTICS]
    if value.symbols is None or strange:
        message = f"{strange[0]} is no statistic" if strange else "the statistic may be any text"
        scope.desk.report("unknown-symbol", message, expression.span, f"use an enum of {', '.join(STATISTICS)}")
        return None
    return value.node
