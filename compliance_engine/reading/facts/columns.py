"""A column of cells as a field of a fact: typed series, and the cells that were refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.kernel.pool import collected
from compliance_engine.kernel.suggestions import suggest
from compliance_engine.reading.facts.distinct import MANY_ROWS, SAMPLE, by_text, distinct_of, plain_integer
from compliance_engine.reading.facts.refusals import gathered, no_refusals, refuse
from compliance_engine.reading.facts.serials import SERIAL, from_serials, tell_serial, why_not_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compliance_engine.model.program import FieldType

Cells = pl.Series | pl.Expr
DAYS = "days"
SPELLED = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
OFFSET = "__o"  # beside an instant, until its zone is settled: whether its text had an offset
LOCAL_DAY = "__d"
FIRST_DAY, LAST_DAY = -62_091, 2_932_896  # 1800-01-01 and 9999-12-31
_SAVED = "have the column written as days and times"
INSTANT_SHAPE = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([+-]\d{2}:?\d{2}|Z)?$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A field read: its columns (the field, and those that go with it), the scale of its numbers, what was refused.

    A column that is the same in all rows is a literal expression. `no_unit`: no number has a unit, and the law has one.
    """

    columns: Mapping[str, Cells]
    refusals: pl.DataFrame
    scale: int = 1
    no_unit: bool = False


def text_cells(cells: pl.Series) -> pl.Series:
    """Give cells as text without blanks at the ends, or as integers; null where empty."""
    dtype = cells.dtype
    if dtype.is_integer():
        return cells
    if dtype.is_float():
        return _whole_or_text(cells)
    if dtype == pl.Date or isinstance(dtype, pl.Datetime):
        return cells.dt.to_string("iso")
    return _categories(cells) if dtype == pl.Categorical else _stripped(cells)


def _stripped(cells: pl.Series) -> pl.Series:
    """Take blanks off the ends; what is then empty is null."""
    texts = cells.cast(pl.String)
    bare = pl.col("t").str.strip_chars()
    query = texts.to_frame("t").lazy().select(pl.when(bare.str.len_bytes() > 0).then(bare))
    return collected(query, len(texts)).to_series()


def _whole_or_text(cells: pl.Series) -> pl.Series:
    """Give floats that are all whole (as a workbook keeps integers) as integers."""
    whole = (cells.round() == cells) & (cells.abs() < float(2**53))
    return cells.cast(pl.Int64) if whole.all() else cells.cast(pl.String)


def coded(cells: pl.Series, codes: Mapping[str, str]) -> pl.Series:
    """Write what the codes say for what stands in the source ("": nothing); other cells stay."""
    if not codes:
        return cells
    written = by_text(cells, lambda texts: _replaced(texts, codes))
    if not codes.get(""):
        return written
    empty = text_cells(cells).is_null()
    return written.cast(pl.String).set(empty, codes[""])


def _replaced(cells: pl.Series, codes: Mapping[str, str]) -> pl.Series:
    texts = text_cells(cells).cast(pl.String).replace(dict(codes))
    return texts.to_frame("t").select(pl.when(pl.col("t") != "").then("t"))["t"]


def read_text(cells: pl.Series, field: FieldType) -> Typed:
    """Read a text or a reference. Of many rows, few texts become Categorical, and texts that are all integers Int64."""
    texts = text_cells(cells)
    if texts.dtype == pl.String and len(texts) >= MANY_ROWS:
        texts = _as_integers(texts)
    return Typed(columns={field.name: texts}, refusals=no_refusals())


def _categories(cells: pl.Series) -> pl.Series:
    parts = distinct_of(cells)
    texts = _stripped(parts.texts)
    return cells if texts.equals(parts.texts) else parts.spread(texts.cast(pl.Categorical))


def _as_integers(texts: pl.Series) -> pl.Series:
    """Give integers if that is how each text would write its integer: no leading zero, no sign."""
    frame = texts.to_frame("t").lazy()
    if not collected(frame.head(SAMPLE).select(plain_integer("t").all()), SAMPLE).item():
        return texts
    query = frame.select(n=pl.col("t").cast(pl.Int64, strict=False), ok=plain_integer("t"))
    read = collected(query, len(texts))
    return read["n"] if read["ok"].all() else texts


def read_enum(cells: pl.Series, field: FieldType) -> Typed:
    """Read one of the enum's symbols, written exactly so."""
    texts = text_cells(cells)
    texts = texts if texts.dtype == pl.Categorical else texts.cast(pl.String)
    known = by_text(texts, lambda distinct: distinct.is_in(list(field.symbols)))
    strange = ~known.fill_null(value=True)
    return Typed(
        columns={field.name: without(texts, strange)},
        refusals=refuse(texts, strange, field.name, lambda text: _why_not_symbol(text, field)),
    )


def _why_not_symbol(text: str, field: FieldType) -> str:
    near = suggest(text, field.symbols)
    return f"expected one of {', '.join(field.symbols)}" + (f"; did you mean {near}?" if near else "")


