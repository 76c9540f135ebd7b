"""What durable-rules 2.0.28 does, and that the adapter relies on it or stays clear of it.

A test that shows the library's own behaviour drives its C module; where that ends the process, in a process of its own.
If one of these fails with a new release, read docs on the engine before changing the test.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import durable_rules_engine as c_module
import numpy as np
import polars as pl
import pytest

from compliance_engine.engine import EngineError, InferenceRule, Pattern, engine_named
from compliance_engine.engine.definition import CAP, MOST_FACTS, check_number, code_of, define, facts_that_match
from compliance_engine.engine.durable import _check_counts
from compliance_engine.engine.library import Ruleset, ruleset_of
from compliance_engine.engine.screening import Screened
from compliance_engine.engine.verdict import VERDICT_RULES

HANDLED, NOT_HANDLED, OBSERVED = 0, 1, 2
# The texts of these numbers have the same 32-bit FNV hash.
SAME_HASH = (248_119_889_591, 707_593_239_370)

JOIN = (
    InferenceRule(
        name="join",
        when=(Pattern(kind="left", where=(("x", 1),)), Pattern(kind="right", where=(("y", 1),))),
        then="both",
    ),
)
DURABLE = engine_named("durable")


def definition_of(*rules: InferenceRule) -> dict:
    definition: dict = json.loads(define(rules, code_of(rules)))
    return definition


def ruleset_for(*rules: InferenceRule) -> Ruleset:
    coding = code_of(rules)
    return ruleset_of(define(rules, coding), tuple(facts_that_match(rule, coding) for rule in rules))


def create(**definition: object) -> int:
    handle: int = c_module.create_ruleset("test", json.dumps(definition))
    return handle


def assert_facts(handle: int, *facts: dict) -> tuple[int, int]:
    code: tuple[int, int] = c_module.assert_facts(handle, json.dumps(facts))
    return code


def matches_of(handle: int, *facts: dict) -> list[dict]:
    """Run one session through the C module; give the matches of its first rule."""
    _, state = assert_facts(handle, *facts)
    started = c_module.start_action_for_state(handle, state)
    if started is None:
        return []  # deleting such a session can end the process: see below
    c_module.delete_state(handle, "0")
    matches: list[dict] = next(iter(json.loads(started[1]).values()))
    return matches


def run_python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def sides(keys: list[int], session: int = 0) -> pl.DataFrame:
    """Give a left and a right side for each key."""
    rows = [{"kind": "left", "key": key, "x": 1} for key in keys]
    rows += [{"kind": "right", "key": key, "y": 1} for key in keys]
    schema = {"kind": pl.String, "key": pl.Int64, "x": pl.Int64, "y": pl.Int64}
    return pl.DataFrame(rows, schema=schema).with_columns(session=pl.lit(session, pl.UInt32))


# Joins


def test_every_join_ends_with_a_condition_that_always_holds() -> None:
    """The library skips one condition more after a false one, past the rule's end if it was the last [#381]."""
    three = InferenceRule(
        name="three",
        when=(Pattern(kind="a"), Pattern(kind="b", on="x"), Pattern(kind="c", where=(("y", 2),))),
        then="d",
    )
    for rule in definition_of(*VERDICT_RULES, *JOIN, three).values():
        for number, premise in enumerate(rule["all"]):
            [tests] = [both["$and"] for both in premise.values()]
            joins = [test for test in tests if isinstance(next(iter(test.values())), dict)]
            assert joins == ([{next(iter(joins[0])): {"a": "v"}}, {"c": {"a": "c"}}] if number else [])
            assert tests[-1] == ({"c": {"a": "c"}} if number else tests[-1])


def test_definitions_hold_equality_and_nothing_else() -> None:
    """No inequality, arithmetic, negation, aggregate, timer or priority reaches the library."""
    for rule in definition_of(*VERDICT_RULES, *JOIN).values():
        assert set(rule) == {"all", "cap", "dist"}
        for premise in rule["all"]:
            [(name, body)] = premise.items()
            assert name in {"a", "b", "c"}
            assert set(body) == {"$and"}
            tests = [next(iter(test.values())) for test in body["$and"]]
            assert all(isinstance(value, int) or value in ({"a": "v"}, {"a": "c"}) for value in tests)


def test_keys_that_share_a_hash_do_not_join() -> None:
    assert len({fnv(np.array([key]))[0] for key in SAME_HASH}) == 1
    [one, other] = SAME_HASH
    crossed = sides([one]).head(1), sides([other]).tail(1)
    assert DURABLE.infer(JOIN, pl.concat([*crossed, sides([5])])).height == 1
    assert DURABLE.infer(JOIN, sides([*SAME_HASH, 5]))["key"].to_list() == [5, *SAME_HASH]
    # Asserted all the same, without the screen:
    facts = [{"id": 0, "k": 0, "v": one, "f0": 1, "c": 1}, {"id": 1, "k": 1, "v": other, "f1": 1, "c": 1}]
    assert ruleset_for(*JOIN).run(json.dumps(facts)) == []


