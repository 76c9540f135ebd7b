"""Stretches of days on which a condition holds, as records: found by asking each day."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from tests.oracle import expressions, provisions, references
from tests.oracle.context import Context
from tests.oracle.facts import Record
from tests.oracle.parser import parse_records
from tests.oracle.periods import Grain, Period
from tests.oracle.values import can_fail, can_hold, conjunction

if TYPE_CHECKING:
    from tests.oracle.facts import World
    from tests.oracle.values import Value

DAY = Grain("calendar", "day")


def records_of(name: str, world: World) -> dict[str, Record]:
    """Give the records of a type; spells are found when they are first asked for."""
    definition = world.law.spells.get(name)
    if definition is not None and name not in world.records:
        world.records[name] = {}
        first = provisions.dawn(world)
        doubtful = False
        for subject in records_of(world.law.definitions[definition]["for"].split()[0], world).values():
            found, doubt = _spells(definition, name, subject, first, world)
            world.records[name].update(found)
            doubtful = doubtful or doubt
        if not doubtful:
            world.complete[name] = [("", first, world.as_of)]
    return world.records.get(name, {})


def _spells(definition: str, name: str, subject: Record, first: int, world: World) -> tuple[dict[str, Record], bool]:
    document = world.law.definitions[definition]
    days = range(first, world.as_of + 1)
    held = {day: _held(definition, document["for"], subject, day, world) for day in days}
    found: dict[str, Record] = {}
    doubt = False
    for possible, group in groupby(days, key=lambda day: can_hold(held[day])):
        block = list(group)
        unclear = [day for day in block if possible and can_fail(held[day])]
        doubt = doubt or bool(unclear)
        if not possible or len(unclear) == len(block):
            continue
        start = block[0] if block[0] > first and block[0] not in unclear else None
        end = block[-1] if block[-1] < world.as_of and block[-1] not in unclear else None
        key = f"{subject.id}/{date.fromordinal(block[0])}"
        cells = {subject.type.name: subject.id, "start": _text(start), "end": _text(end)}
        if not unclear:
            cells |= {"held-from": _text(block[0]), "held-to": _text(block[-1]), "goes-on": "false" if end else None}
        found[key] = Record(world.law.types[name], key, cells)
    return found, doubt


def _text(day: int | None) -> str | None:
    return None if day is None else date.fromordinal(day).isoformat()


def _held(definition: str, about: str, subject: Record, day: int, world: World) -> Value:
    context = Context(world=world, subject=subject, grain=DAY, period=Period(day, day))
    where = parse_records(about).where
    held = references.definition_value(definition, "", subject, context)
    if where is None:
        return held
    return conjunction((expressions.value_of(where, Context(world=world, subject=subject)), held))
