"""The verdicts that facts/README.md promises of the tank farm, each for the reason stated there."""

import csv
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]

# provision below us, duty, subject, first day of the period (or of the trigger; empty: none), status
CEDAR_LANDING = (
    ("spcc.plan-in-place", "main", "CL-F", "", "compliant"),
    ("spcc.plan-certification", "certification", "CL-P2021", "2021-06-01", "compliant"),
    ("spcc.bulk-containment", "volume", "CL-D1", "", "compliant"),
    ("spcc.bulk-containment", "volume", "CL-D2", "", "violation"),
    ("spcc.rack-containment", "volume", "CL-R1", "", "compliant"),
    ("spcc.rack-containment", "volume", "CL-R2", "", "undetermined"),
    ("spcc.rack-departure", "main", "CL-R2", "", "exempt"),
    ("spcc.tank-containment", "main", "CL-T5", "", "exempt"),
    ("spcc.tank-containment", "main", "CL-MR1", "", "exempt"),
    ("spcc.tank-containment", "main", "CL-T6", "", "violation"),
    ("spcc.tank-containment", "main", "CL-TR1", "", "not_applicable"),
    ("spcc.tank-containment", "main", "CL-DR1", "", "not_applicable"),
    ("spcc.tank-containment", "main", "CL-X1", "", "undetermined"),
    ("spcc.integrity-schedule", "main", "CL-T6", "", "violation"),
    ("spcc.overfill", "main", "CL-T4", "", "violation"),
    ("spcc.overfill", "main", "CL-T8", "", "not_applicable"),
    ("spcc.plan-copy", "main", "CL-P2021", "", "violation"),
    ("spcc.scheduled-test", "main", "CL-S2", "2015-09-30", "compliant"),
    ("spcc.scheduled-test", "main", "CL-S3", "2016-03-31", "violation"),
    ("spcc.scheduled-test", "main", "CL-S7", "2026-07-31", "violation"),
    ("spcc.facility-change", "prepare", "CL-C2", "2025-10-20", "violation"),
    ("spcc.facility-change", "prepare", "CL-C3", "2026-06-15", "pending"),
    ("spcc.discharge-report", "regional-administrator", "CL-O1", "2025-03-03", "undetermined"),
    ("spcc.discharge-report", "regional-administrator", "CL-O2", "2025-11-12", "not_applicable"),
    ("spcc.discharge-report", "regional-administrator", "CL-O4", "2026-05-02", "violation"),
    ("spcc.discharge-report", "state-agency", "CL-O4", "2026-05-02", "compliant"),
    ("spcc.discharge-report", "state-agency", "CL-O5", "2026-09-05", "pending"),
    ("spcc.briefing", "main", "CL-F", "2026-01-01", "pending"),
    ("spcc.training", "main", "CL-A3", "", "violation"),
    ("spcc.training", "main", "CL-A4", "", "undetermined"),
    ("epcra.planning-notice", "state-commission", "CL-CL2", "2025-08-18", "compliant"),
    ("epcra.planning-notice", "local-committee", "CL-CL2", "2025-08-18", "violation"),
    ("epcra.planning-notice", "local-committee", "CL-ACID", "1987-05-17", "not_applicable"),
    ("epcra.annual-inventory", "fire-department", "CL-GAS", "2025-01-01", "compliant"),
    ("epcra.annual-inventory", "fire-department", "CL-DSL", "2025-01-01", "violation"),
    ("epcra.emergency-notice", "immediate-state", "CL-REL1", "2026-02-03", "compliant"),
    ("epcra.emergency-notice", "immediate-local", "CL-REL1", "2026-02-03", "undetermined"),
    ("epcra.emergency-notice", "written-local", "CL-REL1", "2026-02-03", "violation"),
    ("epcra.emergency-notice", "immediate-state", "CL-REL2", "2026-05-21", "exempt"),
    ("epcra.response-center-notice", "main", "CL-REL1", "2026-02-03", "compliant"),
    ("epcra.response-center-notice", "main", "CL-REL2", "2026-05-21", "violation"),
    ("epcra.response-center-notice", "main", "CL-REL3", "2026-08-11", "not_applicable"),
    ("epcra.short-form", "amount", "CL-BZ", "2025-01-01", "compliant"),
    ("epcra.short-form", "amount", "CL-XY", "2025-01-01", "violation"),
    ("epcra.toxics-report", "main", "CL-PB", "2025-01-01", "violation"),
    ("epcra.toxics-report", "main", "CL-TOL", "2025-01-01", "not_applicable"),
    ("epcra.toxics-report", "main", "CL-NAP", "2025-01-01", "not_applicable"),
    ("epcra.toxics-report", "main", "CL-HEX", "2025-01-01", "undetermined"),
)
EVERY_STATUS = {"violation", "undetermined", "pending", "compliant", "exempt", "not_applicable"}


def test_the_tank_farm_gets_the_verdicts_that_it_shows(run: Run, tmp_path: Path) -> None:
    """Every promised verdict is found once, and every kind of verdict occurs."""
    out = tmp_path / "findings.csv"
    scope = ("--rules", ROOT / "rulesets" / "us", "--facts", ROOT / "facts" / "cedar-landing", "--as-of", "2026-09-30")
    result = run("evaluate", *scope, "--format", "csv", "--out", out)
    assert result.exit_code in {0, 1}, result.output
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["status"] for row in rows} == EVERY_STATUS
    found = {wanted: _statuses(rows, wanted) for wanted in CEDAR_LANDING}
    assert found == {wanted: [wanted[-1]] for wanted in CEDAR_LANDING}


def _statuses(rows: list[dict[str, str]], wanted: tuple[str, str, str, str, str]) -> list[str]:
    """Give the statuses of the findings that a promise is about."""
    provision, duty, subject, first, _ = wanted
    named = (f"us.{provision}", duty, subject)
    return [
        row["status"]
        for row in rows
        if (row["provision"], row["duty"], row["subject"]) == named and row["period_from"] == first
    ]
