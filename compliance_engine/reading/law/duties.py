"""The duties of a provision: what is required, by when, and what lifts or excuses it."""

from fractions import Fraction
from functools import reduce

from compliance_engine.model.law import Done, Duty, ExceptionRow, Forbid, Limit, Name, Part, Recur, Require
from compliance_engine.model.relations import Prompt
from compliance_engine.model.syntax import Binary, Expr, Number
from compliance_engine.reading.law.definitions import all_of
from compliance_engine.reading.law.expressions import read_argument, read_expression, read_set, stand_in
from compliance_engine.reading.law.nodes import ListNode, MapNode, Node, ScalarNode, join_spans, repeated, shorten
from compliance_engine.reading.law.periods import read_each
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.schema import Entries, open_entries
from compliance_engine.reading.law.values import as_expression

DEMANDS = ("require", "limit", "done", "forbid")
SEVERITIES = ("minor", "moderate", "major", "critical")
MAIN = "main"
BASES = ("completion", "due", "calendar")
ROLLS = ("next working day", "previous working day")
_Demand = Require | Limit | Done | Forbid
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
LIMIT_KEYS = ("value", "every", "must", "of")
RECUR_KEYS = ("first", "then", "from")
EXCEPTION_KEYS = ("id", "when", "because", "citation")
_OPERATORS = frozenset(("<", "<=", ">", ">=", "="))


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
    duties = tuple(_read_duty(node, entries, shared) for node in entries.items("duties"))
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
        demand=_read_demand(entries),
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
        demand=_read_demand(entries),
        unless=read_exceptions(entries, "unless"),
        excused_by=read_exceptions(entries, "excused_by"),
        exceedance=entries.expression("exceedance"),
        days_late=entries.expression("days_late"),
        span=entries.span,
    )


def read_roll(entries: Entries) -> str | None:
    """Read to which working day a due date moves that is none (`next`, `previous`; None: it stays)."""
    return entries.choice("roll", ROLLS).partition(" ")[0] if entries.has("roll") else None


def _read_demand(entries: Entries) -> _Demand:
    """Read the one of `require`, `limit`, `done`, `forbid` that is there."""
    written = [key for key in DEMANDS if entries.has(key)]
    if len(written) != 1:
        found = " and ".join(f"`{key}`" for key in written) or "none of them"
        entries.problems.report(
            "too-many-duties" if written else "missing-key",
            f"{entries.what} has one of `require`, `limit`, `done` and `forbid`; found {found}",
            entries.place(written[1]) if written else entries.span,
            hint="several things to do are several `duties`, each with an `id`"
            if written
            else "require: some training",
        )
    if entries.has("limit"):
        return _read_limit(entries)
    if entries.has("done"):
        return Done(date=entries.required_expression("done"), span=entries.place("done"))
    if entries.has("forbid"):
        return _read_forbid(entries)
    return _read_require(entries)


def _read_require(entries: Entries) -> Require:
    """Read a condition, a list of them, `{any: ...}`, `{all: ...}` or named parts."""
    span = entries.place("require")
    node = entries.get("require")
    label = entries.label("require")
    joined = _joining(node)
    if joined is not None:
        word, inner = joined
        parts = _read_parts(inner, f"`{word}` in {label}", entries.problems)
        return Require(any=word == "any", parts=parts, span=span)
    return Require(any=False, parts=() if node is None else _read_parts(node, label, entries.problems), span=span)


def _joining(node: Node | None) -> tuple[str, Node] | None:
    """Take apart `{any: ...}` and `{all: ...}`; None for anything else."""
    if isinstance(node, MapNode) and len(node.entries) == 1 and node.entries[0][0].text in {"any", "all"}:
        return node.entries[0][0].text, node.entries[0][1]
    return None


def _read_parts(node: Node, label: str, problems: Problems) -> tuple[Part, ...]:
    if isinstance(node, MapNode) and _joining(node) is None:
        named = [(key.text, value) for key, value in node.entries]
    else:
        items = node.items if isinstance(node, ListNode) else (node,)
        named = [(str(place), item) for place, item in enumerate(items, 1)]
    return tuple(Part(name=name, condition=_read_part(item, label, problems)) for name, item in named)


def _read_part(node: Node, label: str, problems: Problems) -> Expr:
    """Read a condition, or several of which `any` or `all` are to hold, one inside the other as needed."""
    joined = _joining(node)
    if joined is None:
        return as_expression(node, label, problems)
    word, inner = joined
    parts = _read_parts(inner, f"`{word}` in {label}", problems)
    if not parts:
        return as_expression(inner, f"`{word}` in {label}", problems)
    op = "or" if word == "any" else "and"
    return reduce(lambda left, right: _joined(op, left, right), [part.condition for part in parts])


def _joined(op: str, left: Expr, right: Expr) -> Expr:
    return Binary(op=op, left=left, right=right, span=join_spans(left.span, right.span))


def _read_limit(entries: Entries) -> Limit:
    """Read `{value, must, of}` or `{every, must, of}`."""
    limit = entries.required_open("limit", LIMIT_KEYS)
    every = limit.scalar("every")
    if limit.has("every") == limit.has("value"):
        limit.problems.report(
            "missing-key" if every is None else "too-many-values",
            f"{limit.what} has {'neither `value` nor' if every is None else 'both `value` and'} `every`",
            limit.span,
            hint="limit: {value: avg, of: permit-limit.value}",
        )
    value = limit.expression("value")
    return Limit(
        value=stand_in(limit.span) if value is None and every is None else value,
        every=None if every is None else read_argument(every, limit.problems),
        must=_read_must(limit),
        of=limit.required_expression("of"),
        span=entries.place("limit"),
    )


def _read_must(limit: Entries) -> Expr | str | None:
    """Read an operator, or an expression that yields one; None where the default holds."""
    node = limit.scalar("must")
    if node is None:
        return None
    text = node.text.strip()
    return text if text in _OPERATORS else read_expression(node, limit.problems)


def _read_forbid(entries: Entries) -> Forbid | Require:
    """Read the records that may not exist; after a report, an empty requirement stands in."""
    node = entries.scalar("forbid")
    records = None if node is None else read_set(node, entries.problems)
    span = entries.place("forbid")
    return Require(any=False, parts=(), span=span) if records is None else Forbid(set=records, span=span)


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
