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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """An id that `count` records of a type refer to in a field, and that no record of the `target` type has.

    `source` and `row`: of the first of them; `near`: the id that is probably meant.
    """

    type: str
    field: str
    target: str
    id: str
    count: int
    source: int
    row: int
    near: str | None
