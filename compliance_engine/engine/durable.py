"""The engine on durable-rules: propositions that can match go through its network, one small session for each site.

The library is quick and right inside narrow bounds, and beyond them loses facts or ends the process. So it is given
equality tests and one equality join on integers, short numbers as ids, a session at a time; and what it says is held
against the number of matches that was foretold (`screening`).

A crash of the library ends the process, and nothing here can prevent that. Whoever must outlive one runs partitions in
worker processes: a partition whose worker died, or raised `EngineError`, is run again on the engine `python`, which
gives the same conclusions, and the evaluation records it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.engine.answers import read_answers
from compliance_engine.engine.chaining import Chain
from compliance_engine.engine.definition import code_of, define, facts_that_match, write_facts
from compliance_engine.engine.derivations import arrange
from compliance_engine.engine.library import ruleset_of
from compliance_engine.engine.propositions import read_propositions
from compliance_engine.engine.protocol import EngineError
from compliance_engine.engine.rules import check_rules
from compliance_engine.engine.screening import screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_engine.engine.definition import Coding
    from compliance_engine.engine.rules import InferenceRule
    from compliance_engine.engine.screening import Screened


class DurableEngine:
    """See `Engine`, and the module."""

    name = "durable"

    def infer(self, rules: Sequence[InferenceRule], propositions: pl.DataFrame) -> pl.DataFrame:
        """Infer (see `Engine.infer`)."""
        check_rules(rules)
        read = read_propositions(rules, propositions)
        screened = screen(rules, read)
        coding = code_of(rules)
        chain = Chain(rules, coding, screened)
        answers = _run(rules, coding, screened, chain)
        asserted_back = chain.frame()
        matches = read_answers(rules, answers, screened.propositions, asserted_back)
        _check_counts(rules, screened, matches)
        return arrange(rules, read, matches, asserted_back.drop("number"))


def _run(rules: Sequence[InferenceRule], coding: Coding, screened: Screened, chain: Chain) -> pl.DataFrame:
    """Run each session; give `session`, `count`, `first` and `answer`, a row an answer."""
    sessions = write_facts(screened.propositions, coding)
    places: list[int] = []
    answers: list[str] = []
    if sessions.height:
        ruleset = ruleset_of(define(rules, coding), tuple(facts_that_match(rule, coding) for rule in rules))
        for place, (session, facts, count) in enumerate(sessions.select("session", "facts", "count").iter_rows()):
            found = ruleset.run(facts, chain.follow(session, count))
            places += [place] * len(found)
            answers += found
    column = pl.Series("answer", answers, dtype=pl.String)
    return sessions.select("session", "count", "first")[places].with_columns(column)


def _check_counts(rules: Sequence[InferenceRule], screened: Screened, matches: pl.DataFrame) -> None:
    """Raise EngineError if a rule has more or fewer matches than was foretold."""
    counted = dict(matches.group_by("rule").len().iter_rows())
    for index, expected in enumerate(screened.matches):
        found = counted.get(index, 0)
        if found != expected:
            raise EngineError(f"durable-rules: rule {rules[index].name!r} has {found} matches, where {expected} exist")
