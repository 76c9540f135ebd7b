"""What comparison leaves possible, and what the rules conclude from it."""

from itertools import product

import polars as pl
import pytest

from compliance_engine.engine import Engine, engine_named
from compliance_engine.engine.verdict import (
    COMPLIANT,
    CONDUCT,
    CONSEQUENCE,
    EXCUSED,
    EXEMPT,
    NOT_APPLICABLE,
    RULE_SENTENCES,
    SCOPE,
    TRIGGERED,
    VERDICT_RULES,
    VIOLATED,
)

SCOPES = ("out", "lifted", "bound")
CONDUCTS = ("met", "excused", "unexcused")
ALL = [dict(zip((*SCOPES, *CONDUCTS), bits, strict=True)) for bits in product((0, 1), repeat=6)]


@pytest.fixture(params=["durable", "python"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return engine_named(request.param)


def conclusions_by_hand(possible: dict[str, int]) -> set[str]:
    named = {
        NOT_APPLICABLE: possible["out"],
        EXEMPT: possible["lifted"],
        COMPLIANT: possible["bound"] and possible["met"],
        EXCUSED: possible["bound"] and possible["excused"],
        VIOLATED: possible["bound"] and possible["unexcused"],
    }
    return {kind for kind, holds in named.items() if holds}


def test_every_combination_is_concluded_as_by_hand(engine: Engine) -> None:
    rows: list[dict] = []
    for key, possible in enumerate(ALL):
        rows.append({"kind": SCOPE, "key": key, "duty": 3, **{name: possible[name] for name in SCOPES}})
        rows.append({"kind": CONDUCT, "key": key, **{name: possible[name] for name in CONDUCTS}})
    facts = pl.DataFrame(rows, infer_schema_length=None).with_columns(session=pl.lit(7, pl.UInt32))
    result = engine.infer(VERDICT_RULES, facts)
    for key, possible in enumerate(ALL):
        kinds = result.filter(pl.col("key") == key)["kind"].to_list()
        assert sorted(kinds) == sorted(conclusions_by_hand(possible))
    assert set(result.filter(pl.col("kind") == VIOLATED)["duty"]) == {3}


def test_a_violation_triggers_what_its_duty_says(engine: Engine) -> None:
    rows = [
        {"kind": SCOPE, "key": 10, "duty": 3, "bound": 1},
        {"kind": CONDUCT, "key": 10, "unexcused": 1},
        {"kind": SCOPE, "key": 11, "duty": 4, "bound": 1},
        {"kind": CONDUCT, "key": 11, "met": 1},
        {"kind": CONSEQUENCE, "key": 3, "target": 70},
        {"kind": CONSEQUENCE, "key": 3, "target": 71},
        {"kind": CONSEQUENCE, "key": 4, "target": 72},
    ]
    facts = pl.DataFrame(rows, infer_schema_length=None).with_columns(session=pl.lit(7, pl.UInt32))
    result = engine.infer(VERDICT_RULES, facts)
    violation = result["kind"].to_list().index(VIOLATED)
    triggered = result.filter(pl.col("kind") == TRIGGERED)
    assert triggered.select("key", "target", "premises", "premise_conclusions").rows() == [
        (3, 70, [4], [violation]),
        (3, 71, [5], [violation]),
    ]


def test_every_rule_has_its_sentence() -> None:
    assert list(RULE_SENTENCES) == [rule.name for rule in VERDICT_RULES]
    assert all(sentence.endswith(".") for sentence in RULE_SENTENCES.values())
