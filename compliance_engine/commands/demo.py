"""`compliance demo`: evaluate the sample sites with the shipped law."""

from datetime import UTC, date, datetime
from pathlib import Path

import click
import polars as pl

from compliance_engine.commands.arguments import DATE, warn
from compliance_engine.commands.evaluate import evaluate, render
from compliance_engine.commands.output import open_output, write_stdout
from compliance_engine.kernel.shipped import shipped_facts, shipped_rulesets
from compliance_engine.workflow.evaluation import Outcome
from compliance_engine.workflow.recording import record_outcome

# The sample records end a few days before.
_AS_OF = date(2026, 9, 30)


@click.command()
@click.option(
    "--out-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("out"),
    show_default=True,
    help="Where the store and the files go.",
)
@click.option("--as-of", type=DATE, default=_AS_OF, show_default=str(_AS_OF), help="The day as of which to judge.")
def command(*, out_dir: Path, as_of: date) -> None:
    """Evaluate the sample sites with the shipped law.

    The sites are invented. Writes findings.csv, findings.json and a store, and prints the summary. Exits with 0 even
    though there are violations: they are the point.

    \b
    Example:
      compliance demo --out-dir out
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    store = f"sqlite:///{out_dir / 'compliance.db'}"
    outcome = evaluate(rules=(str(shipped_rulesets()),), facts=(str(shipped_facts()),), as_of=as_of).sealed()
    number = record_outcome(store, outcome, datetime.now(UTC))
    warn(outcome.diagnostics)
    for form in ("csv", "json"):
        path = out_dir / f"findings.{form}"
        with open_output(path) as write:
            write(render(outcome, form, number, path))
    write_stdout(render(outcome, "table", number, None))
    _tell_next(outcome, store, out_dir)


def _tell_next(outcome: Outcome, store: str, out_dir: Path) -> None:
    click.echo(f"\nwritten: {out_dir / 'findings.csv'}, {out_dir / 'findings.json'}, {store}", err=True)
    violations = outcome.findings.frame.filter(pl.col("status") == "violation")["finding"]
    if violations.len():
        click.echo(f"next: compliance explain {violations[0][:8]} --store {store}", err=True)
