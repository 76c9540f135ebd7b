"""Expressions: names, kinds, units, absence."""

from fractions import Fraction

import pytest

from compliance_engine.model import expression as ex
from tests.unit.compiling.example_law import Compile, codes, first_node, program_of

GALLON = Fraction(473176473, 125000000000)  # m3


def test_a_literal_is_in_the_standard_unit_of_its_dimension(compiled: Compile) -> None:
    node = first_node(compiled, "capacity > 55 gal")
    assert isinstance(node, ex.Compare)
    assert isinstance(node.right, ex.Const)
    assert Fraction(node.right.value or "") == 55 * GALLON


def test_a_difference_of_units_becomes_a_scale(compiled: Compile) -> None:
    node = first_node(compiled, "share(reading where good) > capacity / (2 * capacity)")
    assert isinstance(node, ex.Compare)
    assert isinstance(node.right, ex.Scale)
    assert node.right.factor == "100"


def test_a_literal_takes_the_unit_of_the_other_side(compiled: Compile) -> None:
    node = first_node(compiled, "share(reading where good) > 0.5")
    assert isinstance(node, ex.Compare)
    assert node.right == ex.Const(kind="number", value="50")


def test_flow_times_concentration_is_a_load_in_kilograms_a_day(compiled: Compile) -> None:
    node = first_node(compiled, "2 MGD * max(reading.level) > 3 lb/d")
    assert isinstance(node, ex.Compare)
    assert isinstance(node.left, ex.Scale)
    assert Fraction(node.left.factor) == Fraction(473176473, 125000000)
    assert isinstance(node.right, ex.Const)
    assert Fraction(node.right.value or "") == 3 * Fraction(45359237, 100000000)


def test_rounding_is_in_the_unit_of_the_author(compiled: Compile) -> None:
    node = first_node(compiled, "round(capacity, 1, half-up)")
    assert isinstance(node, ex.Scale)
    assert Fraction(node.factor) == GALLON
    assert isinstance(node.operand, ex.Round)
    assert isinstance(node.operand.operand, ex.Scale)
    assert Fraction(node.operand.operand.factor) == 1 / GALLON


def test_a_varying_unit_is_held_against_the_literals(compiled: Compile) -> None:
    node = first_node(compiled, "ceiling > 3 ug/L")
    assert isinstance(node, ex.Compare)
    assert (node.unit, node.right) == ("mg/L", ex.Const(kind="number", value="3/1000"))


def test_the_year_of_an_instant_is_that_of_its_local_day(compiled: Compile) -> None:
    node = first_node(compiled, "some check where year(done-at) = 2026")
    assert isinstance(node, ex.Aggregate)
    where = node.set.where
    assert isinstance(where, ex.Compare)
    assert isinstance(where.left, ex.Function)
    (day,) = where.left.arguments
    assert (where.left.name, day.kind) == ("year", "date")


def test_an_instant_less_an_instant_is_a_number_of_days(compiled: Compile) -> None:
    node = first_node(compiled, "max(reading.seen) - min(reading.seen) > 24 hours")
    assert isinstance(node, ex.Compare)
    assert isinstance(node.left, ex.Scale)
    assert (node.left.factor, node.right) == ("1/86400000000", ex.Const(kind="number", value="1"))


def test_an_ordered_enum_compares_by_its_order(compiled: Compile) -> None:
    node = first_node(compiled, "class >= II")
    assert isinstance(node, ex.Compare)
    assert node.order == ("I", "II", "III")


def test_a_bare_word_in_a_branch_is_a_symbol(compiled: Compile) -> None:
    node = first_node(compiled, "if use is oil then A else B")
    assert isinstance(node, ex.First)
    assert [row.then for row in node.rows] == [ex.Const(kind="symbol", value="A"), ex.Const(kind="symbol", value="B")]


def test_a_reference_is_followed(compiled: Compile) -> None:
    node = first_node(compiled, 'permit.site.name is "x"')
    assert isinstance(node, ex.Compare)
    assert isinstance(node.left, ex.Field)
    assert node.left.hops == (ex.Hop(field="permit", type="permit"), ex.Hop(field="site", type="site"))


def test_a_date_less_a_date_is_a_number_of_days(compiled: Compile) -> None:
    node = first_node(compiled, "as-of - permit.effective > 36 hours")
    assert isinstance(node, ex.Compare)
    assert (node.left.kind, node.right) == ("number", ex.Const(kind="number", value="3/2"))


def test_months_in_a_list_are_numbers(compiled: Compile) -> None:
    node = first_node(compiled, "month(as-of) in [1, 2]")
    assert isinstance(node, ex.AmongNumbers)
    assert len(node.items) == 2


def test_units_in_a_list_convert(compiled: Compile) -> None:
    node = first_node(compiled, "capacity in [1 gal, 1 m3]")
    assert isinstance(node, ex.AmongNumbers)
    assert node.items[1] == ex.Const(kind="number", value="1")


