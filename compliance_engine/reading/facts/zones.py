"""Instants brought to UTC, and their day at the site."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl
from polars.exceptions import ComputeError

from compliance_engine.reading.facts.columns import LOCAL_DAY, OFFSET
from compliance_engine.reading.facts.rows import KNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compliance_engine.model.program import FactType

ZONE = "_zone"
UTC = "UTC"


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Say whether it is an IANA time zone."""
    try:
        pl.Series([0]).cast(pl.Datetime("us")).dt.replace_time_zone(name)
    except ComputeError:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Localised:
    """A frame whose instants are UTC.

    `doubtful`: column and positions of rows whose local time does not exist, or is two instants.
    """

    frame: pl.DataFrame
    doubtful: tuple[tuple[str, pl.Series], ...]


def settle_instants(frame: pl.DataFrame, fact_type: FactType, zones: pl.Series | str) -> Localised:
    """Bring instants to UTC and add their local day; `zones`: the zone of each row, or of all."""
    names = [f.name for f in fact_type.fields if f.base == "instant"]
    names += [KNOWN] if KNOWN in frame.columns else []
    if not names:
        return Localised(frame=frame, doubtful=())
    frame = frame.with_columns((pl.lit(zones) if isinstance(zones, str) else zones).alias(ZONE))
    used = [zones] if isinstance(zones, str) else zones.unique().sort().to_list()
    doubtful = []
    for name in names:
        frame = frame.with_columns(_utc(name, used).alias("_utc"))
        lost = frame.select(pl.col("_utc").is_null() & pl.col(name).is_not_null()).to_series()
        if lost.any():
            doubtful.append((name, lost.arg_true()))
        day = [] if name == KNOWN else [_local_day("_utc", used).alias(name + LOCAL_DAY)]
        frame = frame.with_columns(pl.col("_utc").alias(name), *day).drop("_utc", name + OFFSET)
    return Localised(frame=frame.drop(ZONE), doubtful=tuple(doubtful))


def _utc(name: str, zones: list[str]) -> pl.Expr:
    chosen = pl.lit(None, dtype=pl.Datetime("us", UTC))
    for zone in zones:
        local = pl.col(name).dt.replace_time_zone(zone, ambiguous="null", non_existent="null").dt.convert_time_zone(UTC)
        chosen = pl.when(pl.col(ZONE) == zone).then(local).otherwise(chosen)
    return pl.when(pl.col(name + OFFSET)).then(pl.col(name).dt.replace_time_zone(UTC)).otherwise(chosen)


def _local_day(name: str, zones: list[str]) -> pl.Expr:
    chosen = pl.lit(None, dtype=pl.Date)
    for zone in zones:
        chosen = pl.when(pl.col(ZONE) == zone).then(pl.col(name).dt.convert_time_zone(zone).dt.date()).otherwise(chosen)
    return chosen


def row_zones(
    fact_type: FactType, frames: Mapping[str, pl.DataFrame], types: Mapping[str, FactType], zones: Mapping[str, str]
) -> pl.Series | str:
    """Give the zone of each row's site; UTC where the site, or its zone, is not known."""
    timed = any(f.base == "instant" for f in fact_type.fields) or KNOWN in frames[fact_type.name].columns
    if fact_type.site is None or not timed or set(zones.values()) <= {UTC}:
        return UTC
    sites = row_sites(fact_type, frames, types)
    return sites.replace_strict(dict(zones), default=UTC, return_dtype=pl.String)


def row_sites(fact_type: FactType, frames: Mapping[str, pl.DataFrame], types: Mapping[str, FactType]) -> pl.Series:
    """Give the site of each row as text; null where it is not known."""
    frame = frames[fact_type.name]
    if fact_type.site is None:
        return pl.repeat(None, frame.height, dtype=pl.String, eager=True)
    chain = fact_type.site or ("id",)
    keys, holder = frame[chain[0]].cast(pl.String), fact_type
    for step in chain[1:]:
        holder = types[holder.field(chain[chain.index(step) - 1]).target]
        keys = _followed(keys, frames.get(holder.name), step)
    return keys


def _followed(keys: pl.Series, target: pl.DataFrame | None, step: str) -> pl.Series:
    if target is None or target.is_empty():
        return pl.repeat(None, keys.len(), dtype=pl.String, eager=True)
    table = target.select(pl.col("id").cast(pl.String).alias("k"), pl.col(step).cast(pl.String).alias("v")).unique(
        "k", keep="none"
    )
    return keys.to_frame("k").join(table, on="k", how="left", maintain_order="left")["v"]
