"""Chains of occurrences: when the first is due, and how long after that the next one is."""

from fractions import Fraction

from compliance_engine.compiling.checks import express, of_kind
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.quantities import MICROS_A_DAY, compile_number
from compliance_engine.compiling.typed import Typed, wrong
from compliance_engine.model.expression import AnyNode, Const, Duration
from compliance_engine.model.law import Duty, Recur, Require
from compliance_engine.model.program import RecurSpec
from compliance_engine.model.syntax import Expr, Quantified

_TIMES = ("date", "instant")


def forward(value: Typed, scope: Scope) -> Typed:
    """Refuse a length of time until something is due that leads back."""
    if value.is_wrong or not _leads_back(value.node):
        return value
    scope.desk.report(
        "bad-duration",
        "`by` is a length of time after the trigger or the period, and this one is negative",
        value.place,
        "what is due before a date is written so: 30 days before X",
    )
    return wrong(value.place)


def _leads_back(node: AnyNode) -> bool:
    """Say whether a length of time that is written out leads back."""
    if isinstance(node, Duration):
        return min(node.months, node.days, node.micros) < 0
    return isinstance(node, Const) and node.kind == "number" and node.value is not None and Fraction(node.value) < 0


def compile_recur(duty: Duty, by: Expr | None, scope: Scope) -> RecurSpec | None:
    """Compile a chain of occurrences; what it requires is a record."""
    recur = duty.recur
    if recur is None:
        return None
    _check_recur(duty, recur, by, scope)
    first = of_kind(express(recur.first, scope), (*_TIMES, "duration"), scope, "`first` of `recur`")
    then = of_kind(compile_number(recur.then, scope), ("duration",), scope, "`then` of `recur`")
    if first.kind == "duration" and duty.after is None and not scope.triggered:
        scope.desk.report(
            "no-trigger", "`first` counts from a trigger, and there is none", first.place, "add `after: DATE`"
        )
    if first.is_wrong or not isinstance(then.node, Duration):
        return None
    whole = (then.node.months, then.node.days, then.node.micros)
    if max(whole) <= 0 or _leads_back(then.node) or (then.node.micros and then.node.micros % MICROS_A_DAY):
        scope.desk.report(
            "bad-duration",
            "what recurs does so after one whole day or more",
            then.place,
            "for example: then: 12 months",
        )
        return None
    if recur.basis == "calendar" and whole not in {(months, 0, 0) for months in (1, 3, 6, 12)}:
        scope.desk.report(
            "bad-recur",
            "`from: calendar` recurs in calendar periods of 1, 3, 6 or 12 months",
            recur.span,
            "recur: {first: 2024-01-01, then: 12 months, from: calendar}",
        )
        return None
    return RecurSpec(first=first.node, then=then.node, basis=recur.basis)


def _check_recur(duty: Duty, recur: Recur, by: Expr | None, scope: Scope) -> None:
    """Check that a recurring duty requires some record, and is not due otherwise as well."""
    if by is not None:
        scope.desk.report(
            "bad-recur",
            "the duty has both `recur` and `by`, and `recur` says when it is due",
            by.span,
            "leave `by` out; `first` is a date, or a length of time after the trigger",
        )
    parts = duty.demand.parts if isinstance(duty.demand, Require) else ()
    if not any(isinstance(part.condition, Quantified) and part.condition.quantifier == "some" for part in parts):
        scope.desk.report(
            "bad-recur",
            "a recurring duty is met by records, so it needs `require: some TYPE ...`",
            recur.span,
            "require: some training where course is review",
        )
