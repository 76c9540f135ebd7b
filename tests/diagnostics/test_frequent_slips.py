"""The slips of those who come from spreadsheets and from other languages: the hint leads to what is meant."""

from pathlib import Path

import pytest

from compliance_engine.compiling import compile_program
from compliance_engine.kernel.diagnostic import render_diagnostic
from compliance_engine.reading.law import read_law

LAW = """\
vocabulary: test
types:
  site: {{kind: reference, fields: {{name: text}}}}
  sample: {{kind: event, time: date, fields: {{site: reference site, date: date, value: quantity mg/L, n: decimal}}}}
---
provision: test.slip
title: A slip
citation: Procedure 1
source: https://example.org/
in_force: {{from: 2024-01-01}}
reviewed: 2026-01-15
status: confirmed
applies: {{to: site, each: {each}}}
{duty}
"""


@pytest.mark.parametrize(
    ("duty", "each", "hint"),
    [
        ("limit: {value: max(sample.value), of: 30 mgl}", "calendar year", "did you mean mg/L?"),
        ("limit: {value: max(sample.value), of: 30 m3d}", "calendar year", "did you mean m3/d?"),
        ('limit: {value: max(sample.value), must: "=<", of: 30 mg/L}', "calendar year", "write `<=`, `>=`"),
        ("limit: {value: avg(sample.value), of: 30 mg/L}", "calendar year", "did you mean mean?"),
        ("require: some sample where n is null", "calendar year", "x is not present"),
        ("require: some sample where n >= 2,5", "calendar year", "with a point and without separators: 2.5, 1000"),
        ("require: some sample", "yearly", "did you mean calendar year?"),
        ("require: some sample", "monthly", "did you mean calendar month?"),
        ("{require: some sample, by: 30}", "calendar year", "for example: 30 days"),
    ],
)
def test_the_hint_leads_to_what_is_meant(duty: str, each: str, hint: str, tmp_path: Path) -> None:
    text = duty.strip("{}").replace(", by:", "\nby:") if duty.startswith("{") else duty
    (tmp_path / "law.yaml").write_text(LAW.format(each=each, duty=text), encoding="utf-8")
    law, refused = read_law([tmp_path / "law.yaml"])
    _, found = compile_program(law)
    said = [render_diagnostic(diagnostic) for diagnostic in (*refused, *found)]
    assert [hint in text for text in said] == [True], said
