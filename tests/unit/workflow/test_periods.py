"""Periods are read as people write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.reporting.words import name_period
from compliance_engine.workflow.periods import read_period


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-H1", "2026-01-01", "2026-06-30"),
        ("2026-H2", "2026-07-01", "2026-12-31"),
        ("2026-Q1", "2026-01-01", "2026-03-31"),
        ("2026-Q3", "2026-07-01", "2026-09-30"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("2026-03", "2026-03-01", "2026-03-31"),
        ("2026-12", "2026-12-01", "2026-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-W01", "2025-12-29", "2026-01-04"),
        ("2026-03-05", "2026-03-05", "2026-03-05"),
        ("2026-01-15..2026-03-31", "2026-01-15", "2026-03-31"),
        ("2025-Q4..2026-01", "2025-10-01", "2026-01-31"),
        (" 2026-01 .. 2026-02 ", "2026-01-01", "2026-02-28"),
        ("9999", "9999-01-01", "9999-12-31"),
    ],
)
def test_a_period_has_a_first_and_a_last_day(text: str, start: str, end: str) -> None:
    assert read_period(text) == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    "text", ["", "Q3", "2026-Q5", "2026-13", "2026-W54", "26", "2026-02-30", "..", "2026..", "0000", "2026-H3"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    refused = read_period(text)
    assert isinstance(refused, Diagnostic)
    assert refused.message == f"`{text}` is not a period"


def test_a_period_does_not_end_before_it_begins() -> None:
    refused = read_period("2026-04..2026-03")
    assert isinstance(refused, Diagnostic)
    assert "ends before it begins" in refused.message


@given(st.dates(date(1000, 1, 1), date(9999, 1, 1)), st.integers(0, 800))
def test_a_named_period_reads_back(start: date, days: int) -> None:
    """Law: what reports call a period, the command line understands."""
    end = min(start, date(9990, 1, 1)) + timedelta(days=days)
    first = min(start, date(9990, 1, 1))
    assert read_period(name_period(first, end)) == (first, end)
