"""Worlds made from worlds: with a gap filled, a record more, another order, other units, a higher limit."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.properties.facts import FIELDS, record

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from tests.properties.worlds import Rows, World

KNOWN_WHEN_EMPTY = {
    "spare",
    "sense",
    "shut",
    "ends",
    "stops",
    "to",
    "basis",
    "date",
}  # `none` or `never`: nothing is missing
QUANTITY = re.compile(r"([<>=]*)([0-9.]+) mg/L")


@st.composite
def with_gap_filled(draw: DrawFn, world: World) -> World:
    """Fill one missing cell, if there is one."""
    gaps = [
        (name, number, field)
        for name, rows in world.facts.items()
        for number, row in enumerate(rows)
        for field, text in row.items()
        if text is None and field in FIELDS.get(name, {}) and field not in KNOWN_WHEN_EMPTY
    ]
    if not gaps:
        return world
    name, number, field = draw(st.sampled_from(gaps))
    rows = [dict(row) for row in world.facts[name]]
    rows[number][field] = draw(st.sampled_from(FIELDS[name][field]))
    return replace(world, facts={**world.facts, name: rows})


@st.composite
def with_reading_added(draw: DrawFn, world: World) -> World:
    """Add a reading outside of what the source says to be complete."""
    plants = tuple(str(row["id"]) for row in world.facts["plant"])
    new = draw(record("reading", "later", plants))
    ends = [s.end.isoformat() for s in world.complete if s.type == "reading"]
    if ends and (new["day"] is None or new["day"] <= max(ends)):
        return world
    return replace(world, facts={**world.facts, "reading": [*world.facts["reading"], new]})


@st.composite
def shuffled(draw: DrawFn, world: World) -> World:
    """Change the order of files, types and records."""
    facts: Rows = {name: draw(st.permutations(world.facts[name])) for name in draw(st.permutations(list(world.facts)))}
    return replace(world, rules=tuple(draw(st.permutations(world.rules))), facts=facts)


def in_micrograms(world: World) -> World:
    """Write every mg/L of the facts as ug/L."""

    def rewritten(text: str | None) -> str | None:
        found = QUANTITY.fullmatch(text) if text else None
        return text if found is None else f"{found.group(1)}{_decimal(Fraction(found.group(2)) * 1000)} ug/L"

    facts: Rows = {
        name: [{field: rewritten(text) for field, text in row.items()} for row in rows]
        for name, rows in world.facts.items()
    }
    return replace(world, facts=facts)


def _decimal(number: Fraction) -> str:
    assert number.denominator == 1
    return str(number.numerator)


def with_limits_raised(world: World, factor: int) -> World:
    """Multiply the limit of every plant."""

    def raised(text: str | None) -> str | None:
        found = re.fullmatch(r"([0-9.]+) (\S+)", text or "")
        return None if found is None else f"{float(found.group(1)) * factor:g} {found.group(2)}"

    plants = [{**row, "cap": raised(row["cap"])} for row in world.facts["plant"]]
    return replace(world, facts={**world.facts, "plant": plants})
