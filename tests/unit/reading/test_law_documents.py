"""How each kind of document is read."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from compliance_engine.kernel.diagnostic import Level
from compliance_engine.model.law import Done, Every, FieldDecl, Forbid, Law, Limit, Require
from compliance_engine.model.syntax import Binary, Is, Number, Quantified
from compliance_engine.model.syntax import Path as NamePath
from compliance_engine.reading.law import read_law
from compliance_engine.reading.law.problems import MAX_FOUND

PROVISION = """\
provision: us.test.average
title: The average stays within the limit
citation: 40 CFR 122.41(a)(1)
in_force: {from: 1983-09-01}
reviewed: 2026-11-01
applies: {to: permit-limit where base is monthly-average, each: calendar month}
"""


def read(folder: Path, text: str) -> Law:
    """Read a text, which must be without mistakes."""
    path = folder / "law.yaml"
    path.write_text(text, encoding="utf-8")
    law, found = read_law([path])
    assert not found, found
    return law


def codes(folder: Path, text: str) -> list[tuple[str, int, int]]:
    """Give code, line and column of each mistake in a text."""
    path = folder / "law.yaml"
    path.write_text(text, encoding="utf-8")
    _, found = read_law([path])
    return [(d.code, d.span.line, d.span.column) for d in found if d.span is not None]


def test_a_vocabulary(tmp_path: Path) -> None:
    law = read(
        tmp_path,
        """\
vocabulary: us.cwa
types:
  site: {kind: reference, fields: {name: text}}
  permit:
    kind: state
    span: {from: effective, to: expires, goes_on: continued}
    fields:
      site: reference site
      effective: date
      expires: {type: date, empty: never}
      continued: {type: bool, describe: administratively continued}
  result:
    kind: event
    time: date
    links: {permit-limit: [site, outfall]}
    fields:
      level: ordered enum [low, "<=", 00310]
      value: {type: qualified quantity, unit: varies, domain: non-negative}
      flow: quantity MGD
      ammonia: qualified quantity mg/L as N
""",
    )
    (vocabulary,) = law.vocabularies
    site, permit, result = vocabulary.types
    assert (site.kind, site.time, site.span_from) == ("reference", None, None)
    assert permit.span_from is not None
    assert permit.goes_on is not None
    assert (permit.span_from.text, permit.goes_on.text) == ("effective", "continued")
    assert [field.empty for field in permit.fields] == ["unknown", "unknown", "never", "unknown"]
    assert permit.fields[3].describe == "administratively continued"
    assert permit.fields[0].target is not None
    assert permit.fields[0].target.text == "site"
    assert result.time is not None
    assert [(name.text, [field.text for field in fields]) for name, fields in result.links] == [
        ("permit-limit", ["site", "outfall"])
    ]
    level, value, flow, ammonia = result.fields
    assert (level.base, level.ordered, level.symbols) == ("enum", True, ("low", "<=", "00310"))
    assert _shape(value) == ("quantity", "varies", True, True)
    assert _shape(flow) == ("quantity", "MGD", False, False)
    assert _shape(ammonia) == ("quantity", "mg/L as N", True, False)


def _shape(field: FieldDecl) -> tuple[str, str | None, bool, bool]:
    return field.base, field.unit, field.qualified, field.non_negative


def test_a_definition_with_a_decision_table(tmp_path: Path) -> None:
    law = read(
        tmp_path,
        """\
definition: us.test.tier
citation: 40 CFR 112.6
for: site
each: calendar year
let: {big: some tank where capacity > 5000 gal}
first:
  - {when: big, then: II}
  - {when: ["a = 1", b], then: 'if c then I else none'}
  - {otherwise: I}
