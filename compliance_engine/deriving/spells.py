"""Stretches of days on which a condition holds, as facts (docs/language.md section 3, `spells`)."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, kleene
from compliance_engine.deriving.context import Context
from compliance_engine.deriving.pinned import Cell, cells_of
from compliance_engine.deriving.record_spans import record_times
from compliance_engine.deriving.references import site_of
from compliance_engine.deriving.tables import Table
from compliance_engine.deriving.windows import FAR
from compliance_engine.deriving.world import Scope, TooManyOccurrencesError
from compliance_engine.model import expression as ex
from compliance_engine.model.parts import parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance_engine.deriving.world import Covered, World
    from compliance_engine.model.program import DefinitionSpec, Program

MOST_DAYS = 5_000_000
SCHEMA = {
    "id": pl.String,
    "subject": pl.String,
    "start": pl.Date,
    "end": pl.Date,
    "held-from": pl.Date,
    "held-to": pl.Date,
    "goes-on": pl.Boolean,
}
Row = tuple[str, str, date | None, date | None, date | None, date | None, bool | None]


def derive_spells(world: World, spec: DefinitionSpec) -> None:
    """Put the spells of a definition among the facts; complete where no day is in doubt."""
    context = _days(world, spec)
    held = context.truth(spec.fields[0].node)
    if spec.subject.where is not None:
        held = kleene.conjunction(context.truth(spec.subject.where), held)
    cells = cells_of(context.settle(held), context)
    ids = context.compute(context.column("subject", (), "id")[0].cast(pl.String)).to_list()
    sites, days = context.frame["site"].to_list(), context.frame["p.from"].to_list()
    rows: list[Row] = []
    doubtful: set[str | None] = set()
    for key, group in groupby(range(len(days)), key=lambda row: ids[row]):
        places = list(group)
        found, doubt = _spells(key, [days[p] for p in places], [cells[p] for p in places], dates.days_of(world.as_of))
        rows += found
        if doubt:
            doubtful.add(sites[places[0]])
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").rename({"subject": spec.subject.type})
    world.tables[spec.spells] = Table(world.program.types[spec.spells], frame, {})
    world.covered[spec.spells] = _covered(world, context, doubtful)


def _covered(world: World, context: Context, doubtful: set[str | None]) -> Covered:
    """State for which sites the spells are complete: from the first day of which the facts tell to the as-of date."""
    start, end = world.earliest(), dates.days_of(world.as_of)
    sites: list[str | None] = [None]
    if doubtful:
        known = context.frame["site"].drop_nulls().unique().sort().to_list()
        sites = [] if None in doubtful else [site for site in known if site not in doubtful]
    return tuple((site, start, end) for site in sites)


def _days(world: World, spec: DefinitionSpec) -> Context:
    """Give a context with a row for each subject and each day on which its condition may change."""
    table = world.tables[spec.subject.type]
    count = pl.int_range(table.frame.height, dtype=pl.UInt32, eager=True)
    subjects = Context(world, pl.DataFrame({"subject#": count}), {"subject": Scope(table, "subject#")}, {})
    subjects.frame = subjects.frame.with_columns(site_of(subjects, table))
    first, last = world.earliest(), dates.days_of(world.as_of)
    days = _changes(world, spec)
    if days is None:
        days = pl.DataFrame({"day": pl.int_range(first, last + 1, dtype=pl.Int32, eager=True)})
    days = pl.concat([pl.DataFrame({"day": [first]}, schema={"day": pl.Int32}), days])
    days = days.filter(pl.col("day").is_between(first, last)).unique().sort("day")
    if days.height * table.frame.height > MOST_DAYS:
        message = f"{spec.id}: {days.height} days of {table.frame.height} subjects (at most {MOST_DAYS})"
        raise TooManyOccurrencesError(message)
    frame = subjects.frame.join(days, how="cross").sort("subject#", "day")
    frame = frame.select(
        "subject#", "site", *(pl.col("day").alias(n) for n in ("p.index", "p.from", "p.to", "w.from", "w.to"))
    )
    lets = {item.name: item for item in spec.lets}
    return Context(world, frame, subjects.scopes, lets, spec.grain, windowed=True, plain_window=True)


def _changes(world: World, spec: DefinitionSpec) -> pl.DataFrame | None:
    """Give the days on which a condition may change: those of the records that it reads; None where it may on any day."""
    types = _types_read((spec.lets, spec.fields))
    if types is None:
        return None
    days = [pl.DataFrame({"day": []}, schema={"day": pl.Int32})]
    for name in sorted(types):
        times = record_times(world, world.tables[name])
        for column, later in (("r.from", 0), ("r.certain_from", 0), ("r.to", 1), ("r.certain_to", 1)):
            day = (pl.col(column).cast(pl.Int32) + later).alias("day")
            days.append(times.filter(pl.col(column).abs() < FAR).select(day))
    spans = [span for name in sorted(types) for span in world.covered.get(name, ())]
    ends = [day for _, first, last in spans for day in (first, last + 1)]
    return pl.concat([*days, pl.DataFrame({"day": ends}, schema={"day": pl.Int32})])


def _types_read(part: object) -> frozenset[str] | None:
    """List the types of which an expression reads records of the day, or all that went before; None where it reads otherwise."""
    found: set[str] = set()
    for node in parts(part):
        if isinstance(node, ex.Set):
            plain = node.window is None or node.window.kind == "running"
            if node.source != "facts" or not plain:
                return None
            found.add(node.type)
        elif isinstance(node, ex.DefinitionRef | ex.FindingRef | ex.ParameterRef | ex.Builtin):
            return None
    return frozenset(found)


def _spells(key: str, days: list[int], cells: list[Cell], as_of: int) -> tuple[list[Row], bool]:
    """Give the spells of one subject, and whether any day is in doubt; a value holds until the next day listed."""
    ends = [*(day - 1 for day in days[1:]), as_of]
    rows: list[Row] = []
    doubt = False
    for _, group in groupby(range(len(days)), key=lambda row: _block(row, cells)):
        block = list(group)
        if not cells[block[0]].may:
            continue
        unclear = [row for row in block if cells[row].may_not]
        doubt = doubt or bool(unclear)
        if len(unclear) == len(block):
            continue
        first, last = block[0], block[-1]
        start = days[first] if first > 0 and first not in unclear else None
        end = ends[last] if last < len(days) - 1 and last not in unclear else None
        held = (None, None, None) if unclear else (days[first], ends[last], None if end is None else False)
        rows.append(_row(key, start, end, days[first], held))
    return rows, doubt


def _block(row: int, cells: list[Cell]) -> bool:
    return cells[row].may


def _row(
    key: str, start: int | None, end: int | None, seen: int, held: tuple[int | None, int | None, bool | None]
) -> Row:
    """Give a spell: its id is that of its subject, and the day on which it was first seen."""
    since, until, goes_on = held
    name = f"{key}/{dates.date_of(seen)}"
    return (name, key, _date(start), _date(end), _date(since), _date(until), goes_on)


def _date(day: int | None) -> date | None:
    return None if day is None else dates.date_of(day)


def spells_among(program: Program, ids: Iterable[str]) -> list[DefinitionSpec]:
    """List the definitions of spells among the ids of a stratum."""
    return [
        program.definitions[name] for name in ids if name in program.definitions and program.definitions[name].spells
    ]
