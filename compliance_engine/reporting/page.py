"""How wide and how long a text may be that people read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """How much is shown: `width` in characters, `most` entries a section, `color` with escape codes for a terminal."""

    width: int = 100
    most: int = 25
    color: bool = False
