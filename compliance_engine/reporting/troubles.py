"""Diagnostics and refused rows as texts."""

import io
from collections.abc import Iterable, Sequence

import msgspec
import polars as pl

from compliance_engine.kernel.diagnostic import Diagnostic, Level, render_diagnostic
from compliance_engine.model.facts import Complete, Quarantined, Source
from compliance_engine.model.inventory import Stray
from compliance_engine.reporting.words import cut, make_printable, plural

SCHEMA = "compliance-diagnostics/1"
MOST_STRAYS = 50


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


def render_quarantine(quarantine: Sequence[Quarantined], sources: Sequence[Source]) -> str:
    """List the rows that could not be used: `lab.csv#row 12, value: not a number (found "12,3")`."""
    lines = []
    for row in quarantine:
        source = sources[row.source]
        sheet = f"{source.sheet}!" if source.sheet else ""
        column = f", {row.column}" if row.column else ""
        found = f' (found "{row.found}")' if row.found else ""
        lines.append(make_printable(f"{source.name}#{sheet}row {row.row}{column}: {row.reason}{found}") + "\n")
    return "".join(lines)


def render_strays(strays: Sequence[Stray], sources: Sequence[Source]) -> str:
    """List the references that lead to no record: `log.csv#row 6, crane: there is no crane K9; did you mean K1?`."""
    lines = []
    for stray in strays[:MOST_STRAYS]:
        source = sources[stray.source]
        sheet = f"{source.sheet}!" if source.sheet else ""
        near = f"; did you mean {stray.near}?" if stray.near else ""
        more = f" (in {plural(stray.count, 'record')})" if stray.count > 1 else ""
        place = f"{source.name}#{sheet}row {stray.row}, {stray.field}"
        lines.append(make_printable(f"{place}: there is no {stray.target} {cut(stray.id)}{near}{more}") + "\n")
    if len(strays) > MOST_STRAYS:
        lines.append(f"and {len(strays) - MOST_STRAYS:,} more such references\n")
    return "".join(lines)


def render_withdrawn(statements: Iterable[Complete]) -> str:
    """List the statements of completeness in which a refused row may lie."""
    return "".join(
        make_printable(
            f"{statement.type} of {statement.site or 'every site'}: not complete from {statement.start} to {statement.end} as stated,"
            " since a row that could not be used may be of that time"
        )
        + "\n"
        for statement in statements
    )


def render_quarantine_csv(quarantine: Sequence[Quarantined], sources: Sequence[Source]) -> str:
    """Give the refused rows as CSV, to be sent back to where they came from."""
    rows = [
        (sources[row.source].name, sources[row.source].sheet, row.row, row.column, row.found, row.reason)
        for row in quarantine
    ]
    schema = {
        "file": pl.String,
        "sheet": pl.String,
        "row": pl.Int64,
        **dict.fromkeys(("column", "found", "reason"), pl.String),
    }
    target = io.StringIO()
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    text = pl.col(pl.String)
    formula = text.str.contains(r"^[=+\-@\t\r\n＝＋－＠]")
    frame.with_columns(pl.when(formula).then("'" + text).otherwise(text).name.keep()).write_csv(target)
    return target.getvalue()


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
