"""What is wrong with an author's input: a value, collected, never raised one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from compliance_engine.kernel.span import Span


class Level(StrEnum):
    """Whether the input is refused or only remarked upon."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One trouble in the input.

    `code` is stable (`unknown-key`, `unit-mismatch`); `message` says what was found and what was expected; `hint` gives a
    valid example or the nearest known name; `related` lists the other places involved, each with a short remark.
    """

    code: str
    message: str
    span: Span | None = None
    hint: str | None = None
    related: tuple[tuple[Span, str], ...] = ()
    level: Level = Level.ERROR


def sort_diagnostics(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Order by place, then code and message, without repeats."""
    unknown = Span("", 0, 0)
    return tuple(sorted(set(diagnostics), key=lambda d: (d.span or unknown, d.code, d.message)))


def join_diagnostics(read: Iterable[Diagnostic], later: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Put what later steps found beside what was found in reading, in order of place.

    Where reading found a mistake, a stand-in was given: what is said of that place later is about the stand-in, and left out.
    """
    first = tuple(read)
    mistaken = {d.span for d in first if d.level is Level.ERROR}
    return sort_diagnostics((*first, *(d for d in later if d.span is None or d.span not in mistaken)))


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Say whether any of them refuses the input."""
    return any(d.level is Level.ERROR for d in diagnostics)


def render_diagnostic(diagnostic: Diagnostic) -> str:
    """Give the lines that a person reads: place, level, code, message, hint, related places."""
    place = f"{diagnostic.span}: " if diagnostic.span else ""
    lines = [f"{place}{diagnostic.level} [{diagnostic.code}] {diagnostic.message}"]
    if diagnostic.hint:
        lines.append(f"    hint: {diagnostic.hint}")
    lines += [f"    see {span}: {remark}" for span, remark in diagnostic.related]
    return "\n".join(lines)