def test_one_fact_may_be_two_premises_only_without_dist() -> None:
    both = {"all": [{"a": {"k": 1}}, {"b": {"$and": [{"k": 1}, {"v": {"a": "v"}}]}}], "cap": CAP}
    fact = {"id": 0, "k": 1, "v": 7}
    assert matches_of(create(r0=both), fact) == []
    assert matches_of(create(r0={**both, "dist": 0}), fact) == [{"a": fact, "b": fact}]


def test_a_fact_without_the_field_that_is_joined_on_stays_out() -> None:
    join = {"all": [{"a": {"k": 1}}, {"b": {"$and": [{"k": 2}, {"f0": {"a": "v"}}]}}], "cap": CAP}
    first, with_field, without = {"id": 0, "k": 1, "v": 7}, {"id": 1, "k": 2, "f0": 7}, {"id": 2, "k": 2, "v": 7}
    assert matches_of(create(r0=join), first, with_field, without) == [{"a": first, "b": with_field}]
    assert assert_facts(create(r0=join), without)[0] == NOT_HANDLED


# Numbers, and types


def test_division_by_zero_in_a_rule_ends_the_process() -> None:
    code = (
        "import durable_rules_engine as d\n"
        """h = d.create_ruleset("x", '{"r":{"all":[{"a":{"v":{"$div":{"$l":1,"$r":{"$m":"w"}}}}}]}}')\n"""
        """d.assert_facts(h, '[{"id":0,"v":1,"w":0}]')"""
    )
    assert run_python(code).returncode == -signal.SIGFPE


@pytest.mark.parametrize("number", ["1e-05", "1e16", "Infinity"])
def test_numbers_with_an_exponent_are_refused(number: str) -> None:
    with pytest.raises(c_module.error, match="error code: 20"):
        c_module.assert_fact(create(r0={"all": [{"a": {"v": 1}}]}), f'{{"id":0,"v":{number}}}')


def test_a_batch_ends_unseen_at_a_fact_that_cannot_be_read() -> None:
    """What follows is lost without a word; only the number of matches shows it."""
    handle = create(r0={"all": [{"a": {"k": 1}}], "cap": CAP})
    code, state = c_module.assert_facts(handle, '[{"id":0,"k":1},{"id":1,"k":1e5},{"id":2,"k":1}]')
    assert code == HANDLED
    assert c_module.start_action_for_state(handle, state)[1] == '{"r0":[{"a":{"id":0,"k":1}}]}'


def test_matches_that_are_missing_are_noticed() -> None:
    screened = Screened(propositions=sides([1]), matches=(2,), chained={})
    with pytest.raises(EngineError, match="rule 'join' has 1 matches, where 2 exist"):
        _check_counts(JOIN, screened, pl.DataFrame({"rule": [0]}, schema={"rule": pl.UInt32}))


def test_an_integer_never_joins_its_float_nor_differs_from_true() -> None:
    join = create(r0={"all": [{"a": {"k": 1}}, {"b": {"$and": [{"k": 2}, {"v": {"a": "v"}}]}}], "cap": CAP})
    assert matches_of(join, {"id": 0, "k": 1, "v": 1}, {"id": 1, "k": 2, "v": 1.0}) == []
    assert len(matches_of(create(r0={"all": [{"a": {"v": 1}}], "cap": CAP}), {"id": 0, "v": True})) == 1


@pytest.mark.parametrize("values", [[1.0], [True], ["1"]])
def test_only_integers_reach_the_library(values: list) -> None:
    frame = pl.DataFrame({"session": [0], "kind": ["left"], "key": [1], "x": values})
    with pytest.raises(ValueError, match="column 'x' of the propositions holds"):
        DURABLE.infer(JOIN, frame)


def test_the_widest_keys_arrive_whole() -> None:
    keys = [0, 2**53 + 1, 2**63 - 1]
    assert DURABLE.infer(JOIN, sides(keys))["key"].to_list() == keys


# Identity


def fnv(numbers: np.ndarray) -> np.ndarray:
    """Hash the decimal texts of numbers of one length as the library does."""
    hashes = np.full(len(numbers), 2_166_136_261, np.uint64)
    for place in reversed(range(len(str(numbers[0])))):
        digits = numbers.astype(np.uint64) // np.uint64(10**place) % np.uint64(10)
        hashes = ((hashes ^ (digits + np.uint64(48))) * np.uint64(16_777_619)) & np.uint64(0xFFFFFFFF)
    return hashes


