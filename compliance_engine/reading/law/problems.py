"""Where the readers put what they find wrong."""

from compliance_engine.kernel.diagnostic import Diagnostic, Level
from compliance_engine.kernel.span import Span


class Problems:
    """Collects diagnostics in the order in which they are found."""

    def __init__(self) -> None:
        """Begin with none."""
        self._found: list[Diagnostic] = []
        self._errors = 0

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic."""
        self._found.append(diagnostic)
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
    def errors(self) -> int:
        """Count the errors so far."""
        return self._errors

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """Give all diagnostics so far."""
        return tuple(self._found)
