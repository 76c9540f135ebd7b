"""Composite subjects: `distinct (site, chemical) in chemical-activity` becomes a type that has these fields and no records of its own.

The type is named as its author wrote it, in one spelling, so that a definition and a provision about the same combination are
about one type. No source can give records of it, for no type that is declared has such a name.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from compliance_engine.compiling.fact_types import TypeEntry, with_site
from compliance_engine.compiling.reports import Report
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.law import Law, Name, Subject
from compliance_engine.model.program import Composite, FactType, FieldType

_KEY_BASES = ("text", "enum", "reference")


def composite_name(subject: Subject) -> str:
    """Give the name of the type of a composite subject."""
    return f"distinct ({', '.join(key.text for key in subject.keys)}) in {subject.source.text}"


def named_composites(law: Law, composites: Collection[str]) -> Law:
    """Let every composite subject name its type as any subject names one."""

    def named(subject: Subject) -> Subject:
        if not subject.keys or composite_name(subject) not in composites:
            return replace(subject, keys=())
        return replace(subject, source=Name(text=composite_name(subject), span=subject.source.span), keys=())

    return replace(
        law,
        definitions=tuple(replace(one, subject=named(one.subject)) for one in law.definitions),
        provisions=tuple(replace(one, subject=named(one.subject)) for one in law.provisions),
    )


def compile_composites(
    law: Law, types: Mapping[str, TypeEntry], report: Report
) -> tuple[dict[str, TypeEntry], dict[str, Composite]]:
    """Make the types of all composite subjects, by name; what is wrong with their keys is reported."""
    entries: dict[str, TypeEntry] = {}
    composites: dict[str, Composite] = {}
    for subject in _composite_subjects(law):
        name = composite_name(subject)
        source = types.get(subject.source.text)
        if name in entries or source is None:  # an unknown type is reported where the subject is compiled
            continue
        entry = _entry(subject, source, types, report)
        entries[name] = entry
        keys = tuple(key.text for key in subject.keys)
        composites[name] = Composite(type=entry.fact, source=source.fact.name, keys=keys)
    return entries, composites


def _composite_subjects(law: Law) -> Iterable[Subject]:
    subjects = [*(one.subject for one in law.definitions), *(one.subject for one in law.provisions)]
    return sorted((one for one in subjects if one.keys), key=lambda one: (composite_name(one), one.span))


def _entry(subject: Subject, source: TypeEntry, types: Mapping[str, TypeEntry], report: Report) -> TypeEntry:
    """Make the type of a composite subject: its keys as fields, linked to every type that has all of them."""
    fields: dict[str, FieldType] = {}
    for key in subject.keys:
        field = _key_field(key, source, report)
        if key.text in fields:
            report.error("bad-key", f"the key {key.text} stands there twice", key.span, "take one of them out")
        elif field is not None:
            fields[key.text] = field
    fact = FactType(
        name=composite_name(subject),
        kind="reference",
        fields=tuple(fields[name] for name in sorted(fields)),
    )
    keys = tuple(key.text for key in subject.keys)
    alike = [name for name, entry in types.items() if _has_keys(entry, fields)]
    entry = TypeEntry(fact=fact, place=subject.source.span, shown={}, links=dict.fromkeys(alike, keys), composite=True)
    return with_site(entry, {**types, fact.name: entry})


def _key_field(key: Name, source: TypeEntry, report: Report) -> FieldType | None:
    """Find the field of a key; None after a report."""
    field = source.field(key.text)
    if field is None:
        hint = did_you_mean(key.text, source.names())
        report.error("unknown-field", f"{source.fact.name} has no field {key.text}", key.span, hint)
        return None
    if field.base not in _KEY_BASES or field.empty == "none":
        what = "may be absent" if field.empty == "none" else f"is of type {field.base}"
        report.error(
            "bad-key",
            f"{key.text} {what}, and cannot tell subjects apart",
            key.span,
            "a key is a text, an enum or a reference, and never `empty: none`",
        )
        return None
    return field


def _has_keys(entry: TypeEntry, keys: Mapping[str, FieldType]) -> bool:
    """Say whether a type has all keys, each of the same kind."""
    own = {field.name: field for field in entry.fact.fields}
    return bool(keys) and all(
        name in own and (own[name].base, own[name].target) == (key.base, key.target) for name, key in keys.items()
    )
