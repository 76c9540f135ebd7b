"""Refused rows, references that lead nowhere and statements withdrawn, as texts."""

import io
from collections.abc import Iterable, Sequence

import polars as pl

from compliance_engine.model.facts import Complete, Quarantined, Source
from compliance_engine.model.inventory import Stray
from compliance_engine.reporting.words import cut, make_printable, plural

MOST_STRAYS = 50


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
