"""Provisions, definitions, tables, parameters: links, occurrences, versions, strata, order of documents."""

from itertools import permutations
from pathlib import Path

import pytest

from compliance_engine.compiling import compile_program
from compliance_engine.model import expression as ex
from compliance_engine.model.law import Law
from compliance_engine.model.program import DoneSpec, ForbidSpec, LimitSpec, RequireSpec, encode_program
from compliance_engine.reading.law import read_law
from tests.unit.compiling.example_law import HEAD, Compile, program_of, provision, read_text

LIMIT = provision(
    "test.limit",
    """
    applies: {to: tank where use is oil, each: calendar month, while: [permit], when: [closed is present]}
    let: {avg: "mean(censored(reading.level, zero))"}
    limit: {value: avg, of: 30 ug/L}
    unless:
      - {id: old, when: closed < period.start, because: it was closed before}
    exceedance: none
    evidence: [reading]
    """,
)


def test_a_limit_is_in_one_unit(compiled: Compile) -> None:
    (spec,) = program_of(compiled, LIMIT).provisions["test.limit"]
    demand = spec.duties[0].demand
    assert isinstance(demand, LimitSpec)
    assert (demand.unit, demand.value.node, demand.value.text) == ("mg/L", ex.LetRef(kind="number", name="avg"), "avg")
    assert demand.of.node == ex.Const(kind="number", value="3/100")
    assert demand.of.text == "30 ug/L"
    assert demand.must == ex.Const(kind="symbol", value="<=")
    assert spec.duties[0].exceedance == ex.Const(kind="number", value=None)
    assert [one.type for one in spec.bound_while] == ["permit"]


def test_what_when_says_of_absence_is_known_in_the_rest_of_the_duty(compiled: Compile) -> None:
    program_of(compiled, LIMIT)
    program, diagnostics = compiled(LIMIT.replace("when: [closed is present]", "when: [use is oil]"))
    assert program is None
    assert [d.code for d in diagnostics] == ["possibly-absent"]


def test_every_record_may_be_held_against_a_limit(compiled: Compile) -> None:
    body = (
        'applies: {to: tank, each: calendar year}\nlimit: {every: "reading.level where good", must: "<", of: ceiling}'
    )
    (spec,) = program_of(compiled, provision("test.p", body)).provisions["test.p"]
    demand = spec.duties[0].demand
    assert isinstance(demand, LimitSpec)
    assert demand.set is not None
    assert demand.set.type == "reading"
    assert isinstance(demand.value.node, ex.Field)
    assert demand.value.node.scope == demand.set.scope
    assert demand.unit == "mg/L"


def test_duties_take_what_they_leave_out_from_their_provision(compiled: Compile) -> None:
    body = """
    applies: {to: permit, each: calendar year, when: [some tank]}
    by: 28 of next month
    unless: [{id: one, when: expires < as-of}]
    duties:
      - {id: a, require: some tank where use is oil}
      - {id: b, after: effective, by: 30 days, forbid: tank where use is oil, unless: [{id: two, when: expires < due}]}
      - {id: c, each: calendar month, severity: minor, done: effective}
    """
    (spec,) = program_of(compiled, provision("test.p", body)).provisions["test.p"]
    a, b, c = spec.duties
    assert isinstance(a.demand, RequireSpec)
    assert isinstance(b.demand, ForbidSpec)
    assert isinstance(c.demand, DoneSpec)
    assert [duty.grain.unit if duty.grain else None for duty in spec.duties] == ["year", None, "month"]
    assert (a.by, b.by) == (ex.NextDay(kind="date", month=None, day=28), ex.Duration(kind="duration", days=30))
    assert [[row.name for row in duty.unless] for duty in spec.duties] == [["one"], ["one", "two"], ["one"]]
    assert (a.severity, c.severity) == ("major", "minor")
    assert [duty.after is not None for duty in spec.duties] == [False, True, False]


