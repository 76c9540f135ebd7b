"""The oracle as a whole: a law, facts and dates in, findings out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.facts import Record, World
from tests.oracle.provisions import findings_of
from tests.oracle.values import OracleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from tests.oracle.findings import OracleFinding
    from tests.oracle.law import OracleLaw
    from tests.oracle.provisions import Obligation


def evaluate(  # noqa: PLR0913 - what an evaluation depends on
    law: OracleLaw,
    facts: Mapping[str, Sequence[Mapping[str, str | None]]],
    complete: Iterable[Mapping[str, object]] = (),
    *,
    as_of: date,
    since: date | None = None,
    zones: Mapping[str, str] | None = None,
    only: Sequence[str] = (),
    judged: Callable[[Obligation], bool] | None = None,
) -> list[OracleFinding]:
    """Give one finding for each obligation, ordered by provision, duty, subject and occurrence.

    `complete` has rows {type, from, to} with dates, and perhaps site; `only`: ids of provisions, all if none; `judged`: which obligations
    of these, all if none.
    """
    world = world_of(law, facts, complete, as_of=as_of, since=since, zones=zones)
    found = [
        finding
        for provision in sorted(only or law.provisions)
        for finding in findings_of(world, provision, judged=judged)
    ]
    found.sort(key=lambda f: (f.provision, f.duty, f.subject, f.occurrence))
    names = [finding.name for finding in found]
    if len(set(names)) != len(names):
        raise OracleError(f"an obligation has two findings: {sorted({n for n in names if names.count(n) > 1})}")
    return found


def world_of(
    law: OracleLaw,
    facts: Mapping[str, Sequence[Mapping[str, str | None]]],
    complete: Iterable[Mapping[str, object]] = (),
    *,
    as_of: date,
    since: date | None = None,
    zones: Mapping[str, str] | None = None,
) -> World:
    """Read the facts into records."""
    records: dict[str, dict[str, Record]] = {}
    for name, rows in facts.items():
        of_type = records.setdefault(name, {})
        for number, row in enumerate(rows):
            cells = {field: text for field, text in row.items() if field != "id"}
            unknown = set(cells) - set(law.types[name].fields)
            if unknown:
                raise OracleError(f"{name} has no field {sorted(unknown)}")
            key = row.get("id") or f"{name}-{number}"
            of_type[key] = Record(law.types[name], key, cells)
    covered: dict[str, list[tuple[str, int, int]]] = {}
    for told in complete:
        start, end = (_ordinal(told[side]) for side in ("from", "to"))
        covered.setdefault(str(told["type"]), []).append((str(told.get("site") or ""), start, end))
    return World(law, records, covered, as_of.toordinal(), since.toordinal() if since else None, dict(zones or {}))


def _ordinal(day: object) -> int:
    return int(day.toordinal())  # type: ignore[attr-defined]
