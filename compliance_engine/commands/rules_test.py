"""`compliance rules test`: run the cases that stand beside the law."""

import click

from compliance_engine.commands.arguments import engine_option
from compliance_engine.commands.boundary import Exit
from compliance_engine.commands.output import write_stdout
from compliance_engine.reporting.words import plural
from compliance_engine.workflow.cases import CaseResult
from compliance_engine.workflow.rules import evaluate_cases


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-k", "select", metavar="TEXT", help="Only cases whose provision or name contains this text.")
@click.option("--verbose", is_flag=True, help="List the cases that pass, too.")
@engine_option
def command(*, paths: tuple[str, ...], select: str | None, verbose: bool, engine: str) -> Exit:
    """Run the cases that stand beside the law.

    Exits with 1 if a case goes otherwise than expected, with 2 if the rules cannot be used or there is no case, with 70
    if a case meets a bug of this program.

    \b
    Example:
      compliance rules test rulesets/us -k monthly
    """

    def tell(result: CaseResult) -> None:
        if verbose or not result.passed:
            write_stdout([_describe(result)])

    report = evaluate_cases(paths, select=select, engine="python" if engine == "python" else "durable", on_result=tell)
    if not report.results:
        raise click.UsageError(f"no case matches {select!r}" if select else "these rules have no cases")
    for name in report.untested:
        click.echo(f"no case for {name}", err=True)
    failed = len(report.failed)
    click.echo(
        f"{plural(len(report.results), 'case')}: {len(report.results) - failed:,} passed, {failed:,} failed", err=True
    )
    bugs = [result.bug for result in report.results if result.bug is not None]
    if bugs:
        raise bugs[0]
    return Exit.FOUND if failed else Exit.CLEAN


def _describe(result: CaseResult) -> str:
    verdict = "passed" if result.passed else "FAILED"
    lines = [f"{verdict} {result.provision}: {result.name} ({result.kind}) at {result.span}"]
    bug = [] if result.bug is None else [f"ended by a bug of compliance: {type(result.bug).__name__}: {result.bug}"]
    return "\n".join([*lines, *(f"    {text}" for text in (*result.differences, *bug))]) + "\n"
