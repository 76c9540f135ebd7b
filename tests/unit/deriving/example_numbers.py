"""Fractions and intervals as columns, for tests, and what the columns say."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import strategies as st

from compliance_engine.deriving import rational
from compliance_engine.deriving.kleene import expression
from compliance_engine.deriving.values import Number

if TYPE_CHECKING:
    from compliance_engine.deriving.kleene import Maybe
    from compliance_engine.deriving.rational import Rational

SCALE = 10


@dataclass(frozen=True)
class Interval:
    """Tenths; None: no end on that side. `low_open`, `high_open`: without the end."""

    low: int | None
    high: int | None
    low_open: bool = False
    high_open: bool = False

    def holds(self, value: Fraction) -> bool:
        """Say whether a number lies in it."""
        above = (
            self.low is None
            or value > Fraction(self.low, SCALE)
            or (value == Fraction(self.low, SCALE) and not self.low_open)
        )
        below = (
            self.high is None
            or value < Fraction(self.high, SCALE)
            or (value == Fraction(self.high, SCALE) and not self.high_open)
        )
        return above and below

    def members(self, beside: Interval | None = None) -> list[Fraction]:
        """Give some numbers that lie in it: its ends and those of the interval `beside`, numbers near them, far ones, zero."""
        of = (self,) if beside is None else (self, beside)
        ends = [end for i in of for end in (i.low, i.high) if end is not None] + [0]
        near = [Fraction(8 * end + d, 8 * SCALE) for end in ends for d in (-4000, -4, -2, 0, 2, 4, 4000)]
        return [n for n in near if self.holds(n)]


_TENTHS = st.integers(-30, 30)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    """Draw an interval that is not empty, with and without ends."""
    low, high = draw(st.none() | _TENTHS), draw(st.none() | _TENTHS)
    if low is not None and high is not None:
        low, high = sorted((low, high))
    opens = low is None or high is None or low < high
    return Interval(
        low, high, opens and low is not None and draw(st.booleans()), opens and high is not None and draw(st.booleans())
    )


def interval_columns(rows: list[Interval], name: str) -> tuple[pl.DataFrame, Number]:
    """Give intervals as columns of a frame, and the number over them."""
    frame = pl.DataFrame(
        {
            f"{name}.low": [r.low for r in rows],
            f"{name}.high": [r.high for r in rows],
            f"{name}.low_open": [r.low_open for r in rows],
            f"{name}.high_open": [r.high_open for r in rows],
        },
        schema_overrides={f"{name}.low": pl.Int64, f"{name}.high": pl.Int64},
    )
    low, high = (rational.column(pl.col(f"{name}.{end}"), scale=SCALE, bound=1000) for end in ("low", "high"))
    return frame, Number(low, high, pl.col(f"{name}.low_open"), pl.col(f"{name}.high_open"))


class Keeping:
    """Computes what is read several times into columns of its frame."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def occurs(self, maybe: Maybe) -> bool:
        """Say whether what may be so is so in any row."""
        return bool(self.frame.select(expression(maybe).any()).item())

    def settled_end(self, end: Rational) -> Rational:
        """Compute an end into columns."""
        if end.constant is not None:
            return end
        names = [f"kept{self.frame.width}.{place}" for place in range(len(end.exprs))]
        self.frame = self.frame.with_columns(e.alias(name) for e, name in zip(end.exprs, names, strict=True))
        return end.rebuilt(tuple(pl.col(name) for name in names))


def read_fractions(frame: pl.DataFrame, value: Rational) -> list[Fraction | None]:
    """Give the fraction of each row; None where it is not known."""
    den = pl.lit(1) if value.den is None else value.den
    pairs = frame.select(n=value.num.cast(pl.String), d=den.cast(pl.String)).rows()
    return [None if n is None or d is None else Fraction(int(n), int(d) * value.scale) for n, d in pairs]


def read_intervals(frame: pl.DataFrame, value: Number) -> list[tuple[Fraction | None, Fraction | None, bool, bool]]:
    """Give low, high, low_open, high_open of each row."""
    height = {"h": pl.int_range(pl.len())}
    opens = frame.select(**height, a=expression(value.low_open), b=expression(value.high_open))
    lows, highs = (read_fractions(frame, end) for end in (value.low, value.high))
    lows, highs = (ends * frame.height if len(ends) == 1 else ends for ends in (lows, highs))
    return list(zip(lows, highs, opens["a"], opens["b"], strict=True))


def may_hold(found: tuple[Fraction | None, Fraction | None, bool, bool], value: Fraction) -> bool:
    """Say whether a number lies in an interval that was read."""
    low, high, low_open, high_open = found
    above = low is None or value > low or (value == low and not low_open)
    below = high is None or value < high or (value == high and not high_open)
    return above and below
