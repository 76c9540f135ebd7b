"""From what is possible to one verdict: every enumerated obligation gets its one finding (docs/language.md section 5).

Most obligations are plain: certainly outside, or certainly bound and certainly met. They are settled here in columns. The rest become
propositions for the inference engine, whose conclusions say which verdicts remain possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.due import perhaps_overdue
from compliance_engine.deriving.kleene import expression
from compliance_engine.model.findings import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from compliance_engine.deriving.judging import Judged

# What the engine concludes, and the status that it makes possible.
CONCLUSIONS = {
    "possibly-not-applicable": Status.NOT_APPLICABLE,
    "possibly-exempt": Status.EXEMPT,
    "possibly-compliant": Status.COMPLIANT,
    "possibly-excused": Status.EXEMPT,
    "possibly-violated": Status.VIOLATION,
}
ORDER = [s.value for s in Status]


def truth_columns(judged: Judged) -> pl.DataFrame:
    """Give the truths of each obligation as columns applies.t, applies.f, lifted.t ... and `overdue` (perhaps)."""
    truths = {"applies": judged.applies, "lifted": judged.lifted, "met": judged.met, "excused": judged.excused}
    columns = [expression(t.may).alias(f"{n}.t") for n, t in truths.items()]
    columns += [expression(t.may_not).alias(f"{n}.f") for n, t in truths.items()]
    row = pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")
    return judged.context.frame.select(row, *columns, perhaps_overdue(judged.context, judged.due).alias("overdue"))


def propositions(
    judged: Sequence[Judged], truths: Sequence[pl.DataFrame], consequences: Mapping[str, Sequence[int]]
) -> pl.DataFrame:
    """Give what the engine has to decide: a proposition `scope` and one `conduct` for each obligation that is not plain.

    `key` numbers the obligations through all of `judged`; `session` is the site. `consequences`: for a duty (provision/duty) the numbers of
    the provisions that a breach of it triggers.
    """
    parts, start = [], 0
    for number, (item, frame) in enumerate(zip(judged, truths, strict=True)):
        parts.append(_open_obligations(item, frame, start, number))
        start += item.height
    found = pl.concat(parts) if parts else pl.DataFrame()
    if found.height == 0:
        return pl.DataFrame()
    found = found.with_columns(session=pl.col("site").fill_null("").rank("dense").cast(pl.UInt32)).drop("site")
    scope = found.select("session", pl.lit("scope").alias("kind"), "key", "out", "lifted", "bound", "duty")
    conduct = found.filter(pl.col("bound") == 1).select(
        "session", pl.lit("conduct").alias("kind"), "key", "met", "excused", "unexcused"
    )
    links = _consequence_facts(judged, found, consequences)
    return pl.concat([scope, conduct, *links], how="diagonal")


def _open_obligations(item: Judged, frame: pl.DataFrame, start: int, number: int) -> pl.DataFrame:
    plain = ~pl.col("applies.t") | (~pl.col("applies.f") & ~pl.col("lifted.t") & ~pl.col("met.f"))
    bound = pl.col("applies.t") & pl.col("lifted.f")
    columns = {
        "out": pl.col("applies.f"),
        "lifted": pl.col("applies.t") & pl.col("lifted.t"),
        "bound": bound,
        "met": bound & pl.col("met.t"),
        "excused": bound & pl.col("met.f") & pl.col("excused.t"),
        "unexcused": bound & pl.col("met.f") & pl.col("excused.f"),
    }
    rest = frame.with_columns(item.context.frame["site"].alias("site")).filter(~plain)
    return rest.select(
        "site",
        (pl.col("row").cast(pl.Int64) + start).alias("key"),
        pl.lit(number, dtype=pl.Int64).alias("duty"),
        *(e.cast(pl.Int64).alias(n) for n, e in columns.items()),
    )


def _consequence_facts(
    judged: Sequence[Judged], found: pl.DataFrame, consequences: Mapping[str, Sequence[int]]
) -> list[pl.DataFrame]:
    """Give, in each session with a possible breach of a duty that has consequences, a proposition for each."""
    rows = [
        (number, target)
        for number, item in enumerate(judged)
        for target in consequences.get(f"{item.provision.id}/{item.duty.id}", ())
    ]
    if not rows:
        return []
    links = pl.DataFrame(rows, schema={"duty": pl.Int64, "target": pl.Int64}, orient="row")
    breached = found.filter(pl.col("unexcused") == 1).select("session", "duty").unique()
    return [
        breached.join(links, on="duty").select(
            "session", pl.lit("consequence").alias("kind"), pl.col("duty").alias("key"), "target"
        )
    ]


def statuses(truths: pl.DataFrame, conclusions: pl.DataFrame | None, start: int) -> pl.DataFrame:
    """Give the status of each obligation of a duty, the verdicts that remain possible, and the rule that concluded it.

    `conclusions` holds the engine's, with the keys of all duties; this duty's obligations are numbered from `start`.
    """
    plain = (
        pl.when(~pl.col("applies.t"))
        .then(pl.lit(Status.NOT_APPLICABLE.value))
        .when(~pl.col("applies.f") & ~pl.col("lifted.t") & ~pl.col("met.f"))
        .then(pl.lit(Status.COMPLIANT.value))
    )
    frame = truths.with_columns(plain.alias("plain"))
    if conclusions is None or conclusions.height == 0:
        return frame.select(
            "row", pl.col("plain").alias("status"), pl.lit("").alias("possible"), pl.lit("").alias("rule")
        )
    mine = conclusions.filter(
        (pl.col("key") >= start)
        & (pl.col("key") < start + truths.height)
        & pl.col("kind").cast(pl.String).is_in(list(CONCLUSIONS))
    )
    named = mine.with_columns(
        pl.col("kind")
        .cast(pl.String)
        .replace_strict({k: ORDER.index(v) for k, v in CONCLUSIONS.items()}, return_dtype=pl.UInt8)
        .alias("rank"),
        pl.col("rule").cast(pl.String),
        (pl.col("key") - start).cast(pl.UInt32).alias("row"),
    )
    grouped = named.group_by("row").agg(pl.col("rank").unique().sort(), pl.col("rule").unique().sort())
    joined = frame.join(grouped, on="row", how="left", maintain_order="left")
    several = pl.col("rank").list.len() > 1
    names = (
        pl.col("rank")
        .list.eval(pl.element().replace_strict(range(len(ORDER)), ORDER, return_dtype=pl.String))
        .list.join("|")
    )
    one = pl.col("rank").list.first().replace_strict(range(len(ORDER)), ORDER, return_dtype=pl.String, default=None)
    status = (
        pl.when(pl.col("plain").is_not_null())
        .then("plain")
        .when(~several)
        .then(one)
        .when(pl.col("overdue"))
        .then(pl.lit(Status.UNDETERMINED.value))
        .otherwise(pl.lit(Status.PENDING.value))
    )
    return joined.select(
        "row",
        status.alias("status"),
        pl.when(several).then(names).otherwise(pl.lit("")).alias("possible"),
        pl.col("rule").list.join("|").fill_null("").alias("rule"),
    )
