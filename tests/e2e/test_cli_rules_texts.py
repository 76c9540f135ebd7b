"""`compliance rules format|schema|diff|impact|docs`: the tools of those who keep law as texts."""

import json
import shutil
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
    """Copy the law, to be amended."""
    folder = tmp_path / "law"
    folder.mkdir()
    for path in LAW.iterdir():
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def amend(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_format_writes_what_check_and_diff_tell(run: Run, law: Path) -> None:
    assert run("rules", "format", law).exit_code == 0
    good = (law / "law.yaml").read_text(encoding="utf-8")
    assert run("rules", "format", law, "--check").exit_code == 0
    amend(law / "law.yaml", "severity: major", "severity:   'major'")
    spoilt = (law / "law.yaml").read_text(encoding="utf-8")
    checked = run("rules", "format", law, "--check")
    assert (checked.exit_code, checked.stdout) == (1, f"{law / 'law.yaml'}\n")
    assert checked.stderr == "2 files: 1 would be laid out anew\n"
    diff = run("rules", "format", law, "--diff")
    assert diff.exit_code == 1
    assert "-severity:   'major'\n+severity: \"major\"\n" in diff.stdout
    assert (law / "law.yaml").read_text(encoding="utf-8") == spoilt
    written = run("rules", "format", law)
    assert (written.exit_code, written.stdout) == (0, "")
    assert (law / "law.yaml").read_text(encoding="utf-8") == good.replace("severity: major", 'severity: "major"', 1)


def test_format_refuses_files_with_mistakes(run: Run, law: Path) -> None:
    amend(law / "law.yaml", "severity: major", "severity:   mayor")
    before = (law / "law.yaml").read_text(encoding="utf-8")
    result = run("rules", "format", law)
    assert result.exit_code == 2
    assert "did you mean major?" in result.stderr
    assert (law / "law.yaml").read_text(encoding="utf-8") == before


def test_the_schema_is_printed_for_editors(run: Run, tmp_path: Path) -> None:
    printed = run("rules", "schema")
    assert printed.exit_code == 0
    assert json.loads(printed.stdout)["definitions"].keys() >= {"provision", "cases"}
    assert run("rules", "schema", "--out", tmp_path / "rules.schema.json").exit_code == 0
    assert (tmp_path / "rules.schema.json").read_text(encoding="utf-8") == printed.stdout


# What is amended, and a sentence that tells it.
AMENDMENTS = [
    ("28 of next month", "20 of next month", "the time allowed changes from 28 of next month to 20 of next month"),
    ("severity: minor", "severity: major", "the severity changes from minor to major"),
    ("by: 28 of next month\n", "", "the time allowed is dropped: 28 of next month"),
    ('must: "<="', 'must: "<"', "how the value must stand to the limit changes from <= to <"),
    ("of: permit-limit.value", "of: 30 mg/L", "the limit changes from permit-limit.value to 30 mg/L"),
    ("when: some upset,", "when: some upset where date > 2026-01-01,", "exception `upset` changes"),
    ("{id: upset, when: some upset,", "{id: spill, when: some upset,", "exception `upset` is dropped: some upset"),
    ("when: [type is ENF]", "when: [type is ALERT]", "in the condition of application, ENF becomes ALERT"),
    (
        "when: [type is ENF]",
        "when: [type is ENF, value > 0 mg/L]",
        "the condition of application is new: value > 0 mg/L",
    ),
    (
        "each: calendar month\n  when",
        "each: calendar week\n  when",
        "the period changes from calendar month to calendar week",
    ),
    ("average: mean(", "average: max(", "`average` changes from mean(result.value) to max(result.value)"),
    ("status: unconfirmed", "status: confirmed", "the status changes from unconfirmed to confirmed"),
    ("severity: minor", "severity: minor\nwaivable: {by: [director]}", "who may waive it is new: director"),
    (
        "severity: minor",
        "severity: minor\ndisplaced_by: test.monthly-average",
        "what displaces it is new: test.monthly-average",
    ),
    (
        "severity: minor",
        "severity: minor\nprompts: [{id: call, when: some upset, then: call}]",
        "prompt `call` is new: call, when some upset",
    ),
    (
        "let: {average: mean(",
        "let: {late: upset where date > 2026-01-01, average: mean(",
        "`late` is new: upset where date > 2026-01-01",
    ),
    ("provision: test.report", "provision: test.monthly-report", "test.report is now called test.monthly-report"),
    ("require: some report", "require: [some report, some result]", "what is required is new: some result"),
    ("require: some report", "forbid: report", "what is demanded changes from some report to no report"),
    ("enum [ENF, ALERT]", "enum [ENF, ALERT, STOP]", "field type of permit-limit changes from enum [ENF, ALERT] to"),
    (
        "in_force: {from: 2020-01-01}",
        "in_force: {from: 2021-01-01}",
        "it is in force from 2021-01-01, not from 2020-01-01",
    ),
    ("in_force: {from: 2020-01-01}", "in_force: {from: 2020-01-01, to: 2026-12-31}", "from 2027-01-01: the version"),
    ("in_force: {from: 2020-01-01}", "repealed: true\nin_force: {from: 2020-01-01}", "whether it is repealed changes"),
    (
        "    kind: event\n    time: sent",
        "    kind: event\n    time: sent\n    links: {permit-limit: [permit-limit]}",
        "how report records belong to a permit-limit is new: by permit-limit",
    ),
]


@pytest.mark.parametrize(("old", "new", "told"), AMENDMENTS)
def test_diff_tells_an_amendment_in_words(run: Run, law: Path, old: str, new: str, told: str) -> None:
    amend(law / "law.yaml", old, new)
    result = run("rules", "diff", LAW, law)
    assert result.exit_code == 1, result.stderr
    assert told in " ".join(result.stdout.split())


def test_diff_tells_how_a_table_is_looked_up_and_why_a_provision_gives_way(run: Run, law: Path, tmp_path: Path) -> None:
    table = (
        "---\ntable: test.factors\ncitation: Test Act 4\nkeys: {size: decimal}\ncolumns: {n: decimal}\nrows: [[1, 2]]\n"
    )
    row = "displaced_by: [{provision: test.report, when: type is ENF, because: a permit says so}]"
    amend(law / "law.yaml", "severity: major", f"{row}\nseverity: major")
    old = tmp_path / "old.yaml"
    old.write_text((law / "law.yaml").read_text(encoding="utf-8") + table, encoding="utf-8")
    new = tmp_path / "new.yaml"
    banded = table.replace("size: decimal", "size: {type: decimal, band: from}")
    new.write_text(
        old.read_text(encoding="utf-8").replace(table, banded).replace("a permit", "a rule"), encoding="utf-8"
    )
    told = " ".join(run("rules", "diff", old, new).stdout.split())
    assert "key size changes from decimal to decimal, band: from" in told
    assert "what displaces it changes" in told


def test_diff_of_the_same_law_is_empty(run: Run, law: Path) -> None:
    """Layout and comments are no change of law."""
    assert run("rules", "format", law).exit_code == 0
    amend(law / "law.yaml", "severity: minor", "severity: minor  # as agreed")
    result = run("rules", "diff", LAW, law)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "0 changes in 0 documents\n")


