"""`compliance rules check`: report every error in rulesets."""

import click

from compliance_engine.commands.boundary import Exit
from compliance_engine.commands.output import write_stdout
from compliance_engine.kernel.collecting import uncollected
from compliance_engine.reporting.troubles import count_levels, render_diagnostics, render_diagnostics_json
from compliance_engine.reporting.words import plural
from compliance_engine.workflow.rules import check_quickly


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings refuse the rules too.")
@uncollected()
def command(*, paths: tuple[str, ...], form: str, strict: bool) -> Exit:
    """Report every error in rulesets, at its line and column.

    A part of a ruleset is checked with the ruleset that it belongs to. Exits with 2 if the rules cannot be used.

    \b
    Example:
      compliance rules check rulesets/us
    """
    checked = check_quickly(paths)
    levels = count_levels(checked.diagnostics)
    if form == "json":
        write_stdout([render_diagnostics_json(checked.diagnostics, {**checked.counts, **levels})])
    else:
        write_stdout([render_diagnostics(checked.diagnostics)])
    counts = ", ".join(plural(count, kind) for kind, count in checked.counts.items() if count)
    troubles = f"{plural(levels['errors'], 'error')}, {plural(levels['warnings'], 'warning')}"
    click.echo(f"{counts or 'no documents'}: {troubles}", err=True)
    refused = checked.program is None or (strict and levels["warnings"] > 0)
    return Exit.UNUSABLE_INPUT if refused else Exit.CLEAN