def test_a_finding_is_a_subject_and_lends_the_fields_of_its_own(compiled: Compile) -> None:
    body = """
    applies: {to: finding of limit where met is false, when: [use is oil, exceedance >= 40 %]}
    after: breach-at
    duties:
      - {id: notice, by: 24 hours, require: some check where passed}
    """
    program = program_of(compiled, LIMIT + "---\n" + provision("test.notice", body))
    (spec,) = program.provisions["test.notice"]
    assert (spec.subject.type, spec.subject.finding) == ("test.limit", True)
    use = spec.duties[0].when[0].node
    assert isinstance(use, ex.Compare)
    assert isinstance(use.left, ex.Field)
    assert (use.left.type, use.left.hops) == ("tank", (ex.Hop(field="subject", type="tank"),))
    demand = spec.duties[0].demand
    assert isinstance(demand, RequireSpec)
    some = demand.parts[0].node
    assert isinstance(some, ex.Aggregate)
    subject = ex.Field(kind="symbol", scope="subject", type="finding", name="subject")
    assert some.set.pairs == (
        ex.Pair(subject=subject, record=ex.Field(kind="symbol", scope="r1", type="check", name="tank")),
    )
    assert program.strata == (("test.limit",), ("test.notice",))


def test_records_of_a_finding_are_those_of_its_own_subject(compiled: Compile) -> None:
    body = "applies: {to: finding of limit}\nlimit: {value: count(reading), of: 3}"
    (spec,) = program_of(compiled, LIMIT + "---\n" + provision("test.p", body)).provisions["test.p"]
    demand = spec.duties[0].demand
    assert isinstance(demand, LimitSpec)
    assert isinstance(demand.value.node, ex.Aggregate)
    found = [(_written(pair.subject), _written(pair.record)) for pair in demand.value.node.set.pairs]
    assert found == [("subject.site", "site"), ("subject.note", "note")]


def test_findings_of_what_a_subject_holds_are_records(compiled: Compile) -> None:
    body = "applies: {to: permit, each: calendar year}\nrequire: no finding of limit where met is false and use is oil"
    (spec,) = program_of(compiled, LIMIT + "---\n" + provision("test.p", body)).provisions["test.p"]
    demand = spec.duties[0].demand
    assert isinstance(demand, RequireSpec)
    assert isinstance(demand.parts[0].node, ex.Aggregate)
    found = [(_written(pair.subject), _written(pair.record)) for pair in demand.parts[0].node.set.pairs]
    assert found == [("id", "subject.permit")]


def test_findings_of_the_same_subject_are_records(compiled: Compile) -> None:
    body = "applies: {to: tank, each: calendar year}\nrequire: no finding of limit where met is false"
    (spec,) = program_of(compiled, LIMIT + "---\n" + provision("test.p", body)).provisions["test.p"]
    demand = spec.duties[0].demand
    assert isinstance(demand, RequireSpec)
    node = demand.parts[0].node
    assert isinstance(node, ex.Aggregate)
    assert (node.set.source, node.set.type) == ("finding", "test.limit")
    identity = ex.Field(kind="symbol", scope="subject", type="tank", name="id")
    assert node.set.pairs == (
        ex.Pair(subject=identity, record=ex.Field(kind="symbol", scope="r1", type="finding", name="subject")),
    )


def test_slots_read_the_findings_of_their_own_grain(compiled: Compile) -> None:
    body = "applies: {to: tank, each: calendar year}\nrequire: count(month where limit.met is false) < 2"
    (spec,) = program_of(compiled, LIMIT + "---\n" + provision("test.p", body)).provisions["test.p"]
    assert isinstance(spec.duties[0].demand, RequireSpec)
    program, diagnostics = compiled(LIMIT + "---\n" + provision("test.p", body.replace("month", "quarter")))
    assert program is None
    assert [d.code for d in diagnostics] == ["grain-mismatch"]


LINKS = {  # subject and record: field of the subject, field of the record
    ("tank", "check"): [("id", "tank")],
    ("check", "tank"): [("tank", "id")],
    ("tank", "reading"): [("site", "site"), ("note", "note")],
    ("site", "tank"): [("id", "site")],
    ("reading", "permit"): [("site", "site")],
    ("permit", "check"): [("id", "tank.permit")],
    ("site", "check"): [("id", "tank.site")],
}


@pytest.mark.parametrize(("subject", "record"), LINKS)
def test_records_are_linked_by_the_first_way_that_exists(compiled: Compile, subject: str, record: str) -> None:
    text = f"definition: test.d\ncitation: c\nfor: {subject}\nvalue: count({record})\n"
    node = program_of(compiled, text).definitions["test.d"].fields[0].node
    assert isinstance(node, ex.Aggregate)
    found = [(_written(pair.subject), _written(pair.record)) for pair in node.set.pairs]
    assert found == LINKS[subject, record]


