"""Rules and propositions in the words of durable-rules: small integers and one-letter names.

A fact is `{"id":7,"k":1,"v":12,"f0":1,"c":1}`: its number in the session, kind, key, those fields that it has, and a
constant. Names of ours never reach the library, so that none can be taken for one of its own (`$and`, `sid`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.engine.protocol import EngineError
from compliance_engine.engine.rules import fields_matched, kinds_tested, rules_that_feed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from compliance_engine.engine.rules import InferenceRule, Pattern

PREMISES = "abc"
CAP = 65_535  # the matches that one answer may hold; the library keeps it in 16 bits, and 65,536 would be 0

# A fact is known by the 32-bit FNV hash of its number's text. No two numbers below this one share a hash, nor does one
# have that of the session's own fact, "sid-0". The first to collide is 797186, with 40189.
MOST_FACTS = 797_186


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """What kinds and fields are called inside the library.

    `tested`: for the fields that rules test only, the values that they test for.
    """

    kinds: Mapping[str, int]
    fields: Mapping[str, str]
    tested: Mapping[str, frozenset[int]]


def code_of(rules: Sequence[InferenceRule]) -> Coding:
    """Give short names to what the library must see: kinds and fields that some rule tests, joins on or passes on."""
    patterns = [pattern for rule in rules for pattern in rule.when]
    passed_on = {field for index in rules_that_feed(rules) for field in rules[index].carry}
    fields = sorted({*fields_matched(rules), *passed_on})
    tested: dict[str, frozenset[int]] = {}
    for field, value in (test for pattern in patterns for test in pattern.where):
        if field not in passed_on | {pattern.on for pattern in patterns} | {"key"}:
            tested[field] = tested.get(field, frozenset()) | {value}
    return Coding(
        kinds={kind: number for number, kind in enumerate(kinds_tested(rules))},
        fields={"key": "v"} | {field: f"f{number}" for number, field in enumerate(fields)},
        tested=tested,
    )


def define(rules: Sequence[InferenceRule], coding: Coding) -> str:
    """Write the definition that the library takes, as JSON: rule 3 is called `r3`, its premises `a`, `b` and `c`."""
    return json.dumps(
        {
            # dist 0: one fact may be two premises.
            f"r{number}": {"all": [_premise(*place, coding) for place in enumerate(rule.when)], "cap": CAP, "dist": 0}
            for number, rule in enumerate(rules)
        }
    )


def _premise(number: int, pattern: Pattern, coding: Coding) -> dict[str, object]:
    """Write one pattern.

    After a condition of a join that is false, the library skips one condition more and then reads on to the next end
    mark, which is past the end of the rule if the false one was the last [jruizgit/rules #381]. So the last one here
    always holds: every fact has the same `c`. The key comes first and is false only when two keys share a hash.
    """
    tests: list[dict[str, object]] = [{"k": coding.kinds[pattern.kind]}]
    tests += [{coding.fields[field]: value} for field, value in pattern.where]
    if number:
        tests += [{coding.fields[pattern.on]: {"a": "v"}}, {"c": {"a": "c"}}]
    return {PREMISES[number]: {"$and": tests}}


def write_fact(number: int, kind: int, values: Mapping[str, int]) -> str:
    """Write one fact; `values` by coded name."""
    check_number(number)
    members = "".join(f',"{code}":{value}' for code, value in values.items())
    return f'{{"id":{number},"k":{kind}{members},"c":1}}'


def check_number(number: int) -> None:
    """Raise EngineError for a number that the library could take for another."""
    if number >= MOST_FACTS:
        raise EngineError(f"durable-rules: it tells {MOST_FACTS} facts of a session apart, and was given more")


def write_facts(propositions: pl.DataFrame, coding: Coding) -> pl.DataFrame:
    """Write the facts of each session as one JSON array, with no Python object for a fact.

    Takes propositions sorted by session; gives `session`, `facts` (text), `count` and `first` (the place, in the frame
    given, of the session's fact 0), in the same order.
    """
    numbered = propositions.with_row_index("place").with_columns(
        number=pl.col("place") - pl.col("place").min().over("session")
    )
    check_number(numbered.select(pl.col("number").max()).item() or 0)
    fields = [_member(field, coding) for field in coding.fields]
    kind = pl.col("kind").to_physical()  # an Enum of the same kinds, sorted as they are in the coding
    fact = pl.concat_str(pl.lit('{"id":'), "number", pl.lit(',"k":'), kind, *fields, pl.lit(',"c":1}'))
    return (
        numbered.select("session", "place", fact=fact)
        .group_by("session", maintain_order=True)
        .agg(
            facts=pl.concat_str(pl.lit("["), pl.col("fact").str.join(","), pl.lit("]")),
            count=pl.len(),
            first=pl.col("place").min(),
        )
    )


def _member(field: str, coding: Coding) -> pl.Expr:
    """Write one field; an absent one, or a value that is only tested and never for this, leaves no trace."""
    code, value = coding.fields[field], pl.col(field)
    if field not in coding.tested:
        return pl.concat_str(pl.lit(f',"{code}":'), value).fill_null("")
    member = pl.lit("")
    for wanted in sorted(coding.tested[field]):
        member = pl.when(value == wanted).then(pl.lit(f',"{code}":{wanted}')).otherwise(member)
    return member


def facts_that_match(rule: InferenceRule, coding: Coding) -> str:
    """Write facts that match a rule, as one JSON array."""
    joined = {dict(pattern.where).get(pattern.on) for pattern in rule.when} - {None}
    at = joined.pop() if joined else 0
    facts = []
    for number, pattern in enumerate(rule.when):
        values = {"v": 0, **{coding.fields[field]: value for field, value in pattern.where}}
        facts.append(write_fact(number, coding.kinds[pattern.kind], values | {coding.fields[pattern.on]: at or 0}))
    return f"[{','.join(facts)}]"
