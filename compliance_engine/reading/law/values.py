"""Single values of the law: texts, names, days, choices, expressions, each reported where it is none."""

import re
from datetime import date

from compliance_engine.kernel.days import read_day
from compliance_engine.kernel.suggestions import suggest
from compliance_engine.model.law import Name
from compliance_engine.model.syntax import Expr
from compliance_engine.reading.law.expressions import read_expression, stand_in
from compliance_engine.reading.law.nodes import MapNode, Node, ScalarNode, describe_node, shorten
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.tokens import RESERVED

NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)
FIRST_YEAR = 1800
NO_DATE = date.min
LONGEST_NAME = 120
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*")
_PART = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WORD = re.compile(r"[A-Za-z_]\w*(-\w+)*", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LOOSE_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)


def as_scalar(node: Node, label: str, problems: Problems) -> ScalarNode | None:
    """Give a text node; None after a report."""
    if isinstance(node, ScalarNode) and not node.is_empty:
        return node
    problems.report("wrong-kind", f"{label}: found {describe_node(node)}, expected a text", node.span)
    return None


def as_mapping(node: Node, label: str, problems: Problems, hint: str | None = None) -> MapNode | None:
    """Give a mapping node; None after a report."""
    if isinstance(node, MapNode):
        return node
    problems.report(
        "wrong-kind",
        f"{label}: found {describe_node(node)}, expected a mapping",
        node.span,
        hint=hint or "keys with values, each on a line of its own or in { }",
    )
    return None


def as_expression(node: Node, label: str, problems: Problems) -> Expr:
    """Parse an expression; what is none is reported."""
    if isinstance(node, ScalarNode) and not node.is_empty:
        return read_expression(node, problems)
    problems.report(
        "wrong-kind",
        f"{label}: found {describe_node(node)}, expected an expression",
        node.span,
        hint="an expression that begins with [ or {, or holds `: ` or ` #`, stands in quotes",
    )
    return stand_in(node.span)


def as_identifier(node: ScalarNode, label: str, problems: Problems) -> Name:
    """Check an id: dotted lower-case words with hyphens, none of them a word of the language."""
    text = node.text.strip()
    reserved = next((part for part in text.split(".") if part in RESERVED), None)
    whole, _, duty = text.partition("/")
    if not _ID.fullmatch(text) or len(text) > LONGEST_NAME:
        problems.report(
            "bad-id",
            f"{label}: found {describe_node(node)}, expected dotted lower-case words with hyphens",
            node.span,
            hint=f"the whole is meant here, without its duty: {whole}"
            if duty and _ID.fullmatch(whole)
            else "for example: us.cwa.npdes.monthly-average",
        )
    elif reserved:
        problems.report(
            "reserved-word", f"{label}: `{reserved}` is a word of the language", node.span, hint="rename it"
        )
    return Name(text=text, span=node.span)


def as_part(node: ScalarNode, label: str, problems: Problems) -> Name:
    """Check the id of a duty or an exception: lower-case words with hyphens."""
    text = node.text.strip()
    if not _PART.fullmatch(text) or len(text) > LONGEST_NAME:
        problems.report(
            "bad-id",
            f"{label}: found {describe_node(node)}, expected lower-case words with hyphens",
            node.span,
            hint="for example: 30-day-average",
        )
    return Name(text=text, span=node.span)


def as_word(node: ScalarNode, label: str, problems: Problems) -> Name:
    """Check a name without dots, which is not a word of the language."""
    text = node.text.strip()
    if text in RESERVED:
        problems.report(
            "reserved-word",
            f"{label}: `{text}` is a word of the language and cannot be a name",
            node.span,
            hint=f"for example: {text}-date",
        )
    elif not _WORD.fullmatch(text) or len(text) > LONGEST_NAME:
        problems.report(
            "bad-name",
            f"{label}: found {describe_node(node)}, expected a name",
            node.span,
            hint="letters, digits, `_` and `-`, beginning with a letter: permit-limit",
        )
    return Name(text=text, span=node.span)


def as_date(node: ScalarNode, label: str, problems: Problems) -> date:
    """Read a day; what is none is reported."""
    text = node.text.strip()
    day = _calendar_day(text) if _DATE.fullmatch(text) else None
    if day is not None and day.year >= FIRST_YEAR:
        return day
    if day is not None:
        problems.report(
            "bad-date",
            f"{label}: {text} lies before the year {FIRST_YEAR}",
            node.span,
            hint=f"the first day is {FIRST_YEAR}-01-01",
        )
        return NO_DATE
    loose = _LOOSE_DATE.fullmatch(text)
    meant = loose and _calendar_day(f"{loose[1]}-{loose[2]:0>2}-{loose[3]:0>2}")
    problems.report(
        "bad-date",
        f"{label}: found {describe_node(node)}, expected a day",
        node.span,
        hint=f"write {meant}" if meant else "year-month-day, for example: 2026-03-31",
    )
    return NO_DATE


def as_choice(node: ScalarNode, words: tuple[str, ...], label: str, problems: Problems) -> str:
    """Check one word of several; after a report the first stands in."""
    text = node.text.strip()
    if text in words:
        return text
    expected = ", ".join(words[:-1]) + f" or {words[-1]}" if len(words) > 1 else words[0]
    near = suggest(text, words) if len(text) <= LONGEST_NAME else None
    hint = None if near is None else f"did you mean {near}?"
    problems.report("bad-word", f"{label}: found `{shorten(text)}`, expected {expected}", node.span, hint=hint)
    return words[0]


def _calendar_day(text: str) -> date | None:
    try:
        return read_day(text)
    except ValueError:
        return None
