"""Fact types: fields with the unit in which they are computed, links, and the way to the site."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from compliance_engine.compiling.fact_types import BUILT_IN, FINDING, SITE, VARIES, TypeEntry, with_site
from compliance_engine.compiling.reports import Report
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.kernel.units import Unit, UnitProblem, read_unit
from compliance_engine.model.law import FieldDecl, Name, TypeDecl, Vocabulary
from compliance_engine.model.program import FactType, FieldType


def compile_vocabulary(vocabularies: Iterable[Vocabulary], report: Report) -> dict[str, TypeEntry]:
    """Check the types of all vocabularies and give them by name.

    A type may be declared by several vocabularies: each says which of its fields it speaks of. What two of them say of one
    field, and of the type's kind and time, has to be the same.
    """
    declared: dict[str, TypeDecl] = {}
    for vocabulary in vocabularies:
        for declaration in vocabulary.types:
            other = declared.setdefault(declaration.name.text, declaration)
            if other is not declaration:
                declared[declaration.name.text] = _joined(other, declaration, report)
    names = {*declared, FINDING}
    facts = {name: _compile_type(declaration, report) for name, declaration in declared.items()}
    for declaration in declared.values():
        _check_links(declaration, facts, report)
        _check_targets(declaration, names, report)
    entries = {name: with_site(entry, facts) for name, entry in facts.items()}
    for entry in entries.values():
        _check_site(entry, report)
    for fact in BUILT_IN:
        if fact.name not in entries:
            entries[fact.name] = TypeEntry(fact=fact, place=Span("", 0, 0), shown={}, links={})
    return entries


def _joined(first: TypeDecl, second: TypeDecl, report: Report) -> TypeDecl:
    """Give a type with the fields and links of both declarations; report what they say differently."""
    name = first.name.text
    if _frame_of(first) != _frame_of(second):
        _report_difference(f"the type {name} is declared twice, with another kind, time or span", first, second, report)
    fields = {field.name.text: field for field in first.fields}
    for field in second.fields:
        other = fields.setdefault(field.name.text, field)
        if _meaning(other) != _meaning(field):
            _report_difference(
                f"the field {field.name.text} of {name} is declared twice, differently", other, field, report
            )
    links = {target.text: (target, on) for target, on in first.links}
    for target, on in second.links:
        _, other_on = links.setdefault(target.text, (target, on))
        if _texts(other_on) != _texts(on):
            _report_difference(
                f"the link of {name} to {target.text} is declared twice, differently", first, second, report
            )
    return replace(first, fields=tuple(fields.values()), links=tuple(links.values()))


def _report_difference(message: str, first: TypeDecl | FieldDecl, second: TypeDecl | FieldDecl, report: Report) -> None:
    related = ((first.name.span, "the other declaration"),)
    report.error("duplicate-id", message, second.name.span, related=related)


def _texts(names: Iterable[Name]) -> tuple[str, ...]:
    return tuple(name.text for name in names)


def _frame_of(declaration: TypeDecl) -> tuple[str, ...]:
    """Give kind, time and span of a type."""
    names = (declaration.time, declaration.span_from, declaration.span_to, declaration.goes_on)
    return (declaration.kind, *(name.text if name else "" for name in names))


def _meaning(field: FieldDecl) -> tuple[object, ...]:
    """Give a field without its place and description."""
    return (
        field.base,
        field.symbols,
        field.ordered,
        field.unit,
        field.qualified,
        field.target.text if field.target else "",
        field.empty,
        field.non_negative,
    )


def compile_field(declaration: FieldDecl, report: Report) -> tuple[FieldType, Unit | None]:
    """Check a field or a table's column; give also its printed unit, None where it has none of its own."""
    name, shown = declaration.name, None
    unit = ""
    if declaration.base == "quantity":
        shown = None if declaration.unit == VARIES else _unit_of(declaration, report)
        unit = VARIES if declaration.unit == VARIES else shown.standard if shown else ""
    if declaration.empty == "never" and declaration.base != "date":
        report.error(
            "bad-field", f"only a date can be empty: never, and {name.text} is a {declaration.base}", name.span
        )
    field = FieldType(
        name=name.text,
        base=declaration.base,
        symbols=declaration.symbols,
        ordered=declaration.ordered,
        unit=unit,
        qualified=declaration.qualified,
        target=declaration.target.text if declaration.target else "",
        empty=declaration.empty,
        non_negative=declaration.non_negative,
    )
    return field, shown


