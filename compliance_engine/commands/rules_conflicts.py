"""`compliance rules conflicts`: provisions that contradict each other."""

from pathlib import Path

import click

from compliance_engine.commands.boundary import Exit
from compliance_engine.commands.output import choose_page, open_output, write_stdout
from compliance_engine.reporting.conflicts import render_cases, render_conflicts, render_conflicts_json
from compliance_engine.reporting.words import plural
from compliance_engine.workflow.conflicts.finding import find_conflicts


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--suspects", is_flag=True, help="List the pairs, too, for which no example was found.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--save", type=click.Path(path_type=Path), help="Write the examples to this file, as cases.")
def command(*, paths: tuple[str, ...], suspects: bool, form: str, save: Path | None) -> Exit:
    """Find provisions that contradict each other, each shown by facts on which they do.

    Two kinds are found: one value held against two limits at the same time, and records that one provision demands and
    another forbids. Facts are invented on which both apply, and both are evaluated on them: a conflict is what their
    verdicts show. What an exception or a condition settles is none. Exits with 0 if no conflict is shown, 1 if one is,
    2 if the rules cannot be used.

    \b
    Example:
      compliance rules conflicts rulesets --save conflicts.cases.yaml
    """
    found = find_conflicts(paths)
    shown = tuple(conflict for conflict in found if conflict.examples)
    listed = found if suspects else shown
    write_stdout(
        [render_conflicts_json(listed) if form == "json" else render_conflicts(listed, page=choose_page(None))]
    )
    if save is not None:
        with open_output(save) as write:
            write([render_cases(shown)])
    others = len(found) - len(shown)
    click.echo(f"{plural(len(shown), 'conflict')}; {plural(others, 'pair')} alike without an example", err=True)
    return Exit.FOUND if shown else Exit.CLEAN