def test_fact_numbers_are_told_apart_up_to_the_most_that_a_session_may_hold() -> None:
    lengths = [np.arange(0, 10), *(np.arange(10**n, min(10 ** (n + 1), MOST_FACTS)) for n in range(1, 6))]
    hashes = np.concatenate([fnv(numbers) for numbers in lengths])
    assert len(hashes) == MOST_FACTS == len(np.unique(hashes))
    state = 2_166_136_261
    for byte in b"sid-0":
        state = ((state ^ byte) * 16_777_619) & 0xFFFFFFFF
    assert state not in hashes
    assert fnv(np.array([MOST_FACTS])) == fnv(np.array([40_189]))


def test_facts_whose_ids_share_a_hash_are_taken_for_one() -> None:
    handle = create(r0={"all": [{"a": {"k": 1}}], "cap": CAP})
    assert assert_facts(handle, {"id": 40_189, "k": 1}, {"id": MOST_FACTS, "k": 1})[0] == OBSERVED


def test_a_session_with_more_facts_is_refused() -> None:
    check_number(MOST_FACTS - 1)
    with pytest.raises(EngineError, match="797186 facts of a session"):
        check_number(MOST_FACTS)


# Answers


@pytest.mark.parametrize(
    ("facts", "trouble"),
    [
        ([{"id": 0, "k": 9}], "a fact that no rule tests"),
        ([{"id": 0, "k": 0, "v": 1, "f0": 1, "c": 1}] * 2, "two facts of a session were taken for one"),
    ],
)
def test_an_answer_that_is_not_success_is_raised_and_leaves_nothing_behind(facts: list[dict], trouble: str) -> None:
    ruleset = ruleset_for(*JOIN)
    with pytest.raises(EngineError, match=trouble):
        ruleset.run(json.dumps(facts))
    with pytest.raises(c_module.error, match="309"):
        c_module.delete_state(ruleset._handle, "0")
    assert len(ruleset.run(facts_that_match(JOIN[0], code_of(JOIN)))) == 1


def test_what_is_left_in_the_session_is_raised() -> None:
    """Where an action fails, the library keeps the exception in the session's own fact [#305]."""
    ruleset = ruleset_for(*JOIN)
    facts = facts_that_match(JOIN[0], code_of(JOIN))

    def leave_an_exception(_: list[str]) -> str:
        c_module.update_state(ruleset._handle, '{"sid":"0","id":"sid-0","$s":1,"exception":"boom"}')
        return facts.replace('"id":0', '"id":2').replace('"id":1', '"id":3')

    with pytest.raises(EngineError, match="boom"):
        ruleset.run(facts, leave_an_exception)


