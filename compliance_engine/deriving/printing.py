"""Figures of obligations as texts: a decimal with its unit, or the interval that is known of it.

Of few rows they are put into words one by one: an expression that does it takes longer to make than so few texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import decimals, rational
from compliance_engine.deriving.columns import computed, evaluated, few, singly
from compliance_engine.deriving.kleene import expression
from compliance_engine.deriving.values import Number, exact_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.kleene import Maybe
    from compliance_engine.deriving.rational import Rational


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, and the unit to print it with; a number that brings its own unit has that one."""

    number: Number
    unit: str = ""

    @property
    def suffix(self) -> str:
        """Give what is printed behind every number."""
        return f" {self.unit}" if self.unit and self.unit != "varies" else ""


def printed(context: Context, figures: Mapping[str, Figure | None], rows: pl.Series | None) -> pl.DataFrame:
    """Print figures of a context, a column each, of all rows or of some (row numbers).

    `a to b`, `at least a` (`more than a`), `at most b` (`below b`) where it is not one value; null where nothing is known.
    """
    if singly(context.frame.height):
        return _printed_singly(context, figures, rows)
    exprs = {name: _absent() if one is None else _expression(context, one) for name, one in figures.items()}
    if few(context.frame.height):
        found = evaluated(context, **exprs)
        return found if rows is None else found[rows]
    frame = context.frame if rows is None else context.frame[rows]
    return pl.DataFrame([computed(frame, expr).alias(name) for name, expr in exprs.items()])


def _absent() -> pl.Expr:
    return pl.lit(None, dtype=pl.String)


def _expression(context: Context, figure: Figure) -> pl.Expr:
    """Print a figure of many rows."""
    number, suffix = figure.number, pl.lit(figure.suffix)
    if number.unit is not None:
        suffix = pl.concat_str(pl.lit(" "), number.unit.cast(pl.String)).fill_null("")
    low = _decimal_text(context, number.low)
    if number.exact:
        return pl.concat_str(low, suffix)
    high = _decimal_text(context, number.high)
    same = rational.compare("==", number.low, number.high).fill_null(value=False)
    spoken = (
        pl.when(same)
        .then(low)
        .when(number.low.num.is_null() & number.high.num.is_null())
        .then(None)
        .when(number.low.num.is_null())
        .then(pl.concat_str(_word(number.high_open, "below ", "at most "), high))
        .when(number.high.num.is_null())
        .then(pl.concat_str(_word(number.low_open, "more than ", "at least "), low))
        .otherwise(pl.concat_str(low, pl.lit(" to "), high))
    )
    return pl.concat_str(spoken, suffix)


def _word(open_: Maybe, excluded: str, included: str) -> pl.Expr:
    """Choose the word before an end: whether the end itself is excluded."""
    return pl.when(expression(open_)).then(pl.lit(excluded)).otherwise(pl.lit(included))


def _decimal_text(context: Context, end: Rational) -> pl.Expr:
    """Print an end of a number; unless there are many rows it is rounded first, since the text reads the digits several times."""
    if not few(context.frame.height):
        return decimals.decimal_text(end)
    shown = context.settle(exact_number(decimals.as_decimal(end)), "shown")
    assert isinstance(shown, Number)
    return decimals.decimal_text(shown.low)


def _printed_singly(context: Context, figures: Mapping[str, Figure | None], rows: pl.Series | None) -> pl.DataFrame:
    """Print figures of few rows: their parts are computed together, and put into words row by row."""
    parts = {
        f"{name} {part}": expr
        for name, figure in figures.items()
        if figure is not None
        for part, expr in _parts(figure.number)
    }
    seen = evaluated(context, **parts)
    seen = seen if rows is None or not parts else seen[rows]
    nothing = [None] * (context.frame.height if rows is None else rows.len())
    texts = {name: nothing if one is None else list(_row_by_row(one, name, seen)) for name, one in figures.items()}
    return pl.DataFrame([pl.Series(name, found, dtype=pl.String) for name, found in texts.items()])


def _parts(number: Number) -> Iterator[tuple[str, pl.Expr | bool]]:
    """Name the columns that a number is printed from."""
    ends = {"low": number.low} if number.exact else {"low": number.low, "high": number.high}
    for name, end in ends.items():
        yield from zip((name, f"{name} den"), end.exprs, strict=False)
    if not number.exact:
        yield from (("low open", number.low_open), ("high open", number.high_open))
    if number.unit is not None:
        yield "unit", number.unit.cast(pl.String)


def _row_by_row(figure: Figure, name: str, seen: pl.DataFrame) -> Iterator[str | None]:
    """Print a figure whose parts stand in `seen` under its name."""
    number = figure.number
    lows = _fractions(number.low, f"{name} low", seen)
    suffixes = [figure.suffix] * len(lows)
    if number.unit is not None:
        suffixes = [f" {unit}" if unit is not None else "" for unit in seen[f"{name} unit"].to_list()]
    if number.exact:
        for low, suffix in zip(lows, suffixes, strict=True):
            yield None if low is None else decimals.spelled(low, number.low) + suffix
        return
    highs = _fractions(number.high, f"{name} high", seen)
    open_ends = seen.select(f"{name} low open", f"{name} high open").iter_rows()
    for low, high, (low_open, high_open), suffix in zip(lows, highs, open_ends, suffixes, strict=True):
        first = None if low is None else decimals.spelled(low, number.low)
        last = None if high is None else decimals.spelled(high, number.high)
        if low is None and high is None:
            yield None
        elif low is None:
            yield f"{'below' if high_open else 'at most'} {last}{suffix}"
        elif high is None:
            yield f"{'more than' if low_open else 'at least'} {first}{suffix}"
        else:
            yield f"{first}{suffix}" if low == high else f"{first} to {last}{suffix}"


def _fractions(end: Rational, name: str, seen: pl.DataFrame) -> list[Fraction | None]:
    """Give an end of a number in each row (large ones are kept as text); None where it is not known."""
    dens = [1] * seen.height if end.den is None else seen[f"{name} den"].to_list()
    return [
        None if num is None or den is None else Fraction(int(num), end.scale * int(den))
        for num, den in zip(seen[name].to_list(), dens, strict=True)
    ]
