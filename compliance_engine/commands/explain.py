"""`compliance explain`: how a verdict was reached, down to the records."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from compliance_engine.commands.arguments import DATE, engine_option, mapping_option, store_option, warn
from compliance_engine.commands.evaluate import evaluate
from compliance_engine.commands.output import choose_page, write_stdout
from compliance_engine.reporting.explanation import render_explanation
from compliance_engine.workflow.explain import why_not
from compliance_engine.workflow.recording import recall_finding


@click.command()
@click.argument("finding", required=False)
@store_option
@click.option("--evaluation", type=int, metavar="N", help="Look in this evaluation, not in the newest that has it.")
@click.option("--provision", metavar="ID", help="Instead of a finding: the provision that binds, or does not bind ...")
@click.option("--subject", metavar="ID", help="... this subject, evaluated anew from:")
@click.option("--rules", multiple=True, metavar="PATH", help="rulesets,")
@click.option("--facts", multiple=True, metavar="PATH", help="facts,")
@mapping_option
@click.option("--as-of", type=DATE, help="and a date.")
@engine_option
def command(  # noqa: PLR0913 (an option each)
    *,
    finding: str | None,
    store: str,
    evaluation: int | None,
    provision: str | None,
    subject: str | None,
    rules: tuple[str, ...],
    facts: tuple[str, ...],
    mapping: Path | None,
    as_of: date | None,
    engine: str,
) -> None:
    """Show how a verdict was reached, down to the records.

    FINDING is an id, or the start of one, from a stored evaluation. Without it, --provision and --subject ask why a
    provision does or does not apply: the condition that failed is shown.

    \b
    Example:
      compliance explain 4f1c9a
      compliance explain --provision npdes.daily-maximum --subject RV-CU-daily \\
        --rules us/cwa --facts riverside --as-of 2026-09-30
    """
    if finding is not None:
        if provision or subject:
            raise click.UsageError("Give a FINDING, or --provision and --subject, not both.")
        _explain_stored(store, finding, evaluation)
        return
    wanted = {"--provision": provision, "--subject": subject, "--rules": rules, "--facts": facts, "--as-of": as_of}
    missing = [name for name, value in wanted.items() if not value]
    if missing:
        raise click.UsageError(f"Give a FINDING, or {', '.join(missing)} as well.")
    assert provision is not None
    assert subject is not None
    scope: dict[str, Any] = {"rules": rules, "facts": facts, "mapping": mapping, "as_of": as_of, "engine": engine}
    _explain_anew(provision, subject, scope)


def _explain_stored(store: str, finding: str, evaluation: int | None) -> None:
    found = recall_finding(store, finding, evaluation)
    text = render_explanation(
        found.findings,
        found.finding,
        found.provenance,
        found.program,
        evaluation=found.evaluation,
        page=choose_page(None),
    )
    write_stdout([text])


def _explain_anew(provision: str, subject: str, scope: dict[str, Any]) -> None:
    outcome = evaluate(**scope)
    warn(outcome.diagnostics)
    answer = why_not(outcome, provision, subject)
    if answer.reason:
        write_stdout([answer.reason, "\n"])
    for number, name in enumerate(answer.findings):
        text = render_explanation(outcome.findings, name, outcome.provenance, outcome.program, page=choose_page(None))
        write_stdout(["\n" if number else "", text])
    if answer.left_out:
        click.echo(f"{answer.left_out} earlier findings are left out: `compliance evaluate` gives all", err=True)
