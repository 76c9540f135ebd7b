"""Tables of the law whose rows are held against keys one by one: keys that are numbers, bands, and what may be any of too many."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, kleene, rational, values
from compliance_engine.deriving.columns import evaluated
from compliance_engine.deriving.kleene import FALSE, Maybe, Truth
from compliance_engine.deriving.symbols import is_symbol
from compliance_engine.deriving.values import Number, Option, Symbols, Value

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.model.program import FieldType, TableSpec

NUMBERS = {"integer", "decimal", "quantity", "date"}


def scanned(table: TableSpec, column: tuple[pl.Series, int, FieldType], keys: list[Value], context: Context) -> Value:
    """Give the cell of the last row of the table that matches (of bands: of the highest), out of a column with its scale and type."""
    cells, scale, field = column
    reached, missed = _reached(table, [context.settle(key, "key") for key in keys], context)
    where: dict[int | str, pl.Series] = {}  # where it may be this cell
    nowhere = pl.repeat(value=False, n=missed.len(), eager=True)
    nothing = nowhere  # where it may be an empty cell, or that of no row
    for row, here in reached.items():
        cell = cells[row]
        if cell is None:
            nothing |= here
        else:
            where[cell] = where.get(cell, nowhere) | here
    if field.base == "bool":
        unknown = nothing | missed
        return Truth(*(_maybe(where.get(text, nowhere) | unknown, context) for text in ("true", "false")))
    if table.on_miss == "none":
        nothing, missed = nothing | missed, nowhere
    known = nowhere
    for here in where.values():
        known |= here
    absent = Truth(_maybe(nothing, context), _maybe(known | missed, context)) if nothing.any() else FALSE
    if field.base in NUMBERS:
        return replace(
            _number({int(cell): here for cell, here in where.items()}, scale, missed, context), absent=absent
        )
    options = [
        Option(_maybe(here, context), pl.lit(text), known=True, literal=str(text)) for text, here in where.items()
    ]
    if missed.any():
        anything = pl.lit(None, dtype=pl.String)
        options.append(Option(_maybe(missed, context), anything, domain=field.symbols))
    return Symbols(tuple(options), absent)


def _reached(table: TableSpec, keys: list[Value], context: Context) -> tuple[dict[int, pl.Series], pl.Series]:
    """Give for each row of the table where it may be the last one that matches, and where none may match; most match nowhere."""
    order = sorted(range(len(table.rows)), key=lambda row: _band_rank(table, row), reverse=True)
    matches = {row: _row_matches(table, row, keys) for row in order}
    may = evaluated(context, **{str(row): match.may for row, match in matches.items()})
    some = [row for row in order if may[str(row)].any()]
    may_not = evaluated(context, **{str(row): matches[row].may_not for row in some})
    missed = pl.repeat(value=True, n=context.frame.height, eager=True)
    reached = {}
    for row in some:
        reached[row] = missed & may[str(row)]
        missed &= may_not[str(row)]
    return reached, missed


def _maybe(where: pl.Series, context: Context) -> Maybe:
    """Give what may be so in some rows as an expression, or as what it is in all."""
    if where.all():
        return True
    return pl.col(context.add("row", where)) if where.any() else False


def _number(where: dict[int, pl.Series], scale: int, unknown: pl.Series, context: Context) -> Number:
    """Give the numbers, times their scale, that it may be as the interval from the least to the greatest; where it may be any, it has no ends."""
    if not where:
        return values.unknown_number()
    frame = pl.DataFrame({str(cell): here for cell, here in where.items()})
    found = [pl.when(pl.col(str(cell))).then(pl.lit(cell, dtype=pl.Int64)) for cell in where]
    least, greatest = pl.min_horizontal(found), pl.max_horizontal(found)
    ends = frame.select(low=pl.when(~unknown).then(least), high=pl.when(~unknown).then(greatest))
    bound = max(map(abs, where))
    low, high = (rational.column(pl.col(context.add(end.name, end)), scale=scale, bound=bound) for end in ends)
    return Number(low, low if ends["low"].equals(ends["high"], null_equal=True) else high)


def key_number(text: str | None, key: FieldType) -> Fraction:
    """Give a key that is a number or a date (as days) as it is compared."""
    if key.base == "date" and text:
        return Fraction(dates.days_of(date.fromisoformat(text)))
    return Fraction(text or "0")


def _band_rank(table: TableSpec, row: int) -> tuple[Fraction, ...]:
    return tuple(key_number(table.rows[row][i], k) for i, k in enumerate(table.keys) if k.name in table.bands)


def _row_matches(table: TableSpec, row: int, keys: list[Value]) -> Truth:
    parts = []
    for i, key in enumerate(table.keys):
        text, value = table.rows[row][i], keys[i]
        if isinstance(value, Symbols):
            parts.append(is_symbol(value, text or ""))
        elif isinstance(value, Truth):
            parts.append(value if text == "true" else kleene.negation(value))
        elif isinstance(value, Number):
            bound = values.exact_number(rational.constant(key_number(text, key)))
            parts.append(
                values.less(bound, value, strict=False) if key.name in table.bands else values.equal(bound, value)
            )
    return kleene.conjunction(*parts)
