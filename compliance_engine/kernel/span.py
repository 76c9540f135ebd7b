"""A place in a text that somebody wrote."""

import msgspec


# Of law there are some hundred thousand: a struct is made soonest.
class Span(msgspec.Struct, frozen=True, order=True, gc=False):
    """A place in a file: lines and columns count from 1; `length` characters from there (0 if not known)."""

    file: str
    line: int
    column: int
    length: int = 0

    def __str__(self) -> str:
        """Give `file:line:column`, as compilers print it."""
        return f"{self.file}:{self.line}:{self.column}"
