"""Records: cells as possible values, what refers to what, what is visible, and for which time sources are complete."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.oracle.periods import as_day, merged, microseconds
from tests.oracle.units import to_base
from tests.oracle.values import (
    ABSENT,
    FALSE,
    INFINITE,
    NEVER,
    TRUE,
    Bound,
    Dimension,
    OracleError,
    Value,
    anything,
    between,
    exactly,
    hull,
    symbol,
)

if TYPE_CHECKING:
    from tests.oracle.law import FactType, Field, OracleLaw

QUANTITY = re.compile(r"\s*(<=|>=|<|>)?\s*(-?[0-9.]+(?:[eE][+-]?[0-9]+)?)\s*(.*)")
NUMERIC = ("integer", "decimal", "quantity")
LONGEST_CHAIN = 6
DOMAIN = {"date": "date", "instant": "instant", "bool": "bool"} | dict.fromkeys(NUMERIC, "number")


@dataclass(eq=False, slots=True)
class Record:
    """A fact. A `phantom` stands for one of which nothing is known."""

    type: FactType
    id: str
    cells: dict[str, str | None]
    phantom: bool = False
    read: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """What is known: the law, the records, completeness by type as (site or "", first day, last day), the as-of day."""

    law: OracleLaw
    records: dict[str, dict[str, Record]]
    complete: dict[str, list[tuple[str, int, int]]]
    as_of: int
    since: int | None
    zones: dict[str, str]
    memo: dict[Any, Any] = field(default_factory=dict)


def phantom(fact_type: FactType) -> Record:
    return Record(fact_type, "?", {}, phantom=True)


def domain_of(declared: Field) -> Value:
    """Give all that a field may be where nothing is known of it."""
    kind = DOMAIN.get(declared.base, "symbol")
    dimension = _dimension(declared)
    value = anything(kind, dimension) if kind == "number" else anything(kind)
    if declared.base == "enum":
        value = symbol(*declared.symbols)
    return replace(value, low=Fraction(0), low_open=False) if declared.non_negative else value


def _dimension(declared: Field) -> Dimension | None:
    if declared.base != "quantity":
        return ()
    return None if declared.unit == "varies" else to_base(declared.unit)[2]


def told(record: Record, name: str) -> str | None:
    """Give the text of a cell; None where it is empty."""
    text = (record.cells.get(name) or "").strip()
    return None if text in ("", "~") else text


def cell(record: Record, name: str, world: World) -> Value:
    """Give what a field of a record may be."""
    if name not in record.read:
        record.read[name] = _read(record, record.type.fields[name], world)
    return record.read[name]


def _read(record: Record, declared: Field, world: World) -> Value:
    text = record.cells.get(declared.name)
    if record.phantom:
        return _unknown_record_cell(declared)
    if text is None or text.strip() in ("", "~"):
        return {"none": ABSENT, "never": NEVER}.get(declared.empty, domain_of(declared))
    return _parsed(text.strip(), declared, record, world)


def _unknown_record_cell(declared: Field) -> Value:
    domain = domain_of(declared)
    if declared.empty == "never":
        return hull([domain, NEVER])
    return hull([domain, ABSENT]) if declared.empty == "none" else domain


def _parsed(text: str, declared: Field, record: Record, world: World) -> Value:
    if declared.base == "date":
        return exactly(date.fromisoformat(text).toordinal(), "date")
    if declared.base == "instant":
        moment = datetime.fromisoformat(text)
        zone = ZoneInfo(zone_of(record, world))
        return exactly(microseconds(moment if moment.tzinfo else moment.replace(tzinfo=zone)), "instant")
    if declared.base == "bool":
        return TRUE if text.lower() in ("true", "yes", "1") else FALSE
    if declared.base not in NUMERIC:
        return symbol(text)
    sign, number = printed(record, declared.name)
    if sign in ("<", "<="):
        floor: Bound = Fraction(0) if declared.non_negative else -INFINITE
        interval = between(floor, number.high, high_open=sign == "<")
    elif sign in (">", ">="):
        interval = between(number.low, INFINITE, low_open=sign == ">")
    else:
        return number
    return replace(interval, dimension=number.dimension, percent=number.percent)


def printed(record: Record, name: str) -> tuple[str, Value]:
    """Give the qualifier ("" if the cell is empty) and the printed number, in base units."""
    declared, text = record.type.fields[name], record.cells.get(name)
    if record.phantom or text is None or text.strip() in ("", "~"):
        return "", domain_of(declared)
    return quantity(text.strip(), declared)


def quantity(text: str, declared: Field) -> tuple[str, Value]:
    """Read `<0.2 mg/L`: qualifier, and number in base units; without a unit of its own it has the field's."""
    match = QUANTITY.fullmatch(text)
    if match is None:
        raise OracleError(f"not a number: {text}")
    own_unit = match.group(3).strip()
    unit = own_unit or (declared.unit if declared.unit != "varies" else "")
    factor, offset, dimension = to_base(unit)
    number = exactly(Fraction(match.group(2)) * factor + offset, dimension=dimension)
    return match.group(1) or "=", replace(number, percent=unit == "%")


