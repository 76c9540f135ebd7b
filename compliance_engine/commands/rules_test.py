"""`compliance rules test`: run the cases that stand beside the law."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from compliance_engine.commands.arguments import engine_option, jobs_option
from compliance_engine.commands.boundary import Exit
from compliance_engine.commands.output import choose_page, open_output, write_stdout
from compliance_engine.model.case import CASE_KINDS
from compliance_engine.reporting.junit import Tested, render_junit
from compliance_engine.reporting.words import plural
from compliance_engine.workflow.cases import evaluate_cases

if TYPE_CHECKING:
    from compliance_engine.workflow.running import CaseResult


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--rules",
    "about",
    multiple=True,
    metavar="PATH",
    help="The law that the cases are about, where they stand elsewhere: questions of yours. Repeat for more.",
)
@click.option("-k", "select", default="", metavar="TEXT", help="Only cases whose provision or name contains this text.")
@click.option(
    "--provision", "provisions", multiple=True, metavar="ID", help="Only cases of this provision (repeatable)."
)
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(CASE_KINDS), help="Only cases of this kind (repeatable)."
)
@click.option("--verbose", is_flag=True, help="List the cases that pass, too, and derive each finding that differs.")
@click.option("--junit", type=click.Path(path_type=Path), metavar="FILE", help="Also write the results as JUnit XML.")
@jobs_option
@engine_option
def command(  # noqa: PLR0913 (click: an option each)
    *,
    paths: tuple[str, ...],
    about: tuple[str, ...],
    select: str,
    provisions: tuple[str, ...],
    kinds: tuple[str, ...],
    verbose: bool,
    junit: Path | None,
    jobs: int | None,
    engine: str,
) -> Exit:
    """Run the cases that stand beside the law.

    A PATH is a ruleset, or a part of one: a folder or a file. The whole ruleset of a part is read (the nearest folder
    above that holds a vocabulary.yaml), and the cases in the part are run. Cases of yours, in a file anywhere, are run
    against the law that --rules names.

    Exits with 1 if a case goes otherwise than expected, with 2 if the rules cannot be used or there is no case, with 70
    if a case meets a bug of this program.

    \b
    Example:
      compliance rules test rulesets/us -k monthly
      compliance rules test rulesets/us/cwa/npdes/snc --kind boundary --verbose
      compliance rules test questions.yaml --rules rulesets
    """

    def tell(result: CaseResult) -> None:
        if verbose or not result.passed:
            write_stdout([_describe(result), *(_derive(result) if verbose else ())])

    report = evaluate_cases(
        paths,
        about=about,
        text=select,
        provisions=provisions,
        kinds=kinds,
        engine="python" if engine == "python" else "durable",
        jobs=jobs,
        on_result=tell,
    )
    if not report.results:
        raise click.UsageError(_tell_nothing(select, provisions, kinds))
    if junit is not None:
        with open_output(junit) as write:
            write(render_junit(_tested(result) for result in report.results))
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


def _tell_nothing(select: str, provisions: tuple[str, ...], kinds: tuple[str, ...]) -> str:
    wanted = [*([repr(select)] if select else []), *provisions, *kinds]
    return f"no case matches {' and '.join(wanted)}" if wanted else "these rules have no cases"


def _describe(result: CaseResult) -> str:
    verdict = "passed" if result.passed else "FAILED"
    lines = [f"{verdict} {result.provision}: {result.name} ({result.kind}) at {result.span}"]
    return "\n".join([*lines, *(f"    {text}" for text in (*result.differences, *_tell_bug(result)))]) + "\n"


def _tell_bug(result: CaseResult) -> list[str]:
    bug = result.bug
    return [] if bug is None else [f"ended by a bug of compliance: {type(bug).__name__}: {bug}"]


def _derive(result: CaseResult) -> list[str]:
    """Give the derivation of each finding that differs, as `explain` shows it."""
    # Not before the cases were run: see `workflow.cases`.
    from compliance_engine.reporting.explanation import render_explanation  # noqa: PLC0415

    found = result.found
    if found is None:
        return []
    page = choose_page(None)
    return [
        "\n" + render_explanation(found.findings, name, found.provenance, found.program, page=page) + "\n"
        for name in found.differing
    ]


def _tested(result: CaseResult) -> Tested:
    return Tested(
        suite=result.provision,
        name=result.name,
        kind=result.kind,
        file=result.span.file,
        line=result.span.line,
        failures=result.differences,
        bug="".join(_tell_bug(result)),
    )
