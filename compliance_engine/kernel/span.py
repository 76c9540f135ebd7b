"""A place in a text that somebody wrote."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file: lines and columns count from 1; `length` characters from there (0 if not known)."""

    file: str
    line: int
    column: int
    length: int = 0

    def __str__(self) -> str:
        """Give `file:line:column`, as compilers print it."""
        return f"{self.file}:{self.line}:{self.column}"
