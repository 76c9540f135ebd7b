"""Reports as they are read: the whole text of each, and what must hold whatever the findings are."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.kernel.span import Span
from compliance_engine.model.facts import Quarantined
from compliance_engine.model.findings import Findings
from compliance_engine.reporting.csv_text import render_csv
from compliance_engine.reporting.explanation import render_explanation
from compliance_engine.reporting.json_text import render_json, render_jsonl
from compliance_engine.reporting.obligations import COLUMNS as OBLIGATION_COLUMNS
from compliance_engine.reporting.obligations import list_obligations, render_obligations, render_obligations_json
from compliance_engine.reporting.page import Page
from compliance_engine.reporting.quarantine import render_quarantine, render_quarantine_csv
from compliance_engine.reporting.rows import COLUMNS
from compliance_engine.reporting.summary import render_table, run_together
from compliance_engine.reporting.troubles import render_diagnostics_json
from compliance_engine.reporting.words import make_printable, name_period, name_period_in_words, name_subject
from tests.unit.example_findings import (
    COMPLIANT,
    EXEMPT,
    FOLLOWING,
    LATE,
    NOT_APPLICABLE,
    UNDETERMINED,
    VIOLATION,
    make_findings,
    make_program,
    make_provenance,
)

EXPECTED = Path(__file__).parent / "expected"


def render_summary(width: int, most: int = 25) -> str:
    page = Page(width=width, most=most)
    return render_table(make_findings(), make_provenance(), make_program(), evaluation=17, page=page)


def explain(finding: str) -> str:
    return render_explanation(make_findings(), finding, make_provenance(), make_program(), evaluation=17)


def read_csv(findings: Findings | None = None) -> list[dict[str, str]]:
    text = "".join(render_csv(findings or make_findings(), make_provenance(), make_program()))
    return list(csv.DictReader(io.StringIO(text)))


GOLDEN: dict[str, Callable[[], str]] = {
    "summary-100.txt": lambda: render_summary(100),
    "summary-60.txt": lambda: render_summary(60, most=1),
    "explained-violation.txt": lambda: explain(VIOLATION),
    "explained-undetermined.txt": lambda: explain(UNDETERMINED),
    "explained-not-applicable.txt": lambda: explain(NOT_APPLICABLE),
    "explained-exempt.txt": lambda: explain(EXEMPT),
    "explained-following.txt": lambda: explain(FOLLOWING),
    "explained-late.txt": lambda: explain(LATE),
    "findings.csv": lambda: "".join(render_csv(make_findings(), make_provenance(), make_program())),
    "findings.json": lambda: "".join(render_json(make_findings(), make_provenance(), make_program(), 17)),
    "findings.jsonl": lambda: "".join(render_jsonl(make_findings(), make_provenance(), make_program())),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_whole_text(name: str) -> None:
    assert GOLDEN[name]() == (EXPECTED / name).read_text(encoding="utf-8")


def test_every_expected_text_belongs_to_a_report() -> None:
    assert {path.name for path in EXPECTED.iterdir()} == set(GOLDEN)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_lines_keep_to_the_width(width: int) -> None:
    assert max(len(line) for line in render_summary(width).splitlines()) <= width


def test_color_is_for_terminals() -> None:
    plain = render_summary(100)
    page = Page(width=100, color=True)
    assert "\x1b" not in plain
    assert "\x1b[" in render_table(make_findings(), make_provenance(), make_program(), page=page)


def test_facts_cannot_drive_a_terminal() -> None:
    findings = make_findings()
    hostile = findings.frame.with_columns(
        pl.lit("\x1b]0;owned\x07\u202e[red]x[/red]").alias(name) for name in ("reason", "subject", "site")
    )
    wild = Findings(frame=hostile, evidence=findings.evidence, trace={})
    text = render_table(wild, make_provenance(), make_program())
    text += render_explanation(wild, VIOLATION, make_provenance(), make_program())
    assert not set(text) & {"\x1b", "\x07", "\u202e"}
    assert "[red]x[/red]" in text


def test_csv_and_json_tell_the_same() -> None:
    """Law: the keys are the columns, in one order, and a figure is one number in both."""
    lines = read_csv()
    document = json.loads("".join(render_json(make_findings(), make_provenance(), make_program())), parse_float=Decimal)
    assert [tuple(entry) for entry in document["findings"]] == [COLUMNS] * len(lines)
    assert tuple(lines[0]) == COLUMNS
    for line, entry in zip(lines, document["findings"], strict=True):
        percent = entry["exceedance_percent"]
        assert line["exceedance_percent"] == ("" if percent is None else str(percent))
        assert line["finding"] == entry["finding"]
        assert line["evidence"].count(";") == max(len(entry["evidence"]) - 1, 0)


def test_json_counts_every_status() -> None:
    document = json.loads("".join(render_json(make_findings(), make_provenance(), make_program(), 17)))
    assert document["schema"] == "compliance-findings/1"
    assert document["evaluation"]["id"] == 17
    assert sum(document["counts"].values()) == len(document["findings"])
    assert document["quarantine"][0]["file"] == "monitoring/2026.xlsx"


def test_json_lines_are_the_findings_of_the_document() -> None:
    lines = "".join(render_jsonl(make_findings(), make_provenance(), make_program())).splitlines()
    document = json.loads("".join(render_json(make_findings(), make_provenance(), make_program())))
    assert [json.loads(line) for line in lines] == document["findings"]


def test_a_text_that_looks_like_a_figure_stays_a_text() -> None:
    tricky = '"exceedance_percent":"5"'
    findings = make_findings()
    frame = findings.frame.with_columns(reason=pl.lit(tricky))
    text = "".join(
        render_json(Findings(frame=frame, evidence=findings.evidence, trace={}), make_provenance(), make_program())
    )
    assert {entry["reason"] for entry in json.loads(text)["findings"]} == {tricky}


def test_a_spreadsheet_runs_nothing() -> None:
    """Texts that begin as a formula get an apostrophe; figures below zero are figures."""
    lines = {line["finding"]: line for line in read_csv()}
    assert lines[LATE]["subject"] == "'=cmd|'/c calc'!A1"
    assert lines[LATE]["reason"].startswith("'+done")
    assert lines[COMPLIANT]["value"] == "-3"
    assert lines[COMPLIANT]["reason"] == "'-3 <= 30"
    assert lines[UNDETERMINED]["limit"] == "'-5 degC"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_every_way_to_begin_a_formula_is_closed(start: str) -> None:
    findings = make_findings()
    frame = findings.frame.with_columns(pl.lit(start + "1+1").alias(name) for name in ("site", "reason", "subject"))
    for line in read_csv(Findings(frame=frame, evidence=findings.evidence, trace={})):
        assert {line[name] for name in ("site", "reason", "subject")} == {f"'{start}1+1"}


def test_a_negative_percentage_is_a_number() -> None:
    findings = make_findings()
    frame = findings.frame.with_columns(exceedance_percent=pl.lit(Decimal("-0.5")).cast(pl.Decimal(38, 9)))
    lines = read_csv(Findings(frame=frame, evidence=findings.evidence, trace={}))
    assert {line["exceedance_percent"] for line in lines} == {"-0.5"}


def test_no_findings_make_empty_reports() -> None:
    empty = Findings(frame=make_findings().frame.clear(), evidence=make_findings().evidence.clear(), trace={})
    assert read_csv(empty) == []
    assert json.loads("".join(render_json(empty, make_provenance(), make_program())))["findings"] == []
    assert "Violations" not in render_table(empty, make_provenance(), make_program())


def test_a_finding_without_its_law_is_still_explained() -> None:
    program = make_program()
    program.provisions.clear()
    text = render_explanation(make_findings(), VIOLATION, make_provenance(), program)
    assert "us.example.monthly-average/main" in text
    assert "an evaluation (not stored)" in text


@pytest.mark.parametrize(
    ("start", "end", "name"),
    [
        (date(2026, 3, 1), date(2026, 3, 31), "2026-03"),
        (date(2024, 2, 1), date(2024, 2, 29), "2024-02"),
        (date(2026, 12, 1), date(2026, 12, 31), "2026-12"),
        (date(2026, 7, 1), date(2026, 9, 30), "2026-Q3"),
        (date(2026, 10, 1), date(2026, 12, 31), "2026-Q4"),
        (date(2026, 2, 1), date(2026, 4, 30), "2026-02-01..2026-04-30"),
        (date(2026, 1, 1), date(2026, 12, 31), "2026"),
        (date(2026, 3, 2), date(2026, 3, 31), "2026-03-02..2026-03-31"),
        (date(2026, 3, 1), date(2026, 3, 1), "2026-03-01"),
        (date(2026, 3, 1), None, "2026-03-01.."),
        (None, date(2026, 3, 1), "..2026-03-01"),
        (None, None, ""),
    ],
)
def test_periods_have_the_names_that_people_use(start: date | None, end: date | None, name: str) -> None:
    assert name_period(start, end) == name


def test_a_month_is_written_out_in_a_heading() -> None:
    assert name_period_in_words(date(2026, 3, 1), date(2026, 3, 31)) == "March 2026"
    assert name_period_in_words(date(2026, 1, 1), date(2026, 12, 31)) == "2026"


@pytest.mark.parametrize(
    ("rows", "text"),
    [([2], "2"), ([2, 3, 4], "2-4"), ([2, 4, 5, 9], "2, 4-5, 9"), ([], ""), ([1, 3, 5], "1, ... (3 rows)")],
)
def test_rows_run_together(rows: list[int], text: str) -> None:
    assert run_together(rows, most=1 if "..." in text else 8) == text


def test_a_printable_text_is_left_alone() -> None:
    assert make_printable("µg/L – 40 CFR § 122") == "µg/L – 40 CFR § 122"


def test_the_register_lists_what_applies() -> None:
    """Not what certainly does not apply; open duties by their next due date."""
    rows = list_obligations(make_findings(), make_program())
    keyed = {(row["site"], row["provision"]): row for row in rows.to_dicts()}
    assert set(keyed) == {
        ("hilltop", "us.example.notice"),
        ("riverside", "us.example.monthly-average"),
        ("riverside", "us.example.notice"),
    }
    average = keyed["riverside", "us.example.monthly-average"]
    assert (average["subjects"], average["open"], average["next_due"]) == (5, 2, date(2026, 3, 31))
    assert average["why"] == "each permit-limit, when type is ENF"
    assert average["responsible"] == "plant superintendent"
    assert average["certain"] is True
    assert keyed["hilltop", "us.example.notice"]["next_due"] is None


def test_the_register_narrows_to_what_is_due_soon() -> None:
    rows = list_obligations(make_findings(), make_program(), until=date(2026, 4, 1))
    assert rows["provision"].to_list() == ["us.example.monthly-average"]


def test_what_may_not_apply_is_said_to_be_uncertain() -> None:
    findings = make_findings()
    frame = findings.frame.filter(pl.col("finding") == UNDETERMINED).with_columns(
        possible=pl.lit("compliant|violation|not_applicable")
    )
    rows = list_obligations(Findings(frame=frame, evidence=findings.evidence, trace={}), make_program())
    assert rows["certain"].to_list() == [False]
    assert "may apply to 1 subject" in render_obligations(rows, make_provenance())


def test_the_register_as_json() -> None:
    rows = list_obligations(make_findings(), make_program())
    document = json.loads(render_obligations_json(rows, make_provenance()))
    assert document["schema"] == "compliance-obligations/1"
    assert tuple(document["obligations"][0]) == OBLIGATION_COLUMNS
    assert len(document["obligations"]) == 3


def test_diagnostics_as_json_name_their_places() -> None:
    related = ((Span("b.yaml", 3, 1), "the other one"),)
    trouble = Diagnostic(code="x", message="m", span=Span("a.yaml", 1, 2), hint="h", related=related)
    document = json.loads(render_diagnostics_json([trouble, Diagnostic(code="y", message="n")], {"errors": 2}))
    assert document["diagnostics"][0]["related"] == [
        {"file": "b.yaml", "line": 3, "column": 1, "remark": "the other one"}
    ]
    assert document["diagnostics"][1]["file"] is None
    assert document["counts"] == {"errors": 2}


def test_refused_rows_are_shown_safely() -> None:
    rows = (Quarantined(source=0, row=9, column="", found="=1+1\x1b[2J", reason="the row is torn"),)
    sources = make_provenance().sources
    assert render_quarantine(rows, sources) == (
        'monitoring/2026.xlsx#Lab!row 9: the row is torn (found "=1+1\N{REPLACEMENT CHARACTER}[2J")\n'
    )
    lines = list(csv.DictReader(io.StringIO(render_quarantine_csv(rows, sources))))
    assert lines[0]["found"].startswith("'=1+1")


def test_repeats_of_a_breach_stand_together() -> None:
    """One entry for the worst period, which names the others; the count is of findings."""
    findings = make_findings()
    worst = findings.frame.filter(pl.col("finding") == VIOLATION)
    months = [
        worst.with_columns(
            finding=pl.lit(f"{month:016x}"),
            period_from=date(2025, month, 1),
            period_to=date(2025, month, 28),
            exceedance_percent=pl.lit(Decimal(month)).cast(pl.Decimal(38, 9)),
        )
        for month in range(1, 7)
    ]
    frame = pl.concat([findings.frame, *months])
    text = render_table(Findings(frame=frame, evidence=findings.evidence, trace={}), make_provenance(), make_program())
    assert "Violations (8)" in text
    assert text.count("permit-limit L7 ·") == 1
    assert "also 2025-01-01..2025-01-28 00000000, " in text
    assert "... (6 in all)" in " ".join(text.split())


def test_what_is_undetermined_is_told_by_duty() -> None:
    findings = make_findings()
    one = findings.frame.filter(pl.col("finding") == UNDETERMINED)
    more = [one.with_columns(finding=pl.lit(f"{n:016x}"), subject=pl.lit(f"M{n}")) for n in range(40)]
    frame = pl.concat([findings.frame, *more])
    text = render_table(Findings(frame=frame, evidence=findings.evidence, trace={}), make_provenance(), make_program())
    assert "Undetermined (41)" in text
    assert "and 40 other findings of this duty, 41 subjects in all" in text


def test_a_finding_about_a_finding_is_named_by_the_record() -> None:
    text = " ".join(render_summary(100).split())
    assert "permit-limit L7 of 2026-03-01" in text


def test_duties_of_one_provision_are_told_apart() -> None:
    """Two duties share the title of their provision: which one is meant stands behind it."""
    text = " ".join(render_summary(100).split())
    title = next(version.title for version in make_program().provisions["us.example.notice"])
    assert f"{title} (written) ·" in text
    assert "(main)" not in text


@pytest.mark.parametrize(
    ("kind", "subject", "named"),
    [
        ("permit-limit", "L7", "permit-limit L7"),
        ("distinct (site, chemical) in chemical-activity", "p/ammonia", "site/chemical p/ammonia"),
    ],
)
def test_a_composite_subject_is_named_by_its_keys(kind: str, subject: str, named: str) -> None:
    assert name_subject({"subject_type": kind, "subject": subject}) == named
