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
