"""Truth tables of the strong Kleene logic, static and in columns, and its laws."""

from itertools import product

import polars as pl
import pytest

from compliance_engine.deriving.kleene import (
    FALSE,
    TRUE,
    UNKNOWN,
    Truth,
    certain,
    conjunction,
    disjunction,
    expression,
    guarded,
    negation,
    of_column,
    union,
)

T, U, F = TRUE, UNKNOWN, FALSE
ALL = (T, U, F)
AND = {
    (T, T): T, (T, U): U, (T, F): F,
    (U, T): U, (U, U): U, (U, F): F,
    (F, T): F, (F, U): F, (F, F): F,
}  # fmt: skip
OR = {
    (T, T): T, (T, U): T, (T, F): T,
    (U, T): T, (U, U): U, (U, F): U,
    (F, T): T, (F, U): U, (F, F): F,
}  # fmt: skip
NOT = {T: F, U: U, F: T}
TEXTS = {T: True, U: None, F: False}


def in_columns(*truths: Truth) -> tuple[pl.DataFrame, list[Truth]]:
    """Give a frame of one row, and the same truths as its columns."""
    frame = pl.DataFrame(
        {str(i): [TEXTS[t]] for i, t in enumerate(truths)},
        schema_overrides=dict.fromkeys(map(str, range(len(truths))), pl.Boolean),
    )
    return frame, [of_column(pl.col(str(i))) for i in range(len(truths))]


def computed(frame: pl.DataFrame, truth: Truth) -> Truth:
    may, may_not = frame.select(may=expression(truth.may), may_not=expression(truth.may_not)).row(0)
    return Truth(may=may, may_not=may_not)


@pytest.mark.parametrize(("a", "b"), list(product(ALL, ALL)))
def test_and_or_of_static_truths(a: Truth, b: Truth) -> None:
    assert conjunction(a, b) == AND[a, b]
    assert disjunction(a, b) == OR[a, b]


@pytest.mark.parametrize(("a", "b"), list(product(ALL, ALL)))
def test_and_or_of_columns(a: Truth, b: Truth) -> None:
    frame, (x, y) = in_columns(a, b)
    assert computed(frame, conjunction(x, y)) == AND[a, b]
    assert computed(frame, disjunction(x, y)) == OR[a, b]
    # One side static, the other a column.
    assert computed(frame, conjunction(a, y)) == AND[a, b]
    assert computed(frame, disjunction(x, b)) == OR[a, b]


@pytest.mark.parametrize("a", ALL)
def test_not(a: Truth) -> None:
    frame, (x,) = in_columns(a)
    assert negation(a) == NOT[a]
    assert computed(frame, negation(x)) == NOT[a]


def test_nothing_joined_is_true_and_nothing_offered_is_false() -> None:
    assert conjunction() == TRUE
    assert disjunction() == FALSE


@pytest.mark.parametrize(("a", "b", "c"), list(product(ALL, ALL, ALL)))
def test_laws_of_three(a: Truth, b: Truth, c: Truth) -> None:
    assert conjunction(a, b, c) == conjunction(c, conjunction(b, a))
    assert disjunction(a, conjunction(b, c)) == conjunction(disjunction(a, b), disjunction(a, c))
    assert negation(conjunction(a, b, c)) == disjunction(negation(a), negation(b), negation(c))


def refines(a: Truth, b: Truth) -> bool:
    """Say whether a is what b may become when more is known."""
    return b in (U, a)


@pytest.mark.parametrize(
    ("a", "b", "x", "y"), [s for s in product(ALL, repeat=4) if refines(s[0], s[2]) and refines(s[1], s[3])]
)
def test_learning_more_never_changes_what_was_settled(a: Truth, b: Truth, x: Truth, y: Truth) -> None:
    for operation in (conjunction, disjunction):
        assert refines(operation(a, b), operation(x, y))
    assert refines(negation(a), negation(x))


@pytest.mark.parametrize(("a", "b"), list(product(ALL, ALL)))
def test_a_union_is_settled_only_where_both_say_the_same(a: Truth, b: Truth) -> None:
    assert union(a, b) == (a if a == b else UNKNOWN)


@pytest.mark.parametrize("a", ALL)
def test_a_guard_lets_through_or_leaves_nothing(a: Truth) -> None:
    assert guarded(guard=True, truth=a) == a
    assert guarded(guard=False, truth=a) == Truth(may=False, may_not=False)


def test_a_condition_without_nulls_is_settled_everywhere() -> None:
    frame = pl.DataFrame({"x": [1, 3]})
    truth = certain(pl.col("x") > 2)
    assert frame.select(may=truth.may, may_not=truth.may_not).rows() == [(False, True), (True, False)]


def test_a_truth_over_other_columns_keeps_what_is_static() -> None:
    mixed = Truth(may=pl.col("a"), may_not=False)
    assert mixed.exprs == (mixed.may,)
    rebuilt = mixed.rebuilt((pl.col("b"),))
    assert rebuilt.may_not is False
    assert isinstance(rebuilt.may, pl.Expr)
    assert rebuilt.may.meta.eq(pl.col("b"))
