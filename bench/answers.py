"""The findings of `bench/rules` as the rows that the yardsticks give: kind, a, b, pct, ev (see the workload's README)."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from compliance_engine.model.findings import Findings, as_texts

LIMIT, BREACH, COUNTED = "subject", "breach", "counted"


def answers(findings: Findings, permits: pl.DataFrame) -> pl.DataFrame:
    """Give one row a violation: kinds 1 and 2 by measurement, 3 and 4 by month, 5 by pair of months, 6 by person and course."""
    findings = replace(findings, frame=as_texts(findings.frame), evidence=as_texts(findings.evidence))
    broken = findings.frame.filter(pl.col("status") == "violation").with_columns(
        month=pl.col("period_from").dt.month().cast(pl.Int64) - 1,
        name=pl.col("provision").str.replace("bench.", "", literal=True),
    )
    links = findings.evidence.join(
        broken.select(pl.col("finding").alias("set"), "name", "subject", "month", "site", "period_to"), on="set"
    )
    return pl.concat(
        [
            _single(links, permits, "daily-maximum", 1),
            _single(links, permits, "daily-minimum", 2),
            _means(broken, links, permits),
            _missing(broken, permits),
            _pairs(findings, links),
            _people(broken),
        ]
    )


def _number(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int64)


def _permit_of(rows: pl.DataFrame, permits: pl.DataFrame) -> pl.DataFrame:
    """Add the permit that was in force at the end of each row's window."""
    day = pl.col("period_to").cast(pl.Int32)
    held = permits.with_columns(pl.col("site").cast(pl.String))
    return rows.join(held, on="site").filter((day >= pl.col("p_from")) & (day <= pl.col("p_to")))


def _rows(frame: pl.DataFrame, kind: int, a: pl.Expr, b: pl.Expr, pct: pl.Expr, ev: pl.Expr) -> pl.DataFrame:
    return frame.select(
        pl.lit(kind, dtype=pl.Int32).alias("kind"),
        a.alias("a"),
        b.alias("b"),
        pct.cast(pl.Float64).alias("pct"),
        ev.alias("ev"),
    )


def _single(links: pl.DataFrame, permits: pl.DataFrame, name: str, kind: int) -> pl.DataFrame:
    found = _permit_of(links.filter((pl.col("name") == name) & (pl.col("role") == BREACH)), permits)
    ids = pl.concat_list(_number("fact"), _number("subject"), _number("permit_id"))
    return _rows(found, kind, _number("subject"), _number("fact"), pl.col("exceedance_percent"), ids)


def _means(broken: pl.DataFrame, links: pl.DataFrame, permits: pl.DataFrame) -> pl.DataFrame:
    counted = links.filter((pl.col("name") == "monthly-average") & (pl.col("role") == COUNTED))
    lists = counted.group_by("set").agg(_number("fact").alias("records"))
    found = _permit_of(broken.filter(pl.col("name") == "monthly-average"), permits).join(
        lists, left_on="finding", right_on="set"
    )
    ids = pl.concat_list(_number("subject"), _number("permit_id"), pl.col("records"))
    return _rows(found, 3, _number("subject"), pl.col("month"), pl.col("exceedance_percent"), ids)


def _missing(broken: pl.DataFrame, permits: pl.DataFrame) -> pl.DataFrame:
    found = _permit_of(broken.filter(pl.col("name") == "monitoring"), permits)
    return _rows(
        found,
        4,
        _number("subject"),
        pl.col("month"),
        pl.lit(0.0),
        pl.concat_list(_number("subject"), _number("permit_id")),
    )


def _pairs(findings: Findings, links: pl.DataFrame) -> pl.DataFrame:
    months = findings.frame.filter(pl.col("provision") == "bench.monthly-average").select(
        pl.col("finding").alias("id"),
        pl.col("subject").alias("limit"),
        (pl.col("period_from").dt.month().cast(pl.Int64) - 1).alias("at"),
    )
    earlier = links.filter((pl.col("name") == "significant") & (pl.col("role") == BREACH)).select("fact", "subject")
    found = earlier.join(months, left_on="fact", right_on="id").join(
        months, left_on="subject", right_on="id", suffix="_now"
    )
    first, last = _number("limit") * 12 + pl.col("at"), _number("limit") * 12 + pl.col("at_now")
    return _rows(
        found, 5, _number("limit"), pl.col("at") * 12 + pl.col("at_now"), pl.lit(0.0), pl.concat_list(first, last)
    )


def _people(broken: pl.DataFrame) -> pl.DataFrame:
    found = broken.filter(pl.col("name") == "training")
    ids = pl.concat_list(_number("subject"), _number("occurrence"))
    return _rows(found, 6, _number("subject"), _number("occurrence"), pl.lit(0.0), ids)
