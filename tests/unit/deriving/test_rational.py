"""Fractions in columns are exact: Python's fractions say what each operation gives, at every size."""

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal, localcontext
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compliance_engine.deriving import decimals, rational
from compliance_engine.deriving.rational import Rational
from tests.unit.deriving.example_numbers import read_fractions

MODES = {
    "half-up": ROUND_HALF_UP,
    "half-down": ROUND_HALF_DOWN,
    "half-even": ROUND_HALF_EVEN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
}
SCALES = st.sampled_from([1, 10, 1000, 3, 10**9])
# Around what fits in 64 and in 128 bits, and small ones.
NUMBERS = st.integers(-100, 100) | st.integers(-(10**18), 10**18)
PAIRS = st.lists(st.tuples(st.none() | NUMBERS, st.none() | NUMBERS), min_size=1, max_size=8)
few = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def columns(
    rows: list[tuple[int | None, int | None]], scales: tuple[int, int]
) -> tuple[pl.DataFrame, Rational, Rational]:
    frame = pl.DataFrame(rows, schema={"a": pl.Int64, "b": pl.Int64}, orient="row")
    a, b = (
        rational.column(pl.col(name), scale=scale, bound=max((abs(n) for n in frame[name] if n is not None), default=1))
        for name, scale in zip("ab", scales, strict=True)
    )
    return frame, a, b


def fractions(
    rows: list[tuple[int | None, int | None]], scales: tuple[int, int]
) -> list[tuple[Fraction | None, Fraction | None]]:
    return [
        (None if a is None else Fraction(a, scales[0]), None if b is None else Fraction(b, scales[1])) for a, b in rows
    ]


@few
@given(PAIRS, st.tuples(SCALES, SCALES))
@example([(10**18, 10**18), (-(10**18), 7)], (10**9, 3))
def test_arithmetic_is_that_of_fractions(rows: list[tuple[int | None, int | None]], scales: tuple[int, int]) -> None:
    frame, a, b = columns(rows, scales)
    pairs = fractions(rows, scales)

    def expected(operation: str) -> list[Fraction | None]:
        return [None if x is None or y is None else getattr(x, operation)(y) for x, y in pairs]

    assert read_fractions(frame, rational.add(a, b)) == expected("__add__")
    assert read_fractions(frame, rational.multiply(a, b)) == expected("__mul__")
    assert read_fractions(frame, rational.negate(a)) == [None if x is None else -x for x, _ in pairs]
    assert read_fractions(frame, rational.absolute(a)) == [None if x is None else abs(x) for x, _ in pairs]
    quotients = [None if x is None or not y else x / y for x, y in pairs]
    assert read_fractions(frame, rational.divide(a, b)) == quotients


@few
@given(PAIRS, st.tuples(SCALES, SCALES))
@example([(3, 1), (10**18, 10**18)], (10, 3))
def test_comparison_is_that_of_fractions(rows: list[tuple[int | None, int | None]], scales: tuple[int, int]) -> None:
    frame, a, b = columns(rows, scales)
    pairs = fractions(rows, scales)
    for op, name in (("<", "__lt__"), ("<=", "__le__"), (">", "__gt__"), (">=", "__ge__"), ("==", "__eq__")):
        found = frame.select(rational.compare(op, a, b)).to_series().to_list()
        assert found == [None if x is None or y is None else getattr(x, name)(y) for x, y in pairs]


@pytest.mark.parametrize(("which", "outer"), [("min", min), ("max", max)])
@few
@given(st.lists(st.tuples(*[st.none() | NUMBERS] * 3), min_size=1, max_size=5), st.tuples(*[SCALES] * 3))
@example([(3, 1, None), (10**18, 10**18, 10**18)], (10, 3, 1))
@example([(3, 1, None), (30, 2, 1)], (10, 3, 1))
def test_the_outermost_of_three(
    which: rational.Which,
    outer: Callable[[list[Fraction]], Fraction],
    rows: list[tuple[int | None, int | None, int | None]],
    scales: tuple[int, int, int],
) -> None:
    frame = pl.DataFrame(rows, schema=dict.fromkeys("abc", pl.Int64), orient="row")
    bounds = {name: max((abs(n) for n in frame[name] if n is not None), default=1) for name in "abc"}
    ends = [rational.column(pl.col(n), scale=s, bound=bounds[n]) for n, s in zip("abc", scales, strict=True)]
    exact = [[Fraction(n, s) for n, s in zip(row, scales, strict=True) if n is not None] for row in rows]
    found = [read_fractions(frame, rational.outermost(which, ends, known=known)) for known in (False, True)]
    assert found[0] == [outer(row) if row else None for row in exact]
    assert found[1] == [outer(row) if len(row) == len(ends) else None for row in exact]


