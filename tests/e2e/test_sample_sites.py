"""The verdicts that facts/README.md promises of the sample sites, each for the reason stated there."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]
FIRST_DAY_OR_ANY = ""

# provision below its instrument, duty, subject, first day of the period (or of the trigger), status
RIVERSIDE = (
    ("npdes.monthly-average", "main", "RV-BOD-monthly", "2026-03-01", "violation"),
    ("npdes.monthly-average", "main", "RV-BOD-monthly", "2026-02-01", "compliant"),
    ("npdes.monthly-average", "main", "RV-BOD-monthly", "2026-09-01", "pending"),
    ("npdes.monthly-average", "main", "RV-NH3-winter", "2026-07-01", "not_applicable"),
    ("npdes.monthly-average", "main", "RV-P-alert", "2026-03-01", "not_applicable"),
    ("npdes.monthly-average", "main", "RV-ZN-stayed", "2026-03-01", "not_applicable"),
    ("npdes.monthly-removal", "main", "RV-BOD-removal", "2026-03-01", "violation"),
    ("npdes.weekly-average", "main", "RV-BOD-weekly", "2026-06-07", "exempt"),
    ("npdes.daily-minimum", "main", "RV-DO-daily", "2026-08-05", "compliant"),
    ("npdes.daily-maximum", "main", "RV-CU-daily", "2026-09-02", "compliant"),
    ("npdes.daily-maximum", "main", "RV-CU-daily", "2026-02-04", "undetermined"),
    ("npdes.daily-maximum", "main", "RV-ECOLI-daily", "2026-07-15", "violation"),
    ("npdes.geometric-mean", "main", "RV-ECOLI-monthly", "2026-08-01", "undetermined"),
    ("npdes.monitoring-frequency-weekly", "main", "RV-M-BOD", "2025-11-23", "violation"),
    ("npdes.monitoring-frequency-weekly", "main", "RV-M-BOD", "2025-09-28", "undetermined"),
    ("npdes.monitoring-frequency-monthly", "main", "RV-M-CL2", "2026-03-01", "not_applicable"),
    ("npdes.instantaneous-range", "main", "RV-PH-low", "2025-11-01", "violation"),
    ("npdes.schedule-report", "main", "RV-S-2", "2026-08-31", "violation"),
    ("npdes.significant-noncompliance", "chronic", "RV-TSS-monthly", "2026-02-01", "violation"),
    ("npdes.permit-renewal", "main", "RV-permit", FIRST_DAY_OR_ANY, "pending"),
)
TANNERY_CREEK = (
    ("npdes.monthly-average", "main", "TC-CR-monthly", "2026-02-01", "violation"),
    ("npdes.monthly-average", "main", "TC-CR-monthly", "2026-03-01", "compliant"),
    ("npdes.monthly-average", "main", "TC-SW-TSS", "2025-11-01", "not_applicable"),
    ("npdes.monthly-average", "main", "TC-SW-TSS", "2026-03-01", "undetermined"),
    ("npdes.monthly-average", "main", "TC-BOD-monthly", "2026-07-01", "undetermined"),
    ("npdes.daily-maximum", "main", "TC-CR-daily", "2026-02-11", "violation"),
    ("npdes.instantaneous-range", "main", "TC-PH-high", "2026-04-01", "violation"),
    ("npdes.significant-noncompliance", "trc", "TC-CR-monthly", "2025-12-01", "violation"),
    ("npdes.record-retention", "main", "TC-R-2022", FIRST_DAY_OR_ANY, "violation"),
    ("npdes.incident-notice", "oral", "TC-I-2026-01", FIRST_DAY_OR_ANY, "compliant"),
    ("npdes.incident-notice", "written", "TC-I-2026-05", FIRST_DAY_OR_ANY, "undetermined"),
    ("npdes.permit-renewal", "main", "TC-permit", FIRST_DAY_OR_ANY, "exempt"),
    ("npdes.permit-renewal-later", "main", "TC-RP-1", FIRST_DAY_OR_ANY, "compliant"),
)
HARLOW_PLATING = (
    ("sqg-accumulation-time", "main", "HP-C12", "2025-12-01", "compliant"),
    ("lqg-accumulation-time", "main", "HP-C04", "2026-03-02", "compliant"),
    ("lqg-accumulation-time", "main", "HP-C07", "2026-03-25", "compliant"),
    ("lqg-accumulation-time", "main", "HP-C03", "2026-02-10", "violation"),
    ("lqg-accumulation-time", "main", "HP-C05", "2026-03-10", "undetermined"),
    ("lqg-accumulation-time", "main", "HP-C06", "2026-08-20", "pending"),
    ("lqg-accumulation-time", "main", "HP-C08", "2026-07-07", "not_applicable"),
    ("training-documents", "main", "HP", "2026-03-01", "violation"),
    ("training-documents", "main", "HP", "2026-04-01", "compliant"),
    ("training-documents", "main", "HP", "2026-05-01", "not_applicable"),
    ("training-documents", "main", "HP", "2026-07-01", "not_applicable"),
    ("training-documents", "main", "HP", "2026-08-01", "compliant"),
    ("episodic-once-a-year", "main", "HP-E-2", FIRST_DAY_OR_ANY, "violation"),
    ("training-initial", "main", "HP-A-3", FIRST_DAY_OR_ANY, "violation"),
    ("training-initial", "main", "HP-A-5", FIRST_DAY_OR_ANY, "exempt"),
    ("training-initial", "main", "HP-A-6", FIRST_DAY_OR_ANY, "pending"),
    ("training-supervised", "main", "HP-WW-2", FIRST_DAY_OR_ANY, "violation"),
    ("training-review", "main", "HP-A-4", "2026-01-01", "undetermined"),
    ("training-retention", "main", "HP-TD-2", FIRST_DAY_OR_ANY, "violation"),
    ("weekly-inspection", "main", "HP-CAA", "2026-05-17", "violation"),
    ("property-line", "main", "HP-C09", "2026-04-02", "violation"),
    ("property-line", "main", "HP-C10", "2026-04-01", "exempt"),
    ("exception-report-lqg", "report", "HP-M-2", FIRST_DAY_OR_ANY, "violation"),
    ("exception-report-sqg", "main", "HP-M-3", FIRST_DAY_OR_ANY, "compliant"),
    ("manifest-used", "main", "HP-WS-3", FIRST_DAY_OR_ANY, "exempt"),
    ("renotification-sqg", "main", "HP", "2025-01-01", "violation"),
    ("sqg-emergency-coordinator", "main", "HP", "2026-05-01", "violation"),
)
SITES = (
    ("riverside", "us/cwa", RIVERSIDE),
    ("tannery-creek", "us/cwa", TANNERY_CREEK),
    ("harlow-plating", "us/rcra", HARLOW_PLATING),
)


@pytest.mark.slow
@pytest.mark.parametrize(("site", "law", "promised"), SITES)
def test_the_sample_sites_get_the_verdicts_that_they_show(
    run: Run, tmp_path: Path, site: str, law: str, promised: tuple[tuple[str, str, str, str, str], ...]
) -> None:
    """Every promised verdict is found once, and every kind of verdict occurs."""
    out = tmp_path / "findings.csv"
    scope = ("--rules", ROOT / "rulesets" / law, "--facts", ROOT / "facts" / site, "--as-of", "2026-09-30")
    result = run("evaluate", *scope, "--format", "csv", "--out", out)
    assert result.exit_code in {0, 1}, result.output
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["status"] for row in rows} == {
        "violation",
        "undetermined",
        "pending",
        "compliant",
        "exempt",
        "not_applicable",
    }
    found = {wanted: _statuses(rows, law, wanted) for wanted in promised}
    assert found == {wanted: [wanted[-1]] for wanted in promised}


def _statuses(rows: list[dict[str, str]], law: str, wanted: tuple[str, str, str, str, str]) -> list[str]:
    """Give the statuses of the findings that a promise is about."""
    provision, duty, subject, first, _ = wanted
    return [
        row["status"]
        for row in rows
        if (row["provision"], row["duty"], row["subject"]) == (f"{law.replace('/', '.')}.{provision}", duty, subject)
        and first in {FIRST_DAY_OR_ANY, row["period_from"]}
    ]
