"""Two versions of a provision, compared clause by clause."""

from collections.abc import Iterator, Sequence

from compliance_engine.compiling.source_text import text_of
from compliance_engine.model.law import Duty, ExceptionRow, Let, Limit, Name, Provision, Require
from compliance_engine.model.relations import Relation
from compliance_engine.model.syntax import Expr, Number
from compliance_engine.workflow.amending.wording import (
    Difference,
    compare_conditions,
    compare_expressions,
    compare_texts,
    tell_change,
    write_demand,
    write_every,
    write_must,
    write_recur,
    write_subject,
)

MAIN = "main"


def compare_provisions(old: Provision, new: Provision) -> Iterator[Difference]:
    """Say in what two versions differ, the window in which they are in force aside."""
    yield from compare_texts("the title", old.title, new.title)
    yield from compare_texts("the text", old.text, new.text)
    yield from compare_texts("the citation", old.citation, new.citation)
    yield from compare_texts("the source", old.source, new.source)
    yield from compare_texts("the status", old.status, new.status)
    yield from compare_texts("whether it is repealed", *("yes" if one.repealed else "no" for one in (old, new)))
    yield from compare_expressions("the date that chooses the version", old.governed_by, new.governed_by)
    yield from compare_texts("who is bound", write_subject(old.subject), write_subject(new.subject))
    yield from compare_texts("the period", write_every(old.each), write_every(new.each))
    yield from _compare_names("the state during which it binds", old.bound_while, new.bound_while)
    yield from compare_conditions("the condition of application", old.when, new.when)
    yield from compare_expressions("the trigger", old.after, new.after)
    yield from _compare_time("the time allowed", old.by, new.by)
    yield from compare_texts("the working day to which a due date moves", old.roll, new.roll)
    calendars = [provision.calendar.text if provision.calendar else "" for provision in (old, new)]
    yield from compare_texts("the calendar of working days", *calendars)
    yield from compare_lets(old.lets, new.lets)
    yield from _compare_exceptions("exception", old.unless, new.unless)
    yield from _compare_exceptions("defence", old.excused_by, new.excused_by)
    yield from compare_expressions("the reported percentage", old.exceedance, new.exceedance)
    yield from compare_expressions("the reported days", old.days_late, new.days_late)
    yield from _compare_duties(old.duties, new.duties)
    yield from _compare_relations(old, new)
    yield from _compare_names("the evidence", old.evidence, new.evidence)
    yield from compare_texts("the responsible role", old.responsible, new.responsible)
    yield from compare_texts("the severity", old.severity, new.severity)
    yield from compare_texts("the date of review", str(old.reviewed), str(new.reviewed))


def compare_lets(old: Sequence[Let], new: Sequence[Let]) -> Iterator[Difference]:
    """Say which named expressions are new, gone or changed."""
    before, after = {let.name.text: let.value for let in old}, {let.name.text: let.value for let in new}
    for name in dict.fromkeys((*before, *after)):
        yield from compare_expressions(f"`{name}`", before.get(name), after.get(name))


def _compare_names(what: str, old: Sequence[Name], new: Sequence[Name]) -> Iterator[Difference]:
    yield from compare_texts(what, ", ".join(name.text for name in old), ", ".join(name.text for name in new))


def _compare_relations(old: Provision, new: Provision) -> Iterator[Difference]:
    """Say what changes of how a provision stands to others, who may waive it, and what it prompts for."""
    yield from _compare_names("the provision that it tightens", old.tightens, new.tightens)
    for what, before, after in (
        ("what displaces it", old.displaced_by, new.displaced_by),
        ("what it displaces", old.displaces, new.displaces),
    ):
        yield from compare_texts(what, write_relations(before), write_relations(after))
    yield from compare_texts("who may waive it", ", ".join(old.waivable), ", ".join(new.waivable))
    prompts = {row.id: row for row in old.prompts}, {row.id: row for row in new.prompts}
    for name in dict.fromkeys((*prompts[0], *prompts[1])):
        texts = [f"{row.then}, when {text_of(row.when)}" if row else "" for row in (p.get(name) for p in prompts)]
        yield from compare_texts(f"prompt `{name}`", *texts)


def write_relations(rows: Sequence[Relation]) -> str:
    """Write rows of `displaced_by` or `displaces`."""
    return "; ".join(
        row.provision.text
        + (f" where {text_of(row.when)}" if row.when is not None else "")
        + "".join(f" ({text})" for text in (row.because, row.citation) if text)
        for row in rows
    )


def _compare_exceptions(
    what: str, old: Sequence[ExceptionRow], new: Sequence[ExceptionRow], of: str = ""
) -> Iterator[Difference]:
    """Say which exceptions are new, gone or changed."""
    before, after = _by_name(old), _by_name(new)
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        label = (
            f"{what} `{name}`{of}" if not name.startswith("=") else f"an {what}{of}".replace("an defence", "a defence")
        )
        if one is None or other is None:
            yield tell_change(label, _write_exception(one), _write_exception(other))
            continue
        yield from compare_expressions(f"{what} `{name}`{of}", one.when, other.when)
        yield from compare_texts(f"the reason of {what} `{name}`{of}", one.because, other.because)
        yield from compare_texts(f"the citation of {what} `{name}`{of}", one.citation, other.citation)


