"""The library's answers, read all at once: one text a session and rule, in which each premise names its fact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.engine.definition import PREMISES
from compliance_engine.engine.derivations import CONCLUSIONS, MATCH_SCHEMA, ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_engine.engine.rules import InferenceRule


def read_answers(
    rules: Sequence[InferenceRule], answers: pl.DataFrame, facts: pl.DataFrame, asserted_back: pl.DataFrame
) -> pl.DataFrame:
    """Give the matches as `derivations` wants them.

    `answers`: `session`, `count` and `first` (of its facts, as `write_facts` says) and `answer`. `facts`: the
    propositions that were asserted, in that order. `asserted_back`: `session`, `number`; its rows are the conclusions.
    """
    named = answers.with_columns(rule=pl.col("answer").str.extract(r'^\{"r(\d+)":', 1).cast(pl.UInt32))
    conclusions = asserted_back.select("session", "number").with_row_index("conclusion")
    matches = [_read(named, rules, arity) for arity in (1, 2, 3)]
    found = pl.concat(matches, how="diagonal")
    for index, letter in enumerate(PREMISES):
        found = found.join(conclusions, left_on=["session", letter], right_on=["session", "number"], how="left")
        place = pl.when(pl.col(letter) < pl.col("count")).then(pl.col("first") + pl.col(letter))
        row = pl.lit(facts["row"]).gather(place)
        found = found.with_columns(row.alias(ROWS[index])).rename({"conclusion": CONCLUSIONS[index]})
    return found.select(*MATCH_SCHEMA)


def _read(named: pl.DataFrame, rules: Sequence[InferenceRule], arity: int) -> pl.DataFrame:
    """Read the matches of the rules with this many premises: `session`, `rule` and a fact's number under each letter.

    All premises of a match are in one answer, so that the lists of one answer have one length, or reading fails.
    """
    these = [index for index, rule in enumerate(rules) if len(rule.when) == arity]
    letters = PREMISES[:arity]
    lists = [pl.col("answer").str.extract_all(rf'"{letter}":\{{"id":\d+').alias(letter) for letter in letters]
    return (
        named.filter(pl.col("rule").is_in(these))
        .select("session", "rule", "count", "first", *lists)
        .explode(*letters)
        .with_columns(pl.col(*letters).str.slice(len('"a":{"id":')).cast(pl.UInt32))
    )