def test_a_session_starts_empty() -> None:
    ruleset = ruleset_for(*JOIN)
    facts = facts_that_match(JOIN[0], code_of(JOIN))
    assert ruleset.run(facts) == ruleset.run(facts)
    with pytest.raises(ZeroDivisionError):
        ruleset.run(facts, lambda answers: answers[len(answers) // 0])
    assert len(ruleset.run(facts)) == 1


def test_an_answer_holds_at_most_so_many_matches_and_the_rest_follow() -> None:
    """The cap is kept in 16 bits: 65,536 becomes 0, which is none, and a match comes alone."""
    assert CAP == 2**16 - 1
    fact = {"id": 0, "k": 1}
    assert matches_of(create(r0={"all": [{"a": {"k": 1}}], "cap": CAP + 1}), fact) == {"a": fact}  # type: ignore[comparison-overlap]
    side = 257  # so that one session has more matches than the cap
    assert DURABLE.infer(JOIN, sides([7] * side)).height == side**2 > CAP


# Sessions and rulesets


def test_more_than_1024_sessions_at_a_time_are_refused_and_one_at_a_time_are_not() -> None:
    code = (
        "import durable_rules_engine as d\n"
        """h = d.create_ruleset("x", '{"r":{"all":[{"a":{"k":1}}]}}')\n"""
        """for n in range(1025): d.assert_facts(h, '[{"id":0,"k":1,"sid":"%d"}]' % n)"""
    )
    assert run_python(code).stderr.endswith("MemoryError\n")  # error 101
    facts = pl.concat([sides([1, 2], session) for session in range(1100)])
    assert DURABLE.infer(JOIN, facts).height == 2200


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs the C library that can dirty memory")
def test_a_first_session_without_a_match_frees_a_pointer_that_was_never_set() -> None:
    """The adapter primes each ruleset with a match; MALLOC_PERTURB_ makes new memory dirty, as a long run does."""
    first_session = 'd.assert_facts(h, \'[{"id":0,"k":0,"v":1,"f0":1,"c":1}]\'); d.delete_state(h, \'0\')'
    definition = json.dumps(definition_of(*JOIN))
    alone = run_python(
        f"import durable_rules_engine as d; h = d.create_ruleset('x', {definition!r}); {first_session}",
        MALLOC_PERTURB_="165",
    )
    assert alone.returncode in {-signal.SIGSEGV, -signal.SIGABRT}
    primed = run_python(
        "import durable_rules_engine as d\n"
        "from compliance_engine.engine.library import ruleset_of\n"
        f"h = ruleset_of({definition!r}, ({facts_that_match(JOIN[0], code_of(JOIN))!r},))._handle\n{first_session}",
        MALLOC_PERTURB_="165",
    )
    assert (primed.returncode, primed.stderr) == (0, "")


def test_a_ruleset_that_does_not_fire_is_not_used() -> None:
    with pytest.raises(EngineError, match="rule 0 does not fire"):
        ruleset_of(define(JOIN, code_of(JOIN)), ('[{"id":0,"k":0,"v":1,"f0":1,"c":1}]',))


def test_equal_rules_are_registered_once() -> None:
    renamed = tuple(InferenceRule(name=f"{rule.name}!", when=rule.when, then=rule.then) for rule in JOIN)
    assert ruleset_for(*JOIN) is ruleset_for(*renamed)


def test_the_library_is_asked_by_one_thread_at_a_time() -> None:
    """Threads inside one ruleset change its results [#291]."""
    facts = pl.concat([sides([*range(session % 7)], session) for session in range(300)])
    alone = DURABLE.infer(JOIN, facts)
    with ThreadPoolExecutor(4) as pool:
        assert all(result.equals(alone) for result in pool.map(lambda _: DURABLE.infer(JOIN, facts), range(8)))


def test_no_thread_of_the_library_and_none_of_its_python_is_used() -> None:
    """`durable.lang` starts two threads that never stop, and shadows `all` and `any`."""
    DURABLE.infer(JOIN, sides([1]))
    assert not {"durable.lang", "durable.engine"} & set(sys.modules)
    assert threading.active_count() < 20


# Limits on rules


def test_a_fact_that_meets_more_than_64_branches_is_refused_and_60_patterns_are_not() -> None:
    def branches(count: int) -> dict:
        joins = [
            {"all": [{"a": {"k": 0}}, {"b": {"$and": [{"k": 1}, {"v": {"a": "v"}}, {"c": {"a": "c"}}]}}]}
            for _ in range(count)
        ]
        return {f"r{number}": rule for number, rule in enumerate(joins)}

    with pytest.raises(c_module.error, match="303"):
        assert_facts(create(**branches(65)), {"id": 0, "k": 1, "v": 1, "c": 1})
    patterns = tuple(Pattern(kind="one") for _ in range(3))
    twenty = tuple(InferenceRule(name=f"rule {n}", when=patterns, then=f"end {n}") for n in range(20))
    one = pl.DataFrame({"session": [1], "kind": ["one"], "key": [1]})
    assert DURABLE.infer(twenty, one).height == 20
    with pytest.raises(ValueError, match="63 patterns of kind 'one'"):
        DURABLE.infer((*twenty, InferenceRule(name="more", when=patterns, then="end")), one)


def test_a_fact_with_254_fields_is_refused_and_rules_with_200_are_not() -> None:
    with pytest.raises(c_module.error, match="302"):
        c_module.assert_fact(create(r0={"all": [{"a": {"k": 1}}]}), json.dumps({f"p{n}": 1 for n in range(254)}))
    tests = tuple((f"x{number}", number) for number in range(200))
    wide = pl.DataFrame({"session": [1], "kind": ["wide"], "key": [1], **{name: [value] for name, value in tests}})
    rule = InferenceRule(name="wide", when=(Pattern(kind="wide", where=tests),), then="end")
    assert DURABLE.infer((rule,), wide).height == 1
    rule = InferenceRule(name="wider", when=(Pattern(kind="wide", where=(*tests, ("x200", 1))),), then="end")
    with pytest.raises(ValueError, match="201 fields"):
        DURABLE.infer((rule,), wide)


def test_names_of_ours_cannot_be_taken_for_words_of_the_library() -> None:
    hostile = ('"}', "$and", "sid", "id", "$not")
    rules = tuple(
        InferenceRule(name=name, when=(Pattern(kind=name, where=((name, 1),)),), then=name, carry=(name,))
        for name in hostile
    )
    facts = pl.DataFrame({"session": 1, "kind": hostile, "key": 4, **dict.fromkeys(hostile, 1)})
    result = DURABLE.infer(rules, facts)
    assert result.equals(engine_named("python").infer(rules, facts))
    assert result.height == 2 * len(hostile)
