"""The records that a verdict rests on, listed: rows of (obligation, role, fact), with what was read of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import decimals, rational
from compliance_engine.deriving.columns import computed, roots_of
from compliance_engine.deriving.tables import repeated
from compliance_engine.kernel.frames import kept_where
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import parts

if TYPE_CHECKING:
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


def links_to(
    row: pl.Series, facts: pl.DataFrame, index: pl.Series, fact_type: str, role: str, **told: pl.Series
) -> pl.DataFrame:
    """Give the links of some rows to the records of a type, and what is told of each; a row without one (null) has no link."""
    if index.null_count():
        there = index.is_not_null()
        row, index, told = row.filter(there), index.filter(there), {n: one.filter(there) for n, one in told.items()}

    def constant(name: str, value: str | None) -> pl.Series:
        return repeated(value, row.len(), SCHEMA[name]).alias(name)

    def taken(name: str, column: str) -> pl.Series:
        if column not in facts.columns:
            return constant(name, None)
        return facts[column][index].cast(SCHEMA[name]).alias(name)

    return pl.DataFrame(
        [
            row.cast(pl.UInt32).alias("row"),
            constant("role", role),
            constant("fact_type", fact_type),
            taken("fact", "id"),
            taken("source", "_source"),
            taken("record", "_row"),
            *(told.get(name, constant(name, None)).alias(name) for name in ("value", "exceedance_percent")),
        ]
    )


def links_of(child: Context, chosen: ex.Set, belongs: pl.Expr, role: str, value: ex.AnyNode | None) -> pl.DataFrame:
    """List the records of a set that may belong, with the value that was read of each."""
    if chosen.source == "slot":
        return pl.DataFrame(schema=SCHEMA)
    text = _printed(child, chosen.scope, value)
    over = ["exceedance"] if "exceedance" in child.frame.columns else []
    read = child.frame[list(dict.fromkeys(["record", "row", *over, *roots_of(text)]))]
    mask = child.compute(belongs)
    kept = read if mask.all() else kept_where(read, mask)
    told = {"value": computed(kept, text)}
    if over:
        told["exceedance_percent"] = kept["exceedance"]
    table = child.scopes[chosen.scope].table
    return links_to(kept["row"], table.frame, kept["record"], table.type.name, role, **told)


def _printed(child: Context, scope: str, value: ex.AnyNode | None) -> pl.Expr:
    """Print the field that a statistic reads, with its qualifier and its unit."""
    read = (n for n in parts(value) if isinstance(n, ex.Field) and n.scope == scope and n.kind == "number")
    field = next(read, None)
    if field is None or field.type == "finding":
        return pl.lit(None, dtype=pl.String)
    expr, table = child.column(scope, field.hops, field.name)
    shape = table.shapes.get(field.name)
    if shape is None:
        return pl.lit(None, dtype=pl.String)
    text = decimals.decimal_text(rational.column(expr, scale=shape.scale, bound=shape.largest))
    if field.qualified and shape.censored:
        sign = child.column(scope, field.hops, f"{field.name}__q")[0]
        text = pl.concat_str(sign.replace_strict(range(5), SIGNS, default="", return_dtype=pl.String), text)
    unit = child.world.program.types[field.type].field(field.name).unit
    if field.varies:
        return pl.concat_str(text, pl.lit(" "), child.column(scope, field.hops, f"{field.name}__u")[0].cast(pl.String))
    return pl.concat_str(text, pl.lit(f" {unit}")) if unit else text


def percents(frame: pl.DataFrame, ratio: rational.Rational) -> pl.Series:
    """Give the size of a percentage as Decimal with nine places (half-even); null where it is not known or too large."""
    parts, over = rational.evaluated(frame, ratio)
    parts, shown = rational.evaluated(parts, decimals.rounded(over, 9, "half-even"))
    text = decimals.decimal_text(rational.absolute(shown))
    return parts.select(text.cast(pl.Decimal(38, 9), strict=False).alias("percent"))["percent"]