round: {places: 0, mode: half-up}
""",
    )
    (definition,) = law.definitions
    ((name, formula),) = definition.fields
    assert (name, formula.expression, formula.unique) == ("", None, False)
    assert [row.when is None for row in formula.rows] == [False, False, True]
    joined = formula.rows[1].when
    assert isinstance(joined, Binary)
    assert joined.op == "and"
    assert formula.rounding is not None
    assert isinstance(formula.rounding.mode, NamePath)
    assert str(formula.rounding.mode) == "half-up"
    assert [let.name.text for let in definition.lets] == ["big"]


def test_a_definition_with_fields(tmp_path: Path) -> None:
    law = read(
        tmp_path,
        "definition: t\nfor: site\nfields:\n  a: 1 kg\n  b: {value: 2, round: {places: 0, mode: up}}\n"
        "  c:\n    unique:\n      - {when: x, then: 1}\n",
    )
    fields = dict(law.definitions[0].fields)
    assert sorted(fields) == ["a", "b", "c"]
    assert isinstance(fields["a"].expression, Number)
    assert fields["b"].rounding is not None
    assert fields["c"].unique


def test_a_parameter_is_in_order_of_its_dates(tmp_path: Path) -> None:
    law = read(
        tmp_path,
        "parameter: t.days\ncitation: law\nvalues:\n  - {from: 2025-01-22, value: 45 days}\n"
        "  - {from: 2010-01-01, value: 35 days}\n",
    )
    (parameter,) = law.parameters
    assert [day for day, _ in parameter.values] == [date(2010, 1, 1), date(2025, 1, 22)]


def test_a_provision_with_one_duty(tmp_path: Path) -> None:
    law = read(
        tmp_path,
        PROVISION
        + """\
text: >
  The clause
  in plain words.
let: {avg: "mean(censored(result.value, zero))"}
limit: {value: avg, must: "<=", of: permit-limit.value}
unless:
  - {id: upset, when: some upset-granted, because: affirmative defence, citation: 40 CFR 122.41(n)}
  - bypass-granted
excused_by: some storm
evidence: [result]
responsible: plant superintendent
severity: major
status: confirmed
""",
    )
    (provision,) = law.provisions
    assert (provision.text, provision.severity, provision.status) == (
        "The clause in plain words.",
        "major",
        "confirmed",
    )
    assert provision.in_force_from == date(1983, 9, 1)
    assert provision.in_force_to is None
    assert isinstance(provision.subject.where, Is)
    assert provision.each == Every(
        kind="calendar", span=provision.each.span if provision.each else provision.span, unit="month"
    )
    assert [(row.id, row.because) for row in provision.unless] == [("upset", "affirmative defence"), ("2", None)]
    assert [row.id for row in provision.excused_by] == ["1"]
    (duty,) = provision.duties
    assert duty.id.text == "main"
    assert isinstance(duty.demand, Limit)
    assert duty.demand.must == "<="
    assert duty.unless == ()


def test_what_a_provision_leaves_out(tmp_path: Path) -> None:
    (provision,) = read(tmp_path, PROVISION + "require: a\n").provisions
    assert (provision.severity, provision.status, provision.repealed) == ("moderate", "unconfirmed", False)
    assert (provision.text, provision.responsible, provision.evidence, provision.when) == (None, None, (), ())


def test_a_provision_with_several_duties(tmp_path: Path) -> None:
    law = read(
        tmp_path,
        """\
provision: us.test.training
title: People are trained
citation: 40 CFR 262.17
in_force: {from: 2017-05-30, to: 2030-01-01}
reviewed: 2026-11-01
governed_by: date
applies: {to: assignment, while: [permit, stay], when: [a, some month where b is LQG]}
after: latest(employee.hired, started)
duties:
  - {id: 30-day, by: 6 months, require: some training where course is initial}
  - {id: shipped, done: shipped, by: 180 days before permit.expires, severity: critical}
  - {id: supervised, forbid: work where not supervised}
  - id: review
    each: calendar week from monday
    recur: {first: 12 months after started, then: 12 months, from: completion}
    require: {any: [some training, copy-received]}
    unless: [left]
  - {id: parts, require: {one: a, two: b}, each: 6 calendar months step 1 month}
  - {id: each-record, limit: {every: "censored(result.value, zero) where ok", must: qualifier, of: 3 mg/L}, each: stay}
