"""Periods, due dates and demands of the law in words."""

from compliance_engine.compiling.source_text import text_of, text_of_argument, text_of_set
from compliance_engine.model.law import Done, Duty, Every, Forbid, Limit, Provision, Require
from compliance_engine.model.syntax import Expr, NextDay, Number
from compliance_engine.workflow.amending.wording import write_must

_AT = {"<=": "at most", "<": "below", ">=": "at least", ">": "above", "=": "equal to"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


def tell_every(every: Every | None) -> str:
    """Say how often: `every calendar month`; "" where there is no period."""
    if every is None:
        return ""
    if every.kind == "type":
        return f"for each {every.type.text}" if every.type else ""
    if every.kind == "sliding":
        step = "month" if every.step == 1 else f"{every.step} months"
        return f"every {step}, over the last {every.count} calendar months"
    return f"every calendar {every.unit}" + (", from Monday" if every.week_start == "monday" else "")


def tell_due(provision: Provision, duty: Duty) -> tuple[str, str]:
    """Say by when, in words and the expression that they end with; both "" for what holds at all times."""
    by, after, every = duty.by or provision.by, duty.after or provision.after, duty.each or provision.each
    if by is None:
        if after is not None:
            return "on the day", text_of(after)
        return ("by the last day of the period", "") if every is not None and every.kind != "type" else ("", "")
    if isinstance(by, NextDay):
        return f"by {_tell_day(by)}", ""
    if isinstance(by, Number):
        return f"within {text_of(by)} after" + (" the end of the period" if after is None else ""), _write(after)
    return "by", text_of(by)


def tell_recurrence(duty: Duty) -> str:
    """Say how a duty returns; "" where it does not."""
    recur = duty.recur
    if recur is None:
        return ""
    since = {"completion": "it was last done", "due": "it was last due"}.get(recur.basis, "then, by the calendar")
    first = f"{text_of(recur.first)} after the trigger" if isinstance(recur.first, Number) else text_of(recur.first)
    return f"first {first}, then again {text_of(recur.then)} after {since}"


def tell_demand(demand: Require | Limit | Done | Forbid) -> tuple[str, tuple[str, ...]]:
    """Give what introduces the demand, and its expressions."""
    if isinstance(demand, Limit):
        value = text_of_argument(demand.every) if demand.every is not None else _write(demand.value)
        must = write_must(demand.must)
        how = _AT.get(must, f"in the relation given by {must} to")
        lead = "For every record" if demand.every is not None else "This value"
        lead += ", of which there has to be one to tell," if demand.open_if_none else ""
        return f"{lead} must be {how} the limit", (value, f"{must if must in _AT else 'limit:'} {text_of(demand.of)}")
    if isinstance(demand, Done):
        return "This is done no later than it is due", (text_of(demand.date),)
    if isinstance(demand, Forbid):
        return "There may be no such record", (text_of_set(demand.set),)
    parts = tuple(
        text_of(part.condition) if part.name.isdigit() else f"{part.name}: {text_of(part.condition)}"
        for part in demand.parts
    )
    if len(parts) == 1:
        return "This must hold", parts
    return ("One of these must hold" if demand.any else "All of these must hold"), parts


def _write(expression: Expr | None) -> str:
    return "" if expression is None else text_of(expression)


def _tell_day(day: NextDay) -> str:
    ordinal = f"{day.day}{_ORDINALS.get(day.day, 'th')}"
    if day.month is None:
        return f"the {ordinal} of the month after the period"
    return f"{day.day} {_MONTHS[day.month - 1]} of the year after the period"
