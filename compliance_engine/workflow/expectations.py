"""Findings against what a case expects: each finding of the provision under test by one row, each row one finding."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.model.case import Case, Expectation
from compliance_engine.model.findings import as_texts
from compliance_engine.workflow.periods import read_period

# A percentage is reported with nine decimals.
_STEP = Fraction(1, 2 * 10**9)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-\d{2}")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What differs from a case's expectations, and the finding that differs ("" where none was found)."""

    text: str
    finding: str = ""


def compare_findings(frame: pl.DataFrame, provision: str, case: Case) -> tuple[Difference, ...]:
    """Say what differs from the case's expectations; nothing, if all is as expected.

    `provision` is the id under test. A row of `expect` names the root subject: of a finding about a finding, the record
    that the first one is about.
    """
    rows = {row["finding"]: row for row in as_texts(frame).to_dicts()}
    taken: dict[str, int] = {}
    differences: list[Difference] = []
    for expected in case.expect:
        found = _find_matches(expected, provision, rows)
        differences += _compare_matches(expected, found, rows)
        if len(found) == 1:
            taken[found[0]] = taken.get(found[0], 0) + 1
    differences += _tell_repeats(taken, rows)
    if not case.only:
        differences += _tell_unexpected(provision, taken, rows)
    return tuple(differences)


def _find_matches(expected: Expectation, provision: str, rows: Mapping[str, Row]) -> list[str]:
    """Find the findings that a row means, by identity; where several fit, its status and so on may decide."""
    wanted = provision if expected.provision == provision else expected.provision
    meant = [
        name
        for name, row in rows.items()
        if _is_named(row["provision"], wanted)
        and expected.duty in {None, row["duty"]}
        and _is_about(expected.subject, row, rows)
        and (expected.period is None or _is_in_period(expected.period, row, rows))
        and expected.occurrence in {None, row["occurrence"]}
    ]
    exact = [name for name in meant if not any(_differences(expected, rows[name]))]
    return exact if len(meant) > 1 and len(exact) == 1 else meant


def _compare_matches(expected: Expectation, found: Sequence[str], rows: Mapping[str, Row]) -> Iterator[Difference]:
    place = f"line {expected.span.line}: "
    if not found:
        yield Difference(text=f"{place}no finding for {_name_expectation(expected)}{_tell_bad_period(expected)}")
    elif len(found) > 1:
        shown = ", ".join(_name_finding(rows[name]) for name in found[:3])
        text = f"{place}{len(found)} findings for {_name_expectation(expected)}: {shown}; say which is meant"
        yield Difference(text=text, finding=found[0])
    else:
        row = rows[found[0]]
        for text in _differences(expected, row):
            yield Difference(text=f"{place}{_name_finding(row)}: {text}", finding=found[0])


def _tell_bad_period(expected: Expectation) -> str:
    """Say of a period that is none how it is written."""
    period = None if expected.period is None else read_period(expected.period)
    return f": {period.message}; {period.hint}" if isinstance(period, Diagnostic) else ""


def _differences(expected: Expectation, row: Row) -> Iterator[str]:
    """Compare all that a row of `expect` states beside the identity."""
    if expected.status != row["status"]:
        yield f"expected {expected.status}, found {row['status']} ({row['reason']})"
    if expected.due is not None and not _is_due(expected.due, row):
        yield f"expected due {expected.due}, found {row['due_at'] or row['due'] or 'none'}"
    if expected.exceedance is not None and not _is_close(expected.exceedance, row["exceedance_percent"]):
        yield f"expected exceedance {expected.exceedance} %, found {_percent(row['exceedance_percent'])}"
    if expected.no_exceedance and row["exceedance_percent"] is not None:
        yield f"expected no exceedance, found {_percent(row['exceedance_percent'])}"
    if expected.days_late is not None and expected.days_late != row["days_late"]:
        yield f"expected {expected.days_late} days late, found {'none' if row['days_late'] is None else row['days_late']}"
    if expected.reason is not None and expected.reason not in row["reason"]:
        yield f"expected a reason with `{expected.reason}`, found `{row['reason']}`"


def _tell_repeats(taken: Mapping[str, int], rows: Mapping[str, Row]) -> Iterator[Difference]:
    for name, count in taken.items():
        if count > 1:
            yield Difference(text=f"{_name_finding(rows[name])} is expected by {count} rows", finding=name)


def _tell_unexpected(provision: str, taken: Mapping[str, int], rows: Mapping[str, Row]) -> Iterator[Difference]:
    for name, row in rows.items():
        if row["provision"] == provision and name not in taken:
            text = f"{_name_finding(row)}: {row['status']} ({row['reason']}) is not expected by any row"
            yield Difference(text=text, finding=name)


def _is_named(provision: str, name: str) -> bool:
    return provision == name or provision.endswith(f".{name}")


def _is_about(subject: str, row: Row, rows: Mapping[str, Row]) -> bool:
    return any(other["subject"] == subject for other in _lineage(row, rows))


def _is_in_period(text: str, row: Row, rows: Mapping[str, Row]) -> bool:
    """Hold if the finding's period, or that of the finding it is about, is the one named."""
    return any(_is_period(text, other) for other in _lineage(row, rows))


def _is_period(text: str, row: Row) -> bool:
    """Compare with the first day; cut windows keep the period's, sliding ones go by their last month."""
    period = read_period(text)
    if isinstance(period, Diagnostic) or row["period_from"] is None:
        return False
    days = {period[0].isoformat()}
    if "-W" in text:
        days.add((period[0] - timedelta(days=1)).isoformat())
    starts = {row["occurrence"], row["period_from"].isoformat()}
    if starts & days:
        return True
    start = date.fromisoformat(min(text for text in starts if _DAY.fullmatch(text)))
    long = row["period_to"] is not None and (row["period_to"] - start).days > 31
    return long and _MONTH.fullmatch(text) is not None and period[0] <= row["period_to"] <= period[1]


def _lineage(row: Row, rows: Mapping[str, Row]) -> Iterator[Row]:
    """Give the finding, then the one that it is about, and so on."""
    current: Row | None = row
    while current is not None:
        yield current
        current = rows.get(current["subject"]) if current["subject"] != current["finding"] else None


def _is_due(text: str, row: Row) -> bool:
    if row["due"] is not None and text == row["due"].isoformat():
        return True
    return row["due_at"] is not None and row["due_at"].isoformat().startswith(text.removesuffix("Z"))


def _percent(found: Decimal | None) -> str:
    return "none" if found is None else f"{found.normalize():f} %"


def _is_close(expected: Fraction, found: Decimal | None) -> bool:
    return found is not None and abs(Fraction(found) - expected) <= _STEP


def _name_expectation(expected: Expectation) -> str:
    parts = (expected.provision, expected.duty, expected.subject, expected.period, expected.occurrence)
    return "/".join(part for part in parts if part)


def _name_finding(row: Row) -> str:
    window: date | str = row["period_from"] or row["occurrence"]
    return "/".join(str(part) for part in (row["provision"], row["duty"], row["subject"], window) if part)
