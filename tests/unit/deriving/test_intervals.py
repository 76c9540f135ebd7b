"""Interval arithmetic is sound (every pair of possible values gives a possible result) and no wider than it has to be."""

import operator
from collections.abc import Callable
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compliance_engine.deriving import decimals, intervals, merging, rational, values
from compliance_engine.deriving.kleene import Truth, expression
from compliance_engine.deriving.symbols import among, is_symbol, same_symbol
from compliance_engine.deriving.values import Number
from tests.oracle import arithmetic
from tests.oracle.values import INFINITE, Value, between
from tests.unit.deriving.example_numbers import SCALE, Interval, Keeping, interval_columns, may_hold, read_intervals
from tests.unit.deriving.example_numbers import intervals as any_interval

few = settings(max_examples=40, deadline=None, derandomize=True, database=None)
PAIRS = st.lists(st.tuples(any_interval(), any_interval()), min_size=1, max_size=6)

Operation = Callable[[Number, Number, Keeping], Number]
BINARY: dict[str, tuple[Operation, Callable[[Fraction, Fraction], Fraction | None]]] = {
    "+": (intervals.OPERATIONS["+"], lambda x, y: x + y),
    "-": (intervals.OPERATIONS["-"], lambda x, y: x - y),
    "*": (intervals.OPERATIONS["*"], lambda x, y: x * y),
    "/": (intervals.OPERATIONS["/"], lambda x, y: x / y if y else None),
    "min": (lambda a, b, _: intervals.FUNCTIONS["min"]([a, b]), min),
    "max": (lambda a, b, _: intervals.FUNCTIONS["max"]([a, b]), max),
}


def two_columns(rows: list[tuple[Interval, Interval]]) -> tuple[pl.DataFrame, Number, Number]:
    (left, a), (right, b) = (interval_columns([row[i] for row in rows], name) for i, name in enumerate("ab"))
    return pl.concat([left, right], how="horizontal"), a, b


@pytest.mark.parametrize("name", BINARY)
@few
@given(PAIRS)
@example([(Interval(0, 2, high_open=True), Interval(7, None, low_open=True)), (Interval(-5, 5), Interval(-1, 1))])
def test_every_pair_of_possible_values_gives_a_possible_result(
    name: str, rows: list[tuple[Interval, Interval]]
) -> None:
    operation, plain = BINARY[name]
    frame, a, b = two_columns(rows)
    kept = Keeping(frame)
    result_of = operation(a, b, kept)
    for found, (x, y) in zip(read_intervals(kept.frame, result_of), rows, strict=True):
        for left in x.members():
            for right in y.members():
                result = plain(left, right)
                assert result is None or may_hold(found, result), (name, x, y, left, right, found)


@pytest.mark.parametrize("name", ["*", "/"])
@few
@given(PAIRS)
@example(
    [
        (Interval(0, 0), Interval(0, None)),
        (Interval(4, 4), Interval(2, None)),
        (Interval(1, 2), Interval(0, 5, low_open=True)),
    ]
)
def test_products_and_quotients_are_no_wider_than_those_of_the_oracle(
    name: str, rows: list[tuple[Interval, Interval]]
) -> None:
    frame, a, b = two_columns(rows)
    kept = Keeping(frame)
    found = BINARY[name][0](a, b, kept)
    wanted = [{"*": arithmetic.multiply, "/": arithmetic.divide}[name](as_oracle(x), as_oracle(y)) for x, y in rows]
    told = [
        (low, high, low is not None and a, high is not None and b)
        for low, high, a, b in read_intervals(kept.frame, found)
    ]
    assert told == [
        (*(end if isinstance(end, Fraction) else None for end in (w.low, w.high)), *opens_of(w)) for w in wanted
    ]


def as_oracle(interval: Interval) -> Value:
    low = -INFINITE if interval.low is None else Fraction(interval.low, SCALE)
    high = INFINITE if interval.high is None else Fraction(interval.high, SCALE)
    return between(low, high, low_open=interval.low_open, high_open=interval.high_open)


def opens_of(value: Value) -> tuple[bool, bool]:
    """Say which ends are excluded; of infinite ends nothing is said."""
    return (
        isinstance(value.low, Fraction) and value.low_open,
        isinstance(value.high, Fraction) and value.high_open,
    )


@few
@given(
    st.lists(any_interval(), min_size=1, max_size=8),
    st.integers(-1, 2),
    st.sampled_from(["half-up", "half-down", "half-even", "up", "down"]),
)
def test_functions_of_one_number_are_sound(rows: list[Interval], places: int, mode: str) -> None:
    frame, a = interval_columns(rows, "a")
    nearest = decimals.rounded
    for found, absolute, rounded, x in zip(
        read_intervals(frame, intervals.negated(a)),
        read_intervals(frame, intervals.absolute(a)),
        read_intervals(frame, intervals.rounded(a, places, mode)),
        rows,
        strict=True,
    ):
        for value in x.members():
            assert may_hold(found, -value)
            assert may_hold(absolute, abs(value))
            (expected,) = pl.select(nearest(rational.constant(value), places, mode).num).to_series()
            scale = nearest(rational.constant(value), places, mode).scale
            assert may_hold(rounded, Fraction(expected, scale))