def _written(node: ex.AnyNode) -> str:
    assert isinstance(node, ex.Field)
    return ".".join((*(hop.field for hop in node.hops), node.name))


def test_two_links_of_one_order_are_an_error(compiled: Compile) -> None:
    _, diagnostics = compiled("definition: test.d\ncitation: c\nfor: tank\nvalue: count(tank)\n")
    assert [d.code for d in diagnostics] == ["ambiguous-link"]


def test_a_definition_is_read_through_a_reference(compiled: Compile) -> None:
    text = """
    definition: test.days
    citation: c
    for: permit
    value: as-of - effective
    ---
    definition: test.a
    citation: c
    for: tank
    fields: {near: days > 3 days, far: permit.days > 3 days, of-check: some check where check.tank.test.a.near}
    """
    _, diagnostics = compiled(text)
    assert [d.code for d in diagnostics] == ["cycle"]
    program = program_of(compiled, text.replace(", of-check: some check where check.tank.test.a.near", ""))
    fields = {field.name: field.node for field in program.definitions["test.a"].fields}
    assert isinstance(fields["near"], ex.Compare)
    assert fields["near"] == fields["far"]
    reference = ex.Field(kind="symbol", scope="subject", type="tank", name="permit")
    assert fields["near"].left == ex.DefinitionRef(kind="number", id="test.days", field="", subject=reference)


def test_a_key_known_to_be_in_a_table_has_a_row(compiled: Compile) -> None:
    text = """
    table: test.groups
    citation: c
    keys: {use: text}
    columns: {factor: decimal}
    on_miss: none
    rows: [[oil, 1.4]]
    ---
    definition: test.guarded
    citation: c
    for: tank where note in table(groups)
    let: {factor: "table(groups, note).factor"}
    value: factor * 2
    """
    program_of(compiled, text)
    _, diagnostics = compiled(text.replace(" where note in table(groups)", ""))
    assert [d.code for d in diagnostics] == ["possibly-absent"]


def test_a_definition_is_read_through_a_reference_that_is_known_to_be_present(compiled: Compile) -> None:
    text = """
    vocabulary: test.more
    types: {lease: {kind: reference, fields: {tank: {type: reference tank, empty: none}}}}
    ---
    definition: test.roomy
    citation: c
    for: tank
    value: capacity > 100 gal
    ---
    definition: test.let-out
    citation: c
    for: lease where tank is present
    value: tank.roomy and true
    """
    program_of(compiled, text)
    _, diagnostics = compiled(text.replace(" where tank is present", ""))
    assert [d.code for d in diagnostics] == ["possibly-absent"]


def test_tables_are_in_the_computed_unit(compiled: Compile) -> None:
    text = """
    table: test.sizes
    citation: c
    keys: {use: "enum [oil, water]", size: {type: quantity gal, band: from}}
    columns: {days: quantity hours, word: {type: text, empty: none}}
    on_miss: undetermined
    rows:
      - [oil, 0, 12, x]
      - [oil, 1 m3, 24, ""]
    """
    spec = program_of(compiled, text).tables["test.sizes"]
    assert spec.rows == (("oil", "0", "1/2", "x"), ("oil", "1", "1", None))
    assert spec.bands == ("size",)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("[oil, 0.0, 1, x]", "table-duplicate-key"),
        ("[oli, 1, 1, x]", "table-cell"),
        ("[oil, 2 kg, 1, x]", "table-cell"),
        ("[oil, many, 1, x]", "table-cell"),
    ],
)
def test_a_bad_row_of_a_table_has_its_code(compiled: Compile, row: str, code: str) -> None:
    text = f"""
    table: test.sizes
    citation: c
    keys: {{use: "enum [oil, water]", size: quantity gal}}
    columns: {{days: quantity hours, word: text}}
    on_miss: undetermined
    rows:
      - [oil, 0, 12, x]
      - {row}
    """
    _, diagnostics = compiled(text)
    assert [d.code for d in diagnostics] == [code]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["capacity < 10 gal: A", "capacity >= 10 gal: B"], []),
        (["capacity < 10 gal: A", "capacity > 10 gal: B"], ["table-gap: no row holds for 10 gal"]),
        (["capacity <= 10 gal: A", "capacity >= 10 gal: B"], ["table-overlap: two rows hold for 10 gal"]),
        (
            ["capacity < 10 gal: A", "capacity >= 10 gal and capacity < 20 gal: B"],
            ["table-gap: no row holds for 20 gal"],
        ),
        (["capacity > 0 gal: A", "capacity = 0 gal: B"], []),
        (["class is I: A", "class in [II, III]: B"], []),
        (["class is I: A", "class is not I: B"], []),
        (
            ["class is I: A", "class in [I, II]: B"],
            ["table-gap: no row holds for III", "table-overlap: two rows hold for I"],
        ),
        (
            ["permit.effective < 2020-01-01: A", "permit.effective > 2020-01-01: B"],
            ["table-gap: no row holds for 2020-01-01"],
        ),
        (["class is I: A", "use is oil: B"], ["no-otherwise: "]),
    ],
)
def test_rows_on_one_variable_are_checked_for_gaps_and_overlaps(
    compiled: Compile, rows: list[str], found: list[str]
) -> None:
    lines = [f"  - {{when: '{row.split(': ')[0]}', then: {row.split(': ')[1]}}}" for row in rows]
    text = "definition: test.d\ncitation: c\nfor: tank\nunique:\n" + "\n".join(lines) + "\n"
    _, diagnostics = compiled(text)
    said = sorted(f"{d.code}: {d.message}" for d in diagnostics)
    assert len(said) == len(found)
    assert all(one.startswith(other) for one, other in zip(said, found, strict=True))


