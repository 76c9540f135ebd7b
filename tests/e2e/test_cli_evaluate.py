"""`compliance evaluate` and `obligations` on real files and a real store."""

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from compliance_engine.storing.evaluations import list_evaluations

Run = Callable[..., Result]
BROOK = Path(__file__).parent / "brook"
COMMAND = Path(sys.executable).with_name("compliance")

# Verdicts on Brook by hand. Averages: BOD 28 in February, 36.2 in March; TSS below 2, then 55 in an upset; ZN has an
# alert level only. Reports for February are due on 28 March: BOD's came on the 27th, TSS's on the 30th, ZN's never.
VERDICTS = {
    ("test.monthly-average", "BOD", "2026-02-01"): "compliant",
    ("test.monthly-average", "BOD", "2026-03-01"): "violation",
    ("test.monthly-average", "BOD", "2026-04-01"): "pending",
    ("test.monthly-average", "TSS", "2026-02-01"): "compliant",
    ("test.monthly-average", "TSS", "2026-03-01"): "exempt",
    ("test.monthly-average", "TSS", "2026-04-01"): "pending",
    ("test.monthly-average", "ZN", "2026-02-01"): "not_applicable",
    ("test.monthly-average", "ZN", "2026-03-01"): "not_applicable",
    ("test.monthly-average", "ZN", "2026-04-01"): "not_applicable",
    ("test.report", "TSS", "2026-02-01"): "violation",
    ("test.report", "ZN", "2026-02-01"): "violation",
    ("test.report", "BOD", "2026-02-01"): "compliant",
}


def read_findings(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_obligation_has_its_verdict(run: Run, scope: list[str]) -> None:
    result = run("evaluate", *scope, "--no-store", "--format", "csv")
    assert result.exit_code == 1, result.output
    rows = read_findings(result.stdout)
    found = {(row["provision"], row["subject"], row["period_from"]): row for row in rows}
    assert len(found) == len(rows) == 18
    assert {key: found[key]["status"] for key in VERDICTS} == VERDICTS
    worst = found["test.monthly-average", "BOD", "2026-03-01"]
    assert worst["exceedance_percent"] == "20.666666667"
    assert worst["citation"] == "Test Act 1"
    assert "lab.csv#row 3 (result B2); lab.csv#row 4 (result B3)" in worst["evidence"]
    assert found["test.report", "TSS", "2026-02-01"]["days_late"] == "2"


def test_json_and_the_store_hold_the_same_evaluation(run: Run, scope: list[str], tmp_path: Path) -> None:
    result = run("evaluate", *scope, "--format", "json")
    assert result.exit_code == 1, result.output
    document = json.loads(result.stdout)
    entry = list_evaluations(f"sqlite:///{tmp_path / 'compliance.db'}")[0]
    assert document["schema"] == "compliance-findings/1"
    assert document["evaluation"]["id"] == entry.id == 1
    assert document["evaluation"]["findings_digest"] == entry.findings_digest
    assert {status: count for status, count in document["counts"].items() if count} == dict(entry.counts)
    assert result.stderr == "stored as evaluation 1 in sqlite:///compliance.db\n"


def test_both_engines_and_every_run_give_the_same_bytes(run: Run, scope: list[str]) -> None:
    texts = {
        run("evaluate", *scope, "--no-store", "--format", "jsonl", "--engine", engine).stdout
        for engine in ("durable", "python", "durable")
    }
    assert len(texts) == 1
    assert texts != {""}


def test_the_table_reads_as_an_officer_needs_it(run: Run, scope: list[str]) -> None:
    text = run("evaluate", *scope, "--no-store").stdout
    assert "Evaluation as of 2026-04-15" in text
    assert "The monthly average stays within the limit · brook · permit-limit BOD · 2026-03" in text
    assert "Test Act 1" in text
    assert "evidence lab.csv#row 3-4" in text
    assert "2026-04-28" in text.split("Due next")[1]
    assert "Not yet confirmed by a lawyer: 1 provision" in text


def test_postgresql_keeps_the_evaluation(run: Run, scope: list[str], postgres_url: str) -> None:
    assert run("evaluate", *scope, "--store", postgres_url).exit_code == 1
    counts = list_evaluations(postgres_url)[0].counts
    assert counts["violation"] == Counter(VERDICTS.values())["violation"]


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [("violation", 1), ("undetermined", 1), ("pending", 1), ("never", 0), ("minor", 1), ("major", 1), ("critical", 0)],
)
def test_fail_on_decides_the_exit_code(run: Run, scope: list[str], fail_on: str, code: int) -> None:
    assert run("evaluate", *scope, "--no-store", "--fail-on", fail_on).exit_code == code