@few
@given(PAIRS)
def test_sums_of_closed_intervals_are_as_narrow_as_they_can_be(rows: list[tuple[Interval, Interval]]) -> None:
    frame, a, b = two_columns(rows)
    for (low, high, _, _), (x, y) in zip(read_intervals(frame, intervals.added(a, b)), rows, strict=True):
        assert low == (None if x.low is None or y.low is None else Fraction(x.low + y.low, SCALE))
        assert high == (None if x.high is None or y.high is None else Fraction(x.high + y.high, SCALE))


def test_a_division_by_what_may_be_zero_is_unknown() -> None:
    frame, a, b = two_columns(
        [(Interval(1, 2), Interval(-1, 1)), (Interval(1, 2), Interval(0, 1)), (Interval(1, 2), Interval(1, 2))]
    )
    kept = Keeping(frame)
    quotient = intervals.divided(a, b, kept)
    found = read_intervals(kept.frame, quotient)
    assert [f[:2] for f in found] == [(None, None), (None, None), (Fraction(1, 2), Fraction(2))]


def truth_of(frame: pl.DataFrame, truth: Truth) -> list[tuple[bool, bool]]:
    return (
        frame.select(pl.int_range(pl.len()).alias("#"), may=expression(truth.may), may_not=expression(truth.may_not))
        .select("may", "may_not")
        .rows()
    )


@few
@given(PAIRS)
@example(
    [
        (Interval(None, 2, high_open=True), Interval(2, 2)),
        (Interval(2, None, low_open=True), Interval(2, 2)),
        (Interval(2, 2), Interval(2, 2)),
    ]
)
def test_a_comparison_is_settled_exactly_where_all_pairs_agree(rows: list[tuple[Interval, Interval]]) -> None:
    frame, a, b = two_columns(rows)
    comparisons: tuple[tuple[Truth, Callable[[Fraction, Fraction], bool]], ...] = (
        (values.less(a, b, strict=True), operator.lt),
        (values.less(a, b, strict=False), operator.le),
        (values.equal(a, b), operator.eq),
    )
    for truth, plain in comparisons:
        for (may, may_not), (x, y) in zip(truth_of(frame, truth), rows, strict=True):
            seen = {plain(left, right) for left in x.members(y) for right in y.members(x)}
            # No pair is overlooked ...
            assert may or True not in seen
            assert may_not or False not in seen
            # ... and the members include the ends and what lies beside them, so that nothing is left open needlessly.
            assert (may, may_not) == (True in seen, False in seen), (x, y)


def test_below_detection_is_less_than_its_number_and_not_certainly_less_than_a_smaller_one() -> None:
    # <0.2 against 0.2, 0.1 and 0.3
    below = Interval(0, 2, high_open=True)
    frame, a, b = two_columns([(below, Interval(2, 2)), (below, Interval(1, 1)), (below, Interval(3, 3))])
    assert truth_of(frame, values.less(a, b, strict=True)) == [(True, False), (True, True), (True, False)]


@few
@given(PAIRS, st.lists(st.sampled_from([(True, False), (False, True), (True, True)]), min_size=6, max_size=6))
def test_what_may_be_either_holds_both(rows: list[tuple[Interval, Interval]], guards: list[tuple[bool, bool]]) -> None:
    frame, a, b = two_columns(rows)
    frame = frame.with_columns(
        pl.Series("ga", [g[0] for g in guards[: len(rows)]]), pl.Series("gb", [g[1] for g in guards[: len(rows)]])
    )
    merged = merging.merge(pl.col("ga"), a, pl.col("gb"), b)
    assert isinstance(merged, Number)
    for found, (x, y), (first, second) in zip(read_intervals(frame, merged), rows, guards, strict=False):
        possible = (x.members() if first else []) + (y.members() if second else [])
        assert all(may_hold(found, value) for value in possible)
        if first != second:
            chosen = x if first else y
            assert found[:2] == tuple(None if e is None else Fraction(e, SCALE) for e in (chosen.low, chosen.high))


@pytest.mark.parametrize("symbols", [("a",), ("a", "b")])
def test_a_symbol_that_is_not_known_may_be_any(symbols: tuple[str, ...]) -> None:
    frame = pl.DataFrame({"s": ["a", "c", None]})
    value = values.Symbols((values.Option(possible=True, value=pl.col("s")),))
    assert truth_of(frame, among(value, symbols)) == [(True, False), (False, True), (True, True)]


def test_what_is_none_is_none_of_the_words() -> None:
    frame = pl.DataFrame({"x": [1]})
    assert truth_of(frame, is_symbol(values.NOTHING, "a")) == [(False, True)]
    assert truth_of(frame, same_symbol(values.NOTHING, values.NOTHING)) == [(True, False)]
    assert truth_of(frame, same_symbol(values.NOTHING, values.literal_symbol("a"))) == [(False, True)]


def test_units_that_differ_leave_a_comparison_open() -> None:
    frame = pl.DataFrame({"u": ["mg/L", "kg"]})
    one = rational.constant(Fraction(1))
    a = Number(one, one, known=True, unit=pl.col("u"))
    b = Number(one, one, known=True, unit=pl.lit("mg/L"))
    assert truth_of(frame, values.less(a, b, strict=False)) == [(True, False), (True, True)]
