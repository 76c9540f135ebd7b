"""A part of a program: some provisions with all that they read, so that one case need not run the whole law."""

from collections.abc import Iterable, Iterator

import msgspec

from compliance_engine.model.expression import DefinitionRef, FindingRef, Set
from compliance_engine.model.parts import parts
from compliance_engine.model.program import Program, SubjectSpec
from compliance_engine.model.reads import with_reads


def narrow_program(program: Program, provisions: Iterable[str]) -> Program:
    """Keep these provisions and what they read, directly or through others; types, parameters and tables stay."""
    wanted: set[str] = set()
    waiting = list(provisions)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += _read_by(program, name)
    strata = (tuple(name for name in stratum if name in wanted) for stratum in program.strata)
    narrow = msgspec.structs.replace(
        program,
        definitions={name: spec for name, spec in program.definitions.items() if name in wanted},
        provisions={name: specs for name, specs in program.provisions.items() if name in wanted},
        strata=tuple(stratum for stratum in strata if stratum),
    )
    return with_reads(narrow)


def _read_by(program: Program, name: str) -> Iterator[str]:
    """Name the definitions and provisions that a document mentions."""
    spells = {spec.spells: identity for identity, spec in program.definitions.items() if spec.spells}
    document = program.definitions.get(name) or program.provisions.get(name, ())
    for part in parts(document):
        if isinstance(part, DefinitionRef):
            yield part.id
        elif isinstance(part, FindingRef):
            yield part.provision
        elif (isinstance(part, Set) and part.source == "finding") or (isinstance(part, SubjectSpec) and part.finding):
            yield part.type
        elif isinstance(part, Set | SubjectSpec) and part.type in spells:
            yield spells[part.type]
