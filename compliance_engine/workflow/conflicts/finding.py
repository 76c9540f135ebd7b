"""Try suspects on invented facts: both are evaluated as any law is, and a conflict is what their verdicts show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from compliance_engine.kernel.diagnostic import has_errors
from compliance_engine.model.conflict import Conflict, Counterexample, Side, Verdict
from compliance_engine.model.facts import Complete
from compliance_engine.model.findings import as_texts
from compliance_engine.model.program import DoneSpec, ForbidSpec, LimitSpec
from compliance_engine.reading.facts import facts_from_records
from compliance_engine.workflow.conflicts.pairs import Clause, Suspects, find_suspects
from compliance_engine.workflow.conflicts.worlds import World, build_worlds
from compliance_engine.workflow.evaluation import findings_of
from compliance_engine.workflow.narrowing import narrow_program
from compliance_engine.workflow.programs import load_program, rules_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from compliance_engine.model.program import Program

_Row = dict[str, Any]
_COMPLIANT, _VIOLATION = "compliant", "violation"


def find_conflicts(rules: Sequence[str]) -> tuple[Conflict, ...]:
    """Find the conflicts of rulesets, in order of provisions; raises RulesetError if they cannot be used."""
    program = load_program(rules_paths(rules), None).program
    return tuple(_try(program, suspects) for suspects in find_suspects(program))


def _try(program: Program, suspects: Suspects) -> Conflict:
    part = narrow_program(program, [suspects.one.spec.id, suspects.other.spec.id])
    examples = _find_opposite(part, suspects) if suspects.kind == "opposite" else _find_different(part, suspects)
    sides = _describe(suspects.one), _describe(suspects.other)
    return Conflict(kind=suspects.kind, sides=sides, examples=examples)


def _find_different(program: Program, suspects: Suspects) -> tuple[Counterexample, ...]:
    """Find one example on which one duty is met and the other broken; a range that both leave open settles it."""
    found: tuple[Counterexample, ...] = ()
    ranged = _is_range(suspects)
    for world in build_worlds(program.types, suspects.one, suspects.other):
        for one, other, example in _judge(program, suspects, world):
            if ranged and one == other == _COMPLIANT:
                return ()
            if {one, other} == {_COMPLIANT, _VIOLATION}:
                found = found or (example,)
                if not ranged:
                    return found
    return found


def _is_range(suspects: Suspects) -> bool:
    """Say whether one limit binds from above, and the other from below."""
    demands = [clause.duty.demand for clause in (suspects.one, suspects.other)]
    signs = {getattr(demand.must, "value", None) for demand in demands if isinstance(demand, LimitSpec)}
    return any(sign and sign[0] == "<" for sign in signs) and any(sign and sign[0] == ">" for sign in signs)


def _find_opposite(program: Program, suspects: Suspects) -> tuple[Counterexample, ...]:
    """Find that with the record the second duty is broken, and without it the first."""
    demanded = suspects.other.duty.demand
    name = demanded.set.type if isinstance(demanded, ForbidSpec) else _type_demanded(suspects.other)
    for world in build_worlds(program.types, suspects.one, suspects.other):
        without = replace(world, records={kind: rows for kind, rows in world.records.items() if kind != name})
        there = [e for a, b, e in _judge(program, suspects, world) if (a, b) == (_COMPLIANT, _VIOLATION)]
        gone = [e for a, b, e in _judge(program, suspects, without) if (a, b) == (_VIOLATION, _COMPLIANT)]
        if there and gone:
            return there[0], gone[0]
    return ()


def _type_demanded(clause: Clause) -> str:
    """Name the type of the records that `require: no SET` speaks of."""
    demand = clause.duty.demand
    assert not isinstance(demand, LimitSpec | DoneSpec | ForbidSpec)
    return next(part.node.set.type for part in demand.parts if hasattr(part.node, "set"))


def _judge(program: Program, suspects: Suspects, world: World) -> Iterator[tuple[str, str, Counterexample]]:
    """Give the verdicts of both on one subject at one time."""
    since, as_of = world.day - timedelta(days=400), world.day + timedelta(days=800)
    whole = [Complete(type=name, start=since, end=as_of) for name in world.types]
    facts, diagnostics = facts_from_records(program.types, world.records, complete=whole)
    if has_errors(diagnostics) or facts.quarantine:
        return
    frame = findings_of(program, facts, as_of=as_of, since={"": world.day.replace(day=1)}).frame
    frame = as_texts(frame)
    rows: dict[str, list[_Row]] = {"one": [], "other": []}
    for row in frame.iter_rows(named=True):
        for side, clause in (("one", suspects.one), ("other", suspects.other)):
            if (row["provision"], row["duty"], row["version"]) == (clause.spec.id, clause.duty.id, clause.spec.version):
                rows[side].append(row)
    for one in rows["one"]:
        for other in rows["other"]:
            if one["subject"] == other["subject"] and _holds(one, world.day) and _holds(other, world.day):
                example = _example(world, since, as_of, (one, other))
                yield one["status"], other["status"], example


def _holds(row: Mapping[str, Any], day: date) -> bool:
    """Say whether the window of a finding holds the day of the records; what has none holds every day."""
    return row["period_from"] is None or bool(row["period_from"] <= day <= row["period_to"])


def _example(world: World, since: date, as_of: date, rows: Sequence[Mapping[str, Any]]) -> Counterexample:
    records = tuple((name, tuple(tuple(row.items()) for row in found)) for name, found in sorted(world.records.items()))
    return Counterexample(
        as_of=as_of,
        since=world.day.replace(day=1),
        records=records,
        complete=tuple((name, since, as_of) for name in world.types),
        verdicts=tuple(
            Verdict(
                provision=row["provision"],
                duty=row["duty"],
                subject=row["subject"],
                period="" if row["period_from"] is None else row["period_from"].isoformat(),
                status=row["status"],
            )
            for row in rows
        ),
    )


def _describe(clause: Clause) -> Side:
    spec, duty = clause.spec, clause.duty
    last = spec.in_force_to
    return Side(
        provision=spec.id,
        duty=duty.id,
        title=duty.title or spec.title,
        citation=duty.citation or spec.citation,
        demand=_write_demand(clause),
        place=spec.place,
        first=date.fromisoformat(spec.in_force_from),
        last=date.fromisoformat(last) if last else None,
    )


def _write_demand(clause: Clause) -> str:
    demand = clause.duty.demand
    if isinstance(demand, LimitSpec):
        must = getattr(demand.must, "value", None) or "compared with"
        return f"{demand.value.text} {must} {demand.of.text}"
    if isinstance(demand, ForbidSpec):
        return f"no {demand.text}"
    if isinstance(demand, DoneSpec):
        return demand.date.text
    return (" or " if demand.any else " and ").join(part.text for part in demand.parts)
