"""Tables of the law: cells found by joins on symbols, or by bands of numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import product
from math import lcm, prod
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, kleene, merging, rational, values
from compliance_engine.deriving.kleene import FALSE, Maybe, Truth, both, either
from compliance_engine.deriving.symbols import among
from compliance_engine.deriving.table_rows import NUMBERS, key_number, scanned
from compliance_engine.deriving.values import Number, Option, Symbols, Value

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.model.expression import Lookup
    from compliance_engine.model.program import FieldType, TableSpec

# So many combinations of what keys may be are looked up; of more, each row of the table is held against all of them.
MOST_COMBINED = 1_000


def lookup_value(node: Lookup, context: Context) -> Value:
    """Give a cell of a table: for each symbol that a key may be its own. A key that is not there gives unknown or `none`, as the table says."""
    table = context.world.program.tables[node.table]
    column = next(i for i, c in enumerate(table.columns) if c.name == node.column)
    keys = [context.value(key) for key in node.keys]
    alternatives = [_alternatives(key, context) for key in keys]
    if prod(len(some) for some in alternatives) > MOST_COMBINED:
        alternatives = [[(True, key)] for key in keys]
    result: Value | None = None
    seen: Maybe = False
    for chosen in product(*alternatives):
        possible: Maybe = True
        for may, _ in chosen:
            possible = both(possible, may)
        found = _found(table, column, [key for _, key in chosen], context)
        result = found if result is None else context.settle(merging.merge(seen, result, possible, found))
        seen = either(seen, possible)
    assert result is not None
    return result


def _alternatives(key: Value, context: Context) -> list[tuple[Maybe, Value]]:
    """List the symbols (or truths) that a key may be, each with where it may; a number is looked up as the interval that it is."""
    if isinstance(key, Truth):
        return [
            (may, value) for may, value in ((key.may, kleene.TRUE), (key.may_not, kleene.FALSE)) if may is not False
        ]
    if isinstance(key, Symbols) and key.options:
        options = [one for option in key.options for one in _spelled_out(option, context)]
        return [(o.possible, replace(key, options=(replace(o, possible=True),))) for o in options]
    return [(True, key)]


def _spelled_out(option: Option, context: Context) -> list[Option]:
    """Give a symbol that may be any of some as each of these, where it is not known."""
    if option.known or not option.domain:
        return [option]
    if option.value.meta.is_column() and not context.frame.get_column(option.value.meta.output_name()).null_count():
        return [option]
    unknown = option.value.is_null()
    if not context.occurs(both(option.possible, unknown)):
        return [option]
    each = [
        Option(both(option.possible, unknown), pl.lit(symbol), known=True, literal=symbol) for symbol in option.domain
    ]
    return [replace(option, possible=both(option.possible, ~unknown)), *each]


def _found(table: TableSpec, column: int, keys: list[Value], context: Context) -> Value:
    """Give the cell for keys that are one symbol each, or may be several."""
    options = [key.options[0] for key in keys if isinstance(key, Symbols) and len(key.options) == 1]
    if len(options) == len(keys):
        return _joined(table, column, options, context)
    return scanned(table, _cells(table, column), keys, context)


def _cells(table: TableSpec, column: int) -> tuple[pl.Series, int, FieldType]:
    """Give a column of the table: integers with their scale, or texts."""
    field = table.columns[column]
    texts = [row[len(table.keys) + column] for row in table.rows]
    if field.base in NUMBERS - {"date"}:
        numbers = [None if t is None else Fraction(t) for t in texts]
        scale = lcm(*(n.denominator for n in numbers if n is not None)) if any(numbers) else 1
        scaled = [None if n is None else int(n * scale) for n in numbers]
        return pl.Series("cell", scaled, dtype=pl.Int64), scale, field
    if field.base == "date":
        return (
            pl.Series(
                "cell", [None if t is None else dates.days_of(date.fromisoformat(t)) for t in texts], dtype=pl.Int64
            ),
            1,
            field,
        )
    return pl.Series("cell", texts, dtype=pl.String), 1, field


def _joined(table: TableSpec, column: int, keys: list[Option], context: Context) -> Value:
    cells, scale, field = _cells(table, column)
    names = [f"k{i}" for i in range(len(keys))]
    frame = pl.DataFrame(
        {n: [row[i] for row in table.rows] for i, n in enumerate(names)}, schema=dict.fromkeys(names, pl.String)
    )
    frame = frame.with_columns(cells, hit=pl.lit(value=True))
    wanted = context.frame.select(key.value.cast(pl.String).alias(n) for key, n in zip(keys, names, strict=True))
    if wanted.height != context.frame.height:
        wanted = pl.concat([wanted] * context.frame.height) if context.frame.height else wanted.clear()
    joined = wanted.join(frame, on=names, how="left", maintain_order="left")
    cell = pl.col(context.add("cell", joined["cell"]))
    hit = pl.col(context.add("hit", joined["hit"].fill_null(value=False)))
    asked = pl.col(
        context.add("asked", joined.select(pl.all_horizontal(pl.col(n).is_not_null() for n in names)).to_series())
    )
    empty = hit & cell.is_null()
    absent = (
        Truth(~asked | (asked & ~hit) | empty, ~asked | (hit & ~empty))
        if table.on_miss == "none"
        else Truth(empty | ~asked, ~empty | ~asked)
    )
    if cells_never_empty(frame) and table.on_miss != "none":
        absent = FALSE
    if field.base in NUMBERS:
        largest = max((abs(v) for v in frame["cell"].to_list() if v is not None), default=1)
        value = rational.column(cell, scale=scale, bound=largest)
        return Number(value, value, absent=absent)
    if field.base == "bool":
        return kleene.of_column(cell == "true")
    return Symbols((Option(possible=True, value=cell, domain=field.symbols),), absent)


def cells_never_empty(frame: pl.DataFrame) -> bool:
    """Say whether no cell of the column is empty."""
    return frame["cell"].null_count() == 0


def table_member(name: str, operand: Value, context: Context) -> Truth:
    """Give whether the operand is a key of the table (its first key)."""
    table = context.world.program.tables[name]
    keys = tuple(dict.fromkeys(row[0] for row in table.rows if row[0] is not None))
    if isinstance(operand, Symbols):
        return among(operand, keys)
    assert isinstance(operand, Number)
    return kleene.disjunction(
        *(values.equal(operand, values.exact_number(rational.constant(key_number(k, table.keys[0])))) for k in keys)
    )
