"""Cases: the examples that stand beside the law, run as any evaluation is, by several processes.

What evaluates is imported where it is used: Polars has threads, and a process that has some is not to be copied (`kernel.helpers`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance_engine.kernel.helpers import Helpers, count_helpers
from compliance_engine.workflow.narrowing import narrow_program
from compliance_engine.workflow.rules import usable_rules
from compliance_engine.workflow.selection import EVERYTHING, Selection, find_provision, find_provisions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from compliance_engine.model.case import Case, Cases
    from compliance_engine.model.program import Program
    from compliance_engine.workflow.evaluation import EngineName
    from compliance_engine.workflow.running import CaseResult


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReport:
    """All cases that were run, in the order of the files, and the provisions without any case."""

    results: tuple[CaseResult, ...]
    untested: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """List the cases that went otherwise than expected."""
        return tuple(result for result in self.results if not result.passed)


def evaluate_cases(  # noqa: PLR0913 (each by its name)
    rules: Sequence[str],
    *,
    about: Sequence[str] = (),
    text: str = "",
    provisions: Sequence[str] = (),
    kinds: Sequence[str] = (),
    engine: EngineName = "durable",
    jobs: int | None = 1,
    on_result: Callable[[CaseResult], None] = lambda _: None,
) -> CaseReport:
    """Run the cases of rulesets, or of parts of them, telling `on_result` of each. `about`: the law that they are about, where it is elsewhere.

    `jobs`: so many processes (None: as many as there are processors).
    Raises RulesetError if the law cannot be used, InputError for a provision that is not there.
    """
    program, law, places = usable_rules(rules, about)
    select = Selection(
        text=text, provisions=find_provisions(program, provisions), kinds=frozenset(kinds), places=places
    )
    results = []
    for result in run_cases(program, law.cases, select=select, engine=engine, jobs=jobs):
        on_result(result)
        results.append(result)
    untested = () if select.is_narrowed else list_untested(program, law.cases, select)
    return CaseReport(results=tuple(results), untested=untested)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """The cases of a document that are meant, by number, and what of the law they read."""

    document: Cases
    provision: str
    cases: Mapping[int, Case]

    def narrowed(self, program: Program) -> Program:
        return narrow_program(program, named_provisions(program, self.provision, self.document))


def run_cases(
    program: Program,
    documents: Iterable[Cases],
    *,
    select: Selection = EVERYTHING,
    engine: EngineName = "durable",
    together: bool = True,
    jobs: int | None = 1,
) -> Iterator[CaseResult]:
    """Run the selected cases, and give their results in order.

    `together`: the cases of a document share evaluations where that cannot change a result; else one by one. `jobs`: so
    many documents at once (None: as many as there are processors).
    """
    chosen = tuple(_chosen(program, documents, select))
    failed: dict[tuple[int, int], CaseResult] = {}  # of those that this process ran

    def run(at: int) -> frozenset[int]:
        """Run the cases of a document, and say which passed: a helper tells no more, since findings are large."""
        from compliance_engine.workflow.running import run_document  # noqa: PLC0415 (see above)

        one = chosen[at]
        results = run_document(one.narrowed(program), one.provision, one.cases, engine, together=together)
        failed.update({(at, number): result for number, result in results.items() if not result.passed})
        return frozenset(number for number, result in results.items() if result.passed)

    helpers = Helpers(run, len(chosen), count_helpers(jobs))
    from compliance_engine.workflow.running import pass_case, run_case  # noqa: PLC0415 (see above)

    for at, (one, passed) in enumerate(zip(chosen, helpers.results(), strict=True)):
        for number, case in one.cases.items():
            if number in passed:
                yield pass_case(one.provision, case)
            else:
                again = failed.pop((at, number), None)
                yield again or run_case(one.narrowed(program), one.provision, case, engine)


def _chosen(program: Program, documents: Iterable[Cases], select: Selection) -> Iterator[_Chosen]:
    for document in documents:
        name = find_provision(program, document.provision.text)
        assert name is not None, "the law was checked"
        cases = [case for case in document.cases if select.has(name, case)]
        if cases:
            yield _Chosen(document=document, provision=name, cases=dict(enumerate(cases)))


def list_untested(program: Program, documents: Iterable[Cases], select: Selection = EVERYTHING) -> tuple[str, ...]:
    """List the provisions (of the places that are meant) for which there is no case."""
    tested = {find_provision(program, document.provision.text) for document in documents if document.cases}
    return tuple(
        name
        for name, versions in sorted(program.provisions.items())
        if name not in tested and select.has_place(versions[0].place.rsplit(":", 1)[0])
    )


def named_provisions(program: Program, provision: str, document: Cases) -> list[str]:
    """Name the provisions whose findings the cases speak of."""
    found = (find_provision(program, name) for name in sorted(document.named))
    return [provision, *(name for name in found if name is not None)]