def test_versions_neither_overlap_nor_leave_holes(compiled: Compile) -> None:
    body = "applies: {to: tank}\nrequire: some check"
    until = HEAD.replace("{from: 2020-01-01}", "{from: 2020-01-01, to: 2020-12-31}")
    for second, codes in (("2021-01-01", []), ("2020-12-31", ["version-overlap"]), ("2021-01-02", ["version-hole"])):
        later = HEAD.replace("{from: 2020-01-01}", f"{{from: {second}}}")
        _, diagnostics = compiled(provision("test.v", body, until) + "---\n" + provision("test.v", body, later))
        assert [d.code for d in diagnostics] == codes
        assert all(d.related for d in diagnostics)


def test_a_lawful_hole_is_no_trouble(compiled: Compile) -> None:
    body = "applies: {to: tank}\nrequire: some check"
    until = HEAD.replace("{from: 2020-01-01}", "{from: 2020-01-01, to: 2020-12-31}") + "repealed: true\n"
    later = HEAD.replace("2020-01-01", "2025-01-01")
    program = program_of(compiled, provision("test.v", body, later) + "---\n" + provision("test.v", body, until))
    assert [(spec.version, spec.in_force_from) for spec in program.provisions["test.v"]] == [
        (1, "2020-01-01"),
        (2, "2025-01-01"),
    ]


def test_a_cycle_is_printed(compiled: Compile) -> None:
    text = """
    definition: test.one
    citation: c
    for: tank
    value: two + 1
    ---
    definition: test.two
    citation: c
    for: tank
    value: one + 1
    """
    program, diagnostics = compiled(text)
    assert program is None
    assert [(d.code, d.message.split(": ")[1]) for d in diagnostics] == [("cycle", "test.one -> test.two -> test.one")]
    assert [remark for _, remark in diagnostics[0].related] == ["test.one reads test.two", "test.two reads test.one"]


def test_a_long_chain_of_definitions_needs_no_deep_recursion(compiled: Compile) -> None:
    link = "definition: test.d{0:04}\ncitation: c\nfor: tank\nvalue: d{1:04} + 1 gal\n---\n"
    text = "".join(link.format(number, number + 1) for number in range(600))
    program = program_of(compiled, text + "definition: test.d0600\ncitation: c\nfor: tank\nvalue: capacity\n")
    assert len(program.strata) == 601


def test_a_parameter_may_be_a_length_of_time(compiled: Compile) -> None:
    text = """
    parameter: test.days
    citation: c
    values: [{from: 2020-01-01, value: 35 days}, {from: 2025-01-01, value: 45 days}]
    ---
    definition: test.d
    citation: c
    for: permit
    value: effective + test.days at effective
    """
    program = program_of(compiled, text)
    assert [(day, node.kind) for day, node in program.parameters["test.days"].values] == [
        ("2020-01-01", "duration"),
        ("2025-01-01", "duration"),
    ]
    effective = program.definitions["test.d"].fields[0].node.left  # type: ignore[union-attr]
    reference = ex.ParameterRef(kind="duration", id="test.days", at=effective)
    assert program.definitions["test.d"].fields[0].node == ex.Arithmetic(
        kind="date", op="+", left=effective, right=reference
    )


