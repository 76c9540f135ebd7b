"""`compliance rules impact`: what an amendment does to sites."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from compliance_engine.commands.arguments import cache_folder, end_of_day, evaluation_options
from compliance_engine.commands.boundary import Exit
from compliance_engine.commands.output import choose_page, open_output, show_progress
from compliance_engine.model.status import Status
from compliance_engine.reporting.impacts import count_impact, render_impact, render_impact_json
from compliance_engine.workflow.amending.impact import assess_impact


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@evaluation_options
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
def command(
    *,
    old: str,
    new: str,
    form: str,
    out: Path | None,
    known_as_of: date | None,
    **scope: Any,  # noqa: ANN401 (the options of `evaluation_options`)
) -> Exit:
    """Say what an amendment does to sites: obligations that appear or disappear, verdicts that change, facts to collect.

    The same facts are judged by the rulesets OLD and NEW, as of one day; choose a day on which the amendment is in
    force. Exits with 0 if no finding changes, 1 if one does, 3 if what changes is only undetermined, 2 if the input
    cannot be used.

    \b
    Example:
      compliance rules impact us/cwa amended/us/cwa --facts riverside --as-of 2027-09-30
    """
    with open_output(out) as write:
        with show_progress() as progress:
            known = end_of_day(known_as_of)
            impact = assess_impact([old], [new], **scope, known_as_of=known, cache=cache_folder(), progress=progress)
        write([render_impact_json(impact) if form == "json" else render_impact(impact, page=choose_page(out))])
    click.echo(count_impact(impact), err=True)
    if not impact.shifts:
        return Exit.CLEAN
    only = all(shift.after == Status.UNDETERMINED for shift in impact.shifts)
    return Exit.ONLY_UNDETERMINED if only else Exit.FOUND