def test_diff_tells_a_new_version_with_its_day(run: Run, law: Path) -> None:
    text = (law / "law.yaml").read_text(encoding="utf-8")
    report = text[text.index("provision: test.report") :]
    later = report.replace("from: 2020-01-01", "from: 2027-01-01").replace("28 of next", "15 of next")
    amended = text.replace(report, report.replace("from: 2020-01-01", "from: 2020-01-01, to: 2026-12-31"))
    (law / "law.yaml").write_text(f"{amended}---\n{later}", encoding="utf-8")
    document = json.loads(run("rules", "diff", LAW, law, "--format", "json").stdout)
    assert document["schema"] == "compliance-amendment/1"
    assert [(change["kind"], change["effective"], change["text"]) for change in document["changes"]] == [
        ("version", "2027-01-01", "a new version is in force from 2027-01-01"),
        ("changed", "2027-01-01", "the time allowed changes from 28 of next month to 15 of next month"),
    ]
    assert document["changes"][1]["place"].endswith("law.yaml:60")
    back = run("rules", "diff", law, LAW)
    assert "the version in force from 2027-01-01 is removed" in " ".join(back.stdout.split())


def test_diff_tells_what_is_added_and_removed_and_who_reads_it(run: Run, tmp_path: Path, law: Path) -> None:
    parameter = "parameter: test.allowed\ncitation: Test Act 4\nvalues: [{from: 2020-01-01, value: 35 days}]\n"
    (law / "allowed.yaml").write_text(parameter, encoding="utf-8")
    amend(law / "law.yaml", "by: 28 of next month", "by: period.end + allowed")
    before = tmp_path / "before"
    shutil.copytree(law, before)
    assert "parameter test.allowed" in run("rules", "diff", LAW, law).stdout
    amend(law / "allowed.yaml", "35 days}", "35 days}, {from: 2025-01-22, value: 45 days}")
    result = run("rules", "diff", before, law)
    assert "from 2025-01-22: the value changes from 35 days to 45 days" in result.stdout
    assert "concerns test.report" in result.stdout
    amend(law / "law.yaml", "by: period.end + allowed", "by: 28 of next month")
    (law / "allowed.yaml").unlink()
    assert "the parameter is removed" in run("rules", "diff", before, law).stdout


