"""Few rows that are held against each other one by one give what a plan over frames gives."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_engine.deriving import columns, dates, pairing, tables
from compliance_engine.deriving.bound import bound_on
from compliance_engine.deriving.pairing import pairs_of
from compliance_engine.deriving.tables import Table
from compliance_engine.deriving.windows import FAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_engine.model.program import FactType, ProvisionSpec

Row = tuple[object, ...]
BASE = dates.days_of(date(2025, 6, 1))
DAY = st.integers(BASE, BASE + 9)
FROM, TO = DAY | st.just(-FAR), DAY | st.just(FAR)
KEY = st.sampled_from(["a", "b", None])
WINDOW = ("from", "to", "c.from", "c.to")
SPAN = ("r.from", "r.to", "r.certain_from", "r.certain_to")
EXAMPLES = settings(max_examples=150, deadline=None, derandomize=True, database=None)


def frame(rows: Sequence[Row], texts: Sequence[str], days: Sequence[str], first: str) -> pl.DataFrame:
    schema = {first: pl.UInt32, **dict.fromkeys(texts, pl.String), **dict.fromkeys(days, pl.Int32)}
    return pl.DataFrame(rows, schema=schema, orient="row")


@EXAMPLES
@given(
    wanted=st.lists(st.tuples(st.integers(0, 2), KEY, KEY, FROM, TO, DAY | st.just(FAR), DAY | st.just(-FAR))),
    have=st.lists(st.tuples(KEY, KEY, FROM, TO, DAY | st.just(FAR), DAY | st.just(-FAR))),
    keys=st.integers(0, 2),
    windowed=st.booleans(),
    dated=st.booleans(),
)
def test_pairs(wanted: list[Row], have: list[Row], keys: int, *, windowed: bool, dated: bool) -> None:
    if not windowed:  # only a row with several windows stands there more than once
        wanted = [(number, *row[1:]) for number, row in enumerate(wanted)]
    names = ["k0", "k1"][:keys]
    rows = frame(wanted, ["k0", "k1"], WINDOW, "row").select("row", *names, *(WINDOW if windowed else ()))
    records = frame([(n, *row) for n, row in enumerate(have)], ["k0", "k1"], SPAN, "record").select(
        "record", *names, *SPAN
    )
    found = []
    for most in (1_000, -1):
        with patch.object(pairing, "MOST_SINGLY", most):
            found.append(pairs_of(rows, records, names, windowed=windowed, dated=dated))
    assert found[0].equals(found[1])
    assert found[0].schema == found[1].schema


@EXAMPLES
@given(
    days=st.lists(st.tuples(st.integers(0, 3), DAY | st.none(), DAY | st.none()), min_size=1),
    spans=st.lists(st.tuples(st.integers(0, 2), FROM, TO, DAY | st.just(FAR), DAY | st.just(-FAR))),
    in_force=st.sampled_from([("1990-01-01", ""), ("2025-06-04", ""), ("1990-01-01", "2025-06-06")]),
    due=st.booleans(),
)
def test_days_on_which_a_subject_is_bound(
    days: list[Row], spans: list[Row], in_force: tuple[str, str], *, due: bool
) -> None:
    provision = cast("ProvisionSpec", SimpleNamespace(in_force_from=in_force[0], in_force_to=in_force[1]))
    rows, held = frame(days, (), ("low", "high"), "sub"), frame(spans, (), WINDOW, "sub")
    found = []
    for most in (100, -1):
        with patch.object(columns, "SINGLY", most):
            found.append(bound_on(rows, held, provision, BASE + 5, due=due))
    assert found[0].equals(found[1])
    assert found[0].schema == found[1].schema


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        (["a", "b", "a"], ["a", None, "c", "b"]),
        ([3, 1], ["1", None, "x"]),
        ([3, 1], [1, 4, None]),
        (["3"], [3, None]),
        ([], ["a"]),
    ],
)
def test_rows_of_ids(there: list[object], asked: list[object]) -> None:
    own = pl.DataFrame({"id": there}, schema=None if there else {"id": pl.String})
    found = []
    for most in (300, -1):
        with patch.object(tables, "LISTED", most):
            found.append(Table(cast("FactType", None), own, {}).rows_of(pl.Series("id", asked)))
    assert found[0].equals(found[1], check_names=True, check_dtypes=True)
