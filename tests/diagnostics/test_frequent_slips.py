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
  sample: {{kind: event, time: date, fields: {{site: reference site, date: date, value: quantity mg/L, n: decimal,
    grab: bool, kind: "enum [grab, composite]", taken: instant}}}}
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
        ("{require: some sample, by: 2024/01/31}", "calendar year", "write 2024-01-31"),
        ("{require: some sample, by: 2 mos}", "calendar year", "write 2 months"),
        ("{require: some sample, by: 5 working days}", "calendar year", "for example: 5 working days after X"),
        ("{require: some sample, by: 5 business days after period.end}", "calendar year", "10 working days after X"),
        ("{require: some sample, by: 30 calendar days}", "calendar year", "write `30 days`"),
        ("{require: some sample, by: 30 days after period end}", "calendar year", "write `period.end`"),
        ("{require: some sample, by: end of next month}", "calendar year", "31 of next month"),
        ("{require: some sample, by: 1 March of next year}", "calendar year", "03-01 of next year"),
        ("require: some sample where date > 2024/01/01", "calendar year", "write 2024-01-01"),
        ("require: some sample where 2024-1-1 < date", "calendar year", "write 2024-01-01"),
        ("require: some sample where date > 20240101", "calendar year", "write 2024-01-01"),
        ("require: some sample where date > 01/02/2024", "calendar year", "is written year-month-day: 2026-03-31"),
        ("require: some sample where date > 1.2.2024", "calendar year", "is written year-month-day: 2026-03-31"),
        ("require: some sample where date > 2024", "calendar year", "is written year-month-day: 2026-03-31"),
        ('require: some sample where date >= "2024-01-01"', "calendar year", "without quotes: 2024-01-01"),
        ("require: some sample where date is 2024-01-01", "calendar year", "dates are compared with `=`"),
        ("require: some sample where date <= today", "calendar year", "write `as-of`"),
        ("require: some sample where date <= today()", "calendar year", "write `as-of`"),
        ("require: (site.name at 10 days before as-of) is old", "calendar year", "(10 days before as-of), here in"),
        ("require: some sample in 3 yrs to due", "calendar year", "write 3 years"),
        ("require: some sample where date > due - 1 yr", "calendar year", "write 1 year"),
        ("require: some sample where taken > as-of - 2 hrs", "calendar year", "write 2 hours"),
        ("require: some sample where taken > as-of - 5 mins", "calendar year", "write 5 minutes"),
        ("require: some sample where date > due - 3 Days", "calendar year", "write 3 days"),
        ("require: some sample where n between 1 and 3", "calendar year", "1 <= x and x <= 3"),
        ("require: some sample where between(n, 1, 3)", "calendar year", "1 <= x and x <= 3"),
        ("require: some sample where n in 1..3", "calendar year", "1 <= x and x <= 3"),
        ("require: some sample where n in [1 to 3]", "calendar year", "1 <= x and x <= 3"),
        ("require: some sample where n at least 3", "calendar year", "write `<`, `<=`"),
        ("require: sum(sample.n) > 3 where grab", "calendar year", "stands inside the brackets"),
        ("require: exists sample", "calendar year", "some TYPE where"),
        ("require: all sample where grab", "calendar year", "every TYPE where"),
        ("require: some sample where grab implies n > 3", "calendar year", "write `not A or B`"),
        ("require: some sample where grab = yes", "calendar year", "write `true`"),
        ("require: some sample where kind is grab or composite", "calendar year", "or `x in [A, composite]`"),
        ('require: some sample where kind is grab or "composite"', "calendar year", "x in [A, B]"),
        ("require: some sample where n is unknown", "calendar year", "nothing can ask for what is not known"),
        ("forbid: no sample", "calendar year", "name the records alone"),
        ("forbid: name = 3", "calendar year", "forbidden by `require: not (...)`"),
        ("done: some sample", "calendar year", "`require: some training`"),
        ("limit: max(sample.value) <= 30 mg/L", "calendar year", "for example: limit: {value: mean(result.value)"),
        ("limit: {value: max(value), of: 30 mg/L}", "calendar year", "write TYPE.field"),
        ("limit: {value: max(sample.value), must: at most, of: 30 mg/L}", "calendar year", "write `<=`"),
        ("require: some sample since 2024-01-01", "calendar year", "a window is written `in 30 days to due`"),
        ("require: some sample before due", "calendar year", "a window is written `in 30 days to due`"),
        ("require: max(sample.value)", "calendar year", "compare it with something"),
        ("limit: {value: max(sample.value), of: 5 dB(A)}", "calendar year", "in braces: 85 {dB(A)}"),
        ("require: some sample where hour(taken) < 6", "calendar year", "time of day cannot be asked for"),
        ("require: some sample where weekday(date) > 5", "calendar year", "record the day of the week as a field"),
        ("limit: {value: max(sample.date), of: 2024/01/31}", "calendar year", "write 2024-01-31"),
        ("limit: {value: max(sample.value), of: 30 mg per L}", "calendar year", "with a stroke: 30 mg/L"),
    ],
)
def test_the_hint_leads_to_what_is_meant(duty: str, each: str, hint: str, tmp_path: Path) -> None:
    text = duty.strip("{}").replace(", by:", "\nby:") if duty.startswith("{") else duty
    (tmp_path / "law.yaml").write_text(LAW.format(each=each, duty=text), encoding="utf-8")
    law, refused = read_law([tmp_path / "law.yaml"])
    _, found = compile_program(law)
    said = [render_diagnostic(diagnostic) for diagnostic in (*refused, *found)]
    assert [hint in text for text in said] == [True], said


