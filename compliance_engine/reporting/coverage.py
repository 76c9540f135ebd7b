"""What cases exercise of the law: as text, or as JSON (schema `compliance-coverage/1`)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec

from compliance_engine.reporting.words import make_printable

SCHEMA = "compliance-coverage/1"
_KINDS = ("provision", "version", "duty", "condition", "decision row", "table row", "case")
_MOST = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """A thing that cases may exercise; `place` is `file:line`."""

    document: str
    kind: str
    what: str
    place: str
    seen: bool


def render_coverage(rows: Sequence[CoverageRow], unmeasured: Sequence[str]) -> Iterator[str]:
    """List what is never exercised, by document; then count what is, by kind."""
    for document, group in groupby((row for row in rows if not row.seen), key=lambda row: row.document):
        yield f"{document}\n"
        for row in group:
            what = row.what if len(row.what) <= _MOST else row.what[: _MOST - 3] + "..."
            yield make_printable(f"  {row.place} never: {row.kind}, {what}") + "\n"
    for name in unmeasured:
        yield f"{name}\n  its rows are not measured: they are read by what other records say, or in bands\n"
    for kind, (seen, total) in _count(rows).items():
        yield f"{seen:>6} of {total:>6} {kind}: {_share(seen, total):.1f} %\n"


def render_coverage_json(rows: Sequence[CoverageRow], unmeasured: Sequence[str], percent: float) -> str:
    """Give every item, the counts by kind, and the share that is exercised."""
    counts = {kind: {"seen": seen, "total": total} for kind, (seen, total) in _count(rows).items()}
    items = [
        {
            "document": row.document,
            "kind": row.kind,
            "what": row.what,
            "file": row.place.rpartition(":")[0],
            "line": int(row.place.rpartition(":")[2]),
            "seen": row.seen,
        }
        for row in rows
    ]
    document = {
        "schema": SCHEMA,
        "percent": round(percent, 2),
        "counts": counts,
        "unmeasured": list(unmeasured),
        "items": items,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _count(rows: Iterable[CoverageRow]) -> dict[str, tuple[int, int]]:
    listed = tuple(rows)
    counts = {}
    for kind in _KINDS:
        own = [row.seen for row in listed if row.kind == kind]
        if own:
            counts[kind] = (sum(own), len(own))
    return counts


def _share(seen: int, total: int) -> float:
    return 100 * seen / total
