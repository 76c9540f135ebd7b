"""Whether cases may be evaluated together: each in a namespace of its own, so that no record of one can count in another.

Ids and references of a case's records carry the case's tag. That separates the cases where every set of records that
the law ranges over is bound to its subject by such an id, known on both sides; elsewhere they are evaluated one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from compliance_engine.model import expression as ex
from compliance_engine.model import program as pr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from compliance_engine.model.case import Case
    from compliance_engine.model.program import FactType, Program

FINDING = "finding"
FINDING_KEYS = frozenset({"id", "subject", "site"})
# What says, beside the references, whom a recorded answer, choice or waiver is about: texts of those types.
NAMING = {"determination": "subject", "policy": "site", "waiver": "subject"}

# Nodes whose meaning for one subject is known to rest on nothing but what they are made of; a new kind of node has to be
# thought about before it enters here.
_PLAIN: tuple[type, ...] = (
    *(ex.Const, ex.Duration, ex.Builtin, ex.LetRef, ex.DefinitionRef, ex.ParameterRef, ex.FindingRef, ex.Arithmetic),
    *(ex.Scale, ex.CompareBy, ex.Among, ex.AmongNumbers, ex.Not, ex.And, ex.Or, ex.Choice, ex.First, ex.Else, ex.Round),
    *(ex.Function, ex.NextDay, ex.Printed, ex.Sign, ex.Censored, ex.Lookup, ex.Determined, ex.WindowSpec, ex.Set),
    *(ex.Aggregate, ex.Compare, ex.Present, ex.Field, ex.Pair, ex.Hop, ex.Stated, ex.PolicyRef, ex.Rank, ex.OfRank),
    *(ex.WorkingDays, ex.Previous),
    *(pr.Grain, pr.NamedNode, pr.SubjectSpec, pr.DefinitionSpec, pr.RequireSpec, pr.LimitSpec, pr.DoneSpec),
    *(pr.ForbidSpec, pr.RecurSpec, pr.DutySpec, pr.ProvisionSpec),
)

Names = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A link that would bind a set: the reference fields that lead to a record, and those that do or are known to be empty.

    What is empty equals only what is empty, so it may stand against an id, which never is.
    """

    leading: Names
    settled: Names = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolation:
    """What has to be known in a case so that its namespace holds.

    `ways`: for each set of records the links that would bind it; one of them is enough. `ordered`: a record's id may
    decide between two of one time.
    """

    ways: tuple[tuple[Way, ...], ...]
    ordered: bool

    def holds_for(self, case: Case, types: Mapping[str, FactType]) -> bool:
        """Say whether no record of this case could count elsewhere, nor one from elsewhere in it."""
        if any(not _is_plain_record(name, cells, self.ordered) for name, cells in _records(case)):
            return False
        leading, settled = _known_references(case, types)
        return all(any(way.leading <= leading and way.settled <= settled for way in ways) for ways in self.ways)


def isolation_of(program: Program) -> Isolation | None:
    """Say what a namespace needs in this program; None where it has something that a namespace cannot separate."""
    ways: set[tuple[Way, ...]] = set()
    ordered = False
    documents = [*program.definitions.values(), *(v for versions in program.provisions.values() for v in versions)]
    sites = _site_ways(program)
    if sites is None:
        return None
    for part, holder in _walk(documents):
        if not isinstance(part, _PLAIN) or _reaches_back(part):
            return None
        if (
            isinstance(part, ex.Field)
            and _is_key(part, program.types)
            and not _is_harmless(part, holder, program.types)
        ):
            return None
        if isinstance(part, ex.Set) and part.source != "slot":
            found = tuple(_links(part, sites, program.types))
            if not found:
                return None
            ways.add(found)
        ordered = ordered or (isinstance(part, ex.Aggregate) and part.function in {"first", "last"})
    return Isolation(ways=tuple(sorted({*ways, (Way(leading=sites),)}, key=repr)), ordered=ordered)


def _reaches_back(part: object) -> bool:
    """Say whether a part begins where the records of a source do: that is not yet held apart by site."""
    if isinstance(part, ex.WindowSpec):
        return part.kind == "running"
    return isinstance(part, pr.DefinitionSpec) and bool(part.spells)


