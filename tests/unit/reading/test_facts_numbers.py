"""Numbers are read exactly, or refused with a reason."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_engine.reading.facts.numbers import Numbers, read_numbers


def values(read: Numbers) -> list[Fraction | None]:
    return [None if v is None else Fraction(v, read.scale) for v in read.values.to_list()]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("36.2", "36.2"),
        ("1e-5", "0.00001"),
        ("1E+3", "1000"),
        (".5", "0.5"),
        ("-0.10", "-0.1"),
        ("123456789012345678.25", "123456789012345678.25"),
        ("0.000000000000000001", "1e-18"),
        ("0.30000000000000004", "0.30000000000000004"),
    ],
)
def test_text_is_read_exactly(text: str, number: str) -> None:
    assert values(read_numbers(pl.Series([text, None, ""]), "c")) == [Fraction(Decimal(number)), None, None]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,234.5", "comma"),
        ("1,5", "comma"),
        (" 5", "blanks"),
        ("5 ", "blanks"),
        ("−5", "dash"),  # a Unicode minus
        ("1 234", "groups"),
        ("nan", "finite"),
        ("-inf", "finite"),
        ("N/A", "expected a number"),
        ("0x10", "expected a number"),
        ("١٢", "expected a number"),
        ("0.1234567890123456789", "18 digits"),
        ("1e-400", "18 digits"),
        ("1000000000000000001", "beyond"),
        ("9" * 100, "characters"),
    ],
)
def test_what_is_no_plain_number_is_refused(text: str, reason: str) -> None:
    read = read_numbers(pl.Series(["1", text]), "value")
    assert values(read) == [Fraction(1), None]
    assert read.refusals.select("at", "column").rows() == [(1, "value")]
    assert reason in read.refusals["reason"].item()


def test_qualifier_and_unit_in_the_cell() -> None:
    read = read_numbers(pl.Series(["<0.2", "> 7", "≤3", ">=4 mg/L", "95 %", "95%", "5"]), "c")
    assert read.marks is not None
    assert read.units is not None
    assert read.marks.to_list() == [1, 3, 2, 4, 0, 0, 0]
    assert read.units.to_list() == [None, None, None, "mg/L", "%", "%", None]
    assert read.refusals.is_empty()


def test_a_float_is_the_shortest_decimal_that_reads_as_it() -> None:
    read = read_numbers(pl.Series([0.1, 36.2, 1 / 64, 0.1 + 0.2, None]), "c")
    assert values(read) == [*(Fraction(Decimal(t)) for t in ("0.1", "36.2", "0.015625", "0.30000000000000004")), None]


def test_floats_that_are_no_numbers_are_refused() -> None:
    read = read_numbers(pl.Series([float("nan"), float("inf"), 1e300, 1.0]), "c")
    assert values(read) == [None, None, None, Fraction(1)]
    assert read.refusals["at"].to_list() == [0, 1, 2]


def test_integers_and_decimals() -> None:
    assert values(read_numbers(pl.Series([1, None], dtype=pl.Int32), "c")) == [Fraction(1), None]
    assert values(read_numbers(pl.Series([Decimal("1.50")]), "c")) == [Fraction(3, 2)]
    assert read_numbers(pl.Series([2**64 - 1, 7], dtype=pl.UInt64), "c").refusals["at"].to_list() == [0]


def test_few_texts_in_many_rows_are_read_alike() -> None:
    texts = pl.Series(["<0.25", "1.5", None, "x"] * 5)
    plain, once = read_numbers(texts, "c"), read_numbers(texts.cast(pl.Categorical), "c")
    assert values(plain) == values(once)
    assert plain.refusals.rows() == once.refusals.rows()
    assert plain.marks is not None
    assert once.marks is not None
    assert plain.marks.to_list() == once.marks.to_list()


@given(st.lists(st.decimals(-(10**18), 10**18, places=18) | st.decimals(-(10**12), 10**12, places=3), min_size=1))
def test_every_decimal_comes_back(numbers: list[Decimal]) -> None:
    """Law: text of at most 18 places within 10^18 is read as the number that it says, whatever stands beside it."""
    read = read_numbers(pl.Series([format(n, "f") for n in numbers]), "c")
    assert values(read) == [Fraction(n) for n in numbers]


@given(st.lists(st.floats(-1e15, 1e15).filter(lambda f: f == 0 or abs(f) > 1e-3), min_size=1))
def test_every_float_comes_back(floats: list[float]) -> None:
    """Law: a float is read as Python prints it, or refused for having too many places."""
    read = read_numbers(pl.Series(floats), "c")
    refused = set(read.refusals["at"].to_list())
    for at, (value, number) in enumerate(zip(floats, values(read), strict=True)):
        assert at in refused or number == Fraction(Decimal(repr(value)))
        assert at not in refused or int(Decimal(repr(value)).as_tuple().exponent) < -18
