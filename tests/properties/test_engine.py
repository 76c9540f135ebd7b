"""Laws of inference: both engines say the same, whatever the rules, and whatever the order of the facts."""

from itertools import product
from typing import Literal
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_engine.engine import InferenceRule, Pattern, engine_named, screening
from compliance_engine.engine.propositions import read_propositions

Name = Literal["durable", "python"]
ENGINES: tuple[Name, ...] = ("durable", "python")
KINDS = ("a", "b", "c")
FIELDS = ("x", "y")
# A field that no proposition has is absent from every one.
READ = (*FIELDS, "z")
NUMBERS = st.integers(0, 1)


@st.composite
def patterns(draw: st.DrawFn, *, is_first: bool) -> Pattern:
    tests = draw(st.just({}) | st.dictionaries(st.sampled_from(("x", "y", "key", "z")), NUMBERS, max_size=2))
    on = "key" if is_first else draw(st.sampled_from(("key", "key", "x", "y", "z")))
    tests.pop(on, None)
    return Pattern(kind=draw(st.sampled_from(KINDS)), where=tuple(tests.items()), on=on)


@st.composite
def rulesets(draw: st.DrawFn) -> tuple[InferenceRule, ...]:
    rules = []
    for number in range(draw(st.integers(1, 6))):
        others = draw(st.lists(patterns(is_first=False), max_size=2))
        carry = draw(st.lists(st.sampled_from(READ), unique=True, max_size=2))
        first, then = draw(patterns(is_first=True)), draw(st.sampled_from((*KINDS, "end")))
        rules.append(InferenceRule(name=f"rule {9 - number}", when=(first, *others), then=then, carry=tuple(carry)))
    return tuple(rules)


ROWS = st.fixed_dictionaries(
    {
        "session": st.integers(0, 3),
        "kind": st.sampled_from((*KINDS, "unread")),
        "key": st.integers(0, 1),
        **dict.fromkeys(FIELDS, st.none() | NUMBERS),
    }
)
SCHEMA = {"session": pl.UInt32, "kind": pl.String, **dict.fromkeys(("key", *FIELDS), pl.Int64)}


