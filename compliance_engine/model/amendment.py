"""What an amendment changes, and what that does to a site: values for the reports of `rules diff` and `rules impact`."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that an amendment changes.

    `document`: provision, definition, parameter, table or vocabulary. `kind`: added, removed, renamed, version or
    changed. `text` says it in words, without the date; `effective` is the day from which it holds (None: whenever the
    document does). `before` and `after`: as written, empty where there is none. `place`: `file:line`.
    """

    document: str
    id: str
    citation: str
    title: str
    kind: str
    text: str
    effective: date | None = None
    before: str = ""
    after: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """All changes, by document and id; `concerns` names the provisions that read a changed definition, table or parameter."""

    changes: tuple[Change, ...]
    concerns: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Obligations of one duty at one site that an amendment changes alike.

    `before` and `after` are statuses, "" where there is no such obligation; the same twice: the due date moves.
    `count` obligations, of which `subjects` names some; `first`: the first day that one of them is about.
    """

    site: str
    provision: str
    duty: str
    title: str
    citation: str
    severity: str
    before: str
    after: str
    count: int
    first: date | None
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A field that the amended law reads and the old one did not.

    `records` of that type are there, in `empty` of which the field is; `is_new_type`: nothing of the type was read before.
    """

    type: str
    field: str
    is_new_type: bool
    records: int
    empty: int
    provisions: tuple[str, ...]

    @property
    def is_met(self) -> bool:
        """Say whether every record has it."""
        return self.records > 0 and self.empty == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What an amendment does to the verdicts, as of a date, and which facts it newly needs; `same`: findings left as they were."""

    as_of: date
    shifts: tuple[Shift, ...]
    needs: tuple[Need, ...]
    same: int
