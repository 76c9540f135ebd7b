"""Troubles of a stage, collected."""

from dataclasses import dataclass, field

from compliance_engine.kernel.diagnostic import Diagnostic, Level
from compliance_engine.kernel.span import Span


@dataclass(slots=True)
class Report:
    """Errors and warnings in the order in which they were found."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    def error(
        self,
        code: str,
        message: str,
        place: Span,
        hint: str | None = None,
        *,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> None:
        """Keep what refuses the law."""
        self.diagnostics.append(Diagnostic(code=code, message=message, span=place, hint=hint, related=related))

    def warning(
        self,
        code: str,
        message: str,
        place: Span,
        hint: str | None = None,
        *,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> None:
        """Keep a remark."""
        self.diagnostics.append(
            Diagnostic(code=code, message=message, span=place, hint=hint, related=related, level=Level.WARNING)
        )
