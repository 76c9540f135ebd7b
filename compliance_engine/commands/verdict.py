"""Which exit code an evaluation ends with (DESIGN: 0 nothing to report, 1 there is, 3 only undetermined)."""

import polars as pl

from compliance_engine.commands.boundary import Exit
from compliance_engine.model.status import Status

SEVERITIES = ("minor", "moderate", "major", "critical")

FAIL_ON = ("violation", "undetermined", "pending", "never", *SEVERITIES)

# What `--fail-on STATUS` reports: that status and the graver ones.
_STATUSES = {
    "violation": (Status.VIOLATION,),
    "undetermined": (Status.VIOLATION, Status.UNDETERMINED),
    "pending": (Status.VIOLATION, Status.UNDETERMINED, Status.PENDING),
}


def choose_exit(frame: pl.DataFrame, fail_on: str) -> Exit:
    """Choose the code. A severity stands for violations of that severity or a higher one."""
    if fail_on == "never":
        return Exit.CLEAN
    graver = SEVERITIES[SEVERITIES.index(fail_on) :] if fail_on in SEVERITIES else SEVERITIES
    found = set(frame.filter(pl.col("severity").is_in(graver))["status"].unique())
    if found & set(_STATUSES.get(fail_on, _STATUSES["violation"])):
        return Exit.FOUND
    return Exit.ONLY_UNDETERMINED if Status.UNDETERMINED in found else Exit.CLEAN
