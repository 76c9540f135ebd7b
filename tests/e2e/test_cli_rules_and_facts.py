"""`compliance rules check|test` and `compliance facts check|describe`."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
HERE = Path(__file__).parent
LAW = HERE / "law"
BROOK = HERE / "brook"


@pytest.fixture
def law(tmp_path: Path) -> Path:
    """Copy the law, to be spoilt."""
    folder = tmp_path / "law"
    folder.mkdir()
    for path in LAW.iterdir():
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


@pytest.fixture
def brook(tmp_path: Path) -> Path:
    """Copy the site, to be spoilt."""
    folder = tmp_path / "brook"
    folder.mkdir()
    for path in BROOK.iterdir():
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_sound_law_is_counted(run: Run) -> None:
    result = run("rules", "check", LAW)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "1 vocabulary, 2 provisions, 2 cases: 0 errors, 0 warnings\n"


def test_every_error_is_reported_at_its_place(run: Run, law: Path) -> None:
    spoil(law / "law.yaml", "some report", "some raport")
    spoil(law / "law.yaml", "severity: major", "severity: mayor")
    result = run("rules", "check", law)
    assert result.exit_code == 2
    assert "law.yaml:44:" in result.stdout
    assert "2 errors" in result.stderr or "did you mean major?" in result.stdout


def test_a_part_is_checked_with_its_ruleset(run: Run, tmp_path: Path) -> None:
    """What a part reads, another part of its ruleset may say."""
    part = tmp_path / "rules" / "part"
    part.mkdir(parents=True)
    (tmp_path / "rules" / "vocabulary.yaml").write_text(
        "vocabulary: t\ntypes: {site: {kind: reference, fields: {size: decimal}}}\n", encoding="utf-8"
    )
    (tmp_path / "rules" / "large.yaml").write_text(
        "definition: t.large\ncitation: x\nfor: site\nvalue: size > 2\n", encoding="utf-8"
    )
    (part / "law.yaml").write_text(
        "provision: t.small\ntitle: No site is large\ncitation: x\nin_force: {from: 2000-01-01}\nreviewed: 2026-01-01\n"
        "status: confirmed\nseverity: minor\napplies: {to: site}\nrequire: not large\n",
        encoding="utf-8",
    )
    result = run("rules", "check", part)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "1 vocabulary, 1 definition, 1 provision: 0 errors, 0 warnings\n"


def test_errors_as_json(run: Run, law: Path) -> None:
    spoil(law / "law.yaml", "some report", "some raport")
    result = run("rules", "check", law, "--format", "json")
    document = json.loads(result.stdout)
    assert document["schema"] == "compliance-diagnostics/1"
    assert document["counts"]["errors"] == len(document["diagnostics"]) == 1
    assert document["diagnostics"][0]["line"] == 55


def test_cases_of_a_provision_that_does_not_exist_are_an_error(run: Run, law: Path) -> None:
    spoil(law / "law.cases.yaml", "cases: test.monthly-average", "cases: test.monthly-averages")
    result = run("rules", "check", law)
    assert result.exit_code == 2
    assert "did you mean test.monthly-average?" in result.stdout


def test_rules_that_are_not_there(run: Run) -> None:
    result = run("rules", "check", "nowhere")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr


def test_cases_that_pass(run: Run) -> None:
    result = run("rules", "test", LAW)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no case for test.report\n2 cases: 2 passed, 0 failed\n"


def test_verbose_lists_what_passes(run: Run) -> None:
    result = run("rules", "test", LAW, "--verbose", "-k", "EQUALS")
    assert result.exit_code == 0
    assert result.stdout.startswith("passed test.monthly-average: the mean equals the limit (boundary) at ")
    assert result.stderr == "1 case: 1 passed, 0 failed\n"


def test_a_case_that_fails_says_what_was_found(run: Run, law: Path) -> None:
    spoil(law / "law.cases.yaml", "exceedance: 20", "exceedance: 21")
    result = run("rules", "test", law)
    assert result.exit_code == 1
    assert "FAILED test.monthly-average: the mean is a fifth above the limit (fail)" in result.stdout
    assert "expected exceedance 21 %, found 20 %" in result.stdout


def test_a_finding_that_no_row_expects_fails_the_case(run: Run, law: Path) -> None:
    spoil(
        law / "law.cases.yaml",
        "type: ENF, value: 30 mg/L}]",
        "type: ENF, value: 30 mg/L}, {id: M, site: s, type: ENF}]",
    )
    result = run("rules", "test", law)
    assert result.exit_code == 1
    assert "test.monthly-average/main/M/2026-03-01: pending" in result.stdout
    assert "is not expected by any row" in result.stdout


def test_a_record_that_cannot_be_read_fails_the_case(run: Run, law: Path) -> None:
    spoil(law / "law.cases.yaml", "value: 36 mg/L", "value: plenty")
    result = run("rules", "test", law)
    assert result.exit_code == 1
    assert "plenty" in result.stdout


def test_no_case_is_not_a_success(run: Run, law: Path) -> None:
    assert run("rules", "test", LAW, "-k", "zzz").exit_code == 2
    (law / "law.cases.yaml").unlink()
    assert run("rules", "test", law).exit_code == 2


def test_law_with_errors_is_not_tested(run: Run, law: Path) -> None:
    spoil(law / "law.yaml", "some report", "some raport")
    result = run("rules", "test", law)
    assert result.exit_code == 2
    assert "law.yaml:55:" in result.stderr


def test_sound_facts_are_counted(run: Run) -> None:
    result = run("facts", "check", BROOK, "--rules", LAW)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "13 rows in 2 sources: 0 refused\n"


def test_refused_rows_are_listed_and_exported(run: Run, brook: Path, tmp_path: Path) -> None:
    spoil(brook / "lab.csv", "B2,BOD,2026-03-03,36", "B2,BOD,2026-03-03,=2+2")
    spoil(brook / "lab.csv", "T2,TSS,2026-03-03,55", "T2,TSS,2026-02-30,55")
    target = tmp_path / "refused.csv"
    result = run("facts", "check", brook, "--rules", LAW, "--quarantine-out", target)
    assert result.exit_code == 1
    assert result.stderr == "13 rows in 2 sources: 2 refused\n"
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == [
        "lab.csv#row 3, value",
        "lab.csv#row 6, date",
        "result of every site",
    ]
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
    assert [(row["file"], row["row"], row["found"]) for row in rows] == [
        ("lab.csv", "3", "'=2+2"),
        ("lab.csv", "6", "2026-02-30"),
    ]


def test_an_evaluation_goes_on_without_the_refused_rows(run: Run, brook: Path) -> None:
    spoil(brook / "lab.csv", "T2,TSS,2026-03-03,55", "T2,TSS,2026-03-03,many")
    result = run("evaluate", "--rules", LAW, "--facts", brook, "--as-of", "2026-04-15", "--no-store")
    assert result.exit_code == 1
    assert "1 row of the facts could not be used" in result.stdout
    # Rows of findings have no place for it: it is told beside them.
    result = run("evaluate", "--rules", LAW, "--facts", brook, "--as-of", "2026-04-15", "--no-store", "--format", "csv")
    assert "could not be used" not in result.stdout
    assert result.stderr == "1 row of the facts could not be used: `compliance facts check` lists them.\n"


def test_references_that_lead_to_no_record_are_listed(run: Run, brook: Path) -> None:
    spoil(brook / "lab.csv", "B2,BOD,2026-03-03,36", "B2,BDO,2026-03-03,36")
    spoil(brook / "lab.csv", "T2,TSS,2026-03-03,55", "T2,1,2026-03-03,55")
    spoil(brook / "site.yaml", "id: ZN", 'id: "001"')
    result = run("facts", "check", brook, "--rules", LAW)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "lab.csv#row 3, permit-limit: there is no permit-limit BDO; did you mean BOD?",
        "lab.csv#row 6, permit-limit: there is no permit-limit 1; did you mean 001?",
        "lab.csv#row 7, permit-limit: there is no permit-limit ZN",
    ]
    assert result.stderr == "13 rows in 2 sources: 0 refused, 3 ids that no record has\n"


def test_a_row_with_two_bad_cells_is_one_row(run: Run, brook: Path) -> None:
    spoil(brook / "lab.csv", "T2,TSS,2026-03-03,55", "T2,TSS,2026-02-30,many")
    checked = run("facts", "check", brook, "--rules", LAW)
    assert "13 rows in 2 sources: 1 refused" in checked.stderr
    assert len([line for line in checked.stdout.splitlines() if line.startswith("lab.csv#row 6")]) == 2
    arguments = ("evaluate", "--rules", LAW, "--facts", brook, "--as-of", "2026-04-15", "--no-store")
    assert "\n1 row of the facts could not be used" in run(*arguments).stdout
    assert run(*arguments, "--format", "csv").stderr.startswith("1 row of the facts could not be used")


def test_facts_that_are_not_there(run: Run) -> None:
    for command in ("check", "describe"):
        result = run("facts", command, "nowhere", "--rules", LAW)
        assert result.exit_code == 2
        assert "nowhere" in result.stderr
        assert "Traceback" not in result.output


def test_facts_are_described(run: Run) -> None:
    result = run("facts", "describe", BROOK, "--rules", LAW)
    assert result.exit_code == 0
    words = [line.split() for line in result.stdout.splitlines()]
    assert ["result", "event", "2026-02-03", "2026-03-17", "6"] in words
    assert ["lab.csv", "309ec78baeb2", "6", "0"] in words


def test_facts_are_described_as_json(run: Run) -> None:
    document = json.loads(run("facts", "describe", BROOK, "--rules", LAW, "--format", "json").stdout)
    assert document["schema"] == "compliance-facts/1"
    assert {entry["type"]: entry["count"] for entry in document["types"]} == {
        "permit-limit": 3,
        "report": 2,
        "result": 6,
        "site": 1,
        "upset": 1,
    }
    assert document["since"] == {"": "2026-02-01"}


def test_a_case_that_fails_names_lines_and_references_that_lead_nowhere(tmp_path: Path, run: Run) -> None:
    law = tmp_path / "law.yaml"
    law.write_text(
        """\
vocabulary: t
types:
  site: {kind: reference, fields: {name: text}}
  unit: {kind: reference, fields: {site: reference site, hot: bool}}
  look: {kind: event, time: date, fields: {unit: reference unit, date: date}}
---
provision: t.look
title: A unit is looked at
citation: Rule 1
in_force: {from: 2020-01-01}
reviewed: 2026-01-15
applies: {to: unit, each: calendar month}
require: some look
---
cases: t.look
complete: [{type: look, from: 2026-01-01, to: 2026-12-31}]
cases:
  - case: looked at
    kind: pass
    as_of: 2026-01-31
    since: 2026-01-01
    facts:
      unit: [{id: boiler, hot: true}]
      look:
        - {unit: boilr, date: 2026-01-05}
        - {unit: boiler, date: 2026-13-05}
    expect:
      - {subject: boiler, status: compliant}
""",
        encoding="utf-8",
    )
    result = run("rules", "test", str(law))
    assert "line 25: look record 1, field `unit`: there is no unit boilr; did you mean boiler?" in result.stdout
    assert "line 26: look record 2, field `date`: expected a day" in result.stdout
