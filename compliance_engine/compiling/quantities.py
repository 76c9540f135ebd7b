"""Numbers brought to one unit."""

from dataclasses import replace
from fractions import Fraction

from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.slips import length_meant, time_meant
from compliance_engine.compiling.typed import DAYS, VARIES, Typed, number, wrong
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.units import UnitProblem, conversion, read_unit
from compliance_engine.model.expression import Const, Duration, Scale
from compliance_engine.model.syntax import Number

MICROS_A_DAY = 86_400_000_000
_TIMES = {  # months, days, microseconds
    "month": (1, 0, 0),
    "year": (12, 0, 0),
    "week": (0, 7, 0),
    "day": (0, 1, 0),
    "hour": (0, 0, 3_600_000_000),
    "minute": (0, 0, 60_000_000),
    "second": (0, 0, 1_000_000),
}
TIME_WORDS = frozenset(_TIMES) | {f"{word}s" for word in _TIMES}


def compile_number(literal: Number, scope: Scope) -> Typed:
    """Compile `30 mg/L`, `95 %`, `0.5`, `6 months`."""
    if literal.unit in TIME_WORDS:
        return _duration(literal, scope)
    unit = read_unit(literal.unit or "")
    if isinstance(unit, UnitProblem):
        near = f"did you mean {unit.suggestion}?" if unit.suggestion else None
        hint = length_meant(literal.value, literal.unit or "") or near
        scope.desk.report("unknown-unit", unit.message, literal.span, hint)
        return wrong(literal.span)
    value = Const(kind="number", value=str(literal.value * unit.factor + unit.offset))
    return Typed(
        node=value,
        kind="number",
        place=literal.span,
        unit=unit.standard,
        printed=literal.unit or "",
        factor=unit.factor,
        offset=unit.offset,
        bare=not literal.unit,
    )


def _duration(literal: Number, scope: Scope) -> Typed:
    """Compile a length of time; calendar units are whole."""
    assert literal.unit is not None
    months, days, micros = (literal.value * part for part in _TIMES[literal.unit.removesuffix("s")])
    if any(part.denominator != 1 for part in (months, days, micros)):
        hint = "days, weeks, months and years are counted on the calendar: write whole ones, or hours"
        scope.desk.report(
            "bad-duration", f"{literal.text} {literal.unit} is no whole number of them", literal.span, hint
        )
        return wrong(literal.span)
    node = Duration(kind="duration", months=int(months), days=int(days), micros=int(micros))
    return Typed(node=node, kind="duration", place=literal.span)


def scaled(value: Typed, factor: Fraction, unit: str) -> Typed:
    """Convert a number by an exact factor into a unit; a literal at once."""
    if factor == 1:
        return replace(value, unit=unit)
    if isinstance(value.node, Const) and value.node.value is not None:
        node: Const | Scale = Const(kind="number", value=str(Fraction(value.node.value) * factor))
    else:
        node = Scale(kind="number", operand=value.node, factor=str(factor))
    return replace(value, node=node, unit=unit, factor=value.factor * factor)


def as_days(value: Typed) -> Typed:
    """Give a literal length of time as a number of days, if it has no months; anything else as it is."""
    node = value.node
    if value.kind != "duration" or not isinstance(node, Duration) or node.months:
        return value
    days = node.days + Fraction(node.micros, MICROS_A_DAY)
    return number(Const(kind="number", value=str(days)), value.place, DAYS)


def is_zero(value: Typed) -> bool:
    """Say whether it is a literal 0 without a unit, which is zero in every unit but a temperature's."""
    return (
        value.bare
        and isinstance(value.node, Const)
        and value.node.value is not None
        and Fraction(value.node.value) == 0
    )


def aligned(left: Typed, right: Typed, op: str, place: Span, scope: Scope) -> tuple[Typed, Typed, str] | None:
    """Bring two numbers to one unit and give it; `varies` where both do. None after a report.

    Where one varies and the other does not, the unit is the fixed one's: a record of another dimension compares as
    unknown.
    """
    if left.kind == "number" and right.kind == "duration":
        right = as_days(right)
    elif left.kind == "duration" and right.kind == "number":
        left = as_days(left)
    if left.kind != "number" or right.kind != "number":
        _report_kinds(left, right, op, place, scope)
        return None
    if VARIES in (left.unit, right.unit):
        return _aligned_varying(left, right, op, place, scope)
    return _aligned_fixed(left, right, op, place, scope)


def _aligned_fixed(left: Typed, right: Typed, op: str, place: Span, scope: Scope) -> tuple[Typed, Typed, str] | None:
    """Bring two numbers of fixed units to one; a literal takes the unit of the other."""
    if is_zero(left) and right.unit != "degC":
        return replace(left, unit=right.unit), right, right.unit
    if is_zero(right) and left.unit != "degC":
        return left, replace(right, unit=left.unit), left.unit
    factor = conversion(right.unit, left.unit)
    if factor is None:
        _report_units(left, right, op, place, scope)
        return None
    _warn_percent(left, right, scope)
    if isinstance(left.node, Const):
        return scaled(left, 1 / factor, right.unit), right, right.unit
    return left, scaled(right, factor, left.unit), left.unit


def _aligned_varying(left: Typed, right: Typed, op: str, place: Span, scope: Scope) -> tuple[Typed, Typed, str] | None:
    """Hold a quantity whose unit varies against another."""
    if left.unit == right.unit or is_zero(left) or is_zero(right):
        return left, right, VARIES
    fixed = right if left.unit == VARIES else left
    if fixed.bare or op in {"+", "-"}:
        _report_units(left, right, op, place, scope)
        return None
    return left, right, fixed.unit


def _report_kinds(left: Typed, right: Typed, op: str, place: Span, scope: Scope) -> None:
    """Say that two values of different kinds cannot stand on the two sides of an operator."""
    hint = time_meant(left) or time_meant(right)
    if hint is None and "duration" in (left.kind, right.kind):
        hint = "a month has no fixed number of days: add it to a date (`date + 6 months`)"
    scope.desk.report("kind-mismatch", f"`{op}` stands between {left.described()} and {right.described()}", place, hint)


def _report_units(left: Typed, right: Typed, op: str, place: Span, scope: Scope) -> None:
    """Say that two units do not convert."""
    units = [value.described() for value in (left, right)]
    example = "30 days" if DAYS in (left.unit, right.unit) else "30 mg/L"
    hint = f"give the number a unit, as in {example}" if left.bare or right.bare else None
    if VARIES in (left.unit, right.unit) and hint is None:
        hint = "a quantity whose unit varies is compared, multiplied and divided by plain numbers, and nothing else"
    related = ((left.place, units[0]), (right.place, units[1]))
    scope.desk.report("unit-mismatch", f"`{op}` stands between {units[0]} and {units[1]}", place, hint, related=related)


def _warn_percent(left: Typed, right: Typed, scope: Scope) -> None:
    """Remark upon a bare literal above 1 held against a percentage: 85 is 8500 %."""
    for literal, other in ((left, right), (right, left)):
        if other.unit == "%" and literal.bare and isinstance(literal.node, Const) and literal.node.value is not None:
            value = Fraction(literal.node.value)
            if abs(value) > 1:
                scope.desk.warn(
                    "bare-percent",
                    f"{value} stands against a percentage, and is {value * 100} %",
                    literal.place,
                    f"write {value} %",
                )
