"""Which version of the law governs, and who is bound, where a day is known to lie between two others only."""

from datetime import date
from pathlib import Path

import pytest

import compliance_engine as ce

VOCABULARY = """
vocabulary: test
types:
  site: {kind: reference, fields: {name: {type: text, empty: none}}}
  pump:
    kind: state
    span: {from: installed, to: removed}
    fields: {site: reference site, installed: date, removed: {type: date, empty: never}, heavy: bool, sealed: bool}
"""
PROVISION = """
provision: test.sealed
title: A pump is sealed when it is first used
citation: invented
in_force: {from: %s}
reviewed: 2026-01-01
applies: {to: pump}
after: "if heavy then 2025-03-01 else %s"
require: %s
"""
OLD, NEW = ("2020-01-01, to: 2025-12-31", "sealed"), ("2026-01-01", "not sealed")


def judged(folder: Path, last: str, removed: str | None = None) -> list[str]:
    """Judge a sealed pump, first used on 2025-03-01 or on `last`, in June 2026: the newer law forbids what the older one asks for."""
    (folder / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    for name, (begin, asked) in (("old", OLD), ("new", NEW)):
        (folder / f"{name}.yaml").write_text(PROVISION % (begin, last, asked), encoding="utf-8")
    pump = {"id": "p", "site": "s", "installed": "2025-01-10", "removed": removed, "sealed": "true"}
    facts = ce.Facts.from_records({"site": [{"id": "s"}], "pump": [pump]})
    findings = ce.evaluate(ce.load_rules(folder), facts, as_of=date(2026, 6, 30)).findings()
    return [finding.status.value for finding in findings]


@pytest.mark.parametrize(
    ("last", "removed", "found"),
    [
        ("2025-09-01", None, ["compliant"]),  # both days are of the older version
        ("2026-02-01", None, ["undetermined"]),  # one of each
        ("2025-09-01", "2025-06-30", ["undetermined"]),  # gone on the later day
        ("2025-09-01", "2025-02-01", []),  # gone on both
        ("2025-09-01", "2024-12-31", []),  # gone before it came: never there
    ],
)
def test_a_trigger_between_two_days(tmp_path: Path, last: str, removed: str | None, found: list[str]) -> None:
    assert judged(tmp_path, last, removed) == found
