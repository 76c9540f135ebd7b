"""What people decide: the answers to questions that the law leaves open, and the choices that it leaves to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import kleene
from compliance_engine.deriving.kleene import UNKNOWN, Truth
from compliance_engine.deriving.references import site_of
from compliance_engine.deriving.values import Option, Symbols

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.tables import Table
    from compliance_engine.model.expression import Determined, PolicyRef


def determined_truth(node: Determined, context: Context) -> Truth:
    """Give the recorded answer about the subject; unknown where there is none that counts, or where answers may differ."""
    table = context.world.tables["determination"]
    if table.frame.height == 0:
        return UNKNOWN
    asked = _asked(node, context, table)
    one = pl.col("answer").n_unique() == 1  # an answer that is not known is another one
    answers = asked.group_by("subject").agg(
        pl.when(one & pl.col("counts").fill_null(value=False).any()).then(pl.col("answer").first()).alias("answer")
    )
    about = context.value(node.about)
    assert isinstance(about, Symbols)
    ids = context.compute(about.options[0].value.cast(pl.String)).alias("subject").to_frame()
    found = ids.join(answers, on="subject", how="left", maintain_order="left")["answer"]
    return kleene.of_column(pl.col(context.add("determined", found)))


def _asked(node: Determined, context: Context, table: Table) -> pl.DataFrame:
    """Give the answers to a question that may count: subject, answer, and whether it counts (null: not known)."""
    counts = _text(table, "question").is_in([node.question, node.id])
    counts = counts & _column(table, "date", pl.Date).is_null().or_(
        _column(table, "date", pl.Date) <= context.world.as_of
    )
    if node.roles:
        counts = counts & _text(table, "role").is_in(list(node.roles))
    if node.void:  # an answer has to say on what it rests
        counts = counts & _text(table, "basis").is_not_null() & ~_text(table, "basis").is_in(list(node.void))
    answer = _column(table, "answer", pl.Boolean)
    found = table.frame.select(_text(table, "subject").alias("subject"), answer.alias("answer"), counts.alias("counts"))
    return found.filter(pl.col("counts").fill_null(value=True))


def policy_symbol(node: PolicyRef, context: Context) -> Symbols:
    """Give the choice stated for the site, else the one stated for all; where there is none, each may be it."""
    table = context.world.tables["policy"]
    stated = table.frame.select(
        _text(table, "policy").alias("policy"),
        _text(table, "choice").alias("choice"),
        _text(table, "site").alias("site"),
    ).filter((pl.col("policy") == node.id) & pl.col("choice").is_in(list(node.choices)))
    if stated.height == 0:
        return Symbols(tuple(_option(choice, possible=True) for choice in node.choices))
    everywhere = set(stated.filter(pl.col("site").is_null())["choice"]) or set(node.choices)
    own = stated.drop_nulls("site").group_by("site").agg((pl.col("choice") == c).any().alias(c) for c in node.choices)
    found = _sites(context).to_frame("site").join(own, on="site", how="left", maintain_order="left")
    options = []
    for choice in node.choices:
        possible = found[choice].fill_null(choice in everywhere)
        options.append(_option(choice, possible=pl.col(context.add("choice", possible))))
    return Symbols(tuple(options))


def _option(choice: str, *, possible: kleene.Maybe) -> Option:
    return Option(possible=possible, value=pl.lit(choice), known=True, literal=choice)


def _sites(context: Context) -> pl.Series:
    """Give the site of each row's subject."""
    if "site" in context.frame.columns:
        return context.frame["site"].cast(pl.String)
    table = context.scopes["subject"].table
    if table.type.name == "finding":
        return context.compute(context.column("subject", (), "site")[0].cast(pl.String))
    return site_of(context, table)


def _column(table: Table, name: str, dtype: type[pl.DataType]) -> pl.Expr:
    """Give a column; null where no record of the type has it."""
    return pl.col(name).cast(dtype) if name in table.frame.columns else pl.lit(None, dtype=dtype)


def _text(table: Table, name: str) -> pl.Expr:
    return _column(table, name, pl.String)
