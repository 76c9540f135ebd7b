"""Values taken out of their columns and put into others, row by row: what one period hands on to the next.

A cell is all that a value may be in one row, as Python objects: exact whatever the scale of the column that it came from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, lcm
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import kleene, rational
from compliance_engine.deriving.columns import evaluated
from compliance_engine.deriving.kleene import FALSE, Maybe, Truth
from compliance_engine.deriving.values import Number, Option, Symbols, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_engine.deriving.context import Context


@dataclass(frozen=True, slots=True)
class Cell:
    """What a value may be in one row: an interval (no end: None), symbols (None: any), a truth; and whether it may be `none`.

    `there`: it may be something; `gone`: it may be `none`.
    """

    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False
    symbols: tuple[str, ...] | None = None
    may: bool = True
    may_not: bool = True
    there: bool = True
    gone: bool = False
    unit: str | None = None


FINEST = 10**18
MOST_DENOMINATORS = 64
UNKNOWN = Cell(gone=True)
NONE = Cell(there=False, gone=True)


def cells_of(value: Value, context: Context) -> list[Cell]:
    """Take a value out of the columns of a context: a cell for each row."""
    if isinstance(value, Truth):
        may, may_not = (_column(m, context) for m in (value.may, value.may_not))
        return [Cell(may=a, may_not=b) for a, b in zip(may, may_not, strict=True)]
    if isinstance(value, Symbols):
        return _symbol_cells(value, context)
    assert isinstance(value, Number)
    return _number_cells(value, context)


def _column(maybe: Maybe, context: Context) -> list[bool]:
    return context.compute(kleene.expression(maybe)).to_list()


def _symbol_cells(value: Symbols, context: Context) -> list[Cell]:
    there, gone = _column(value.absent.may_not, context), _column(value.absent.may, context)
    options = [
        (_column(o.possible, context), context.compute(o.value.cast(pl.String)).to_list(), o.domain)
        for o in value.options
    ]
    cells = []
    for row, (here, away) in enumerate(zip(there, gone, strict=True)):
        found: list[str | None] = []
        for possible, texts, domain in options:
            if possible[row]:
                found += domain if texts[row] is None and domain else [texts[row]]
        symbols = None if None in found else tuple(sorted({text for text in found if text is not None}))
        cells.append(Cell(symbols=symbols, there=here and bool(found), gone=away))
    return cells


def _number_cells(value: Number, context: Context) -> list[Cell]:
    ends = (value.low_open, value.high_open, value.absent.may_not, value.absent.may)
    exprs = {str(number): kleene.expression(maybe) for number, maybe in enumerate(ends)}
    exprs["unit"] = pl.lit(None, dtype=pl.String) if value.unit is None else value.unit.cast(pl.String)
    for name, end in (("low", value.low), ("high", value.high)):
        exprs[f"{name}.n"] = end.num.cast(pl.String)
        exprs[f"{name}.d"] = pl.lit("1") if end.den is None else end.den.cast(pl.String)
    found = evaluated(context, **exprs)
    low, high = (_fractions(found, name, end.scale) for name, end in (("low", value.low), ("high", value.high)))
    rest = (found[name].to_list() for name in ("0", "1", "2", "3", "unit"))
    return [
        Cell(low=a, high=b, low_open=c, high_open=d, there=e, gone=f, unit=g)
        for a, b, c, d, e, f, g in zip(low, high, *rest, strict=True)
    ]


def _fractions(found: pl.DataFrame, name: str, scale: int) -> list[Fraction | None]:
    pairs = zip(found[f"{name}.n"].to_list(), found[f"{name}.d"].to_list(), strict=True)
    return [None if n is None or d is None else Fraction(int(n), scale * int(d)) for n, d in pairs]


def value_of(cells: Sequence[Cell], kind: str, context: Context) -> Value:
    """Put cells into the columns of a context, in the order of its rows."""
    if kind == "bool":
        return Truth(_added([c.may for c in cells], context), _added([c.may_not for c in cells], context))
    there, gone = _added([c.there for c in cells], context), _added([c.gone for c in cells], context)
    absent = Truth(gone, there) if any(c.gone for c in cells) else FALSE
    if kind == "symbol":
        return Symbols(_options(cells, context), absent)
    low, high = _added_number([c.low for c in cells], context), _added_number([c.high for c in cells], context)
    unit = None
    if any(c.unit is not None for c in cells):
        unit = pl.col(context.add("unit", pl.Series("unit", [c.unit for c in cells], dtype=pl.String)))
    if all(c.low == c.high and not c.low_open and not c.high_open for c in cells):
        return Number(low, low, absent=absent, unit=unit)
    opens = (_added([c.low_open for c in cells], context), _added([c.high_open for c in cells], context))
    return Number(low, high, *opens, absent=absent, unit=unit)


def undivided(value: Number, context: Context) -> Number:
    """Give a number over one scale, where its rows have denominators of their own (a mean of means).

    Where no scale of 18 places holds them all, each end is moved outwards by less than 10^-18: sound, and hardly wider.
    """
    ends = (value.low, value.high)
    if all(end.den is None and end.bound <= rational.INT128_MAX for end in ends):
        return value
    settled = context.settle(value)
    assert isinstance(settled, Number)
    low = _over_one_scale(settled.low, context)
    high = low if settled.exact else _over_one_scale(settled.high, context)
    if low is not None and high is not None:
        return replace(settled, low=low, high=high)
    cells = cells_of(settled, context)
    if lcm(*(end.denominator for c in cells for end in (c.low, c.high) if end is not None)) > FINEST:
        cells = [
            replace(
                c,
                low=None if c.low is None else Fraction(floor(c.low * FINEST), FINEST),
                high=None if c.high is None else Fraction(ceil(c.high * FINEST), FINEST),
            )
            for c in cells
        ]
    found = value_of(cells, "number", context)
    assert isinstance(found, Number)
    return found


def _over_one_scale(end: rational.Rational, context: Context) -> rational.Rational | None:
    """Give an end over the least common multiple of its denominators, where they are few and small; else None."""
    if end.den is None or end.bound > rational.INT64_MAX:
        return None
    dens = context.compute(end.den).unique().drop_nulls()
    scale = lcm(*(int(den) for den in dens)) if dens.len() <= MOST_DENOMINATORS else FINEST + 1
    if end.scale * scale > FINEST or end.bound * scale > rational.INT64_MAX:
        return None
    num = end.num.cast(pl.Int64) * (rational.integer_literal(scale) // end.den.cast(pl.Int64))
    return rational.column(
        pl.col(context.add("n", context.compute(num))), scale=end.scale * scale, bound=end.bound * scale
    )


def _added(flags: list[bool], context: Context) -> pl.Expr:
    return pl.col(context.add("may", pl.Series("may", flags, dtype=pl.Boolean)))


def _added_number(ends: list[Fraction | None], context: Context) -> rational.Rational:
    known = [end for end in ends if end is not None]
    scale = lcm(*(end.denominator for end in known))
    nums = [None if end is None else end.numerator * (scale // end.denominator) for end in ends]
    bound = max((abs(n) for n in nums if n is not None), default=1)
    if bound <= rational.INT64_MAX:
        series = pl.Series("n", nums, dtype=pl.Int64)
    else:  # digits, until they are known to fit into 128 bits
        series = pl.Series("n", [None if n is None else str(n) for n in nums], dtype=pl.String)
        series = series if bound > rational.INT128_MAX else series.cast(pl.Int128)
    return rational.column(pl.col(context.add("n", series)), scale=scale, bound=bound)


def _options(cells: Sequence[Cell], context: Context) -> tuple[Option, ...]:
    """Give the symbols of each row: the first, the second ... of them; null is any."""
    most = max((len(c.symbols) for c in cells if c.symbols is not None), default=0)
    options = []
    for place in range(max(most, 1)):
        texts = [c.symbols[place] if c.symbols is not None and place < len(c.symbols) else None for c in cells]
        possible = [c.there and (place < len(c.symbols) if c.symbols is not None else place == 0) for c in cells]
        column = pl.col(context.add("s", pl.Series("s", texts, dtype=pl.String)))
        options.append(Option(possible=_added(possible, context), value=column))
    return tuple(options)