""",
    )
    (provision,) = law.provisions
    assert [name.text for name in provision.bound_while] == ["permit", "stay"]
    assert len(provision.when) == 2
    initial, shipped, supervised, review, parts, records = provision.duties
    assert initial.id.text == "30-day"
    assert isinstance(shipped.demand, Done)
    assert isinstance(shipped.by, Binary)
    assert (shipped.by.op, shipped.severity) == ("before", "critical")
    assert isinstance(supervised.demand, Forbid)
    assert review.recur is not None
    assert (review.recur.then.text, review.recur.then.unit, review.recur.basis) == ("12", "months", "completion")
    assert review.each is not None
    assert (review.each.unit, review.each.week_start) == ("week", "monday")
    assert isinstance(review.demand, Require)
    assert (review.demand.any, [part.name for part in review.demand.parts]) == (True, ["1", "2"])
    assert isinstance(review.demand.parts[0].condition, Quantified)
    assert isinstance(parts.demand, Require)
    assert (parts.demand.any, [part.name for part in parts.demand.parts]) == (False, ["one", "two"])
    assert parts.each is not None
    assert (parts.each.kind, parts.each.count, parts.each.step) == ("sliding", 6, 1)
    assert isinstance(records.demand, Limit)
    assert records.demand.every is not None
    assert records.demand.value is None
    assert isinstance(records.demand.must, NamePath)
    assert records.each is not None
    assert records.each.type is not None
    assert records.each.type.text == "stay"


def test_duties_share_what_the_provision_says_of_their_return(tmp_path: Path) -> None:
    recur = "recur: {first: 1 months, then: 1 months, from: due}\n"
    law = read(
        tmp_path,
        PROVISION + recur + "duties:\n  - {id: a, require: some x}\n"
        "  - {id: b, require: some y, recur: {first: 2 months, then: 2 months, from: due}}\n",
    )
    assert [duty.recur.then.value for duty in law.provisions[0].duties if duty.recur] == [1, 2]


def test_a_table_in_the_document(tmp_path: Path) -> None:
    law = read(
        tmp_path,
        """\
table: us.test.bands
citation: Annex II
keys: {use: text, charge: {type: decimal, band: from}}
columns: {rate: quantity %, note: text}
rows:
  - [comfort, 0, 10 %, ~]
  - [comfort, 0.10, 1e-5, "x, y"]
on_miss: none
""",
    )
    (table,) = law.tables
    assert table.bands == {"charge"}
    assert [field.name.text for field in table.columns] == ["rate", "note"]
    assert table.rows == (("comfort", "0", "10 %", ""), ("comfort", "0.10", "1e-5", "x, y"))
    assert [(span.line, span.column) for span in table.row_spans] == [(6, 5), (7, 5)]
    assert table.on_miss == "none"


CASES = """\
cases: us.test.average
facts:
  site: [{id: s, zone: America/Chicago}, {id: t, zone: UTC}]
  permit: [{id: p, site: s}]
complete: [{type: result, from: 2026-01-01, to: 2026-12-31}]
cases:
  - case: the mean equals the limit
    kind: boundary
    as_of: 2026-04-20
    since: 2026-03-01
    facts:
      site: [{id: s, zone: UTC, note: ~}]
      result: [{date: 2026-03-04, value: "<0.2 mg/L", code: NO}]
    complete: [{type: permit, from: 2026-01-01, to: 2026-01-01, site: s}]
    expect:
      - {subject: L1, period: 2026-03, status: compliant}
      - {subject: L2, status: violation, provision: us.test.other, duty: 30-day, exceedance: 20.7 %, days_late: 3}
  - {case: another, kind: pass, as_of: 2026-04-20, expect: [], only: true}