def read_bool(cells: pl.Series, field: FieldType) -> Typed:
    """Read true or false; what else a source may write for them is for its codes to say."""
    if cells.dtype == pl.Boolean:
        return Typed(columns={field.name: cells}, refusals=no_refusals())
    texts = text_cells(cells)
    values = by_text(texts, lambda t: t.cast(pl.String).replace_strict(SPELLED, default=None, return_dtype=pl.Boolean))
    strange = values.is_null() & texts.is_not_null()
    reason = "expected true or false; what else is written for them can be said under `codes`"
    return Typed(columns={field.name: values}, refusals=refuse(texts, strange, field.name, lambda _: reason))


def read_date(cells: pl.Series, field: FieldType, layout: str | None) -> Typed:
    """Read days. `layout`: see `ColumnSpec.format`; the day of an instant is not guessed: each site has its own."""
    cells = cells if cells.dtype.is_temporal() else text_cells(cells)
    values = by_text(cells, lambda distinct: _dates(distinct, layout))
    inside = values.to_physical().is_between(FIRST_DAY, LAST_DAY)
    strange = cells.is_not_null() & ~inside.fill_null(value=False)
    return Typed(
        columns={field.name: without(values, strange)},
        refusals=refuse(cells, strange, field.name, lambda text: why_not_day(text, layout)),
    )


def _dates(cells: pl.Series, layout: str | None) -> pl.Series:
    dtype = cells.dtype
    if dtype == pl.Date:
        return cells
    if isinstance(dtype, pl.Datetime):
        return pl.repeat(None, len(cells), dtype=pl.Date, eager=True) if dtype.time_zone else cells.dt.date()
    if layout == DAYS:
        return _days(cells)
    texts = cells.cast(pl.String)
    values = from_serials(texts) if layout == SERIAL else texts.str.to_date(layout or "%Y-%m-%d", strict=False)
    if (values.is_null() & texts.is_not_null()).any():
        # A workbook or a database gives a day as an instant without a zone: its day is meant.
        timed = texts.str.extract(r"^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
        values = values.zip_with(values.is_not_null(), timed.str.to_date("%Y-%m-%d", strict=False))
    return values


def _days(cells: pl.Series) -> pl.Series:
    frame = cells.cast(pl.Int64, strict=False).to_frame("d").lazy()
    inside = pl.col("d").is_between(FIRST_DAY, LAST_DAY)
    return collected(frame.select(pl.when(inside).then("d").cast(pl.Int32).cast(pl.Date)), len(cells))["d"]


def read_instant(cells: pl.Series, field: FieldType, layout: str | None) -> Typed:
    """Read instants: UTC where the text has an offset, else local to the site; the column beside says which."""
    cells = cells if cells.dtype.is_temporal() else text_cells(cells)
    values, offset = _instants(cells, layout)
    day = values.dt.date().to_physical()
    strange = cells.is_not_null() & ~day.is_between(FIRST_DAY, LAST_DAY).fill_null(value=False)
    example = "2026-03-04T13:30 or 2026-03-04T13:30:00Z" if layout is None else layout
    return Typed(
        columns={field.name: without(values, strange), field.name + OFFSET: offset},
        refusals=refuse(
            cells, strange, field.name, lambda text: f"expected an instant such as {example}{tell_serial(text, _SAVED)}"
        ),
    )


def _instants(cells: pl.Series, layout: str | None) -> tuple[pl.Series, pl.Series]:
    dtype = cells.dtype
    if isinstance(dtype, pl.Datetime):
        utc = cells.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if dtype.time_zone else cells
        return utc.cast(pl.Datetime("us")), pl.repeat(dtype.time_zone is not None, len(cells), eager=True)
    texts = cells.cast(pl.String)
    if layout is not None:
        zoned = "%z" in layout
        read = texts.str.to_datetime(layout, strict=False, time_unit="us", time_zone="UTC" if zoned else None)
        return read.dt.replace_time_zone(None), pl.repeat(zoned, len(cells), eager=True)
    shaped = pl.when(pl.col("t").str.contains(INSTANT_SHAPE)).then("t")
    frame = texts.to_frame("t").select(shaped.str.replace(" ", "T", literal=True).str.replace("Z$", "+00:00"))
    frame = frame.with_columns(
        z=pl.col("t").str.extract(r"([+-]\d{2}:?\d{2})$"), l=pl.col("t").str.extract(r"^(.{10}T[\d:.]+)")
    )
    local = pl.when(pl.col("l").str.len_bytes() == 16).then(pl.col("l") + ":00").otherwise("l")
    frame = frame.with_columns(local.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us").alias("l"))
    zone = pl.col("z").str.replace(":", "", literal=True)
    minutes = zone.str.slice(1, 2).cast(pl.Int64) * 60 + zone.str.slice(3, 2).cast(pl.Int64)
    signed = pl.when(zone.str.starts_with("-")).then(-minutes).otherwise(minutes).fill_null(0)
    frame = frame.select(v=pl.col("l") - pl.duration(minutes=signed), o=pl.col("z").is_not_null())
    return frame["v"].cast(pl.Datetime("us")), frame["o"]


def without(values: pl.Series, strange: pl.Series) -> pl.Series:
    """Empty the cells for which `strange` is true."""
    if not strange.any():
        return values
    return pl.DataFrame({"v": values, "s": strange}).select(pl.when(~pl.col("s")).then("v"))["v"]


def merged_refusals(*parts: pl.DataFrame) -> pl.DataFrame:
    """Put the refusals of one field together, one for each row: the first that was found."""
    return gathered(parts).unique("at", keep="first", maintain_order=True)
