"""`vocabulary` documents: fact types and their fields."""

import re
from dataclasses import replace

from compliance_engine.kernel.suggestions import suggest
from compliance_engine.model.law import FieldDecl, Name, TypeDecl, Vocabulary
from compliance_engine.model.syntax import UNREAD
from compliance_engine.reading.law.nodes import MapNode, Node, ScalarNode, describe_node, repeated
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.schema import Entries, open_entries
from compliance_engine.reading.law.values import LONGEST_NAME, as_scalar, as_word

KINDS = ("event", "state", "plan", "reference")
PLAIN = ("text", "bool", "integer", "decimal", "date", "instant")
VOCABULARY_KEYS = ("vocabulary", "types")
TYPE_KEYS = ("kind", "time", "span", "links", "fields", "describe")
SPAN_KEYS = ("from", "to", "goes_on")
EMPTY = ("unknown", "none", "never")
FIELD_KEYS = ("type", "empty", "domain", "unit", "describe")
_FIRST_WORDS = (*PLAIN, "enum", "ordered", "quantity", "qualified", "reference")
_ENUM = re.compile(r"(ordered\s+)?enum\s*\[(.*)\]", re.DOTALL)
_SYMBOL = re.compile(r'\s*(?:"([^"]*)"|([^\s",\[\]{}]+))\s*')
_QUANTITY = re.compile(r"(qualified\s+)?quantity(?:\s+(\S.*))?")
_REFERENCE = re.compile(r"reference\s+(\S+)")
_EXAMPLE = (
    "text, bool, integer, decimal, date, instant, enum [A, B], ordered enum [A, B], quantity mg/L, "
    "qualified quantity mg/L, reference site"
)

# What types are called elsewhere.
_OTHER_NAMES = {
    **dict.fromkeys(("boolean", "flag", "yes/no"), "bool"),
    **dict.fromkeys(("datetime", "date-time", "timestamp", "time"), "instant"),
    **dict.fromkeys(("int", "whole"), "integer"),
    **dict.fromkeys(("number", "float", "double", "real"), "decimal, or quantity mg/L"),
    **dict.fromkeys(("string", "str", "varchar", "char"), "text"),
}
_LISTED = re.compile(r"enum\s+\(?(\w[\w-]*(?:\s*[,|]\s*\w[\w-]*)*)\)?")


def read_vocabulary(node: MapNode, problems: Problems) -> Vocabulary:
    """Read a `vocabulary` document."""
    entries = Entries(node, "the vocabulary", VOCABULARY_KEYS, problems)
    name = entries.identifier("vocabulary")
    types = entries.mapping("types", required=True)
    declared = () if types is None else tuple(_read_type(key, value, problems) for key, value in types.entries)
    return Vocabulary(id=name, types=declared)


def _read_type(key: ScalarNode, node: Node, problems: Problems) -> TypeDecl:
    """Read one fact type."""
    name = as_word(key, "a fact type", problems)
    what = f"fact type {name.text}"
    entries = open_entries(node, what, TYPE_KEYS, problems)
    kind = entries.text("kind") or ""
    timed = entries.choice("kind", KINDS) in {"event", "plan"} and kind in KINDS
    _refuse_foreign(entries, kind, timed=timed)
    fields = entries.mapping("fields")
    start, end, goes_on = _read_span(entries, kind)
    return TypeDecl(
        name=name,
        kind=kind,
        time=entries.word("time", required=timed),
        span_from=start,
        span_to=end,
        goes_on=goes_on,
        links=_read_links(entries),
        fields=() if fields is None else read_fields(fields, what, problems),
        describe=entries.text("describe"),
    )


def _read_span(entries: Entries, kind: str) -> tuple[Name | None, Name | None, Name | None]:
    """Read the fields from which and to which a state holds, and the one that says that it goes on."""
    if kind != "state":
        return None, None, None
    span = entries.required_open("span", SPAN_KEYS)
    return span.word("from", required=True), span.word("to", required=True), span.word("goes_on")


def _refuse_foreign(entries: Entries, kind: str, *, timed: bool) -> None:
    """Report a `time` or a `span` where the kind has none."""
    for key, fits in (("time", timed), ("span", kind == "state")):
        if entries.has(key) and not fits and kind in KINDS:
            entries.problems.report(
                "wrong-kind",
                f"{entries.what} is of kind {kind}, which has no `{key}`",
                entries.place(key),
                hint="events and plans have `time: FIELD`, states have `span: {from: FIELD, to: FIELD}`",
            )


def _read_links(entries: Entries) -> tuple[tuple[Name, tuple[Name, ...]], ...]:
    node = entries.mapping("links")
    if node is None:
        return ()
    links = Entries(node, entries.label("links"), tuple(key.text for key, _ in node.entries), entries.problems)
    return tuple((as_word(key, links.what, entries.problems), links.words(key.text)) for key, _ in node.entries)