def test_an_id_names_one_document(compiled: Compile) -> None:
    one = "definition: test.d\ncitation: c\nfor: tank\nvalue: capacity\n"
    _, diagnostics = compiled(one + "---\n" + one)
    assert [d.code for d in diagnostics] == ["duplicate-id"]


def test_a_shortened_id_must_be_unique(compiled: Compile) -> None:
    one = "definition: {}.d\ncitation: c\nfor: tank\nvalue: capacity\n---\n"
    last = "definition: c.e\ncitation: c\nfor: tank\nvalue: {} * 2\n"
    _, diagnostics = compiled(one.format("a") + one.format("b") + last.format("d"))
    assert [(d.code, d.message) for d in diagnostics] == [("ambiguous-name", "d may mean a.d or b.d")]
    program_of(compiled, one.format("a") + one.format("b") + last.format("a.d"))


OCCURRENCES = {
    "applies: {to: tank, each: calendar month}\nafter: closed\nrequire: some check": ["two-occurrences"],
    "applies: {to: permit}\nby: 30 days\nrequire: some tank": ["no-trigger"],
    "applies: {to: permit}\nby: due\nrequire: some tank": ["no-due-date"],
    "applies: {to: permit}\nlet: {d: due}\nby: d\nrequire: some tank": ["circular-due"],
    "applies: {to: permit}\nby: 3 mg/L\nrequire: some tank": ["unit-mismatch"],
    "applies: {to: permit, while: [tank]}\nrequire: some tank": ["bad-while"],
    "applies: {to: permit}\nrecur: {first: 3 months after effective, then: 3 months, from: due}\ndone: effective": [
        "bad-recur",
        "done-unknown",
    ],
    "applies: {to: permit}\nrequire: some tank\nevidence: [tanks]": ["unknown-type"],
    "applies: {to: permitt}\nrequire: some tank": ["unknown-type"],
    "applies: {to: permit, each: tanks}\nrequire: some tank": ["unknown-type"],
    "applies: {to: permit}\nrequire: some tank\nexceedance: 3 mg/L": ["unit-mismatch"],
    "applies: {to: permit, each: calendar year}\nlimit: {value: sum(tank.capacity), of: 3 kg}": ["unit-mismatch"],
    "applies: {to: permit, each: calendar year}\nlimit: {value: sum(tank.capacity), must: about, of: 3 gal}": [
        "unknown-name"
    ],
}


@pytest.mark.parametrize("body", OCCURRENCES)
def test_a_mistake_in_a_provision_has_its_code(compiled: Compile, body: str) -> None:
    _, diagnostics = compiled(provision("test.p", body))
    assert [d.code for d in diagnostics] == OCCURRENCES[body]


def test_the_order_of_documents_does_not_matter(tmp_path: Path) -> None:
    """Law: the same documents in any order give the same bytes, and the same diagnostics."""
    text = LIMIT + "---\n" + "definition: test.d\ncitation: c\nfor: permit\nvalue: sum(tank.capacity) + 1 gal\n---\n"
    law = read_text(tmp_path / "law", text + "definition: test.e\ncitation: c\nfor: permit\nvalue: test.d * 2\n")
    first, _ = compile_program(law)
    assert first is not None
    for definitions in permutations(law.definitions):
        shuffled = Law(
            vocabularies=law.vocabularies[::-1],
            definitions=definitions,
            provisions=law.provisions[::-1],
            digest=law.digest,
        )
        other, _ = compile_program(shuffled)
        assert other is not None
        assert encode_program(other) == encode_program(first)


def test_a_type_has_the_fields_of_all_its_declarations(tmp_path: Path) -> None:
    """Two instruments that speak of one thing each say what they read of it."""
    path = tmp_path / "both.yaml"
    path.write_text(
        "vocabulary: a\ntypes:\n  site: {kind: reference, fields: {name: text}}\n---\n"
        "vocabulary: b\ntypes:\n  site: {kind: reference, fields: {name: text, hours: integer}}\n"
    )
    law, _ = read_law([path])
    program, found = compile_program(law)
    assert found == ()
    assert program is not None
    assert [field.name for field in program.types["site"].fields] == ["hours", "name"]
