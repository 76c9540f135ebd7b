"""Duties: what each takes from its provision, when it binds, when it is due."""

from collections.abc import Iterable
from dataclasses import replace

from compliance_engine.compiling.checks import condition, express, of_kind
from compliance_engine.compiling.demands import compile_demand
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.early import warn_of_early, warn_of_whole_days
from compliance_engine.compiling.governing import (
    Governing,
    Occurrence,
    governing_builtin,
    governing_of,
    occurrence_of,
    written_day,
)
from compliance_engine.compiling.nodes import mentions
from compliance_engine.compiling.operators import counted_from
from compliance_engine.compiling.optional import present_if
from compliance_engine.compiling.recurring import compile_recur, forward
from compliance_engine.compiling.relations import compile_displacements, waiver_row
from compliance_engine.compiling.slips import time_meant
from compliance_engine.compiling.source_text import text_of
from compliance_engine.compiling.subjects import compile_grain, named, place_of, with_grain
from compliance_engine.compiling.typed import ABSENT, DAYS, Typed
from compliance_engine.compiling.workdays import roll_of
from compliance_engine.kernel.span import Span
from compliance_engine.model.expression import AnyNode, Arithmetic, Builtin, Const
from compliance_engine.model.law import Duty, Every, ExceptionRow, Provision
from compliance_engine.model.program import DutySpec, NamedNode
from compliance_engine.model.relations import Prompt
from compliance_engine.model.syntax import Expr

_TIMES = ("date", "instant")

_NOWHERE = Span("", 0, 0)


def compile_duty(duty: Duty, provision: Provision, base: Scope, stated: Governing | None) -> DutySpec | None:
    """Compile one duty; None after a report. `base` has the subject and the lets; `stated`: the day of `governed_by`."""
    before = len(base.desk.troubles)
    when = occurrence_of(duty, provision)
    _check_occurrence(when, duty, base)
    grain = compile_grain(when.each, replace(base, occurrence=None))
    triggered = when.after is not None or duty.recur is not None
    scope = replace(with_grain(base, when.each, grain), triggered=triggered, dated=True)
    conditions, scope = _compile_when((*provision.when, *duty.when), scope)
    day = governing_builtin(grain, recurs=duty.recur is not None, after=when.after is not None)
    chosen = governing_of(stated, when, duty, scope)
    displaced = compile_displacements(
        scope.desk.index.displaced.get(provision.id.text, ()), day if chosen is None else chosen.node, scope
    )
    timing = replace(scope, dated=False)
    after = _compile_after(when.after, replace(timing, triggered=False))
    due = _compile_by(when.by, after, timing)
    own_due = duty.by if len(provision.duties) > 1 else when.by
    recur = compile_recur(duty, own_due, timing)
    demand = compile_demand(duty.demand, scope)
    warn_of_early(demand, due, duty, scope)
    warn_of_whole_days(demand, due, duty, scope)
    waived = waiver_row(provision, duty.id.text, written_day(provision, day) if chosen is None else chosen.written)
    unless = compile_exceptions((*provision.unless, *duty.unless, *waived), scope)
    excused = compile_exceptions((*provision.excused_by, *duty.excused_by), scope)
    exceedance = _reported(
        duty.exceedance if duty.exceedance is not None else provision.exceedance, ("", "%"), "exceedance", scope
    )
    late = _reported(
        duty.days_late if duty.days_late is not None else provision.days_late, ("", DAYS), "days_late", scope
    )
    prompts = compile_prompts(provision.prompts, scope)
    if demand is None or any(d.level == "error" for d in base.desk.troubles[before:]):
        return None
    return DutySpec(
        id=duty.id.text,
        title=duty.title or provision.title,
        citation=duty.citation or provision.citation,
        severity=duty.severity or provision.severity,
        grain=grain,
        governed_by=None if chosen is None else chosen.node,
        when=(*conditions, *displaced),
        after=after,
        by=due,
        recur=recur,
        demand=demand,
        unless=unless,
        excused_by=excused,
        exceedance=exceedance,
        days_late=late,
        roll=roll_of(duty, provision, dated=when.by is not None or recur is not None, scope=scope),
        holidays=base.holidays,
        prompts=prompts,
    )


def _check_occurrence(when: Occurrence, duty: Duty, scope: Scope) -> None:
    """Refuse a duty with both calendar periods and a trigger."""
    if when.after is not None and when.each is not None and when.each.kind != "type":
        scope.desk.report(
            "two-occurrences",
            f"the duty {duty.id.text} has both `each` and `after`",
            duty.span,
            "a duty has calendar periods, or one occurrence at its trigger; use two duties",
            related=((when.each.span, "each"), (when.after.span, "after")),
        )


def _compile_when(conditions: Iterable[Expr], scope: Scope) -> tuple[tuple[NamedNode, ...], Scope]:
    """Compile the conditions in order; what one says of absence is known in those after it, and in the rest."""
    nodes: list[NamedNode] = []
    for position, expression in enumerate(conditions, start=1):
        held = condition(expression, scope, "`when`")
        if not held.is_wrong:
            nodes.append(named(str(position), held.node, text_of(expression), expression.span))
            scope = scope.knowing(present_if(held.node))
    return tuple(nodes), scope


