"""Provisions: one version at a time."""

from dataclasses import replace

from compliance_engine.compiling.checks import as_day, express, of_kind
from compliance_engine.compiling.desk import Desk, Scope
from compliance_engine.compiling.duties import are_timed, are_triggered, compile_duty, grain_of_lets, occurrence_of
from compliance_engine.compiling.subjects import (
    compile_grain,
    compile_lets,
    compile_subject,
    linked_set,
    place_of,
    with_grain,
)
from compliance_engine.compiling.workdays import holidays_of
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.expression import AnyNode, Set
from compliance_engine.model.law import Name, Provision
from compliance_engine.model.program import ProvisionSpec


def compile_provision(provision: Provision, version: int, desk: Desk) -> ProvisionSpec | None:
    """Compile one version of a provision; None after a report. `version` counts from 1 by date."""
    before = len(desk.troubles)
    _check_evidence(provision, desk)
    opened = compile_subject(provision.subject, desk)
    if opened is None:
        return None
    subject, scope = opened
    scope = replace(scope, holidays=holidays_of(provision.calendar, scope))
    governed = _governing_date(provision, scope)
    if len(desk.index.provisions[provision.id.text]) > 1 and governed is None:
        _warn_of_today(provision, scope)
    each = grain_of_lets(provision)
    outer = with_grain(scope, each, compile_grain(each, scope))
    timed, triggered = are_timed(provision), are_triggered(provision)
    lets, outer = compile_lets(provision.lets, replace(outer, timed=timed, triggered=triggered, dated=True))
    base = replace(scope, lets=outer.lets)
    duties = [compile_duty(duty, provision, base, governed) for duty in provision.duties]
    bound = [_bound(name, scope) for name in provision.bound_while]
    if any(trouble.level == "error" for trouble in desk.troubles[before:]):
        return None
    return ProvisionSpec(
        id=provision.id.text,
        version=version,
        title=provision.title,
        text=provision.text or "",
        citation=provision.citation,
        source=provision.source or "",
        in_force_from=provision.in_force_from.isoformat(),
        in_force_to=provision.in_force_to.isoformat() if provision.in_force_to else "",
        reviewed=provision.reviewed.isoformat(),
        status=provision.status,
        governed_by=governed,
        subject=subject,
        bound_while=tuple(one for one in bound if one is not None),
        lets=lets,
        duties=tuple(duty for duty in duties if duty is not None),
        evidence=tuple(name.text for name in provision.evidence),
        responsible=provision.responsible or "",
        place=place_of(provision.span),
        tightens=tuple(name.text for name in provision.tightens),
    )


def _check_evidence(provision: Provision, desk: Desk) -> None:
    """Check that the evidence named is of known types."""
    for name in provision.evidence:
        if name.text not in desk.index.types:
            hint = did_you_mean(name.text, desk.index.types)
            desk.report("unknown-type", f"{name.text} is no type of record", name.span, hint)


def _warn_of_today(provision: Provision, scope: Scope) -> None:
    """Warn of events of an earlier day that are judged by the version of the as-of date."""
    entry = scope.desk.index.types.get(scope.subject.type)
    if entry is None or entry.fact.kind != "event":
        return
    when = [(occurrence_of(duty, provision), duty.recur) for duty in provision.duties]
    if any(one.each is None and one.after is None and recur is None for one, recur in when):
        scope.desk.warn(
            "version-of-today",
            f"a {entry.fact.name} of any day is judged by the version of {provision.id.text} in force on the as-of date",
            provision.id.span,
            f"add governed_by: {entry.fact.time}, or after: {entry.fact.time}",
        )


def _governing_date(provision: Provision, scope: Scope) -> AnyNode | None:
    """Compile the date that decides which version governs."""
    if provision.governed_by is None:
        return None
    value = of_kind(express(provision.governed_by, scope), ("date", "instant"), scope, "`governed_by`")
    return as_day(value).node


def _bound(name: Name, scope: Scope) -> Set | None:
    """Give the state records during which the subject is bound."""
    entry = scope.desk.index.types.get(name.text)
    if entry is not None and entry.fact.kind != "state":
        scope.desk.report("bad-while", f"`while` names states, and a {name.text} is a {entry.fact.kind}", name.span)
        return None
    return linked_set(name, scope)
