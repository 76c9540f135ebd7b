"""What a duty demands: `require`, `limit`, `done`, `forbid`."""

from dataclasses import replace
from fractions import Fraction

from compliance_engine.compiling.aggregates import ranged_argument
from compliance_engine.compiling.checks import condition, express, of_kind, same_time
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.nodes import known_truth
from compliance_engine.compiling.operators import COMPARISONS, compile_operator, warn_of_itself
from compliance_engine.compiling.quantities import aligned
from compliance_engine.compiling.sets import compile_set, records_of_set
from compliance_engine.compiling.source_text import text_of, text_of_argument, text_of_set
from compliance_engine.compiling.subjects import named
from compliance_engine.compiling.typed import ABSENT, VARIES, Typed
from compliance_engine.kernel.span import Span
from compliance_engine.model.expression import AnyNode, Duration, Field, Set
from compliance_engine.model.law import Done, Forbid, Limit, Require
from compliance_engine.model.program import Demand, DoneSpec, ForbidSpec, LimitSpec, NamedNode, RequireSpec, Shown
from compliance_engine.model.syntax import Text

_DATE_DONE = "name a date: a field, or first(training.date); that there is a record is `require: some training`"
_SETTLED = "write what is required of the subject or of its records: some training, or inspected is present"


def compile_demand(demand: Require | Limit | Done | Forbid, scope: Scope) -> Demand | None:
    """Compile what a duty demands; None after a report."""
    match demand:
        case Require():
            return _require(demand, scope)
        case Limit():
            return _limit(demand, scope)
        case Done():
            return _done(demand, scope)
        case Forbid():
            return _forbid(demand, scope)


def _require(demand: Require, scope: Scope) -> RequireSpec | None:
    """Compile the parts of a requirement."""
    parts: list[NamedNode] = []
    for part in demand.parts:
        held = condition(part.condition, scope, "`require`")
        if not held.is_wrong:
            _warn_of_settled(held, scope)
            parts.append(named(part.name, held.node, text_of(part.condition), part.condition.span))
    if len(parts) < len(demand.parts):
        return None
    return RequireSpec(any=demand.any, parts=tuple(parts))


def _warn_of_settled(held: Typed, scope: Scope) -> None:
    """Remark upon a part of a requirement that the facts have no bearing on."""
    holds = known_truth(held.node)
    if holds:
        scope.desk.warn("never-fails", "this can never fail, whatever the facts are", held.place, _SETTLED)
    elif holds is False:
        scope.desk.warn("never-met", "this can never be met, whatever the facts are", held.place, _SETTLED)


def _limit(demand: Limit, scope: Scope) -> LimitSpec | None:
    """Compile a value, or each record's, held against another."""
    ranged: Set | None = None
    if demand.every is not None:
        found = ranged_argument(demand.every, scope)
        value, ranged = (found[1], found[0].set) if found else (None, None)
        text, place = text_of_argument(demand.every), demand.every.span
    else:
        assert demand.value is not None
        value = express(demand.value, scope)
        text, place = text_of(demand.value), demand.value.span
    of = express(demand.of, scope)
    must = demand.must.value if isinstance(demand.must, Text) and demand.must.value in COMPARISONS else demand.must
    op = compile_operator(must, scope, demand.span)
    if value is None or value.is_wrong or of.is_wrong or op.is_wrong or not _is_operator(op, scope):
        return None
    held = _held(value, of, demand.span, scope)
    if held is None:
        return None
    one, other, unit, shown = held
    if one == other and isinstance(must, str | None):
        warn_of_itself(must or "<=", value, of, demand.span, scope)
    return LimitSpec(
        value=named("value", one, text, place),
        must=op.node,
        of=named("of", other, text_of(demand.of), demand.of.span),
        set=ranged,
        open_if_none=demand.open_if_none,
        unit=unit,
        shown=shown,
    )


def _is_operator(op: Typed, scope: Scope) -> bool:
    """Check that `must` is a comparison, or an enum of such."""
    strange = [symbol for symbol in op.symbols or () if symbol not in COMPARISONS]
    if op.symbols is not None and not strange:
        return True
    message = f"{strange[0]} is no comparison" if strange else "`must` may be any text"
    scope.desk.report("unknown-symbol", message, op.place, f"use one or an enum of {', '.join(COMPARISONS)}")
    return False


def _held(value: Typed, of: Typed, place: Span, scope: Scope) -> tuple[AnyNode, AnyNode, str, Shown | None] | None:
    """Bring a value and its limit to one unit, and say in which the author sees them; None after a report."""
    if value.kind in {"date", "instant"} and of.kind in {"date", "instant"}:
        one, other = same_time(value, of)
        return one.node, other.node, "", None
    if value.kind in {"date", "instant"}:
        of_kind(of, ("date", "instant"), scope, "`of` of a limit on a date")
        return None
    value = of_kind(value, ("number", "duration"), scope, "`limit`")
    if value.is_wrong:
        return None
    pair = aligned(value, of, "limit", place, scope)
    if pair is None:
        return None
    left, right, unit = pair
    return left.node, right.node, unit, _shown(of, right, unit)


def _shown(of: Typed, aligned_of: Typed, unit: str) -> Shown | None:
    """Give the unit of the limit as it is written or declared, where that is not the standard one."""
    if isinstance(of.node, Duration):
        hours = of.node.micros and not of.node.days and not of.node.months
        return Shown(unit="h", factor=str(Fraction(1, 24))) if hours else None
    if not of.printed or VARIES in (of.unit, unit) or aligned_of.unit != of.unit or of.printed == unit:
        return None
    return Shown(unit=of.printed, factor=str(of.factor), offset=str(of.offset))


def _done(demand: Done, scope: Scope) -> DoneSpec | None:
    """Compile the date on which something was done; `none` says that it was not."""
    value = scope.desk.express(demand.date, scope)
    if value.kind == ABSENT:
        value = replace(value, kind="date")
    value = of_kind(value, ("date", "instant"), scope, "`done`", _DATE_DONE if value.kind == "bool" else None)
    if isinstance(value.node, Field) and value.node.type != "finding" and value.node.empty == "unknown":
        name = value.node.name
        message = f"an empty {name} says that it is not known when this was done, never that it was not done"
        scope.desk.warn("done-unknown", message, demand.date.span, f"{name}: {{type: {value.kind}, empty: none}}")
    return None if value.is_wrong else DoneSpec(date=named("done", value.node, text_of(demand.date), demand.date.span))


def _forbid(demand: Forbid, scope: Scope) -> ForbidSpec | None:
    """Compile the records that may not exist."""
    ranged = compile_set(records_of_set(demand.set), scope)
    return ForbidSpec(set=ranged.set, text=text_of_set(demand.set)) if ranged else None
