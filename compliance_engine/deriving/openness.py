"""Where an end of a statistic is open: a value above 3 mg/L among others makes their sum, and their greatest, lie above a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.kleene import Maybe, both, either, expression, masked, opposite

if TYPE_CHECKING:
    from compliance_engine.deriving.grouping import Grouped
    from compliance_engine.deriving.values import Number


def open_sum(value: Number, certain: Maybe, possible: Maybe, name: str) -> tuple[list[pl.Expr], list[Maybe]]:
    """Say where an end of a sum is open: one open end among those that were added is enough."""
    flags: list[pl.Expr] = []
    opened: list[Maybe] = []
    doubtful = both(possible, opposite(certain))
    for side, is_open, outward in (
        ("lo", value.low_open, value.low.num < 0),
        ("hi", value.high_open, value.high.num > 0),
    ):
        opened.append(is_open is not False and pl.col(f"{name}.{side}!"))
        if is_open is not False:
            added = both(either(certain, both(doubtful, outward)), is_open)
            flags.append(expression(added).any().alias(f"{name}.{side}!"))
    return flags, opened


def open_extremes(
    value: Number, certain: Maybe, possible: Maybe, name: str, which: str
) -> tuple[list[pl.Expr], list[Maybe]]:
    """Say where an end of a maximum (minimum) is open: the inner one where any certain record at it is, the outer one where all at it are."""
    flags: list[pl.Expr] = []
    opened: list[Maybe] = []
    for side, end, is_open in (("lo", value.low, value.low_open), ("hi", value.high, value.high_open)):
        opened.append(is_open is not False and pl.col(f"{name}.{side}!"))
        if is_open is False:
            continue
        inner = (side == "lo") == (which == "max")
        num = masked(certain if inner else possible, end.num)
        at = (num == (num.max() if which == "max" else num.min())).fill_null(value=False)
        found = (at & is_open).any() if inner else (~at | is_open).all()
        flags.append(found.alias(f"{name}.{side}!"))
    return flags, opened


def openness(value: Number, base: Grouped, name: str) -> tuple[Maybe, Maybe]:
    """Give where the ends of one of the records are open, or between two, where it is sure which records count."""
    sure = pl.col(base.certain) == pl.col(base.possible)
    low = sure & pl.col(f"{name}.lo!") if value.low_open is not False else False
    high = sure & pl.col(f"{name}.hi!") if value.high_open is not False else False
    return low, high
