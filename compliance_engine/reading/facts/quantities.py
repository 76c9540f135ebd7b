"""Numbers and quantities as fields: qualifier, unit, domain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.reading.facts.cells import MARKS
from compliance_engine.reading.facts.columns import Cells, Typed, coded, merged_refusals, text_cells, without
from compliance_engine.reading.facts.distinct import by_text
from compliance_engine.reading.facts.numbers import Numbers, read_numbers
from compliance_engine.reading.facts.refusals import no_refusals, refuse
from compliance_engine.reading.facts.units import VARIES, Conversion, conversion, convert

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compliance_engine.model.program import FieldType

MARK, UNIT = "__q", "__u"
NO_MARK = 255
NO_UNIT = pl.lit(None, dtype=pl.String)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What stands beside a number: cells of qualifiers; cells of units, or the one unit of all. None: nothing."""

    qualifiers: pl.Series | None = None
    units: pl.Series | str | None = None
    qualifier_codes: Mapping[str, str]
    unit_codes: Mapping[str, str]


def read_plain(cells: pl.Series, field: FieldType) -> Typed:
    """Read an integer or a decimal: no qualifier, no unit."""
    numbers = read_numbers(cells, field.name)
    strange = _flagged(numbers.marks, len(cells)) | _present(numbers.units, len(cells))
    reason = "expected a bare number, without a qualifier or a unit"
    refusals = merged_refusals(numbers.refusals, refuse(cells, strange, field.name, lambda _: reason))
    values = without(numbers.values, strange)
    if field.base == "integer" and numbers.scale > 1:
        whole = values.to_frame("v").select((pl.col("v") % pl.lit(numbers.scale, dtype=values.dtype)) == 0)["v"]
        broken = ~whole.fill_null(value=True)
        refusals = merged_refusals(refusals, refuse(cells, broken, field.name, lambda _: "expected a whole number"))
        values = without(values, broken)
        values = (
            values.to_frame("v").select(pl.col("v") // pl.lit(numbers.scale, dtype=values.dtype))["v"].cast(pl.Int64)
        )
        numbers = replace(numbers, scale=1)
    return _within_domain(cells, replace(numbers, values=values, refusals=refusals), field, {})


def read_quantity(cells: pl.Series, field: FieldType, beside: Beside) -> Typed:
    """Read a quantity, bring it to the unit of the law, and check its domain."""
    numbers = read_numbers(cells, field.name)
    marks, refused = _marks(cells, numbers, field, beside)
    numbers = replace(
        numbers, values=_emptied(numbers.values, refused), refusals=merged_refusals(numbers.refusals, refused)
    )
    units = _units(numbers, beside, len(cells))
    if units is None and field.unit:
        return Typed(
            columns=_columns(numbers, field, marks, NO_UNIT),
            refusals=numbers.refusals,
            no_unit=numbers.values.is_not_null().any(),
        )
    ways, strange = _ways(units, field)
    refused = _refused_units(cells, numbers, units, strange, field)
    numbers = replace(
        numbers, values=_emptied(numbers.values, refused), refusals=merged_refusals(numbers.refusals, refused)
    )
    converted = convert(numbers, units, ways) if units is not None and ways else numbers
    if converted is None:
        full = refuse(cells, numbers.values.is_not_null(), field.name, lambda _: "too many digits for its unit")
        converted = replace(
            numbers,
            values=pl.repeat(None, len(cells), dtype=pl.Int64, eager=True),
            refusals=merged_refusals(numbers.refusals, full),
        )
    return _within_domain(cells, converted, field, _columns(converted, field, marks, _standards(units, ways)))


def _columns(numbers: Numbers, field: FieldType, marks: pl.Series | None, units: Cells) -> dict[str, Cells]:
    columns: dict[str, Cells] = {field.name: numbers.values}
    if field.qualified:
        columns[field.name + MARK] = pl.lit(0, dtype=pl.UInt8) if marks is None else marks
    if field.unit == VARIES:
        columns[field.name + UNIT] = units
    return columns


def _flat(value: str | bool | None, height: int, dtype: pl.DataType) -> pl.Series:  # noqa: FBT001  a cell, not a switch
    return pl.repeat(value, height, dtype=dtype, eager=True)


def _flagged(marks: pl.Series | None, height: int) -> pl.Series:
    return _flat(value=False, height=height, dtype=pl.Boolean()) if marks is None else marks > 0


def _present(units: pl.Series | None, height: int) -> pl.Series:
    return _flat(value=False, height=height, dtype=pl.Boolean()) if units is None else units.is_not_null()


def _emptied(values: pl.Series, refusals: pl.DataFrame) -> pl.Series:
    return values if refusals.is_empty() else values.scatter(refusals["at"], None)


def _marks(
    cells: pl.Series, numbers: Numbers, field: FieldType, beside: Beside
) -> tuple[pl.Series | None, pl.DataFrame]:
    """Give the qualifiers from the cells themselves and from the column beside, which may not contradict each other."""
    own = numbers.marks
    if not field.qualified:
        reason = "a qualifier such as < is not expected here"
        return None, refuse(cells, _flagged(own, len(cells)), field.name, lambda _: reason)
    if beside.qualifiers is None:
        return own, no_refusals()
    marks = by_text(beside.qualifiers, lambda texts: _marks_of(texts, beside.qualifier_codes))
    stated = marks.is_not_null()
    reason = "the qualifier is none of =, <, <=, >, >=: `codes: {qualifiers: ...}` can say what it stands for"
    refused = refuse(beside.qualifiers, marks == NO_MARK, field.name, lambda _: reason)
    if own is None:
        return marks.fill_null(0), refused
    pair = pl.DataFrame({"own": own, "mark": marks.fill_null(0), "stated": stated})
    clash = pair.select((pl.col("own") > 0) & pl.col("stated") & (pl.col("own") != pl.col("mark"))).to_series()
    reason = "the cell and the column of qualifiers disagree"
    both = pair.select(pl.max_horizontal("own", "mark").cast(pl.UInt8)).to_series()
    return both, merged_refusals(refused, refuse(cells, clash, field.name, lambda _: reason))


def _marks_of(texts: pl.Series, codes: Mapping[str, str]) -> pl.Series:
    """Give the code of each qualifier: null where there is none, `NO_MARK` where it is unknown."""
    bare = text_cells(coded(texts, codes)).cast(pl.String)
    return bare.replace_strict({**MARKS, None: None}, default=NO_MARK, return_dtype=pl.UInt8)


def _units(numbers: Numbers, beside: Beside, height: int) -> pl.Series | str | None:
    """Give the unit of each row, or the one unit of all: from the cell, else from beside it."""
    if isinstance(beside.units, pl.Series):
        stated: pl.Series | None = text_cells(coded(beside.units, beside.unit_codes)).cast(pl.String)
    elif numbers.units is None:
        return beside.units
    else:
        stated = None if beside.units is None else _flat(beside.units, height, pl.String())
    if numbers.units is None or stated is None:
        return numbers.units if stated is None else stated
    return numbers.units.zip_with(numbers.units.is_not_null(), stated)


def _ways(units: pl.Series | str | None, field: FieldType) -> tuple[dict[str, Conversion], dict[str, str]]:
    """Give the conversion of each unit that occurs, and the reason against each that has none."""
    if units is None:
        return {}, {}
    names = [units] if isinstance(units, str) else [u for u in units.unique().sort().to_list() if u is not None]
    found = {name: conversion(name, field.unit, field.printed) for name in names}
    ways = {name: way for name, way in found.items() if isinstance(way, Conversion)}
    return ways, {name: way for name, way in found.items() if isinstance(way, str)}


def _refused_units(
    cells: pl.Series, numbers: Numbers, units: pl.Series | str | None, strange: Mapping[str, str], field: FieldType
) -> pl.DataFrame:
    filled = numbers.values.is_not_null()
    if units is None:
        return no_refusals()
    if isinstance(units, str):
        return refuse(cells, filled, field.name, lambda _: strange[units]) if strange else no_refusals()
    missing = filled & units.is_null() if field.unit else _flat(value=False, height=len(cells), dtype=pl.Boolean())
    wrong = filled & units.is_in(list(strange)).fill_null(value=False)
    wanted = "a unit" if field.unit == VARIES else f"a unit such as {field.printed or field.unit}"
    return merged_refusals(
        refuse(cells, missing, field.name, lambda _: f"the number has no unit: expected {wanted}"),
        refuse(units, wrong, field.name, lambda unit: strange.get(unit, "")),
    )


def _standards(units: pl.Series | str | None, ways: Mapping[str, Conversion]) -> Cells:
    if units is None or not ways:
        return NO_UNIT
    if isinstance(units, str):
        return pl.lit(ways[units].unit)
    return units.replace_strict({name: way.unit for name, way in ways.items()}, default=None, return_dtype=pl.String)


def _within_domain(cells: pl.Series, numbers: Numbers, field: FieldType, columns: Mapping[str, Cells]) -> Typed:
    """Refuse what is below zero where nothing may be, also `<0`."""
    values = numbers.values
    if field.non_negative and (values.min() or 0) <= 0:  # type: ignore[operator]  # integers, or no row at all
        low = values.to_frame("v").select(pl.col("v") < 0)["v"].fill_null(value=False)
        marks = columns.get(field.name + MARK)
        if isinstance(marks, pl.Series):
            low = low | ((marks == MARKS["<"]) & (values == 0)).fill_null(value=False)
        refused = refuse(cells, low, field.name, lambda _: "below zero, where nothing can be")
        numbers = replace(numbers, values=without(values, low), refusals=merged_refusals(numbers.refusals, refused))
    return Typed(columns={**columns, field.name: numbers.values}, scale=numbers.scale, refusals=numbers.refusals)
