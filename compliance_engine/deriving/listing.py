"""The records that a verdict rests on, listed: links of (obligation, role, fact), with what was read of each."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import decimals, rational
from compliance_engine.deriving.columns import computed, singly
from compliance_engine.deriving.tables import repeated
from compliance_engine.kernel.frames import rows_where
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compliance_engine.deriving.context import Context

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "row": pl.UInt32,
    "role": pl.Categorical,
    "fact_type": pl.Categorical,
    "fact": pl.String,
    "source": pl.UInt16,
    "record": pl.UInt32,
    "value": pl.String,
    "exceedance_percent": pl.Decimal(38, 9),
}
SIGNS = ["", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Listed:
    """Links in one role to records of one type. `columns`: those of SCHEMA in which something is told, `row` (the obligation) and `fact` always."""

    role: str
    fact_type: str
    columns: Mapping[str, pl.Series]

    @property
    def rows(self) -> pl.Series:
        """Give the obligation of each link."""
        return self.columns["row"]

    def of(self, rows: pl.Series) -> Listed:
        """Give the same links for other obligations, one for each of these."""
        return Listed(self.role, self.fact_type, {**self.columns, "row": rows})

    def kept(self, mask: pl.Series) -> Listed:
        """Give those links where a mask holds."""
        return Listed(self.role, self.fact_type, {name: one.filter(mask) for name, one in self.columns.items()})

    def at(self, places: pl.Series) -> Listed:
        """Give the links at some places."""
        return Listed(self.role, self.fact_type, {name: one[places] for name, one in self.columns.items()})

    def column(self, name: str) -> pl.Series:
        """Give a column of SCHEMA, empty where nothing of the kind is told."""
        if name in self.columns:
            return self.columns[name]
        constant = {"role": self.role, "fact_type": self.fact_type}.get(name)
        return repeated(constant, self.rows.len(), SCHEMA[name])


def together(listed: Sequence[Listed]) -> pl.DataFrame:
    """Give links as one frame (SCHEMA)."""
    some = [part for part in listed if part.rows.len()]
    if not some:
        return pl.DataFrame(schema=SCHEMA)
    return pl.DataFrame([pl.concat([part.column(name) for part in some]).alias(name) for name in SCHEMA])


def links_to(rows: pl.Series, facts: pl.DataFrame, index: pl.Series, fact_type: str, role: str) -> Listed:
    """Give the links of some obligations to the records of a type; an obligation without one (null) has no link."""
    if index.null_count():
        there = index.is_not_null()
        rows, index = rows.filter(there), index.filter(there)
    found = {"row": rows.cast(pl.UInt32)}
    for name, column in (("fact", "id"), ("source", "_source"), ("record", "_row")):
        if column in facts.columns:
            found[name] = facts.get_column(column)[index].cast(SCHEMA[name])
    return Listed(role, fact_type, found)


def links_of(child: Context, chosen: ex.Set, belongs: pl.Expr, role: str, value: ex.AnyNode | None) -> Listed:
    """List the records of a set that may belong, with the value that was read of each; of slots there are none."""
    if chosen.source == "slot":
        return Listed(role, chosen.type, {name: pl.Series(name, [], dtype=SCHEMA[name]) for name in ("row", "fact")})
    field = _field_read(chosen.scope, value)
    read = {} if field is None else _columns_read(child, field)
    mask, frame = child.compute(belongs), child.frame
    kept = None if mask.all() else rows_where(mask)

    def taken(name: str) -> pl.Series:
        column = frame.get_column(name)
        return column if kept is None else column[kept]

    table = child.scopes[chosen.scope].table
    told: dict[str, pl.Series] = {}
    if field is not None and read:
        told["value"] = _printed(child, field, pl.DataFrame([taken(name).alias(part) for part, name in read.items()]))
    if "exceedance" in frame.columns:
        told["exceedance_percent"] = taken("exceedance")
    found = links_to(taken("row"), table.frame, taken("record"), table.type.name, role)
    return Listed(role, found.fact_type, {**found.columns, **told})


def _field_read(scope: str, value: ex.AnyNode | None) -> ex.Field | None:
    """Give the number that a statistic reads of the record itself."""
    read = (n for n in parts(value) if isinstance(n, ex.Field) and n.scope == scope and n.kind == "number")
    field = next(read, None)
    return None if field is None or field.type == "finding" else field


def _columns_read(child: Context, field: ex.Field) -> dict[str, str]:
    """Name the columns with the digits of a field, its sign and its unit; none where no source has the field."""
    digits, table = child.column(field.scope, field.hops, field.name)
    shape = table.shapes.get(field.name)
    if shape is None:
        return {}
    marks: dict[str, str] = {"sign": "q"} if field.qualified and shape.censored else {}
    if field.varies:
        marks["unit"] = "u"
    read = {"digits": digits}
    for part, mark in marks.items():
        read[part], _ = child.column(field.scope, field.hops, f"{field.name}__{mark}")
    return {part: column.meta.output_name() for part, column in read.items()}


def _printed(child: Context, field: ex.Field, read: pl.DataFrame) -> pl.Series:
    """Print a field of some records, with its sign and its unit."""
    shape = child.follow(field.scope, field.hops)[0].shapes[field.name]
    unit = child.world.program.types[field.type].field(field.name).unit
    number = rational.column(pl.col("digits"), scale=shape.scale, bound=shape.largest)
    if singly(read.height):
        return pl.Series("value", list(_row_by_row(number, unit, read)), dtype=pl.String)
    text = decimals.decimal_text(number)
    if "sign" in read.columns:
        sign = pl.col("sign").replace_strict(range(len(SIGNS)), SIGNS, default="", return_dtype=pl.String)
        text = pl.concat_str(sign, text)
    if field.varies:
        text = pl.concat_str(text, pl.lit(" "), pl.col("unit").cast(pl.String))
    elif unit:
        text = pl.concat_str(text, pl.lit(f" {unit}"))
    return computed(read, text)


def _row_by_row(number: rational.Rational, unit: str, read: pl.DataFrame) -> Iterator[str | None]:
    """Print a field of few records."""
    digits = read["digits"].to_list()
    signs = [SIGNS[sign or 0] for sign in read["sign"].to_list()] if "sign" in read.columns else [""] * read.height
    units = read["unit"].to_list() if "unit" in read.columns else [unit] * read.height
    for size, sign, own in zip(digits, signs, units, strict=True):
        if size is None or own is None:
            yield None
        else:
            text = sign + decimals.spelled(Fraction(int(size), number.scale), number)
            yield f"{text} {own}" if own else text


def percents(frame: pl.DataFrame, ratio: rational.Rational) -> pl.Series:
    """Give the size of a percentage as Decimal with nine places (half-even); null where it is not known or too large."""
    parts, over = rational.evaluated(frame, ratio)
    parts, shown = rational.evaluated(parts, decimals.rounded(over, 9, "half-even"))
    text = decimals.decimal_text(rational.absolute(shown))
    return parts.select(text.cast(pl.Decimal(38, 9), strict=False).alias("percent"))["percent"]
