"""Where the readers put what they find wrong."""

from compliance_engine.kernel.diagnostic import Diagnostic, Level
from compliance_engine.kernel.span import Span

MAX_FOUND = 1_000


class Problems:
    """Collects diagnostics in the order in which they are found, up to a number that nobody would read."""

    def __init__(self) -> None:
        """Begin with none."""
        self._found: list[Diagnostic] = []
        self._errors = 0

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic; of those beyond the last one kept, only that there are more."""
        if len(self._found) < MAX_FOUND:
            self._found.append(diagnostic)
        elif len(self._found) == MAX_FOUND:
            more = Diagnostic(
                code="too-much", message=f"there are more than {MAX_FOUND:,} mistakes", span=diagnostic.span
            )
            self._found.append(more)
        self._errors += diagnostic.level is Level.ERROR

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        hint: str | None = None,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> None:
        """Keep an error at a place."""
        self.add(Diagnostic(code=code, message=message, span=span, hint=hint, related=related))

    def warn(self, code: str, message: str, span: Span, *, hint: str | None = None) -> None:
        """Keep a warning at a place."""
        self.add(Diagnostic(code=code, message=message, span=span, hint=hint, level=Level.WARNING))

    @property
    def is_full(self) -> bool:
        """Say whether no more are kept, so that looking for them is of no use."""
        return len(self._found) > MAX_FOUND

    @property
    def errors(self) -> int:
        """Count the errors so far."""
        return self._errors

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """Give all diagnostics so far."""
        return tuple(self._found)
