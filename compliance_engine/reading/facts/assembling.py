"""Typed rows of all sources become `Facts`: one table a type, ids, instants.

Completeness then claims no more than was read.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.kernel.pool import collected
from compliance_engine.model.facts import Complete, Facts, FactTable, Quarantined, Source
from compliance_engine.reading.facts.completeness import Loss, honest_completeness
from compliance_engine.reading.facts.identity import settle_duplicates, with_ids
from compliance_engine.reading.facts.merging import fitting, merge_chunks, table_of
from compliance_engine.reading.facts.rows import LOST, REFUSED, ROW, SOURCE, Chunk, Raw
from compliance_engine.reading.facts.zones import row_zones, settle_instants

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from compliance_engine.model.program import FactType

QUARANTINE = pl.Schema({**REFUSED, SOURCE: pl.UInt16()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A source read: where it is from, and the facts of each type that it gave.

    `distinct`: types whose equal rows are one fact.
    """

    name: str
    sheet: str
    digest: str
    rows: int
    refused: pl.DataFrame
    chunks: tuple[Chunk, ...]
    distinct: frozenset[str] = frozenset()


def part_of(raw: Raw, chunks: Iterable[Chunk], distinct: Iterable[str] = ()) -> Part:
    """Put the chunks of a source together with where it is from."""
    return Part(
        name=raw.name,
        sheet=raw.sheet,
        digest=raw.digest,
        rows=raw.rows,
        refused=raw.refused,
        chunks=tuple(chunks),
        distinct=frozenset(distinct),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What is stated beside the records: completeness, from when obligations are in scope, zones by site.

    `texts`: names and digests of the manifests and mappings that said so.
    """

    complete: tuple[Complete, ...] = ()
    since: Mapping[str, date]
    zones: Mapping[str, str]
    texts: tuple[tuple[str, str], ...] = ()


def assemble(parts: Sequence[Part], types: Mapping[str, FactType], stated: Stated) -> Facts:
    """Give the facts. The order of `parts` does not matter; those of one sheet stand in the order given."""
    ordered = _fitted(_by_source(parts))
    merged = _merged(ordered, types)
    whole = _Whole(
        frames={name: frame for name, (frame, _) in merged.items()},
        types=types,
        zones=stated.zones,
        distinct=frozenset(name for part in ordered for name in part.distinct),
    )
    quarantine, lost, tables = _first_refusals(ordered), _first_losses(ordered), {}
    for name, (_, scales) in sorted(merged.items()):
        settled, refused, dropped = _settled(name, scales, whole)
        tables[name] = table_of(types[name], settled, scales)
        quarantine.append(refused)
        lost += _losses(name, dropped)
    report = pl.concat([pl.DataFrame(schema=QUARANTINE), *quarantine]).unique().sort(SOURCE, "row", "column", "reason")
    sources = _sources(ordered, report)
    complete = honest_completeness(stated.complete, lost, types, lambda: _sites(tables, types))
    facts = Facts(
        tables=tables,
        sources=sources,
        complete=complete,
        withdrawn=tuple(statement for statement in stated.complete if statement not in complete),
        quarantine=_quarantined(report),
        since=dict(stated.since),
        zones=dict(stated.zones),
    )
    return replace(facts, digest=digest_of(sources, stated))


def _by_source(parts: Sequence[Part]) -> list[Part]:
    """Put together what came from one sheet of one file, and sort by name."""
    grouped: dict[tuple[str, str, str], list[Part]] = defaultdict(list)
    for part in parts:
        grouped[part.name, part.sheet, part.digest].append(part)
    return [
        replace(
            group[0],
            rows=max(p.rows for p in group),
            refused=pl.concat([p.refused for p in group]).unique(),
            chunks=tuple(chunk for p in group for chunk in p.chunks),
            distinct=frozenset(name for p in group for name in p.distinct),
        )
        for _, group in sorted(grouped.items())
    ]


def _fitted(parts: Sequence[Part]) -> list[Part]:
    chunks = iter(fitting([chunk for part in parts for chunk in part.chunks]))
    return [replace(part, chunks=tuple(next(chunks) for _ in part.chunks)) for part in parts]


def _merged(parts: Sequence[Part], types: Mapping[str, FactType]) -> dict[str, tuple[pl.DataFrame, dict[str, int]]]:
    by_type: dict[str, list[tuple[int, Chunk]]] = defaultdict(list)
    for index, part in enumerate(parts):
        for chunk in part.chunks:
            by_type[chunk.type].append((index, chunk))
    return {name: merge_chunks(types[name], chunks) for name, chunks in by_type.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """All types together: what a type needs to find the site of its records. `distinct`: equal rows are one fact."""

    frames: Mapping[str, pl.DataFrame]
    types: Mapping[str, FactType]
    zones: Mapping[str, str]
    distinct: frozenset[str]


def _settled(name: str, scales: Mapping[str, int], whole: _Whole) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Settle instants, then ids: give the frame, what was refused, and site and day of what was dropped."""
    fact_type = whole.types[name]
    local = settle_instants(whole.frames[name], fact_type, row_zones(fact_type, whole.frames, whole.types, whole.zones))
    read = whole.frames[name]
    doubtful = [
        (column, local.frame[at].with_columns(found=read[column].gather(at).dt.to_string("%Y-%m-%dT%H:%M:%S%.f")))
        for column, at in local.doubtful
    ]
    gone = pl.concat([pl.Series(dtype=pl.UInt32), *(at for _, at in local.doubtful)]).unique()
    frame = local.frame
    if len(gone):
        frame = frame.with_row_index("_at").filter(~pl.col("_at").is_in(gone.implode())).drop("_at")
    kept = with_ids(frame, fact_type, scales, distinct=name in whole.distinct)
    settled = settle_duplicates(kept, fact_type, scales)
    lost = [_site_and_day(rows, fact_type) for rows in (*(rows for _, rows in doubtful), settled.dropped)]
    refused = [_doubted(rows, column) for column, rows in doubtful]
    return settled.frame, pl.concat([settled.refused, *refused]), pl.concat(lost)


def _doubted(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    reason = "this local time does not exist at the site, or occurs twice: write it with its offset from UTC"
    return rows.select(row=ROW, column=pl.lit(column), found="found", reason=pl.lit(reason), _source=SOURCE).cast(
        QUARANTINE
    )


def _site_and_day(rows: pl.DataFrame, fact_type: FactType) -> pl.DataFrame:
    sited = pl.col("site").cast(pl.String) if fact_type.site == ("site",) else pl.lit(None, dtype=pl.String)
    # Whichever of two unequal times is true, the day is not known: the whole statement is withdrawn for the site.
    named = rows.lazy().with_columns(sited.alias("site"), pl.lit(None, dtype=pl.Date).alias("day"))
    return collected(named.select("site", "day").unique(), rows.height).cast(LOST)


def _first_refusals(parts: Sequence[Part]) -> list[pl.DataFrame]:
    return [
        frame.with_columns(pl.lit(index, dtype=pl.UInt16).alias(SOURCE)).cast(QUARANTINE)
        for index, part in enumerate(parts)
        for frame in (part.refused, *(chunk.refused for chunk in part.chunks))
    ]


def _first_losses(parts: Sequence[Part]) -> list[Loss]:
    losses = []
    for part in parts:
        for chunk in part.chunks:
            losses += _losses(chunk.type, chunk.lost)
            if part.refused.height:
                losses.append(Loss(type=chunk.type, site=None, day=None))
    return losses


def _losses(type_name: str, frame: pl.DataFrame) -> list[Loss]:
    return [Loss(type=type_name, site=site, day=day) for site, day in frame.rows()]


def _sources(parts: Sequence[Part], report: pl.DataFrame) -> tuple[Source, ...]:
    counts = dict(report.group_by(SOURCE).agg(pl.col("row").n_unique()).rows())
    return tuple(
        Source(name=p.name, sheet=p.sheet, digest=p.digest, rows=p.rows, quarantined=counts.get(index, 0))
        for index, p in enumerate(parts)
    )


def _quarantined(report: pl.DataFrame) -> tuple[Quarantined, ...]:
    columns = report.select(SOURCE, "row", "column", "found", "reason").rows()
    return tuple(Quarantined(source=s, row=r, column=c, found=f, reason=w) for s, r, c, f, w in columns)


def _sites(tables: Mapping[str, FactTable], types: Mapping[str, FactType]) -> frozenset[str]:
    """List every site that occurs."""
    found: set[str] = set()
    for name, table in tables.items():
        chain = types[name].site
        if chain in {(), ("site",)}:
            column = "site" if chain else "id"
            found |= set(table.frame[column].unique().drop_nulls().cast(pl.String).to_list())
    return frozenset(found)


def digest_of(sources: Iterable[Source], stated: Stated) -> str:
    """Digest what the facts are made of, not how they are kept: the sources' digests, completeness, zones, scope."""
    said = {
        "sources": sorted([s.name, s.sheet, s.digest] for s in sources),
        "complete": sorted([c.type, c.start.isoformat(), c.end.isoformat(), c.site or ""] for c in stated.complete),
        "texts": sorted(list(text) for text in stated.texts),
        "since": sorted([site, day.isoformat()] for site, day in stated.since.items()),
        "zones": sorted([site, zone] for site, zone in stated.zones.items()),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
