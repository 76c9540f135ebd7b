"""`compliance facts check`: report the rows that cannot be used, and why."""

from pathlib import Path

import click

from compliance_engine.commands.arguments import cache_folder, default_rules_option, mapping_option, warn
from compliance_engine.commands.boundary import Exit
from compliance_engine.commands.output import open_output, write_stdout
from compliance_engine.reporting.quarantine import (
    render_quarantine,
    render_quarantine_csv,
    render_strays,
    render_withdrawn,
)
from compliance_engine.reporting.words import count_refused, plural
from compliance_engine.workflow.facts import read_facts_for
from compliance_engine.workflow.strays import find_strays
from compliance_engine.workflow.waivers import warn_of_waivers


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@default_rules_option
@mapping_option
@click.option("--quarantine-out", type=click.Path(path_type=Path), help="Write the refused rows to this file as CSV.")
def command(
    *, paths: tuple[str, ...], rules: tuple[str, ...], mapping: Path | None, quarantine_out: Path | None
) -> Exit:
    """Report the rows that cannot be used, and why; and references that lead to no record.

    The other rows are used all the same. Exits with 1 if a row is refused, with 2 if the facts cannot be read.

    \b
    Example:
      compliance facts check facts/riverside --quarantine-out refused.csv
    """
    read = read_facts_for(rules, paths, mapping, cache_folder())
    warn((*read.diagnostics, *warn_of_waivers(read.facts, read.program)))
    facts = read.facts
    if quarantine_out is not None:
        with open_output(quarantine_out) as write:
            write([render_quarantine_csv(facts.quarantine, facts.sources)])
    strays = tuple(find_strays(read.facts, read.program))
    refusals = render_quarantine(facts.quarantine, facts.sources)
    write_stdout([refusals, render_withdrawn(facts.withdrawn), render_strays(strays, facts.sources)])
    refused = count_refused(facts.quarantine)
    rows = sum(source.rows for source in facts.sources)
    stray = f", {plural(len(strays), 'id')} that no record has" if strays else ""
    click.echo(f"{plural(rows, 'row')} in {plural(len(facts.sources), 'source')}: {refused:,} refused{stray}", err=True)
    return Exit.FOUND if refused else Exit.CLEAN
