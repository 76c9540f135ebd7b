"""The errors that the library raises when what it was given cannot be used."""

from collections.abc import Iterable

from compliance_engine.kernel.diagnostic import Diagnostic, render_diagnostic, sort_diagnostics


class InputError(Exception):
    """Input that cannot be used. `diagnostics` has every trouble that was found, in order of place."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Keep the diagnostics; as text, the error is what a person should read."""
        self.diagnostics = sort_diagnostics(diagnostics)
        super().__init__("\n".join(render_diagnostic(diagnostic) for diagnostic in self.diagnostics))

    def __reduce__(self) -> tuple[type["InputError"], tuple[tuple[Diagnostic, ...]]]:
        """Be the same in another process."""
        return type(self), (self.diagnostics,)


class RulesetError(InputError):
    """The law cannot be used."""


class FactsError(InputError):
    """The facts cannot be used."""


class StoreError(InputError):
    """The store cannot be used: not reachable, not ours, or of another version."""
