"""The one door to the C module of durable-rules, which checks every answer.

Only the calls that were found right are made: no `Host`, no threads of its own, no Python actions, one session at a
time under one name, deleted when it ends.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from compliance_engine.engine.protocol import EngineError

try:
    import durable_rules_engine as c_module
except ImportError:  # it has no wheels: there are platforms on which it cannot be built
    c_module = None

if TYPE_CHECKING:
    from collections.abc import Callable

_SESSION = "0"
_PLACE = 1  # where the library keeps the session: one at a time, it is always the first place
_STATE = '{ "sid":"0", "id":"sid-0", "$s":1}'
_HANDLED = 0
_TROUBLES = {1: "a fact that no rule tests was asserted", 2: "two facts of a session were taken for one"}


class Ruleset:
    """A ruleset inside the library, which runs one session at a time, whatever thread asks.

    It is never deleted: deleting leaks.
    """

    def __init__(self, definition: str) -> None:
        """Have the library build the network."""
        if c_module is None:
            raise EngineError("durable-rules is not installed here: choose the engine 'python'")
        self._handle = c_module.create_ruleset("compliance", definition)
        self._lock = threading.Lock()

    def prime(self, rule: int, facts: str) -> None:
        """Run a session that matches this rule, to prove that it fires.

        A ruleset's first session must have a match: with a session in which no action ever started, the library frees a
        pointer that it never set. Later sessions take the place of the first, which left the pointer empty.
        """
        with self._lock:
            answers = self._assert_and_collect(facts)
            if not any(answer.startswith(f'{{"r{rule}":[') for answer in answers):
                raise EngineError(f"durable-rules: rule {rule} does not fire on its own premises")
            c_module.delete_state(self._handle, _SESSION)

    def run(self, facts: str, follow: Callable[[list[str]], str] | None = None) -> list[str]:
        """Assert facts in a session of their own; give the matches, in texts that hold one rule each.

        `follow` is told the answers of each round, and gives the facts to assert next, or "" to end.
        """
        answers: list[str] = []
        with self._lock:
            try:
                while facts:
                    found = self._assert_and_collect(facts)
                    answers += found
                    facts = follow(found) if follow else ""
            except BaseException:
                # There may be no session yet; what matters is the first error.
                with suppress(c_module.error):
                    c_module.delete_state(self._handle, _SESSION)
                raise
            c_module.delete_state(self._handle, _SESSION)
        return answers

    def _assert_and_collect(self, facts: str) -> list[str]:
        try:
            code, state = c_module.assert_facts(self._handle, facts)
            if code != _HANDLED:
                raise EngineError(f"durable-rules: {_TROUBLES.get(code, f'answer {code}')}")
            if state != _PLACE:  # it could read no fact at all, and gives what its memory held
                raise EngineError(f"durable-rules: no session was made of {facts[:80]}")
            started = c_module.start_action_for_state(self._handle, state)
            if started is None:
                return []
            own, answer = started
            if own != _STATE:
                raise EngineError(f"durable-rules: the session holds {own}")
            answers = []
            while answer is not None:
                answers.append(answer)
                answer = c_module.complete_and_start_action(self._handle, state)
        except c_module.error as error:
            raise EngineError(f"durable-rules: {error}") from error
        return answers


@cache
def ruleset_of(definition: str, first_facts: tuple[str, ...]) -> Ruleset:
    """Register a ruleset, once a process for each definition; `first_facts` match its rules, one after the other."""
    ruleset = Ruleset(definition)
    for rule, facts in enumerate(first_facts):
        ruleset.prime(rule, facts)
    return ruleset
