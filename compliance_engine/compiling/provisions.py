"""Provisions: one version at a time."""

from dataclasses import replace

from compliance_engine.compiling.desk import Desk, Scope
from compliance_engine.compiling.duties import are_timed, are_triggered, compile_duty, grain_of_lets
from compliance_engine.compiling.governing import stated_governing
from compliance_engine.compiling.subjects import (
    compile_grain,
    compile_lets,
    compile_subject,
    linked_set,
    place_of,
    with_grain,
)
from compliance_engine.compiling.typed import with_article
from compliance_engine.compiling.workdays import holidays_of
from compliance_engine.model.expression import Set
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
    stated = stated_governing(provision, scope)
    each = grain_of_lets(provision)
    outer = with_grain(scope, each, compile_grain(each, scope))
    timed, triggered = are_timed(provision), are_triggered(provision)
    outer = replace(outer, timed=timed, triggered=triggered, dated=True, mixed=timed and each is None)
    lets, outer = compile_lets(provision.lets, outer)
    base = replace(scope, lets=outer.lets)
    duties = [compile_duty(duty, provision, base, stated) for duty in provision.duties]
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
            hint = desk.index.near_type(name.text)
            desk.report("unknown-type", f"{name.text} is no type of record", name.span, hint)


def _bound(name: Name, scope: Scope) -> Set | None:
    """Give the state records during which the subject is bound."""
    entry = scope.desk.index.types.get(name.text)
    if entry is not None and entry.fact.kind != "state":
        scope.desk.report(
            "bad-while",
            f"`while` names states, and {with_article(name.text)} is {with_article(entry.fact.kind)}",
            name.span,
        )
        return None
    return linked_set(name, scope)