def follow(record: Record, name: str, world: World) -> Record:
    """Give the record that a reference names, or one of which nothing is known."""
    target = record.type.fields[name].target
    value = cell(record, name, world)
    if value.present and not value.absent and value.symbols is not None and len(value.symbols) == 1:
        known = world.records.get(target, {}).get(next(iter(value.symbols)))
        if known is not None:
            return known
    return phantom(world.law.types[target])


def site_of(record: Record, world: World) -> str:
    """Give the id of the record's site ("" if there is none); what was found of a record is remembered."""
    if record.phantom:
        return ""
    key = ("site of", record.type.name, record.id)
    if key not in world.memo:
        world.memo[key] = _nearest_site(record, world)
    found: str = world.memo[key]
    return found


def _nearest_site(record: Record, world: World) -> str:
    """Follow the shortest chain of references."""
    level = [record]
    for _ in range(LONGEST_CHAIN):
        for one in level:
            if one.type.name == "site" and not one.phantom:
                return one.id
        references = [(one, f.name) for one in level for f in one.type.fields.values() if f.base == "reference"]
        level = [target for one, name in references if not (target := follow(one, name, world)).phantom]
    return ""


def zone_of(record: Record, world: World) -> str:
    site = site_of(record, world)
    own = world.records.get("site", {}).get(site)
    named = own.cells.get("zone") if own else None
    return world.zones.get(site) or named or "UTC"


def time_of(record: Record, world: World) -> Value | None:
    """Give the local day of an event or plan; None for states and references."""
    if not record.type.time:
        return None
    key = ("time of", record.type.name, record.id)
    if record.phantom or key not in world.memo:
        day = as_day(cell(record, record.type.time, world), zone_of(record, world))
        if record.phantom:
            return day
        world.memo[key] = day
    found: Value = world.memo[key]
    return found


def span_of(record: Record, world: World) -> tuple[Value, Value] | None:
    """Give first and last day of a state; None for other kinds."""
    kind = record.type
    if kind.kind != "state":
        return None
    zone = zone_of(record, world)
    start = as_day(cell(record, kind.start, world), zone) if kind.start else exactly(1, "date")
    end = as_day(cell(record, kind.end, world), zone) if kind.end else NEVER
    end = NEVER if not end.present else hull([replace(end, absent=False), NEVER]) if end.absent else end
    if kind.goes_on:
        on = cell(record, kind.goes_on, world)
        if on.symbols != FALSE.symbols:
            end = NEVER if on.symbols == TRUE.symbols and not on.absent else hull([end, NEVER])
    return start, end


def visibility(record: Record, world: World) -> Value:
    """Say whether a record is visible: an event whose time is not after the as-of date, anything else."""
    time = time_of(record, world) if record.type.kind == "event" else None
    if time is None:
        return TRUE
    may, must = time.low <= world.as_of, time.high <= world.as_of
    return TRUE if must else FALSE if not may else Value(kind="bool", symbols=frozenset({"true", "false"}))


def covers(world: World, type_name: str, site: str, spans: tuple[tuple[Bound, Bound], ...]) -> bool:
    """Say whether the sources hold every record of the type on all days of the spans, up to the as-of date."""
    key = ("covered", type_name, site)
    if key not in world.memo:
        told = [(a, min(b, world.as_of)) for s, a, b in world.complete.get(type_name, []) if s in ("", site)]
        world.memo[key] = merged([(Fraction(a), Fraction(b)) for a, b in told if a <= b])
    return all(any(a <= start and end <= b for a, b in world.memo[key]) for start, end in spans)
