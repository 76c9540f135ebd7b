"""Diagnostics as texts."""

from collections.abc import Iterable, Sequence

import msgspec

from compliance_engine.kernel.diagnostic import Diagnostic, Level, render_diagnostic
from compliance_engine.reporting.words import make_printable

SCHEMA = "compliance-diagnostics/1"


def render_diagnostics(diagnostics: Iterable[Diagnostic]) -> str:
    """Give them as a person reads them, one after the other."""
    return "".join(f"{_printable(diagnostic)}\n" for diagnostic in diagnostics)


def _printable(diagnostic: Diagnostic) -> str:
    return "\n".join(make_printable(line) for line in render_diagnostic(diagnostic).split("\n"))


def render_diagnostics_json(diagnostics: Sequence[Diagnostic], counts: dict[str, int]) -> str:
    """Give them as one JSON document, with what else was counted."""
    document = {"schema": SCHEMA, "counts": counts, "diagnostics": [_describe(item) for item in diagnostics]}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def count_levels(diagnostics: Iterable[Diagnostic]) -> dict[str, int]:
    """Count errors and warnings."""
    levels = [diagnostic.level for diagnostic in diagnostics]
    return {"errors": levels.count(Level.ERROR), "warnings": levels.count(Level.WARNING)}


def _describe(diagnostic: Diagnostic) -> dict[str, object]:
    span = diagnostic.span
    return {
        "level": diagnostic.level.value,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "file": span.file if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "related": [
            {"file": place.file, "line": place.line, "column": place.column, "remark": remark}
            for place, remark in diagnostic.related
        ],
    }
