"""Find the records of a subject in a calendar period by one integer: the link's values as a code, times the periods.

Records are never joined to subjects by their texts row by row: the values of each link field are numbered once, and a record's key is
composed of these numbers and its period (the plan shape that measurement favoured).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates
from compliance_engine.deriving.tables import day_column
from compliance_engine.deriving.values import Symbols
from compliance_engine.kernel.categories import by_category
from compliance_engine.kernel.pool import collected
from compliance_engine.model import expression as ex

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.tables import Table
    from compliance_engine.deriving.world import World
    from compliance_engine.model.expression import Set
    from compliance_engine.model.program import Grain


# So many keys are marked in a table; more of them are joined.
ROOM = 2**26


@dataclass(frozen=True, slots=True)
class Key:
    """What records are grouped by: a fact type, the record's link fields, the calendar period."""

    type: str
    fields: tuple[str, ...]
    unit: str
    week_start: str


@dataclass(frozen=True, slots=True)
class Coder:
    """Numbers the values of a link field: whole numbers by their distance from the least, texts by their place in a list."""

    size: int
    least: int = 0
    texts: pl.Enum | None = None
    dtype: pl.DataType | None = None

    def codes(self, values: pl.Series) -> pl.Series:
        """Give the code of each value (null: none has it)."""
        if self.texts is not None:
            return values.cast(pl.String).cast(self.texts, strict=False).to_physical()
        number = aligned(values, self.dtype or pl.Int64()).cast(pl.Int64) - self.least
        return number.to_frame("n").select(pl.when(pl.col("n").is_between(0, self.size - 1)).then("n"))["n"]


@dataclass(frozen=True, slots=True)
class Index:
    """The key of every record, and how to make the key of a row."""

    keys: pl.Series
    coders: tuple[Coder, ...]
    first: int
    periods: int
    room: int

    def records(self, wanted: pl.Series) -> pl.DataFrame:
        """Give the records that have one of these keys: key, record (row number, ascending)."""
        if self.room > ROOM:
            records = pl.DataFrame({"key": self.keys}).with_row_index("record")
            return records.join(pl.DataFrame({"key": wanted.unique()}), on="key", how="semi", maintain_order="left")
        marks = pl.repeat(value=False, n=self.room, eager=True).scatter(wanted, values=True)
        named = pl.DataFrame({"key": self.keys}).lazy().with_row_index("record")
        return collected(named.filter(pl.lit(marks).gather(pl.col("key"))), self.keys.len())


def key_of(chosen: Set, grain: Grain | None) -> Key | None:
    """Give the key by which the records of a set can be found; None if its link or its window is of another kind."""
    if (
        grain is None
        or grain.kind != "calendar"
        or chosen.source != "facts"
        or chosen.window is not None
        or not chosen.pairs
    ):
        return None
    if not all(
        isinstance(p.record, ex.Field) and not p.record.hops and p.record.kind == "symbol" for p in chosen.pairs
    ):
        return None
    return Key(
        chosen.type,
        tuple(p.record.name for p in chosen.pairs if isinstance(p.record, ex.Field)),
        grain.unit,
        grain.week_start,
    )


def index_of(key: Key, world: World) -> Index | None:
    """Give the index of a key, made once; None where some record's link or day is not known, or the type has no time."""
    if key not in world.indexes:
        world.indexes[key] = _made(key, world.tables[key.type])
    return world.indexes[key]


def _made(key: Key, table: Table) -> Index | None:
    if table.type.kind != "event" or table.frame.height == 0:
        return None
    day = day_column(table.type, table.type.time)
    if any(c not in table.frame.columns or table.frame[c].null_count() for c in (*key.fields, day)):
        return None
    coders = tuple(_coder(table.frame[f]) for f in key.fields)
    first, last = _periods(key, table.frame[day])
    room = (last - first + 1) * prod(c.size for c in coders)
    if room >= 2**63:
        return None
    dtype = pl.UInt32 if room < 2**32 else pl.UInt64
    own = pl.DataFrame(
        [_numbered(table.frame[f], c).alias(f"c{i}") for i, (f, c) in enumerate(zip(key.fields, coders, strict=True))]
    )
    number = _composed([_code_of(f"c{i}", c, dtype) for i, c in enumerate(coders)], coders, dtype)
    place = (pl.col("p") - first).cast(dtype)
    days = own.lazy().with_columns(table.frame[day].cast(pl.Int32).alias("d"))
    timed = days.with_columns(_period(key, table.frame[day]).alias("p"))
    keys = collected(timed.select((number * (last - first + 1) + place).alias("key")), own.height)["key"]
    return Index(keys.rechunk(), coders, first, last - first + 1, room)


