"""Try a mutant: compile it, and run the cases that read what it changed until one of them goes otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from compliance_engine.compiling import compile_program
from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.kernel.errors import InputError
from compliance_engine.model.expression import Among, Lookup, ParameterRef
from compliance_engine.model.parts import parts
from compliance_engine.workflow.cases import named_provisions
from compliance_engine.workflow.expectations import compare_findings
from compliance_engine.workflow.mutants import Mutant, apply_mutant
from compliance_engine.workflow.narrowing import narrow_program
from compliance_engine.workflow.rules import usable_rules
from compliance_engine.workflow.running import run_case
from compliance_engine.workflow.selection import find_provision
from compliance_engine.workflow.together import Prepared, findings_together, prepare_cases

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from compliance_engine.model.case import Cases, Survivor
    from compliance_engine.model.law import Law
    from compliance_engine.model.program import Program
    from compliance_engine.workflow.evaluation import EngineName


class Fate(StrEnum):
    """What became of a mutant.

    `noticed` by a case; `survived`; `accepted`: it survived, and the list beside the law says why that is right;
    `refused`: it is no law, and the compiler says so; `equivalent`: it means the same; `crashed`: its evaluation ended.
    """

    NOTICED = "noticed"
    SURVIVED = "survived"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EQUIVALENT = "equivalent"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A mutant and its fate; `because` of an accepted one."""

    mutant: Mutant
    fate: Fate
    because: str = ""


@dataclass(slots=True, kw_only=True)
class Suite:
    """The cases of a document, and what they read; their facts are read when they are first needed."""

    provision: str
    wanted: tuple[str, ...]
    reads: frozenset[str]
    document: Cases
    prepared: Prepared | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What the cases that read one document are judged under: the law that they read, and what it means."""

    law: Law
    meaning: bytes
    suites: Sequence[Suite]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What all mutants are held against."""

    law: Law
    program: Program
    suites: Sequence[Suite]
    engine: EngineName
    accepted: Mapping[tuple[str, str, str, str], Survivor]
    parts: dict[str, Part] = field(default_factory=dict)  # of the documents that were changed so far

    def part(self, document: str) -> Part:
        """Give the part of the law that has to be compiled when a document is changed: all of it takes far longer."""
        if document not in self.parts:
            suites = [suite for suite in self.suites if document in suite.reads]
            suites.sort(key=lambda suite: suite.provision != document)  # its own cases notice most
            law = _narrowed(self.law, frozenset({document}.union(*(suite.reads for suite in suites))))
            program = compile_program(law)[0]
            if program is None:
                law, program = self.law, self.program
            self.parts[document] = Part(law=law, meaning=_meaning(program), suites=suites)
        return self.parts[document]


def bench_of(rules: Sequence[str], engine: EngineName) -> tuple[Bench, tuple[Path, ...]]:
    """Read the law of these places, and what its mutants are held against; and the files and folders that were meant.

    Raises RulesetError if the law cannot be used.
    """
    program, law, places = usable_rules(rules)
    listed = [one for group in law.survivors for one in group.accepted]
    accepted = {(one.document.text, one.clause, one.change, one.after): one for one in listed}
    return Bench(law=law, program=program, suites=_suites(program, law), engine=engine, accepted=accepted), places


def try_mutant(mutant: Mutant, bench: Bench) -> Tried:
    """Compile a mutant, and run cases until one fails; those of the changed provision first.

    Raises InputError if cases fail under the law as it is.
    """
    part = bench.part(mutant.document)
    program, _ = compile_program(apply_mutant(part.law, mutant))
    if program is None:
        return Tried(mutant=mutant, fate=Fate.REFUSED)
    if _meaning(program) == part.meaning:
        return Tried(mutant=mutant, fate=Fate.EQUIVALENT)
    try:
        noticed = any(_fails(program, suite, bench) for suite in part.suites)
    except InputError:
        raise
    except Exception:  # noqa: BLE001 (no such law is in force: it is counted, and the others are tried)
        return Tried(mutant=mutant, fate=Fate.CRASHED)
    if noticed:
        return Tried(mutant=mutant, fate=Fate.NOTICED)
    found = bench.accepted.get(mutant.key)
    if found is not None:
        return Tried(mutant=mutant, fate=Fate.ACCEPTED, because=found.because)
    return Tried(mutant=mutant, fate=Fate.SURVIVED)


def _narrowed(law: Law, names: frozenset[str]) -> Law:
    """Keep the documents of these ids; of the cases none."""
    return replace(
        law,
        definitions=tuple(one for one in law.definitions if one.id.text in names),
        parameters=tuple(one for one in law.parameters if one.id.text in names),
        tables=tuple(one for one in law.tables if one.id.text in names),
        provisions=tuple(one for one in law.provisions if one.id.text in names),
        cases=(),
    )


def _suites(program: Program, law: Law) -> tuple[Suite, ...]:
    suites = []
    for document in law.cases:
        name = find_provision(program, document.provision.text)
        assert name is not None, "the law was checked"
        wanted = tuple(named_provisions(program, name, document))
        part = narrow_program(program, wanted)
        suites.append(Suite(provision=name, wanted=wanted, reads=frozenset(_read(part)), document=document))
    return tuple(suites)


def _read(part: Program) -> Iterator[str]:
    """Name what a narrowed program is made of."""
    yield from (*part.definitions, *part.provisions)
    for node in parts((tuple(part.definitions.values()), tuple(part.provisions.values()))):
        if isinstance(node, ParameterRef):
            yield node.id
        elif isinstance(node, Lookup) or (isinstance(node, Among) and node.table is not None):
            yield node.table or ""


def _meaning(program: Program) -> bytes:
    """Give a digest of all of a program that decides a verdict, without what its author wrote and where."""
    return sha256(msgspec.json.encode(_bare(msgspec.to_builtins(program)))).digest()


def _bare(part: object) -> object:
    if isinstance(part, dict):
        return {name: _bare(value) for name, value in part.items() if name not in _PROSE}
    return [_bare(item) for item in part] if isinstance(part, list | tuple) else part


_PROSE = {"text", "place", "where_text", "digest", "because", "citation"}


def _fails(program: Program, suite: Suite, bench: Bench) -> bool:
    """Say whether a case of the suite goes otherwise under this law."""
    if suite.prepared is None:
        suite.prepared = _prepared(suite, bench)
    return _goes_otherwise(narrow_program(program, suite.wanted), suite, suite.prepared, bench.engine)


def _prepared(suite: Suite, bench: Bench) -> Prepared:
    """Read the facts of the cases; raises InputError if they fail under the law as it is: then they notice nothing."""
    whole = narrow_program(bench.program, suite.wanted)
    prepared = prepare_cases(whole, dict(enumerate(suite.document.cases)))
    if _goes_otherwise(whole, suite, prepared, bench.engine):
        message = f"cases of {suite.provision} fail as the law is, so they cannot tell what changes it"
        hint = "see what differs first: compliance rules test PATH --verbose"
        place = suite.document.provision.span
        raise InputError([Diagnostic(code="cases-fail", message=message, span=place, hint=hint)])
    return prepared


def _goes_otherwise(program: Program, suite: Suite, prepared: Prepared, engine: EngineName) -> bool:
    """Say whether a case fails, and stop there."""
    alone = list(prepared.alone.values())
    for batch in prepared.batches:
        found = findings_together(program, batch, engine)
        if found is None:
            alone += batch.cases.values()
        elif any(compare_findings(frame, suite.provision, batch.cases[n]) for n, frame in found.items()):
            return True
    return not all(run_case(program, suite.provision, case, engine).passed for case in alone)
