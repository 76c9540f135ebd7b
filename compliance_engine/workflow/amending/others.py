"""Two versions of a definition, a parameter, a table or a vocabulary, compared."""

from collections.abc import Container, Iterator, Sequence

from compliance_engine.compiling.source_text import text_of
from compliance_engine.model.law import Definition, FieldDecl, Parameter, TableDecl, TypeDecl, Vocabulary
from compliance_engine.model.relations import Determination, Policy
from compliance_engine.workflow.amending.clauses import compare_lets
from compliance_engine.workflow.amending.wording import (
    Difference,
    compare_expressions,
    compare_texts,
    tell_change,
    write,
    write_every,
    write_formula,
    write_subject,
)


def compare_definitions(old: Definition, new: Definition) -> Iterator[Difference]:
    """Say in what two definitions differ."""
    yield from compare_texts("the citation", old.citation, new.citation)
    yield from compare_texts("what it is for", write_subject(old.subject), write_subject(new.subject))
    yield from compare_texts("the period", write_every(old.each), write_every(new.each))
    yield from compare_expressions("the day from which it is reckoned", old.start, new.start)
    if old.spells != new.spells:
        kinds = ["a spell of days" if definition.spells else "a value" for definition in (old, new)]
        yield tell_change("what it gives", *kinds)
    yield from compare_lets(old.lets, new.lets)
    before, after = dict(old.fields), dict(new.fields)
    for name in dict.fromkeys((*before, *after)):
        what = f"field `{name}`" if name else "the value"
        one, other = before.get(name), after.get(name)
        if (
            one
            and other
            and write(one.expression) == write_formula(one)
            and write(other.expression) == write_formula(other)
        ):
            yield from compare_expressions(what, one.expression, other.expression)
            continue
        yield from compare_texts(what, write_formula(one) if one else "", write_formula(other) if other else "")


def compare_parameters(old: Parameter, new: Parameter) -> Iterator[Difference]:
    """Say which dated values are new, gone or changed; each from its day on."""
    yield from compare_texts("the citation", old.citation, new.citation)
    before, after = dict(old.values), dict(new.values)
    for day in sorted({*before, *after}):
        one, other = before.get(day), after.get(day)
        earlier = [value for first, value in new.values if first < day]
        if one is None and other is not None and earlier:
            told = tell_change("the value", text_of(earlier[-1]), text_of(other))
        elif (one and text_of(one)) == (other and text_of(other)):
            continue
        else:
            told = tell_change("the value", text_of(one) if one else "", text_of(other) if other else "")
        yield Difference(text=told.text, before=told.before, after=told.after, effective=day)


def compare_tables(old: TableDecl, new: TableDecl) -> Iterator[Difference]:
    """Say which rows are new, gone or changed, by their keys."""
    yield from compare_texts("the citation", old.citation, new.citation)
    yield from compare_texts("a key that is in no row gives", old.on_miss, new.on_miss)
    yield from _compare_fields("key", old.keys, new.keys, bands=(old.bands, new.bands))
    yield from _compare_fields("column", old.columns, new.columns)
    before, after = _rows_by_key(old), _rows_by_key(new)
    for key in dict.fromkeys((*before, *after)):
        name = ", ".join(key)
        one, other = before.get(key), after.get(key)
        if one is None or other is None:
            yield tell_change(f"row {name}", _write_row(one), _write_row(other))
            continue
        for column in dict.fromkeys((*one, *other)):
            yield from compare_texts(f"{column} of row {name}", one.get(column), other.get(column))


def compare_policies(old: Policy, new: Policy) -> Iterator[Difference]:
    """Say in what two policies differ."""
    yield from compare_texts("the citation", old.citation, new.citation)
    yield from compare_texts("what it is", old.describe, new.describe)
    choices = [", ".join(choice.text for choice in policy.choices) for policy in (old, new)]
    yield from compare_texts("what may be chosen", *choices)


def compare_determinations(old: Determination, new: Determination) -> Iterator[Difference]:
    """Say in what two determinations differ."""
    yield from compare_texts("the question", old.question, new.question)
    yield from compare_texts("the citation", old.citation, new.citation)
    yield from compare_texts("who may answer", ", ".join(old.answered_by), ", ".join(new.answered_by))
    yield from compare_texts("on what basis nobody may", ", ".join(old.void), ", ".join(new.void))


def compare_vocabularies(old: Vocabulary, new: Vocabulary) -> Iterator[Difference]:
    """Say which fact types and fields are new, gone or changed."""
    before, after = {kind.name.text: kind for kind in old.types}, {kind.name.text: kind for kind in new.types}
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        if one is None or other is None:
            told = [", ".join(field.name.text for field in kind.fields) if kind else "" for kind in (one, other)]
            yield tell_change(f"fact type {name}", *told)
            continue
        yield from compare_texts(f"the kind of {name}", _write_kind(one), _write_kind(other))
        yield from _compare_links(one, other)
        yield from compare_texts(f"what {name} is", one.describe, other.describe)
        yield from _compare_fields("field", one.fields, other.fields, f" of {name}")


def _compare_links(old: TypeDecl, new: TypeDecl) -> Iterator[Difference]:
    """Say where records belong to others by other fields."""
    before, after = (
        {target.text: f"by {', '.join(field.text for field in on)}" for target, on in kind.links} for kind in (old, new)
    )
    for target in dict.fromkeys((*before, *after)):
        what = f"how {new.name.text} records belong to a {target}"
        yield from compare_texts(what, before.get(target), after.get(target))


def _compare_fields(
    what: str,
    old: Sequence[FieldDecl],
    new: Sequence[FieldDecl],
    of: str = "",
    bands: tuple[Container[str], Container[str]] = ((), ()),
) -> Iterator[Difference]:
    before, after = {field.name.text: field for field in old}, {field.name.text: field for field in new}
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        written = [
            _write_field(field) + ", band: from" * (name in banded) if field else ""
            for field, banded in zip((one, other), bands, strict=True)
        ]
        yield from compare_texts(f"{what} {name}{of}", *written)


def write_type(field: FieldDecl) -> str:
    """Write a field's type as its author could have."""
    if field.base == "enum":
        return f"{'ordered ' * field.ordered}enum [{', '.join(field.symbols)}]"
    if field.base == "quantity":
        return f"{'qualified ' * field.qualified}quantity {field.unit or ''}".strip()
    return f"reference {field.target.text}" if field.target else field.base


def _write_field(field: FieldDecl) -> str:
    """Write all that is declared of a field."""
    empty = "" if field.empty == "unknown" else f", empty: {field.empty}"
    more = ", non-negative" * field.non_negative + (f" ({field.describe})" if field.describe else "")
    return write_type(field) + empty + more


def _write_kind(kind: TypeDecl) -> str:
    names = (kind.time, kind.span_from, kind.span_to, kind.goes_on)
    return " ".join((kind.kind, *(name.text for name in names if name)))


def _rows_by_key(table: TableDecl) -> dict[tuple[str, ...], dict[str, str]]:
    count = len(table.keys)
    names = [column.name.text for column in table.columns]
    return {row[:count]: dict(zip(names, row[count:], strict=True)) for row in table.rows}


def _write_row(row: dict[str, str] | None) -> str:
    return "" if row is None else ", ".join(f"{name} {cell}" for name, cell in row.items()) or "listed"
