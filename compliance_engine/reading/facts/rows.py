"""The rows of one source as facts of one type: typed columns, and the rows that were refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.kernel.diagnostic import Diagnostic, Level
from compliance_engine.kernel.pool import collected
from compliance_engine.model.program import FieldType
from compliance_engine.reading.facts.cells import LONGEST_CELL
from compliance_engine.reading.facts.columns import (
    OFFSET,
    Cells,
    Typed,
    coded,
    merged_refusals,
    read_bool,
    read_date,
    read_enum,
    read_instant,
    read_text,
    text_cells,
)
from compliance_engine.reading.facts.commas import with_points
from compliance_engine.reading.facts.quantities import MARK, UNIT, Beside, read_plain, read_quantity
from compliance_engine.reading.facts.refusals import SCHEMA, gathered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compliance_engine.model.program import FactType
    from compliance_engine.reading.facts.spec import ColumnSpec, Emit

ROW, SOURCE, KNOWN = "_row", "_source", "_known"
ID = FieldType(name="id", base="text")
NUMBERS = frozenset({"integer", "decimal", "quantity"})
DTYPES: Mapping[str, pl.DataType] = {
    "text": pl.String(),
    "enum": pl.String(),
    "reference": pl.String(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
    "instant": pl.Datetime("us"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A source as it was read: its columns, and `_row` (UInt32). `refused`: whole rows that could not be read.

    `commas`: its numbers have a comma for the point.
    """

    frame: pl.DataFrame
    name: str
    sheet: str
    digest: str
    rows: int
    refused: pl.DataFrame
    commas: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Facts of one type from one source: `frame` has `id`, the fields, `_known`, `_row`; `scales` of its numbers.

    `refused`: row, column, found, reason. `lost`: site (text) and day of the refused rows, as far as they are known.
    """

    type: str
    frame: pl.DataFrame
    scales: Mapping[str, int]
    refused: pl.DataFrame
    lost: pl.DataFrame
    diagnostics: tuple[Diagnostic, ...] = ()


REFUSED = pl.Schema({"row": pl.UInt32(), "column": pl.String(), "found": pl.String(), "reason": pl.String()})
LOST = pl.Schema({"site": pl.String(), "day": pl.Date()})


def read_rows(raw: Raw, emit: Emit, fact_type: FactType) -> Chunk:
    """Read one fact a row; all columns that `emit` names exist."""
    frame = _selected(raw.frame, emit)
    typed = {f.name: _read_field(frame, f, emit, commas=raw.commas) for f in (ID, *fact_type.fields)}
    known = _read_known(frame, emit)
    refused = gathered(t.refusals for t in (*typed.values(), known)).sort("at", "column")
    columns = {name: cells for t in (*typed.values(), known) for name, cells in t.columns.items()}
    full = frame.select(pl.col(ROW), **columns)
    bad = refused["at"].unique().sort()
    rows = refused.select(row=full[ROW].gather(refused["at"]), column="column", found="found", reason="reason")
    return Chunk(
        type=fact_type.name,
        frame=full if bad.is_empty() else _dropped(full, bad),
        scales={f.name: typed[f.name].scale for f in fact_type.fields if f.base in NUMBERS},
        refused=rows.cast(REFUSED),
        lost=_lost(full[bad] if bad.len() else full.clear(), fact_type),
        diagnostics=(*_diagnose(fact_type, emit, typed), *_warn_of_none(raw.frame, frame, emit)),
    )


def _selected(frame: pl.DataFrame, emit: Emit) -> pl.DataFrame:
    for name, texts in emit.where.items():
        frame = frame.filter(text_cells(frame[name]).cast(pl.String).fill_null("").is_in(list(texts)))
    if emit.distinct:
        frame = frame.unique(list(emit.names), keep="first", maintain_order=True) if emit.names else frame.head(1)
    return frame


def _warn_of_none(before: pl.DataFrame, after: pl.DataFrame, emit: Emit) -> list[Diagnostic]:
    """Warn where `where` leaves no row at all: a text in it is probably misspelt, and the source may be stated complete."""
    if before.is_empty() or not after.is_empty() or not emit.where:
        return []
    named = ", ".join(f"{name} is {' or '.join(map(repr, texts))}" for name, texts in emit.where.items())
    message = f"no row has what `where` asks for ({named}): the source gives no {emit.type}"
    return [Diagnostic(code="facts-none-left", message=message, span=emit.span, level=Level.WARNING)]


def _dropped(frame: pl.DataFrame, bad: pl.Series) -> pl.DataFrame:
    mask = pl.repeat(value=True, n=frame.height, eager=True).scatter(bad, values=False)
    return frame.filter(mask)


def _lost(frame: pl.DataFrame, fact_type: FactType) -> pl.DataFrame:
    sited = fact_type.site == ("site",)
    timed = fact_type.kind in ("event", "plan") and fact_type.time
    site = pl.col("site").cast(pl.String) if sited else pl.lit(None, dtype=pl.String)
    day = pl.col(fact_type.time).cast(pl.Date) if timed else pl.lit(None, dtype=pl.Date)
    # A selection of literals alone would have a row even where there is none.
    named = frame.lazy().with_columns(site.alias("site"), day.alias("day"))
    return collected(named.select("site", "day").unique(), frame.height).cast(LOST)


def _read_field(frame: pl.DataFrame, field: FieldType, emit: Emit, *, commas: bool) -> Typed:
    spec = emit.columns.get(field.name)
    if spec is None:
        return Typed(columns=empty_columns(field), refusals=pl.DataFrame(schema=SCHEMA))
    if spec.constant is not None:
        typed = _typed(pl.Series("c", [spec.constant]), pl.DataFrame(), field, emit)
        return Typed(columns=_broadcast(typed.columns), refusals=typed.refusals.clear(), scale=typed.scale)
    cells = frame[spec.name or ""]
    if not commas or field.base not in NUMBERS or cells.dtype.is_numeric():
        return _typed(cells, frame, field, emit)
    written, refused = _pointed(cells, field, emit)
    typed = _typed(written, frame, field, emit)
    told = _as_they_stand(typed.refusals, written, cells)
    return replace(typed, refusals=merged_refusals(refused, told))


def _pointed(cells: pl.Series, field: FieldType, emit: Emit) -> tuple[pl.Series, pl.DataFrame]:
    """Write points for commas, save in cells that `codes` has a word for."""
    codes = emit.codes.get(field.name, {})
    texts = text_cells(cells).cast(pl.String) if codes else cells.cast(pl.String)
    named = texts.is_in(list(codes)).fill_null(value=False)
    written, refused = with_points(texts.set(named, None), field.name)
    return texts.zip_with(named, written), refused


def _as_they_stand(refusals: pl.DataFrame, written: pl.Series, cells: pl.Series) -> pl.DataFrame:
    """Show what was refused as it stands in the source."""
    shown = cells.cast(pl.String).gather(refusals["at"]).str.slice(0, LONGEST_CELL)
    changed = written.gather(refusals["at"]).str.slice(0, LONGEST_CELL).eq_missing(refusals["found"])
    return refusals.with_columns(shown.zip_with(changed, refusals["found"]).alias("found"))


def _typed(cells: pl.Series, frame: pl.DataFrame, field: FieldType, emit: Emit) -> Typed:
    spec = emit.columns[field.name]
    cells = _flattened(cells)
    if spec.first is not None:
        cells = text_cells(cells).cast(pl.String).str.slice(0, spec.first)
    cells = coded(cells, emit.codes.get(field.name, {}))
    readers: Mapping[str, Callable[[], Typed]] = {
        "bool": lambda: read_bool(cells, field),
        "enum": lambda: read_enum(cells, field),
        "date": lambda: read_date(cells, field, spec.format),
        "instant": lambda: read_instant(cells, field, spec.format),
        "integer": lambda: read_plain(cells, field),
        "decimal": lambda: read_plain(cells, field),
        "quantity": lambda: read_quantity(cells, field, _beside(frame, spec, emit)),
    }
    return readers.get(field.base, lambda: read_text(cells, field))()


def _flattened(cells: pl.Series) -> pl.Series:
    """Give lists, structures and bytes as texts, which no field but a text accepts."""
    if cells.dtype.is_nested() or cells.dtype in (pl.Binary, pl.Object, pl.Duration, pl.Time):
        return pl.Series(cells.name, [None if v is None else str(v) for v in cells.to_list()], dtype=pl.String)
    return cells


def _beside(frame: pl.DataFrame, spec: ColumnSpec, emit: Emit) -> Beside:
    units = frame[spec.unit_column] if spec.unit_column is not None else spec.unit
    return Beside(
        qualifiers=None if spec.qualifier is None else frame[spec.qualifier],
        units=units,
        qualifier_codes=emit.qualifier_codes,
        unit_codes=emit.unit_codes,
    )


def empty_columns(field: FieldType) -> dict[str, Cells]:
    """Give the columns of a field of which the source has none."""
    columns: dict[str, Cells] = {field.name: pl.lit(None, dtype=DTYPES.get(field.base, pl.Int64()))}
    if field.base == "instant":
        columns[field.name + OFFSET] = pl.lit(value=False)
    if field.qualified:
        columns[field.name + MARK] = pl.lit(0, dtype=pl.UInt8)
    if field.base == "quantity" and field.unit == "varies":
        columns[field.name + UNIT] = pl.lit(None, dtype=pl.String)
    return columns


def _broadcast(columns: Mapping[str, Cells]) -> dict[str, Cells]:
    return {n: pl.lit(c.item(), dtype=c.dtype) if isinstance(c, pl.Series) else c for n, c in columns.items()}


def _read_known(frame: pl.DataFrame, emit: Emit) -> Typed:
    """Read when the facts became known: an instant, or a day (from its first moment, local to the site)."""
    field = FieldType(name=KNOWN, base="instant")
    if emit.known is None or emit.known.name is None:
        return Typed(columns=empty_columns(field), refusals=pl.DataFrame(schema=SCHEMA))
    cells, layout = _flattened(frame[emit.known.name]), emit.known.format
    if cells.dtype == pl.Date or (layout is not None and "%H" not in layout and "%T" not in layout):
        read = read_date(cells, field, layout)
        day = read.columns[KNOWN]
        assert isinstance(day, pl.Series)
        columns: dict[str, Cells] = {KNOWN: day.cast(pl.Datetime("us")), KNOWN + OFFSET: pl.lit(value=False)}
        return Typed(columns=columns, refusals=read.refusals)
    if not isinstance(cells.dtype, pl.Datetime):
        cells = text_cells(cells).cast(pl.String).str.replace(r"^(\d{4}-\d{2}-\d{2})$", "${1}T00:00")
    return read_instant(cells, field, layout)


def _diagnose(fact_type: FactType, emit: Emit, typed: Mapping[str, Typed]) -> list[Diagnostic]:
    found = []
    for name, read in typed.items():
        spec = emit.columns.get(name)
        place = (spec.span if spec else None) or emit.span
        if read.no_unit:
            unit = fact_type.field(name).unit
            wanted = "mg/L" if unit == "varies" else unit
            message = f"`{fact_type.name}.{name}` is a quantity, and neither its cells nor the source say its unit"
            found.append(
                Diagnostic(
                    code="facts-no-unit",
                    message=message,
                    span=place,
                    hint=f"for example `unit: {wanted}`, or `36.2 {wanted}` in the cell",
                )
            )
        if spec is not None and spec.constant is not None:
            found += _diagnose_constant(fact_type, emit, name)
    return found


def _diagnose_constant(fact_type: FactType, emit: Emit, name: str) -> list[Diagnostic]:
    spec = emit.columns[name]
    field = ID if name == "id" else fact_type.field(name)
    refusals = _typed(pl.Series("c", [spec.constant]), pl.DataFrame(), field, emit).refusals
    return [
        Diagnostic(
            code="facts-bad-constant",
            message=f"the constant {spec.constant!r} for `{fact_type.name}.{name}`: {reason}",
            span=spec.span or emit.span,
        )
        for reason in refusals["reason"].to_list()
    ]
