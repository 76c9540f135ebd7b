"""Requirements that a due date does not bear upon as it seems to: plain fields, and records counted by whole days."""

from compliance_engine.compiling.desk import Scope
from compliance_engine.model.expression import (
    Aggregate,
    Among,
    AmongNumbers,
    And,
    AnyNode,
    Arithmetic,
    Builtin,
    Compare,
    Const,
    Duration,
    Else,
    Field,
    Hop,
    NextDay,
    Not,
    Or,
    Present,
    Scale,
    Set,
    WorkingDays,
)
from compliance_engine.model.law import Duty, Require
from compliance_engine.model.parts import parts
from compliance_engine.model.program import Demand, FactType, RequireSpec

# What a condition is made of that depends on neither records, nor other documents, nor the day on which it is asked.
_PLAIN = (Field, Hop, Const, Duration, Compare, Present, Not, And, Or, Else, Among, AmongNumbers, Arithmetic, Scale)


def warn_of_early(demand: Demand | None, due: AnyNode | None, duty: Duty, scope: Scope) -> None:
    """Remark upon fields of the subject that are required, with a due date that lies some time ahead."""
    written = duty.demand
    if not isinstance(demand, RequireSpec) or not isinstance(written, Require) or not _gives_time(due):
        return
    plain = [_is_plain(part.node) for part in demand.parts]
    if demand.any and not all(plain):
        return
    for part, is_plain in zip(written.parts, plain, strict=True):
        if is_plain:
            scope.desk.warn(
                "judged-at-once",
                "`by` gives no time for this: what a field says is judged at once, before the due date too",
                part.condition.span,
                "for a date that is filled in once it is done write `done: DATE`; for what has to be so from the start, no `by`",
            )


def warn_of_whole_days(demand: Demand | None, due: AnyNode | None, duty: Duty, scope: Scope) -> None:
    """Remark upon records of known times that are counted in a window of days, where the due date counts hours."""
    written = duty.demand
    if not isinstance(demand, RequireSpec) or not isinstance(written, Require) or not _counts_hours(due):
        return
    for part, compiled in zip(written.parts, demand.parts, strict=True):
        found = [node for node in parts(compiled.node) if isinstance(node, Aggregate)]
        for node in found:
            entry = scope.desk.index.types.get(node.set.type)
            if node.function != "some" and entry is not None and _is_cut_by_days(node.set, entry.fact):
                scope.desk.warn(
                    "whole-days",
                    f"`by` counts hours, and the {node.set.type} records are those up to the end of the due day",
                    part.condition.span,
                    f"hold their time against it: where {entry.fact.time} <= 24 hours after X",
                )


def _counts_hours(due: AnyNode | None) -> bool:
    return due is not None and any(isinstance(part, Duration) and part.micros for part in parts(due))


def _is_cut_by_days(records: Set, fact: FactType) -> bool:
    """Say whether records that happen at an instant are taken by the window of the occurrence alone."""
    time = next((field for field in fact.fields if field.name == fact.time), None)
    where = () if records.where is None else parts(records.where)
    reads = any(isinstance(part, Field) and (part.scope, part.name) == (records.scope, fact.time) for part in where)
    return time is not None and time.base == "instant" and records.window is None and not reads


def _gives_time(due: AnyNode | None) -> bool:
    """Say whether a due date is so long after something else, not a day of its own."""
    return (
        isinstance(due, Duration | NextDay)
        or (isinstance(due, Arithmetic) and due.op == "+")
        or (isinstance(due, WorkingDays) and due.count > 0)
    )


def _is_plain(node: AnyNode) -> bool:
    """Say whether a condition reads fields, and nothing that comes with time."""
    found = parts(node)
    dates = {part.name for part in found if isinstance(part, Builtin)}
    return (
        dates <= {"trigger", "period.start", "period.end"}
        and any(isinstance(part, Field) for part in found)
        and all(isinstance(part, (*_PLAIN, Builtin)) for part in found)
    )