def test_law_without_its_vocabulary_asks_for_it(tmp_path: Path) -> None:
    provision = LAW.format(each="calendar year", duty="require: some sample").partition("---\n")[2]
    (tmp_path / "permit.yaml").write_text(provision, encoding="utf-8")
    law, _ = read_law([tmp_path / "permit.yaml"])
    _, found = compile_program(law)
    assert {diagnostic.code for diagnostic in found} == {"unknown-type"}
    assert all("give the law that this rests on as well" in (diagnostic.hint or "") for diagnostic in found)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("except: some sample", "unless"), ("deadline: 30 days", "by"), ("priority: high", "severity")],
)
def test_a_key_of_another_notation_leads_to_ours(written: str, meant: str, tmp_path: Path) -> None:
    duty = f"require: some sample\n{written}"
    (tmp_path / "law.yaml").write_text(LAW.format(each="calendar year", duty=duty), encoding="utf-8")
    _, found = read_law([tmp_path / "law.yaml"])
    assert [diagnostic.hint for diagnostic in found] == [f"did you mean {meant}?"]


@pytest.mark.parametrize(
    ("written", "example"),
    [("by:", "by: 30 days"), ("waivable: {by: }", "by: [regional administrator]"), ("roll:", None)],
)
def test_an_empty_value_shows_one_that_may_stand_there(written: str, example: str | None, tmp_path: Path) -> None:
    duty = f"require: some sample\n{written}"
    (tmp_path / "law.yaml").write_text(LAW.format(each="calendar year", duty=duty), encoding="utf-8")
    _, found = read_law([tmp_path / "law.yaml"])
    wanted = "give it one, or remove it" if example is None else f"for example: {example}"
    assert [diagnostic.hint for diagnostic in found] == [wanted]


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("boolean", "did you mean bool?"),
        ("datetime", "did you mean instant?"),
        ("number", "did you mean decimal, or quantity mg/L?"),
        ("string", "did you mean text?"),
        ('"enum day, night"', "did you mean enum [day, night]?"),
    ],
)
def test_a_type_of_another_name_leads_to_ours(written: str, hint: str, tmp_path: Path) -> None:
    law = f"vocabulary: test\ntypes:\n  visit: {{kind: event, time: day, fields: {{day: date, x: {written}}}}}\n"
    (tmp_path / "law.yaml").write_text(law, encoding="utf-8")
    _, found = read_law([tmp_path / "law.yaml"])
    assert [diagnostic.hint for diagnostic in found] == [hint]


def test_a_type_that_is_wrong_is_reported_once(tmp_path: Path) -> None:
    law = "vocabulary: test\ntypes:\n  visit: {kind: event, time: day, fields: {day: datetime}}\n"
    (tmp_path / "law.yaml").write_text(law, encoding="utf-8")
    read, refused = read_law([tmp_path / "law.yaml"])
    _, found = compile_program(read)
    assert [diagnostic.code for diagnostic in (*refused, *found)] == ["bad-type"]


def test_a_case_without_a_kind_shows_one_of_a_case(tmp_path: Path) -> None:
    law = "cases: test.slip\ncases: [{case: at the limit, as_of: 2026-01-01, expect: []}]\n"
    (tmp_path / "law.yaml").write_text(law, encoding="utf-8")
    _, found = read_law([tmp_path / "law.yaml"])
    assert [diagnostic.hint for diagnostic in found] == ["for example: kind: boundary"]


MISSED = """\
vocabulary: test
types:
  site: {kind: reference, fields: {name: text}}
  task: {kind: event, time: asked, fields: {site: reference site, asked: date, answered: %s}}
---
provision: test.answered
title: Tasks are answered
citation: Procedure 1
in_force: {from: 2024-01-01}
reviewed: 2026-01-15
status: confirmed
applies: {to: task}
%s
done: answered
---
provision: test.well
title: No task was missed
citation: Procedure 2
in_force: {from: 2024-01-01}
reviewed: 2026-01-15
status: confirmed
applies: {to: site, each: calendar year}
require: no finding of test.answered in 6 months before period where met is false
"""


@pytest.mark.parametrize(
    ("answered", "when", "codes"),
    [
        ("{type: date, empty: none}", "after: asked", []),
        ("date", "after: asked", ["done-unknown"]),
        ("{type: date, empty: none}", "", ["finding-without-days"]),
    ],
)
def test_what_can_never_be_told_is_warned_of(answered: str, when: str, codes: list[str], tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text(MISSED % (answered, when), encoding="utf-8")
    law, refused = read_law([tmp_path / "law.yaml"])
    _, found = compile_program(law)
    assert [diagnostic.code for diagnostic in (*refused, *found)] == codes
