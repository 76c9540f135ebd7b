"""Check law, for those who write it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from compliance_engine.kernel.diagnostic import Diagnostic, has_errors, join_diagnostics
from compliance_engine.kernel.errors import RulesetError
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.law import Law
from compliance_engine.model.program import Program
from compliance_engine.reading.law import ruleset_above
from compliance_engine.reading.law.case_files import CaseFiles, CasesSeen, seen_of
from compliance_engine.reading.law.problems import MAX_FOUND
from compliance_engine.workflow.programs import read_and_compile, rules_paths
from compliance_engine.workflow.selection import find_provision

ELSEWHERE = "cases that do not stand with their law are run as: compliance rules test FILE --rules rulesets"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRules:
    """Law that was read and compiled. `program` is None if an error refuses it; `counts`: documents by kind."""

    program: Program | None
    law: Law
    diagnostics: tuple[Diagnostic, ...]
    counts: dict[str, int]


def check_rules(rules: Sequence[str]) -> CheckedRules:
    """Read and compile rulesets by path or shipped name; raises RulesetError only where there is nothing to read."""
    return _check_paths(rules_paths(rules))


def check_quickly(rules: Sequence[str]) -> CheckedRules:
    """Check the whole rulesets that these (or parts of them) belong to, in all processors; the law it gives has no cases.

    The same is found as by `check_whole_rules`.
    """
    paths = _whole(rules_paths(rules))
    reading = CaseFiles(paths)
    law, program, found = read_and_compile(paths, cases=())
    seen = reading.finish()
    if seen is None or len(found) + len(seen[1]) > MAX_FOUND:
        return _check_paths(paths)
    cases = (*(seen_of(document) for document in law.cases), *seen[0])
    return _checked(law, program, join_diagnostics(seen[1], found), cases)


def check_whole_rules(rules: Sequence[str], about: Sequence[str] = ()) -> tuple[CheckedRules, tuple[Path, ...]]:
    """Read and compile the whole rulesets that these (or parts of them) belong to; also give the places that are meant.

    A part of a ruleset, a folder or a file below its vocabulary, reads its siblings: it cannot be understood alone.
    `about`: rulesets that cases in `rules` are about; their own cases are not read.
    """
    parts = rules_paths(rules)
    whole = _whole((*rules_paths(about), *parts))
    return _check_paths(whole, parts if about else None), tuple(path.resolve() for path in parts)


def _whole(parts: Sequence[Path]) -> tuple[Path, ...]:
    """Give the rulesets that these belong to, each once."""
    whole = {ruleset_above(path).resolve(): ruleset_above(path) for path in parts}
    return tuple(path for place, path in whole.items() if not any(other in place.parents for other in whole))


def _check_paths(paths: Sequence[Path], cases: Sequence[Path] | None = None) -> CheckedRules:
    law, program, found = read_and_compile(paths, cases=cases)
    return _checked(law, program, found, [seen_of(document) for document in law.cases])


def _checked(
    law: Law, program: Program | None, found: Sequence[Diagnostic], cases: Sequence[CasesSeen]
) -> CheckedRules:
    strays = () if program is None else tuple(_check_cases(program, cases))
    diagnostics = join_diagnostics(found, strays)
    return CheckedRules(
        program=None if has_errors(diagnostics) else program,
        law=law,
        diagnostics=diagnostics,
        counts=_count_documents(law, cases),
    )


def _check_cases(program: Program, documents: Iterable[CasesSeen]) -> Iterator[Diagnostic]:
    """Report cases of provisions that do not exist."""
    for document in documents:
        for name in sorted({document.provision.text, *document.named}):
            if find_provision(program, name) is None:
                yield Diagnostic(
                    code="unknown-provision",
                    message=f"there is no provision `{name}` for these cases",
                    span=document.provision.span,
                    hint=did_you_mean(name, program.provisions) if program.provisions else ELSEWHERE,
                )


def usable_rules(rules: Sequence[str], about: Sequence[str] = ()) -> tuple[Program, Law, tuple[Path, ...]]:
    """Read as `check_whole_rules`; raises RulesetError with every mistake if the law cannot be used."""
    checked, places = check_whole_rules(rules, about)
    if checked.program is None:
        raise RulesetError(checked.diagnostics)
    return checked.program, checked.law, places


def _count_documents(law: Law, cases: Iterable[CasesSeen]) -> dict[str, int]:
    """Count what was read, by kind of document; cases one by one."""
    return {
        "vocabulary": len(law.vocabularies),
        "definition": len(law.definitions),
        "parameter": len(law.parameters),
        "table": len(law.tables),
        "provision": len(law.provisions),
        "case": sum(document.count for document in cases),
    }
