"""`compliance rules docs`: the rules as a static site."""

from pathlib import Path

import click

from compliance_engine.reporting.site import render_site
from compliance_engine.reporting.site.rendering import MARK
from compliance_engine.reporting.words import plural
from compliance_engine.workflow.publishing.register import make_register
from compliance_engine.workflow.publishing.writing import check_folder, write_site


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="The site's folder: new, empty, or an earlier site."
)
def command(*, paths: tuple[str, ...], out: Path) -> None:
    """Write the rules as a static site: a page a provision, a register an instrument, and a search.

    The site needs no server and no network: open index.html. Pages print well. Exits with 2 if the rules cannot be used,
    or if the folder holds anything else.

    \b
    Example:
      compliance rules docs rulesets --out site
    """
    check_folder(out, MARK)
    register = make_register(paths)
    count = write_site(out, render_site(register))
    click.echo(
        f"{plural(len(register.provisions), 'provision')} in {plural(count, 'file')}: {out / 'index.html'}", err=True
    )
