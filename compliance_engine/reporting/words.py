"""How reports name periods, statuses, subjects and places, and how they keep a terminal safe."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from compliance_engine.model.facts import Quarantined

# Everything that moves a cursor or changes colours, and marks that reverse the direction of writing.
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_COMPOSITE = re.compile(r"distinct \((?P<keys>[^()]*)\) in .*")

# A person's words, whatever the machine's language.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

STATUS_STYLES = {
    "violation": "bold red",
    "undetermined": "yellow",
    "pending": "cyan",
    "compliant": "green",
    "exempt": "blue",
    "not_applicable": "dim",
}


def make_printable(text: str) -> str:
    """Replace what would act on a terminal: facts come from strangers."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\t", " ").replace("\n", " "))


def cut(text: str, most: int = 60) -> str:
    """Give a text of a source in at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def name_period(start: date | None, end: date | None) -> str:
    """Name a window as a person does: `2026-03`, `2026-Q1`, `2026`, one day, or `from..to`; "" without one."""
    if start is None and end is None:
        return ""
    if start is None or end is None:
        return f"{start or ''}..{end or ''}"
    if start == end:
        return start.isoformat()
    after = end + timedelta(days=1)
    if start.day == 1 and after.day == 1:
        return _name_months(start, after) or f"{start}..{end}"
    return f"{start}..{end}"


def name_period_in_words(start: date | None, end: date | None) -> str:
    """Name a window in a heading: `March 2026` for a month, else as `name_period`."""
    name = name_period(start, end)
    if start is not None and re.fullmatch(r"\d{4}-\d{2}", name):
        return f"{_MONTHS[start.month - 1]} {start.year}"
    return name


def name_subject(row: Mapping[str, Any]) -> str:
    """Name what a finding is about: `permit-limit L7`; of a composite subject its keys, `site/chemical plant-1/ammonia`."""
    return make_printable(f"{name_type(row['subject_type'])} {row['subject']}")


def name_type(name: str) -> str:
    """Name a type of subject: a composite one by its keys."""
    composite = _COMPOSITE.fullmatch(name)
    return name if composite is None else composite["keys"].replace(", ", "/")


def shorten(finding: str, length: int = 8) -> str:
    """Give the part of an id that a person types."""
    return finding[:length]


def tell_lateness(row: Mapping[str, Any]) -> str:
    """Say how late a duty was done, unless the reason says so; "" if it was not late."""
    told = str(row["cured"]) if row["cured"] else "late"
    if not row["days_late"] or told in row["reason"]:
        return ""
    cured = f", done {row['cured']}" if row["cured"] else ""
    return f"{plural(row['days_late'], 'day')} late{cured}"


def plural(count: int, noun: str) -> str:
    """Count things: `1 record`, `12 records`, `2 vocabularies`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") and noun[-2] not in "aeiou" else f"{count:,} {noun}s"


def count_refused(quarantine: Iterable[Quarantined]) -> int:
    """Count the rows that were put aside: one with several bad cells is one row."""
    return len({(cell.source, cell.row) for cell in quarantine})


def tell_refused(quarantine: Iterable[Quarantined]) -> str:
    """Say how many rows of the facts were put aside, and what lists them; empty if none was."""
    rows = count_refused(quarantine)
    return f"{plural(rows, 'row')} of the facts could not be used: `compliance facts check` lists them." if rows else ""


def _name_months(start: date, after: date) -> str:
    months = (after.year - start.year) * 12 + after.month - start.month
    if months == 1:
        return f"{start:%Y-%m}"
    if months == 3 and start.month % 3 == 1:
        return f"{start.year}-Q{start.month // 3 + 1}"
    return f"{start.year}" if months == 12 and start.month == 1 else ""
