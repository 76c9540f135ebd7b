"""From matches to the result that every engine gives: the same rows in the same order, whoever found them.

Matches: `rule` (u32, index), `session` (u32) and, for the pattern i of 0 to 2, `row_i` (u32, into the propositions
given) or `conclusion_i` (u32, into the conclusions); both null: the rule has no such pattern. Conclusions: `session`,
`kind` (Enum), `key` and the carried fields (i64), distinct.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.engine.rules import fields_carried

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_engine.engine.rules import InferenceRule

ROWS = ("row_0", "row_1", "row_2")
CONCLUSIONS = ("conclusion_0", "conclusion_1", "conclusion_2")
MATCH_SCHEMA = dict.fromkeys(("rule", "session", *ROWS, *CONCLUSIONS), pl.UInt32)


def conclusion_schema(rules: Sequence[InferenceRule]) -> dict[str, pl.DataType]:
    """Give the columns of the conclusions that rules match."""
    fields = dict.fromkeys(("key", *fields_carried(rules)), pl.Int64())
    return {"session": pl.UInt32(), "kind": kinds_concluded(rules), **fields}


def kinds_concluded(rules: Sequence[InferenceRule]) -> pl.Enum:
    """Give the type of a concluded kind, in which sorting is by name."""
    return pl.Enum(sorted({rule.then for rule in rules}))


def arrange(
    rules: Sequence[InferenceRule], propositions: pl.DataFrame, matches: pl.DataFrame, conclusions: pl.DataFrame
) -> pl.DataFrame:
    """Say what each match concludes, sort, and point premises at their rows (see `Engine.infer`).

    `propositions` is the frame that the engine was given, as `read_propositions` read it.
    """
    fields = ("key", *fields_carried(rules))
    used = propositions.filter(pl.col("row").is_in(_used(matches, ROWS).implode()))
    conclusions = conclusions.with_row_index("conclusion")
    concluded = _with_names(rules, _with_first_premise(matches, used, conclusions, fields))
    ordered = _sort(concluded, _rank(used, "row"), _rank(conclusions, "conclusion"))
    return _point_at_rows(ordered, conclusions, fields).select(
        "session", "rule", "kind", *fields, "premises", "premise_conclusions"
    )


def _used(matches: pl.DataFrame, columns: tuple[str, ...]) -> pl.Series:
    return pl.concat([matches[name].rename("used") for name in columns]).drop_nulls().unique()


def _with_first_premise(
    matches: pl.DataFrame, used: pl.DataFrame, conclusions: pl.DataFrame, fields: tuple[str, ...]
) -> pl.DataFrame:
    """Take the fields of the first premise, be it given or concluded."""
    given = matches.filter(pl.col("row_0").is_not_null())
    derived = matches.filter(pl.col("row_0").is_null())
    return pl.concat(
        [
            given.join(used.select("row", *fields), left_on="row_0", right_on="row"),
            derived.join(conclusions.select("conclusion", *fields), left_on="conclusion_0", right_on="conclusion"),
        ]
    )


def _with_names(rules: Sequence[InferenceRule], matches: pl.DataFrame) -> pl.DataFrame:
    """Name rule and kind, and drop the fields that the rule does not carry."""
    carried = fields_carried(rules)
    names, kinds = [rule.name for rule in rules], [rule.then for rule in rules]
    table = pl.DataFrame(
        {
            "rule": pl.Series(range(len(rules)), dtype=pl.UInt32),
            "name": pl.Series(names, dtype=pl.Enum(sorted(names))),
            "kind": pl.Series(kinds, dtype=kinds_concluded(rules)),
            **{f"carries {field}": [field in rule.carry for rule in rules] for field in carried},
        }
    )
    kept = [pl.when(f"carries {field}").then(field).alias(field) for field in carried]
    return matches.join(table, on="rule").with_columns(pl.col("name").alias("rule"), *kept)


def _rank(frame: pl.DataFrame, number: str) -> pl.DataFrame:
    """Give each row its rank by content, so that their order in the input shows nowhere; equal ones by their row."""
    fields = sorted(set(frame.columns) - {number, "session", "kind", "key"})
    return frame.sort("session", "kind", "key", *fields, number).select(
        pl.col(number), rank=pl.int_range(pl.len(), dtype=pl.Int64)
    )


def _sort(matches: pl.DataFrame, rows: pl.DataFrame, conclusions: pl.DataFrame) -> pl.DataFrame:
    """Sort by session, kind, key, rule, then premise by premise: given before concluded, each by content."""
    places = []
    for index, (row, conclusion) in enumerate(zip(ROWS, CONCLUSIONS, strict=True)):
        if matches[row].null_count() + matches[conclusion].null_count() == 2 * matches.height:
            break  # no rule has so many premises
        matches = matches.join(rows, left_on=row, right_on="row", how="left")
        matches = matches.join(conclusions, left_on=conclusion, right_on="conclusion", how="left", suffix="_concluded")
        place = pl.coalesce("rank", pl.col("rank_concluded") + rows.height, -1).alias(f"place_{index}")
        matches = matches.with_columns(place).drop("rank", "rank_concluded")
        places.append(f"place_{index}")
    return matches.sort("session", "kind", "key", "rule", *places)


def _point_at_rows(ordered: pl.DataFrame, conclusions: pl.DataFrame, fields: tuple[str, ...]) -> pl.DataFrame:
    """Give each concluded premise the first row that concludes it."""
    content = ["session", "kind", *fields]
    rows = ordered.select(content).with_row_index("at")
    first_rows = conclusions.join(rows, on=content, nulls_equal=True).group_by("conclusion").agg(pl.col("at").min())
    for name in CONCLUSIONS if first_rows.height else ():
        ordered = ordered.join(first_rows, left_on=name, right_on="conclusion", how="left", maintain_order="left")
        ordered = ordered.with_columns(pl.col("at").alias(name)).drop("at")
    return ordered.with_columns(premises=_list(ordered, ROWS), premise_conclusions=_list(ordered, CONCLUSIONS))


def _list(frame: pl.DataFrame, columns: tuple[str, ...]) -> pl.Series:
    """Put what these columns hold into one list a row (ten times as fast as `concat_list` without its nulls)."""
    long = frame.select(columns).with_row_index("at").unpivot(index="at").sort("at", maintain_order=True)
    return long.group_by("at", maintain_order=True).agg(pl.col("value").drop_nulls())["value"]