"""


def test_cases(tmp_path: Path) -> None:
    (cases,) = read(tmp_path, CASES).cases
    first, second = cases.cases
    assert cases.provision.text == "us.test.average"
    assert (first.name, first.kind, first.as_of, first.since) == (
        "the mean equals the limit",
        "boundary",
        date(2026, 4, 20),
        date(2026, 3, 1),
    )
    facts = {
        name.text: [{field.text: cell.text for field, cell in record.cells} for record in records]
        for name, records in first.facts
    }
    assert facts == {
        "site": [{"id": "t", "zone": "UTC"}, {"id": "s", "zone": "UTC", "note": None}],
        "permit": [{"id": "p", "site": "s"}],
        "result": [{"date": "2026-03-04", "value": "<0.2 mg/L", "code": "NO"}],
    }
    assert [(row.type.text, row.site) for row in first.complete] == [("result", None), ("permit", "s")]
    assert [(row.provision, row.duty, row.exceedance, row.days_late) for row in first.expect] == [
        ("us.test.average", None, None, None),
        ("us.test.other", "30-day", Fraction("20.7"), 3),
    ]
    assert (second.only, second.expect, len(second.facts[0][1])) == (True, (), 2)


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("definition: t\nfor: site\nvalue: 1\nspells: x\n", [("too-many-values", 3, 1)]),
        ("provision: t\nscope: x\n", [("missing-key", 1, 1)] * 5 + [("unknown-key", 2, 1)]),
        ("conversion: t\n", [("bad-document", 1, 1)]),
        (
            "title: x\nprovision: t\n" + PROVISION.partition("title: ")[2].partition("\n")[2] + "require: a\n",
            [("bad-document", 2, 1)],
        ),
        ("- a\n", [("wrong-kind", 1, 1)]),
        ("definition: Not.An.Id\nfor: site\nvalue: 1\n", [("bad-id", 1, 13)]),
        ("definition: a.where.b\nfor: site\nvalue: 1\n", [("reserved-word", 1, 13)]),
        ("definition: t\nfor: site\nvalue:\n", [("empty-value", 3, 1)]),
        ("definition: t\nfor: site\nvalue: [1]\n", [("wrong-kind", 3, 8)]),
        ("definition: t\nfor: site\nvalue: 1\nfirst: [{otherwise: 1}]\n", [("too-many-values", 4, 1)]),
        ("definition: t\nfor: site\n", [("missing-key", 1, 1)]),
        ("definition: t\nfor: site\nfirst: []\n", [("empty-list", 3, 8)]),
        ("definition: t\nfor: site\nfirst:\n  - {when: a, then: 1}\n", [("bad-row", 4, 5)]),
        ("definition: t\nfor: site\nfirst:\n  - {otherwise: 1}\n  - {when: a, then: 1}\n", [("bad-row", 4, 5)]),
        ("definition: t\nfor: site\neach: calender month\nvalue: 1\n", [("bad-period", 3, 7)]),
        ("definition: t\nfor: site\neach: calendar fortnight\nvalue: 1\n", [("bad-period", 3, 7)]),
        ("definition: t\nfor: site\neach: calendar month from monday\nvalue: 1\n", [("bad-period", 3, 7)]),
        ("definition: t\nfor: site\neach: 999 calendar months step 1 month\nvalue: 1\n", [("bad-period", 3, 7)]),
        ("parameter: t\ncitation: c\nvalues: [{from: 2026-1-1, value: 1}]\n", [("bad-date", 3, 17)]),
        (
            "parameter: t\ncitation: c\nvalues: [{from: 2026-01-01, value: 1}, {from: 2026-01-01, value: 2}]\n",
            [("duplicate-date", 3, 41)],
        ),
        ("vocabulary: t\ntypes: {a: {kind: event}}\n", [("missing-key", 2, 12)]),
        ("vocabulary: t\ntypes: {a: {kind: evnt, time: d}}\n", [("bad-word", 2, 19)]),
        ("vocabulary: t\ntypes: {a: {kind: reference, time: d}}\n", [("wrong-kind", 2, 30)]),
        ("vocabulary: t\ntypes: {a: {kind: reference, fields: {from: date}}}\n", [("reserved-word", 2, 39)]),
        ("vocabulary: t\ntypes: {a: {kind: reference, fields: {id: text}}}\n", [("reserved-word", 2, 39)]),
        ("vocabulary: t\ntypes: {a: {kind: reference, fields: {b: dat}}}\n", [("bad-type", 2, 42)]),
        ("vocabulary: t\ntypes: {a: {kind: reference, fields: {b: 'enum [x, x]'}}}\n", [("bad-type", 2, 42)]),
        ("vocabulary: t\ntypes: {a: {kind: reference, fields: {b: 'enum []'}}}\n", [("bad-type", 2, 42)]),
        (
            "vocabulary: t\ntypes: {a: {kind: reference, fields: {b: {type: text, empty: never}}}}\n",
            [("wrong-kind", 2, 55)],
        ),
        ("table: t\ncitation: c\nkeys: {a: text}\ncolumns: {b: text}\nrows: [[1]]\n", [("row-length", 5, 8)]),
        ("table: t\ncitation: c\nkeys: {a: text}\ncolumns: {a: text}\nrows: [[1, 2]]\n", [("duplicate-key", 4, 1)]),
        ("table: t\ncitation: c\nkeys: {a: text}\ncolumns: {b: text}\n", [("missing-key", 1, 1)]),
        (PROVISION, [("missing-key", 1, 1)]),
        (PROVISION + "require: []\n", [("empty-list", 7, 10)]),
        (PROVISION + "duties: []\n", [("empty-list", 7, 9)]),
        (PROVISION + "require: a\nlimit: {value: 1, of: 2}\n", [("too-many-duties", 8, 1)]),
        (PROVISION + "require: a\nduties: [{id: b, require: c}]\n", [("too-many-duties", 7, 1)]),
        (PROVISION + "duties: [{id: b, require: c}, {id: b, require: c}]\n", [("duplicate-key", 7, 36)]),
        (PROVISION + "limit: {of: 2}\n", [("missing-key", 7, 8)]),
        (PROVISION + "require: a\nseverity: bad\n", [("bad-word", 8, 11)]),
        (PROVISION + "require: a\nrecur: {first: 1 months, then: x, from: due}\n", [("bad-duration", 8, 26)]),
        (PROVISION + "require: a\nunless: [{id: x, when: a}, {id: x, when: b}]\n", [("duplicate-key", 8, 28)]),
        (PROVISION + "require: a\nunless: [{id: x}]\n", [("missing-key", 8, 10)]),
        (
            PROVISION.replace("from: 1983-09-01", "from: 1983-09-01, to: 1980-01-01") + "require: a\n",
            [("bad-window", 4, 30)],
        ),
        (CASES.replace("boundary", "borderline"), [("bad-word", 8, 11)]),
        (CASES.replace("days_late: 3", "days_late: 3.5"), [("bad-number", 17, 102)]),
        (CASES.replace("to: 2026-12-31", "to: 2025-12-31"), [("bad-window", 5, 45)]),
        (CASES.replace("case: another", "case: the mean equals the limit"), [("duplicate-key", 18, 5)]),
        (CASES.replace("kind: pass, ", ""), [("missing-key", 18, 5)]),
        (CASES.replace("note: ~", "note: [a]"), [("wrong-kind", 12, 39)]),
    ],
)
def test_mistakes_and_their_places(tmp_path: Path, text: str, mistakes: list[tuple[str, int, int]]) -> None:
    assert codes(tmp_path, text) == mistakes


def test_every_mistake_of_a_document_is_found_and_the_rest_of_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "law.yaml"
    good = PROVISION + "require: a\n"
    path.write_text(good + "---\n" + good.replace("title:", "titel:") + "severity: bad\nby: (\n", encoding="utf-8")
    law, found = read_law([path])
    assert [d.code for d in found] == ["unknown-key", "bad-word", "bad-expression"]
    first, second = law.provisions
    assert (second.title, second.severity, second.reviewed) == (first.title, "minor", first.reviewed)


def test_a_legal_value_without_a_citation_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "law.yaml"
    path.write_text("parameter: t\nvalues: [{from: 2026-01-01, value: 1}]\n", encoding="utf-8")
    law, (found,) = read_law([path])
    assert (found.code, found.level, len(law.parameters)) == ("missing-citation", Level.WARNING, 1)


def test_a_flood_of_mistakes_is_cut_off(tmp_path: Path) -> None:
    rows = "".join("  - {when: (, thn: 1}\n" for _ in range(3_000))
    (tmp_path / "law.yaml").write_text(f"definition: t\nfor: site\nfirst:\n{rows}", encoding="utf-8")
    _, found = read_law([tmp_path])
    assert len(found) == MAX_FOUND + 1
    assert "too-much" in [d.code for d in found]
