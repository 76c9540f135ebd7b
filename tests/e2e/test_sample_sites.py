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
    ("npdes.schedule-achieved", "main", "RV-S-2", "2026-08-31", "violation"),
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
    ("npdes.bypass-prohibited", "main", "TC-I-2026-01", FIRST_DAY_OR_ANY, "compliant"),
    ("npdes.anticipated-bypass-notice", "main", "TC-PB-2026-10", FIRST_DAY_OR_ANY, "pending"),
    ("npdes.planned-change-notice", "before", "TC-PC-2026-08", FIRST_DAY_OR_ANY, "violation"),
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
ORCHARD_BEND = (
    ("caa.refrigerant.hfc-leak-repair", "repair", "OB-T3", "2026-01-14", "compliant"),
    ("caa.refrigerant.hfc-leak-repair", "repair", "OB-T8", "2026-03-10", "compliant"),
    ("caa.refrigerant.hfc-leak-repair", "repair", "OB-T10", "2026-05-05", "compliant"),
    ("caa.refrigerant.hfc-leak-repair", "repair", "OB-T12", "2026-08-01", "undetermined"),
    ("caa.refrigerant.hfc-leak-repair", "repair", "OB-T7", "2026-03-03", "not_applicable"),
    ("caa.refrigerant.hfc-leak-repair", "repair", "OB-T9", "2026-04-22", "not_applicable"),
    ("caa.refrigerant.hfc-leak-repair", "repair", "OB-T6", "2026-02-10", "not_applicable"),
    ("caa.refrigerant.hfc-leak-rate-calculation", "main", "OB-T11", FIRST_DAY_OR_ANY, "exempt"),
    ("caa.refrigerant.hfc-leak-inspection-quarterly", "main", "OB-A1", "2026-04-01", "compliant"),
    ("caa.refrigerant.hfc-leak-inspection-quarterly", "main", "OB-A1", "2026-07-01", "pending"),
    ("caa.refrigerant.ods-leak-repair", "repair", "OB-T1", "2025-11-05", "exempt"),
    ("caa.refrigerant.ods-leak-repair", "repair", "OB-T5", "2026-02-03", "violation"),
    ("caa.refrigerant.ods-leak-repair", "initial-test", "OB-T5", "2026-02-03", "violation"),
    ("caa.refrigerant.ods-leak-repair", "repair", "OB-T13", "2026-08-20", "exempt"),
    ("caa.refrigerant.extended-repair", "main", "OB-X1", FIRST_DAY_OR_ANY, "pending"),
    ("caa.refrigerant.ods-follow-up-test", "main", "OB-R5", "2026-03-20", "violation"),
    ("caa.refrigerant.ods-leak-inspection-quarterly", "main", "OB-A2", "2026-04-01", "violation"),
    ("caa.refrigerant.ods-leak-rate-calculation", "main", "OB-T5", FIRST_DAY_OR_ANY, "violation"),
    ("caa.refrigerant.ods-chronic-leaker", "main", "OB-A8", "2025-01-01", "compliant"),
    ("caa.refrigerant.retrofit-plan", "main", "OB-P1", FIRST_DAY_OR_ANY, "compliant"),
    ("caa.title-v.monitoring-report", "on-time", "OB-D1", FIRST_DAY_OR_ANY, "compliant"),
    ("caa.title-v.monitoring-report", "on-time", "OB-D3", FIRST_DAY_OR_ANY, "violation"),
    ("caa.title-v.compliance-certification", "signed", "OB-D2", FIRST_DAY_OR_ANY, "undetermined"),
    ("caa.title-v.renewal", "main", "OB-TV", FIRST_DAY_OR_ANY, "pending"),
    ("caa.title-v.deviation-report", "main", "OB-V2", FIRST_DAY_OR_ANY, "violation"),
    ("caa.title-v.record-retention", "main", "OB-K1", FIRST_DAY_OR_ANY, "compliant"),
    ("caa.title-v.record-retention", "main", "OB-K2", FIRST_DAY_OR_ANY, "violation"),
    ("caa.engines.emergency-hours", "non-emergency", "OB-E1", "2026-01-01", "violation"),
    ("caa.engines.work-practice-yearly", "main", "OB-M2", "2024-11-04", "violation"),
    ("caa.engines.hour-meter", "main", "OB-E2", FIRST_DAY_OR_ANY, "not_applicable"),
    ("caa.boilers.fuel-records", "main", "OB-B1", "2026-06-01", "violation"),
    ("caa.boilers.fuel-records", "main", "OB-B2", "2026-06-01", "not_applicable"),
    ("osha.forklift.refresher", "main", "OB-O1", FIRST_DAY_OR_ANY, "compliant"),
    ("osha.forklift.refresher", "main", "OB-O2", FIRST_DAY_OR_ANY, "not_applicable"),
    ("osha.forklift.evaluation", "main", "OB-J2", "2024-06-11", "pending"),
    ("osha.forklift.certified", "main", "OB-J2", FIRST_DAY_OR_ANY, "violation"),
    ("osha.hazwoper.general-site-worker", "field-experience", "OB-J4", FIRST_DAY_OR_ANY, "violation"),
    ("osha.hazwoper.general-site-worker", "instruction", "OB-J5", FIRST_DAY_OR_ANY, "exempt"),
    ("osha.hazwoper.responder-statement", "main", "OB-L11", FIRST_DAY_OR_ANY, "violation"),
    ("osha.hazcom.new-hazard", "main", "OB-N1", FIRST_DAY_OR_ANY, "compliant"),
    ("osha.hazcom.new-hazard", "main", "OB-N2", FIRST_DAY_OR_ANY, "undetermined"),
    ("dot.hazmat.initial", "safety", "OB-J8", FIRST_DAY_OR_ANY, "pending"),
    ("dot.hazmat.initial", "safety", "OB-J10", FIRST_DAY_OR_ANY, "not_applicable"),
    ("dot.hazmat.recurrent", "safety", "OB-J9", "2022-10-04", "violation"),
    ("dot.hazmat.security-awareness", "main", "OB-J10", FIRST_DAY_OR_ANY, "exempt"),
    ("dot.hazmat.supervision", "main", "OB-W1", FIRST_DAY_OR_ANY, "compliant"),
    ("dot.hazmat.supervision", "main", "OB-W2", FIRST_DAY_OR_ANY, "violation"),
)
SITES = (
    ("riverside", "us/cwa", RIVERSIDE),
    ("tannery-creek", "us/cwa", TANNERY_CREEK),
    ("harlow-plating", "us/rcra", HARLOW_PLATING),
    ("orchard-bend", "us", ORCHARD_BEND),
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
