"""Why a finding is what it is, in words: the condition that failed, the figures, what is missing.

A figure stands in the words as its place (`Told`), so that a duty with a thousand findings has few different reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.columns import few
from compliance_engine.deriving.judging import BOUND
from compliance_engine.deriving.lateness import can_be_late
from compliance_engine.deriving.missing import missing_facts
from compliance_engine.kernel.frames import is_null, rows_where
from compliance_engine.model.findings import Told
from compliance_engine.model.program import DoneSpec, ForbidSpec, LimitSpec, NamedNode, RequireSpec
from compliance_engine.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance_engine.deriving.judging import Judged

WORDS = {"<=": "at most", "<": "below", ">=": "at least", ">": "above", "=": "equal to"}
FIGURES = ("value", "limit", "exceedance_percent", "days_late", "cured", "due")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the reason of a finding rests on: what its conditions and its demand were (true, false, unknown; None: not examined), and which figures it has."""

    judged: Judged
    truths: dict[str, str | None]
    met: str
    figures: frozenset[str]

    def was(self, role: str, item: NamedNode) -> str | None:
        """Say what a condition was."""
        return self.truths[f"{role} {item.name}"]

    def figure(self, name: str, place: str, otherwise: str) -> str:
        """Give the place of a figure where there is one, else these words."""
        return place if name in self.figures else otherwise


def reason_column(judged: Judged, frame: pl.DataFrame, told: pl.DataFrame, rows: pl.Series | None) -> pl.Series:
    """Give the reason of each finding of a duty: `frame` has its status and figures, `told` what each condition was.

    `rows`: which obligations these are (row numbers; None: all).
    """
    conditions = [f"{role} {name}" for role, name in judged.parts]
    there = [~is_null(frame[name]) for name in FIGURES]
    read = pl.DataFrame([frame["status"], frame["met"], *(told[name] for name in conditions), *there])
    # Of many findings each different one is put into words once.
    distinct = read if few(read.height) else read.unique(maintain_order=True)
    said: dict[tuple[str | bool, ...], str] = {}
    places = distinct.rows()
    for row in dict.fromkeys(places):
        status, met, *rest = row
        figures = frozenset(name for name, known in zip(FIGURES, rest[len(conditions) :], strict=True) if known)
        truths = dict(zip(conditions, rest[: len(conditions)], strict=True))
        said[row] = SAID[Status(status)](Seen(judged, truths, met, figures))
    found = pl.Series("reason", [said[row] for row in places], dtype=pl.Categorical)
    if distinct.height < read.height:
        keys = read.columns
        found = read.join(distinct.with_columns(found), on=keys, how="left", nulls_equal=True, maintain_order="left")[
            "reason"
        ]
    unsettled = rows_where(frame["status"] == Status.UNDETERMINED.value)
    if unsettled.is_empty():
        return found
    obligations = unsettled if rows is None else rows[unsettled]
    return found.scatter(unsettled, _with_missing(judged, obligations, found[unsettled]))


def _with_missing(judged: Judged, rows: pl.Series, told: pl.Series) -> pl.Series:
    """Add to what is not known which missing fact would settle it."""
    texts, missing = told.cast(pl.String), missing_facts(judged, rows.cast(pl.UInt32))
    return (texts + "; missing: " + missing).zip_with(missing != "", texts).cast(pl.Categorical)


def _named(items: Iterable[NamedNode], role: str, seen: Seen, wanted: str) -> str:
    """Name the conditions that certainly hold (`true`) or fail (`false`)."""
    found = [item for item in items if seen.was(role, item) == wanted]
    return "; ".join(f"{item.name}: {item.because}" if item.because else item.text for item in found)


def _unknowns(seen: Seen) -> str:
    """Name the conditions that are not known."""
    duty = seen.judged.duty
    rows = [("when", i) for i in duty.when] + [("unless", i) for i in duty.unless]
    rows += [("excused", i) for i in duty.excused_by]
    if isinstance(duty.demand, RequireSpec):
        rows += [("part", i) for i in duty.demand.parts]
    bound = seen.truths.get(" ".join(BOUND))
    found = ["whether it was bound at that time"] if bound == "unknown" else []
    found += [f"whether {item.text}" for role, item in rows if seen.was(role, item) == "unknown"]
    if seen.met == "unknown" and not isinstance(duty.demand, RequireSpec):
        found.append(_unknown_demand(seen))
    return "; ".join(found)


def _unknown_demand(seen: Seen) -> str:
    demand = seen.judged.duty.demand
    if isinstance(demand, LimitSpec):
        value = seen.figure("value", Told.VALUE, "not known")
        limit = seen.figure("limit", Told.LIMIT, "a limit that is not known")
        return f"{demand.value.text} is {value}, held against {limit}"
    if isinstance(demand, ForbidSpec):
        return f"whether there was {demand.text}"
    assert isinstance(demand, DoneSpec)
    return f"when it was done ({demand.date.text})"


def _symbol(demand: LimitSpec) -> str:
    return WORDS.get(getattr(demand.must, "value", None) or "", "within")


def _breach(seen: Seen) -> str:
    demand = seen.judged.duty.demand
    if isinstance(demand, LimitSpec):
        value, limit = seen.figure("value", Told.VALUE, "the value"), seen.figure("limit", Told.LIMIT, "the limit")
        beyond = seen.figure("exceedance_percent", f", {Told.PERCENT} % beyond", "")
        return f"{value} is not {_symbol(demand)} {limit}{beyond}"
    if isinstance(demand, ForbidSpec):
        return f"there was {demand.text}"
    late = seen.figure("days_late", f", {Told.LATE} days late", "")
    late = seen.figure("cured", f", done {Told.LATE} days late on {Told.CURED}", late)
    due = seen.figure("due", f" by {Told.DUE}", "") if can_be_late(seen.judged) else ""
    if isinstance(demand, RequireSpec):
        return f"not met{due}: {_named(demand.parts, 'part', seen, 'false')}{late}"
    return f"not done{due}{late}"


def _kept(seen: Seen) -> str:
    demand = seen.judged.duty.demand
    if isinstance(demand, LimitSpec):
        held = f"{Told.VALUE} is {_symbol(demand)} {seen.figure('limit', Told.LIMIT, 'the limit')}"
        return held if "value" in seen.figures else "no record stands against the limit"
    if isinstance(demand, RequireSpec):
        return f"met: {_named(demand.parts, 'part', seen, 'true')}"
    return "there was none" if isinstance(demand, ForbidSpec) else "done in time"


def _outside(seen: Seen) -> str:
    duty = seen.judged.duty
    failed = _named((item for item in duty.when if not item.because), "when", seen, "false")
    displaced = _named((item for item in duty.when if item.because), "when", seen, "false")
    told = [f"not {failed}" if failed else "", displaced]
    return f"does not apply: {'; '.join(text for text in told if text) or 'what starts the duty has not happened'}"


def _exempt(seen: Seen) -> str:
    duty = seen.judged.duty
    lifted, excused = _named(duty.unless, "unless", seen, "true"), _named(duty.excused_by, "excused", seen, "true")
    return f"exempt: {lifted}{excused}"


def _open(seen: Seen) -> str:
    return f"not known: {_unknowns(seen)}"


SAID = {
    Status.VIOLATION: _breach,
    Status.COMPLIANT: _kept,
    Status.NOT_APPLICABLE: _outside,
    Status.EXEMPT: _exempt,
    Status.UNDETERMINED: _open,
    Status.PENDING: _open,
}
