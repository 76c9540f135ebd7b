"""Rows of a table that are held against an interval of keys give what each number in it would give, and nothing else."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_engine.deriving import rational, values
from compliance_engine.deriving.context import Context
from compliance_engine.deriving.kleene import expression
from compliance_engine.deriving.table_rows import scanned
from compliance_engine.deriving.values import Number, Symbols, Value
from compliance_engine.model.program import FieldType, TableSpec

if TYPE_CHECKING:
    from compliance_engine.deriving.kleene import Maybe
    from compliance_engine.deriving.world import World

MOST = 8
TEXTS = {number: f"text {number}" for number in range(-MOST, MOST)}


def table(bands: list[tuple[int, int | None]], base: str, *, on_miss: str) -> TableSpec:
    """Make a table of cells by the number from which each is the one."""
    return TableSpec(
        id="t",
        keys=(FieldType(name="from", base="integer"),),
        columns=(FieldType(name="cell", base=base),),
        rows=tuple((str(least), None if cell is None else str(cell)) for least, cell in bands),
        bands=("from",),
        on_miss=on_miss,
    )


def expected(bands: list[tuple[int, int | None]], low: int, high: int, *, on_miss: str) -> set[int | str]:
    """Give what the cell may be for the numbers from `low` to `high`: a number, "none", or "any" of what is not known."""
    found: set[int | str] = set()
    for number in range(low, high + 1):
        below = [(least, cell) for least, cell in bands if least <= number]
        cell = max(below)[1] if below else "any" if on_miss == "undetermined" else "none"
        found.add("none" if cell is None else cell)
    return found


def over(frame: pl.DataFrame) -> Context:
    """Give a context of these rows alone."""
    return Context(world=cast("World", SimpleNamespace(counter=count())), frame=frame, scopes={}, lets={})


ROWS = st.lists(st.tuples(st.integers(0, MOST), st.integers(0, MOST)).map(sorted), min_size=1, max_size=4)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(
    bands=st.dictionaries(st.integers(1, MOST), st.none() | st.integers(-4, 4), min_size=1, max_size=6),
    rows=ROWS,
    on_miss=st.sampled_from(["none", "undetermined"]),
    numbers=st.booleans(),
)
def test_the_cell_of_every_number_in_an_interval(
    bands: dict[int, int | None], rows: list[list[int]], on_miss: str, *, numbers: bool
) -> None:
    low, high = (pl.Series(name, [row[i] for row in rows], dtype=pl.Int64) for i, name in enumerate(("low", "high")))
    context = over(pl.DataFrame([low, high]))
    cells = list(bands.items())
    law = table(cells, "integer" if numbers else "text", on_miss=on_miss)
    ends = [rational.column(pl.col(name), bound=MOST) for name in ("low", "high")]
    told = [c if numbers or c is None else TEXTS[c] for c in bands.values()]
    column = pl.Series("cell", told, dtype=pl.Int64 if numbers else pl.String)
    found = scanned(law, (column, 1, law.columns[0]), [Number(ends[0], ends[1])], context)
    for number, (least, most) in enumerate(rows):
        wanted = expected(cells, least, most, on_miss=on_miss)
        assert what_it_may_be(found, context, number) == spread(wanted, numbers=numbers)


def spread(wanted: set[int | str], *, numbers: bool) -> tuple[object, bool]:
    """Give what may be as a value tells it: an interval (None: any number), or texts; and whether it may be `none`."""
    cells = [cell for cell in wanted if isinstance(cell, int)]
    none, unknown = "none" in wanted, "any" in wanted
    if numbers:
        return (None if unknown or not cells else (min(cells), max(cells))), none
    return {TEXTS[cell] for cell in cells} | ({None} if unknown else set()), none


def what_it_may_be(found: Value, context: Context, row: int) -> tuple[object, bool]:
    """Read a value in a row in the same way."""
    assert isinstance(found, Number | Symbols)
    none = at(found.absent.may, context, row)
    assert none or at(found.absent.may_not, context, row)
    if isinstance(found, Number):
        low, high = (context.compute(end.num)[row] for end in (found.low, found.high))
        assert (low is None) == (high is None)
        return (None if low is None else (low, high)), none
    return {option.literal for option in found.options if at(option.possible, context, row)}, none


def at(maybe: Maybe, context: Context, row: int) -> bool:
    """Say what may be so in a row."""
    return bool(context.compute(expression(maybe))[row])


def test_no_row_at_all() -> None:
    """Of no records nothing is found, and nothing fails."""
    context = over(pl.DataFrame(schema={"low": pl.Int64}))
    law = table([(1, 2)], "integer", on_miss="undetermined")
    key = values.exact_number(rational.column(pl.col("low"), bound=MOST))
    found = scanned(law, (pl.Series("cell", [2]), 1, law.columns[0]), [key], context)
    assert isinstance(found, Number)
    assert [context.compute(end.num).len() for end in (found.low, found.high)] == [0, 0]
    assert [context.compute(end.num).len() for end in (found.low, found.high)] == [0, 0]
