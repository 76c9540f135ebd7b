"""Conclusions that become premises: read from the library's answers and asserted back in the same session."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.engine.definition import write_fact
from compliance_engine.engine.derivations import conclusion_schema
from compliance_engine.engine.rules import fields_carried, rules_that_feed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from compliance_engine.engine.definition import Coding
    from compliance_engine.engine.rules import InferenceRule
    from compliance_engine.engine.screening import Content, Screened


class Chain:
    """The conclusions of one call that were asserted back, session by session, each once."""

    def __init__(self, rules: Sequence[InferenceRule], coding: Coding, screened: Screened) -> None:
        """Expect those that the screen found to be premises of others."""
        self._rules = rules
        self._coding = coding
        self._expected = screened.chained
        self._names = ("key", *fields_carried(rules))
        # For each rule that feeds others, the codes of the fields that its conclusions have, None for the others.
        self._codes = {
            f"r{index}": [coding.fields[name] if name in ("key", *rules[index].carry) else None for name in self._names]
            for index in rules_that_feed(rules)
        }
        self._asserted: list[Content] = []

    def follow(self, session: int, count: int) -> Callable[[list[str]], str] | None:
        """Give what `Ruleset.run` calls in a session of `count` facts; None where no conclusion is a premise."""
        waiting = set(self._expected.get(session, ()))
        number = count

        def assert_back(answers: list[str]) -> str:
            """Write the facts that follow from these answers as a JSON array; "" if there are none."""
            nonlocal number
            facts = []
            for content in self._conclusions(answers):
                if content in waiting:
                    waiting.remove(content)
                    facts.append(self._write(number, content))
                    self._asserted.append((session, number, *content))
                    number += 1
            return f"[{','.join(facts)}]" if facts else ""

        return assert_back if waiting else None

    def frame(self) -> pl.DataFrame:
        """Give what was asserted back: `number` (u32, the fact's), then as `conclusion_schema` says."""
        schema = conclusion_schema(self._rules)
        columns = {"session": schema.pop("session"), "number": pl.UInt32(), **schema}
        return pl.DataFrame(self._asserted, schema=columns, orient="row")

    def _conclusions(self, answers: list[str]) -> Iterator[Content]:
        for answer in answers:
            name = answer[2 : answer.index('"', 2)]
            codes = self._codes.get(name)
            if codes:
                kind = self._rules[int(name[1:])].then
                for match in json.loads(answer)[name]:
                    yield (kind, *(match["a"].get(code) for code in codes))

    def _write(self, number: int, content: Content) -> str:
        kind, *values = content
        named = zip(self._names, values, strict=True)
        fields = {self._coding.fields[name]: value for name, value in named if isinstance(value, int)}
        return write_fact(number, self._coding.kinds[str(kind)], fields)
