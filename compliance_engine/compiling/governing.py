"""When a duty's obligations are, and the day that decides which version of the law each is under."""

from dataclasses import dataclass

from compliance_engine.compiling.checks import as_day, express, of_kind
from compliance_engine.compiling.desk import Scope
from compliance_engine.model.expression import AnyNode, Builtin
from compliance_engine.model.law import Duty, Every, Provision
from compliance_engine.model.program import Grain
from compliance_engine.model.syntax import Expr, Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """When a duty's occurrences are: its own `each` and `after`, or its provision's."""

    each: Every | None
    after: Expr | None
    by: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Governing:
    """The day that decides which version of a provision is read, as it is (or would be) written, and compiled."""

    written: Expr
    node: AnyNode


def occurrence_of(duty: Duty, provision: Provision) -> Occurrence:
    """Fill in what a duty leaves out; of a calendar and a trigger, the duty's own word wins."""
    each, after = duty.each or provision.each, duty.after or provision.after
    if duty.after is not None and duty.each is None and each is not None and each.kind != "type":
        each = None
    elif duty.each is not None and duty.after is None and duty.each.kind != "type":
        after = None
    return Occurrence(each=each, after=after, by=duty.by or provision.by)


def stated_governing(provision: Provision, scope: Scope) -> Governing | None:
    """Compile the date that is said to decide which version governs."""
    if provision.governed_by is None:
        return None
    value = of_kind(express(provision.governed_by, scope), ("date", "instant"), scope, "`governed_by`")
    return Governing(written=provision.governed_by, node=as_day(value).node)


def governing_of(stated: Governing | None, when: Occurrence, duty: Duty, scope: Scope) -> Governing | None:
    """Give the day that governs a duty where it is none of those that the language names: what is stated, else that of an event.

    Periods, spans of states and chains have days of their own, whatever is stated.
    """
    frame = scope.subject if scope.occurrence is None else scope.occurrence
    entry = scope.desk.index.types.get(frame.type)
    kind = "" if entry is None else entry.fact.kind
    in_periods = when.each is not None and (when.each.kind != "type" or kind == "state")
    if duty.recur is not None or in_periods:
        return None
    if stated is not None or when.after is not None or entry is None or kind != "event":
        return stated
    written = Path(parts=(frame.type, entry.fact.time), span=duty.span)
    return Governing(written=written, node=as_day(express(written, scope)).node)


def written_day(provision: Provision, day: Builtin) -> Expr:
    """Give a day that the language names as an author would write it."""
    return Path(parts=tuple(day.name.split(".")), span=provision.id.span)


def governing_builtin(grain: Grain | None, *, recurs: bool, after: bool) -> Builtin:
    """Give the day that decides which law is read: due date of a link, end of the period, trigger, else the as-of date."""
    if recurs:
        return Builtin(kind="date", name="due")
    if grain is not None and grain.kind != "type":
        return Builtin(kind="date", name="period.end")
    return Builtin(kind="date", name="trigger" if after else "as-of")
