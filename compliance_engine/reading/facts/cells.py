"""One cell's text as a number, its qualifier and its unit; and the reasons for which a cell is refused."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

PLACES = 18  # at most so many digits after the point
LARGEST = 10**18  # and no magnitude above this: so that a number, scaled, fits 128 bits
MARKS = {"": 0, "=": 0, "<": 1, "<=": 2, "≤": 2, ">": 3, ">=": 4, "≥": 4}
LONGEST_CELL = 80
AMBIGUOUS = "a comma may group thousands or stand for the point: write 1234.5"
COMMA = 'a comma stands where the point is expected: write 1234.5, or say `decimal: ","` of a CSV that writes 1234,5'
GROUPED = "digits in groups: write them without a gap, as 1234.5"

_NUMBER = re.compile(
    r"(?:(?P<mark><=|>=|<|>|=|≤|≥)[ ]?)?"
    r"(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)"
    r"(?:[ ]?(?P<percent>%)|[ ](?P<unit>[^\s\d,.+-].*))?"
)

# One comma that groups no thousands: no three digits behind it, or a zero alone before it.
_COMMA = re.compile(r"[<>=≤≥]{0,2}[ ]?[+-]?(?:[0-9]*,(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+)(?:[eE %].*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number x 10^18, its qualifier's code (0 `=`, 1 `<`, 2 `<=`, 3 `>`, 4 `>=`) and its unit.

    `unit` is None where the cell has none.
    """

    scaled: int
    mark: int
    unit: str | None


def read_number(text: str) -> Number | str:
    """Read `36.2`, `<0.2`, `1e-5`, `36.2 mg/L`; or say why not."""
    match = _NUMBER.fullmatch(text) if len(text) <= LONGEST_CELL else None
    if match is None:
        return _why_not_number(text)
    scaled = _scaled(match["number"])
    if isinstance(scaled, str):
        return scaled
    unit = match["percent"] or match["unit"]
    return Number(scaled=scaled, mark=MARKS[match["mark"] or ""], unit=unit.strip() if unit else None)


def _scaled(number: str) -> int | str:
    sign, digits, exponent = Decimal(number).as_tuple()
    whole = int("".join(map(str, digits)))
    shift = int(exponent) + PLACES
    if whole == 0:
        return 0
    while shift < 0 and whole % 10 == 0:
        whole, shift = whole // 10, shift + 1
    if shift < 0:
        return f"more than {PLACES} digits after the point"
    # An exponent has at most three digits, so this stays small.
    scaled: int = whole * 10**shift
    if scaled > LARGEST * 10**PLACES:
        return "beyond 10^18"
    return -scaled if sign else scaled


def _why_not_number(text: str) -> str:
    """Say what a person has to change, for the first of the usual causes that fits."""
    causes = (
        (len(text) > LONGEST_CELL, f"expected a number, found more than {LONGEST_CELL} characters"),
        (text != text.strip(), "blanks around the number: write it without them"),
        (text.lstrip("+-").casefold() in {"nan", "inf", "infinity"}, "not a finite number"),
        (any(sign in text for sign in "−–—"), "a dash where a minus is meant: write it as -"),
        (bool(_COMMA.fullmatch(text)), COMMA),
        (bool(re.search(r"\d.*,|,.*\d", text)), AMBIGUOUS),
        (bool(re.search(r"\d[\s\u00a0\u202f_']\d", text)), GROUPED),
    )
    return next((reason for holds, reason in causes if holds), "expected a number such as 36.2, <0.2 or 36.2 mg/L")


def cell_text(value: object) -> str | None:
    """Give a Python value as the text that a cell would hold; None stays None."""
    if value is None or isinstance(value, str):
        return _without_halves(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return _fraction_text(value)
    return str(value)


def _without_halves(text: str | None) -> str | None:
    """Put the sign for what cannot be read in place of half a character (a lone surrogate), which is no text."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _fraction_text(value: Fraction) -> str:
    scaled = value * 10**PLACES
    return f"{scaled.numerator}e-{PLACES}" if scaled.denominator == 1 else str(value)
