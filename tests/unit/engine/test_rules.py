import pytest

from compliance_engine.engine import InferenceRule, Pattern
from compliance_engine.engine.rules import check_rules, fields_carried, fields_matched, kinds_tested, rules_that_feed

A = Pattern(kind="a")


def rule(*when: Pattern, name: str = "r", then: str = "end", carry: tuple[str, ...] = ()) -> InferenceRule:
    return InferenceRule(name=name, when=when, then=then, carry=carry)


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (rule(), "0 premises"),
        (rule(A, A, A, A), "4 premises"),
        (rule(Pattern(kind="a", on="x")), "first premise must be joined on 'key'"),
        (rule(Pattern(kind="a", where=(("kind", 1),))), "'kind' is reserved"),
        (rule(A, Pattern(kind="a", on="premises")), "'premises' is reserved"),
        (rule(A, carry=("key",)), "'key' is reserved"),
        (rule(A, carry=("x", "x")), "carries a field twice"),
        (rule(Pattern(kind="a", where=(("x", 2**31),))), "beyond 2147483647"),
        (rule(Pattern(kind="a", where=(("x", 1), ("x", 2)))), "tests a field twice"),
        (rule(Pattern(kind="a", where=(("key", 1),)), Pattern(kind="b", where=(("key", 2),))), "can never match"),
        (rule(Pattern(kind="a", where=(("key", 1),)), Pattern(kind="b", where=(("x", 2),), on="x")), "can never match"),
    ],
)
def test_a_rule_that_no_engine_should_be_given_is_refused_by_name(bad: InferenceRule, problem: str) -> None:
    with pytest.raises(ValueError, match=f"rule 'r': .*{problem}"):
        check_rules([rule(A, name="good"), bad])


def test_a_name_is_used_once() -> None:
    with pytest.raises(ValueError, match="rule 'r': its name is not unique"):
        check_rules([rule(A), rule(A, A)])


def test_at_most_50_rules() -> None:
    rules = [rule(Pattern(kind=f"kind {number}"), name=f"r{number}") for number in range(51)]
    check_rules(rules[:50])
    with pytest.raises(ValueError, match="51 rules"):
        check_rules(rules)


def test_what_rules_read() -> None:
    rules = (
        rule(A, Pattern(kind="b", where=(("x", 1), ("key", 2)), on="y"), name="one", then="c", carry=("z",)),
        rule(Pattern(kind="c"), name="two", carry=("a", "z")),
    )
    check_rules(rules)
    assert kinds_tested(rules) == ("a", "b", "c")
    assert fields_matched(rules) == ("x", "y")
    assert fields_carried(rules) == ("a", "z")
    assert rules_that_feed(rules) == {0}
