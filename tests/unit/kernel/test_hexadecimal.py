"""Ids as texts and as numbers: none is taken for another, however many there are."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_engine.kernel import hexadecimal
from compliance_engine.kernel.hexadecimal import are_hex, hex_numbers, hex_texts

NUMBERS = st.lists(st.integers(0, 2**64 - 1), min_size=1)


@given(numbers=NUMBERS, few=st.sampled_from([0, 50_000]))
def test_what_is_printed_is_read_back(numbers: list[int], few: int) -> None:
    column = pl.Series("id", numbers, dtype=pl.UInt64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hexadecimal, "FEW", few)
        texts = hex_texts(column)
    assert texts.to_list() == [f"{number:016x}" for number in numbers]
    assert are_hex(texts)
    assert hex_numbers(texts).equals(column)


@pytest.mark.parametrize("text", ["", "f1", "00000000000000FF", "+000000000000001", "0000000000000001a", None])
def test_what_would_come_back_otherwise_stays_a_text(text: str | None) -> None:
    assert not are_hex(pl.Series(["0000000000000001", text], dtype=pl.String))
