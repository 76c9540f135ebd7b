"""Limits held against one another: a tightening one that is looser, and two on one value without a word on which governs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import msgspec

from compliance_engine.compiling.index import Index, find_id
from compliance_engine.compiling.reports import Report
from compliance_engine.kernel.span import Span
from compliance_engine.model.expression import And, AnyNode, Const
from compliance_engine.model.law import Name, Provision
from compliance_engine.model.program import DutySpec, LimitSpec, NamedNode, ProvisionSpec

_SCOPE = re.compile(r"r\d+")
_UPPER = {"<", "<="}
_LOWER = {">", ">="}
Programs = Mapping[str, tuple[ProvisionSpec, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A limit that a duty sets: on what (`value`, as text that two equal expressions share), for whom, under which conditions."""

    provision: ProvisionSpec
    duty: DutySpec
    limit: LimitSpec
    key: bytes
    conditions: frozenset[bytes]

    @property
    def direction(self) -> str:
        """Say whether it is an upper or a lower limit, an exact one, or one that the facts decide."""
        op = self.limit.must.value if isinstance(self.limit.must, Const) else None
        return "upper" if op in _UPPER else "lower" if op in _LOWER else "exact" if op == "=" else ""


def check_limits(specs: Programs, index: Index, precedence: set[frozenset[str]], report: Report) -> None:
    """Report limits that contradict what is said of them, or one another."""
    places = {(v.id.text, n): v.id.span for versions in index.provisions.values() for n, v in enumerate(versions, 1)}
    held = [one for identity in sorted(specs) for spec in specs[identity] for one in _limits_of(spec)]
    groups: dict[tuple[bytes, str], list[Held]] = {}
    for one in held:
        groups.setdefault((one.key, one.direction), []).append(one)
    for group in groups.values():
        for first, second in combinations(group, 2):
            if _collide(first, second) and frozenset((first.provision.id, second.provision.id)) not in precedence:
                _report_conflict(first, second, places, report)
    for versions in index.provisions.values():
        for version in versions:
            for name in version.tightens:
                _check_tighter(version, name, specs, index, report)


def _limits_of(spec: ProvisionSpec) -> Iterator[Held]:
    """Give the limits of a version, each with what makes it the same as another."""
    for duty in spec.duties:
        if not isinstance(duty.demand, LimitSpec):
            continue
        lets = {let.name: let.node for let in spec.lets}
        about = (spec.subject.type, spec.subject.finding, spec.subject.duty)
        ranged = _plain(duty.demand.set, lets)
        key = (about, _plain(duty.grain, {}), _plain(duty.demand.value.node, lets), ranged, _timing(duty))
        conditions = [*duty.when, *([_where(spec)] if spec.subject.where is not None else [])]
        parts = [part for one in conditions for part in _conjuncts(one.node)]
        yield Held(
            provision=spec,
            duty=duty,
            limit=duty.demand,
            key=msgspec.json.encode(key),
            conditions=frozenset(msgspec.json.encode(_plain(part, lets)) for part in parts),
        )


def _where(spec: ProvisionSpec) -> NamedNode:
    assert spec.subject.where is not None
    return NamedNode(name="where", node=spec.subject.where, text=spec.subject.where_text)


def _timing(duty: DutySpec) -> object:
    return [_plain(duty.after, {}), _plain(duty.by, {})]


def _conjuncts(node: AnyNode) -> Iterator[AnyNode]:
    if isinstance(node, And):
        for operand in node.operands:
            yield from _conjuncts(operand)
    else:
        yield node


def _plain(node: object, lets: Mapping[str, AnyNode]) -> object:
    """Write an expression so that two that mean the same are equal: lets put in, record sets named by their order."""
    names: dict[str, str] = {}

    def plain(part: Any) -> object:  # noqa: ANN401 (what msgspec makes of a node)
        if isinstance(part, dict):
            if part.get("node") == "LetRef" and part.get("name") in lets:
                return plain(msgspec.to_builtins(lets[part["name"]]))
            return {key: plain(value) for key, value in part.items()}
        if isinstance(part, list | tuple):
            return [plain(item) for item in part]
        if isinstance(part, str) and _SCOPE.fullmatch(part):
            return names.setdefault(part, f"#{len(names)}")
        return part

    return plain(msgspec.to_builtins(node))


