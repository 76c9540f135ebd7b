"""A figure reads the same whether few rows are put into words one by one, or many by an expression."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compliance_engine.deriving import columns, rational
from compliance_engine.deriving.context import Context
from compliance_engine.deriving.printing import Figure, printed
from compliance_engine.deriving.values import Number

if TYPE_CHECKING:
    from compliance_engine.deriving.world import World

ENDS = st.none() | st.integers(-200, 200) | st.integers(-(2**62), 2**62)
ROWS = st.lists(st.tuples(ENDS, ENDS, st.booleans(), st.booleans(), st.sampled_from([None, "kg", "t"])), max_size=6)
NAMES = ("low", "high", "low_open", "high_open", "unit")
TYPES = dict(zip(NAMES, (pl.Int64, pl.Int64, pl.Boolean, pl.Boolean, pl.String), strict=True))


def read(rows: list[tuple[object, ...]], figure: Figure, singly: int, of: pl.Series | None = None) -> list[str | None]:
    frame = pl.DataFrame(rows, schema=TYPES, orient="row")
    world = cast("World", SimpleNamespace(counter=count()))
    with patch.object(columns, "SINGLY", singly):
        return printed(Context(world, frame, {}, {}), {"told": figure, "not told": None}, of)["told"].to_list()


def interval(scale: int, *, opened: bool, unit: bool) -> Number:
    low, high = (rational.column(pl.col(name), scale=scale, bound=2**62) for name in ("low", "high"))
    low_open, high_open = (pl.col(f"{name}_open") if opened else False for name in ("low", "high"))
    return Number(low, high, low_open, high_open, unit=pl.col("unit") if unit else None)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(
    rows=ROWS,
    scale=st.sampled_from([1, 1000, 3]),
    opened=st.booleans(),
    by_row=st.booleans(),
    unit=st.sampled_from(["", "mg/L", "varies"]),
)
@example(
    rows=[(None, 7, True, False, "t"), (7, None, False, True, None), (7, 7, True, True, "kg")],
    scale=1,
    opened=True,
    by_row=True,
    unit="",
)
def test_both_ways_read_the_same(
    *, rows: list[tuple[object, ...]], scale: int, opened: bool, by_row: bool, unit: str
) -> None:
    for number in (interval(scale, opened=opened, unit=by_row), rational_end(scale, unit=by_row)):
        figure = Figure(number, unit)
        assert read(rows, figure, 100) == read(rows, figure, -1)


def rational_end(scale: int, *, unit: bool) -> Number:
    end = rational.divide(interval(scale, opened=False, unit=unit).low, rational.column(pl.col("high"), bound=2**62))
    return Number(end, end, unit=pl.col("unit") if unit else None)


def test_what_is_read() -> None:
    rows: list[tuple[object, ...]] = [
        (1500, 1500, False, False, None),
        (1500, 2000, False, False, None),
        (None, 2000, False, True, None),
        (None, 2000, False, False, None),
        (1500, None, True, False, None),
        (1500, None, False, False, None),
        (None, None, False, False, None),
    ]
    figure = Figure(interval(1000, opened=True, unit=False), "mg/L")
    expected = ["1.5 mg/L", "1.5 to 2 mg/L", "below 2 mg/L", "at most 2 mg/L", "more than 1.5 mg/L"]
    expected_all = [*expected, "at least 1.5 mg/L", None]
    assert read(rows, figure, 100) == expected_all
    assert read(rows, figure, -1) == expected_all
    assert read(rows, figure, 100, pl.Series([0, 6])) == ["1.5 mg/L", None]
