"""Check what a site did against what the law requires: every obligation, one verdict, with its reason and evidence.

The names below are the public API; everything else may change. A name loads its module when it is first used, so that
importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from compliance_engine.version import __version__

if TYPE_CHECKING:
    from compliance_engine.kernel.diagnostic import Diagnostic
    from compliance_engine.kernel.errors import FactsError, InputError, RulesetError, StoreError
    from compliance_engine.kernel.span import Span
    from compliance_engine.model.facts import Complete
    from compliance_engine.model.status import Status
    from compliance_engine.workflow.library import Facts, Ruleset, evaluate, load_facts, load_rules
    from compliance_engine.workflow.results import Evaluation, Evidence, Finding, Requirement

__all__ = [
    "Complete",
    "Diagnostic",
    "Evaluation",
    "Evidence",
    "Facts",
    "FactsError",
    "Finding",
    "InputError",
    "Requirement",
    "Ruleset",
    "RulesetError",
    "Span",
    "Status",
    "StoreError",
    "__version__",
    "evaluate",
    "load_facts",
    "load_rules",
]

# Name -> the module that defines it; each is imported above for type checkers, and a test compares the two.
_MODULES = {
    "Complete": "compliance_engine.model.facts",
    "Diagnostic": "compliance_engine.kernel.diagnostic",
    "Evaluation": "compliance_engine.workflow.results",
    "Evidence": "compliance_engine.workflow.results",
    "Facts": "compliance_engine.workflow.library",
    "FactsError": "compliance_engine.kernel.errors",
    "Finding": "compliance_engine.workflow.results",
    "InputError": "compliance_engine.kernel.errors",
    "Requirement": "compliance_engine.workflow.results",
    "Ruleset": "compliance_engine.workflow.library",
    "RulesetError": "compliance_engine.kernel.errors",
    "Span": "compliance_engine.kernel.span",
    "Status": "compliance_engine.model.status",
    "StoreError": "compliance_engine.kernel.errors",
    "evaluate": "compliance_engine.workflow.library",
    "load_facts": "compliance_engine.workflow.library",
    "load_rules": "compliance_engine.workflow.library",
}


if not TYPE_CHECKING:  # or every misspelt name would have a type

    def __getattr__(name: str) -> object:
        """Load a public name on first use, and keep it."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(_MODULES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
