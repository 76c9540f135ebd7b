"""Completeness, withdrawn where a row was refused.

A record that could not be read is not a record that does not exist.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from compliance_engine.model.facts import Complete
    from compliance_engine.model.program import FactType

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A record of `type` that could not be used; its site and day, None where they are not known."""

    type: str
    site: str | None
    day: date | None


def honest_completeness(
    stated: Sequence[Complete],
    losses: Iterable[Loss],
    types: Mapping[str, FactType],
    sites: Callable[[], frozenset[str]],
) -> tuple[Complete, ...]:
    """Cut the days of lost records (all, where the day is not known) out of what was stated, for their site or for all.

    `sites` gives all sites that occur; it is asked only where a statement about all must become one about each.
    """
    by_type: dict[str, set[Loss]] = defaultdict(set)
    for loss in losses:
        by_type[loss.type].add(loss)
    kept: list[Complete] = []
    for statement in stated:
        hits = [loss for loss in by_type.get(statement.type, ()) if _touches(loss, statement)]
        kept += _cut(statement, hits, types[statement.type], sites) if hits else [statement]
    return tuple(sorted(set(kept), key=lambda c: (c.type, c.site or "", c.start, c.end)))


def _touches(loss: Loss, statement: Complete) -> bool:
    sited = statement.site is None or loss.site is None or loss.site == statement.site
    return sited and (loss.day is None or statement.start - DAY <= loss.day <= statement.end + DAY)


def _cut(
    statement: Complete, hits: Sequence[Loss], fact_type: FactType, sites: Callable[[], frozenset[str]]
) -> list[Complete]:
    if statement.site is None and all(hit.site is not None for hit in hits):
        named = [replace(statement, site=site) for site in sorted(sites())]
        parts = [(part, [hit for hit in hits if hit.site == part.site]) for part in named]
        return [piece for part, own in parts for piece in (_cut(part, own, fact_type, sites) if own else [part])]
    if any(hit.day is None for hit in hits):
        return []
    instant = fact_type.time != "" and fact_type.field(fact_type.time).base == "instant"
    around = (-DAY, timedelta(0), DAY) if instant else (timedelta(0),)
    return _without_days(statement, sorted({hit.day + step for hit in hits if hit.day for step in around}))


def _without_days(statement: Complete, days: Sequence[date]) -> list[Complete]:
    pieces, start = [], statement.start
    for day in days:
        if start < day <= statement.end + DAY:
            pieces.append(replace(statement, start=start, end=day - DAY))
        start = max(start, day + DAY)
    if start <= statement.end:
        pieces.append(replace(statement, start=start))
    return pieces
