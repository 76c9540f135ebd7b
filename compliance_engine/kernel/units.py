"""Units as printed, exactly: pint's definitions in fractions, read by a small grammar of our own.

pint takes most of a second to start: it is asked only for what `common_units` does not tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from compliance_engine.kernel.common_units import COMMON, Dimension
from compliance_engine.kernel.suggestions import suggest
from compliance_engine.kernel.unit_names import ALIASES, BASES, COMPONENTS, FRACTIONS, REFUSED, STANDARDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pint

NONE: Dimension = ()
_BASIS = re.compile(r"^(?P<unit>.*?)\s*(?:\{(?P<braced>[^{}]*)\}|\s(?P<plain>as .+))?$")
_FACTOR = re.compile(r"^(?P<number>[0-9]+(?:\.[0-9]+)?)?\s*(?P<name>[^\d\s^].*?)?(?:\*\*|\^)?(?P<power>-?[1-9])?$")
_OFFSET_UNITS: Mapping[str, tuple[Fraction, Fraction]] = {  # to degC: factor, offset
    "degC": (Fraction(1), Fraction(0)),
    "degF": (Fraction(5, 9), Fraction(-160, 9)),
    "K": (Fraction(1), Fraction(-27315, 100)),
}
_LONGEST = 60
_HIGHEST = 9  # the powers that a standard unit is written with
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
# What remains of a frequent unit when its stroke is left out.
_SLASHED = {unit.replace("/", "").lower(): unit for unit in ("mg/L", "ug/L", "ng/L", "kg/d", "lb/d", "m3/d", "mg/m3")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit as printed (`text`), and the standard unit of its dimension: standard value = value x factor + offset.

    `basis` is what stands in braces (`as N`, `dry, 3 % O2`); it is part of `standard`, and units of different basis do
    not convert.
    """

    text: str
    standard: str
    factor: Fraction
    offset: Fraction = Fraction(0)
    basis: str = ""
    dimension: Dimension = NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitProblem:
    """Why a unit cannot be used, and the nearest known name."""

    message: str
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A factor to pint's root units, and what dimension they have."""

    factor: Fraction
    dimension: Dimension


@cache
def read_unit(text: str) -> Unit | UnitProblem:
    """Read a unit as regulators print it (`mg/L`, `MGD`, `#/100mL`, `lb/d`, `mg/L{as N}`); `` is dimensionless."""
    found = _BASIS.match(text.strip())
    if found is None or len(text) > _LONGEST:
        return UnitProblem(message=f"{text[:_LONGEST]} is no unit")
    bare, basis = found["unit"].strip().translate(_RAISED), " ".join((found["braced"] or found["plain"] or "").split())
    if bare in FRACTIONS:
        standard, factor = FRACTIONS[bare]
        own = Fraction(factor) / Fraction(FRACTIONS[standard][1])
        return Unit(text=text, standard=_with_basis(standard, basis), factor=own, basis=basis)
    if bare in ALIASES and ALIASES[bare] in FRACTIONS:
        return read_unit(ALIASES[bare] + (f"{{{basis}}}" if basis else ""))
    resolved = ALIASES.get(bare, bare)
    if resolved in _OFFSET_UNITS:
        factor_to, offset = _OFFSET_UNITS[resolved]
        temperature = (("[temperature]", 1),)
        return Unit(text=text, standard="degC", factor=factor_to, offset=offset, basis=basis, dimension=temperature)
    measure = _measure(bare) if bare not in REFUSED else _unknown(bare)
    if isinstance(measure, Measure) and _is_beyond(measure.dimension):
        measure = UnitProblem(message=f"{bare} is no unit")
    if isinstance(measure, UnitProblem):
        return measure
    standard = _standard_of(measure.dimension, "mg/kg" if _is_ratio(bare, measure) else "")
    return Unit(
        text=text,
        standard=_with_basis(standard, basis),
        factor=measure.factor / _factor_of(standard),
        basis=basis,
        dimension=measure.dimension,
    )


def standard_unit(text: str) -> Unit:
    """Give the unit of a standard text that this module itself gave."""
    unit = read_unit(text)
    assert isinstance(unit, Unit), text
    return unit


