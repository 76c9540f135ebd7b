"""Shipped cases as worlds; and their facts changed: a cell lost, a record lost or twice, another day or figure, less that is complete."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.oracle import cases
from tests.oracle.law import OracleLaw, load
from tests.properties.worlds import World, is_readable, world_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import DrawFn

    from tests.properties.worlds import Rows

    Change = Callable[[DrawFn, World, World], World]

RULESETS = Path(__file__).resolve().parents[2] / "rulesets"
DAY = re.compile(r"\d{4}-\d\d-\d\d")
FIGURE = re.compile(r"([<>]?)(\d+(?:\.\d+)?)((?: .*|%)?)")
SHIFTS = (-731, -366, -365, -90, -31, -30, -7, -1, 1, 2, 7, 29, 30, 31, 60, 90, 91, 180, 365, 366)
FACTORS = ("0", "0.5", "0.9", "1.1", "2", "10")


@lru_cache(maxsize=1)
def shipped() -> OracleLaw:
    """Give the shipped law, as the oracle reads it."""
    return load([RULESETS])


def world_of_case(document: dict[str, Any], case: dict[str, Any]) -> World:
    """Give the facts of a shipped case, for the provisions that its document speaks of."""
    return world_of(document, case, paths=(str(RULESETS),), only=cases.provisions_of(shipped(), document))


def changed_worlds() -> st.SearchStrategy[World]:
    """Draw a case of the law, and one to four changes of its facts, none of which is refused."""
    return _changed_worlds().filter(is_readable)


@st.composite
def _changed_worlds(draw: DrawFn) -> World:
    document = draw(st.sampled_from(shipped().cases))
    shown = st.sampled_from(document["cases"])
    world = world_of_case(document, draw(shown))
    changes: list[Change] = [_blanked, _lost, _twice, _moved, _scaled, _less_complete, _seen_on_another_day, _joined]
    for _ in range(draw(st.integers(1, 4)) if any(world.facts.values()) else 0):
        change = draw(st.sampled_from(changes))
        world = change(draw, world, world_of_case(document, draw(shown)) if change is _joined else world)
    return world


@st.composite
def with_cells_lost(draw: DrawFn, world: World) -> World:
    """Lose one to three cells, each of which is then not known: nothing else changes."""
    types = shipped().types
    facts = {name: [dict(row) for row in rows] for name, rows in world.facts.items()}
    cells = [
        (name, number, field)
        for name, rows in facts.items()
        for number, row in enumerate(rows)
        for field in row
        if field in types[name].fields and types[name].fields[field].empty == "unknown"
    ]
    for name, number, field in draw(st.lists(st.sampled_from(cells), min_size=1, max_size=3)) if cells else ():
        facts[name][number][field] = None
    return replace(world, facts=facts)


def _row(draw: DrawFn, world: World) -> tuple[Rows, str, int]:
    """Give the facts anew, and one record of them by type and number."""
    facts = {name: [dict(row) for row in rows] for name, rows in world.facts.items()}
    name, number = draw(st.sampled_from([(name, at) for name, rows in facts.items() for at in range(len(rows))]))
    return facts, name, number


def _blanked(draw: DrawFn, world: World, _: World) -> World:
    """Lose a cell, but no reference: of what is not known to be which record the product tells less than the oracle."""
    facts, name, number = _row(draw, world)
    kinds = shipped().types[name].fields
    fields = [f for f in facts[name][number] if f in kinds and kinds[f].base != "reference"]
    if fields:
        facts[name][number][draw(st.sampled_from(fields))] = None
    return replace(world, facts=facts)


def _lost(draw: DrawFn, world: World, _: World) -> World:
    """Lose a record to which no other refers, but never the last one."""
    facts, name, number = _row(draw, world)
    if sum(map(len, facts.values())) == 1:
        return world
    identity = facts[name][number].get("id")
    cells = [text for rows in facts.values() for row in rows for field, text in row.items() if field != "id"]
    if identity is None or identity not in cells:
        facts[name].pop(number)
    return replace(world, facts=facts)


def _twice(draw: DrawFn, world: World, _: World) -> World:
    """Have a record once more, under another id and perhaps of other days."""
    facts, name, number = _row(draw, world)
    shift = draw(st.sampled_from((0, *SHIFTS)))
    copy = {field: _later(text, shift) for field, text in facts[name][number].items()}
    facts[name].append({**copy, "id": f"{copy.get('id') or number}-again"})
    return replace(world, facts=facts)


def _moved(draw: DrawFn, world: World, _: World) -> World:
    """Date a record otherwise."""
    facts, name, number = _row(draw, world)
    row = facts[name][number]
    fields = [field for field, text in row.items() if text and DAY.fullmatch(text)]
    if fields:
        field = draw(st.sampled_from(fields))
        row[field] = _later(row[field], draw(st.sampled_from(SHIFTS)))
    return replace(world, facts=facts)


def _later(text: str | None, days: int) -> str | None:
    return str(date.fromisoformat(text) + timedelta(days=days)) if text and DAY.fullmatch(text) else text


def _scaled(draw: DrawFn, world: World, _: World) -> World:
    """Record another figure."""
    facts, name, number = _row(draw, world)
    row, kinds = facts[name][number], shipped().types[name].fields
    numbers = {"decimal", "quantity"}
    found = {f: FIGURE.fullmatch(text) for f, text in row.items() if text and f in kinds and kinds[f].base in numbers}
    fields = [field for field, match in found.items() if match]
    if fields:
        field = draw(st.sampled_from(fields))
        match = found[field]
        assert match is not None
        row[field] = f"{match[1]}{Decimal(match[2]) * Decimal(draw(st.sampled_from(FACTORS)))}{match[3]}"
    return replace(world, facts=facts)


def _less_complete(draw: DrawFn, world: World, _: World) -> World:
    """Lose a statement of completeness, or the first or last half of it."""
    if not world.complete:
        return world
    told = list(world.complete)
    number = draw(st.integers(0, len(told) - 1))
    one = told.pop(number)
    middle = one.start + (one.end - one.start) / 2
    told += draw(st.sampled_from([[], [replace(one, start=middle)], [replace(one, end=middle)]]))
    return replace(world, complete=tuple(told))


def _seen_on_another_day(draw: DrawFn, world: World, _: World) -> World:
    """Evaluate as of another day, not before that from which on obligations are judged."""
    as_of = world.as_of + timedelta(days=draw(st.sampled_from(SHIFTS)))
    return replace(world, as_of=max(as_of, world.since or as_of))


def _joined(_: DrawFn, world: World, other: World) -> World:
    """Add the records of another case that have ids of their own."""
    facts = {name: list(rows) for name, rows in world.facts.items()}
    for name, rows in other.facts.items():
        have = {row.get("id") for row in facts.get(name, [])}
        facts.setdefault(name, []).extend(row for row in rows if row.get("id") not in have)
    return replace(world, facts=facts)