def test_diff_tells_rows_of_tables_and_fields_of_definitions(run: Run, tmp_path: Path, law: Path) -> None:
    more = (
        "table: test.groups\ncitation: Test Act 5\nkeys: {k: text}\ncolumns: {v: 'quantity mg/L'}\n"
        "rows: [[a, 1 mg/L], [b, 2 mg/L]]\n---\n"
        "definition: test.heavy\ncitation: Test Act 6\nfor: permit-limit\nvalue: value > table(groups, site.name).v\n"
    )
    (law / "more.yaml").write_text(more, encoding="utf-8")
    before = tmp_path / "before"
    shutil.copytree(law, before)
    amend(law / "more.yaml", "[[a, 1 mg/L], [b, 2 mg/L]]", "[[a, 3 mg/L], [c, 2 mg/L]]")
    amend(law / "more.yaml", "value > table", "value >= table")
    told = " ".join(run("rules", "diff", before, law).stdout.split())
    assert "v of row a changes from 1 mg/L to 3 mg/L" in told
    assert "row b is dropped: v 2 mg/L" in told
    assert "row c is new: v 2 mg/L" in told
    assert "in the value, > becomes >=" in told


def test_diff_refuses_law_with_mistakes(run: Run, law: Path) -> None:
    amend(law / "law.yaml", "some report", "some raport")
    result = run("rules", "diff", LAW, law)
    assert result.exit_code == 2
    assert "law.yaml:55:" in result.stderr


IMPACT = ("--facts", BROOK, "--as-of", "2026-04-15")


