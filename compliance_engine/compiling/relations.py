"""Relations between provisions: which displaces which, and what lifts a duty that can be waived."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance_engine.compiling.checks import condition
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.index import Index, find_id
from compliance_engine.compiling.reports import Report
from compliance_engine.compiling.source_text import text_of
from compliance_engine.compiling.subjects import place_of
from compliance_engine.model.expression import And, AnyNode, Compare, Const, Not, Or
from compliance_engine.model.law import ExceptionRow, Name, Provision
from compliance_engine.model.program import NamedNode
from compliance_engine.model.relations import Relation
from compliance_engine.model.syntax import Binary, Expr, Is, Member, Path, Quantified, RecordSet, Text, Window

if TYPE_CHECKING:
    from compliance_engine.kernel.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Displacement:
    """A provision is displaced by another; `written`: the row that says so, in either of the two."""

    by: str
    written: Relation


def displacements(index: Index, report: Report) -> dict[str, tuple[Displacement, ...]]:
    """List what displaces each provision, from `displaced_by` and `displaces` of all versions; unknown ids are reported."""
    found: dict[str, dict[tuple[str, Span], Displacement]] = {}

    def add(target: str | None, by: str | None, row: Relation) -> None:
        if target is not None and by is not None:
            found.setdefault(target, {})[by, row.span] = Displacement(by=by, written=row)

    for identity, versions in sorted(index.provisions.items()):
        for version in versions:
            for row in version.displaced_by:
                add(identity, other_provision(row.provision, identity, index, report), row)
            for row in version.displaces:
                add(other_provision(row.provision, identity, index, report), identity, row)
    return {target: tuple(rows[key] for key in sorted(rows)) for target, rows in found.items()}


def other_provision(name: Name, own: str, index: Index, report: Report) -> str | None:
    """Find the provision that a relation names; None after a report."""
    identity = find_id(name.text, index.provisions, index)
    if isinstance(identity, tuple):
        report.error("unknown-name", f"{identity[0]} (a provision is expected)", name.span, identity[1])
        return None
    if identity == own:
        report.error("bad-relation", f"{own} cannot stand in a relation to itself", name.span, "name another provision")
        return None
    return identity


def compile_displacements(rows: tuple[Displacement, ...], day: AnyNode, scope: Scope) -> tuple[NamedNode, ...]:
    """Compile what displaces a provision, as conditions of its applicability: none of them holds. `day` governs."""
    nodes: list[NamedNode] = []
    for row in rows:
        held = condition(row.written.when or _applies(row), scope, "what displaces a provision")
        if held.is_wrong:
            continue
        node = held.node
        if row.written.when is not None:
            node = And(kind="bool", operands=(_in_force(scope.desk.index.provisions[row.by], day), node))
        because = row.written.because or (text_of(row.written.when) if row.written.when is not None else "it applies")
        name = f"displaced by {row.by}"
        nodes.append(
            NamedNode(
                name=name,
                node=Not(kind="bool", operand=node),
                text=f"not {name}",
                place=place_of(row.written.span),
                citation=row.written.citation or "",
                because=because,
            )
        )
    return tuple(nodes)


def _applies(row: Displacement) -> Expr:
    """Say that the other provision applies: `some finding of ID as other where other.applies is true`."""
    place, alias = row.written.span, "displacing-finding"
    applies = Is(
        operand=Path(parts=(alias, "applies"), span=place), word="true", quoted=False, negated=False, span=place
    )
    source = Path(parts=tuple(row.by.split(".")), span=place)
    records = RecordSet(source=source, finding=True, alias=alias, window=None, where=applies, span=place)
    return Quantified(quantifier="some", set=records, span=place)


def _in_force(versions: tuple[Provision, ...], day: AnyNode) -> AnyNode:
    """Say that some version of a provision is in force on a day."""
    windows = tuple(_inside(version, day) for version in versions)
    return windows[0] if len(windows) == 1 else Or(kind="bool", operands=windows)


def _inside(version: Provision, day: AnyNode) -> AnyNode:
    ends = [(">=", version.in_force_from), *((("<=", version.in_force_to),) if version.in_force_to else ())]
    tests = tuple(
        Compare(kind="bool", op=op, left=day, right=Const(kind="date", value=end.isoformat())) for op, end in ends
    )
    return tests[0] if len(tests) == 1 else And(kind="bool", operands=tests)


def waiver_row(provision: Provision, duty: str, day: Expr) -> Iterator[ExceptionRow]:
    """Give the exception that a granted waiver is, where an authority may waive the provision: one that holds on the day."""
    if not provision.waivable:
        return
    place, alias = provision.id.span, "granted-waiver"
    identity = provision.id.text

    def among(field: str, texts: tuple[str, ...]) -> Expr:
        items = tuple(Text(value=text, span=place) for text in texts)
        operand = Path(parts=(alias, field), span=place)
        return Member(operand=operand, items=items, table=None, negated=False, span=place)

    where = Binary(
        op="and",
        left=among("provision", (identity, f"{identity}/{duty}")),
        right=among("authority", provision.waivable),
        span=place,
    )
    window = Window(kind="at", length=None, start=None, end=day, span=place)
    source = Path(parts=("waiver",), span=place)
    records = RecordSet(source=source, finding=False, alias=alias, window=window, where=where, span=place)
    words = f"waived by {' or '.join(provision.waivable)}"
    when = Quantified(quantifier="some", set=records, span=place)
    yield ExceptionRow(id="waiver", when=when, because=words, citation=None, span=place, words=words)


def precedences(index: Index, displaced: Mapping[str, tuple[Displacement, ...]], report: Report) -> set[frozenset[str]]:
    """List the pairs of provisions of which one tightens or displaces the other."""
    pairs = {frozenset((target, row.by)) for target, rows in displaced.items() for row in rows}
    for identity, versions in sorted(index.provisions.items()):
        for version in versions:
            for name in version.tightens:
                other = other_provision(name, identity, index, report)
                if other is not None:
                    pairs.add(frozenset((identity, other)))
    return pairs
