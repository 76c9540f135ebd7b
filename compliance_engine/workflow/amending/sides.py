"""Old law and new, read one after the other: what cannot be used of either is told at once."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from compliance_engine.kernel.errors import RulesetError

if TYPE_CHECKING:
    from compliance_engine.kernel.diagnostic import Diagnostic

_Read = TypeVar("_Read")


def read_sides(read: Callable[[Sequence[str]], _Read], old: Sequence[str], new: Sequence[str]) -> tuple[_Read, _Read]:
    """Read old rulesets and new ones; raises RulesetError with the mistakes of both."""
    found: list[_Read] = []
    mistakes: list[Diagnostic] = []
    for rules in (old, new):
        try:
            found.append(read(rules))
        except RulesetError as error:
            mistakes += error.diagnostics
    if mistakes:
        raise RulesetError(mistakes)
    before, after = found
    return before, after
