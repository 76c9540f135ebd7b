"""The subjects of a provision: what certainly is none left out, what perhaps is one in doubt, and the days on which each is bound.

They do not depend on the duty, and much law speaks of the same: of few subjects they are found once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import kleene
from compliance_engine.deriving.bound import bound_spans
from compliance_engine.deriving.columns import evaluated, few
from compliance_engine.deriving.context import Context
from compliance_engine.deriving.kleene import TRUE, Truth
from compliance_engine.deriving.references import site_of
from compliance_engine.deriving.tables import DOUBT, day_column
from compliance_engine.deriving.world import FoundSubjects, Scope
from compliance_engine.kernel.frames import rows_where, with_series
from compliance_engine.model.leaves import LetRef
from compliance_engine.model.parts import parts

if TYPE_CHECKING:
    from compliance_engine.deriving.tables import Table
    from compliance_engine.deriving.world import World
    from compliance_engine.model.program import ProvisionSpec, SubjectSpec


def subjects_of(world: World, provision: ProvisionSpec) -> tuple[Context, FoundSubjects]:
    """Give the subjects of a provision, and a context of their own with a row for each."""
    reads_lets = any(isinstance(part, LetRef) for part in parts((provision.subject, provision.bound_while)))
    asked = (provision.subject, provision.bound_while, provision.lets if reads_lets else ())
    held = world.subjects.get(asked)
    if held is None:
        context, exists = _chosen(world, provision)
        held = FoundSubjects(context.frame, context.scopes["subject"], exists, bound_spans(context, provision))
        if few(held.scope.table.frame.height):
            world.subjects[asked] = held
    lets = {item.name: item for item in provision.lets}
    return Context(world, held.frame, {"subject": held.scope}, lets), held


def _chosen(world: World, provision: ProvisionSpec) -> tuple[Context, Truth]:
    table = _table_of(world, provision.subject)
    frame = pl.DataFrame({"subject#": pl.int_range(table.frame.height, dtype=pl.UInt32, eager=True)})
    lets = {item.name: item for item in provision.lets}
    if provision.subject.finding:
        frame = frame.filter(table.frame["reported"])
    context = Context(world, frame, {"subject": Scope(table, "subject#")}, lets)
    existing = _existing(context, table)
    if provision.subject.where is None:
        context.frame = with_series(context.frame, _site(context, table, finding=provision.subject.finding))
        return context, existing
    truth = context.settle(kleene.conjunction(existing, context.truth(provision.subject.where)), "scope")
    assert isinstance(truth, Truth)
    known = evaluated(context, may=truth.may, may_not=truth.may_not)
    rows, doubt = rows_where(known["may"]), known["may_not"]
    kept = Context(
        world, with_series(frame[rows], doubt[rows].alias("doubt")), {"subject": Scope(table, "subject#")}, lets
    )
    kept.frame = with_series(kept.frame, _site(kept, table, finding=provision.subject.finding))
    return kept, Truth(may=True, may_not=pl.col("doubt")) if kept.frame["doubt"].any() else TRUE


def _table_of(world: World, subject: SubjectSpec) -> Table:
    """Give the table of a provision's subjects: facts, or the findings of another provision."""
    if not subject.finding:
        return world.tables[subject.type]
    found = [r.table for (p, d), r in sorted(world.results.items()) if p == subject.type and subject.duty in {"", d}]
    if len(found) == 1:
        return found[0]
    return type(found[0])(found[0].type, pl.concat([t.frame for t in found], how="diagonal_relaxed"), found[0].shapes)


def _existing(context: Context, table: Table) -> Truth:
    """Say of each subject whether it is certain to exist.

    A composite one and a finding may rest on what is in doubt; an event of an unknown day may be still to come.
    """
    if DOUBT in table.frame.columns:
        doubtful = table.frame[DOUBT].any()
        return Truth(may=True, may_not=context.column("subject", (), DOUBT)[0]) if doubtful else TRUE
    if table.type.kind == "event" and table.type.time and table.frame.height:
        day = day_column(table.type, table.type.time)
        if table.frame[day].null_count():
            return Truth(may=True, may_not=context.column("subject", (), day)[0].is_null())
    return TRUE


def _site(context: Context, table: Table, *, finding: bool) -> pl.Series:
    if finding:
        return table.frame["site"][context.frame["subject#"]].alias("site")
    return site_of(context, table)
