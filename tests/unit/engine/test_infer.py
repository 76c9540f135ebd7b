"""The terms of `Engine.infer`, for both engines."""

import polars as pl
import pytest

from compliance_engine.engine import Engine, InferenceRule, Pattern, engine_named

COMMUTES = (
    InferenceRule(name="knows", when=(Pattern(kind="meets"),), then="knows", carry=("other",)),
    InferenceRule(name="was told", when=(Pattern(kind="told"),), then="knows", carry=("other",)),
    InferenceRule(name="trusts", when=(Pattern(kind="knows"), Pattern(kind="honest")), then="trusts"),
)


@pytest.fixture(params=["durable", "python"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return engine_named(request.param)


def frame(*rows: tuple[int, str, int, int | None]) -> pl.DataFrame:
    schema = {"session": pl.UInt32, "kind": pl.String, "key": pl.Int64, "other": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_it_says_what_it_is(engine: Engine) -> None:
    assert engine_named(engine.name) is engine  # type: ignore[arg-type]


def test_a_proposition_concluded_twice_is_one_premise_and_two_rows(engine: Engine) -> None:
    facts = frame((4, "told", 1, 9), (4, "honest", 1, None), (4, "meets", 1, 9), (5, "honest", 1, None))
    assert engine.infer(COMMUTES, facts).rows(named=True) == [
        {**row, "session": 4, "key": 1}
        for row in (
            {"rule": "knows", "kind": "knows", "other": 9, "premises": [2], "premise_conclusions": []},
            {"rule": "was told", "kind": "knows", "other": 9, "premises": [0], "premise_conclusions": []},
            {"rule": "trusts", "kind": "trusts", "other": None, "premises": [1], "premise_conclusions": [0]},
        )
    ]


def test_a_given_proposition_and_an_equal_conclusion_are_two_premises(engine: Engine) -> None:
    facts = frame((4, "knows", 1, 9), (4, "honest", 1, None), (4, "meets", 1, 9))
    result = engine.infer(COMMUTES, facts).filter(pl.col("kind") == "trusts")
    assert result.select("premises", "premise_conclusions").rows() == [([0, 1], []), ([1], [0])]


def test_rules_may_feed_each_other(engine: Engine) -> None:
    rules = (
        InferenceRule(name="there", when=(Pattern(kind="a"),), then="b"),
        InferenceRule(name="back", when=(Pattern(kind="b"),), then="a"),
    )
    result = engine.infer(rules, pl.DataFrame({"session": [0], "kind": ["a"], "key": [3]}))
    assert result.select("rule", "premises", "premise_conclusions").rows() == [
        ("back", [], [1]),
        ("there", [0], []),
        ("there", [], [0]),
    ]


def test_the_schema_does_not_depend_on_the_facts(engine: Engine) -> None:
    expected = {
        "session": pl.UInt32(),
        "rule": pl.Enum(["knows", "trusts", "was told"]),
        "kind": pl.Enum(["knows", "trusts"]),
        "key": pl.Int64(),
        "other": pl.Int64(),
        "premises": pl.List(pl.UInt32),
        "premise_conclusions": pl.List(pl.UInt32),
    }
    for facts in (frame(), frame((0, "unread", 1, 1)), frame((0, "meets", 1, None))):
        assert dict(engine.infer(COMMUTES, facts).schema) == expected
    assert engine.infer((), frame((0, "meets", 1, 1))).height == 0


def test_an_enum_and_narrow_integers_will_do(engine: Engine) -> None:
    facts = frame((4, "meets", 1, 9), (4, "honest", 1, None))
    narrow = facts.with_columns(
        pl.col("session", "key").cast(pl.UInt8), pl.col("kind").cast(pl.Enum(["meets", "unread", "honest"]))
    )
    assert engine.infer(COMMUTES, narrow).equals(engine.infer(COMMUTES, facts))


def test_a_column_that_is_missing_is_absent(engine: Engine) -> None:
    result = engine.infer(COMMUTES, frame((4, "meets", 1, 9)).drop("other"))
    assert result["other"].to_list() == [None]


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        (frame().drop("key"), "no column 'key'"),
        (frame((4, "meets", 1, 9)).with_columns(key=pl.lit(None, pl.Int64)), "nulls in column 'key'"),
        (frame((4, "meets", -1, 9)), "a negative key"),
        (frame((4, "meets", 1, 9)).with_columns(other=pl.lit(1.5)), "column 'other' of the propositions holds Float64"),
        (frame((4, "meets", 1, 9)).with_columns(kind=pl.lit(1)), "column 'kind' of the propositions holds Int32"),
    ],
)
def test_columns_that_break_the_terms_are_refused(engine: Engine, facts: pl.DataFrame, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        engine.infer(COMMUTES, facts)


def test_rules_that_break_the_terms_are_refused(engine: Engine) -> None:
    with pytest.raises(ValueError, match="0 premises"):
        engine.infer((InferenceRule(name="none", when=(), then="end"),), frame())
