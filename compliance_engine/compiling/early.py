"""Requirements that a due date gives no time for: what plain fields say is judged at once."""

from compliance_engine.compiling.desk import Scope
from compliance_engine.model.expression import (
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
    WorkingDays,
)
from compliance_engine.model.law import Duty, Require
from compliance_engine.model.parts import parts
from compliance_engine.model.program import Demand, RequireSpec

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
