"""Which propositions can take part in a match at all, found by semi-joins over the frames; few of them by looking at each.

Rules join every premise with the first one only, so that a first premise with a partner for each other pattern is in a
match: the semi-joins are exact, conclusions of earlier rules included. What they keep is asserted; what they count is
what the library must give back.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from compliance_engine.engine.derivations import CONCLUSIONS, ROWS
from compliance_engine.engine.forward import chain_forward
from compliance_engine.engine.rules import fields_carried, rules_that_feed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compliance_engine.engine.rules import InferenceRule, Pattern


# Up to so many propositions are looked at one by one: the joins take longer to prepare.
FEW = 100

Content: TypeAlias = "tuple[str | int | None, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """What to assert and what to expect.

    `propositions`: those that take part in a match, sorted by session and row. `matches`: how many each rule has.
    `chained`: for each session that has any, the conclusions that are premises of others: kind, key and the fields that
    some rule carries, in the order of their names.
    """

    propositions: pl.DataFrame
    matches: tuple[int, ...]
    chained: Mapping[int, frozenset[Content]]


def screen(rules: Sequence[InferenceRule], propositions: pl.DataFrame) -> Screened:
    """Follow the rules over distinct propositions."""
    return _singly(rules, propositions) if propositions.height <= FEW else _by_joins(rules, propositions)


def _singly(rules: Sequence[InferenceRule], propositions: pl.DataFrame) -> Screened:
    """Look at every match."""
    found = chain_forward(rules, propositions)
    rows = {match[name] for match in found.matches for name in ROWS if name in match}
    places = {match[name] for match in found.matches for name in CONCLUSIONS if name in match}
    chained: dict[int, set[Content]] = defaultdict(set)
    content = ("kind", "key", *fields_carried(rules))
    for conclusion in (found.conclusions[place] for place in places):
        chained[conclusion["session"]].add(tuple(conclusion.get(name) for name in content))
    counts = Counter(match["rule"] for match in found.matches)
    return Screened(
        propositions=propositions.filter(pl.col("row").is_in(rows)).sort("session", "row"),
        matches=tuple(counts[index] for index in range(len(rules))),
        chained={session: frozenset(contents) for session, contents in chained.items()},
    )


def _by_joins(rules: Sequence[InferenceRule], propositions: pl.DataFrame) -> Screened:
    """Follow the rules over frames, without the matches themselves."""
    pools = {str(kind): frame for (kind,), frame in propositions.partition_by("kind", as_dict=True).items()}
    empty = propositions.clear()
    firsts = [empty.with_columns(matches=pl.lit(0, pl.UInt64))] * len(rules)
    feeding = rules_that_feed(rules)
    waiting = deque(range(len(rules)))
    while waiting:
        index = waiting.popleft()
        rule = rules[index]
        firsts[index] = _first_premises(rule, pools, empty)
        if index in feeding:
            pool = pools.get(rule.then, empty)
            grown = _grow(pool, _conclusions(rules, rule, firsts[index]))
            if grown.height > pool.height:
                pools[rule.then] = grown
                waiting += [other for other in _rules_testing(rule.then, rules) if other not in waiting]
    parts = pl.concat([empty, *_premises(rules, firsts, pools)])
    rows = parts["row"].drop_nulls().implode()
    return Screened(
        propositions=propositions.filter(pl.col("row").is_in(rows)).sort("session", "row"),
        matches=tuple(int(first["matches"].sum()) for first in firsts),
        chained=_chained(parts.filter(pl.col("row").is_null()), rules),
    )


def _rules_testing(kind: str, rules: Sequence[InferenceRule]) -> list[int]:
    return [index for index, rule in enumerate(rules) if any(pattern.kind == kind for pattern in rule.when)]


def _matching(pattern: Pattern, pool: pl.DataFrame) -> pl.DataFrame:
    tests = [pl.col(name) == value for name, value in pattern.where]
    return pool.filter(pl.col(pattern.on).is_not_null(), *tests)


def _first_premises(rule: InferenceRule, pools: dict[str, pl.DataFrame], empty: pl.DataFrame) -> pl.DataFrame:
    """Give the first premises that have a partner for each other pattern, with the number of their matches."""
    first = _matching(rule.when[0], pools.get(rule.when[0].kind, empty)).with_columns(matches=pl.lit(1, pl.UInt64))
    for pattern in rule.when[1:]:
        partners = _matching(pattern, pools.get(pattern.kind, empty))
        counts = partners.group_by("session", key=pl.col(pattern.on)).agg(partners=pl.len().cast(pl.UInt64))
        first = first.join(counts, on=["session", "key"]).with_columns(matches=pl.col("matches") * pl.col("partners"))
        first = first.drop("partners")
    return first


def _conclusions(rules: Sequence[InferenceRule], rule: InferenceRule, first: pl.DataFrame) -> pl.DataFrame:
    """Give what follows from these first premises; fields that the rule does not carry are null."""
    absent = [name for name in first.columns if name not in {"session", "key", "kind", "matches", *rule.carry}]
    return (
        first.drop("matches")
        .with_columns(pl.lit(rule.then).cast(first.schema["kind"]).alias("kind"), pl.lit(None, pl.UInt32).alias("row"))
        .with_columns(pl.lit(None, first.schema[name]).alias(name) for name in absent)
        .unique(["session", "key", *fields_carried(rules)])
    )


def _grow(pool: pl.DataFrame, conclusions: pl.DataFrame) -> pl.DataFrame:
    """Add the conclusions that the pool does not have; a row of the input is another proposition."""
    known = pool.filter(pl.col("row").is_null())
    content = [name for name in pool.columns if name not in {"row", "kind"}]
    return pl.concat([pool, conclusions.join(known, on=content, how="anti", nulls_equal=True)])


def _premises(
    rules: Sequence[InferenceRule], firsts: list[pl.DataFrame], pools: dict[str, pl.DataFrame]
) -> Iterator[pl.DataFrame]:
    """Give what takes part, rule by rule and pattern by pattern; `row` is null for what was concluded."""
    for rule, first in zip(rules, firsts, strict=True):
        yield first.drop("matches")
        for pattern in rule.when[1:]:
            if first.height:
                partners = _matching(pattern, pools[pattern.kind])
                on = ["session", pattern.on]
                yield partners.join(first, left_on=on, right_on=["session", "key"], how="semi")


def _chained(conclusions: pl.DataFrame, rules: Sequence[InferenceRule]) -> dict[int, frozenset[Content]]:
    found = defaultdict(set)
    for session, *content in conclusions.select("session", "kind", "key", *fields_carried(rules)).iter_rows():
        found[session].add(tuple(content))
    return {session: frozenset(contents) for session, contents in found.items()}
