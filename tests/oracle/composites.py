"""Composite subjects: `distinct (site, chemical) in chemical-activity where COND`, by plain loops."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.oracle import facts
from tests.oracle.facts import Record
from tests.oracle.law import FactType
from tests.oracle.parser import parse, parse_records
from tests.oracle.syntax import Path
from tests.oracle.values import TRUE, UNKNOWN, OracleError, Value, holds

if TYPE_CHECKING:
    from tests.oracle import syntax as s
    from tests.oracle.facts import World

DISTINCT = re.compile(r"\s*distinct\s*\(([^)]*)\)\s*in\s+(\S+)(?:\s+where\s+(.*))?", re.DOTALL)
OTHERS = "(others)"


@dataclass(frozen=True, slots=True)
class About:
    """What a document is about: a type, the findings of a provision, or a combination of `keys` of records of `name`."""

    name: str
    keys: tuple[str, ...]
    finding: bool
    duty: str
    where: s.Expr | None

    @property
    def type(self) -> str:
        return f"distinct ({', '.join(self.keys)}) in {self.name}" if self.keys else self.name


def about(text: str) -> About:
    """Read `to:` or `for:`."""
    match = DISTINCT.fullmatch(text)
    if match is not None:
        keys = tuple(part.strip() for part in match[1].split(","))
        return About(match[2], keys, finding=False, duty="", where=parse(match[3]) if match[3] else None)
    wanted = parse_records(text)
    if not isinstance(wanted.value, Path):
        raise OracleError(f"no subject: {text}")
    return About(".".join(wanted.value.parts), (), wanted.finding, wanted.duty, wanted.where)


def combinations(world: World, subject: About) -> list[tuple[Record, Value]]:
    """Give each combination of keys as a record, and whether it is certain that there is one."""
    kind = type_of(world, subject)
    key = ("distinct", kind.name)
    if key not in world.memo:
        world.memo[key] = _combined(world, subject, kind)
    found: list[tuple[Record, Value]] = world.memo[key]
    return found


def _combined(world: World, subject: About, kind: FactType) -> list[tuple[Record, Value]]:
    sure: dict[str, bool] = {}
    made: dict[str, Record] = {}
    for record in world.records.get(subject.name, {}).values():
        visible = facts.visibility(record, world)
        if visible.symbols == frozenset({"false"}):
            continue
        cells = {name: facts.told(record, name) for name in subject.keys}
        known = all(cells.values())
        if not known:
            cells = {name: text if name == _site_key(kind, world) else None for name, text in cells.items()}
        identity = "/".join(_written(cells[name]) for name in subject.keys)
        made.setdefault(identity, Record(kind, identity, cells))
        sure[identity] = sure.get(identity, False) or (known and holds(visible))
    return [(made[identity], TRUE if sure[identity] else UNKNOWN) for identity in sorted(made)]


def _written(text: str | None) -> str:
    if not text:
        return OTHERS
    plain = text.replace("\\", "\\\\").replace("/", "\\/")
    return f"\\{plain}" if plain == OTHERS else plain


def _site_key(kind: FactType, world: World) -> str | None:
    """Name the key by which the site is found: the first step of the shortest way."""
    paths = [(name, field.target) for name, field in sorted(kind.fields.items()) if field.target]
    for _ in range(facts.LONGEST_CHAIN):
        for first, target in paths:
            if target == "site":
                return first
        paths = [(first, f.target) for first, t in paths for f in world.law.types[t].fields.values() if f.target]
    return None


def type_of(world: World, subject: About) -> FactType:
    """Make the type of a combination: the keys, linked to every type that has all of them."""
    fields = {name: world.law.types[subject.name].fields[name] for name in subject.keys}
    links = {
        name: list(subject.keys)
        for name, other in world.law.types.items()
        if all(
            key in other.fields and (other.fields[key].base, other.fields[key].target) == (own.base, own.target)
            for key, own in fields.items()
        )
    }
    return FactType(name=subject.type, kind="reference", links=links, fields=fields)
