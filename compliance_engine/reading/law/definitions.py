"""`definition` and `parameter` documents."""

from datetime import date
from functools import reduce
from operator import itemgetter

from compliance_engine.kernel.span import Span
from compliance_engine.model.law import Definition, Every, Formula, Let, Name, Parameter, Rounding, Row, Subject
from compliance_engine.model.syntax import Binary, Expr
from compliance_engine.reading.law.expressions import read_let, read_subject, stand_in
from compliance_engine.reading.law.nodes import MapNode, Node, ScalarNode, join_spans
from compliance_engine.reading.law.periods import read_each
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.schema import Entries, document_title, open_entries
from compliance_engine.reading.law.values import NO_DATE, as_expression, as_word

_VALUES = ("value", "first", "unique")
DEFINITION_KEYS = (
    "definition",
    "citation",
    "for",
    "each",
    "start",
    "let",
    *_VALUES,
    "spells",
    "fields",
    "round",
    "order",
    "stated",
)
FORMULA_KEYS = (*_VALUES, "round", "order", "stated")
ROW_KEYS = ("when", "then", "otherwise")
ROUND_KEYS = ("places", "mode")
PARAMETER_KEYS = ("parameter", "citation", "values")
DATED_KEYS = ("from", "value")


def read_definition(node: MapNode, problems: Problems) -> Definition:
    """Read a `definition` document."""
    entries = Entries(node, document_title(node, "definition"), DEFINITION_KEYS, problems)
    each = read_each(entries)
    return Definition(
        id=entries.identifier("definition"),
        citation=entries.text("citation"),
        subject=read_about(entries, "for"),
        each=_read_days(entries) if entries.has("spells") else each,
        start=entries.expression("start"),
        lets=read_lets(entries),
        fields=_read_fields(entries),
        spells=entries.has("spells"),
    )


def _read_days(entries: Entries) -> Every:
    """Give the days of which `spells: CONDITION` is asked; refuse what would say otherwise."""
    for key in ("each", *_VALUES, "fields", "round", "order"):
        if entries.has(key):
            entries.problems.report(
                "too-many-values",
                f"{entries.what} has both `spells` and `{key}`",
                entries.place(key),
                hint="`spells: CONDITION` is asked of each day, and is all that such a definition says",
            )
    return Every(kind="calendar", span=entries.place("spells"), unit="day")


def read_about(entries: Entries, key: str) -> Subject:
    """Read what a document is about: `TYPE where COND` or `finding of PROVISION/DUTY where COND`."""
    node = entries.scalar(key, required=True)
    parsed = None if node is None else read_subject(node, entries.problems)
    nobody = Name(text="", span=entries.place(key))
    return parsed or Subject(source=nobody, finding=False, duty=None, where=None, span=nobody.span)


def read_lets(entries: Entries) -> tuple[Let, ...]:
    """Read `let: {name: expression}`."""
    node = entries.mapping("let")
    label = entries.label("let")
    return () if node is None else tuple(_read_let(key, value, label, entries.problems) for key, value in node.entries)


def _read_let(key: ScalarNode, value: Node, label: str, problems: Problems) -> Let:
    name = as_word(key, label, problems)
    if isinstance(value, ScalarNode) and not value.is_empty:
        return Let(name=name, value=read_let(value, problems))
    return Let(name=name, value=as_expression(value, f"`{key.text}` in {label}", problems))


def _read_fields(entries: Entries) -> tuple[tuple[str, Formula], ...]:
    """Read `fields`, or the one value under the name ""."""
    if entries.has("spells"):
        asked = entries.required_expression("spells")
        return (("", Formula(expression=asked, rows=(), unique=False, rounding=None, span=entries.span)),)
    if not entries.has("fields"):
        return (("", _read_formula(entries)),)
    for key in (*_VALUES, "round", "order", "stated"):
        if entries.has(key):
            entries.problems.report(
                "too-many-values",
                f"{entries.what} has both `fields` and `{key}`",
                entries.place(key),
                hint=f"write `{key}` inside one of the fields",
            )
    node = entries.mapping("fields", required=True)
    return () if node is None else tuple(_read_field(key, value, entries) for key, value in node.entries)


def _read_field(key: ScalarNode, value: Node, entries: Entries) -> tuple[str, Formula]:
    name = as_word(key, entries.label("fields"), entries.problems)
    what = f"field {name.text} of {entries.what}"
    if isinstance(value, MapNode):
        return name.text, _read_formula(Entries(value, what, FORMULA_KEYS, entries.problems))
    parsed = as_expression(value, what, entries.problems)
    return name.text, Formula(expression=parsed, rows=(), unique=False, rounding=None, span=value.span)


