"""Law to program: every stage of the compiler, and every trouble of every document."""

from collections.abc import Mapping
from dataclasses import replace

from compliance_engine.compiling.composites import compile_composites, named_composites
from compliance_engine.compiling.conflicts import check_limits
from compliance_engine.compiling.constants import compile_parameter, compile_table
from compliance_engine.compiling.definitions import Library
from compliance_engine.compiling.desk import Desk
from compliance_engine.compiling.fact_types import TypeEntry
from compliance_engine.compiling.index import (
    Index,
    ParameterEntry,
    by_id_definitions,
    by_id_parameters,
    by_id_provisions,
    by_id_tables,
    check_duplicates,
    named_documents,
    suffixes_of,
)
from compliance_engine.compiling.order import compilation_order
from compliance_engine.compiling.provisions import compile_provision
from compliance_engine.compiling.record_lets import with_record_lets
from compliance_engine.compiling.relations import displacements, precedences
from compliance_engine.compiling.reports import Report
from compliance_engine.compiling.spells import with_spells
from compliance_engine.compiling.strata import stratify
from compliance_engine.compiling.versions import check_versions
from compliance_engine.compiling.vocabulary import compile_vocabulary
from compliance_engine.kernel.diagnostic import Diagnostic, has_errors, sort_diagnostics
from compliance_engine.kernel.span import Span
from compliance_engine.model.law import Law
from compliance_engine.model.program import PROGRAM_VERSION, Composite, Program, ProvisionSpec
from compliance_engine.model.reads import with_reads


def compile_program(law: Law) -> tuple[Program | None, tuple[Diagnostic, ...]]:
    """Compile all of a law; None if any of it has an error.

    The diagnostics are those of every document, in order of place. The program is the same, byte for byte, whatever the
    order of the documents.
    """
    report = Report()
    law = with_record_lets(law, report)
    check_duplicates(law, report)
    index, composites = _index(law, report)
    index = replace(index, displaced=displacements(index, report))
    library = Library(index=index)
    for identity in compilation_order(index):
        library.definition_of(identity)
    provisions, desks = _provisions(index, library, report)
    reads = {**{identity: desk.reads for identity, desk in library.desks.items()}, **_joined(desks)}
    strata = stratify(reads, report)
    check_limits(provisions, index, precedences(index, index.displaced, report), report)
    troubles = [*report.diagnostics]
    for desk in (*library.desks.values(), *(desk for desk_list in desks.values() for desk in desk_list)):
        troubles += desk.troubles
    diagnostics = sort_diagnostics(troubles)
    if has_errors(diagnostics):
        return None, diagnostics
    program = Program(
        version=PROGRAM_VERSION,
        digest=law.digest,
        types={name: entry.fact for name, entry in index.types.items() if name not in composites},
        definitions=library.specs,
        parameters={identity: entry.spec for identity, entry in index.parameters.items()},
        tables={identity: entry.spec for identity, entry in index.tables.items()},
        provisions=provisions,
        strata=strata,
        composites=composites,
    )
    return with_reads(program), diagnostics


def is_whole(law: Law, program: Program) -> bool:
    """Say whether every definition, and every duty of every version, was compiled: of one that is left out no finding would tell."""
    duties = sorted((p.id.text, p.in_force_from.isoformat(), len(p.duties)) for p in law.provisions)
    specs = [spec for versions in program.provisions.values() for spec in versions]
    compiled = sorted((spec.id, spec.in_force_from, len(spec.duties)) for spec in specs)
    return duties == compiled and {one.id.text for one in law.definitions} <= program.definitions.keys()


def _index(law: Law, report: Report) -> tuple[Index, dict[str, Composite]]:
    """Index the documents, and compile what is plain data: types, tables, parameters; also give the composite types."""
    declared = compile_vocabulary(law.vocabularies, report)
    entries, composites = compile_composites(law, declared, report)
    types, spells = with_spells({**declared, **entries}, by_id_definitions(law), report)
    law = named_composites(law, composites)
    tables = {identity: compile_table(table, report) for identity, table in sorted(by_id_tables(law).items())}
    index = Index(
        types=types,
        definitions=by_id_definitions(law),
        parameters=_parameters(law, types, report),
        tables=tables,
        provisions=by_id_provisions(law),
        suffixes=suffixes_of(name.text for _, name in named_documents(law)),
        spells=spells,
        policies={policy.id.text: policy for policy in reversed(law.policies)},
        determinations={asked.id.text: asked for asked in reversed(law.determinations)},
    )
    return index, composites


def _parameters(law: Law, types: Mapping[str, TypeEntry], report: Report) -> dict[str, ParameterEntry]:
    """Compile the parameters: literals, so nothing else need be known."""
    nothing = Library(index=Index(types=types, definitions={}, parameters={}, tables={}, provisions={}))
    entries: dict[str, ParameterEntry] = {}
    for identity, parameter in sorted(by_id_parameters(law).items()):
        desk = nothing.open_desk()
        entries[identity] = compile_parameter(parameter, desk)
        report.diagnostics += desk.troubles
    return entries


def _provisions(
    index: Index, library: Library, report: Report
) -> tuple[dict[str, tuple[ProvisionSpec, ...]], dict[str, list[Desk]]]:
    """Compile every version of every provision; also give their desks."""
    compiled: dict[str, tuple[ProvisionSpec, ...]] = {}
    desks: dict[str, list[Desk]] = {}
    for identity, versions in sorted(index.provisions.items()):
        check_versions(versions, report)
        specs = []
        for number, version in enumerate(versions, start=1):
            desk = library.open_desk()
            desks.setdefault(identity, []).append(desk)
            spec = compile_provision(version, number, desk)
            if spec is not None:
                specs.append(spec)
        compiled[identity] = tuple(specs)
    return compiled, desks


def _joined(desks: Mapping[str, list[Desk]]) -> dict[str, dict[str, Span]]:
    """Join what the versions of a provision read."""
    joined: dict[str, dict[str, Span]] = {}
    for identity, versions in desks.items():
        reads = joined.setdefault(identity, {})
        for desk in versions:
            for other, place in desk.reads.items():
                reads.setdefault(other, place)
    return joined
