"""The shapes that the adapter emits touch no memory that they should not, forced hash collisions included."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import durable_rules_engine as c_module
import polars as pl
import pytest

from compliance_engine.engine import InferenceRule, Pattern
from compliance_engine.engine.definition import code_of, define, facts_that_match, write_facts
from compliance_engine.engine.propositions import read_propositions
from compliance_engine.engine.verdict import VERDICT_RULES

# The texts of these numbers have the same 32-bit FNV hash.
SAME_HASH = (248_119_889_591, 707_593_239_370)
CHAINED = (
    InferenceRule(
        name="three",
        when=(Pattern(kind="a"), Pattern(kind="b", on="x"), Pattern(kind="a", where=(("y", 1),))),
        then="b",
        carry=("x",),
    ),
    InferenceRule(name="one", when=(Pattern(kind="b"),), then="a", carry=("y",)),
)
VALGRIND = shutil.which("valgrind")
FIELDS = ("bound", "conduct", "duty", "excused", "lifted", "met", "out", "target", "unexcused", "x", "y")
RUN = """
import json, sys
sys.path.insert(0, sys.argv[1])
import durable_rules_engine as d
h = d.create_ruleset("x", sys.argv[2])
for facts in json.loads(sys.argv[3]):
    _, state = d.assert_facts(h, facts)
    answer = d.start_action_for_state(h, state)
    while answer is not None:
        answer = d.complete_and_start_action(h, state)
    d.delete_state(h, "0")
"""


def sessions_of(rules: tuple[InferenceRule, ...]) -> list[str]:
    """Give sessions of random facts, whose keys and fields collide often, after those that prime the ruleset."""
    rng = random.Random(3)  # noqa: S311 (not a secret)
    kinds = sorted({pattern.kind for rule in rules for pattern in rule.when})
    rows = [
        {"session": session, "kind": rng.choice(kinds), "key": rng.choice((*SAME_HASH, 1))}
        | {name: rng.choice((1, 1, *SAME_HASH, None)) for name in FIELDS}
        for session in range(15)
        for _ in range(1 + 3 * session)
    ]
    schema = {"session": pl.UInt32, "kind": pl.String, "key": pl.Int64, **dict.fromkeys(FIELDS, pl.Int64)}
    read = read_propositions(rules, pl.DataFrame(rows, schema=schema)).sort("session", "row")
    coding = code_of(rules)
    return [*(facts_that_match(rule, coding) for rule in rules), *write_facts(read, coding)["facts"]]


def errors_inside_the_library(definition: str, sessions: list[str]) -> int:
    """Count the frames of the library in what valgrind complains of."""
    library = Path(c_module.__file__)
    arguments = [str(library.parent), definition, json.dumps(sessions)]
    run = subprocess.run(
        [str(VALGRIND), "--leak-check=no", sys.executable, "-S", "-c", RUN, *arguments],
        env={**os.environ, "PYTHONMALLOC": "malloc"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ERROR SUMMARY" in run.stderr
    return run.stderr.count(f"/{library.name})")


@pytest.mark.slow
@pytest.mark.skipif(VALGRIND is None, reason="needs valgrind")
@pytest.mark.parametrize("rules", [VERDICT_RULES, CHAINED])
def test_valgrind_finds_nothing(rules: tuple[InferenceRule, ...]) -> None:
    assert errors_inside_the_library(define(rules, code_of(rules)), sessions_of(rules)) == 0


@pytest.mark.slow
@pytest.mark.skipif(VALGRIND is None, reason="needs valgrind")
def test_valgrind_finds_what_a_join_without_its_last_condition_reads() -> None:
    """The defence is needed: without it, two keys of one hash make the library read on past the rule [#381]."""
    unsafe = define(CHAINED, code_of(CHAINED)).replace(', {"c": {"a": "c"}}', "")
    assert errors_inside_the_library(unsafe, sessions_of(CHAINED)) > 0
