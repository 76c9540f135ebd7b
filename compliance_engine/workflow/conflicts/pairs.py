"""Duties that look as if they contradict each other: the same value and two limits, or the same records demanded and forbidden."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import msgspec

from compliance_engine.model.expression import Aggregate, And, Set
from compliance_engine.model.program import DutySpec, ForbidSpec, LimitSpec, ProvisionSpec, RequireSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from compliance_engine.model.program import Program

_SCOPE = re.compile(r"r\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A duty of one version of a provision."""

    spec: ProvisionSpec
    duty: DutySpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """Two duties to be looked at; `kind`: limits or opposite (the first demands what the second forbids)."""

    kind: str
    one: Clause
    other: Clause


def find_suspects(program: Program) -> Iterator[Suspects]:
    """Give the pairs of duties, in force at one time for one type, that are worth an example.

    Of the duties of one provision only those that demand and forbid the same: two limits of it are meant.
    """
    clauses = [
        Clause(spec=spec, duty=duty)
        for _, versions in sorted(program.provisions.items())
        for spec in versions
        if not spec.subject.finding
        for duty in spec.duties
    ]
    for one, other in combinations(clauses, 2):
        alike = one.spec.subject.type == other.spec.subject.type and _meet(one, other)
        if one.spec is other.spec:
            yield from (pair for pair in _compare(one, other) if pair.kind == "opposite")
        elif one.spec.id != other.spec.id and alike and not _is_told(one, other):
            yield from _compare(one, other)


def _is_told(one: Clause, other: Clause) -> bool:
    """Hold where the law itself says that one limit is stricter than the other, and that both hold."""
    return one.spec.id in other.spec.tightens or other.spec.id in one.spec.tightens


def _meet(one: Clause, other: Clause) -> bool:
    """Say whether both versions are in force on some day."""
    start = max(one.spec.in_force_from, other.spec.in_force_from)
    return all(not spec.in_force_to or start <= spec.in_force_to for spec in (one.spec, other.spec))


def _compare(one: Clause, other: Clause) -> Iterator[Suspects]:
    if isinstance(one.duty.demand, LimitSpec) and isinstance(other.duty.demand, LimitSpec):
        same_grain = _shape(one, one.duty.grain) == _shape(other, other.duty.grain)
        if same_grain and _held(one) == _held(other) and _limit(one) != _limit(other):
            yield Suspects(kind="limits", one=one, other=other)
    elif _is_opposite(one, other):
        yield Suspects(kind="opposite", one=one, other=other)
    elif _is_opposite(other, one):
        yield Suspects(kind="opposite", one=other, other=one)


def _is_opposite(one: Clause, other: Clause) -> bool:
    """Say whether every record of some set that one demands is among those that the other forbids."""
    banned = tuple(_forbidden(other))
    return any(
        _without_condition(one, demanded) == _without_condition(other, set_) and _conditions(other, set_) <= asked
        for demanded in _demanded(one)
        for asked in (_conditions(one, demanded),)
        for set_ in banned
    )


def _held(clause: Clause) -> str:
    """Write the value that is held against a limit, so that the same value is the same text."""
    demand = clause.duty.demand
    assert isinstance(demand, LimitSpec)
    return _shape(clause, [demand.set, demand.value.node])


def _limit(clause: Clause) -> str:
    demand = clause.duty.demand
    assert isinstance(demand, LimitSpec)
    return _shape(clause, [demand.must, demand.of.node])


def _demanded(clause: Clause) -> Iterator[Set]:
    """Give the sets of which some record must exist."""
    yield from _sets(clause, "some")


def _forbidden(clause: Clause) -> Iterator[Set]:
    """Give the sets of which no record may exist."""
    if isinstance(clause.duty.demand, ForbidSpec):
        yield clause.duty.demand.set
    yield from _sets(clause, "no")


def _sets(clause: Clause, function: str) -> Iterator[Set]:
    demand = clause.duty.demand
    if isinstance(demand, RequireSpec) and not (demand.any and len(demand.parts) > 1):
        for part in demand.parts:
            if isinstance(part.node, Aggregate) and part.node.function == function:
                yield part.node.set


def _without_condition(clause: Clause, records: Set) -> str:
    """Write whose records a set holds; its window is left out, since which days are meant is left to the examples."""
    return _shape(clause, msgspec.structs.replace(records, window=None, where=None))


def _conditions(clause: Clause, records: Set) -> frozenset[str]:
    """Write each of the conditions that a record of a set has to meet."""
    where = records.where
    operands = where.operands if isinstance(where, And) else () if where is None else (where,)
    return frozenset(_shape(clause, operand) for operand in operands)


def _shape(clause: Clause, part: object) -> str:
    """Write a node with its `let`s filled in and the names of its record sets numbered anew."""
    lets = {let.name: msgspec.to_builtins(let.node) for let in clause.spec.lets}
    text = json.dumps(_fill(msgspec.to_builtins(part), lets), sort_keys=True)
    numbers: dict[str, str] = {}
    return _SCOPE.sub(lambda match: numbers.setdefault(match[0], f"r{len(numbers)}"), text)


def _fill(part: Any, lets: Mapping[str, Any]) -> Any:  # noqa: ANN401 (plain data)
    if isinstance(part, dict):
        if part.get("node") == "LetRef" and part["name"] in lets:
            return _fill(lets[part["name"]], lets)
        return {key: _fill(value, lets) for key, value in part.items()}
    return [_fill(item, lets) for item in part] if isinstance(part, list | tuple) else part
