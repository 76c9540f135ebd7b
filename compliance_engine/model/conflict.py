"""Provisions that contradict each other: values for the report of `rules conflicts`."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two duties: what it demands, and from when to when its version is in force."""

    provision: str
    duty: str
    title: str
    citation: str
    demand: str
    place: str
    first: date
    last: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one of the two duties says of the example."""

    provision: str
    duty: str
    subject: str
    period: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterexample:
    """Facts of which one duty says compliant and the other violation; cells as a case has them."""

    as_of: date
    since: date
    records: tuple[tuple[str, tuple[tuple[tuple[str, str], ...], ...]], ...]
    complete: tuple[tuple[str, date, date], ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two duties that cannot both be met, or hold one value against different limits.

    `kind`: limits or opposite. `examples` were judged by both: of opposite duties one with the record and one without;
    none: the two look alike, and no facts were found on which they differ.
    """

    kind: str
    sides: tuple[Side, Side]
    examples: tuple[Counterexample, ...]
