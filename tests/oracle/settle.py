"""From what is possible to one verdict (docs/language.md section 5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracle import demands, expressions, facts
from tests.oracle.due import Due, due_of, fulfilling, opened, perhaps_overdue
from tests.oracle.duties import texts
from tests.oracle.findings import OracleFinding, root
from tests.oracle.periods import as_day
from tests.oracle.values import (
    ABSENT,
    Value,
    anything,
    can_fail,
    can_hold,
    compare,
    conjunction,
    disjunction,
    exactly,
    fails,
    holds,
    negation,
    symbol,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle.context import Context
    from tests.oracle.demands import Judgement
    from tests.oracle.provisions import Obligation
    from tests.oracle.values import Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was found of an obligation. `percent` and `late`: exceedance and days late as they are reported."""

    due: Due
    applies: Value
    lifted: Value
    judged: Judgement
    percent: Value
    late: Value
    possible: frozenset[str]
    status: str


def settled(obligation: Obligation, due: Due | None = None) -> OracleFinding:
    """Judge one obligation; `due` where a chain of occurrences says when."""
    duty = obligation.duty
    due = due or due_of(obligation.context, duty)
    context = opened(obligation.context, due)
    conditions = [expressions.evaluate(c, context) for c in duty.when]
    applies = conjunction((obligation.exists, obligation.triggered, *conditions, *not_displaced(obligation, context)))
    lifted = disjunction(expressions.evaluate(c, context) for c in duty.unless)
    judged = demands.judge(duty, context, fulfilling(context, due), due)
    excused = disjunction(expressions.evaluate(c, context) for c in duty.excused_by)
    possible = verdicts(applies, lifted, judged.met, excused)
    open_status = "undetermined" if perhaps_overdue(context, due) else "pending"
    percent, late = demands.reported(duty, context, judged, due)
    outcome = Outcome(
        due=due,
        applies=applies,
        lifted=lifted,
        judged=judged,
        percent=percent,
        late=late,
        possible=possible,
        status=next(iter(possible)) if len(possible) == 1 else open_status,
    )
    finding = _finding(obligation, context, outcome)
    finding.attributes.update(_attributes(finding, context, outcome))
    return finding


def not_displaced(obligation: Obligation, context: Context) -> Iterator[Value]:
    """Say of each provision that may displace this one that it does not."""
    law = context.world.law
    zone = facts.zone_of(root(context.subject), context.world)
    day = as_day(expressions.evaluate(obligation.duty.governed, context), zone)
    for other, when in law.displacing(obligation.provision):
        if when is None:
            other_applies = f"some finding of {other} as o where o.applies is true"
            yield negation(expressions.evaluate(other_applies, context))
            continue
        windows = [version["in_force"] for version in law.provisions[other]]
        in_force = disjunction(
            conjunction(
                (compare(day, ">=", _literal(w["from"])), compare(day, "<=", _literal(w.get("to") or "9999-12-31")))
            )
            for w in windows
        )
        held = conjunction(expressions.evaluate(c, context) for c in texts(when))
        yield negation(conjunction((in_force, held)))


def _literal(text: str) -> Value:
    return exactly(date.fromisoformat(text).toordinal(), "date")


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


def _finding(obligation: Obligation, context: Context, outcome: Outcome) -> OracleFinding:
    thing, met = context.subject, outcome.judged.met
    first, last = ends_of(context)
    return OracleFinding(
        provision=obligation.provision,
        duty=obligation.duty.id,
        subject=thing.name if isinstance(thing, OracleFinding) else thing.id,
        period_from=first,
        period_to=last,
        occurrence=obligation.occurrence,
        due=_day(outcome.due.day),
        status=outcome.status,
        possible=outcome.possible,
        met="true" if holds(met) else "false" if fails(met) else "unknown",
        exceedance=_hundredfold(_number(outcome.percent)) if fails(met) else None,
        days_late=_whole(_number(outcome.late)) if fails(met) or obligation.duty.days_late else None,
        evidence=outcome.judged.breaches,
        about=thing,
        exists=obligation.exists,
        period=context.period,
    )


def ends_of(context: Context) -> tuple[date | None, date | None]:
    """Give the first and last day of the window; of a triggered obligation, trigger and due date."""
    window = context.window
    if window is None or not window.possible:
        return None, None
    return _calendar(window.possible[0][0]), _calendar(window.possible[-1][1])


def _calendar(day: Bound) -> date | None:
    """Give a day; none where there is no such end."""
    there = isinstance(day, Fraction) and date.min.toordinal() < day < date.max.toordinal()
    return date.fromordinal(int(day)) if there else None


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


def _attributes(finding: OracleFinding, context: Context, outcome: Outcome) -> dict[str, Value]:
    """Give what a later provision may read. Figures of a breach are absent where there is none, and may be where it is not known."""
    judged = outcome.judged
    unknown = can_hold(judged.met) and can_fail(judged.met)

    def of_breach(figure: Value, while_open: Value) -> Value:
        if not can_fail(judged.met):
            return ABSENT
        return replace(while_open, absent=True) if unknown else figure

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
        "applies": outcome.applies,
        "met": judged.met,
        "lifted": outcome.lifted,
        "status": symbol(finding.status) if len(finding.possible) == 1 else anything("symbol"),
        "due": outcome.due.day,
        "breach-at": of_breach(outcome.due.day, outcome.due.day),
        "exceedance": of_breach(outcome.percent, anything("number")),
        "amount": of_breach(judged.amount, anything("number")),
        "days-late": of_breach(outcome.late, anything("number")),
    }
