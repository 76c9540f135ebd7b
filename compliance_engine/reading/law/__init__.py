"""YAML law to `model.law`: every part with its place, every mistake with its diagnostic."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from compliance_engine.kernel.collecting import uncollected
from compliance_engine.kernel.diagnostic import Diagnostic, sort_diagnostics
from compliance_engine.model.case import Cases, Survivors
from compliance_engine.model.law import Definition, Law, Parameter, Provision, TableDecl, Vocabulary
from compliance_engine.model.relations import Determination, Policy
from compliance_engine.reading.law.documents import Document
from compliance_engine.reading.law.files import Shelf, find_files, ruleset_above
from compliance_engine.reading.law.one_file import read_law_file
from compliance_engine.reading.law.problems import Problems

__all__ = ["read_law", "ruleset_above"]

_D = TypeVar("_D", bound=Document)


@uncollected()
def read_law(paths: Sequence[Path], *, cases: Sequence[Path] | None = None) -> tuple[Law, tuple[Diagnostic, ...]]:
    """Read the rulesets at these paths: files, or folders with all below them, and shared vocabularies above them.

    A document with an error has stand-ins for what is wrong, so law that comes with errors is not to be used, only
    looked at for further ones (`kernel.diagnostic.join_diagnostics`).

    Diagnostics are in order of place; their files are named as the paths were given. The digest
    depends on bytes and on names inside the ruleset, not on where it lies. `cases`: the files, or folders above them, whose cases are read (None: all).
    Elsewhere files that hold nothing else are left unread: there is more of them than of the law, and an evaluation asks for none.
    """
    problems = Problems()
    shelf = Shelf()
    places = None if cases is None else [place.resolve() for place in cases]
    documents = [
        document for file in find_files(paths, problems) for document in read_law_file(file, shelf, problems, places)
    ]
    law = Law(
        vocabularies=_of_kind(documents, Vocabulary),
        definitions=_of_kind(documents, Definition),
        parameters=_of_kind(documents, Parameter),
        tables=_of_kind(documents, TableDecl),
        provisions=_of_kind(documents, Provision),
        policies=_of_kind(documents, Policy),
        determinations=_of_kind(documents, Determination),
        cases=_of_kind(documents, Cases),
        survivors=_of_kind(documents, Survivors),
        digest=shelf.digest(),
    )
    return law, sort_diagnostics(problems.found)


def _of_kind(documents: Sequence[Document], kind: type[_D]) -> tuple[_D, ...]:
    return tuple(document for document in documents if isinstance(document, kind))
