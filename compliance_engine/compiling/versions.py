"""Versions of one provision: no two in force at once, no day between them without one unless it was repealed."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from compliance_engine.compiling.reports import Report
from compliance_engine.model.law import Provision

_DAY = timedelta(days=1)


def check_versions(versions: Sequence[Provision], report: Report) -> None:
    """Report overlaps as errors and holes as warnings, with both places. `versions` are in order of their first day."""
    dated = [version for version in versions if version.in_force_from != date.min]  # a stand-in of the reader's
    for earlier, later in pairwise(dated):
        _check_pair(earlier, later, report)


def _check_pair(earlier: Provision, later: Provision, report: Report) -> None:
    """Compare a version with the next."""
    place, last = later.id.span, earlier.in_force_to
    window = f"{earlier.in_force_from} to {last or 'open'}"
    related = ((earlier.id.span, f"in force {window}"),)
    if last is None or last >= later.in_force_from:
        report.error(
            "version-overlap",
            f"two versions of {later.id.text} are in force on {later.in_force_from}",
            place,
            "give one of them another id, or another window"
            if earlier.in_force_from == later.in_force_from
            else f"end the earlier one: in_force: {{from: {earlier.in_force_from}, to: {later.in_force_from - _DAY}}}",
            related=related,
        )
    elif last + _DAY < later.in_force_from and not earlier.repealed:
        report.warning(
            "version-hole",
            f"no version of {later.id.text} is in force from {last + _DAY} to {later.in_force_from - _DAY}",
            place,
            "write `repealed: true` in the earlier version if the law had this hole",
            related=related,
        )
