"""Files that hold nothing but cases, checked by several processes: of a large ruleset they are most of the text."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from compliance_engine.kernel.diagnostic import Diagnostic, sort_diagnostics
from compliance_engine.kernel.helpers import Helpers, count_helpers
from compliance_engine.model.case import Cases
from compliance_engine.model.law import Name
from compliance_engine.reading.law.files import find_files
from compliance_engine.reading.law.one_file import read_case_file
from compliance_engine.reading.law.problems import MAX_FOUND, Problems

# Of less text a helper would save less than it takes to begin.
WORTH_HELP = 500_000  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesSeen:
    """What is to be known of a document of cases where none of them is run: how many there are, and the provisions they name."""

    provision: Name
    named: frozenset[str]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _FileSeen:
    documents: tuple[CasesSeen, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    is_plain: bool = True  # it holds cases and nothing else, as it seemed to


class CaseFiles:
    """Reads the case files of rulesets: helpers begin at once, and may go on while the law itself is read and compiled."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Begin, with as many helpers as are of use."""
        sized = [(file.path.stat().st_size, file) for file in find_files(paths, Problems()) if file.path.is_file()]
        self._files = [file for _, file in sorted(sized, key=lambda one: (-one[0], one[1].name))]
        helpers = count_helpers() if sum(size for size, _ in sized) >= WORTH_HELP else 0
        self._reading = Helpers(self._see, len(self._files), helpers)

    def finish(self) -> tuple[tuple[CasesSeen, ...], tuple[Diagnostic, ...]] | None:
        """Give what the files hold, and what is wrong in them; None where only the whole law read at once can tell."""
        seen = list(self._reading.results())
        found = [diagnostic for one in seen for diagnostic in one.diagnostics]
        if len(found) > MAX_FOUND or not all(one.is_plain for one in seen):
            return None
        return tuple(document for one in seen for document in one.documents), sort_diagnostics(found)

    def _see(self, number: int) -> _FileSeen:
        problems = Problems()
        documents = read_case_file(self._files[number], problems)
        seen = tuple(seen_of(document) for document in documents if isinstance(document, Cases))
        return _FileSeen(documents=seen, diagnostics=problems.found, is_plain=len(seen) == len(documents))


def seen_of(document: Cases) -> CasesSeen:
    """Say of a document of cases what is to be known where none of them is run."""
    return CasesSeen(provision=document.provision, named=document.named, count=len(document.cases))
