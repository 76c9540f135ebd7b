"""Fields of records, and references followed with a dot."""

from dataclasses import replace
from fractions import Fraction

from compliance_engine.compiling.desk import FINDING, Desk, Frame, Scope
from compliance_engine.compiling.fact_types import TypeEntry
from compliance_engine.compiling.typed import DAYS, VARIES, WRONG, Typed
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.units import Unit
from compliance_engine.model.expression import Field, Hop
from compliance_engine.model.program import FieldType
from compliance_engine.model.status import Status
from compliance_engine.model.syntax import UNREAD

KINDS = {
    "text": "symbol",
    "enum": "symbol",
    "reference": "symbol",
    "bool": "bool",
    "integer": "number",
    "decimal": "number",
    "quantity": "number",
    "date": "date",
    "instant": "instant",
    UNREAD: WRONG,
}

# Attributes of a finding: as the author writes them, as the program calls them, kind, unit.
ATTRIBUTES: dict[str, tuple[str, str, str]] = {
    "id": ("id", "symbol", ""),
    "subject": ("subject", "symbol", ""),
    "site": ("site", "symbol", ""),
    "applies": ("applies", "bool", ""),
    "met": ("met", "bool", ""),
    "lifted": ("lifted", "bool", ""),
    "status": ("status", "symbol", ""),
    "due": ("due", "date", ""),
    "period-start": ("period_from", "date", ""),
    "period-end": ("period_to", "date", ""),
    "breach-at": ("breach_at", "date", ""),
    "exceedance": ("exceedance", "number", "%"),
    "amount": ("amount", "number", VARIES),
    "days-late": ("days_late", "number", DAYS),
}
STATUSES = tuple(status.value for status in Status)


def subject_types(frame: Frame, desk: Desk) -> tuple[Frame, ...]:
    """Give the frames of a finding's own subject: one for each type that the versions of its provision are about."""
    versions = desk.index.provisions.get(frame.provision, ())
    frames: dict[tuple[str, str], Frame] = {}
    for version in versions:
        subject = version.subject
        if subject.finding:
            found = desk.index.matches(subject.source.text, desk.index.provisions)
            inner, provision, duty = FINDING, found[0] if len(found) == 1 else "", subject.duty or ""
        else:
            inner, provision, duty = subject.source.text, "", ""
        hops = (*frame.hops, Hop(field="subject", type=inner))
        own = Frame(scope=frame.scope, type=inner, hops=hops, provision=provision, duty=duty)
        frames[inner, provision] = own
    return tuple(frames[key] for key in sorted(frames))


def field_of(frame: Frame, name: str, desk: Desk, place: Span) -> Typed | None:
    """Give a field of a record, None where it has none; of a finding also a field of its own subject."""
    if frame.slot:
        return None
    if frame.type == FINDING:
        own = _attribute(frame, name, place)
        if own is not None:
            return own
        subjects = subject_types(frame, desk)
        return field_of(subjects[0], name, desk, place) if len(subjects) == 1 else None
    entry = desk.index.types.get(frame.type)
    declared = entry.field(name) if entry else None
    if entry is None or declared is None:
        return None
    return _declared(frame, declared, entry, place)


def _attribute(frame: Frame, name: str, place: Span) -> Typed | None:
    """Give an attribute of a finding."""
    if name not in ATTRIBUTES:
        return None
    inner, kind, unit = ATTRIBUTES[name]
    symbols = STATUSES if name == "status" else None
    node = Field(
        kind=kind,
        scope=frame.scope,
        hops=frame.hops,
        type=FINDING,
        name=inner,
        symbols=symbols or (),
        varies=unit == VARIES,
    )
    return Typed(node=node, kind=kind, place=place, unit=unit, symbols=symbols)


def _declared(frame: Frame, declared: FieldType, entry: TypeEntry, place: Span) -> Typed:
    """Give a declared field."""
    kind = KINDS[declared.base]
    node = Field(
        kind=kind,
        scope=frame.scope,
        hops=frame.hops,
        type=entry.fact.name,
        name=declared.name,
        non_negative=declared.non_negative,
        qualified=declared.qualified,
        varies=declared.unit == VARIES,
        empty=declared.empty,
        symbols=declared.symbols,
    )
    return typed_like(declared, entry.shown.get(declared.name), place, node)


def typed_like(declared: FieldType, shown: Unit | None, place: Span, node: object) -> Typed:
    """Say what a field or a table's cell may be, with that node."""
    return Typed(
        node=node,  # type: ignore[arg-type]
        kind=KINDS[declared.base],
        place=place,
        unit=declared.unit,
        printed=shown.text if shown else "",
        factor=shown.factor if shown else Fraction(1),
        offset=shown.offset if shown else Fraction(0),
        symbols=declared.symbols if declared.base == "enum" else None,
        ordered=declared.ordered,
        optional=declared.empty == "none",
    )


def target_of(value: Typed, desk: Desk) -> Frame | None:
    """Give the frame of the record to which a reference leads; None where the value is no reference."""
    node = value.node
    if not isinstance(node, Field):
        return None
    if node.type == FINDING:
        return _finding_target(node, desk)
    entry = desk.index.types.get(node.type)
    declared = entry.field(node.name) if entry else None
    if declared is None or not declared.target:
        return None
    return Frame(scope=node.scope, type=declared.target, hops=(*node.hops, Hop(field=node.name, type=declared.target)))


def _finding_target(node: Field, desk: Desk) -> Frame | None:
    """Follow `subject` or `site` of a finding, where the type it leads to is known."""
    if node.name == "site" and "site" in desk.index.types:
        return Frame(scope=node.scope, type="site", hops=(*node.hops, Hop(field="site", type="site")))
    return None


def followed(start: Typed, names: tuple[str, ...], scope: Scope) -> Typed | tuple[Typed, tuple[str, ...]]:
    """Follow references with a dot; where a name is no field of the record reached, give that place and the names left.

    A step over a reference that may be absent makes the value optional, unless that reference is known to be present.
    """
    value = start
    for position, name in enumerate(names):
        frame = target_of(value, scope.desk)
        found = field_of(frame, name, scope.desk, start.place) if frame else None
        if found is None:
            return value, names[position:]
        absent = value.optional and value.node not in scope.present
        value = replace(found, optional=found.optional or absent)
    return value
