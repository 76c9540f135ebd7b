"""What every engine promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from compliance_engine.engine.rules import InferenceRule


class EngineError(Exception):
    """An engine gave an answer that cannot be right, or cannot be had: no conclusion of that call may be used."""


class Engine(Protocol):
    """Chain forward from propositions to conclusions, until nothing new follows."""

    @property
    def name(self) -> str:
        """Say which engine this is, as an evaluation records it."""
        ...

    def infer(self, rules: Sequence[InferenceRule], propositions: pl.DataFrame) -> pl.DataFrame:
        """Give every derivation of every conclusion, a row each.

        `propositions`: `session` (u32; propositions meet only within one), `kind` (String or Enum), `key` (>= 0), and
        integer fields (null, or no such column: absent), in any order. Each row is a proposition of its own, even
        beside an equal one.

        The result has `session` (u32), `rule` and `kind` (Enum, categories sorted), `key` (i64), the carried fields
        (i64, null: absent), `premises` (List[u32]: rows of `propositions`, in the order of the rule's patterns) and
        `premise_conclusions` (List[u32]: rows of the result, for premises that were concluded; of a proposition that
        was concluded more than once, its first row). A conclusion is a proposition of its own, apart from an equal row
        of the input; concluded by two rules, or in two ways, it has two rows and was one proposition to the rules.
        Sorted by session, kind, key, rule and the content of the premises: neither the engine nor the order of rows
        changes what is said, nor, but for the numbers in `premises`, a byte.

        Raises ValueError for rules or columns that break these terms, EngineError if the engine failed.
        """
        ...
