"""Mutants of law that no case notices, by provision: as text, or as JSON (schema `compliance-mutants/1`)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from compliance_engine.kernel.span import Span
from compliance_engine.reporting.words import make_printable

SCHEMA = "compliance-mutants/1"
_MOST = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class MutantRow:
    """A mutant and what became of it; `because` of one that was accepted."""

    document: str
    clause: str
    change: str
    before: str
    after: str
    span: Span
    fate: str
    because: str = ""


def render_mutant(row: MutantRow, *, named: bool) -> Iterator[str]:
    """Give a line for a mutant, below the id of what was changed if that is to be `named`."""
    if named:
        yield f"{row.document}\n"
    fate = "" if row.fate == "survived" else f" [{row.fate}{': ' if row.because else ''}{row.because}]"
    change = f"{_shorten(row.before)} -> {_shorten(row.after)}"
    yield make_printable(f"  {row.span} {row.clause}: {change} ({row.change}){fate}") + "\n"


def render_mutants_json(rows: Iterable[MutantRow], counts: Mapping[str, int], percent: float) -> str:
    """Give all, with their number by fate and the share that survives."""
    listed = [
        {
            "document": row.document,
            "file": row.span.file,
            "line": row.span.line,
            "column": row.span.column,
            "clause": row.clause,
            "change": row.change,
            "before": row.before,
            "after": row.after,
            "fate": row.fate,
            "because": row.because,
        }
        for row in rows
    ]
    document = {
        "schema": SCHEMA,
        "counts": dict(counts),
        "surviving_percent": round(percent, 2),
        "mutants": listed,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _shorten(text: str) -> str:
    return text if len(text) <= _MOST else text[: _MOST - 3] + "..."
