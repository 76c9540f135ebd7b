"""Working days: counted from a date, and to which a due date moves."""

from compliance_engine.compiling.checks import as_day, express, of_kind
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.index import find_id
from compliance_engine.compiling.typed import Typed, wrong
from compliance_engine.model.expression import WorkingDays
from compliance_engine.model.law import Duty, Name, Provision
from compliance_engine.model.syntax import Binary, Number


def compile_working(expression: Binary, scope: Scope) -> Typed:
    """Compile `10 working days after X` and `10 working days before X`."""
    assert isinstance(expression.left, Number)
    origin = of_kind(express(expression.right, scope), ("date", "instant"), scope, "working days")
    if origin.is_wrong:
        return wrong(expression.span)
    if expression.left.value < 1:
        scope.desk.report(
            "bad-duration", "no working day is the 0th", expression.left.span, "count from 1: 1 working day after X"
        )
        return wrong(expression.span)
    count = int(expression.left.value) * (-1 if expression.op == "working-before" else 1)
    node = WorkingDays(kind="date", origin=as_day(origin).node, count=count, holidays=scope.holidays)
    return Typed(node=node, kind="date", place=expression.span)


def holidays_of(calendar: Name | None, scope: Scope) -> tuple[str, ...]:
    """Give the days that a `calendar` names: the keys of a table with one key, a date."""
    if calendar is None:
        return ()
    desk = scope.desk
    found = find_id(calendar.text, desk.index.tables, desk.index)
    if isinstance(found, tuple):
        desk.report("unknown-name", f"{found[0]} (`calendar` names a table)", calendar.span, found[1])
        return ()
    spec = desk.index.tables[found].spec
    if [key.base for key in spec.keys] != ["date"]:
        desk.report(
            "bad-calendar",
            f"a calendar is a table with one key, a date; {found} has {', '.join(key.name for key in spec.keys)}",
            calendar.span,
            "keys: {day: date}, columns: {name: text}, rows: [[2026-12-25, Christmas Day]]",
        )
        return ()
    return tuple(sorted({row[0] for row in spec.rows if row[0]}))


def roll_of(duty: Duty, provision: Provision, *, dated: bool, scope: Scope) -> str:
    """Give to which working day the due date of a duty moves; report one that has none to move."""
    roll = duty.roll or provision.roll or ""
    if duty.roll and not dated:
        scope.desk.report(
            "no-due-date", f"the duty {duty.id.text} has `roll`, and no `by` or `recur`", duty.span, "add `by: 30 days`"
        )
    return roll if dated else ""
