"""`compliance obligations`: what applies here and why, by when, on whose desk."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from compliance_engine.commands.arguments import LengthType, scope_options, warn
from compliance_engine.commands.evaluate import evaluate
from compliance_engine.commands.output import choose_page, open_output
from compliance_engine.reporting.obligations import list_obligations, render_obligations, render_obligations_json


@click.command()
@scope_options
@click.option("--due-within", type=LengthType(), metavar="90d", help="Only what has something due by then: 90d, 12w.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
def command(*, due_within: timedelta | None, form: str, out: Path | None, **scope: Any) -> None:  # noqa: ANN401 (the options of `scope_options`)
    """List what applies, to whom, and by when.

    Overdue obligations that are not settled are listed too. Nothing is stored.

    \b
    Example:
      compliance obligations --rules us/cwa --facts riverside --as-of 2026-09-30 --due-within 90d
    """
    with open_output(out) as write:
        outcome = evaluate(**scope)
        warn(outcome.diagnostics)
        until = None if due_within is None else outcome.provenance.as_of + due_within
        rows = list_obligations(outcome.findings, outcome.program, until=until)
        if form == "csv":
            write([rows.write_csv()])
        elif form == "json":
            write([render_obligations_json(rows, outcome.provenance)])
        else:
            write([render_obligations(rows, outcome.provenance, page=choose_page(out))])
