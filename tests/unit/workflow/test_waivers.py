"""A waiver on record that lifts nothing is told; one of other law is not. So is a statement about a site that is nowhere."""

from datetime import date
from pathlib import Path

import pytest

import compliance_engine as ce

LAW = """\
vocabulary: test
types:
  site: {kind: reference, fields: {name: text}}
  unit: {kind: reference, fields: {site: reference site, hot: bool}}
---
provision: test.cold
title: A unit is cold
citation: Rule 1
in_force: {from: 2020-01-01}
reviewed: 2026-01-15
applies: {to: unit}
require: not hot
waivable: {by: [state director]}
---
provision: test.named
title: A site has a name
citation: Rule 2
in_force: {from: 2020-01-01}
reviewed: 2026-01-15
applies: {to: site}
require: name is "S"
"""
GRANTED = {"id": "w", "subject": "u", "provision": "test.cold", "from": "2026-01-01", "authority": "state director"}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({}, None),
        ({"provision": "test.cold/main"}, None),
        ({"provision": "other.law"}, None),
        ({"provision": "test.colt"}, "there is no provision test.colt; did you mean test.cold?"),
        ({"provision": "cold"}, "did you mean test.cold?"),
        ({"provision": "test.cold/mian"}, "test.cold has no duty mian; its duties are main"),
        ({"provision": "test.named", "subject": "s"}, "nobody may waive test.named"),
        ({"authority": "State Director"}, "may be waived by state director, and not by State Director"),
        ({"subject": "uu"}, "there is no unit uu; did you mean u?"),
    ],
)
def test_a_waiver_that_lifts_nothing_is_told(written: dict[str, str], told: str | None, tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text(LAW, encoding="utf-8")
    site, unit = {"id": "s", "name": "S"}, {"id": "u", "site": "s", "hot": True}
    facts = ce.Facts.from_records({"site": [site], "unit": [unit], "waiver": [{**GRANTED, **written}]})
    evaluation = ce.evaluate(ce.load_rules(tmp_path / "law.yaml"), facts, as_of=date(2026, 3, 1))
    messages = [one.message for one in evaluation.diagnostics if one.code == "idle-waiver"]
    assert len(messages) == (0 if told is None else 1)
    assert told is None or told in messages[0]


def test_a_statement_about_a_site_that_is_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text(LAW, encoding="utf-8")
    stated = [ce.Complete(type="unit", start=date(2026, 1, 1), end=date(2026, 3, 1), site=site) for site in ("s", "ss")]
    facts = ce.Facts.from_records({"site": [{"id": "s", "name": "S"}]}, complete=stated)
    evaluation = ce.evaluate(ce.load_rules(tmp_path / "law.yaml"), facts, as_of=date(2026, 3, 1))
    told = [one.message for one in evaluation.diagnostics if one.code == "stray-statement"]
    assert told == ["`complete` is stated of a site ss, and there is none; did you mean s?"]


def test_a_site_that_only_its_records_name_needs_none_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text(LAW, encoding="utf-8")
    stated = [ce.Complete(type="unit", start=date(2026, 1, 1), end=date(2026, 3, 1), site="s")]
    facts = ce.Facts.from_records({"unit": [{"id": "u", "site": "s", "hot": True}]}, complete=stated)
    evaluation = ce.evaluate(ce.load_rules(tmp_path / "law.yaml"), facts, as_of=date(2026, 3, 1))
    assert not [one.message for one in evaluation.diagnostics if one.code.startswith("stray")]