def frame_of(rows: list[dict]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


RULES = rulesets()
FACTS = st.lists(ROWS, min_size=10, max_size=30)
FEW = st.sampled_from((0, screening.FEW))  # screened by joins, or one by one
FEW_FACTS = st.lists(ROWS, min_size=5, max_size=10)


def infer_by_definition(rules: tuple[InferenceRule, ...], rows: list[dict]) -> list[tuple]:
    """Try every combination of propositions, until nothing new follows: no index, no order, no engine of ours."""
    given_ = [(row["session"], row["kind"], {**row}, number) for number, row in enumerate(rows)]
    concluded: dict[tuple, tuple] = {}
    while True:
        found, size = [], len(concluded)
        for rule in rules:
            for premises in product([*given_, *concluded.values()], repeat=len(rule.when)):
                if is_match(rule, premises):
                    session, _, first, _ = premises[0]
                    fields = {name: first.get(name) for name in ("key", *rule.carry)}
                    content = (session, rule.then, *sorted((n, v) for n, v in fields.items() if v is not None))
                    concluded.setdefault(content, (session, rule.then, fields, content))
                    # A result lists what was given before what was concluded.
                    told = sorted((premise[3] for premise in premises), key=lambda told: isinstance(told, tuple))
                    found.append((session, rule.name, rule.then, fields, told))
        if len(concluded) == size:
            return found


def is_match(rule: InferenceRule, premises: tuple[tuple, ...]) -> bool:
    session, _, first, _ = premises[0]
    return all(
        at == session
        and kind == pattern.kind
        and fields.get(pattern.on) == first["key"]
        and all(fields.get(name) == value for name, value in pattern.where)
        for pattern, (at, kind, fields, _) in zip(rule.when, premises, strict=True)
    )


def described(rules: tuple[InferenceRule, ...], rows: list[dict]) -> list[str]:
    """Say the oracle's result without row numbers of its own: a concluded premise by its content."""
    carried = sorted({name for rule in rules for name in rule.carry})
    return sorted(
        repr((session, name, kind, *(fields.get(field) for field in ("key", *carried)), premises))
        for session, name, kind, fields, premises in infer_by_definition(rules, rows)
    )


def described_result(rules: tuple[InferenceRule, ...], result: pl.DataFrame) -> list[str]:
    """Say an engine's result likewise; premises in the order of the rule's patterns."""
    carried = sorted({name for rule in rules for name in rule.carry})
    contents = [
        (row["session"], row["kind"], *sorted((n, row[n]) for n in ("key", *carried) if row[n] is not None))
        for row in result.iter_rows(named=True)
    ]
    return sorted(
        repr((row["session"], row["rule"], row["kind"], *(row[name] for name in ("key", *carried)), premises))
        for row in result.iter_rows(named=True)
        for premises in [[*row["premises"], *(contents[at] for at in row["premise_conclusions"])]]
    )


@pytest.mark.parametrize("examples", [30, pytest.param(300, marks=pytest.mark.slow)])
def test_both_engines_give_the_same_bytes(examples: int) -> None:
    """Law: durable equals python, derivations and order of rows included."""

    @given(rules=RULES, rows=FACTS, few=FEW)
    @settings(max_examples=examples)
    def law(rules: tuple[InferenceRule, ...], rows: list[dict], few: int) -> None:
        with patch.object(screening, "FEW", few):
            durable, python = (engine_named(name).infer(rules, frame_of(rows)) for name in ENGINES)
        assert durable.schema == python.schema
        assert durable.rows() == python.rows()

    law()


@given(rules=RULES, rows=FACTS)
@settings(max_examples=40)
def test_screening_one_by_one_keeps_what_joins_keep(rules: tuple[InferenceRule, ...], rows: list[dict]) -> None:
    read = read_propositions(rules, frame_of(rows))
    found = []
    for few in (0, len(rows)):
        with patch.object(screening, "FEW", few):
            found.append(screening.screen(rules, read))
    by_joins, singly = found
    assert singly.propositions.equals(by_joins.propositions)
    assert singly.matches == by_joins.matches
    assert singly.chained == by_joins.chained


@given(rules=RULES, rows=FEW_FACTS, name=st.sampled_from(ENGINES))
@settings(max_examples=25)
def test_an_engine_finds_what_the_definition_says(
    rules: tuple[InferenceRule, ...], rows: list[dict], name: Name
) -> None:
    """Law: engine equals oracle."""
    result = engine_named(name).infer(rules, frame_of(rows))
    assert described_result(rules, result) == described(rules, rows)


@given(rules=RULES, rows=FACTS, name=st.sampled_from(ENGINES), data=st.data())
@settings(max_examples=15)
def test_the_order_of_propositions_changes_nothing(
    rules: tuple[InferenceRule, ...], rows: list[dict], name: Name, data: st.DataObject
) -> None:
    """Law: order independence; only the numbers in `premises` follow the rows."""
    order = data.draw(st.permutations(range(len(rows))))
    result = engine_named(name).infer(rules, frame_of(rows))
    shuffled = engine_named(name).infer(rules, frame_of([rows[at] for at in order]))
    assert shuffled.drop("premises").equals(result.drop("premises"))
    back = shuffled.with_columns(pl.col("premises").list.eval(pl.element().replace_strict(range(len(rows)), order)))
    assert sorted(map(repr, back.rows())) == sorted(map(repr, result.rows()))


@given(rules=RULES, rows=FACTS, name=st.sampled_from(ENGINES))
@settings(max_examples=10)
def test_sessions_do_not_meet(rules: tuple[InferenceRule, ...], rows: list[dict], name: Name) -> None:
    """Law: all sessions together give what each gives alone."""
    together = engine_named(name).infer(rules, frame_of(rows))
    alone = [
        engine_named(name).infer(rules, frame_of([row for row in rows if row["session"] == session]))
        for session in range(4)
    ]
    without = ["premises", "premise_conclusions"]
    assert together.drop(without).equals(pl.concat(alone).drop(without))
