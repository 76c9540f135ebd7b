"""`compliance explain`: from the store, and anew for "why not"."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from compliance_engine.storing.evaluations import read_evaluation

Run = Callable[..., Result]


@pytest.fixture
def stored(run: Run, scope: list[str], tmp_path: Path) -> dict[tuple[str, str, str], str]:
    """Evaluate Brook, and give the ids of its findings."""
    assert run("evaluate", *scope).exit_code == 1
    findings, _, _ = read_evaluation(f"sqlite:///{tmp_path / 'compliance.db'}")
    rows = findings.frame.select("provision", "subject", "occurrence", "finding").rows()
    return {(provision, subject, occurrence): finding for provision, subject, occurrence, finding in rows}


def test_a_stored_violation_is_explained(run: Run, stored: dict[tuple[str, str, str], str]) -> None:
    finding = stored["test.monthly-average", "BOD", "2026-03-01"]
    result = run("explain", finding[:8])
    assert result.exit_code == 0, result.output
    lines = " ".join(result.stdout.split())
    assert lines.startswith(
        "VIOLATION brook · permit-limit BOD · The monthly average stays within the limit · March 2026"
    )
    assert "Test Act 1" in lines
    assert "36.2 mg/L" in lines
    assert "mean(result.value)" in lines
    assert "`type is ENF` holds" in lines
    assert "exempt as upset (affirmative defence): `some upset`" in lines
    assert "result B2, B3: 36 mg/L, 36.4 mg/L" in lines
    assert "lab.csv#row 3-4" in lines
    assert "evaluation 1 as of 2026-04-15" in lines


def test_an_exemption_names_what_excused(run: Run, stored: dict[tuple[str, str, str], str]) -> None:
    text = run("explain", stored["test.monthly-average", "TSS", "2026-03-01"]).stdout
    assert "excuses: upset U1" in text
    assert "Test Act 2" in text


def test_the_evaluation_may_be_named(run: Run, stored: dict[tuple[str, str, str], str]) -> None:
    finding = stored["test.monthly-average", "BOD", "2026-03-01"]
    assert run("explain", finding, "--evaluation", "1").exit_code == 0
    result = run("explain", finding, "--evaluation", "2")
    assert result.exit_code == 2
    assert "the store has no evaluation 2" in result.stderr


def test_an_ambiguous_beginning_is_reported(run: Run, stored: dict[tuple[str, str, str], str]) -> None:
    result = run("explain", "")
    assert result.exit_code == 2
    assert f"{len(stored)} findings of evaluation 1 have an id that starts with ``" in result.stderr


def test_an_unknown_finding_is_reported(run: Run, stored: dict[tuple[str, str, str], str]) -> None:
    del stored
    result = run("explain", "zzz")
    assert result.exit_code == 2
    assert "no finding of any evaluation has an id that starts with `zzz`" in result.stderr


def test_without_a_store_there_is_nothing_to_explain(run: Run) -> None:
    result = run("explain", "abc")
    assert result.exit_code == 2
    assert "there is no store at compliance.db" in result.stderr


def test_why_not_names_the_condition_that_failed(run: Run, scope: list[str]) -> None:
    result = run("explain", "--provision", "monthly-average", "--subject", "ZN", *scope)
    assert result.exit_code == 0, result.output
    assert result.stdout.count("NOT APPLICABLE") == 3
    assert "`type is ENF` does not hold" in result.stdout


def test_why_not_says_that_there_is_no_such_subject(run: Run, scope: list[str]) -> None:
    result = run("explain", "--provision", "monthly-average", "--subject", "BOB", *scope)
    assert result.exit_code == 0
    assert "has no obligation for `BOB`" in result.stdout
    assert "did you mean BOD?" in result.stdout


NOTICE = """\
provision: test.notice
title: A breach is told
citation: Test Act 9
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: finding of test.monthly-average, when: [met is false]}
require: some report
"""


def test_a_provision_about_findings_is_explained_for_their_own_subject(
    run: Run, scope: list[str], tmp_path: Path
) -> None:
    (tmp_path / "notice.yaml").write_text(NOTICE, encoding="utf-8")
    asked = ("explain", "--provision", "test.notice", "--rules", tmp_path / "notice.yaml", *scope)
    result = run(*asked, "--subject", "BOD")
    assert result.exit_code == 0, result.output
    assert "about     test.monthly-average/main: violation" in result.stdout
    none = run(*asked, "--subject", "BODS").stdout
    assert "It applies to each finding of test.monthly-average" in none
    assert "did you mean BOD?" in none


DOUBT = """\
vocabulary: test.doubt
types: {outfall: {kind: reference, fields: {site: reference site, indoor: bool}}}
---
provision: test.outdoors
title: Outfalls outdoors are reported
citation: Test Act 10
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: outfall where not indoor}
require: some report
"""


def test_what_a_subject_is_is_said_where_it_is_not_known_to_be_one(run: Run, scope: list[str], tmp_path: Path) -> None:
    (tmp_path / "doubt.yaml").write_text(DOUBT, encoding="utf-8")
    site = tmp_path / "more"
    site.mkdir()
    (site / "site.yaml").write_text("facts: more\nrecords: {outfall: [{id: X, site: more}], site: [{id: more}]}\n")
    asked = ("--provision", "test.outdoors", "--subject", "X", "--rules", tmp_path / "doubt.yaml", "--facts", site)
    result = run("explain", *asked, *scope)
    told = " ".join(result.stdout.split())
    assert "it is a subject, bound at that time: is not known (each outfall where not indoor)" in told, result.output


def test_what_is_read_of_a_demand_that_is_not_met_does_not_fulfil_it(
    run: Run, scope: list[str], tmp_path: Path
) -> None:
    more = NOTICE.replace("test.notice", "test.many").replace("some report", "count(report) >= 1000")
    more = more.replace("finding of test.monthly-average, when: [met is false]", "permit-limit, each: calendar month")
    (tmp_path / "many.yaml").write_text(more, encoding="utf-8")
    asked = ("explain", "--provision", "test.many", "--subject", "BOD", "--rules", tmp_path / "many.yaml", *scope)
    result = run(*asked)
    assert "VIOLATION" in result.stdout, result.output
    assert "read: report" in result.stdout
    assert "fulfils" not in result.stdout


def test_why_not_of_an_unknown_provision(run: Run, scope: list[str]) -> None:
    result = run("explain", "--provision", "test.monthly-averages", "--subject", "BOD", *scope)
    assert result.exit_code == 2
    assert "did you mean test.monthly-average?" in result.stderr


def test_explain_asks_for_what_is_missing(run: Run, scope: list[str]) -> None:
    result = run("explain", "--provision", "monthly-average")
    assert result.exit_code == 2
    assert "--subject, --rules, --facts, --as-of" in result.stderr
    result = run("explain", "abc", "--provision", "monthly-average", *scope)
    assert result.exit_code == 2
    assert "not both" in result.stderr
