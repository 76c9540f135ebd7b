"""`compliance rules format`: lay rule files out."""

import click

from compliance_engine.commands.boundary import Exit
from compliance_engine.commands.output import open_output, write_stdout
from compliance_engine.reporting.words import plural
from compliance_engine.workflow.formatting import Layouts, lay_out_rules, render_layout_diff


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--check", is_flag=True, help="Write nothing; list the files whose layout differs, exit with 1 if any does."
)
@click.option("--diff", is_flag=True, help="Write nothing; show what would change, exit with 1 if anything would.")
def command(*, paths: tuple[str, ...], check: bool, diff: bool) -> Exit:
    """Lay rule files out in one way, whoever wrote them.

    Keys come in the order of the language's page, lines have at most 120 characters, comments stay. Each file is read
    before and after: nothing is written if that would change what one of them says. Files with mistakes are refused.

    \b
    Example:
      compliance rules format rulesets/us --diff
    """
    layouts = lay_out_rules(paths)
    if check or diff:
        write_stdout(render_layout_diff(file) if diff else f"{file.name}\n" for file in layouts.changed)
    else:
        _write_files(layouts)
    count = len(layouts.changed)
    verb = "would be" if check or diff else "were"
    click.echo(f"{plural(len(layouts.files), 'file')}: {count:,} {verb} laid out anew", err=True)
    return Exit.FOUND if count and (check or diff) else Exit.CLEAN


def _write_files(layouts: Layouts) -> None:
    """Write each file whole or not at all."""
    for file in layouts.changed:
        with open_output(file.path) as write:
            write([file.after])
