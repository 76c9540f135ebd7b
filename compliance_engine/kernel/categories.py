"""Columns of texts of which few differ: what is found for each different text, given to every row that has it."""

import polars as pl


def by_category(values: pl.Series, distinct: pl.Series, found: pl.Series) -> pl.Series:
    """Give what was `found` for each of the `distinct` texts (none of them null) to the rows of a categorical column; null where a row has no text."""
    codes = distinct.to_physical()
    size = max(codes.to_list(), default=0) + 1
    table = pl.Series([0], dtype=found.dtype).new_from_index(0, size).scatter(codes, found)
    return table.gather(values.to_physical()).alias(values.name)
