"""`compliance rules schema`: the JSON Schema of rule files."""

from pathlib import Path

import click

from compliance_engine.commands.output import open_output
from compliance_engine.reading.law.json_schema import render_json_schema


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
def command(*, out: Path | None) -> None:
    """Print the JSON Schema of rule files, so that an editor completes and checks keys as they are typed.

    In VS Code, with the YAML extension: "yaml.schemas": {"./rules.schema.json": "rulesets/**/*.yaml"}

    \b
    Example:
      compliance rules schema --out rules.schema.json
    """
    with open_output(out) as write:
        write([render_json_schema()])