def _unit_of(declaration: FieldDecl, report: Report) -> Unit | None:
    """Read the unit of a quantity field."""
    unit = read_unit(declaration.unit or "")
    if isinstance(unit, UnitProblem):
        hint = (
            f"did you mean {unit.suggestion}?"
            if unit.suggestion
            else "units look like mg/L, MGD, lb/d, #/100mL, mg/L{as N}"
        )
        report.error("unknown-unit", unit.message, declaration.name.span, hint)
        return None
    return unit


def _compile_type(declaration: TypeDecl, report: Report) -> TypeEntry:
    """Check one type without looking at others."""
    seen = {field.name.text: field for field in declaration.fields}
    fields, shown = [], {}
    for field in declaration.fields:
        compiled, unit = compile_field(field, report)
        fields.append(compiled)
        if unit is not None:
            shown[compiled.name] = unit
    roles = (
        ("time", declaration.time, ("date", "instant")),
        ("span.from", declaration.span_from, ("date",)),
        ("span.to", declaration.span_to, ("date",)),
        ("span.goes_on", declaration.goes_on, ("bool",)),
    )
    for role, name, bases in roles:
        _check_role(role, name, bases, seen, report)
    fact = FactType(
        name=declaration.name.text,
        kind=declaration.kind,
        time=declaration.time.text if declaration.time else "",
        span_from=declaration.span_from.text if declaration.span_from else "",
        span_to=declaration.span_to.text if declaration.span_to else "",
        goes_on=declaration.goes_on.text if declaration.goes_on else "",
        fields=tuple(sorted(fields, key=lambda field: field.name)),
    )
    links = {name.text: tuple(field.text for field in fields) for name, fields in declaration.links}
    return TypeEntry(fact=fact, place=declaration.name.span, shown=shown, links=links)


def _check_role(
    role: str, name: Name | None, bases: tuple[str, ...], fields: Mapping[str, FieldDecl], report: Report
) -> None:
    """Check that `time`, `span` and `goes_on` name fields of the right kind."""
    if name is None:
        return
    field = fields.get(name.text)
    if field is None:
        report.error(
            "unknown-field",
            f"{role} names {name.text}, which is no field of the type",
            name.span,
            did_you_mean(name.text, fields),
        )
    elif field.base not in bases and not field.is_wrong:
        report.error(
            "bad-field", f"{role} names {name.text}, a {field.base}; it takes a {' or '.join(bases)} field", name.span
        )


def _check_targets(declaration: TypeDecl, names: set[str], report: Report) -> None:
    """Check that references lead to types."""
    for field in declaration.fields:
        if field.target is not None and field.target.text not in names:
            report.error(
                "unknown-type",
                f"{field.target.text} is no type",
                field.target.span,
                did_you_mean(field.target.text, names),
            )


def _check_links(declaration: TypeDecl, entries: Mapping[str, TypeEntry], report: Report) -> None:
    """Check that a link names a type, and fields that both have."""
    own = entries[declaration.name.text]
    for target, fields in declaration.links:
        other = entries.get(target.text)
        if other is None:
            report.error("unknown-type", f"{target.text} is no type", target.span, did_you_mean(target.text, entries))
            continue
        both = (own,) if own.chosen(target.text) else (own, other)
        for field in fields:
            for entry in both:
                if entry.field(field.text) is None:
                    hint = did_you_mean(field.text, entry.names())
                    report.error("unknown-field", f"{entry.fact.name} has no field {field.text}", field.span, hint)


def _check_site(entry: TypeEntry, report: Report) -> None:
    """Warn where nothing says in which zone an instant's day begins."""
    instants = [field.name for field in entry.fact.fields if field.base == "instant"]
    if instants and entry.fact.site is None:
        report.warning(
            "no-site",
            f"no reference leads from {entry.fact.name} to the type {SITE}: the days of {', '.join(instants)} are those of UTC",
            entry.place,
            f"declare a type {SITE}, whose zone counts, and a field such as {SITE}: reference {SITE}",
        )
