"""What is probably meant where a date or a length of time is written as other notations have it."""

from datetime import date
from fractions import Fraction

from compliance_engine.compiling.typed import Typed
from compliance_engine.model.expression import AnyNode, Arithmetic, Const, Scale

_DATE = "a date is written year-month-day: 2026-03-31"
# What people write for the words of lengths of time, in lower case and without the s of the plural.
_LENGTHS = {
    "y": "year",
    "yr": "year",
    "a": "year",
    "mo": "month",
    "mon": "month",
    "mth": "month",
    "w": "week",
    "wk": "week",
    "d": "day",
    "dy": "day",
    "h": "hour",
    "hr": "hour",
    "min": "minute",
    "sec": "second",
    "s": "second",
}
_WORDS = frozenset(_LENGTHS.values())
_MONTHS = "months and years that facts give do not move a date: choose between lengths, if A then 6 months else 1 year"
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


def length_meant(amount: Fraction, unit: str) -> str | None:
    """Give the hint for a number in what is probably a unit of time: `3 yrs`, `5 Days`."""
    folded = unit.lower().removesuffix(".")
    one = folded if folded in _LENGTHS else folded.removesuffix("s")
    word = _LENGTHS.get(one, one)
    if word not in _WORDS or amount.denominator != 1:
        return None
    return f"write {amount} {word}{'' if amount == 1 else 's'}"


def time_meant(value: Typed) -> str | None:
    """Give the hint for a value that stands where a date or a length of time does, and is probably meant to be one."""
    node = value.node
    if value.kind == "symbol" and isinstance(node, Const) and node.value is not None:
        return f"a date stands without quotes: {node.value}" if _read_day(node.value) else None
    if value.kind != "number":
        return None
    if value.printed and isinstance(node, Const) and node.value is not None:
        return length_meant((Fraction(node.value) - value.offset) / value.factor, value.printed)
    if value.unit in {"mo", "yr"}:
        return _MONTHS
    numbers = _numbers(node) if not value.unit else None
    return None if numbers is None else _date_of(numbers)


def _numbers(node: AnyNode) -> tuple[int, ...] | None:
    """Give the whole numbers between strokes or hyphens: `2024/1/31`, `2024-1`; None where anything else stands there."""
    if isinstance(node, Scale) and node.factor == "1":
        return _numbers(node.operand)
    if isinstance(node, Const) and node.value is not None:
        number = Fraction(node.value)
        return (int(number),) if number.denominator == 1 and number > 0 else None
    if isinstance(node, Arithmetic) and node.op in {"/", "-"}:
        left, right = _numbers(node.left), _numbers(node.right)
        return None if left is None or right is None else (*left, *right)
    return None


def _date_of(numbers: tuple[int, ...]) -> str | None:
    """Give the hint for numbers that are probably those of a date; which is the day and which the month is not guessed."""
    text = str(numbers[0])
    if len(numbers) == 1 and len(text) == len("20240131"):
        numbers = int(text[:4]), int(text[4:6]), int(text[6:])
    if len(numbers) > 3 or not any(_FIRST_YEAR <= number <= _LAST_YEAR for number in numbers):
        return None
    day = _read_day("-".join(f"{number:02}" for number in numbers)) if len(numbers) == 3 else None
    return f"write {day}" if day else _DATE


def _read_day(text: str) -> date | None:
    """Read an ISO date; None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
