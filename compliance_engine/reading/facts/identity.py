"""Ids: made from content where a source gives none; and what is done with two records of one id."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.kernel.pool import collected
from compliance_engine.reading.facts.rows import KNOWN, REFUSED, ROW, SOURCE
from compliance_engine.reading.facts.units import Conversion, conversion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compliance_engine.model.program import FactType, FieldType

KEY = "_key"
BESIDE = ("__q", "__u")
DIFFERS = "\x00differs"
REPORTED = pl.Schema({**REFUSED, SOURCE: pl.UInt16()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """A frame in which an id stands once for each time at which it became known.

    `refused`: what was found twice with unequal content (with `_source`). `dropped`: rows of those left out altogether.
    """

    frame: pl.DataFrame
    refused: pl.DataFrame
    dropped: pl.DataFrame


def content_columns(fact_type: FactType, frame: pl.DataFrame) -> list[str]:
    """List the columns that make up what a record says, without its id and where it stands."""
    names = [n for f in sorted(fact_type.fields, key=lambda f: f.name) for n in (f.name, *(f.name + b for b in BESIDE))]
    return [name for name in names if name in frame.columns]


def with_ids(frame: pl.DataFrame, fact_type: FactType, scales: Mapping[str, int], *, distinct: bool) -> pl.DataFrame:
    """Give an id to each record without one: 16 hex digits of a hash of what it says.

    Equal records of one source are told apart by a count (unless `distinct`), so that two equal samples stay two; a
    record that stands in two sources is one.
    """
    bare = frame["id"].is_null()
    if not bare.any():
        return frame
    part = frame.filter(bare)
    told = [pl.lit(f"{name}=") + _plain(part, name, scales) for name in content_columns(fact_type, part)]
    # An empty cell says nothing: a field that is added to the type leaves the ids of the records without it as they were.
    texts = part.select(pl.concat_str([pl.lit(""), *told], separator="\x1f", ignore_nulls=True).alias("text"))
    ids = pl.Series(
        "id", [hashlib.sha256(t.encode()).hexdigest()[:16] for t in texts.to_series().to_list()], dtype=pl.String
    )
    part = part.with_columns(ids)
    if not distinct:
        nth = pl.int_range(pl.len()).over("id", SOURCE)
        part = part.with_columns(pl.when(nth > 0).then(pl.format("{}-{}", "id", nth + 1)).otherwise("id").alias("id"))
    whole = frame.filter(~bare).with_columns(pl.col("id").cast(pl.String))
    return pl.concat([whole, part.select(whole.columns)])


def _plain(frame: pl.DataFrame, name: str, scales: Mapping[str, int]) -> pl.Expr:
    """Give a column as texts that do not depend on its scale or dtype."""
    if name.endswith("__q"):
        return pl.when(pl.col(name) != 0).then(pl.col(name).cast(pl.String))
    if name not in scales:
        return pl.col(name).cast(pl.String)
    numbers = frame[name].unique().drop_nulls()
    texts = pl.Series([_number_text(Fraction(n, scales[name])) for n in numbers.to_list()], dtype=pl.String)
    return pl.col(name).replace_strict(numbers, texts, default=None, return_dtype=pl.String)


def _as_declared(frame: pl.DataFrame, field: FieldType, scales: Mapping[str, int]) -> pl.Expr:
    """Give a column as texts for a reader: quantities in the unit that the vocabulary names."""
    way = conversion(field.unit, field.printed) if field.printed else None
    if not isinstance(way, Conversion) or field.name not in scales:
        return _plain(frame, field.name, scales)
    numbers = frame[field.name].unique().drop_nulls()
    shown = [Fraction(n, scales[field.name]) * way.factor + way.offset for n in numbers.to_list()]
    texts = pl.Series([f"{_number_text(number)} {way.unit}" for number in shown], dtype=pl.String)
    return pl.col(field.name).replace_strict(numbers, texts, default=None, return_dtype=pl.String)


def _number_text(number: Fraction) -> str:
    """Give a decimal where there is one, else a fraction."""
    for places in range(40):
        scaled = number * 10**places
        if scaled.denominator == 1:
            digits = f"{abs(scaled.numerator):0{places + 1}d}"
            point = len(digits) - places
            return ("-" if number < 0 else "") + digits[:point] + ("." + digits[point:] if places else "")
    return str(number)


def settle_duplicates(frame: pl.DataFrame, fact_type: FactType, scales: Mapping[str, int]) -> Identified:
    """Keep one of equal records with one id. What unequal ones say differently is unknown; all are reported.

    Where the time, the span, a reference, or a field whose absence means something differs, none of them can be used.
    Records that became known at different times are corrections, and stay.
    """
    none = Identified(frame=frame, refused=pl.DataFrame(schema=REPORTED), dropped=frame.clear())
    if not _has_repeats(frame["id"]):
        return none
    key = ["id", KNOWN] if KNOWN in frame.columns else ["id"]
    marked = frame.with_columns(pl.struct(key).is_duplicated().alias(KEY))
    twice = marked.filter(KEY).drop(KEY).sort("id", SOURCE, ROW)
    if twice.is_empty():
        return none
    first = twice.unique([*key, *content_columns(fact_type, frame)], keep="first", maintain_order=True)
    unequal = pl.struct(key).is_duplicated()
    merged, dropped, refused = _compared(first.filter(unequal), fact_type, key, scales)
    kept = pl.concat([marked.filter(~pl.col(KEY)).drop(KEY), first.filter(~unequal), merged])
    return Identified(frame=kept, refused=refused, dropped=dropped)


def _has_repeats(ids: pl.Series) -> bool:
    frame = ids.to_frame("i").lazy()
    before = pl.col("i").shift(1)
    if ids.dtype.is_integer() and collected(frame.select((pl.col("i") > before).all()), len(ids)).item():
        return False
    return bool(collected(frame.sort("i").select((pl.col("i") == before).any()), len(ids)).item())


def _compared(
    differing: pl.DataFrame, fact_type: FactType, key: list[str], scales: Mapping[str, int]
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Give the records merged, those that cannot be, and the report."""
    fields = {
        f.name: [n for n in (f.name, *(f.name + b for b in BESIDE)) if n in differing.columns] for f in fact_type.fields
    }
    said = [pl.struct(columns).n_unique().gt(1).alias(name) for name, columns in fields.items()]
    counts = differing.group_by(key, maintain_order=True).agg(said)
    vital = [f.name for f in fact_type.fields if _is_vital(f, fact_type)]
    spoilt = counts.filter(pl.any_horizontal(vital) if vital else pl.lit(value=False))
    lost = differing.join(spoilt, on=key, how="semi", nulls_equal=True)
    saved = differing.join(spoilt, on=key, how="anti", nulls_equal=True).unique(key, keep="first", maintain_order=True)
    saved = saved.join(counts, on=key, how="left", nulls_equal=True, maintain_order="left", suffix=DIFFERS)
    blanked = [
        pl.when(~pl.col(name + DIFFERS))
        .then(column)
        .otherwise(pl.lit(0, dtype=pl.UInt8) if column.endswith("__q") else None)
        .alias(column)
        for name, columns in fields.items()
        for column in columns
    ]
    merged = saved.with_columns(blanked).select(differing.columns)
    return merged, lost, _reported(differing, counts, fact_type, key, scales)


def _reported(
    differing: pl.DataFrame, counts: pl.DataFrame, fact_type: FactType, key: list[str], scales: Mapping[str, int]
) -> pl.DataFrame:
    parts = [pl.DataFrame(schema=REPORTED)]
    for field in fact_type.fields:
        rows = differing.join(counts.filter(pl.col(field.name)), on=key, how="semi", nulls_equal=True)
        reason = pl.format("records with the id {} differ in this: none of them is believed", pl.col("id"))
        found = _as_declared(rows, field, scales).fill_null("")
        parts.append(
            rows.select(row=ROW, column=pl.lit(field.name), found=found, reason=reason, _source=SOURCE).cast(REPORTED)
        )
    return pl.concat(parts)


def _is_vital(field: FieldType, fact_type: FactType) -> bool:
    """Say whether no record can be kept when records differ in the field."""
    timing = {fact_type.time, fact_type.span_from, fact_type.span_to}
    return field.empty != "unknown" or field.name in timing or field.base == "reference"
