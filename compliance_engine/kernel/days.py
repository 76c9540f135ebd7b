"""Days as people write them here, and no other way that a calendar could be read."""

from datetime import date

_LENGTH = len("2026-03-31")


def read_day(text: str) -> date:
    """Read year-month-day; raises ValueError for whatever else ISO 8601 has, such as `20260331` and `2026-W14-2`."""
    day = date.fromisoformat(text)
    if len(text) != _LENGTH or "W" in text:
        raise ValueError(text)
    return day