GUARDED = [
    "closed is present and closed > 2020-01-01",
    "closed is not present or closed > 2020-01-01",
    "closed is none or closed > 2020-01-01",
    "not (closed is present) or closed > 2020-01-01",
    "if closed is present then closed > 2020-01-01 else true",
    "if closed is none then true else closed > 2020-01-01",
    "(closed else 2020-01-01) > 2019-01-01",
    "closed is present and (use is oil or closed > 2020-01-01)",
    "sum(reading.extra where extra is present) > 3 mg/L",
    "some reading where extra is present and extra > 3 mg/L",
]
UNGUARDED = [
    "closed > 2020-01-01",
    "closed > 2020-01-01 and closed is present",
    "closed is present or closed > 2020-01-01",
    "not (closed is present) and closed > 2020-01-01",
    "if closed is present then true else closed > 2020-01-01",
    "(closed is present or use is oil) and closed > 2020-01-01",
    "sum(reading.extra) > 3 mg/L",
    "coated and use is oil",
    "not coated",
]


@pytest.mark.parametrize("expression", GUARDED)
def test_what_is_guarded_may_be_read(compiled: Compile, expression: str) -> None:
    assert first_node(compiled, expression).kind == "bool"


@pytest.mark.parametrize("expression", UNGUARDED)
def test_what_may_be_absent_is_not_read(compiled: Compile, expression: str) -> None:
    assert codes(compiled, expression) == ["possibly-absent"]


MISTAKES = {
    "capacitty > 3 gal": "unknown-name",
    "permit.expired": "unknown-field",
    "use is oill": "unknown-symbol",
    "use in [oil, watr]": "unknown-symbol",
    "capacity > 3 kg": "unit-mismatch",
    "capacity > 3": "unit-mismatch",
    "capacity + 3 lb": "unit-mismatch",
    "ceiling > 3": "unit-mismatch",
    "ceiling * 2 mg/L": "unit-mismatch",
    "temperature + 5 degF": "unit-mismatch",
    "capacity > 3 galons": "unknown-unit",
    "capacity and use is oil": "kind-mismatch",
    "capacity is oil": "kind-mismatch",
    "use > oil": "kind-mismatch",
    "as-of + 3": "kind-mismatch",
    "as-of - permit.effective > 6 months": "kind-mismatch",
    "period.start": "no-period",
    "trigger": "no-trigger",
    "due": "no-due-date",
    "some month where use is oil": "no-period",
    "some permit where at-home": "unknown-name",
    "some reading at as-of": "bad-window",
    "some site in 3 days to as-of": "bad-window",
    "count(readings)": "unknown-type",
    "mean(reading)": "bad-argument",
    "mean(reading.good)": "kind-mismatch",
    "first(site.name)": "bad-argument",
    "percentile(reading.level, 95)": "bad-argument",
    "stat(use, reading.level)": "unknown-symbol",
    "censored(capacity, zero)": "not-qualified",
    "mean(censored(reading.level, nil))": "unknown-name",
    "rounded(capacity)": "unknown-function",
    "round(capacity, 1)": "bad-argument",
    "compare(capacity, use, 3 gal)": "unknown-symbol",
    "max(capacity, as-of)": "kind-mismatch",
    "table(nowhere, use).x": "unknown-name",
    "some reading where site is x": "ambiguous-name",
    "if use is oil then 3 gal else 4 kg": "unit-mismatch",
    "if use is oil then 3 gal else as-of": "kind-mismatch",
    "reading.level > 3 mg/L": "unknown-name",
    "28 of next month": "no-period",
    "no-such at as-of": "unknown-name",
    "some finding of nothing": "unknown-name",
}


@pytest.mark.parametrize("expression", MISTAKES)
def test_a_mistake_has_its_code(compiled: Compile, expression: str) -> None:
    assert codes(compiled, expression) == [MISTAKES[expression]]


def test_every_mistake_of_every_document_is_said_at_once(compiled: Compile) -> None:
    program, diagnostics = compiled(
        """
        definition: a.one
        citation: c
        for: tank
        fields: {x: capacitty, y: use is oill}
        ---
        definition: a.two
        citation: c
        for: tanks
        value: capacity > 3 kg
        """
    )
    assert program is None
    assert [d.code for d in diagnostics] == ["unknown-name", "unknown-symbol", "unknown-type"]


def test_a_bare_number_beside_a_percentage_is_remarked_upon(compiled: Compile) -> None:
    program, diagnostics = compiled(
        "definition: a.one\ncitation: c\nfor: tank\nvalue: share(reading where good) >= 85\n"
    )
    assert program is not None
    assert [(d.code, d.hint) for d in diagnostics] == [("bare-percent", "write 85 %")]


def test_testing_for_what_can_only_be_unknown_is_remarked_upon(compiled: Compile) -> None:
    program, diagnostics = compiled("definition: a.one\ncitation: c\nfor: tank\nvalue: capacity is present\n")
    assert program is not None
    assert [d.code for d in diagnostics] == ["always-present"]


def test_an_alias_tells_two_records_apart(compiled: Compile) -> None:
    text = """
    definition: a.pair
    citation: c
    for: site
    value: some reading as one where some reading as other where other.date = one.date and other.note = one.note
    """
    node = program_of(compiled, text).definitions["a.pair"].fields[0].node
    assert isinstance(node, ex.Aggregate)
    inner = node.set.where
    assert isinstance(inner, ex.Aggregate)
    scopes = {part.scope for part in (node.set, inner.set)}
    assert scopes == {"r1", "r2"}