def _collide(first: Held, second: Held) -> bool:
    """Say whether one limit surely binds at some moment at which the other does: its conditions are among the other's."""
    if first.provision.id == second.provision.id or not first.direction:
        return False
    nested = first.conditions <= second.conditions or second.conditions <= first.conditions
    return nested and _overlap(first.provision, second.provision)


def _overlap(first: ProvisionSpec, second: ProvisionSpec) -> bool:
    return all(
        not one.in_force_to or one.in_force_to >= other.in_force_from
        for one, other in ((first, second), (second, first))
    )


def _report_conflict(first: Held, second: Held, places: Mapping[tuple[str, int], Span], report: Report) -> None:
    one, other = first.provision, second.provision
    report.error(
        "limit-conflict",
        f"{other.id} and {one.id} both set {_article(first)} limit on {second.limit.value.text} of a {one.subject.type}, "
        "in force at the same time, and nothing says which governs",
        places[other.id, other.version],
        f"write `tightens: {one.id}` if both are to be kept, or `displaced_by: {one.id}` or `displaces: {one.id}`",
        related=((places[one.id, one.version], one.title),),
    )


def _article(held: Held) -> str:
    return "a lower" if held.direction == "lower" else f"an {held.direction}"


def _check_tighter(version: Provision, name: Name, specs: Programs, index: Index, report: Report) -> None:
    """Hold the limits of a version against those that it says to tighten, as far as both are plain numbers."""
    other = find_id(name.text, index.provisions, index)
    if isinstance(other, tuple):
        return
    own = [one for spec in specs.get(version.id.text, ()) for one in _limits_of(spec) if _is_version(spec, version)]
    theirs = [one for spec in specs.get(other, ()) for one in _limits_of(spec) if _overlap_law(spec, version)]
    pairs = [(a, b) for a in own for b in theirs if a.direction == b.direction and a.direction in {"upper", "lower"}]
    if own and theirs and not pairs and all(one.direction for one in (*own, *theirs)):
        report.error(
            "bad-relation",
            f"{version.id.text} sets no limit of the kind that it says to tighten",
            name.span,
            f"both have to set an upper limit, or both a lower one; else write `displaces: {other}`",
        )
    for mine, tightened in pairs:
        looser = _looser(mine, tightened)
        if looser:
            report.error(
                "looser-limit",
                f"{version.id.text} says to tighten {other}, and its limit {_shown(mine)} is looser than "
                f"{_shown(tightened)}",
                name.span,
                "correct the figure; a limit that is to hold instead of the other `displaces` it",
            )


def _is_version(spec: ProvisionSpec, version: Provision) -> bool:
    return spec.in_force_from == version.in_force_from.isoformat()


def _overlap_law(spec: ProvisionSpec, version: Provision) -> bool:
    last = version.in_force_to.isoformat() if version.in_force_to else ""
    begins = version.in_force_from.isoformat()
    return (not spec.in_force_to or spec.in_force_to >= begins) and (not last or spec.in_force_from <= last)


def _looser(mine: Held, other: Held) -> bool:
    """Say whether a limit of plain numbers lets more pass than another in the same unit."""
    one, two = mine.limit.of.node, other.limit.of.node
    if not isinstance(one, Const) or not isinstance(two, Const) or mine.limit.unit != other.limit.unit:
        return False
    if one.kind != "number" or two.kind != "number" or one.value is None or two.value is None:
        return False
    own, theirs = Fraction(one.value), Fraction(two.value)
    strict_lost = _strict(other) and not _strict(mine)
    if mine.direction == "lower":
        own, theirs = -own, -theirs
    return own > theirs or (own == theirs and strict_lost)


def _shown(held: Held) -> str:
    must = f"{held.limit.must.value} " if isinstance(held.limit.must, Const) else ""
    return f"{must}{held.limit.of.text}"


def _strict(held: Held) -> bool:
    return isinstance(held.limit.must, Const) and held.limit.must.value in {"<", ">"}
