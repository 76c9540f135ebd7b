"""What an undetermined finding says is missing: what would settle it, wherever it is read, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

import compliance_engine as ce

if TYPE_CHECKING:
    from pathlib import Path

VOCABULARY = """
vocabulary: test
types:
  site:
    kind: reference
    fields: {open: bool, large: bool, cap: {type: integer}, wanted: {type: integer, empty: none}}
  well:
    kind: reference
    fields: {site: reference site, deep: bool}
  licence:
    kind: state
    span: {from: begins, to: ends, goes_on: continued}
    fields: {site: reference site, begins: date, ends: date, continued: bool}
  reading:
    kind: event
    time: day
    fields:
      site: reference site
      well: reference well
      day: date
      level: {type: qualified quantity, unit: m, domain: non-negative}
      valid: bool
---
definition: test.strict
for: site
value: large and (some well where deep)
---
policy: test.below
citation: none
choices: [zero, full, interval]
---
table: test.caps
citation: none
keys: {cap: integer}
columns: {most: quantity m}
rows: [[1, 10 m], [2, 20 m]]
---
provision: test.rule
title: A rule
citation: none
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
"""
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
SITE = {"id": "s", "open": "true", "large": "false", "cap": "1"}


def missing(
    path: Path,
    rule: str,
    *,
    complete: tuple[str, ...] = (),
    period: tuple[date, date] | None = MARCH,
    **records: list[dict[str, str]],
) -> str:
    """Give what the one undetermined finding of a rule says is missing."""
    (path / "law.yaml").write_text(VOCABULARY + rule, encoding="utf-8")
    told = [ce.Complete(type=name, start=date(2020, 1, 1), end=date(2026, 4, 30)) for name in complete]
    rules = ce.load_rules(path / "law.yaml")
    facts = ce.Facts.from_records({"site": [SITE], **records}, complete=told)
    found = ce.evaluate(rules, facts, as_of=date(2026, 4, 30), period=period).findings()
    (finding,) = [item for item in found if item.requirement.id == "test.rule" and item.status != "pending"]
    assert finding.status == "undetermined", finding.reason
    return finding.reason.partition("; missing: ")[2]


def reading(name: str, **values: str) -> dict[str, str]:
    return {"id": name, "site": "s", "day": "2026-03-05", "level": "1 m", "valid": "true"} | values


def without(name: str, *fields: str) -> dict[str, str]:
    return {key: value for key, value in reading(name).items() if key not in fields}


MEAN = """
applies: {to: site, each: calendar month}
limit: {value: mean(reading.level where valid), of: 5 m}
"""


def test_a_record_that_a_mean_lacks_the_value_of(tmp_path: Path) -> None:
    told = missing(tmp_path, MEAN, complete=("reading",), reading=[reading("a"), without("b", "level")])
    assert told == "level is not recorded in reading b"


def test_a_record_of_which_it_is_not_known_whether_it_counts(tmp_path: Path) -> None:
    rows = [reading("a"), without("b", "valid") | {"level": "10 m"}]
    assert missing(tmp_path, MEAN, complete=("reading",), reading=rows) == "valid is not recorded in reading b"


def test_what_cannot_change_the_verdict_of_its_condition_is_not_named(tmp_path: Path) -> None:
    """A record that does not count may be empty otherwise."""
    rows = [without("a", "valid"), {"id": "b", "site": "s", "day": "2026-03-05", "valid": "false"}]
    assert missing(tmp_path, MEAN, complete=("reading",), reading=rows) == "valid is not recorded in reading a"


def test_a_statistic_of_nothing(tmp_path: Path) -> None:
    assert missing(tmp_path, MEAN, complete=("reading",)) == "there is no record of reading that counts"


def test_a_value_that_is_a_bound(tmp_path: Path) -> None:
    told = missing(tmp_path, MEAN, complete=("reading",), reading=[reading("a", level="<9 m")])
    assert told == "level is known as a bound only in reading a"


def test_a_policy_that_nobody_stated(tmp_path: Path) -> None:
    rule = MEAN.replace("mean(reading.level where valid)", '"mean(censored(reading.level, below) where valid)"')
    told = missing(tmp_path, rule, complete=("reading",), reading=[reading("a", level="<9 m")])
    assert "no choice is stated for the policy test.below" in told


def test_many_records_are_counted(tmp_path: Path) -> None:
    rows = [without(f"r{number}", "level") for number in range(5)]
    assert (
        missing(tmp_path, MEAN, complete=("reading",), reading=rows) == "level is not recorded in 5 records of reading"
    )


CHOICE = """
applies: {to: site, when: [%s]}
limit: {value: cap, of: 0}
"""


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("large or (some well where deep)", "deep is not recorded in well w"),
        ("not large and (some well where deep)", "deep is not recorded in well w"),
        ("(large and open) or (some well where deep)", "deep is not recorded in well w"),
        ("if large then (some reading) else (some well where deep)", "deep is not recorded in well w"),
        ("(if large then cap else 1) = 2 or (some well where deep)", "deep is not recorded in well w"),
    ],
)
def test_a_branch_that_is_not_taken_is_not_named(tmp_path: Path, condition: str, told: str) -> None:
    wells = [{"id": "w", "site": "s"}]
    site = {"id": "s", "open": "true", "large": "false"}
    rule = CHOICE.replace("cap", "1") % condition
    assert missing(tmp_path, rule, complete=("well",), well=wells, site=[site]) == told


def test_through_a_definition_of_another_subject(tmp_path: Path) -> None:
    rule = "applies: {to: well}\nrequire: [not site.strict]\n"
    large = [{"id": "s", "large": "true"}]
    told = missing(tmp_path, rule, complete=("well",), well=[{"id": "w", "site": "s"}], site=large)
    assert told == "deep is not recorded in well w"
    told = missing(tmp_path, rule, well=[{"id": "w", "site": "s", "deep": "true"}], site=[{"id": "s"}])
    assert told == "large is not recorded in site s"


def test_through_a_reference_that_leads_nowhere(tmp_path: Path) -> None:
    rule = "applies: {to: reading}\nrequire: [well.deep]\n"
    told = missing(tmp_path, rule, reading=[reading("a", well="gone")], well=[{"id": "w", "site": "s"}])
    assert told == "there is no well gone"


def test_the_end_of_what_binds(tmp_path: Path) -> None:
    rule = "applies: {to: site, each: calendar month, while: [licence]}\nlimit: {value: cap, of: 0}\n"
    held = [{"id": "l", "site": "s", "begins": "2020-01-01", "ends": "2026-02-28"}]
    told = missing(tmp_path, rule, complete=("licence",), licence=held)
    assert told == "continued is not recorded in licence l"


def test_an_answer(tmp_path: Path) -> None:
    rule = 'applies: {to: site}\nrequire: [determined("the well is far enough from the road")]\n'
    assert missing(tmp_path, rule) == 'no determination settles "the well is far enough from the road"'


def test_a_finding_of_another_provision(tmp_path: Path) -> None:
    other = """applies: {to: site}
