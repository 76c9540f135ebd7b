"""From what is possible to one verdict (docs/language.md section 5)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracle import demands, expressions, facts
from tests.oracle.due import Due, due_of, fulfilling, opened, perhaps_overdue
from tests.oracle.findings import OracleFinding, root
from tests.oracle.values import (
    ABSENT,
    Value,
    anything,
    can_fail,
    can_hold,
    conjunction,
    disjunction,
    exactly,
    fails,
    holds,
    symbol,
)

if TYPE_CHECKING:
    from tests.oracle.context import Context
    from tests.oracle.demands import Judgement
    from tests.oracle.values import Bound
    from tests.oracle.provisions import Obligation


def settled(obligation: Obligation, due: Due | None = None) -> OracleFinding:
    """Judge one obligation; `due` where a chain of occurrences says when."""
    duty = obligation.duty
    due = due or due_of(obligation.context, duty)
    context = opened(obligation.context, due)
    applies = conjunction((obligation.scope, *(expressions.evaluate(c, context) for c in duty.when)))
    lifted = disjunction(expressions.evaluate(c, context) for c in duty.unless)
    judged = demands.judge(duty, context, fulfilling(context, due), due)
    excused = disjunction(expressions.evaluate(c, context) for c in duty.excused_by)
    possible = verdicts(applies, lifted, judged.met, excused)
    if len(possible) == 1:
        status = next(iter(possible))
    else:
        status = "undetermined" if perhaps_overdue(context, due) else "pending"
    figures = demands.reported(duty, context, judged, due)
    finding = _finding(obligation, context, due, status, possible, judged, figures)
    finding.attributes.update(_attributes(finding, applies, lifted, judged, figures, due, context))
    return finding


def verdicts(applies: Value, lifted: Value, met: Value, excused: Value) -> frozenset[str]:
    """List the verdicts that remain possible."""
    found = set()
    if can_fail(applies):
        found.add("not_applicable")
    if can_hold(applies):
        if can_hold(lifted):
            found.add("exempt")
        if can_fail(lifted):
            if can_hold(met):
                found.add("compliant")
            if can_fail(met) and can_hold(excused):
                found.add("exempt")
            if can_fail(met) and can_fail(excused):
                found.add("violation")
    return frozenset(found)


def _finding(
    obligation: Obligation, context: Context, due: Due, status: str, possible: frozenset[str], judged: Judgement,
    figures: tuple[Value, Value],
) -> OracleFinding:
    thing = context.subject
    first, last = _ends(context)
    return OracleFinding(
        provision=obligation.provision,
        duty=obligation.duty.id,
        subject=thing.name if isinstance(thing, OracleFinding) else thing.id,
        period_from=first,
        period_to=last,
        occurrence=obligation.occurrence,
        due=_day(due.day),
        status=status,
        possible=possible,
        met="true" if holds(judged.met) else "false" if fails(judged.met) else "unknown",
        exceedance=_hundredfold(_number(figures[0])) if fails(judged.met) else None,
        days_late=_whole(_number(figures[1])) if fails(judged.met) or obligation.duty.days_late else None,
        evidence=judged.breaches,
        about=thing,
        period=context.period,
    )


def _ends(context: Context) -> tuple[date | None, date | None]:
    """Give the first and last day of the window; of a triggered obligation, trigger and due date."""
    window = context.window
    if window is None or not window.possible:
        return None, None
    return _calendar(window.possible[0][0]), _calendar(window.possible[-1][1])


def _calendar(day: Bound) -> date | None:
    return date.fromordinal(int(day)) if isinstance(day, Fraction) else None


def _day(value: Value) -> date | None:
    known = isinstance(value.low, Fraction) and value.low == value.high and not value.absent
    return date.fromordinal(int(value.low)) if known else None


def _number(value: Value) -> Fraction | None:
    """Give a figure: of an interval its least, which is certain."""
    return value.low if value.present and not value.absent and isinstance(value.low, Fraction) else None


def _hundredfold(value: Fraction | None) -> Fraction | None:
    return None if value is None else value * 100


def _whole(value: Fraction | None) -> int | None:
    return None if value is None else int(value)


def _attributes(
    finding: OracleFinding, applies: Value, lifted: Value, judged: Judgement, figures: tuple[Value, Value], due: Due, context: Context
) -> dict[str, Value]:
    """Give what a later provision may read. Figures of what is met are absent; of what may be met, they may be anything."""
    fail = can_fail(judged.met)
    site = facts.site_of(root(context.subject), context.world)
    first, last = finding.period_from, finding.period_to
    if context.period is not None:
        first, last = date.fromordinal(context.period.start), date.fromordinal(context.period.end)
    return {
        "id": symbol(finding.name),
        "subject": symbol(finding.subject),
        "site": symbol(site) if site else anything("symbol"),
        "period-start": exactly(first.toordinal(), "date") if first else ABSENT,
        "period-end": exactly(last.toordinal(), "date") if last else ABSENT,
        "applies": applies,
        "met": judged.met,
        "lifted": lifted,
        "status": symbol(*finding.possible),
        "due": due.day,
        "breach-at": due.day if fail else ABSENT,
        "exceedance": figures[0] if fail else ABSENT,
        "amount": judged.amount if fail else ABSENT,
        "days-late": figures[1] if fail else ABSENT,
    }
