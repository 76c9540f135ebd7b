"""What the oracle finds: one verdict for each obligation, and what later provisions may read of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from fractions import Fraction

    from tests.oracle.facts import Record
    from tests.oracle.periods import Period
    from tests.oracle.values import Value


@dataclass(eq=False, slots=True, kw_only=True)
class OracleFinding:
    """A verdict. `subject`: the record's id, or of a finding `provision/duty/subject/occurrence`.

    `possible` has the statuses that remain (one if settled); `met` is true, false or unknown; `evidence` the ids of the
    records that breach. `attributes` is what a later provision may read; `about` the subject itself, `period` the
    calendar period (`exists`: whether there is such an obligation at all), of which `period_from` and `period_to` are the part in which the subject was bound.
    """

    provision: str
    duty: str
    subject: str
    period_from: date | None
    period_to: date | None
    occurrence: str
    due: date | None
    status: str
    possible: frozenset[str]
    met: str
    exceedance: Fraction | None
    days_late: int | None
    evidence: frozenset[str]
    about: Record | OracleFinding
    exists: Value
    period: Period | None = None
    attributes: dict[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.provision}/{self.duty}/{self.subject}/{self.occurrence}"


def root(thing: Record | OracleFinding) -> Record:
    """Give the record that a chain of findings is about in the end."""
    while isinstance(thing, OracleFinding):
        thing = thing.about
    return thing
