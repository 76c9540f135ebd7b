"""What a document of the law reads, and who reads it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from compliance_engine.model.expression import (
    Among,
    DefinitionRef,
    Determined,
    Field,
    FindingRef,
    Lookup,
    ParameterRef,
    PolicyRef,
    Set,
)
from compliance_engine.model.parts import parts
from compliance_engine.model.program import DefinitionSpec, Program, ProvisionSpec, SubjectSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """What a document reads itself: ids of documents, fact types, and their fields as `(type, field)`."""

    documents: frozenset[str]
    types: frozenset[str]
    fields: frozenset[tuple[str, str]]


def list_reads(program: Program) -> dict[str, Reads]:
    """Give what each definition and each provision (all its versions together) reads."""
    documents: dict[str, tuple[DefinitionSpec | ProvisionSpec, ...]] = {
        **{name: (spec,) for name, spec in program.definitions.items()},
        **program.provisions,
    }
    return {name: _reads_of(specs, program) for name, specs in documents.items()}


def list_readers(reads: Mapping[str, Reads]) -> dict[str, tuple[str, ...]]:
    """Give, for each document that is read, who reads it, in order of names."""
    readers: dict[str, set[str]] = {}
    for name, found in reads.items():
        for other in found.documents:
            readers.setdefault(other, set()).add(name)
    return {name: tuple(sorted(found)) for name, found in sorted(readers.items())}


def close_over(names: Iterable[str], steps: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Give the names and all that can be reached from them."""
    reached: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += steps.get(name, ())
    return frozenset(reached)


def _reads_of(specs: tuple[DefinitionSpec | ProvisionSpec, ...], program: Program) -> Reads:
    read = parts(specs)
    types = {part.type for part in read if isinstance(part, Set) and part.source == "facts"}
    types |= {part.type for part in read if isinstance(part, SubjectSpec) and not part.finding}
    fields = {(part.type, part.name) for part in read if isinstance(part, Field) and part.type in program.types}
    for name in types & program.types.keys():
        kind = program.types[name]
        times = (kind.time, kind.span_from, kind.span_to, kind.goes_on)
        fields |= {(name, field) for field in times if field}
    known = {(kind.name, field.name) for kind in program.types.values() for field in kind.fields}
    # The spells of a definition are records of a type that has its name.
    spells = {name for name in types if name in program.definitions}
    documents = ({name for part in read for name in _documents_in(part)} | spells) - {specs[0].id}
    return Reads(documents=frozenset(documents), types=frozenset(types), fields=frozenset(fields & known))


def _documents_in(part: msgspec.Struct) -> Iterator[str]:
    """Name the document that a node reads."""
    match part:
        case DefinitionRef():
            yield part.id
        case ParameterRef():
            yield part.id
        case FindingRef():
            yield part.provision
        case PolicyRef():
            yield part.id
        case Determined(id=str(name)) if name:
            yield name
        case Lookup():
            yield part.table
        case Among(table=str()):
            yield str(part.table)
        case Set(source="finding") | SubjectSpec(finding=True):
            yield part.type
        case _:
            return
