"""Days as spreadsheets number them, and what a cell that is no day probably is."""

from __future__ import annotations

import re
from datetime import date, timedelta

import polars as pl

SERIAL = "serial"
_ZERO = date(1899, 12, 30)  # so that 61 is 1 March 1900: before it spreadsheets count a day that did not exist
_SHIFT = (date(1970, 1, 1) - _ZERO).days
_FIRST, _LAST = 61, 2_958_465  # 1900-03-01 and 9999-12-31
_USUAL = range(10_000, 80_000)  # 1927 to 2119: a number in a column of days that is probably such a one
_NUMBER = re.compile(r"(?P<day>\d{5})(?:\.\d+)?")
_ZONED = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(Z|UTC| ?[+-]\d\d:?\d\d)")
_LOOKS_LIKE_A_DAY = re.compile(r"\d{8}|\d{1,4}([./-])\d{1,2}\1\d{1,4}")


def from_serials(texts: pl.Series) -> pl.Series:
    """Give the day of each number of a spreadsheet that counts from 1900 (a fraction is a time of it); null where there is none."""
    number = texts.str.extract(r"^(\d+)(?:\.\d+)?$").cast(pl.Int64, strict=False).to_frame("d")
    inside = pl.col("d").is_between(_FIRST, _LAST)
    return number.select(pl.when(inside).then(pl.col("d") - _SHIFT).cast(pl.Int32).cast(pl.Date))["d"]


def tell_serial(text: str, advice: str) -> str:
    """Say that a number may be a spreadsheet's, and what to do; nothing where it is not likely."""
    found = _NUMBER.fullmatch(text)
    if found is None or int(found["day"]) not in _USUAL:
        return ""
    meant = _ZERO + timedelta(days=int(found["day"]))
    return f"; {text} may be a spreadsheet's number of {meant}: {advice}"


def why_not_day(text: str, layout: str | None) -> str:
    """Say what is expected in place of a text that is no day, and what it may be."""
    example = {None: "a day such as 2026-03-04", "days": "a day such as 20453", SERIAL: "a day such as 45321"}
    expected = f"expected {example.get(layout, f'a date written as {layout}')}, of a year from 1800 to 9999"
    if layout is not None:
        return expected
    if _ZONED.fullmatch(text):
        return (
            f"{expected}; the day of an instant depends on the zone of its site: have the column written as days there"
        )
    if _LOOKS_LIKE_A_DAY.fullmatch(text):
        return f'{expected}; how days are written is said with `format`, as in `format: "%d.%m.%Y"`'
    return expected + tell_serial(text, "have the column written as days, or say `format: serial`")
