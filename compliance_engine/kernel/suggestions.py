"""The nearest known name: what an author probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches

CUTOFF = 0.6
# So alike that one name is a slip of the pen for the other.
SLIP = 0.85


def suggest(word: str, known: Iterable[str], cutoff: float = CUTOFF) -> str | None:
    """Give the known name nearest to `word`, or None where none is near; ties go to the first in the alphabet."""
    names = sorted(set(known))
    folded = {name.lower(): name for name in reversed(names)}
    matches = get_close_matches(word.lower(), sorted(folded), n=1, cutoff=cutoff)
    return folded[matches[0]] if matches else None


def suggest_slip(word: str, known: Iterable[str]) -> str | None:
    """Give the known name that `word` is probably a slip of the pen for: nearly the same, or two letters changed about."""
    names = sorted(set(known))
    letters = sorted(word.lower())
    return suggest(word, names, SLIP) or next((name for name in names if sorted(name.lower()) == letters), None)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Give a hint for a diagnostic: the nearest name, else the known names if they are few, else None."""
    names = sorted(set(known))
    near = suggest(word, names)
    if near is not None:
        return f"did you mean {near}?"
    return f"known: {', '.join(names)}" if 0 < len(names) <= 12 else None
