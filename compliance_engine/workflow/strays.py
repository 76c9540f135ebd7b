"""References that lead to no record: what refers so belongs to nothing that is judged, which is not to be overlooked."""

from collections.abc import Iterator

import polars as pl

from compliance_engine.kernel.diagnostic import Diagnostic, Level
from compliance_engine.kernel.pool import FEW_ROWS
from compliance_engine.kernel.suggestions import suggest
from compliance_engine.model.facts import Facts, FactTable
from compliance_engine.model.inventory import Stray
from compliance_engine.model.program import FieldType, Program
from compliance_engine.workflow.waivers import warn_of_waivers

_MOST_COMPARED = 10_000  # ids among which a near one is looked for
_LONGEST = 60


def find_strays(facts: Facts, program: Program) -> Iterator[Stray]:
    """List the references that lead to no record, by type and field, each id once. Where no site has a record, none needs one."""
    listed = bool(_sites(facts))
    for name, table in sorted(facts.tables.items()):
        for field in program.types[name].fields:
            is_read = field.base == "reference" and field.name in table.frame.columns
            if is_read and (listed or field.target != "site"):
                yield from _strays_of(table, field, facts.tables.get(field.target))


def warn_of_strays(facts: Facts, program: Program) -> tuple[Diagnostic, ...]:
    """Warn of references that lead nowhere, all at once, and of waivers that lift nothing."""
    return (
        *_warn_of_references(facts, program),
        *_warn_of_statements(facts),
        *warn_of_waivers(facts, program),
    )


def _warn_of_statements(facts: Facts) -> Iterator[Diagnostic]:
    """Warn of statements of completeness about sites that are nowhere, where sites are listed: they state nothing."""
    sites = _sites(facts)
    stated = {one.site for one in facts.complete if one.site is not None} if sites else set()
    for site in sorted(stated - set(sites)):
        near = _nearest(site, sites)
        message = f"`complete` is stated of a site {site[:_LONGEST]}, and there is none{f'; did you mean {near}?' if near else ''}"
        yield Diagnostic(code="stray-statement", message=message, level=Level.WARNING)


def _sites(facts: Facts) -> list[str]:
    """List the sites that have a record; a site that only its records name needs none."""
    table = facts.tables.get("site")
    return [] if table is None else table.frame["id"].cast(pl.String).to_list()


def _warn_of_references(facts: Facts, program: Program) -> tuple[Diagnostic, ...]:
    """Give one warning if there is any: records that belong to nothing break no limit and meet no duty."""
    strays = tuple(find_strays(facts, program))
    if not strays:
        return ()
    first, records = strays[0], sum(stray.count for stray in strays)
    near = f"; did you mean {first.near}?" if first.near else ""
    place = f"{facts.sources[first.source].name}#row {first.row}"
    there_is = f"there is no {first.target} {first.id[:_LONGEST]}{near}"
    return (
        Diagnostic(
            code="stray-reference",
            message=f"{records:,} reference{'s lead' if records > 1 else ' leads'} to no record, and what refers so "
            f"is judged with nothing: {place}, {first.field}: {there_is}",
            hint="`compliance facts check` lists them",
            level=Level.WARNING,
        ),
    )


def _strays_of(table: FactTable, field: FieldType, target: FactTable | None) -> Iterator[Stray]:
    """Find those of one field: of many records few ids are named, which are looked up once."""
    known = pl.Series([], dtype=pl.String) if target is None else target.frame["id"].cast(pl.String)
    ids_named = _distinct(table.frame, field.name)
    lost = ids_named.filter(~ids_named.cast(pl.String).is_in(known.implode()))
    if lost.is_empty():
        return
    strays = (
        table.frame.lazy()
        .select(pl.col(field.name).alias("id"), "_source", "_row")
        .filter(pl.col("id").is_in(lost.implode()))
        .with_columns(pl.col("id").cast(pl.String))
        .sort("_source", "_row")
        .collect()
    )
    ids = known.to_list()
    bare = {name.lstrip("0"): name for name in reversed(ids)}
    groups = strays.group_by("id", maintain_order=True).agg(pl.len(), pl.col("_source", "_row").first())
    for stray, count, source, row in groups.iter_rows():
        yield Stray(
            type=table.type,
            field=field.name,
            target=field.target,
            id=stray,
            count=count,
            source=source,
            row=row,
            near=bare.get(stray.lstrip("0")) or _nearest(stray, ids),
        )


def _distinct(frame: pl.DataFrame, name: str) -> pl.Series:
    """Give the different values of a column; records that follow each other mostly belong to the same."""
    if frame.height < FEW_ROWS:
        return frame[name].unique().drop_nulls()
    here = pl.col(name)
    return frame.lazy().filter(here.ne_missing(here.shift())).select(here.unique().drop_nulls()).collect()[name]


def _nearest(stray: str, ids: list[str]) -> str | None:
    """Give the id that is probably meant, where there are few, and it is no long text."""
    return suggest(stray, ids) if len(ids) <= _MOST_COMPARED and len(stray) <= _LONGEST else None
