"""Numbers of a source that writes a comma for the point: `36,2`, `<0,2`, `36,2 mg/L`."""

from __future__ import annotations

import re

import polars as pl

from compliance_engine.reading.facts.cells import AMBIGUOUS, COMMA, GROUPED, read_number
from compliance_engine.reading.facts.refusals import refuse

_NUMBER = re.compile(
    r"(?P<before>(?:(?:<=|>=|<|>|=|≤|≥)[ ]?)?[+-]?)"
    r"(?P<number>[0-9]+,?[0-9]*|,[0-9]+)"
    r"(?P<behind>(?:[eE][+-]?[0-9]{1,3})?(?:[ ]?%|[ ][^\s\d,.+-].*)?)"
)
_REASON = 'the source has `decimal: ","`: a number is written 1234,5, without a point and without groups'


def with_points(texts: pl.Series, column: str) -> tuple[pl.Series, pl.DataFrame]:
    """Write a point for the comma of each number; what has a point, or groups, is emptied and refused.

    Other texts stay as they are: whoever reads them says what is wrong.
    """
    pointed = {text: _with_point(text) for text in texts.unique().drop_nulls().to_list()}
    strange = texts.is_in([text for text, written in pointed.items() if written is None]).fill_null(value=False)
    written = texts.replace_strict(pointed, default=None, return_dtype=pl.String)
    return written, refuse(texts, strange, column, lambda _: _REASON)


def _with_point(text: str) -> str | None:
    """Give the text with a point; None where it would be guessed what is meant."""
    found = _NUMBER.fullmatch(text)
    if found is not None:
        return f"{found['before']}{found['number'].replace(',', '.')}{found['behind']}"
    read = read_number(text)
    return text if isinstance(read, str) and read not in {AMBIGUOUS, COMMA, GROUPED} else None
