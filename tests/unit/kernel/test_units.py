"""Units: exact factors, the same as pint's; standard units; products."""

from fractions import Fraction

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_engine.kernel.common_units import COMMON
from compliance_engine.kernel.unit_names import ALIASES, BASES, FRACTIONS, STANDARDS
from compliance_engine.kernel.units import (
    Measure,
    Unit,
    UnitProblem,
    combine,
    conversion,
    measured_by_pint,
    read_unit,
)

PRINTED = {  # as a regulator prints it: the standard unit, and the exact factor
    "mg/L": ("mg/L", "1"),
    "ug/L": ("mg/L", "1/1000"),
    "µg/L": ("mg/L", "1/1000"),
    "mg/L{as N}": ("mg/L{as N}", "1"),
    "mg/L as N": ("mg/L{as N}", "1"),
    "MGD": ("MGD", "1"),
    "gal/d": ("MGD", "1/1000000"),
    "m3/d": ("MGD", "125000/473176473"),
    "lb/d": ("kg/d", "45359237/100000000"),
    "lbs/day": ("kg/d", "45359237/100000000"),
    "lb": ("kg", "45359237/100000000"),
    "ton": ("kg", "45359237/50000"),
    "t": ("kg", "1000"),
    "gal": ("m3", "473176473/125000000000"),
    "bbl": ("m3", "9936705933/62500000000"),
    "#/100mL": ("#/100mL", "1"),
    "CFU/100mL": ("#/100mL", "1"),
    "MPN/100 mL": ("#/100mL", "1"),
    "SU": ("SU", "1"),
    "NTU": ("NTU", "1"),
    "h": ("d", "1/24"),
    "%": ("%", "1"),
    "ppb": ("ppm", "1/1000"),
    "mg/kg": ("mg/kg", "1"),
    "ug/kg": ("mg/kg", "1/1000"),
    "t/yr": ("kg/yr", "1000"),
    "t/yrs": ("kg/yr", "1000"),
    "t/annum": ("kg/yr", "1000"),
    "kg/mos": ("kg/mo", "1"),
    "t{CO2e}": ("kg{CO2e}", "1000"),
    "mg/Nm3": ("mg/Nm3", "1"),
    "mg/Nm³": ("mg/Nm3", "1"),
    "µg L⁻¹": ("mg/L", "1/1000"),
    "MMBtu/h": ("MW", "131882/450000"),
    "dB(A)": ("dB(A)", "1"),
    "delta_degF": ("delta_degC", "5/9"),
    "0.5 kg": ("kg", "1/2"),
    "": ("", "1"),
}


def read(text: str) -> Unit:
    unit = read_unit(text)
    assert isinstance(unit, Unit), unit
    return unit


@pytest.mark.parametrize(("dimension", "name"), [(d, name) for d, units in COMMON.items() for name in units])
def test_what_is_told_without_pint_is_what_pint_has(dimension: tuple[tuple[str, int], ...], name: str) -> None:
    assert name not in {*BASES, *FRACTIONS, *ALIASES}
    assert measured_by_pint(name) == Measure(Fraction(COMMON[dimension][name]), dimension)


@pytest.mark.parametrize("text", PRINTED)
def test_a_printed_unit_has_its_standard_and_an_exact_factor(text: str) -> None:
    unit = read(text)
    assert (unit.standard, unit.factor) == (PRINTED[text][0], Fraction(PRINTED[text][1]))


@pytest.mark.parametrize("text", STANDARDS)
def test_a_standard_unit_is_its_own(text: str) -> None:
    unit = read(text)
    assert (unit.standard, unit.factor, unit.offset) == (text, Fraction(1), Fraction(0))


def test_fahrenheit_has_an_offset() -> None:
    unit = read("degF")
    assert 212 * unit.factor + unit.offset == 100
    assert 32 * unit.factor + unit.offset == 0


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("lb/d", "pound / day"),
        ("gal/d", "gallon / day"),
        ("ft3/s", "foot ** 3 / second"),
        ("acre", "acre"),
        ("psi", "psi"),
        ("kWh", "kilowatt_hour"),
        ("BTU/h", "Btu / hour"),
        ("gr", "grain"),
        ("mi", "mile"),
        ("uS/cm", "microsiemens / centimeter"),
    ],
)
def test_factors_are_those_of_pint(ours: str, theirs: str) -> None:
    registry: pint.UnitRegistry[float] = pint.UnitRegistry()
    unit = read(ours)
    standard = {"MGD": "1e6 gallon / day"}.get(unit.standard, unit.standard.replace("m2", "m**2"))
    expected = (registry.parse_expression(theirs) / registry.parse_expression(standard)).to("dimensionless").magnitude
    assert float(unit.factor) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("MGDD", "MGD"),
        ("NTUs", "NTU"),
        ("mg//L", None),
        ("__import__", None),
        ("C", "°C"),
        ("dB", "dB(A)"),
        ("TU", "TUa"),
        ("Mg/L", "mg/L"),
        ("kMBtu", None),
        ("5 MBtu/h", "MMBtu"),
        ("pa", "Pa"),
        ("units", "#"),
        ("tf5", None),
    ],
)
def test_what_is_no_unit_says_so(text: str, suggestion: str | None) -> None:
    problem = read_unit(text)
    assert isinstance(problem, UnitProblem)
    assert suggestion in (None, problem.suggestion)


@pytest.mark.parametrize(
    ("left", "right", "op", "standard", "factor"),
    [
        ("MGD", "mg/L", "*", "kg/d", "473176473/125000000"),
        ("kg", "kg", "/", "", "1"),
        ("%", "kg", "*", "kg", "1/100"),
        ("mg/L{as N}", "MGD", "*", "kg/d{as N}", "473176473/125000000"),
        ("mg/L{as N}", "mg/L{as N}", "/", "", "1"),
        ("kg", "d", "/", "kg/d", "1"),
    ],
)
def test_products_have_the_standard_unit_of_their_dimension(
    left: str, right: str, op: str, standard: str, factor: str
) -> None:
    assert combine(left, right, op) == (standard, Fraction(factor))


def test_bases_do_not_mix() -> None:
    assert isinstance(combine("mg/L{as N}", "kg{CO2e}", "*"), UnitProblem)
    assert conversion("mg/L", "mg/L{as N}") is None


def test_a_percentage_is_a_hundredth() -> None:
    assert conversion("%", "") == Fraction(1, 100)
    assert conversion("", "%") == 100
    assert conversion("mg/L", "kg") is None


@given(st.text(max_size=12))
def test_any_text_is_a_unit_or_a_problem(text: str) -> None:
    """Law: reading a unit never raises."""
    assert isinstance(read_unit(text), Unit | UnitProblem)
