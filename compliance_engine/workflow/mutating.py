"""Run the cases against law with slips of the pen in it, to find those that nobody would notice."""

from __future__ import annotations

import itertools
import multiprocessing
import random
from collections import Counter, deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from compliance_engine.compiling import compile_program
from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.kernel.errors import InputError
from compliance_engine.model.expression import Among, Lookup, ParameterRef
from compliance_engine.model.parts import parts
from compliance_engine.workflow.cases import named_provisions, run_case
from compliance_engine.workflow.expectations import compare_findings
from compliance_engine.workflow.mutants import Mutant, apply_mutant, mutants_of
from compliance_engine.workflow.narrowing import narrow_program
from compliance_engine.workflow.rules import usable_rules
from compliance_engine.workflow.selection import Selection, find_provision
from compliance_engine.workflow.together import Prepared, findings_together, prepare_cases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from compliance_engine.model.case import Cases, Survivor
    from compliance_engine.model.law import Law
    from compliance_engine.model.program import Program
    from compliance_engine.workflow.evaluation import EngineName
    from compliance_engine.workflow.mutant_places import Document


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationReport:
    """All that were tried, in order of place; how many there are in all; and accepted survivors that are none."""

    tried: tuple[Tried, ...]
    total: int
    stale: tuple[Survivor, ...] = ()

    @property
    def counts(self) -> Mapping[Fate, int]:
        """Count the fates."""
        counted = Counter(one.fate for one in self.tried)
        return {fate: counted[fate] for fate in Fate}

    @property
    def percent(self) -> float:
        """Give the share of survivors that nobody accepted, of those that are law and mean something else."""
        counts = self.counts
        judged = counts[Fate.NOTICED] + counts[Fate.SURVIVED] + counts[Fate.ACCEPTED]
        return 100 * counts[Fate.SURVIVED] / judged if judged else 0.0


@dataclass(slots=True, kw_only=True)
class _Suite:
    """The cases of a document, and what they read; their facts are read when they are first needed."""

    provision: str
    wanted: tuple[str, ...]
    reads: frozenset[str]
    document: Cases
    prepared: Prepared | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bench:
    """What all mutants are held against."""

    law: Law
    program: Program
    suites: Sequence[_Suite]
    engine: EngineName
    meaning: bytes
    accepted: Mapping[tuple[str, str, str, str], Survivor] = field(default_factory=dict)


def mutate_rules(  # noqa: PLR0913 (named options of the command)
    rules: Sequence[str],
    *,
    text: str = "",
    sample: int | None = None,
    seed: int = 0,
    engine: EngineName = "durable",
    jobs: int = 1,
    progress: Callable[[str], None] = lambda _: None,
    may_go_on: Callable[[], bool] = lambda: True,
) -> MutationReport:
    """Change the law of these places in every way that is tried, or a sample of them, and run the cases that read it.

    `text`: only documents whose id contains it. `jobs`: in so many processes at once. `may_go_on` is asked before each mutant; the rest is
    then left out.
    Raises RulesetError if the law itself cannot be used.
    """
    bench, places = _bench_of(rules, engine)
    law, select = bench.law, Selection(places=places)
    documents: tuple[Document, ...] = (*law.definitions, *law.parameters, *law.tables, *law.provisions)
    meant = [d for d in documents if text.lower() in d.id.text.lower() and select.has_place(d.id.span.file)]
    mutants = sorted((m for d in meant for m in mutants_of(d)), key=lambda m: (m.span, m.clause, m.change, m.after))
    chosen = mutants if sample is None or sample >= len(mutants) else _sampled(mutants, sample, seed)
    asked = itertools.takewhile(lambda _: may_go_on(), chosen)
    fates = (_try_mutant(mutant, bench) for mutant in asked) if jobs == 1 else _tried_apart(asked, rules, engine, jobs)
    tried: list[Tried] = []
    for number, one in enumerate(fates, 1):
        tried.append(one)
        alive = sum(one.fate is Fate.SURVIVED for one in tried)
        progress(f"mutant {number} of {len(chosen)}, {alive} survived: {one.mutant.document}")
    return MutationReport(tried=tuple(tried), total=len(mutants), stale=_stale(tried, bench.accepted.values()))


def _bench_of(rules: Sequence[str], engine: EngineName) -> tuple[_Bench, tuple[Path, ...]]:
    """Read the law of these places, and what its mutants are held against; and the files and folders that were meant."""
    program, law, places = usable_rules(rules)
    listed = [one for group in law.survivors for one in group.accepted]
    bench = _Bench(
        law=law,
        program=program,
        suites=_suites(program, law),
        engine=engine,
        meaning=_meaning(program),
        accepted={(one.document.text, one.clause, one.change, one.after): one for one in listed},
    )
    return bench, places