def read_fields(node: MapNode, what: str, problems: Problems) -> tuple[FieldDecl, ...]:
    """Read the fields of a fact type, or the keys or columns of a table."""
    return tuple(read_field(key, value, what, problems) for key, value in node.entries)


def read_field(key: ScalarNode, node: Node, what: str, problems: Problems, more: tuple[str, ...] = ()) -> FieldDecl:
    """Read a field, short (`date`) or long (`{type: date, empty: never}`); the caller reads the keys of `more`."""
    label = f"field {key.text} of {what}"
    name = as_word(key, what, problems)
    if name.text == "id":
        problems.report(
            "reserved-word", f"{label}: every record has an `id`; it is not declared", key.span, hint="remove it"
        )
    if not isinstance(node, MapNode):
        scalar = as_scalar(node, label, problems)
        return FieldDecl(name=name, base=UNREAD) if scalar is None else _read_type_text(name, scalar, label, problems)
    entries = Entries(node, label, (*FIELD_KEYS, *more), problems)
    written = entries.scalar("type", required=True)
    field = FieldDecl(name=name, base=UNREAD) if written is None else _read_type_text(name, written, label, problems)
    return _read_long(field, entries)


def _read_long(field: FieldDecl, entries: Entries) -> FieldDecl:
    """Add what only the long form says."""
    unit = entries.text("unit")
    if unit is not None and field.base != UNREAD and (field.base != "quantity" or field.unit not in {None, unit}):
        entries.problems.report(
            "wrong-kind",
            f"{entries.what}: `unit: {unit}` does not go with its type",
            entries.place("unit"),
            hint="{type: quantity, unit: mg/L}",
        )
    empty = entries.choice("empty", EMPTY, default="unknown")
    if empty == "never" and field.base not in {"date", UNREAD}:
        entries.problems.report(
            "wrong-kind",
            f"{entries.what}: only a date can be `never`",
            entries.place("empty"),
            hint="empty: none",
        )
    if entries.has("domain"):
        entries.choice("domain", ("non-negative",))
    return replace(
        field,
        unit=unit if field.base == "quantity" and unit is not None else field.unit,
        empty=empty,
        non_negative=entries.has("domain"),
        describe=entries.text("describe"),
    )


def _read_type_text(name: Name, node: ScalarNode, label: str, problems: Problems) -> FieldDecl:
    """Read `text`, `enum [A, B]`, `quantity UNIT`, `reference TYPE` and the like."""
    text = node.text.strip()
    if text in PLAIN:
        return FieldDecl(name=name, base=text)
    if enum := _ENUM.fullmatch(text):
        symbols = _read_symbols(enum[2], node, label, problems)
        return FieldDecl(name=name, base="enum", symbols=symbols, ordered=bool(enum[1]))
    if quantity := _QUANTITY.fullmatch(text):
        return FieldDecl(name=name, base="quantity", unit=quantity[2], qualified=bool(quantity[1]))
    if reference := _REFERENCE.fullmatch(text):
        target = as_word(node.reworded(reference[1]), label, problems)
        return FieldDecl(name=name, base="reference", target=target)
    problems.report(
        "bad-type", f"{label}: found {describe_node(node)}, expected a field type", node.span, hint=_meant(text)
    )
    return FieldDecl(name=name, base=UNREAD)


def _meant(text: str) -> str:
    """Name the type that is probably meant, else all that there are."""
    if listed := _LISTED.fullmatch(text):
        return f"did you mean enum [{listed[1]}]?"
    near = _OTHER_NAMES.get(text.lower())
    if near is None and len(text) <= LONGEST_NAME:
        near = suggest(text.partition(" ")[0], _FIRST_WORDS)
    return f"did you mean {near}?" if near not in {None, text} else f"one of: {_EXAMPLE}"


def _read_symbols(text: str, node: ScalarNode, label: str, problems: Problems) -> tuple[str, ...]:
    """Read the symbols between the brackets of an enum."""
    matches = [_SYMBOL.fullmatch(part) for part in text.split(",")]
    symbols = tuple(match[1] if match[1] is not None else match[2] for match in matches if match)
    twice = repeated(symbols)
    if len(symbols) < len(matches):
        problems.report(
            "bad-type",
            f"{label}: found {describe_node(node)}, expected symbols between commas",
            node.span,
            hint="enum [A, B]",
        )
    elif twice is not None:
        problems.report(
            "bad-type", f"{label}: the symbol `{twice}` is written twice", node.span, hint="keep one of the two"
        )
    return symbols
