"""What docs/facts.md says of corrections: its example runs, and a report that was sent again is no correction."""

import csv
import re
import shlex
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

PAGE = (Path(__file__).parents[2] / "docs" / "facts.md").read_text(encoding="utf-8").partition("## Corrections")[2]
FILES = re.findall(r"`([\w/.-]+)`:[^`]*\n\n```\w+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
STEPS = re.findall(r"^\$ (.*)\n((?:(?!\$|```).*\n)*)", PAGE, re.MULTILINE)
Run = Callable[..., Result]

REPORTS = """
  - file: reports.csv
    type: monitoring-report
    constants: {site: millbrook, permit: MB, period-end: 2026-01-31}
    columns: {id: Report, received: Received, reports-noncompliance: Tells}
    known: Entered
    complete: {from: 2026-01-01, to: 2026-03-31}
  - file: due.csv
    type: report-due
    constants: {site: millbrook, permit: MB}
    columns: {period-end: Period, due: Due}
    complete: {from: 2026-01-01, to: 2026-03-31}
complete:
"""


def written(folder: Path) -> Path:
    """Write the example of the page."""
    for name, text in FILES:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "millbrook"


def found(printed: str, provision: str) -> dict[str, str]:
    """Give the one finding of a provision."""
    (row,) = [row for row in csv.DictReader(printed.splitlines()) if row["provision"] == f"us.cwa.npdes.{provision}"]
    return row


def judged_with(reports: str, run: Run, folder: Path) -> Result:
    """Evaluate the example, uncorrected, with these rows of reports."""
    site = written(folder)
    manifest = (site / "site.yaml").read_text(encoding="utf-8")
    (site / "site.yaml").write_text(manifest.replace("\ncomplete:\n", REPORTS), encoding="utf-8")
    (site / "lab.csv").write_text("Sample,Date,Result,Reported\n101,2026-01-07,45,2026-01-20\n", encoding="utf-8")
    (site / "due.csv").write_text("Period,Due\n2026-01-31,2026-02-15\n", encoding="utf-8")
    (site / "reports.csv").write_text(f"Report,Received,Tells,Entered\n{reports}", encoding="utf-8")
    options = ("--as-of", "2026-03-31", "--no-store", "--format", "csv")
    return run("evaluate", "--rules", "us/cwa", "--facts", "millbrook", *options)


def test_the_example_prints_what_the_page_shows(run: Run, tmp_path: Path) -> None:
    written(tmp_path)
    assert [name for name, _ in FILES] == ["millbrook/site.yaml", "millbrook/lab.csv"]
    assert len(STEPS) == 2
    for command, output in STEPS:
        printed = run(*shlex.split(command)[1:]).stdout
        shown = [re.escape(part.strip()) for part in " ".join(output.split()).split("...")]
        assert re.search(".*".join(shown), " ".join(printed.split())), printed


def test_a_report_that_was_sent_again_tells_on_its_own_day(run: Run, tmp_path: Path) -> None:
    rows = "R1,2026-02-12,false,2026-02-12\nR2,2026-02-25,true,2026-02-25\n"
    printed = judged_with(rows, run, tmp_path).stdout
    assert found(printed, "dmr-submission")["status"] == "compliant"
    told = found(printed, "other-noncompliance")
    assert (told["status"], told["days_late"]) == ("violation", "10")


def test_a_wrong_record_of_a_report_is_replaced_by_the_one_known_last(run: Run, tmp_path: Path) -> None:
    rows = "R1,2026-02-12,false,2026-02-12\nR1,2026-02-12,true,2026-03-02\n"
    printed = judged_with(rows, run, tmp_path).stdout
    assert found(printed, "other-noncompliance")["status"] == "compliant"