def conversion(origin: str, goal: str) -> Fraction | None:
    """Give the factor from a standard unit to another of its dimension and basis (`%` to ``); None if there is none."""
    if origin == goal:
        return Fraction(1)
    one, other = standard_unit(origin), standard_unit(goal)
    if one.dimension != other.dimension or one.basis != other.basis:
        return None
    return _own_factor(one) / _own_factor(other)


def combine(left: str, right: str, op: str) -> tuple[str, Fraction] | UnitProblem:
    """Multiply or divide (`*`, `/`) two standard units: the standard unit of the result, and the factor into it."""
    one, other = standard_unit(left), standard_unit(right)
    if right == "":
        return left, Fraction(1)
    if left == "" and op == "*":
        return right, Fraction(1)
    if "degC" in {left, right}:
        return UnitProblem(message="a temperature has no zero of its own, so it is not multiplied or divided")
    basis = _combined_basis(one, other, op)
    if basis is None:
        return UnitProblem(message=f"{left} and {right} have different bases")
    sign = 1 if op == "*" else -1
    dimension = _sum(one.dimension, other.dimension, sign)
    if _is_beyond(dimension):
        return UnitProblem(message=f"{left} {op} {right} is no unit")
    factor = _own_factor(one) * (_own_factor(other) if sign == 1 else 1 / _own_factor(other))
    standard = _standard_of(dimension, "")
    return _with_basis(standard, basis), factor / _factor_of(standard)


def _is_beyond(dimension: Dimension) -> bool:
    """Say whether a power is too high to be written."""
    return any(abs(power) > _HIGHEST for _, power in dimension)


def _combined_basis(one: Unit, other: Unit, op: str) -> str | None:
    """Give the basis of a product or ratio; None where the two contradict."""
    if op == "/" and one.basis == other.basis:
        return ""
    if one.basis and other.basis:
        return None
    if op == "/" and other.basis:
        return None
    return one.basis or other.basis


def _with_basis(standard: str, basis: str) -> str:
    """Write a basis behind a standard unit."""
    return f"{standard}{{{basis}}}" if basis else standard


def _is_ratio(text: str, measure: Measure) -> bool:
    """Say whether a dimensionless unit is written as a ratio (`mg/kg`)."""
    return not measure.dimension and "/" in text


def _own_factor(unit: Unit) -> Fraction:
    """Give the factor of a standard unit to pint's root units."""
    return _factor_of(unit.standard.partition("{")[0])


@cache
def _factor_of(standard: str) -> Fraction:
    """Give the factor of a standard unit, without basis, to pint's root units."""
    if standard in FRACTIONS:
        return Fraction(FRACTIONS[standard][1])
    if standard in _OFFSET_UNITS:
        return Fraction(1)
    measure = _measure(standard)
    assert isinstance(measure, Measure), standard
    return measure.factor


@cache
def _standard_of(dimension: Dimension, ratio: str) -> str:
    """Give the standard unit of a dimension: a chosen one, else one composed of base units."""
    if not dimension:
        return ratio
    chosen = _standards().get(dimension)
    if chosen is not None:
        return chosen
    above = [_powered(COMPONENTS[base], power) for base, power in dimension if power > 0]
    below = [_powered(COMPONENTS[base], -power) for base, power in dimension if power < 0]
    return "/".join(["*".join(above) or "1", *below])


def _powered(name: str, power: int) -> str:
    """Write a base unit with its power."""
    return name if power == 1 else f"{name}^{power}"


@cache
def _standards() -> Mapping[Dimension, str]:
    """Give the chosen unit of each dimension."""
    chosen: dict[Dimension, str] = {(("[temperature]", 1),): "degC"}
    for text in STANDARDS:
        measure = _measure(text) if text != "degC" else None
        if isinstance(measure, Measure):
            chosen.setdefault(measure.dimension, text)
    return chosen


