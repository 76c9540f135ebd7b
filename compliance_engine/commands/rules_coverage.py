"""`compliance rules coverage`: what of the law do its cases exercise."""

import click

from compliance_engine.commands.arguments import engine_option, jobs_option
from compliance_engine.commands.boundary import Exit
from compliance_engine.commands.output import show_progress, write_stdout
from compliance_engine.reporting.coverage import CoverageRow, render_coverage, render_coverage_json
from compliance_engine.workflow.coverage import CoverageItem, measure_coverage


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    default=0,
    show_default=True,
    metavar="PERCENT",
    help="Exit with 1 if less is exercised.",
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@jobs_option
@engine_option
def command(*, paths: tuple[str, ...], fail_under: float, form: str, jobs: int | None, engine: str) -> Exit:
    """Say what of the law its cases exercise, and list what they never do.

    Counted are provisions and their versions, duties met and not met (a limit kept and exceeded), each condition of `when`,
    `unless`, `excused_by` and of a `require` in parts, seen true and seen false, rows of decision tables and of tables that
    some record of a case reaches, and the kinds of cases: each provision needs one of pass, fail, undetermined, boundary
    and version, and one of exception where it has `unless` or `excused_by`.

    A PATH is a ruleset or a part of one, as for `rules test`; cases that stand elsewhere in the ruleset count too.

    \b
    Example:
      compliance rules coverage rulesets/us --fail-under 90
    """
    with show_progress() as progress:
        report = measure_coverage(
            paths, engine="python" if engine == "python" else "durable", jobs=jobs, progress=progress
        )
    if not report.items:
        raise click.UsageError("there is nothing to exercise: no provision and no decision table")
    rows = [_row(item) for item in report.items]
    if form == "json":
        write_stdout([render_coverage_json(rows, report.unmeasured, report.percent)])
    else:
        write_stdout(render_coverage(rows, report.unmeasured))
    click.echo(f"{report.percent:.1f} % exercised", err=True)
    return Exit.FOUND if report.percent < fail_under else Exit.CLEAN


def _row(item: CoverageItem) -> CoverageRow:
    return CoverageRow(document=item.document, kind=item.kind, what=item.what, place=item.place, seen=item.seen)
