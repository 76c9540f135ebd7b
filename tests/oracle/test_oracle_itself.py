"""The oracle's own meaning, checked against docs/language.md by hand-made examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from tests.oracle.context import Context
from tests.oracle.evaluation import evaluate, world_of
from tests.oracle.expressions import evaluate as expression
from tests.oracle.law import OracleLaw, read_text
from tests.oracle.parser import parse
from tests.oracle.periods import Grain, Period, Window, add_months, period_of
from tests.oracle.syntax import Binary, If, Path, Quantified
from tests.oracle.units import to_base
from tests.oracle.values import OracleError, Value

Rows = Sequence[Mapping[str, Any]]
VOCABULARY = """
vocabulary: test
types:
  site: {kind: reference, fields: {zone: {type: text, empty: none}}}
  permit:
    kind: state
    span: {from: start, to: end, goes_on: continued}
    fields: {site: reference site, start: date, end: {type: date, empty: never}, continued: bool}
  limit:
    kind: reference
    fields:
      permit: reference permit
      site: reference site
      value: {type: quantity, unit: varies, domain: non-negative}
      grade: ordered enum [low, middle, high]
      spare: {type: decimal, empty: none}
      closed: {type: date, empty: none}
  sample:
    kind: event
    time: day
    fields:
      limit: reference limit
      day: date
      ok: bool
      value: {type: qualified quantity, unit: varies, domain: non-negative}
  notice: {kind: event, time: sent, fields: {limit: reference limit, sent: instant}}
