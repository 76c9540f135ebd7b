"""`compliance rules diff`: what an amendment changes."""

from pathlib import Path

import click

from compliance_engine.commands.boundary import Exit
from compliance_engine.commands.output import choose_page, open_output
from compliance_engine.reporting.amendments import count_changes, render_amendment, render_amendment_json
from compliance_engine.workflow.amending.comparing import compare_rules


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
def command(*, old: str, new: str, form: str, out: Path | None) -> Exit:
    """Say what an amendment changes: in words, by clause, with the day from which it holds.

    OLD and NEW are rulesets: files, folders, or shipped law by name. Exits with 0 if nothing changes, 1 if something
    does, 2 if either cannot be used.

    \b
    Example:
      compliance rules diff rulesets/us amended/us
    """
    with open_output(out) as write:
        amendment = compare_rules([old], [new])
        page = choose_page(out)
        write([render_amendment_json(amendment) if form == "json" else render_amendment(amendment, page=page)])
    click.echo(count_changes(amendment), err=True)
    return Exit.FOUND if amendment.changes else Exit.CLEAN
