"""`compliance facts describe`: what facts there are, from when to when, from which sources."""

from pathlib import Path

import click

from compliance_engine.commands.arguments import cache_folder, default_rules_option, mapping_option, warn
from compliance_engine.commands.output import choose_page, write_stdout
from compliance_engine.reporting.inventory import render_inventory, render_inventory_json
from compliance_engine.workflow.facts import describe_facts, read_facts_for


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@default_rules_option
@mapping_option
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def command(*, paths: tuple[str, ...], rules: tuple[str, ...], mapping: Path | None, form: str) -> None:
    """Say what is there: fact types, counts, dates, sources.

    \b
    Example:
      compliance facts describe facts/riverside
    """
    read = read_facts_for(rules, paths, mapping, cache_folder())
    warn(read.diagnostics)
    types = tuple(describe_facts(read))
    if form == "json":
        write_stdout([render_inventory_json(read.facts, types)])
    else:
        write_stdout([render_inventory(read.facts, types, page=choose_page(None))])