"""
PROVISION = """
provision: test.p
title: t
citation: c
in_force: {from: 2000-01-01}
applies: {to: limit%s}
"""
SITE = {"site": [{"id": "s", "zone": "America/Chicago"}]}
ALL = [{"type": t, "from": date(2020, 1, 1), "to": date(2026, 12, 31)} for t in ("sample", "notice", "permit")]


def law_of(*documents: str) -> OracleLaw:
    return read_text(OracleLaw(), "---".join([VOCABULARY, *documents]))


def value(text: str, limit: dict[str, str] | None = None, samples: Rows = (), complete: Rows = ALL) -> Value:
    """Evaluate an expression for limit L in March 2026."""
    law = law_of()
    facts = {**SITE, "limit": [{"id": "L", "site": "s", **(limit or {})}]}
    facts["sample"] = [
        {"id": f"x{n}", "limit": "L", "day": f"2026-03-{n + 1:02}", **row} for n, row in enumerate(samples)
    ]
    world = world_of(law, facts, complete, as_of=date(2026, 4, 30), since=date(2026, 1, 1))
    march = Period(date(2026, 3, 1).toordinal(), date(2026, 3, 31).toordinal())
    days = ((Fraction(march.start), Fraction(march.end)),)
    subject = world.records["limit"]["L"]
    from_to = Context(world=world, subject=subject, period=march, grain=Grain("calendar", "month"))
    window = Window(days, days)
    return expression(text, from_to.changed(window=window))


def truth(text: str, **known: Any) -> str:  # noqa: ANN401 - handed on
    symbols = value(text, **known).symbols or frozenset({"true", "false"})
    return "unknown" if len(symbols) == 2 else next(iter(symbols))


def ends(found: Value) -> str:
    """Print an interval in base units times a million (mg/L are kg/L there)."""
    low, high = (end if isinstance(end, float) else end * 10**6 for end in (found.low, found.high))
    return f"{'(' if found.low_open else '['}{low}, {high}{')' if found.high_open else ']'}"


def mg(*texts: str) -> list[dict[str, str]]:
    return [{"value": text if text.endswith("L") else f"{text} mg/L", "ok": "true"} for text in texts]


def test_else_binds_tightest_and_where_reaches_to_the_end() -> None:
    assert parse("a else b * c") == Binary("*", Binary("else", Path(("a",)), Path(("b",))), Path(("c",)))
    assert parse("if a then b else c") == If(Path(("a",)), Path(("b",)), Path(("c",)))
    assert parse("some sample and a") == Binary("and", parse("some sample"), Path(("a",)))
    quantified = parse("some sample where a and b")
    assert isinstance(quantified, Quantified)
    assert quantified.records.where == Binary("and", Path(("a",)), Path(("b",)))


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("value <= 30 mg/L", {"value": "30 mg/L"}, "true"),
        ("value < 30 mg/L", {"value": "30000 ug/L"}, "false"),
        ("value <= 30 mg/L", {}, "unknown"),
        ("value >= 0 mg/L", {}, "unknown"),  # its unit may be of another dimension
        ("value <= 30 mg/L", {"value": "3 SU"}, "unknown"),
        ("value <= 30 mg/L or value > 1 mg/L", {}, "unknown"),
        ("value > 5 mg/L and false", {}, "false"),
        ("0.1 + 0.2 = 0.3", {}, "true"),
        ("1 / 0 = 1", {}, "unknown"),
        ("grade >= middle", {"grade": "high"}, "true"),
        ("grade >= low", {}, "true"),
        ("grade is middle", {"grade": "low"}, "false"),
        ("grade in [low, high]", {"grade": "middle"}, "false"),
        ("spare is present", {}, "false"),
        ("(spare else 7) = 7", {}, "true"),
        ("closed is not present", {"closed": "2026-01-01"}, "false"),
        ("permit.end is present", {}, "unknown"),
        ("2026-01-31 + 1 months = 2026-02-28", {}, "true"),
        ("180 days before 2026-09-30 = 2026-04-03", {}, "true"),
        ("2026-03-01 - 2026-02-01 = 28", {}, "true"),
        ("28 of next month = 2026-04-28", {}, "true"),
        ("03-01 of next year = 2027-03-01", {}, "true"),
        ("min(2, 3) + max(4, 5) = 7", {}, "true"),
        ("round(2.5, 0, half-even) = 2 and round(-2.5, 0, half-up) = -3", {}, "true"),
        ("round(2.41, 1, up) = 2.5", {}, "true"),
        ("month(2026-03-05) + year(2026-03-05) = 2029", {}, "true"),
        ('compare(1, "<", 2)', {}, "true"),
        ("95 % = 0.95", {}, "true"),
    ],
)
def test_conditions(text: str, limit: dict[str, str], expected: str) -> None:
    assert truth(text, limit=limit) == expected


@pytest.mark.parametrize(
    ("text", "samples", "expected"),
    [
        ("mean(sample.value)", mg("10", "20", "60"), "[30, 30]"),
        ("median(sample.value)", mg("10", "20", "60", "21"), "[41/2, 41/2]"),
        ("max(sample.value)", mg("10", "<20"), "[10, 20)"),
        ("min(sample.value)", mg("10", ">20"), "[10, 10]"),
        ("mean(sample.value)", mg("10", "<20"), "[5, 15)"),
        ("sum(censored(sample.value, half))", mg("10", "<20"), "[20, 20]"),
        ("sum(censored(sample.value, zero))", mg("10", ">20"), "(30, inf)"),
        ("sum(censored(sample.value, printed))", mg("10", ">20"), "[30, 30]"),
        ("geomean(sample.value)", mg("4", "9"), "[6, 6]"),
        ("percentile(sample.value, 50 %)", mg("10", "20"), "[15, 15]"),
        ("sum(sample.value where ok)", [*mg("10"), {"value": "5 mg/L"}], "[10, 15]"),
        ("max(sample.value where ok)", [*mg("10"), {"value": "5 mg/L"}], "[10, 10]"),
        ("max(sample.value where ok)", [{"value": "5 mg/L"}], "[0, inf)"),
        ("mean(sample.value where ok)", [*mg("10"), {"value": "5 mg/L"}], "[15/2, 10]"),
        ("mean(sample.value)", [], "[0, inf)"),
        ("first(sample.value)", mg("3", "1"), "[3, 3]"),
        ("last(sample.value)", mg("3", "1"), "[1, 1]"),
        ("stat(sum, sample.value)", mg("3", "1"), "[4, 4]"),
    ],
)
def test_statistics(text: str, samples: list[dict[str, str]], expected: str) -> None:
    assert ends(value(text, samples=samples)) == expected


@pytest.mark.parametrize(
    ("text", "complete", "expected"),
    [
        ("some sample", ALL, "false"),
        ("some sample", [], "unknown"),
        ("no sample", [], "unknown"),
        ("every sample where ok", ALL, "true"),
        ("every sample where ok", [], "unknown"),
        ("count(sample) = 0", ALL, "true"),
        ("count(sample) >= 0", [], "true"),
        ("some sample from 2026-04-01 to 2026-05-31", ALL, "unknown"),
        ("some sample in 2 months to period.end", ALL, "false"),
        ("count(day where some sample) = 0", ALL, "true"),
        ("no week where some sample", ALL, "true"),
    ],
)
def test_silence_is_absence_only_where_a_source_is_complete(text: str, complete: list[Any], expected: str) -> None:
    assert truth(text, complete=complete) == expected


def found(document: str, facts: dict[str, Any], as_of: str = "2026-04-30", more: Sequence[str] = ()) -> dict[str, str]:
    """Give the status of each finding since March 2026 by occurrence."""
    law = law_of(document, *more)
    rows = evaluate(law, {**SITE, **facts}, ALL, as_of=date.fromisoformat(as_of), since=date(2026, 3, 1))
    return {f"{f.duty}/{f.occurrence}".removeprefix("main/"): f.status for f in rows if f.provision == "test.p"}


LIMIT = {"limit": [{"id": "L", "site": "s", "permit": "P", "value": "30 mg/L", "spare": "4"}]}
PERMIT = {"permit": [{"id": "P", "site": "s", "start": "2024-01-01", "end": "2026-03-20", "continued": "false"}]}


def sampled(*rows: tuple[str, str]) -> dict[str, Any]:
    return {
        "sample": [{"id": f"x{n}", "limit": "L", "day": d, "value": v, "ok": "true"} for n, (d, v) in enumerate(rows)]
    }


MONTHLY = PROVISION % ", each: calendar month" + "limit: {value: mean(sample.value), of: limit.value}\n"


def test_a_value_equal_to_an_at_most_limit_is_compliant() -> None:
    assert found(MONTHLY, {**LIMIT, **sampled(("2026-03-02", "30 mg/L"), ("2026-04-02", "30.01 mg/L"))}) == {
        "2026-03-01": "compliant",
        "2026-04-01": "violation",
    }


def test_nothing_sampled_is_undetermined_and_a_running_month_is_pending() -> None:
    assert found(MONTHLY, LIMIT, as_of="2026-04-10") == {"2026-03-01": "undetermined", "2026-04-01": "pending"}


def test_a_certain_breach_of_a_running_month_is_a_violation_at_once() -> None:
    every = PROVISION % ", each: calendar month" + "limit: {every: sample.value, of: limit.value}\n"
    facts = {**LIMIT, **sampled(("2026-04-02", "31 mg/L"))}
    assert found(every, facts, as_of="2026-04-10")["2026-04-01"] == "violation"


def test_records_outside_the_days_of_the_permit_do_not_count() -> None:
    bound = (
        PROVISION % ", each: calendar month, while: [permit]" + "limit: {value: max(sample.value), of: limit.value}\n"
    )
    facts = {**LIMIT, **PERMIT, **sampled(("2026-03-02", "9 mg/L"), ("2026-03-25", "99 mg/L"))}
    assert found(bound, facts) == {"2026-03-01": "compliant"}


def test_a_permit_that_perhaps_goes_on_leaves_the_scope_unknown() -> None:
    bound = (
        PROVISION % ", each: calendar month, while: [permit]" + "limit: {value: max(sample.value), of: limit.value}\n"
    )
    permit = {"permit": [{"id": "P", "site": "s", "start": "2024-01-01", "end": "2026-03-20"}]}
    facts = {**LIMIT, **permit, **sampled(("2026-03-02", "9 mg/L"), ("2026-04-02", "99 mg/L"))}
    statuses = found(bound, facts, as_of="2026-05-01")
    assert (statuses["2026-03-01"], statuses["2026-04-01"]) == ("undetermined", "undetermined")


REPORT = PROVISION % "" + "after: closed\nby: 10 days\nrequire: some sample\n"


@pytest.mark.parametrize(
    ("day", "as_of", "expected"),
    [
        ("2026-03-15", "2026-03-20", "compliant"),
        ("2026-03-16", "2026-03-20", "violation"),
        ("2026-03-04", "2026-03-20", "violation"),
        ("2026-03-31", "2026-03-15", "pending"),
        ("2026-03-31", "2026-03-16", "violation"),
    ],
)
def test_a_record_between_trigger_and_due_date_fulfils(day: str, as_of: str, expected: str) -> None:
    facts = {"limit": [{"id": "L", "site": "s", "closed": "2026-03-05"}], **sampled((day, "1 mg/L"))}
    assert found(REPORT, facts, as_of=as_of) == {"": expected}


def test_without_a_trigger_there_is_no_duty() -> None:
    assert found(REPORT, LIMIT) == {"": "not_applicable"}


def test_unless_lifts_before_the_value_is_asked_and_an_excuse_only_after() -> None:
    lifted = MONTHLY + "unless: [spare = 4]\n"
    excused = MONTHLY + "excused_by: [spare = 4]\n"
    facts = {**LIMIT, **sampled(("2026-03-02", "31 mg/L"))}
    assert found(lifted, LIMIT)["2026-03-01"] == "exempt"
    assert found(excused, LIMIT)["2026-03-01"] == "undetermined"
    assert found(excused, facts)["2026-03-01"] == "exempt"


def test_the_version_in_force_at_the_end_of_the_period_governs() -> None:
    old = MONTHLY.replace("{from: 2000-01-01}", "{from: 2000-01-01, to: 2026-03-31}")
    new = MONTHLY.replace("{from: 2000-01-01}", "{from: 2026-04-01}").replace("of: limit.value", "of: 20 mg/L")
    facts = {**LIMIT, **sampled(("2026-03-02", "25 mg/L"), ("2026-04-02", "25 mg/L"))}
    assert found(old, facts, more=[new]) == {"2026-03-01": "compliant", "2026-04-01": "violation"}


def test_a_finding_triggers_a_later_provision() -> None:
    later = PROVISION.replace("test.p", "test.q") % "" + "require: false\n"
    later = later.replace("to: limit", "to: finding of p where met is false")
    law = law_of(MONTHLY, later)
    facts = {**SITE, **LIMIT, **sampled(("2026-03-02", "31 mg/L"), ("2026-04-02", "1 mg/L"))}
    rows = evaluate(law, facts, ALL, as_of=date(2026, 4, 30), since=date(2026, 3, 1))
    assert [(f.subject, f.status) for f in rows if f.provision == "test.q"] == [
        ("test.p/main/L/2026-03-01", "violation")
    ]


def test_a_chain_from_the_due_date_has_one_occurrence_each() -> None:
    chain = (
        PROVISION % "" + "after: closed\nrecur: {first: 1 months, then: 1 months, from: due}\nrequire: some sample\n"
    )
    facts = {"limit": [{"id": "L", "site": "s", "closed": "2026-01-31"}], **sampled(("2026-03-05", "1 mg/L"))}
    assert found(chain, facts) == {
        "2026-02-28": "violation",
        "2026-03-28": "compliant",
        "2026-04-28": "violation",
        "2026-05-28": "pending",
    }


def test_a_chain_from_completion_holds_one_open_occurrence() -> None:
    chain = (
        PROVISION % ""
        + "after: closed\nrecur: {first: 1 months, then: 12 months, from: completion}\nrequire: some sample\n"
    )
    facts = {"limit": [{"id": "L", "site": "s", "closed": "2025-01-31"}], **sampled(("2025-03-05", "1 mg/L"))}
    assert found(chain, facts) == {"2025-02-28": "violation", "2026-03-05": "violation"}


def test_an_empty_done_is_pending_until_the_due_date_has_passed() -> None:
    done = PROVISION % "" + "by: 2026-04-15\ndone: closed\n"
    assert found(done, LIMIT, as_of="2026-04-15") == {"": "pending"}
    assert found(done, LIMIT, as_of="2026-04-16") == {"": "violation"}


def test_months_clip_and_weeks_begin_on_sunday() -> None:
    assert date.fromordinal(add_months(date(2023, 8, 31).toordinal(), 6)) == date(2024, 2, 29)
    week = period_of(Grain("calendar", "week"), date(2026, 3, 4).toordinal())
    assert date.fromordinal(week.start) == date(2026, 3, 1)
    assert date.fromordinal(week.start).weekday() == 6
    sliding = period_of(Grain("sliding", count=6, step=1), date(2026, 3, 4).toordinal())
    assert (date.fromordinal(sliding.start), date.fromordinal(sliding.end)) == (date(2025, 10, 1), date(2026, 3, 31))


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(OracleError):
        to_base("furlong")


def test_a_type_of_two_vocabularies_has_the_fields_of_both() -> None:
    one = "vocabulary: one\ntypes:\n  site: {kind: reference, fields: {zone: text, kind: text}}\n"
    two = "vocabulary: two\ntypes:\n  site: {kind: reference, fields: {zone: text, size: integer}}\n"
    assert set(read_text(OracleLaw(), f"{one}---\n{two}").types["site"].fields) == {"zone", "kind", "size"}
