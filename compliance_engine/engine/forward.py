"""The engine in plain Python: semi-naive forward chaining, for where durable-rules cannot be had, and to judge it.

A proposition is taken from the agenda once and joined with those that were taken before it, so that each match is found
when the last of its premises is taken, and never again.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from itertools import groupby, product
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import polars as pl

from compliance_engine.engine.derivations import CONCLUSIONS, MATCH_SCHEMA, ROWS, arrange, conclusion_schema
from compliance_engine.engine.propositions import read_propositions
from compliance_engine.engine.rules import check_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_engine.engine.rules import InferenceRule, Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proposition:
    """`place`: the row, if given; the number of the conclusion, if concluded. `fields` has `key`, and no nulls."""

    kind: str
    fields: dict[str, int]
    place: int
    is_given: bool


@dataclass(slots=True, kw_only=True)
class Found:
    """Matches and conclusions of all sessions, as rows: of a match the places of its premises, a column each."""

    rules: Sequence[InferenceRule]
    matches: list[dict[str, int]] = field(default_factory=list)
    conclusions: list[dict[str, Any]] = field(default_factory=list)


class PythonEngine:
    """See `Engine`, and the module."""

    name = "python"

    def infer(self, rules: Sequence[InferenceRule], propositions: pl.DataFrame) -> pl.DataFrame:
        """Infer (see `Engine.infer`)."""
        check_rules(rules)
        read = read_propositions(rules, propositions)
        found = chain_forward(rules, read)
        matches = pl.DataFrame(found.matches, schema=MATCH_SCHEMA)
        return arrange(rules, read, matches, pl.DataFrame(found.conclusions, schema=conclusion_schema(rules)))


def chain_forward(rules: Sequence[InferenceRule], propositions: pl.DataFrame) -> Found:
    """Run every session of propositions (as `read_propositions` gives them) to its end."""
    found = Found(rules=rules)
    for session, rows in groupby(propositions.sort("session", "row").iter_rows(named=True), key=itemgetter("session")):
        _chain_forward(session, [_given(row) for row in rows], found)
    return found


def _given(row: dict[str, Any]) -> _Proposition:
    kind, place = row["kind"], row["row"]
    fields = {name: row[name] for name in row.keys() - {"row", "session", "kind"} if row[name] is not None}
    return _Proposition(kind=kind, fields=fields, place=place, is_given=True)


def _chain_forward(session: int, given: list[_Proposition], found: Found) -> None:
    """Run one session to its end, adding what it finds."""
    agenda = deque(given)
    memory = _Memory(found.rules)
    known: set[tuple[object, ...]] = set()
    while agenda:
        for index, match in memory.take(agenda.popleft()):
            found.matches.append({"rule": index, "session": session, **_places(match)})
            kind, fields = _conclude(found.rules[index], match[0])
            content = (kind, *sorted(fields.items()))
            if content not in known and memory.may_match(kind):
                known.add(content)
                agenda.append(_Proposition(kind=kind, fields=fields, place=len(found.conclusions), is_given=False))
                found.conclusions.append({"session": session, "kind": kind, **fields})


def _conclude(rule: InferenceRule, first: _Proposition) -> tuple[str, dict[str, int]]:
    return rule.then, {name: first.fields[name] for name in ("key", *rule.carry) if name in first.fields}


def _places(match: tuple[_Proposition, ...]) -> dict[str, int]:
    return {(ROWS if premise.is_given else CONCLUSIONS)[at]: premise.place for at, premise in enumerate(match)}


class _Memory:
    """For each rule and pattern, the propositions taken so far that match it, by the value that they join on."""

    def __init__(self, rules: Sequence[InferenceRule]) -> None:
        self._taken: dict[tuple[int, int, int], list[_Proposition]] = defaultdict(list)
        self._patterns: dict[str, list[tuple[int, int, Pattern, range]]] = defaultdict(list)
        for index, rule in enumerate(rules):
            for at, pattern in enumerate(rule.when):
                self._patterns[pattern.kind].append((index, at, pattern, range(len(rule.when))))

    def may_match(self, kind: str) -> bool:
        """Hold for a kind that some pattern names."""
        return kind in self._patterns

    def take(self, proposition: _Proposition) -> list[tuple[int, tuple[_Proposition, ...]]]:
        """Give each match, with its rule's index, of which this is a premise and the others were taken before.

        Where it matches two patterns of a rule, the later one also sees it at the earlier one, and not the other way
        round, so that a match with itself is found once.
        """
        matches: list[tuple[int, tuple[_Proposition, ...]]] = []
        for index, at, pattern, places in self._patterns.get(proposition.kind, ()):
            if _is_matched(pattern, proposition):
                value = proposition.fields[pattern.on]
                sides = [[proposition] if place == at else self._taken[index, place, value] for place in places]
                matches += ((index, match) for match in product(*sides))
                self._taken[index, at, value].append(proposition)
        return matches


def _is_matched(pattern: Pattern, proposition: _Proposition) -> bool:
    fields = proposition.fields
    return pattern.on in fields and all(fields.get(name) == value for name, value in pattern.where)
