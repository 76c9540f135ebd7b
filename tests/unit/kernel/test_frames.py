"""Rows and columns chosen at once are those that a query chooses, of few rows and of many."""

from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_engine.kernel import frames

MASKS = st.lists(st.sampled_from([True, False, None]), max_size=12).map(lambda flags: pl.Series("m", flags, pl.Boolean))
few_and_many = pytest.mark.parametrize("few", [0, 100_000])


@few_and_many
@given(mask=MASKS)
def test_rows_where(few: int, mask: pl.Series) -> None:
    with patch.object(frames, "FEW_ROWS", few):
        found = frames.rows_where(mask)
    assert found.to_list() == [row for row, holds in enumerate(mask) if holds]
    assert found.dtype == pl.UInt32


@few_and_many
@given(mask=MASKS)
def test_kept_where(few: int, mask: pl.Series) -> None:
    frame = pl.DataFrame({"a": range(mask.len()), "b": [str(row) for row in range(mask.len())]}, {"a": int, "b": str})
    with patch.object(frames, "FEW_ROWS", few):
        assert frames.kept_where(frame, mask).equals(frame.filter(mask))


@given(names=st.sets(st.sampled_from("abcd")))
def test_without(names: set[str]) -> None:
    frame = pl.DataFrame({name: [1, 2] for name in "abc"})
    assert frames.without(frame, *names).columns == [name for name in "abc" if name not in names]
