"""The command line: options in, a workflow called, its result rendered, an exit code out."""

import click


@click.group()
def main() -> None:
    """Check site records against legal requirements."""