@pytest.mark.parametrize(("command", "options"), [("diff", ()), ("impact", IMPACT)])
def test_the_mistakes_of_both_sides_are_told(
    run: Run, law: Path, tmp_path: Path, command: str, options: tuple[object, ...]
) -> None:
    amend(law / "law.yaml", "some report", "some raport")
    before = tmp_path / "before"
    shutil.copytree(law, before)
    amend(law / "law.yaml", "some raport", "some repart")
    result = run("rules", command, before, law, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    told = [line for line in result.stderr.splitlines() if "error [" in line]
    assert [line.partition(":55:")[0] for line in told] == [str(before / "law.yaml"), str(law / "law.yaml")], told
    absent = run("rules", command, tmp_path / "old", tmp_path / "new", *options)
    assert absent.exit_code == 2
    assert [str(tmp_path / name) in absent.stderr for name in ("old", "new")] == [True, True], absent.stderr


def test_impact_tells_which_verdicts_change_where_and_from_when(run: Run, law: Path) -> None:
    amend(law / "law.yaml", "of: permit-limit.value", "of: 60 mg/L")
    before = run("evaluate", "--rules", LAW, *IMPACT, "--no-store", "--format", "json")
    after = run("evaluate", "--rules", law, *IMPACT, "--no-store", "--format", "json")
    statuses = [
        {row["finding"]: row["status"] for row in json.loads(result.stdout)["findings"]} for result in (before, after)
    ]
    flipped = [name for name, status in statuses[0].items() if statuses[1][name] != status]
    assert flipped
    result = run("rules", "impact", LAW, law, *IMPACT, "--format", "json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["schema"] == "compliance-impact/1"
    assert sum(shift["count"] for shift in document["shifts"]) == len(flipped)
    assert document["same"] == len(statuses[0]) - len(flipped)
    assert {(s["site"], s["provision"], s["before"], s["after"], s["first"]) for s in document["shifts"]} == {
        ("brook", "test.monthly-average", "violation", "compliant", "2026-03-01")
    }
    assert document["needs"] == []
    shown = run("rules", "impact", LAW, law, *IMPACT)
    assert "violation -> compliant from 2026-03-01" in shown.stdout


def test_impact_tells_what_appears_disappears_and_is_due_otherwise(run: Run, law: Path) -> None:
    amend(law / "law.yaml", "by: 28 of next month", "by: 27 of next month")
    text = (law / "law.yaml").read_text(encoding="utf-8")
    start, end = text.index("provision: test.monthly-average"), text.index("provision: test.report")
    average = text[start:end]
    (law / "law.yaml").write_text(text.replace(average, average.replace("test.monthly-average", "test.mean")), "utf-8")
    amend(law / "law.cases.yaml", "cases: test.monthly-average", "cases: test.mean")
    document = json.loads(run("rules", "impact", LAW, law, *IMPACT, "--format", "json").stdout)
    kinds = {(shift["provision"], shift["kind"]) for shift in document["shifts"]}
    assert kinds == {("test.monthly-average", "disappears"), ("test.mean", "appears"), ("test.report", "moves")}


def test_impact_lists_the_facts_that_are_newly_needed(run: Run, law: Path) -> None:
    amend(law / "law.yaml", "type: enum [ENF, ALERT]", "type: enum [ENF, ALERT]\n      indoor: bool")
    amend(
        law / "law.yaml",
        "  report:\n",
        "  plan:\n    kind: event\n    time: made\n    fields: {site: reference site, made: date}\n  report:\n",
    )
    amend(law / "law.yaml", "when: [type is ENF]", "when: [type is ENF, not indoor, some plan]")
    result = run("rules", "impact", LAW, law, *IMPACT, "--format", "json")
    assert result.exit_code == 3
    needs = {
        (n["type"], n["field"]): (n["records"], n["empty"], n["is_new_type"])
        for n in json.loads(result.stdout)["needs"]
    }
    assert needs == {
        ("permit-limit", "indoor"): (3, 3, False),
        ("permit-limit", "site"): (3, 0, False),  # by which a plan belongs to a limit
        ("plan", "made"): (0, 0, True),
        ("plan", "site"): (0, 0, True),
    }
    shown = run("rules", "impact", LAW, law, *IMPACT).stdout
    assert "3 records, 3 without it" in shown
    assert "plan.made (new type)" in shown


def test_impact_of_the_same_law_is_none(run: Run) -> None:
    result = run("rules", "impact", LAW, LAW, *IMPACT)
    assert (result.exit_code, result.stdout) == (0, "")
    assert ", 0 verdicts change, 0 due dates move, " in result.stderr


def test_impact_where_the_vocabularies_contradict_each_other(run: Run, law: Path) -> None:
    """The facts are then read by each: here every limit's type is an empty cell to the amended law."""
    amend(law / "law.yaml", "type: enum [ENF, ALERT]", "type: enum [ENF, ALERT, STOP]")
    amend(law / "law.yaml", "value: quantity mg/L", "value: quantity g/L")
    result = run("rules", "impact", LAW, law, *IMPACT)
    assert (result.exit_code, result.stdout) == (0, "")


def test_diff_tells_what_people_decide(run: Run, tmp_path: Path, law: Path) -> None:
    more = (
        "policy: test.basis\ncitation: Test Act 7\nchoices: [anniversary, calendar]\n---\n"
        "determination: test.reach\nquestion: could it reach water\ncitation: Test Act 8\nvoid: [dikes]\n"
    )
    (law / "more.yaml").write_text(more, encoding="utf-8")
    assert "a new policy" in run("rules", "diff", LAW, law).stdout
    before = tmp_path / "before"
    shutil.copytree(law, before)
    amend(law / "more.yaml", "[anniversary, calendar]", "[anniversary, calendar, fiscal]")
    amend(law / "more.yaml", "[dikes]", "[dikes, walls]")
    told = " ".join(run("rules", "diff", before, law).stdout.split())
    assert "what may be chosen changes from anniversary, calendar to anniversary, calendar, fiscal" in told
    assert "on what basis nobody may changes from dikes to dikes, walls" in told


def test_impact_refuses_a_site_that_is_nowhere(run: Run, law: Path) -> None:
    result = run("rules", "impact", LAW, law, *IMPACT, "--site", "broook")
    assert result.exit_code == 2
    assert "no obligation was found for a site `broook`" in result.stderr