def _tried_apart(mutants: Iterable[Mutant], rules: Sequence[str], engine: EngineName, jobs: int) -> Iterator[Tried]:
    """Try mutants in processes of their own, in order; each process reads the law once."""
    # Not forked: the threads of Polars would not come along.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_set_up, initargs=(tuple(rules), engine)) as pool:
        waiting: deque[Future[Tried]] = deque()
        for mutant in mutants:
            waiting.append(pool.submit(_try_here, mutant))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_HERE: list[_Bench] = []  # of a process that `_tried_apart` started, and only there


def _set_up(rules: tuple[str, ...], engine: EngineName) -> None:
    _HERE.append(_bench_of(rules, engine)[0])


def _try_here(mutant: Mutant) -> Tried:
    return _try_mutant(mutant, _HERE[0])


def _sampled(mutants: Sequence[Mutant], count: int, seed: int) -> list[Mutant]:
    """Choose some; the same for the same seed and law."""
    places = sorted(random.Random(seed).sample(range(len(mutants)), count))  # noqa: S311 (no secret)
    return [mutants[place] for place in places]


def _stale(tried: Sequence[Tried], listed: Iterable[Survivor]) -> tuple[Survivor, ...]:
    """Give the accepted survivors of the documents that were tried which a case notices after all."""
    noticed = {one.mutant.key for one in tried if one.fate is not Fate.ACCEPTED}
    return tuple(one for one in listed if (one.document.text, one.clause, one.change, one.after) in noticed)


def _suites(program: Program, law: Law) -> tuple[_Suite, ...]:
    suites = []
    for document in law.cases:
        name = find_provision(program, document.provision.text)
        assert name is not None, "the law was checked"
        wanted = tuple(named_provisions(program, name, document))
        part = narrow_program(program, wanted)
        suites.append(_Suite(provision=name, wanted=wanted, reads=frozenset(_read(part)), document=document))
    return tuple(suites)


def _read(part: Program) -> Iterator[str]:
    """Name what a narrowed program is made of."""
    yield from (*part.definitions, *part.provisions)
    for node in parts((tuple(part.definitions.values()), tuple(part.provisions.values()))):
        if isinstance(node, ParameterRef):
            yield node.id
        elif isinstance(node, Lookup) or (isinstance(node, Among) and node.table is not None):
            yield node.table or ""


def _try_mutant(mutant: Mutant, bench: _Bench) -> Tried:
    """Compile a mutant, and run cases until one fails; those of the changed provision first."""
    program, _ = compile_program(apply_mutant(bench.law, mutant))
    if program is None:
        return Tried(mutant=mutant, fate=Fate.REFUSED)
    if _meaning(program) == bench.meaning:
        return Tried(mutant=mutant, fate=Fate.EQUIVALENT)
    suites = [suite for suite in bench.suites if mutant.document in suite.reads]
    try:
        noticed = any(
            _fails(program, suite, bench) for suite in sorted(suites, key=lambda s: s.provision != mutant.document)
        )
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


def _meaning(program: Program) -> bytes:
    """Give all of a program that decides a verdict, without what its author wrote and where."""
    return msgspec.json.encode(_bare(msgspec.to_builtins(program)))


def _bare(part: object) -> object:
    if isinstance(part, dict):
        return {name: _bare(value) for name, value in part.items() if name not in _PROSE}
    return [_bare(item) for item in part] if isinstance(part, list | tuple) else part


_PROSE = {"text", "place", "where_text", "digest", "because", "citation"}


def _fails(program: Program, suite: _Suite, bench: _Bench) -> bool:
    """Say whether a case of the suite goes otherwise under this law."""
    if suite.prepared is None:
        suite.prepared = _prepared(suite, bench)
    return _goes_otherwise(narrow_program(program, suite.wanted), suite, suite.prepared, bench.engine)


def _prepared(suite: _Suite, bench: _Bench) -> Prepared:
    """Read the facts of the cases; raises InputError if they fail under the law as it is: then they notice nothing."""
    whole = narrow_program(bench.program, suite.wanted)
    prepared = prepare_cases(whole, dict(enumerate(suite.document.cases)))
    if _goes_otherwise(whole, suite, prepared, bench.engine):
        message = f"cases of {suite.provision} fail as the law is, so they cannot tell what changes it"
        hint = "see what differs first: compliance rules test PATH --verbose"
        place = suite.document.provision.span
        raise InputError([Diagnostic(code="cases-fail", message=message, span=place, hint=hint)])
    return prepared


def _goes_otherwise(program: Program, suite: _Suite, prepared: Prepared, engine: EngineName) -> bool:
    """Say whether a case fails, and stop there."""
    alone = list(prepared.alone.values())
    for batch in prepared.batches:
        found = findings_together(program, batch, engine)
        if found is None:
            alone += batch.cases.values()
        elif any(compare_findings(frame, suite.provision, batch.cases[n]) for n, frame in found.items()):
            return True
    return not all(run_case(program, suite.provision, case, engine).passed for case in alone)
