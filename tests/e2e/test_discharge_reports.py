"""Rows of EPA's discharge monitoring reports as they are, through the shipped mapping and the shipped law."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from compliance_engine.kernel.shipped import shipped_facts

Run = Callable[..., Result]

ROW = {
    "EXTERNAL_PERMIT_NMBR": "XX0000001",
    "PERM_FEATURE_NMBR": "001",
    "PARAMETER_CODE": "00530",
    "MONITORING_PERIOD_END_DATE": "03/31/2026",
    "LIMIT_TYPE_CODE": "ENF",
    "LIMIT_VALUE_QUALIFIER_CODE": "<=",
    "STATISTICAL_BASE_TYPE_CODE": "AVG",
    "LIMIT_VALUE_NMBR": "30",
    "LIMIT_UNIT_CODE": "19",
    "LIMIT_VALUE_STANDARD_UNITS": "30.0",
    "DMR_VALUE_NMBR": "20",
    "DMR_VALUE_QUALIFIER_CODE": "=",
    "DMR_UNIT_CODE": "",
    "DMR_VALUE_STANDARD_UNITS": "20.0",
    "STAY_TYPE_CODE": "",
    "STAY_VALUE_NMBR": "",
    "OPTIONAL_MONITORING_FLAG": "N",
    "NODI_CODE": "",
    "VALUE_RECEIVED_DATE": "04/15/2026",
    "DAYS_LATE": "",
    "VIOLATION_CODE": "",
    "EXCEEDENCE_PCT": "",
}
NOTHING = {"DMR_VALUE_NMBR": "", "DMR_VALUE_QUALIFIER_CODE": "", "DMR_VALUE_STANDARD_UNITS": ""}

# What differs from a value of 20 against a limit of at most 30: effluent limit, percentage, report on time.
ROWS: dict[str, tuple[dict[str, str], tuple[str, str, str]]] = {
    "kept": ({}, ("compliant", "", "compliant")),
    "equal": ({"DMR_VALUE_NMBR": "30", "DMR_VALUE_STANDARD_UNITS": "30"}, ("compliant", "", "compliant")),
    "above": ({"DMR_VALUE_NMBR": "36.2", "DMR_VALUE_STANDARD_UNITS": "36.2"}, ("violation", "21", "compliant")),
    "late": ({"DAYS_LATE": "31"}, ("compliant", "", "violation")),
    "not-so-late": ({"DAYS_LATE": "30"}, ("compliant", "", "compliant")),
    "never-came": (
        NOTHING | {"VALUE_RECEIVED_DATE": "", "DAYS_LATE": "90"},
        ("undetermined", "", "violation"),
    ),
    "their-verdict-is-not-read": ({"VIOLATION_CODE": "E90", "EXCEEDENCE_PCT": "50"}, ("compliant", "", "compliant")),
    "sign-opposes": ({"DMR_VALUE_QUALIFIER_CODE": ">"}, ("violation", "99999", "compliant")),
    "less-than": ({"DMR_VALUE_QUALIFIER_CODE": "<"}, ("compliant", "", "compliant")),
    "no-discharge": (NOTHING | {"NODI_CODE": "C"}, ("not_applicable", "", "compliant")),
    "not-detected": (NOTHING | {"NODI_CODE": "B"}, ("compliant", "", "compliant")),
    "lost": (NOTHING | {"NODI_CODE": "D"}, ("undetermined", "", "compliant")),
    "nothing": (NOTHING, ("undetermined", "", "compliant")),
    "invited": (NOTHING | {"OPTIONAL_MONITORING_FLAG": "Y"}, ("not_applicable", "", "not_applicable")),
    "alert": ({"LIMIT_TYPE_CODE": "ALR", "DMR_VALUE_NMBR": "45"}, ("not_applicable", "", "compliant")),
    "stayed": ({"STAY_TYPE_CODE": "Y", "DMR_VALUE_NMBR": "45"}, ("not_applicable", "", "compliant")),
    "zero": (
        {"LIMIT_VALUE_NMBR": "0", "LIMIT_VALUE_STANDARD_UNITS": "0"},
        ("violation", "", "compliant"),
    ),
    "no-standard-values": (
        {"DMR_VALUE_NMBR": "45", "DMR_VALUE_STANDARD_UNITS": "", "LIMIT_VALUE_STANDARD_UNITS": ""},
        ("violation", "50", "compliant"),
    ),
}


@pytest.fixture
def findings(run: Run, tmp_path: Path) -> list[dict[str, str]]:
    source = tmp_path / "dmr.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*ROW, "DMR_FORM_VALUE_ID"])
        writer.writeheader()
        writer.writerows(ROW | changes | {"DMR_FORM_VALUE_ID": name} for name, (changes, _) in ROWS.items())
    mapping = shipped_facts() / "mappings" / "icis-npdes-dmr.yaml"
    scope = ["--rules", "us/cwa", "--facts", source, "--mapping", mapping, "--as-of", "2026-11-01"]
    result = run("evaluate", *scope, "--no-store", "--format", "csv")
    assert result.exit_code == 1, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_each_value_has_one_verdict_on_its_limit_and_one_on_its_date(findings: list[dict[str, str]]) -> None:
    limits, dates = (
        {row["subject"]: row for row in findings if row["provision"] == f"us.cwa.npdes.{name}"}
        for name in ("effluent-limit", "report-on-time")
    )
    found = {name: (limits[name]["status"], limits[name]["exceedance_percent"], dates[name]["status"]) for name in ROWS}
    assert found == {name: expected for name, (_, expected) in ROWS.items()}


def test_a_report_says_nothing_of_other_law(findings: list[dict[str, str]]) -> None:
    assert {row["subject_type"] for row in findings} == {"dmr-value"}
    assert len(findings) == 3 * len(ROWS)
