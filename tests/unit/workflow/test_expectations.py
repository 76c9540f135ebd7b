"""What a case expects is compared with what was found, both ways."""

from datetime import date
from fractions import Fraction

import polars as pl
import pytest
from msgspec.structs import replace

from compliance_engine.kernel.span import Span
from compliance_engine.model.case import Case, Expectation
from compliance_engine.workflow.expectations import compare_findings
from tests.unit.example_findings import make_findings

LIMIT = "us.example.monthly-average"
NOTICE = "us.example.notice"
PLACE = Span("x.cases.yaml", 7, 9)


def expect(subject: str, status: str, provision: str = LIMIT) -> Expectation:
    return Expectation(
        provision=provision,
        duty=None,
        subject=subject,
        period=None,
        occurrence=None,
        status=status,
        due=None,
        exceedance=None,
        days_late=None,
        reason=None,
        span=PLACE,
    )


ALL_LIMITS = (
    expect("L7", "violation"),
    expect("L8", "undetermined"),
    expect("L9", "pending"),
    expect("L10", "compliant"),
    expect("L11", "exempt"),
    expect("L12", "not_applicable"),
)


def compare(
    *rows: Expectation, provision: str = LIMIT, only: bool = False, frame: pl.DataFrame | None = None
) -> tuple[str, ...]:
    case = Case(
        name="a case",
        kind="pass",
        as_of=date(2026, 4, 20),
        since=None,
        facts=(),
        complete=(),
        expect=rows,
        only=only,
        span=PLACE,
    )
    found = compare_findings(make_findings().frame if frame is None else frame, provision, case)
    return tuple(difference.text for difference in found)


def test_a_case_passes_when_every_finding_is_expected() -> None:
    assert compare(*ALL_LIMITS) == ()


def test_a_finding_that_nobody_expects_fails() -> None:
    differences = compare(*ALL_LIMITS[1:])
    assert len(differences) == 1
    assert "us.example.monthly-average/main/L7/2026-03-01: violation" in differences[0]
    assert "not expected by any row" in differences[0]


def test_only_lifts_the_demand_to_expect_all() -> None:
    assert compare(ALL_LIMITS[0], only=True) == ()


def test_an_expectation_without_a_finding_fails() -> None:
    assert compare(expect("L99", "violation"), only=True) == ("line 7: no finding for us.example.monthly-average/L99",)
    (told,) = compare(replace(expect("L99", "violation"), period="March 2026"), only=True)
    assert "/L99/March 2026: `March 2026` is not a period; write 2026, 2026-Q3, 2026-03" in told


def test_another_status_fails_with_the_reason_found() -> None:
    place = "line 7: us.example.monthly-average/main/L7/2026-03-01"
    difference = f"{place}: expected compliant, found violation (36.2 mg/L > 30 mg/L)"
    assert compare(expect("L7", "compliant"), only=True) == (difference,)


def test_a_finding_expected_twice_fails() -> None:
    assert "is expected by 2 rows" in compare(*ALL_LIMITS, ALL_LIMITS[0])[0]


def test_a_row_that_means_several_findings_fails() -> None:
    """The same subject in two months, of which neither is as expected."""
    april = (
        make_findings()
        .frame.filter(pl.col("subject") == "L7")
        .with_columns(finding=pl.lit("f" * 16), period_from=date(2026, 4, 1), occurrence=pl.lit("2026-04-01"))
    )
    frame = pl.concat([make_findings().frame, april])
    differences = compare(expect("L7", "compliant"), only=True, frame=frame)
    assert "2 findings for us.example.monthly-average/L7" in differences[0]
    assert compare(replace(expect("L7", "violation"), period="2026-04"), only=True, frame=frame) == ()


def test_a_sliding_period_goes_by_its_last_month_also_where_its_window_is_cut() -> None:
    """Twelve months up to March 2026, of which the subject was there on the last two days."""
    cut = {"period_from": date(2026, 3, 30), "period_to": date(2026, 3, 31), "occurrence": "2025-04-01"}
    only = pl.col("subject") == "L7"
    frame = make_findings().frame.filter(only).with_columns(pl.lit(value).alias(name) for name, value in cut.items())
    for period in ("2026-03", "2025-04-01"):
        assert compare(replace(expect("L7", "violation"), period=period), only=True, frame=frame) == ()
    for period in ("2026-02", "2026-04"):
        assert compare(replace(expect("L7", "violation"), period=period), only=True, frame=frame)


def test_a_short_id_names_the_provision() -> None:
    assert compare(*(replace(row, provision="monthly-average") for row in ALL_LIMITS)) == ()


def test_a_finding_about_a_finding_goes_by_the_record() -> None:
    late = expect("=cmd|'/c calc'!A1", "violation", NOTICE)
    about = replace(expect("L7", "pending", NOTICE), duty="written", period="2026-03", due="2026-04-28")
    assert compare(about, late, provision=NOTICE) == ()
    assert "no finding" in compare(replace(about, period="2026-04"), late, provision=NOTICE)[0]


@pytest.mark.parametrize(
    ("change", "passes"),
    [
        ({"period": "2026-03"}, True),
        ({"period": "2026-03-01"}, True),
        ({"period": "2026-W09"}, False),
        ({"period": "2026-02"}, False),
        ({"period": "2026"}, False),
        ({"occurrence": "2026-03-01"}, True),
        ({"occurrence": "2026-04-01"}, False),
        ({"duty": "main"}, True),
        ({"duty": "other"}, False),
        ({"due": "2026-03-31"}, True),
        ({"due": "2026-04-01"}, False),
        ({"exceedance": Fraction(62, 3)}, True),
        ({"exceedance": Fraction("20.7")}, False),
        ({"exceedance": Fraction("20.666666667")}, True),
        ({"exceedance": Fraction("20.66666666")}, False),
        ({"no_exceedance": True}, False),
        ({"days_late": 0}, False),
        ({"reason": "> 30 mg/L"}, True),
        ({"reason": "upset"}, False),
    ],
)
def test_all_that_a_row_states_is_compared(change: dict[str, object], *, passes: bool) -> None:
    changed = replace(ALL_LIMITS[0], **change)
    assert (compare(changed, *ALL_LIMITS[1:]) == ()) is passes


def test_days_late_are_compared() -> None:
    late = replace(expect("=cmd|'/c calc'!A1", "violation", NOTICE), days_late=5)
    assert compare(late, only=True) == ()
    assert "expected 4 days late, found 5" in compare(replace(late, days_late=4), only=True)[0]


def test_an_instant_is_compared_as_far_as_it_is_written() -> None:
    row = expect("L7", "pending", NOTICE)
    assert compare(replace(row, due="2026-04-28T12:30"), only=True) == ()
    assert compare(replace(row, due="2026-04-28T12:30:00Z"), only=True) == ()
    assert "expected due 2026-04-28T12:31" in compare(replace(row, due="2026-04-28T12:31"), only=True)[0]