def _periods(key: Key, days: pl.Series) -> tuple[int, int]:
    """Give the first and the last period in which there is a record."""
    ends = pl.DataFrame({"d": [days.min(), days.max()]}, schema={"d": pl.Date})
    index = dates.period_index(key.unit, key.week_start, pl.col("d").cast(pl.Int32))
    first, last = ends.select(index.alias("p"))["p"].to_list()
    return int(first), int(last)


def _period(key: Key, days: pl.Series) -> pl.Expr:
    """Give the number of the period that holds each day `d`; of records that lie close together it is looked up by the day."""
    least, most = (dates.days_of(end) for end in (days.min(), days.max()))  # type: ignore[arg-type]
    if most - least > days.len():
        return dates.period_index(key.unit, key.week_start, pl.col("d"))
    every_day = pl.int_range(least, most + 1, dtype=pl.Int32)
    numbers = pl.select(dates.period_index(key.unit, key.week_start, every_day)).to_series()
    return pl.lit(numbers).gather((pl.col("d") - least).cast(pl.UInt32))


def _coder(values: pl.Series) -> Coder:
    if values.dtype.is_integer():
        least, most = int(values.min()), int(values.max())  # type: ignore[arg-type]
        return Coder(most - least + 1, least, dtype=values.dtype)
    texts = values.unique().cast(pl.String).sort()
    return Coder(texts.len(), texts=pl.Enum(texts))


def _numbered(values: pl.Series, coder: Coder) -> pl.Series:
    """Give texts by their codes (each distinct one is looked up once), whole numbers as they are."""
    if coder.texts is None:
        return values
    if values.dtype != pl.Categorical:
        return coder.codes(values)
    distinct = values.unique()
    return by_category(values, distinct, coder.codes(distinct).cast(pl.UInt32))


def _code_of(name: str, coder: Coder, dtype: type[pl.DataType]) -> pl.Expr:
    """Give the code of a value that the coder was made of."""
    return (
        pl.col(name).cast(dtype) if coder.texts is not None else (pl.col(name).cast(pl.Int64) - coder.least).cast(dtype)
    )


def _composed(codes: list[pl.Expr], coders: tuple[Coder, ...], dtype: type[pl.DataType]) -> pl.Expr:
    """Compose the codes of a link into one number."""
    number = pl.lit(0, dtype=dtype)
    for code, coder in zip(codes, coders, strict=True):
        number = number * coder.size + code
    return number


def row_keys(index: Index, chosen: Set, context: Context) -> pl.Series:
    """Give the key of each row of a context (null: no record has it)."""
    codes = []
    for coder, pair in zip(index.coders, chosen.pairs, strict=True):
        value = context.value(pair.subject)
        assert isinstance(value, Symbols)
        codes.append(coder.codes(context.compute(value.options[0].value)))
    dtype = type(index.keys.dtype)
    frame = pl.DataFrame([c.alias(f"c{i}") for i, c in enumerate(codes)] + [context.frame["p.index"].alias("p")])
    number = _composed([pl.col(f"c{i}").cast(dtype) for i in range(len(codes))], index.coders, dtype)
    place = pl.col("p") - index.first
    inside = pl.when(place.is_between(0, index.periods - 1)).then(place).cast(dtype)
    return frame.select((number * index.periods + inside).alias("key"))["key"]


def aligned(own: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Give a key column in the type of the other side; a text that is no such integer matches nothing."""
    if own.dtype == dtype:
        return own
    if dtype.is_integer():
        number = own.cast(pl.String).cast(dtype, strict=False)
        return (
            own.to_frame("o")
            .with_columns(number.alias("n"))
            .select(pl.when(pl.col("n").cast(pl.String) == pl.col("o").cast(pl.String)).then("n").alias(own.name))[
                own.name
            ]
        )
    return own.cast(pl.String).cast(dtype)


def knows_links(chosen: Set, context: Context) -> bool:
    """Say whether every row's side of the link is known."""
    for pair in chosen.pairs:
        value = context.value(pair.subject)
        if not isinstance(value, Symbols) or len(value.options) != 1:
            return False
        if not value.options[0].known and context.frame.select(value.options[0].value.is_null().any()).item():
            return False
    return True