def _compile_after(after: Expr | None, scope: Scope) -> AnyNode | None:
    """Compile the trigger. One that may be none is no mistake: the duty does not apply where it is."""
    if after is None:
        return None
    value = of_kind(scope.desk.express(after, scope), _TIMES, scope, "`after`")
    _refuse_due(value, "after", scope)
    return value.node


def _refuse_due(value: Typed, role: str, scope: Scope) -> None:
    """Refuse a date from which the due date follows, and which itself reads it through a let."""
    names = ("due", "trigger") if role == "after" else ("due",)
    for name in names:
        if not value.is_wrong and mentions(value.node, Builtin(kind="date", name=name), scope.lets):
            scope.desk.report("circular-due", f"`{role}` reads {name}, which follows from it", value.place)


def _compile_by(by: Expr | None, after: AnyNode | None, scope: Scope) -> AnyNode | None:
    """Compile the due date: a date, an instant, or a length of time after the trigger or the end of the period."""
    if by is None:
        return None
    value = forward(of_kind(express(by, scope), (*_TIMES, "duration", "number"), scope, "`by`"), scope)
    _refuse_due(value, "by", scope)
    if value.is_wrong or value.kind in _TIMES:
        return value.node
    if value.kind == "number" and value.unit != DAYS:
        scope.desk.report(
            "unit-mismatch",
            f"`by` takes a date or a length of time, and this is {value.described()}",
            value.place,
            time_meant(value) or "for example: 30 days",
        )
        return None
    if not scope.timed and not scope.triggered:
        scope.desk.report(
            "no-trigger",
            "`by` counts from a trigger or the end of a period, and there is neither",
            value.place,
            "add `after: DATE` or `each: calendar month`, or write 30 days after X",
        )
    if value.kind == "duration":
        return value.node
    if after is not None and after.kind == "instant" and value.factor < 1:
        return Arithmetic(kind="instant", op="+", left=after, right=counted_from("instant", value, scope).node)
    origin = Builtin(kind="date", name="trigger" if scope.triggered else "period.end")
    return Arithmetic(kind="date", op="+", left=origin, right=counted_from("date", value, scope).node)


def compile_exceptions(rows: Iterable[ExceptionRow], scope: Scope) -> tuple[NamedNode, ...]:
    """Compile exceptions, in document order."""
    nodes: list[NamedNode] = []
    seen: dict[str, ExceptionRow] = {}
    for row in rows:
        if row.id in seen and seen[row.id].span != row.span:
            scope.desk.report(
                "duplicate-name",
                f"two exceptions are called {row.id}",
                row.span,
                related=((seen[row.id].span, "the first"),),
            )
        seen[row.id] = row
        held = condition(row.when, scope, "an exception")
        if not held.is_wrong:
            node = NamedNode(
                name=row.id,
                node=held.node,
                text=row.words or text_of(row.when),
                place=place_of(row.span),
                citation=row.citation or "",
                because=row.because or "",
            )
            nodes.append(node)
    return tuple(nodes)


def compile_prompts(rows: Iterable[Prompt], scope: Scope) -> tuple[NamedNode, ...]:
    """Compile what is to be said beside a verdict."""
    found = [(row, condition(row.when, scope, "a prompt")) for row in rows]
    return tuple(
        NamedNode(name=row.id, node=held.node, text=text_of(row.when), place=place_of(row.span), because=row.then)
        for row, held in found
        if not held.is_wrong
    )


def _reported(expression: Expr | None, units: tuple[str, ...], role: str, scope: Scope) -> AnyNode | None:
    """Compile what replaces a reported figure: a number in one of the units, or none."""
    if expression is None:
        return None
    value = scope.desk.express(expression, scope)
    if value.kind == ABSENT:
        return Const(kind="number", value=None)
    value = of_kind(value, ("number",), scope, f"`{role}`")
    if not value.is_wrong and value.unit not in units:
        wanted = " or ".join(unit or "no unit" for unit in units)
        scope.desk.report(
            "unit-mismatch", f"`{role}` takes a number in {wanted}, and this is {value.described()}", value.place
        )
    return value.node


def grain_of_lets(provision: Provision) -> Every | None:
    """Give the `each` under which a provision's lets are compiled: its own, or the one that all its duties have."""
    eaches = [occurrence_of(duty, provision).each for duty in provision.duties]
    meanings = {replace(each, span=_NOWHERE, type=None) if each else None for each in eaches}
    types = {each.type.text if each and each.type else "" for each in eaches}
    return eaches[0] if len(meanings) == len(types) == 1 else provision.each


def are_triggered(provision: Provision) -> bool:
    """Say whether every duty has a trigger."""
    return all(occurrence_of(duty, provision).after is not None or duty.recur for duty in provision.duties)


def are_timed(provision: Provision) -> bool:
    """Say whether every duty has a period."""
    return all(occurrence_of(duty, provision).each is not None for duty in provision.duties)