def _site_ways(program: Program) -> Names | None:
    """Name the references that lead every subject to its site; None where a subject has no way there."""
    subjects = [d.subject for d in program.definitions.values()]
    subjects += [version.subject for versions in program.provisions.values() for version in versions]
    if any(one.type not in program.types for one in subjects if not one.finding):
        return None  # combinations of keys, whose ids are made of those of several records
    chains = [program.types[one.type].site for one in subjects if not one.finding]
    if any(chain is None for chain in chains):
        return None
    return frozenset(name for chain in chains for name in chain or ())


def _links(chosen: ex.Set, sites: Names, types: Mapping[str, FactType]) -> Iterator[Way]:
    """Give, for each equality of ids that binds a set, the references that it follows."""
    for pair in chosen.pairs:
        if all(isinstance(side, ex.Field) and _is_key(side, types) for side in (pair.subject, pair.record)):
            subject, record = (frozenset(_followed(side, sites)) for side in (pair.subject, pair.record))
            both = subject | record
            # A side that follows nothing is an id, or known like one.
            yield Way(leading=both) if subject and record else Way(leading=frozenset(), settled=both)


def _followed(side: Any, sites: Names) -> Iterator[str]:  # noqa: ANN401 (a Field, as the caller has checked)
    """Name the references of a path; those of a finding are always known, but for its site."""
    yield from (hop.field for hop in side.hops if hop.field != "subject")
    if side.type == FINDING:
        yield from sites if side.name == "site" else ()
    elif side.name not in {"id", NAMING.get(side.type)}:
        yield side.name


def _is_key(field: ex.Field, types: Mapping[str, FactType]) -> bool:
    """Say whether a field holds an id."""
    if field.type == FINDING:
        return field.name in FINDING_KEYS
    return field.name in {"id", NAMING.get(field.type)} or types[field.type].field(field.name).base == "reference"


def _is_harmless(field: ex.Field, holder: object, types: Mapping[str, FactType]) -> bool:
    """Say whether an id is only followed, asked for, or held against another id: its text does not matter then."""
    if isinstance(holder, ex.Pair | ex.Present | ex.DefinitionRef | ex.Determined):
        return True
    if not isinstance(holder, ex.Compare):
        return False
    other = holder.right if holder.left is field else holder.left
    return isinstance(other, ex.Field) and _is_key(other, types)


def _walk(documents: Iterable[object]) -> Iterator[tuple[msgspec.Struct, object]]:
    """Give every struct inside, with the one that holds it."""
    waiting: list[tuple[Any, object]] = [(document, None) for document in documents]
    while waiting:
        item, holder = waiting.pop()
        if isinstance(item, msgspec.Struct):
            yield item, holder
            waiting += [(getattr(item, name), item) for name in item.__struct_fields__]
        elif isinstance(item, tuple):
            waiting += [(one, holder) for one in item]


def _records(case: Case) -> Iterator[tuple[str, dict[str, str | None]]]:
    for name, records in case.facts:
        for record in records:
            yield name.text, {field.text: cell.text for field, cell in record.cells}


def _is_plain_record(name: str, cells: Mapping[str, str | None], ordered: bool) -> bool:  # noqa: FBT001 (what `first` needs)
    """Say whether a record's id does not depend on the tag, it is known always, and it is not about all sites."""
    about = NAMING.get(name)
    return "_known" not in cells and (not ordered or bool(cells.get("id"))) and (not about or bool(cells.get(about)))


def _known_references(case: Case, types: Mapping[str, FactType]) -> tuple[Names, Names]:
    """Name the reference fields that lead to a record of the case in every record that has such a field.

    And those that do, or are known to be empty.
    """
    ids: dict[str, set[str | None]] = {}
    for name, cells in _records(case):
        ids.setdefault(name, set()).add(cells.get("id"))
    leading = {field.name for kind in types.values() for field in kind.fields if field.base == "reference"}
    settled = set(leading)
    for name, cells in _records(case):
        for field in types[name].fields if name in types else ():
            value = cells.get(field.name)
            if field.base == "reference" and (value is None or value not in ids.get(field.target, ())):
                leading.discard(field.name)
                if value is not None or field.empty != "none":
                    settled.discard(field.name)
    return frozenset(leading), frozenset(settled)
