"""Ids of 64 bits: texts of 16 hex digits for people, numbers where they are kept and sorted."""

from functools import cache

import polars as pl

# Below so many, Python prints numbers as fast as a table of their parts is made.
FEW = 50_000
DIGITS = 16


def hex_texts(numbers: pl.Series) -> pl.Series:
    """Print 64-bit numbers as 16 hex digits."""
    if numbers.len() < FEW:
        return pl.Series(numbers.name, [f"{n:016x}" for n in numbers.to_list()], dtype=pl.String)
    words = pl.lit(_words())
    number = pl.col("n")
    quarters = [words.gather(number // pl.lit(2**n, pl.UInt64) % pl.lit(2**16, pl.UInt64)) for n in (48, 32, 16, 0)]
    return numbers.to_frame("n").select(pl.concat_str(quarters).alias(numbers.name))[numbers.name]


@cache
def _words() -> pl.Series:
    """Give the four hex digits of every 16-bit number."""
    return pl.Series([f"{n:04x}" for n in range(2**16)], dtype=pl.String)


def are_hex(texts: pl.Series) -> bool:
    """Say whether each text is one that `hex_texts` prints."""
    return bool(texts.str.contains(f"^[0-9a-f]{{{DIGITS}}}$").fill_null(value=False).all())


def hex_numbers(texts: pl.Series) -> pl.Series:
    """Read what `hex_texts` printed: in the same order, and sorted sooner."""
    return texts.str.to_integer(base=16, dtype=pl.UInt64)
