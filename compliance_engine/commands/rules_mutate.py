"""`compliance rules mutate`: list the drafting errors that no case would notice."""

import time

import click

from compliance_engine.commands.arguments import engine_option
from compliance_engine.commands.boundary import Exit
from compliance_engine.commands.output import show_progress, write_stdout
from compliance_engine.reporting.mutants import MutantRow, render_mutant, render_mutants_json
from compliance_engine.reporting.words import plural
from compliance_engine.workflow.mutating import MutationReport, mutate_rules
from compliance_engine.workflow.trying import Fate, Tried


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-k", "select", default="", metavar="TEXT", help="Only documents whose id contains this text.")
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Try so many mutants, chosen at random.")
@click.option("--seed", type=int, default=0, show_default=True, metavar="S", help="Choose others by another seed.")
@click.option(
    "--jobs", type=click.IntRange(min=1), default=1, show_default=True, metavar="J", help="Try so many at once."
)
@click.option("--minutes", type=click.FloatRange(min=0), metavar="M", help="Begin no further mutant after so long.")
@click.option(
    "--fail-above",
    type=click.FloatRange(0, 100),
    default=0,
    show_default=True,
    metavar="PERCENT",
    help="Exit with 1 if more than this share survives.",
)
@click.option("--all", "everything", is_flag=True, help="List those that were noticed, accepted or refused, too.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@engine_option
def command(  # noqa: PLR0913 (click: an option each)
    *,
    paths: tuple[str, ...],
    select: str,
    sample: int | None,
    seed: int,
    jobs: int,
    minutes: float | None,
    fail_above: float,
    everything: bool,
    form: str,
    engine: str,
) -> Exit:
    """Change the law as drafting errors do, and list the changes that no case notices.

    Tried are: a comparison made stricter or looser by its equality, the last digit of a number, a date by a day, a
    unit, `and` for `or`, a `not`, an exception, a condition or a row of a decision table left out. Each mutant is
    compiled and held against the cases that read it. A case is missing where one survives: add it, or accept the survivor, with
    a reason, in a `survivors` document beside the law.

    A PATH is a ruleset or a part of one, as for `rules test`. Exits with 1 if more than --fail-above survive.

    \b
    Example:
      compliance rules mutate rulesets/us/cwa -k secondary-treatment
      compliance rules mutate rulesets/us --sample 100 --seed 7 --fail-above 5
      compliance rules mutate rulesets --jobs 8 --format json > mutants.json
    """
    end = None if minutes is None else time.monotonic() + 60 * minutes
    with show_progress() as progress:
        shown = tuple(Fate) if everything else (Fate.SURVIVED, Fate.CRASHED)
        told = ""

        def tell(one: Tried) -> None:
            """List a mutant as soon as it was tried: a whole law takes its time, and may be interrupted."""
            nonlocal told
            if form == "table" and one.fate in shown:
                progress.write_stdout(render_mutant(_row(one), named=one.mutant.document != told))
                told = one.mutant.document

        report = mutate_rules(
            paths,
            text=select,
            sample=sample,
            seed=seed,
            engine="python" if engine == "python" else "durable",
            jobs=jobs,
            progress=progress,
            tell=tell,
            may_go_on=lambda: end is None or time.monotonic() < end,
        )
    if not report.total:
        raise click.UsageError(f"nothing to change in documents with {select!r}" if select else "nothing to change")
    if form == "json":
        counts = {str(fate): count for fate, count in report.counts.items()}
        write_stdout([render_mutants_json([_row(one) for one in report.tried], counts, report.percent)])
    for one in report.stale:
        click.echo(f"{one.span}: this survivor need not be accepted: it no longer survives", err=True)
    click.echo(_summarise(report), err=True)
    return Exit.FOUND if report.percent > fail_above else Exit.CLEAN


def _summarise(report: MutationReport) -> str:
    counts = ", ".join(f"{count:,} {fate}" for fate, count in report.counts.items() if count)
    left = report.total - len(report.tried)
    rest = f" ({left:,} not tried)" if left else ""
    return f"{plural(len(report.tried), 'mutant')}{rest}: {counts or 'none tried'}; {report.percent:.1f} % survive"


def _row(one: Tried) -> MutantRow:
    mutant = one.mutant
    return MutantRow(
        document=mutant.document,
        clause=mutant.clause,
        change=mutant.change,
        before=mutant.before,
        after=mutant.after,
        span=mutant.span,
        fate=one.fate,
        because=one.because,
    )