def test_a_period_without_violations_is_clean(run: Run, scope: list[str]) -> None:
    early = [*scope[:-1], "2026-02-20"]
    assert run("evaluate", *early, "--no-store", "--period", "2026-02").exit_code == 0
    assert run("evaluate", *early, "--no-store", "--period", "2026-02", "--fail-on", "pending").exit_code == 1


def test_what_is_only_undetermined_exits_with_3(run: Run, scope: list[str], tmp_path: Path) -> None:
    """The laboratory no longer says that its list is complete."""
    site = tmp_path / "site"
    site.mkdir()
    source = Path(scope[3])
    lines = (source / "site.yaml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.lstrip().startswith(("complete: {", "- {type: report,"))]
    (site / "site.yaml").write_text("\n".join(kept), encoding="utf-8")
    (site / "lab.csv").write_text("Sample,Limit,Date,Result\nB1,BOD,2026-02-03,28\n", encoding="utf-8")
    options = ["--rules", scope[1], "--facts", str(site), "--as-of", "2026-03-15", "--no-store"]
    assert run("evaluate", *options).exit_code == 3


def test_out_is_written_whole(run: Run, scope: list[str], tmp_path: Path) -> None:
    target = tmp_path / "findings.csv"
    target.write_text("old", encoding="utf-8")
    result = run("evaluate", *scope, "--no-store", "--format", "csv", "--out", target)
    assert result.stdout == ""
    assert len(read_findings(target.read_text(encoding="utf-8"))) == 18
    assert sorted(path.name for path in tmp_path.iterdir()) == ["findings.csv"]


def test_a_dash_is_stdout(run: Run, scope: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = [str(Path(part).resolve()) if Path(part).exists() else part for part in scope]
    monkeypatch.chdir(tmp_path)
    result = run("evaluate", *facts, "--no-store", "--format", "csv", "--out", "-")
    assert result.stdout.startswith("site,provision,subject")
    assert list(tmp_path.iterdir()) == []


def test_out_is_left_alone_when_the_input_is_refused(run: Run, scope: list[str], tmp_path: Path) -> None:
    target = tmp_path / "findings.csv"
    target.write_text("old", encoding="utf-8")
    assert run("evaluate", *scope[:2], "--facts", "nowhere", *scope[4:], "--out", target).exit_code == 2
    assert target.read_text(encoding="utf-8") == "old"
    assert not list(tmp_path.glob(".findings*"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--as-of", "15.04.2026"], "is not a date: write it as 2026-04-20"),
        (["--period", "Q1"], "`Q1` is not a period"),
        (["--site", "brok"], "no obligation was found for a site `brok`"),
        (["--facts", "nowhere"], "`nowhere` is neither a path that exists nor a shipped sample site"),
        (["--rules", "no/such/law"], "`no/such/law` is neither a path that exists nor a shipped ruleset"),
        (["--store", "sqlite:///none/x.db"], "the folder none of the store does not exist"),
        (["--store", "records.db"], "is not a database URL"),
        (["--out", "none/x.csv"], "none/x.csv cannot be written: No such file or directory"),
        (["--out", "."], ". is a folder"),
        (["--mapping", "none.yaml"], "none.yaml"),
        (["--engine", "prolog"], "'prolog' is not one of 'durable', 'python'"),
        (["--format", "pdf"], "'pdf' is not one of"),
    ],
)
def test_bad_input_exits_with_2_and_a_sentence(run: Run, scope: list[str], options: list[str], message: str) -> None:
    result = run("evaluate", *scope, *options)
    if options[0] == "--mapping":
        result = run("evaluate", *scope[:2], "--facts", Path(scope[3]) / "lab.csv", *scope[4:], *options)
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert "Traceback" not in result.output


def test_bad_law_is_reported_at_its_place(run: Run, scope: list[str], tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text("provision: test.x\ntitel: wrong\n", encoding="utf-8")
    result = run("evaluate", "--rules", tmp_path / "law.yaml", *scope[2:])
    assert result.exit_code == 2
    assert "law.yaml:2:1: error [unknown-key]" in result.stderr


def test_facts_that_no_provision_reads_are_remarked_upon(run: Run, scope: list[str], tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("facts: empty\nsources: []\n", encoding="utf-8")
    result = run("evaluate", *scope[:2], "--facts", tmp_path, *scope[4:], "--no-store", "--format", "csv")
    assert result.exit_code == 0
    assert "warning [no-obligation] no obligation was found" in result.stderr


def test_a_reference_that_leads_nowhere_is_remarked_upon(run: Run, scope: list[str], tmp_path: Path) -> None:
    """A result of a limit that is misspelt counts nowhere; who only reads the verdicts learns of it, too."""
    for path in BROOK.iterdir():
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace(",BOD,", ",BO\x1bD,", 1), encoding="utf-8")
    result = run("evaluate", *scope[:2], "--facts", tmp_path, *scope[4:], "--no-store", "--format", "csv")
    assert "warning [stray-reference] 1 reference leads to no record" in result.stderr
    assert "there is no permit-limit BO\N{REPLACEMENT CHARACTER}D; did you mean BOD?" in result.stderr
    assert "stray-reference" not in run("evaluate", *scope, "--no-store").stderr


def test_a_period_in_which_nothing_is_due_is_told_as_such(run: Run, scope: list[str]) -> None:
    result = run("evaluate", *scope, "--no-store", "--period", "2019", "--format", "csv")
    assert "no obligation was found that falls due in 2019-01-01..2019-12-31" in result.stderr


@pytest.mark.parametrize("day", ["20260415", "2026-W16", "2026-W16-3"])
def test_a_day_is_written_in_one_way(run: Run, scope: list[str], day: str) -> None:
    """A week is no day: its Monday is not what the user of `--as-of` means."""
    result = run("evaluate", *scope[:4], "--as-of", day, "--no-store")
    assert result.exit_code == 2
    assert "is not a date: write it as 2026-04-20" in result.stderr


def test_a_mapping_that_does_not_exist_is_refused(run: Run, scope: list[str]) -> None:
    result = run("evaluate", *scope, "--no-store", "--mapping", "nowhere.yaml")
    assert result.exit_code == 2
    assert "nowhere.yaml" in result.stderr


def test_a_missing_date_is_asked_for(run: Run, scope: list[str]) -> None:
    result = run("evaluate", *scope[:4])
    assert result.exit_code == 2
    assert "Missing option '--as-of'" in result.stderr


def test_another_programs_store_is_left_alone(run: Run, scope: list[str], tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("these are notes, and no database at all" * 100, encoding="utf-8")
    result = run("evaluate", *scope, "--store", "sqlite:///notes.db")
    assert result.exit_code == 2
    assert "file is not a database" in result.stderr


def is_refused(folder: Path) -> bool:
    try:
        (folder / "probe").touch()
    except PermissionError:
        return True
    except OSError:
        return False
    (folder / "probe").unlink()
    return False


def test_a_folder_that_cannot_be_written_is_named(run: Run, scope: list[str], tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    # Rights do not bind root, but no one makes files in /sys.
    folder = next((place for place in (locked, Path("/sys")) if is_refused(place)), None)
    if folder is None:
        pytest.skip("this user may write everywhere")
    result = run("evaluate", *scope, "--no-store", "--out", folder / "x.csv")
    assert result.exit_code == 2
    assert "Permission denied" in result.stderr


def test_a_full_disk_is_not_our_bug(run: Run, scope: list[str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        arguments = [str(COMMAND), "evaluate", *scope, "--no-store", "--format", "csv"]
        done = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "stdout cannot be written: No space left on device" in done.stderr
    del run


def test_a_reader_that_goes_away_is_no_trouble(run: Run, scope: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer) as gone:
        arguments = [str(COMMAND), "evaluate", *scope, "--no-store"]
        done = subprocess.run(arguments, stdout=gone, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (141, "")
    del run


def test_obligations_say_why_by_when_and_on_whose_desk(run: Run, scope: list[str]) -> None:
    result = run("obligations", *scope)
    assert result.exit_code == 0, result.output
    assert "applies to 2 subjects: each permit-limit, when type is ENF" in result.stdout
    assert "on the desk of: plant superintendent" in result.stdout


def test_obligations_due_soon(run: Run, scope: list[str]) -> None:
    result = run("obligations", *scope, "--due-within", "13d", "--format", "json")
    rows = json.loads(result.stdout)["obligations"]
    assert [(row["provision"], row["next_due"]) for row in rows] == [("test.report", "2026-04-28")]
    assert json.loads(run("obligations", *scope, "--due-within", "12d", "--format", "json").stdout)["obligations"] == []
    assert len(read_findings(run("obligations", *scope, "--due-within", "3w", "--format", "csv").stdout)) == 2
    assert run("obligations", *scope, "--due-within", "soon").exit_code == 2
