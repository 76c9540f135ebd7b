"""Typed rows of all sources become `Facts`: one table a type, ids, instants, and completeness that claims no more than was read."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.model.facts import Complete, FactTable, Facts, Quarantined, Source
from compliance_engine.reading.facts.completeness import Loss, honest_completeness
from compliance_engine.reading.facts.identity import settle_duplicates, with_ids
from compliance_engine.reading.facts.merging import merge_chunks, table_of
from compliance_engine.reading.facts.rows import LOST, REFUSED, ROW, SOURCE, Chunk, Raw
from compliance_engine.reading.facts.zones import row_zones, settle_instants

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from compliance_engine.model.program import FactType

QUARANTINE = {**REFUSED, SOURCE: pl.UInt16}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A source read: where it is from, and the facts of each type that it gave (`distinct`: types whose equal rows are one)."""

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
    """Give the facts. The order of `parts` does not matter; those that share a name and a sheet stand in the order given."""
    ordered = _by_source(parts)
    merged = _merged(ordered, types)
    frames = {name: frame for name, (frame, _) in merged.items()}
    quarantine, lost, tables = _first_refusals(ordered), _first_losses(ordered), {}
    for name, (frame, scales) in sorted(merged.items()):
        settled, refused, dropped = _settled(frame, scales, types[name], frames, types, stated.zones, ordered)
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


def _merged(parts: Sequence[Part], types: Mapping[str, FactType]) -> dict[str, tuple[pl.DataFrame, dict[str, int]]]:
    by_type: dict[str, list[tuple[int, Chunk]]] = defaultdict(list)
    for index, part in enumerate(parts):
        for chunk in part.chunks:
            by_type[chunk.type].append((index, chunk))
    return {name: merge_chunks(types[name], chunks) for name, chunks in by_type.items()}


def _settled(
    frame: pl.DataFrame,
    scales: Mapping[str, int],
    fact_type: FactType,
    frames: Mapping[str, pl.DataFrame],
    types: Mapping[str, FactType],
    zones: Mapping[str, str],
    parts: Sequence[Part],
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Settle instants, then ids: give the frame, what was refused, and site and day of what was dropped."""
    local = settle_instants(frame, fact_type, row_zones(fact_type, frames, types, zones))
    frame, refused, lost = local.frame, [], []
    for column, at in local.doubtful:
        rows = frame[at]
        reason = pl.lit(
            "this local time does not exist at the site, or occurs twice: write it with its offset from UTC"
        )
        refused.append(
            rows.select(row=ROW, column=pl.lit(column), found=pl.lit(""), reason=reason, _source=SOURCE).cast(
                QUARANTINE
            )
        )
        lost.append(_site_and_day(rows, fact_type))
    gone = {int(i) for _, at in local.doubtful for i in at.to_list()}
    if gone:
        frame = frame.with_row_index("_at").filter(~pl.col("_at").is_in(sorted(gone))).drop("_at")
    distinct = any(fact_type.name in part.distinct for part in parts)
    settled = settle_duplicates(with_ids(frame, fact_type, scales, distinct=distinct), fact_type, scales)
    lost.append(_site_and_day(settled.dropped, fact_type))
    return settled.frame, pl.concat([pl.DataFrame(schema=QUARANTINE), *refused, settled.refused]), pl.concat(lost)


def _site_and_day(rows: pl.DataFrame, fact_type: FactType) -> pl.DataFrame:
    sited = pl.col("site").cast(pl.String) if fact_type.site == ("site",) else pl.lit(None, dtype=pl.String)
    # Whichever of two unequal times is true, the day is not known: the whole statement is withdrawn for the site.
    return (
        rows.lazy()
        .with_columns(sited.alias("site"), pl.lit(None, dtype=pl.Date).alias("day"))
        .select("site", "day")
        .unique()
        .collect()
        .cast(dict(LOST))
    )


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
