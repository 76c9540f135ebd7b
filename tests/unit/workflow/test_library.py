"""The library gives what the command line gives, as objects and frames, and says every mistake."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest

import compliance_engine as ce
from compliance_engine.reporting.rows import COLUMNS
from compliance_engine.workflow.evaluation import run

E2E = Path(__file__).parents[2] / "e2e"
AS_OF = date(2026, 4, 15)
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
ALL_YEAR = [
    ce.Complete(type=name, start=date(2026, 1, 1), end=date(2026, 12, 31)) for name in ("result", "upset", "report")
]
RECORDS = {
    "site": [{"id": "s", "name": "Brook (invented)"}],
    "permit-limit": [{"id": "L", "site": "s", "type": "ENF", "value": "30 mg/L"}],
    "result": [{"id": "r", "permit-limit": "L", "date": "2026-03-04", "value": "36.2 mg/L"}],
}


@pytest.fixture(scope="module")
def law() -> ce.Ruleset:
    return ce.load_rules(E2E / "law")


@pytest.fixture(scope="module")
def evaluation(law: ce.Ruleset) -> ce.Evaluation:
    return ce.evaluate(law, ce.load_facts(E2E / "brook"), as_of=AS_OF)


def _march(law: ce.Ruleset, facts: ce.Facts) -> ce.Finding:
    found = ce.evaluate(law, facts, as_of=AS_OF, since=MARCH[0]).findings()
    return next(f for f in found if f.requirement.id == "test.monthly-average" and f.period == MARCH)


def test_it_gives_what_the_command_gives(evaluation: ce.Evaluation) -> None:
    outcome = run(rules=[str(E2E / "law")], facts=[str(E2E / "brook")], as_of=AS_OF).sealed()
    assert evaluation.digest == outcome.provenance.findings_digest
    assert evaluation.rules_digest == outcome.provenance.rules_digest
    assert evaluation.facts_digest == outcome.provenance.facts_digest


def test_every_finding_is_given_once(evaluation: ce.Evaluation) -> None:
    findings = list(evaluation.findings())
    assert len({f.id for f in findings}) == len(findings) == evaluation.to_frame().height > 0
    for status, count in evaluation.counts().items():
        assert sum(f.status is status for f in findings) == count
        assert [f for f in findings if f.status is status] == list(evaluation.findings(status=status.value))
    assert list(evaluation.violations()) == list(evaluation.findings(status=ce.Status.VIOLATION)) != []


def test_an_unknown_status_is_refused_at_once(evaluation: ce.Evaluation) -> None:
    with pytest.raises(ValueError, match="broken"):
        evaluation.findings(status="broken")


def test_a_violation_says_all_of_it(law: ce.Ruleset) -> None:
    finding = _march(law, ce.Facts.from_records(RECORDS, complete=ALL_YEAR))
    assert (finding.site, finding.subject_type, finding.subject) == ("s", "permit-limit", "L")
    assert finding.status is ce.Status.VIOLATION
    assert finding.possible == ()
    assert (finding.value, finding.limit) == ("36.2 mg/L", "30 mg/L")
    assert finding.exceedance_percent == Decimal("20.666666667")
    assert finding.requirement == ce.Requirement(
        id="test.monthly-average",
        duty="main",
        version=1,
        title="The monthly average stays within the limit",
        citation="Test Act 1",
        source="https://example.org/test-act",
        responsible="plant superintendent",
        confirmed=True,
    )
    counted = [e for e in finding.evidence if e.role == "counted"]
    assert [(e.fact_type, e.fact, e.file, e.sheet, e.row, e.value) for e in counted] == [
        ("result", "r", "records", "result", 1, "36.2 mg/L")
    ]


def test_what_may_still_become_of_it_is_listed(law: ce.Ruleset) -> None:
    finding = _march(law, ce.Facts.from_records({**RECORDS, "result": []}))
    assert finding.status is ce.Status.UNDETERMINED
    assert {ce.Status.VIOLATION, ce.Status.COMPLIANT} <= set(finding.possible)


def test_a_file_is_named_with_its_row_and_digest(evaluation: ce.Evaluation) -> None:
    links = [e for f in evaluation.violations() for e in f.evidence if e.file == "lab.csv"]
    assert links
    assert all(e.row is not None and e.row > 1 and e.digest is not None and len(e.digest) == 64 for e in links)


def test_frames_are_read_like_records(law: ce.Ruleset) -> None:
    frames = {name: pl.DataFrame(rows) for name, rows in RECORDS.items()}
    assert (
        _march(law, ce.Facts.from_frames(frames, complete=ALL_YEAR)).id
        == _march(law, ce.Facts.from_records(RECORDS, complete=ALL_YEAR)).id
    )
    assert _march(law, ce.Facts.from_frames(frames, complete=ALL_YEAR)).status is ce.Status.VIOLATION


def test_records_are_taken_as_they_were(law: ce.Ruleset) -> None:
    rows = [dict(row) for row in RECORDS["result"]]
    facts = ce.Facts.from_records({**RECORDS, "result": rows}, complete=ALL_YEAR)
    rows[0]["value"] = "1 mg/L"
    rows.clear()
    assert _march(law, facts).value == "36.2 mg/L"


def test_frames_have_the_columns_of_the_csv_and_types(evaluation: ce.Evaluation) -> None:
    frame = evaluation.to_frame()
    assert tuple(frame.columns) == COLUMNS
    assert frame.schema["exceedance_percent"] == pl.Decimal(38, 9)
    assert frame.schema["due_at"] == pl.Datetime("us", "UTC")
    links = evaluation.evidence_frame()
    assert set(frame["evidence"].unique()) - {""} <= set(links["set"].unique())
    assert {"file", "sheet", "row", "digest"} <= set(links.columns)


def test_period_and_sites_narrow(law: ce.Ruleset) -> None:
    facts = ce.Facts.from_records(RECORDS, complete=ALL_YEAR)
    within = ce.evaluate(law, facts, as_of=AS_OF, period=MARCH).to_frame()
    assert within.height > 0
    assert within["period_from"].min() == MARCH[0]
    with pytest.raises(ce.FactsError, match="no obligation was found for a site `other`"):
        ce.evaluate(law, facts, as_of=AS_OF, since=MARCH[0], sites=["other"])


def test_a_correction_counts_once_it_is_known(law: ce.Ruleset) -> None:
    corrected = {"id": "r", "permit-limit": "L", "date": "2026-03-04", "value": "29 mg/L", "_known": "2026-04-10"}
    rows = [{**RECORDS["result"][0], "_known": "2026-03-05"}, corrected]
    facts = ce.Facts.from_records({**RECORDS, "result": rows}, complete=ALL_YEAR)
    values = {}
    for known in (date(2026, 3, 4), date(2026, 3, 5), date(2026, 4, 9), date(2026, 4, 10)):
        instant = datetime(known.year, known.month, known.day, tzinfo=UTC)
        found = ce.evaluate(law, facts, as_of=AS_OF, since=MARCH[0], known_as_of=instant).findings()
        finding = next(f for f in found if f.requirement.id == "test.monthly-average" and f.period == MARCH)
        values[known.isoformat()] = (finding.status.value, finding.value)
    assert values == {
        "2026-03-04": ("undetermined", "at least 0 mg/L"),
        # On 5 March nobody could vouch for the rest of the month: more results may come.
        "2026-03-05": ("undetermined", "at least 0 mg/L"),
        "2026-04-09": ("violation", "36.2 mg/L"),
        "2026-04-10": ("compliant", "29 mg/L"),
    }
    assert _march(law, facts).status is ce.Status.COMPLIANT


def test_both_engines_find_the_same(law: ce.Ruleset, evaluation: ce.Evaluation) -> None:
    other = ce.evaluate(law, ce.load_facts(E2E / "brook"), as_of=AS_OF, engine="python")
    assert other.digest == evaluation.digest


def test_facts_are_read_once_where_the_law_is_known(law: ce.Ruleset, tmp_path: Path) -> None:
    for file in (E2E / "brook").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    facts = ce.load_facts(tmp_path, rules=law)
    before = ce.evaluate(law, facts, as_of=AS_OF).digest
    (tmp_path / "lab.csv").unlink()
    assert ce.evaluate(law, facts, as_of=AS_OF).digest == before
    with pytest.raises(ce.FactsError):
        ce.evaluate(law, ce.load_facts(tmp_path), as_of=AS_OF)


def test_threads_may_share_law_and_facts(law: ce.Ruleset, evaluation: ce.Evaluation) -> None:
    facts = ce.load_facts(E2E / "brook")
    with ThreadPoolExecutor(4) as pool:
        digests = list(pool.map(lambda _: ce.evaluate(law, facts, as_of=AS_OF).digest, range(8)))
    assert set(digests) == {evaluation.digest}


def test_nothing_is_printed_and_nothing_changes(
    law: ce.Ruleset, evaluation: ce.Evaluation, capfd: pytest.CaptureFixture[str]
) -> None:
    ce.evaluate(law, ce.load_facts(E2E / "brook"), as_of=AS_OF)
    assert capfd.readouterr() == ("", "")
    with pytest.raises(FrozenInstanceError):
        next(evaluation.findings()).status = ce.Status.COMPLIANT  # type: ignore[misc]


def test_every_mistake_in_the_law_is_told(tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text("vocabulary: v\ntypes:\n  a: {kind: nonsense}\n  b: {kind: foolish}\n")
    with pytest.raises(ce.RulesetError) as error:
        ce.load_rules(tmp_path)
    assert len(error.value.diagnostics) >= 2
    assert all(d.span is not None for d in error.value.diagnostics)
    with pytest.raises(ce.RulesetError, match="neither a path"):
        ce.load_rules("no/such/law")


def test_every_mistake_in_the_facts_is_told(law: ce.Ruleset) -> None:
    with pytest.raises(ce.FactsError, match="neither a path"):
        ce.load_facts("no-such-site")
    wrong = ce.Facts.from_records({"resullt": [{"id": "r"}], "site": [{"id": "s", "nam": "x"}]})
    for call in (lambda: wrong.read(law), lambda: ce.evaluate(law, wrong, as_of=AS_OF)):
        with pytest.raises(ce.FactsError) as error:
            call()
        assert {d.code for d in error.value.diagnostics} == {"facts-unknown-type", "facts-unknown-field"}


def test_rows_that_cannot_be_used_are_listed(law: ce.Ruleset) -> None:
    bad = {**RECORDS, "result": [*RECORDS["result"], {"id": "q", "permit-limit": "L", "value": "1,234.5 mg/L"}]}
    refused = ce.evaluate(law, ce.Facts.from_records(bad), as_of=AS_OF).quarantine
    assert [(q.row, q.column, q.found) for q in refused] == [(2, "value", "1,234.5 mg/L")]


def test_requirements_are_listed(law: ce.Ruleset) -> None:
    assert [r.id for r in law.requirements()] == ["test.monthly-average", "test.report"]
    assert [r.confirmed for r in law.requirements()] == [True, False]


@pytest.mark.skipif(
    find_spec("pandas") is not None and find_spec("pyarrow") is not None, reason="pandas and pyarrow are installed"
)
def test_without_pandas_it_says_so(evaluation: ce.Evaluation) -> None:
    with pytest.raises(ImportError, match=r"to_pandas needs .*(pandas|pyarrow)"):
        evaluation.to_pandas()


def test_with_pandas_it_is_one(evaluation: ce.Evaluation) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    assert tuple(evaluation.to_pandas().columns) == COLUMNS