def _by_name(rows: Sequence[ExceptionRow]) -> dict[str, ExceptionRow]:
    """Name exceptions by their ids, those that have none by what they say."""
    return {f"={text_of(row.when)}" if row.id.isdigit() else row.id: row for row in rows}


def _write_exception(row: ExceptionRow | None) -> str:
    if row is None:
        return ""
    return text_of(row.when) + (f" ({row.because})" if row.because else "")


def _compare_duties(old: Sequence[Duty], new: Sequence[Duty]) -> Iterator[Difference]:
    before, after = {duty.id.text: duty for duty in old}, {duty.id.text: duty for duty in new}
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        if one is not None and other is not None:
            yield from _compare_duty(one, other, "" if name == MAIN else f" of duty `{name}`")
        else:
            what = "the duty" if name == MAIN else f"duty `{name}`"
            yield tell_change(
                what, (one and write_demand(one.demand)) or "", (other and write_demand(other.demand)) or ""
            )


def _compare_duty(old: Duty, new: Duty, of: str) -> Iterator[Difference]:
    yield from compare_texts(f"the title{of}", old.title, new.title)
    yield from compare_texts(f"the citation{of}", old.citation, new.citation)
    yield from compare_texts(f"the severity{of}", old.severity, new.severity)
    yield from compare_texts(f"the period{of}", write_every(old.each), write_every(new.each))
    yield from compare_conditions(f"the condition{of}", old.when, new.when)
    yield from compare_expressions(f"the trigger{of}", old.after, new.after)
    yield from _compare_time(f"the time allowed{of}", old.by, new.by)
    yield from compare_texts(f"the working day to which a due date moves{of}", old.roll, new.roll)
    yield from compare_texts(f"the recurrence{of}", write_recur(old.recur), write_recur(new.recur))
    yield from _compare_demands(old, new, of)
    yield from _compare_exceptions("exception", old.unless, new.unless, of)
    yield from _compare_exceptions("defence", old.excused_by, new.excused_by, of)
    yield from compare_expressions(f"the reported percentage{of}", old.exceedance, new.exceedance)
    yield from compare_expressions(f"the reported days{of}", old.days_late, new.days_late)


def _compare_demands(old: Duty, new: Duty, of: str) -> Iterator[Difference]:
    one, other = old.demand, new.demand
    if isinstance(one, Limit) and isinstance(other, Limit):
        yield from _compare_limits(one, other, of)
    elif isinstance(one, Require) and isinstance(other, Require) and one.any == other.any:
        named = any(not part.name.isdigit() for part in (*one.parts, *other.parts))
        if not named:
            before, after = [part.condition for part in one.parts], [part.condition for part in other.parts]
            yield from compare_conditions(f"what is required{of}", before, after)
            return
        parts = {part.name: part.condition for part in one.parts}, {part.name: part.condition for part in other.parts}
        for name in dict.fromkeys((*parts[0], *parts[1])):
            yield from compare_expressions(f"requirement `{name}`{of}", parts[0].get(name), parts[1].get(name))
    else:
        yield from compare_texts(f"what is demanded{of}", write_demand(one), write_demand(other))


def _compare_limits(old: Limit, new: Limit, of: str) -> Iterator[Difference]:
    value, other = (write_demand(limit).partition(f" {write_must(limit.must)} ")[0] for limit in (old, new))
    if old.value is not None and new.value is not None:
        yield from compare_expressions(f"the value held against the limit{of}", old.value, new.value)
    else:
        yield from compare_texts(f"the value held against the limit{of}", value, other)
    yield from compare_texts(f"how the value must stand to the limit{of}", write_must(old.must), write_must(new.must))
    for told in compare_expressions(f"the limit{of}", old.of, new.of):
        upward = {"<=": False, "<": False, ">=": True, ">": True}.get(write_must(new.must))
        yield _weigh(told, old.of, new.of, upward=upward)


def _compare_time(what: str, old: Expr | None, new: Expr | None) -> Iterator[Difference]:
    for told in compare_expressions(what, old, new):
        yield _weigh(told, old, new, upward=False)


def _weigh(told: Difference, old: Expr | None, new: Expr | None, *, upward: bool | None) -> Difference:
    """Add whether a figure grew stricter, where both have one unit; `upward`: more is stricter."""
    if not isinstance(old, Number) or not isinstance(new, Number) or old.unit != new.unit or upward is None:
        return told
    grew = new.value - old.value
    if not grew:
        return told
    weight = "stricter" if (grew > 0) == upward else "less strict"
    return Difference(text=f"{told.text} ({weight})", before=told.before, after=told.after)
