"""The duties of a provision: what is required, by when, and what lifts or excuses it."""

from fractions import Fraction

from compliance_engine.model.law import Duty, ExceptionRow, Name, Recur
from compliance_engine.model.relations import Prompt
from compliance_engine.model.syntax import Number
from compliance_engine.reading.law.definitions import all_of
from compliance_engine.reading.law.demands import DEMANDS, read_demand
from compliance_engine.reading.law.expressions import stand_in
from compliance_engine.reading.law.nodes import MapNode, Node, ScalarNode, repeated, shorten
from compliance_engine.reading.law.periods import read_each
from compliance_engine.reading.law.schema import Entries, open_entries
from compliance_engine.reading.law.values import as_expression

SEVERITIES = ("minor", "moderate", "major", "critical")

MAIN = "main"

BASES = ("completion", "due", "calendar")

ROLLS = ("next working day", "previous working day")

DUTY_KEYS = (
    *(
        "id",
        "title",
        "citation",
        "severity",
        "when",
        "each",
        "after",
        "by",
        "roll",
        "recur",
        *DEMANDS,
        "unless",
        "excused_by",
    ),
    *("exceedance", "days_late"),
)

PROMPT_KEYS = ("id", "when", "then")

RECUR_KEYS = ("first", "then", "from")

EXCEPTION_KEYS = ("id", "when", "because", "citation")


def read_duties(entries: Entries) -> tuple[Duty, ...]:
    """Read the duties of a provision: the one written inline, with id `main`, or those listed."""
    inline = [key for key in DEMANDS if entries.has(key)]
    if not entries.has("duties"):
        return (_read_inline(entries, inline),)
    if inline:
        entries.problems.report(
            "too-many-duties",
            f"{entries.what} has both `duties` and `{inline[0]}`",
            entries.place(inline[0]),
            hint=f"write `{inline[0]}` inside one of the duties",
        )
    shared = _read_recur(entries)
    duties = tuple(_read_duty(node, entries, shared) for node in entries.items("duties", filled=True))
    twice = repeated(tuple(duty.id.text for duty in duties))
    if twice is not None:
        places = [duty.id.span for duty in duties if duty.id.text == twice]
        entries.problems.report(
            "duplicate-key",
            f"{entries.what} has two duties `{twice}`",
            places[1],
            hint="give one of them another id",
            related=((places[0], "the other one"),),
        )
    return duties


def _read_inline(entries: Entries, written: list[str]) -> Duty:
    """Read the duty that stands in the provision itself; what it shares with the provision is left to it."""
    return Duty(
        id=Name(text=MAIN, span=entries.place(written[0]) if written else entries.span),
        title=None,
        citation=None,
        severity=None,
        when=(),
        each=None,
        after=None,
        by=None,
        roll=None,
        recur=_read_recur(entries),
        demand=read_demand(entries),
        unless=(),
        excused_by=(),
        exceedance=None,
        days_late=None,
        span=entries.span,
    )


def _read_duty(node: Node, provision: Entries, shared: Recur | None) -> Duty:
    """Read one item of `duties`."""
    known = isinstance(node, MapNode) and next((v for k, v in node.entries if k.text == "id"), None)
    label = f" {shorten(known.text)}" if isinstance(known, ScalarNode) else ""
    entries = open_entries(node, f"duty{label} of {provision.what}", DUTY_KEYS, provision.problems)
    return Duty(
        id=entries.part("id"),
        title=entries.text("title"),
        citation=entries.text("citation"),
        severity=entries.choice("severity", SEVERITIES) if entries.has("severity") else None,
        when=entries.conditions("when"),
        each=read_each(entries),
        after=entries.expression("after"),
        by=entries.expression("by"),
        roll=read_roll(entries),
        recur=_read_recur(entries) or shared,
        demand=read_demand(entries),
        unless=read_exceptions(entries, "unless"),
        excused_by=read_exceptions(entries, "excused_by"),
        exceedance=entries.expression("exceedance"),
        days_late=entries.expression("days_late"),
        span=entries.span,
    )


def read_roll(entries: Entries) -> str | None:
    """Read to which working day a due date moves that is none (`next`, `previous`; None: it stays)."""
    return entries.choice("roll", ROLLS).partition(" ")[0] if entries.has("roll") else None


def _read_recur(entries: Entries) -> Recur | None:
    """Read `recur: {first, then, from}`."""
    recur = entries.open("recur", RECUR_KEYS)
    if recur is None:
        return None
    return Recur(
        first=recur.required_expression("first"),
        then=_read_duration(recur),
        basis=recur.choice("from", BASES),
        span=recur.span,
    )


def _read_duration(recur: Entries) -> Number:
    """Read the length of time after which a duty returns; after a report, none at all."""
    errors = recur.problems.errors
    parsed = recur.expression("then", required=True)
    if isinstance(parsed, Number):
        return parsed
    if recur.problems.errors == errors:
        recur.problems.report(
            "bad-duration",
            f"{recur.label('then')}: expected a length of time",
            recur.place("then"),
            hint="then: 12 months",
        )
    return Number(value=Fraction(0), text="0", unit="days", span=recur.place("then"))


def read_exceptions(entries: Entries, key: str) -> tuple[ExceptionRow, ...]:
    """Read `unless` or `excused_by`: rows or bare conditions; one without an id is known by its place, from 1."""
    rows = tuple(_read_exception(node, str(place), key, entries) for place, node in enumerate(entries.items(key), 1))
    twice = repeated(tuple(row.id for row in rows))
    if twice is not None:
        second = [row.span for row in rows if row.id == twice][1]
        entries.problems.report(
            "duplicate-key",
            f"{entries.label(key)} has two exceptions `{twice}`",
            second,
            hint="give one of them another id",
        )
    return rows


def _read_exception(node: Node, place: str, key: str, entries: Entries) -> ExceptionRow:
    label = entries.label(key)
    if not isinstance(node, MapNode):
        condition = as_expression(node, label, entries.problems)
        return ExceptionRow(id=place, when=condition, because=None, citation=None, span=node.span)
    row = Entries(node, f"exception {place} in {label}", EXCEPTION_KEYS, entries.problems)
    conditions = row.conditions("when")
    if not row.has("when"):
        row.report_missing("when")
    return ExceptionRow(
        id=row.part("id").text if row.has("id") else place,
        when=all_of(conditions) or stand_in(row.span),
        because=row.text("because"),
        citation=row.text("citation"),
        span=row.span,
    )


def read_prompts(entries: Entries) -> tuple[Prompt, ...]:
    """Read `prompts: [{id, when, then}]`."""
    rows = tuple(_read_prompt(node, entries) for node in entries.items("prompts"))
    twice = repeated(tuple(row.id for row in rows))
    if twice is not None:
        second = [row.span for row in rows if row.id == twice][1]
        entries.problems.report(
            "duplicate-key",
            f"{entries.label('prompts')} has two prompts `{twice}`",
            second,
            hint="give one of them another id",
        )
    return rows


def _read_prompt(node: Node, entries: Entries) -> Prompt:
    row = open_entries(node, f"a row of {entries.label('prompts')}", PROMPT_KEYS, entries.problems)
    conditions = row.conditions("when")
    if not row.has("when"):
        row.report_missing("when")
    return Prompt(
        id=row.part("id").text,
        when=all_of(conditions) or stand_in(row.span),
        then=row.required_text("then"),
        span=row.span,
    )
