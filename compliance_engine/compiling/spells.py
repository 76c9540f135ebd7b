"""`spells: CONDITION`: the stretches of days on which a condition holds, as facts of a type of their own."""

from collections.abc import Mapping

from compliance_engine.compiling.fact_types import TypeEntry, site_chain
from compliance_engine.compiling.reports import Report
from compliance_engine.model.law import Definition
from compliance_engine.model.program import FactType, FieldType


def spell_type(definition: Definition) -> str:
    """Name the fact type of a definition's spells: the last word of its id."""
    return definition.id.text.rpartition(".")[2]


def with_spells(
    types: Mapping[str, TypeEntry], definitions: Mapping[str, Definition], report: Report
) -> tuple[dict[str, TypeEntry], dict[str, str]]:
    """Add the types of spells to those of the vocabulary; also give the definition of each."""
    entries, sources = dict(types), {}
    for identity, definition in sorted(definitions.items()):
        name = spell_type(definition)
        if not definition.spells:
            continue
        if name in entries:
            report.error(
                "duplicate-name",
                f"the spells of {identity} would be called {name}, as another type is",
                definition.id.span,
                "let the id end in another word",
                related=((entries[name].place, name),),
            )
            continue
        sources[name] = identity
        entries[name] = _entry(name, definition, entries)
    return entries, sources


def _entry(name: str, definition: Definition, entries: Mapping[str, TypeEntry]) -> TypeEntry:
    """Describe the spells of a definition: whose they are, and when; `held-...` are the days that are known."""
    subject = definition.subject.source.text
    chain = site_chain(subject, entries) if subject in entries else None
    fields = (
        FieldType(name=subject, base="reference", target=subject),
        FieldType(name="start", base="date"),
        FieldType(name="end", base="date"),
        FieldType(name="held-from", base="date"),
        FieldType(name="held-to", base="date"),
        FieldType(name="goes-on", base="bool"),
    )
    fact = FactType(
        name=name,
        kind="state",
        span_from="held-from",
        span_to="held-to",
        goes_on="goes-on",
        fields=fields,
        site=None if chain is None else (subject, *chain),
    )
    return TypeEntry(fact=fact, place=definition.id.span, shown={}, links={})
