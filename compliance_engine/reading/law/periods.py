"""What stands after `each:`."""

import re

from compliance_engine.kernel.span import Span
from compliance_engine.kernel.suggestions import suggest
from compliance_engine.model.law import Every, Name
from compliance_engine.reading.law.nodes import ScalarNode, describe_node
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.schema import Entries
from compliance_engine.reading.law.values import as_word

UNITS = ("day", "week", "month", "quarter", "half-year", "year")
LONGEST = 120
_CALENDAR = re.compile(r"calendar\s+([a-z-]+)(?:\s+from\s+(\w+))?")
_SLIDING = re.compile(r"(\d{1,4})\s+calendar\s+months?\s+step\s+(\d{1,4})\s+months?", re.ASCII)


def read_each(entries: Entries) -> Every | None:
    """Read the key `each` of a definition, of `applies` or of a duty; None where there is none."""
    node = entries.scalar("each")
    if node is None:
        return _unread(entries.place("each")) if entries.has("each") else None
    return _read_every(node, entries.label("each"), entries.problems)


def _unread(span: Span) -> Every:
    """Give what stands for periods that could not be read: of no type that there is."""
    return Every(kind="type", span=span, type=Name(text="", span=span))


def _read_every(node: ScalarNode, label: str, problems: Problems) -> Every:
    text = node.text.strip()
    calendar = _CALENDAR.fullmatch(text)
    if calendar:
        return _read_calendar(node, calendar, label, problems)
    sliding = _SLIDING.fullmatch(text)
    if sliding:
        return _read_sliding(node, sliding, label, problems)
    if " " in text:
        _report(node, label, problems, None)
        return _unread(node.span)
    return Every(kind="type", span=node.span, type=as_word(node, label, problems))


def _read_calendar(node: ScalarNode, match: re.Match[str], label: str, problems: Problems) -> Every:
    unit, start = match.groups()
    if unit not in UNITS:
        near = suggest(unit, UNITS)
        _report(node, label, problems, None if near is None else f"did you mean calendar {near}?")
        return _unread(node.span)
    if start is not None and (unit != "week" or start not in {"monday", "sunday"}):
        _report(node, label, problems, "only weeks begin on another day: calendar week from monday")
    return Every(kind="calendar", span=node.span, unit=unit, week_start=start or "sunday")


def _read_sliding(node: ScalarNode, match: re.Match[str], label: str, problems: Problems) -> Every:
    count, step = int(match[1]), int(match[2])
    if not (1 <= count <= LONGEST and 1 <= step <= LONGEST):
        _report(node, label, problems, f"1 to {LONGEST} months: 6 calendar months step 1 month")
        return _unread(node.span)
    return Every(kind="sliding", span=node.span, count=count, step=step)


def _report(node: ScalarNode, label: str, problems: Problems, hint: str | None) -> None:
    problems.report(
        "bad-period",
        f"{label}: found {describe_node(node)}, expected a period or a fact type",
        node.span,
        hint=hint or f"calendar {', '.join(UNITS)}; 6 calendar months step 1 month; or a fact type",
    )
