"""Find the findings that answer "why, or why not, does this provision bind that subject"."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.kernel.errors import InputError
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.workflow.evaluation import Outcome
from compliance_engine.workflow.selection import find_provision

# A month by month obligation has many findings: the latest say enough.
_MOST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The findings to explain, the latest first, or (`reason`) why there is none; `left_out` are older."""

    findings: tuple[str, ...] = ()
    left_out: int = 0
    reason: str = ""


def why_not(outcome: Outcome, provision: str, subject: str) -> Answer:
    """Find what was decided of a provision (its id, or a unique suffix) and a subject; InputError: unknown id."""
    program = outcome.program
    name = find_provision(program, provision)
    if name is None:
        raise InputError(
            [
                Diagnostic(
                    code="unknown-provision",
                    message=f"there is no provision `{provision}` in these rules",
                    hint=did_you_mean(provision, program.provisions),
                )
            ]
        )
    every = outcome.findings.frame
    about = dict(every.select("finding", "subject").iter_rows())
    frame = every.filter(pl.col("provision") == name).with_columns(pl.col("subject").cast(pl.String))
    found = frame.filter(pl.col("subject") == subject)
    while found.is_empty() and frame["subject"].is_in(list(about)).any():
        # A provision about findings: what is asked for is the subject of these, or of those that they are about.
        frame = frame.with_columns(pl.col("subject").replace(about))
        found = frame.filter(pl.col("subject") == subject)
    found = found.sort("period_from", "duty", descending=[True, False], nulls_last=True)
    if found.is_empty():
        return Answer(reason=_tell_absence(outcome, name, subject, frame["subject"].unique().to_list()))
    return Answer(findings=tuple(found["finding"].head(_MOST)), left_out=max(found.height - _MOST, 0))


def _tell_absence(outcome: Outcome, provision: str, subject: str, others: Sequence[str]) -> str:
    """Say why no obligation was enumerated: no such subject, or never bound in the time looked at."""
    version = outcome.program.provisions[provision][-1]
    about = version.subject
    scope = f"{'finding of ' if about.finding else ''}{about.type}"
    condition = f" where {about.where_text}" if about.where_text else ""
    until = f" to {version.in_force_to}" if version.in_force_to else ""
    causes = "no such record exists, it is certainly outside that condition, or it was bound on no day"
    lines = [
        f"{provision} ({version.citation}) has no obligation for `{subject}`.",
        f"It applies to each {scope}{condition}, in force from {version.in_force_from}{until}.",
        f"Either {causes} up to {outcome.provenance.as_of}.",
    ]
    hint = did_you_mean(subject, others)
    return "\n".join([*lines, *([hint] if hint else [])])