def _read_formula(entries: Entries) -> Formula:
    """Read the one of `value`, `first` and `unique` that is there."""
    written = [key for key in _VALUES if entries.has(key)]
    if len(written) != 1:
        found = " and ".join(f"`{key}`" for key in written) or "none of them"
        entries.problems.report(
            "too-many-values" if written else "missing-key",
            f"{entries.what} has one of `value`, `first` and `unique`; found {found}",
            entries.place(written[-1]) if written else entries.span,
            hint="value: an expression; first: a list of {when, then} rows that ends with {otherwise}",
        )
    expression = entries.expression("value")
    rows = _read_rows(entries, "first") + _read_rows(entries, "unique")
    return Formula(
        expression=stand_in(entries.span) if len(written) > 1 else expression,
        rows=rows,
        unique=entries.has("unique"),
        rounding=_read_rounding(entries),
        span=entries.span,
        order=entries.words("order"),
        stated=entries.expression("stated"),
    )


def _read_rows(entries: Entries, key: str) -> tuple[Row, ...]:
    """Read a decision table."""
    rows = tuple(_read_row(node, entries.label(key), entries.problems) for node in entries.items(key, filled=True))
    early = next((row for row in rows[:-1] if row.when is None), None)
    if early is not None:
        entries.problems.report(
            "bad-row", f"{entries.label(key)}: rows after `otherwise` are never reached", early.span, hint="put it last"
        )
    elif key == "first" and rows and rows[-1].when is not None:
        entries.problems.report(
            "bad-row", f"{entries.label(key)} does not end with `otherwise`", rows[-1].span, hint="- {otherwise: none}"
        )
    return rows


def _read_row(node: Node, label: str, problems: Problems) -> Row:
    what = f"a row of {label}"
    row = open_entries(node, what, ROW_KEYS, problems)
    if row.has("otherwise") and not row.has("when") and not row.has("then"):
        return Row(when=None, then=row.required_expression("otherwise"), span=row.span)
    if row.has("otherwise"):
        problems.report(
            "bad-row",
            f"{what} has `otherwise` beside other keys",
            row.place("otherwise"),
            hint="{when: C, then: X} or {otherwise: X}",
        )
    conditions = row.conditions("when")
    if not conditions and not row.has("when"):
        row.report_missing("when")
    then = row.required_expression("then")
    return Row(when=all_of(conditions) or then, then=then, span=row.span)


def all_of(conditions: tuple[Expr, ...]) -> Expr | None:
    """Join conditions with `and`; None where there are none."""
    return reduce(_both, conditions) if conditions else None


def _both(left: Expr, right: Expr) -> Expr:
    return Binary(op="and", left=left, right=right, span=join_spans(left.span, right.span))


def _read_rounding(entries: Entries) -> Rounding | None:
    rounding = entries.open("round", ROUND_KEYS)
    if rounding is None:
        return None
    return Rounding(
        places=rounding.required_expression("places"), mode=rounding.required_expression("mode"), span=rounding.span
    )


def read_parameter(node: MapNode, problems: Problems) -> Parameter:
    """Read a `parameter` document; its values in order of their first day."""
    entries = Entries(node, document_title(node, "parameter"), PARAMETER_KEYS, problems)
    values = [_read_dated(item, entries) for item in entries.items("values", required=True, filled=True)]
    seen: dict[date, Span] = {}
    for day, _, place in values:
        if day in seen:
            problems.report(
                "duplicate-date",
                f"{entries.what} has two values from {day}",
                place,
                hint="keep one of the two",
                related=((seen[day], "the other one"),),
            )
        elif day != NO_DATE:
            seen[day] = place
    dated = tuple((day, value) for day, value, _ in sorted(values, key=itemgetter(0)))
    return Parameter(id=entries.identifier("parameter"), citation=read_source_of(entries), values=dated)


def _read_dated(node: Node, entries: Entries) -> tuple[date, Expr, Span]:
    """Read one row of `values`: its first day, its value, its place."""
    what = f"a row of {entries.label('values')}"
    row = open_entries(node, what, DATED_KEYS, entries.problems)
    return row.required_day("from"), row.required_expression("value"), row.place("from")


def read_source_of(entries: Entries) -> str | None:
    """Read the citation of a legal value; without one a warning is given, for nobody could verify the value."""
    citation = entries.text("citation")
    if not entries.has("citation"):
        entries.problems.warn(
            "missing-citation",
            f"{entries.what} has no `citation`: nobody can verify where its values come from",
            entries.span,
            hint="for example: citation: 40 CFR 112.20, Appendix C",
        )
    return citation
