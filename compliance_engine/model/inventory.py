"""What facts there are, said in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeSummary:
    """What there is of one fact type: `count` records at `sites` sites, from `first` to `last` (None: no time).

    `empty`: how many cells of a field are empty; fields without any left out.
    """

    type: str
    kind: str
    count: int
    first: date | None
    last: date | None
    sites: int
    empty: Mapping[str, int]
