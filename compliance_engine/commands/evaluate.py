"""`compliance evaluate`: give every obligation its verdict."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from compliance_engine.commands.arguments import cache_folder, end_of_day, scope_options, store_option, warn
from compliance_engine.commands.boundary import Exit
from compliance_engine.commands.output import choose_page, open_output, show_progress
from compliance_engine.commands.verdict import FAIL_ON, choose_exit
from compliance_engine.reporting.csv_text import render_csv
from compliance_engine.reporting.json_text import render_json, render_jsonl
from compliance_engine.reporting.summary import render_table
from compliance_engine.reporting.words import tell_refused
from compliance_engine.workflow.evaluation import Outcome, run
from compliance_engine.workflow.silence import refuse_silence

FORMATS = ("table", "json", "jsonl", "csv")


@click.command()
@scope_options
@store_option
@click.option("--no-store", is_flag=True, help="Keep no record of this evaluation.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="What to write.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="violation",
    show_default=True,
    help="Exit with 1 if a finding is this or worse; a severity means violations of it or a higher one.",
)
def command(*, store: str, no_store: bool, form: str, out: Path | None, fail_on: str, **scope: Any) -> Exit:  # noqa: ANN401 (the options of `scope_options`)
    """Give every obligation its verdict, as of a date.

    Exits with 0 if nothing is found, 1 if a violation is (see --fail-on), 2 if the input cannot be used, 3 if nothing
    worse than undetermined is found.

    \b
    Example:
      compliance evaluate --rules us/cwa --facts riverside --as-of 2026-09-30
      compliance evaluate --rules us --facts sites/ --as-of 2026-09-30 --period 2026-Q3 --format csv --out q3.csv
    """
    # Start-up: SQLAlchemy (0.3 s) is for those who store.
    recording = None if no_store else import_module("compliance_engine.workflow.recording")
    with open_output(out) as write:
        if recording:
            recording.prepare_store(store)
        outcome = evaluate(**scope)
        if form == "json":
            outcome = outcome.sealed()
        number = recording.record_outcome(store, outcome, datetime.now(UTC)) if recording else None
        warn(outcome.diagnostics)
        write(render(outcome, form, number, out))
    if form != "table" or out is not None:
        _tell_refused(outcome)
    if number is not None:
        click.echo(f"stored as evaluation {number} in {hide_password(store)}", err=True)
    return choose_exit(outcome.findings.frame, fail_on)


def _tell_refused(outcome: Outcome) -> None:
    """Tell on stderr what rows of findings have no place for: that rows of the facts were put aside."""
    told = tell_refused(outcome.provenance.quarantine)
    if told:
        click.echo(told, err=True)


def evaluate(*, known_as_of: date | None = None, **scope: Any) -> Outcome:  # noqa: ANN401 (the options of `scope_options`)
    """Evaluate with progress on the terminal, and compiled rules from the user's cache."""
    with show_progress() as progress:
        outcome = run(**scope, known_as_of=end_of_day(known_as_of), cache=cache_folder(), progress=progress)
    return refuse_silence(outcome, scope.get("sites", ()))


def render(outcome: Outcome, form: str, number: int | None, out: Path | None) -> Iterable[str]:
    """Give the text of an evaluation in one of the formats."""
    findings, provenance, program = outcome.findings, outcome.provenance, outcome.program
    if form == "csv":
        return render_csv(findings, provenance, program)
    if form == "json":
        return render_json(findings, provenance, program, number)
    if form == "jsonl":
        return render_jsonl(findings, provenance, program)
    return [render_table(findings, provenance, program, evaluation=number, page=choose_page(out))]


def hide_password(url: str) -> str:
    """Leave out what stands between the user's name and the host."""
    scheme, mark, rest = url.partition("://")
    user, at, host = rest.rpartition("@")
    return f"{scheme}{mark}{user.partition(':')[0]}{at}{host}"