require: [open]
---
provision: test.rule
title: What follows
citation: none
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: finding of first where met is false}
require: [site.large]
"""
    (tmp_path / "law.yaml").write_text(VOCABULARY.replace("test.rule", "test.first") + other, encoding="utf-8")
    facts = ce.Facts.from_records({"site": [{"id": "s", "large": "false"}]})
    found = ce.evaluate(ce.load_rules(tmp_path / "law.yaml"), facts, as_of=date(2026, 4, 30)).findings()
    (finding,) = [item for item in found if item.requirement.id == "test.rule"]
    assert finding.status == "undetermined"
    assert finding.reason.endswith("missing: test.first is not settled")


def test_a_row_that_a_table_does_not_have(tmp_path: Path) -> None:
    rule = "applies: {to: site, each: calendar month}\nlimit: {value: 5 m, of: 'table(test.caps, cap).most'}\n"
    assert missing(tmp_path, rule, site=[SITE | {"cap": "3"}]) == "test.caps has no row for it"


def test_what_stands_in_where_a_value_is_absent(tmp_path: Path) -> None:
    rule = "applies: {to: site}\nlimit: {value: wanted else cap, of: 5}\n"
    assert missing(tmp_path, rule, site=[{"id": "s", "large": "true"}]) == "site.cap is not recorded"


def test_time_that_has_not_passed(tmp_path: Path) -> None:
    rule = """applies: {to: licence}
require: [every month from begins to ends where cap < 0]
let: {cap: site.cap}
"""
    held = [{"id": "l", "site": "s", "begins": "2026-01-01", "ends": "2026-12-31", "continued": "false"}]
    told = missing(tmp_path, rule, licence=held, site=[SITE | {"cap": "-1"}])
    assert told == "the months looked at begin on a day that is not known, or end after the as-of date"


def test_what_the_first_day_of_a_chain_rests_on(tmp_path: Path) -> None:
    """It is done on the last day on which it may have to be, and late if it was due before."""
    rule = """
status: confirmed
severity: minor
applies: {to: site}
let: {seen: "earliest(max(reading.day from 2018-01-01 to 2026-01-10), 2026-01-10)"}
after: 2026-03-01
recur: {first: "latest(seen + 90 days, 2026-03-01)", then: 1 years, from: completion}
require: some reading where valid
"""
    readings = [reading("a", day="2019-12-10", valid="false"), reading("b", day="2026-03-05")]
    told = missing(tmp_path, rule, complete=("reading",), period=None, reading=readings)
    assert told == "the records of reading are not stated to be complete for that time"
