"""The rules that engines run: equality tests, equality joins, one conclusion.

A rule here is what an engine runs, never a provision. It can compare integers for equality and join on one integer;
what law calculates, counts or negates is settled before, in `deriving`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_RULES = 50  # with 515 tests on one property durable-rules never returns
MOST_FIELDS = 200  # a fact with 254 is refused, and ends its batch unseen
MOST_PATTERNS_OF_A_KIND = 60  # a fact that meets more than 64 branches is refused
MOST_TESTED = 2**31 - 1  # a constant in a rule is a C long, 32 bits on some platforms
RESERVED = frozenset({"session", "kind", "rule", "premises", "premise_conclusions"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Match a proposition of one kind for which every equality test holds.

    `where`: integer field and value. `on`: the integer field that must equal the `key` of the rule's first premise.
    A proposition without a field that is tested or joined on does not match.
    """

    kind: str
    where: tuple[tuple[str, int], ...] = ()
    on: str = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class InferenceRule:
    """Conclude a proposition of kind `then` from one to three premises.

    The conclusion takes `key`, and the fields named in `carry`, from the first premise; what that lacks stays absent.
    One proposition may be two premises of the same match.
    """

    name: str
    when: tuple[Pattern, ...]
    then: str
    carry: tuple[str, ...] = ()


def check_rules(rules: Sequence[InferenceRule]) -> None:
    """Raise ValueError, naming the rule, for a ruleset that no engine should be given: that is our bug."""
    if len(rules) > MOST_RULES:
        raise ValueError(f"{len(rules)} rules, where at most {MOST_RULES} are allowed: use a rule for each pattern")
    fields = {*fields_matched(rules), *fields_carried(rules)}
    if len(fields) > MOST_FIELDS:
        raise ValueError(f"{len(fields)} fields, where at most {MOST_FIELDS} are allowed")
    names = Counter(rule.name for rule in rules)
    for rule in rules:
        problem = "its name is not unique" if names[rule.name] > 1 else _problem_of(rule)
        if problem:
            raise ValueError(f"rule {rule.name!r}: {problem}")
    kinds = Counter(pattern.kind for rule in rules for pattern in rule.when)
    for kind, count in kinds.items():
        if count > MOST_PATTERNS_OF_A_KIND:
            raise ValueError(f"{count} patterns of kind {kind!r}, where at most {MOST_PATTERNS_OF_A_KIND} are allowed")


def kinds_tested(rules: Iterable[InferenceRule]) -> tuple[str, ...]:
    """Give the kinds that some pattern names, sorted."""
    return tuple(sorted({pattern.kind for rule in rules for pattern in rule.when}))


def fields_carried(rules: Iterable[InferenceRule]) -> tuple[str, ...]:
    """Give the fields that some conclusion carries, sorted."""
    return tuple(sorted({field for rule in rules for field in rule.carry}))


def fields_matched(rules: Iterable[InferenceRule]) -> tuple[str, ...]:
    """Give the fields that some pattern tests or joins on, `key` aside, sorted."""
    patterns = [pattern for rule in rules for pattern in rule.when]
    tested = {field for pattern in patterns for field, _ in pattern.where}
    return tuple(sorted((tested | {pattern.on for pattern in patterns}) - {"key"}))


def rules_that_feed(rules: Sequence[InferenceRule]) -> frozenset[int]:
    """Give the indices of the rules whose conclusions another rule, or the same, may match."""
    tested = set(kinds_tested(rules))
    return frozenset(index for index, rule in enumerate(rules) if rule.then in tested)


def _problem_of(rule: InferenceRule) -> str:
    """Say what is wrong with a rule on its own; "" if nothing is."""
    if not 1 <= len(rule.when) <= 3:
        return f"{len(rule.when)} premises, where 1 to 3 are allowed"
    if rule.when[0].on != "key":
        return "its first premise must be joined on 'key', which the conclusion takes"
    return _problem_of_fields(rule) or _problem_of_tests(rule)


def _problem_of_fields(rule: InferenceRule) -> str:
    named = {field for pattern in rule.when for field, _ in pattern.where} | {pattern.on for pattern in rule.when}
    reserved = sorted((named | set(rule.carry)) & RESERVED) or sorted({"key"} & set(rule.carry))
    if reserved:
        return f"the name {reserved[0]!r} is reserved"
    return "it carries a field twice" if len(set(rule.carry)) < len(rule.carry) else ""


def _problem_of_tests(rule: InferenceRule) -> str:
    tested = [value for pattern in rule.when for _, value in pattern.where]
    if any(abs(value) > MOST_TESTED for value in tested):
        return f"it tests a number beyond {MOST_TESTED}"
    if any(len(dict(pattern.where)) < len(pattern.where) for pattern in rule.when):
        return "a pattern tests a field twice"
    joined = {dict(pattern.where)[pattern.on] for pattern in rule.when if pattern.on in dict(pattern.where)}
    return "it can never match" if len(joined) > 1 else ""
