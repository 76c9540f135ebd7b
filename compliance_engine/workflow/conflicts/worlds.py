"""Invented facts to which two duties apply: one record a type, its fields as their conditions ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from compliance_engine.model.expression import Among, And, AnyNode, Compare, Const, Field, LetRef, Not, Set
from compliance_engine.model.parts import parts
from compliance_engine.model.program import LimitSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compliance_engine.model.program import FactType, FieldType
    from compliance_engine.workflow.conflicts.pairs import Clause

_Key = tuple[str, str]
# The text that is read as the name of a time zone.
_ZONE = ("site", "zone")
_OPPOSITE = {"<": -1, "<=": 0, "=": 0, ">=": 0, ">": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Records by type, each a mapping of field to cell; `types` of which all records are there; `day`: when events happen."""

    records: Mapping[str, Sequence[Mapping[str, str]]]
    types: tuple[str, ...]
    day: date


@dataclass(slots=True)
class Builder:
    """Makes a record of each type that is asked for, and of those that it refers to."""

    types: Mapping[str, FactType]
    day: date
    wanted: Mapping[_Key, str]
    figure: Fraction
    records: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def add(self, name: str) -> None:
        """Make the one record of a type."""
        if name in self.records or name not in self.types:
            return
        kind = self.types[name]
        cells = {"id": f"{name}-1"}
        self.records[name] = [cells]
        for declared in kind.fields:
            if declared.target:
                self.add(declared.target)
                cells[declared.name] = f"{declared.target}-1"
            else:
                cells[declared.name] = self._cell(kind, declared)

    def _cell(self, kind: FactType, declared: FieldType) -> str:
        key = (kind.name, declared.name)
        if key in self.wanted:
            text = self.wanted[key]
            return f"{text} {declared.unit}".strip() if declared.base == "quantity" else text
        if declared.base == "enum":
            return declared.symbols[0]
        if declared.base in {"date", "instant"}:
            return self._date(kind, declared)
        if key == _ZONE:
            return "UTC"
        unit = "" if declared.unit == "varies" else declared.unit
        plain = {"bool": "true", "integer": "1", "text": f"{declared.name}-1"}
        return plain.get(declared.base) or f"{write_decimal(self.figure)} {unit}".strip()

    def _date(self, kind: FactType, declared: FieldType) -> str:
        """Give the day of an event; a state holds for years around it."""
        years = {kind.span_from: -3, kind.span_to: 3}.get(declared.name, 0)
        day = self.day.replace(year=self.day.year + years)
        return day.isoformat() if declared.base == "date" else f"{day.isoformat()}T12:00:00Z"


def build_worlds(types: Mapping[str, FactType], one: Clause, other: Clause) -> Iterator[World]:
    """Give worlds in which both may apply, with each figure that could tell them apart."""
    day = choose_day(one, other)
    asked = dict(_wanted_by(one)), dict(_wanted_by(other))
    # Where the two ask for different things, each has its way once.
    for wanted in (asked[0] | asked[1], asked[1] | asked[0]):
        for figure in list_figures(one, other):
            builder = Builder(types, day, wanted, figure)
            for name in sorted(_types_of(one) | _types_of(other)):
                builder.add(name)
            yield World(records=builder.records, types=tuple(sorted(builder.records)), day=day)
        if asked[0] | asked[1] == asked[1] | asked[0]:
            return


def choose_day(one: Clause, other: Clause) -> date:
    """Choose a day on which both versions are in force: in the March after they are, if they last that long."""
    start = max(date.fromisoformat(clause.spec.in_force_from) for clause in (one, other))
    ends = [date.fromisoformat(clause.spec.in_force_to) for clause in (one, other) if clause.spec.in_force_to]
    day = date(start.year + 1, 3, 10)
    if ends and day + timedelta(days=400) > min(ends):
        day = start + (min(ends) - start) / 2
    return day


def list_figures(one: Clause, other: Clause) -> tuple[Fraction, ...]:
    """List figures: each limit, one between, below and above; 1 where no limit is a figure."""
    demands = [clause.duty.demand for clause in (one, other)]
    figures = [_figure_of(demand.of.node) for demand in demands if isinstance(demand, LimitSpec)]
    limits = sorted({figure for figure in figures if figure is not None})
    if not limits:
        return (Fraction(1),)
    between = sum(limits, Fraction(0)) / len(limits)
    return tuple(dict.fromkeys((between, *limits, max(limits) + 1, max(min(limits) - 1, Fraction(0)))))


def write_decimal(figure: Fraction) -> str:
    """Write a figure as a decimal."""
    return format((Decimal(figure.numerator) / Decimal(figure.denominator)).normalize(), "f")


def _figure_of(node: AnyNode) -> Fraction | None:
    """Give a literal number; None for anything else."""
    return Fraction(node.value) if isinstance(node, Const) and node.kind == "number" and node.value else None


def _types_of(clause: Clause) -> set[str]:
    """Name the types of which both speak."""
    sets = [part for part in parts((clause.spec.bound_while, clause.duty, clause.spec.lets)) if isinstance(part, Set)]
    return {clause.spec.subject.type, *(part.type for part in sets if part.source == "facts")}


def _wanted_by(clause: Clause) -> Iterator[tuple[_Key, str]]:
    """Give the fields that the conditions of a duty ask for, as far as they ask for single values."""
    lets = {let.name: let.node for let in clause.spec.lets}
    conditions: list[AnyNode | None] = [clause.spec.subject.where, *(part.node for part in clause.duty.when)]
    sets = [part for part in parts((clause.duty.demand, clause.spec.lets)) if isinstance(part, Set)]
    for condition in (*conditions, *(part.where for part in sets)):
        yield from _wanted(condition, lets, holds=True)


def _wanted(node: AnyNode | None, lets: Mapping[str, AnyNode], *, holds: bool) -> Iterator[tuple[_Key, str]]:
    match node:
        case And(operands=operands) if holds:
            for operand in operands:
                yield from _wanted(operand, lets, holds=True)
        case Not(operand=operand):
            yield from _wanted(operand, lets, holds=not holds)
        case LetRef(name=name) if name in lets:
            yield from _wanted(lets[name], lets, holds=holds)
        case Field(kind="bool", type=kind, name=name):
            yield (kind, name), "true" if holds else "false"
        case Among(operand=Field(type=kind, name=name), symbols=(first, *_)) if holds:
            yield (kind, name), first
        case Compare(op=op, left=Field(type=kind, name=name), right=Const(value=str(value), kind=of)) if holds:
            if of == "number" or op == "=":
                yield (kind, name), _shifted(value, op) if of == "number" else value
        case _:
            return


def _shifted(value: str, op: str) -> str:
    return write_decimal(Fraction(value) + _OPPOSITE[op])