@few
@given(PAIRS, st.tuples(SCALES, SCALES))
def test_a_quotient_is_compared_and_added_as_exactly_as_a_decimal(
    rows: list[tuple[int | None, int | None]], scales: tuple[int, int]
) -> None:
    frame, a, b = columns(rows, scales)
    quotient = rational.divide(a, b)
    values = [None if x is None or not y else x / y for x, y in fractions(rows, scales)]
    third = rational.constant(Fraction(1, 3))
    assert read_fractions(frame, rational.add(quotient, third)) == [
        None if v is None else v + Fraction(1, 3) for v in values
    ]
    assert frame.select(rational.compare("<", quotient, third)).to_series().to_list() == [
        None if v is None else v < Fraction(1, 3) for v in values
    ]


@few
@given(st.lists(NUMBERS, min_size=1, max_size=8), st.sampled_from([1, 10, 1000, 10**9]), st.integers(-3, 4))
@example([5, 15, 25, -5, -15, -25, 14, 16, 0], 10, 0)
@example([25, 35, -25, 10**18], 1000, 2)
def test_rounding_is_that_of_decimals(numbers: list[int], scale: int, places: int) -> None:
    frame = pl.DataFrame({"a": numbers}, schema={"a": pl.Int64})
    value = rational.column(pl.col("a"), scale=scale, bound=max(map(abs, numbers)))
    with localcontext(prec=60):
        for mode, name in MODES.items():
            expected = [
                Fraction((Decimal(n) / scale).quantize(Decimal(1).scaleb(-places), rounding=name)) for n in numbers
            ]
            assert read_fractions(frame, decimals.rounded(value, places, mode)) == expected, mode


@pytest.mark.parametrize("mode", MODES)
def test_rounding_what_is_rounded_changes_nothing(mode: str) -> None:
    frame = pl.DataFrame({"a": list(range(-40, 41))})
    once = decimals.rounded(rational.column(pl.col("a"), scale=8, bound=40), 1, mode)
    assert read_fractions(frame, decimals.rounded(once, 1, mode)) == read_fractions(frame, once)


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    tenth, fifth, sum_ = (rational.constant(Fraction(n)) for n in ("0.1", "0.2", "0.3"))
    assert pl.select(rational.compare("==", rational.add(tenth, fifth), sum_)).item() is True


@pytest.mark.parametrize(
    ("number", "scale", "text"),
    [
        (36200, 1000, "36.2"),
        (-5, 10, "-0.5"),
        (0, 10, "0"),
        (7, 1, "7"),
        (1, 8, "0.125"),
        (1, 3, "0.333333"),
        (10**18, 10, "1" + "0" * 17),
    ],
)
def test_decimals_are_printed_whole_and_without_idle_zeros(number: int, scale: int, text: str) -> None:
    frame = pl.DataFrame({"a": [number]})
    value = rational.column(pl.col("a"), scale=scale, bound=abs(number))
    assert frame.select(decimals.decimal_text(value)).item() == text


@few
@given(PAIRS, st.tuples(SCALES, SCALES), st.sampled_from(["a", "a / b", "a * a * a"]))
@example([(-1, 3), (1, 3)], (10**9, 1), "a / b")
def test_one_number_is_spelled_as_a_column_of_them_is_printed(
    rows: list[tuple[int | None, int | None]], scales: tuple[int, int], of: str
) -> None:
    frame, a, b = columns(rows, scales)
    value = {"a": a, "a / b": rational.divide(a, b), "a * a * a": rational.multiply(a, rational.multiply(a, a))}[of]
    spelled = [None if n is None else decimals.spelled(n, value) for n in read_fractions(frame, value)]
    assert frame.select(decimals.decimal_text(value)).to_series().to_list() == spelled


@pytest.mark.parametrize(("scale", "places"), [(1, 0), (10, 1), (8, 3), (40, 3), (10**9, 9), (3, None), (60, None)])
def test_decimals_end_where_the_scale_has_no_other_prime(scale: int, places: int | None) -> None:
    assert decimals.decimal_places(scale) == places