@cache
def _measure(text: str) -> Measure | UnitProblem:
    """Read a product of named units, without basis or offset."""
    if text in ALIASES:
        text = ALIASES[text]
    total = Measure(Fraction(1), NONE)
    sign = 1
    for part in re.split(r"\s*([*·/])\s*", text):
        if part in {"*", "·", "/"}:
            sign = -1 if part == "/" else sign
            continue
        if not part and text:
            return UnitProblem(message=f"{text} is no unit")
        for word in part.split():
            measure = _read_factor(word)
            if isinstance(measure, UnitProblem):
                return measure
            factor = measure.factor if sign == 1 else 1 / measure.factor
            total = Measure(total.factor * factor, _sum(total.dimension, measure.dimension, sign))
    return total


def _read_factor(text: str) -> Measure | UnitProblem:
    """Read one factor: a number, a name, a power (`100mL`, `m3`, `1`)."""
    if text in ALIASES:
        return _named(text)
    found = _FACTOR.match(text)
    if found is None or not (found["name"] or found["number"]) or Fraction(found["number"] or 1) == 0:
        return UnitProblem(message=f"{text} is no unit")
    if not found["name"]:
        return (
            Measure(Fraction(found["number"]), NONE)
            if not found["power"]
            else UnitProblem(message=f"{text} is no unit")
        )
    named = _named(found["name"])
    if isinstance(named, UnitProblem):
        return named
    power = int(found["power"] or 1)
    dimension = tuple((base, exponent * power) for base, exponent in named.dimension)
    return Measure(Fraction(found["number"] or 1) * named.factor**power, dimension)


def _named(name: str) -> Measure | UnitProblem:
    """Look a unit's name up: ours first, then pint's."""
    if name in BASES:
        return Measure(Fraction(1), ((f"[{name}]", 1),))
    if name in FRACTIONS:
        return Measure(Fraction(FRACTIONS[name][1]), NONE)
    if name in ALIASES:
        return _measure(ALIASES[name])
    if not re.fullmatch(r"[^\W\d]\w*", name) or name in REFUSED:
        return _unknown(name)
    return _common().get(name) or measured_by_pint(name) or _unknown(name)


@cache
def _common() -> Mapping[str, Measure]:
    """Give the units that are told without pint."""
    return {name: Measure(Fraction(factor), d) for d, units in COMMON.items() for name, factor in units.items()}


def measured_by_pint(name: str) -> Measure | None:
    """Look a unit's name up among pint's; None where it has none of that name, or one whose powers are not whole."""
    import pint  # noqa: PLC0415 (a start-up exception)

    registry = _registry()
    try:
        quantity = registry.Quantity(Fraction(1), name).to_root_units()
        dimension = _of_pint(registry.Unit(name).dimensionality)
    except (pint.PintError, ValueError, TypeError, KeyError, AttributeError, AssertionError):
        return None
    return Measure(Fraction(quantity.magnitude), dimension)


def _of_pint(dimensionality: Mapping[str, object]) -> Dimension:
    """Give pint's dimensionality as ours; refuse powers that are not whole."""
    powers = {base: Fraction(str(power)) for base, power in dimensionality.items()}
    if any(power.denominator != 1 or base not in COMPONENTS for base, power in powers.items()):
        raise ValueError(str(dimensionality))
    return tuple(sorted((base, int(power)) for base, power in powers.items()))


def _unknown(name: str) -> UnitProblem:
    """Say that no unit has that name, or that it is not clear which."""
    if name in REFUSED:
        return UnitProblem(message=f"{name} is not taken for a unit", suggestion=REFUSED[name])
    words = {word for text in STANDARDS for word in re.findall(r"[A-Za-z]+", text)}
    known = {*ALIASES, *FRACTIONS, *STANDARDS, *words, "lb", "gal", "ft3", "ug/L", "lb/d", "psi", "ft", "h", "min"}
    return UnitProblem(message=f"{name} is no unit", suggestion=_SLASHED.get(name.lower()) or suggest(name, known))


def _sum(one: Dimension, other: Dimension, sign: int) -> Dimension:
    """Add the exponents of two dimensions, the second with that sign."""
    powers = dict(one)
    for base, power in other:
        powers[base] = powers.get(base, 0) + sign * power
    return tuple(sorted((base, power) for base, power in powers.items() if power))


@cache
def _registry() -> pint.UnitRegistry[Fraction]:
    """Load pint's definitions, in exact fractions."""
    import pint  # noqa: PLC0415 (a start-up exception)

    return pint.UnitRegistry(non_int_type=Fraction)
