"""Check law and run its cases, for those who write it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from compliance_engine.compiling import compile_program
from compliance_engine.kernel.diagnostic import Diagnostic, has_errors, sort_diagnostics
from compliance_engine.kernel.errors import RulesetError
from compliance_engine.model.law import Law
from compliance_engine.model.program import Program
from compliance_engine.reading.law import read_law
from compliance_engine.workflow.cases import (
    CaseReport,
    CaseResult,
    check_cases,
    list_untested,
    run_cases,
)
from compliance_engine.workflow.evaluation import EngineName
from compliance_engine.workflow.programs import rules_paths


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRules:
    """Law that was read and compiled. `program` is None if an error refuses it; `counts`: documents by kind."""

    program: Program | None
    law: Law
    diagnostics: tuple[Diagnostic, ...]
    counts: dict[str, int]


def check_rules(rules: Sequence[str]) -> CheckedRules:
    """Read and compile rulesets by path or shipped name; raises RulesetError only where there is nothing to read."""
    law, read = read_law(rules_paths(rules))
    program, compiled = compile_program(law)
    cases = () if program is None else tuple(check_cases(program, law.cases))
    diagnostics = sort_diagnostics((*read, *compiled, *cases))
    return CheckedRules(
        program=None if has_errors(diagnostics) else program,
        law=law,
        diagnostics=diagnostics,
        counts=count_documents(law),
    )


def evaluate_cases(
    rules: Sequence[str],
    *,
    select: str | None = None,
    engine: EngineName = "durable",
    on_result: Callable[[CaseResult], None] = lambda _: None,
) -> CaseReport:
    """Run the cases of rulesets, telling `on_result` of each; raises RulesetError if the law cannot be used."""
    checked = check_rules(rules)
    if checked.program is None:
        raise RulesetError(checked.diagnostics)
    results = []
    for result in run_cases(checked.program, checked.law.cases, select=select, engine=engine):
        on_result(result)
        results.append(result)
    untested = list_untested(checked.program, checked.law.cases) if select is None else ()
    return CaseReport(results=tuple(results), untested=untested)


def count_documents(law: Law) -> dict[str, int]:
    """Count what was read, by kind of document; cases one by one."""
    return {
        "vocabulary": len(law.vocabularies),
        "definition": len(law.definitions),
        "parameter": len(law.parameters),
        "table": len(law.tables),
        "provision": len(law.provisions),
        "case": sum(len(document.cases) for document in law.cases),
    }
