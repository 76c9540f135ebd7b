"""What a program hands to the library: told at once, by its name, where it is of another type.

A datetime is a date to Python and to type checkers; as a day it would fail deep inside, or compare as another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import get_args

import polars as pl

from compliance_engine.model.facts import Complete
from compliance_engine.workflow.evaluation import EngineName

_ENDS = 2


def check_day(value: object, name: str) -> None:
    """Refuse what is no day: an instant has a zone to be asked for, and a text has a format."""
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError(f"`{name}` is a day (datetime.date), not {value!r}")


def check_scope(known_as_of: object, period: object, sites: object) -> None:
    """Refuse a scope that would hold nothing by mistake: no finding reads like no violation."""
    if known_as_of is not None and not isinstance(known_as_of, datetime):
        raise TypeError(f"`known_as_of` is an instant (datetime.datetime), not {known_as_of!r}")
    if period is not None:
        _check_period(period)
    if isinstance(sites, str):
        raise TypeError(f"`sites` is a list of ids, not {sites!r}: write [{sites!r}]")


def _check_period(period: object) -> None:
    if isinstance(period, str) or not isinstance(period, Sequence) or len(period) != _ENDS:
        raise TypeError(
            f"`period` is its first and its last day, (date(2026, 1, 1), date(2026, 3, 31)), not {period!r}"
        )
    first, last = period
    for day in (first, last):
        check_day(day, "period")
    if first > last:
        raise ValueError(f"`period` ends on {last}, before it begins on {first}")


def check_engine(engine: object) -> None:
    """Refuse what is the name of no engine."""
    known = get_args(EngineName)
    if engine not in known:
        raise ValueError(f"`engine` is one of {', '.join(known)}, not {engine!r}")


def check_since(since: object) -> None:
    """Refuse what is no day, no days by site, and not left out."""
    for value in since.values() if isinstance(since, Mapping) else [] if since is None else [since]:
        check_day(value, "since")


def check_complete(complete: object) -> None:
    """Refuse what are no statements of completeness, or statements about no days."""
    if isinstance(complete, str | Mapping) or not isinstance(complete, Sequence):
        raise TypeError(f"`complete` is a list of `Complete`, not a {type(complete).__name__}")
    for statement in complete:
        if not isinstance(statement, Complete):
            raise TypeError(f"`complete` holds `Complete`, not {statement!r}")
        check_day(statement.start, "complete")
        check_day(statement.end, "complete")


def check_records(records: object) -> None:
    """Refuse what are no records by fact type."""
    if not isinstance(records, Mapping):
        raise TypeError(f"records are a mapping of fact type to rows, not a {type(records).__name__}")
    for name, rows in records.items():
        _check_type_name(name)
        if isinstance(rows, str | bytes | Mapping) or not isinstance(rows, Sequence):
            raise TypeError(f"`{name}`: the records of a type are a list of mappings, not a {type(rows).__name__}")
        for number, row in enumerate(rows, 1):
            if not isinstance(row, Mapping):
                raise TypeError(f"`{name}`, record {number}: a mapping of field to cell, not {row!r}")
            wrong = next((field for field in row if not isinstance(field, str)), None)
            if wrong is not None:
                raise TypeError(f"`{name}`, record {number}: the name of a field is a text, not {wrong!r}")


def check_frames(frames: object) -> None:
    """Refuse what are no frames by fact type."""
    if not isinstance(frames, Mapping):
        raise TypeError(f"frames are a mapping of fact type to frame, not a {type(frames).__name__}")
    for name, frame in frames.items():
        _check_type_name(name)
        if not isinstance(frame, pl.DataFrame):
            raise TypeError(f"`{name}` is a polars.DataFrame, not a {type(frame).__name__}")


def _check_type_name(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"the name of a fact type is a text, not {name!r}")
