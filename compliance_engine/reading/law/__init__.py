"""YAML law to `model.law`: every part with its place, every mistake with its diagnostic."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from compliance_engine.kernel.collecting import uncollected
from compliance_engine.kernel.diagnostic import Diagnostic, sort_diagnostics
from compliance_engine.model.case import Cases, Survivors
from compliance_engine.model.law import Definition, Law, Parameter, Provision, TableDecl, Vocabulary
from compliance_engine.model.relations import Determination, Policy
from compliance_engine.reading.law.documents import Document, read_document
from compliance_engine.reading.law.files import LawFile, Shelf, find_files, ruleset_above
from compliance_engine.reading.law.nodes import ScalarNode, Source
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.texts import holds_only
from compliance_engine.reading.law.yaml_nodes import read_documents

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
        document for file in find_files(paths, problems) for document in _read_file(file, shelf, problems, places)
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


def _read_file(file: LawFile, shelf: Shelf, problems: Problems, cases: Sequence[Path] | None) -> Iterator[Document]:
    """Read the documents of one file."""

    def beside(node: ScalarNode, reports: Problems) -> Source | None:
        return shelf.read_beside(file, node, reports)

    text = shelf.read(file, problems)
    if text is None or (cases is not None and not _is_below(file, cases) and holds_only(text.text, "cases")):
        return
    for node in read_documents(text, problems):
        document = None if problems.is_full else read_document(node, problems, beside)
        if document is not None:
            yield document


def _is_below(file: LawFile, places: Sequence[Path]) -> bool:
    return any(file.path.resolve().is_relative_to(place) for place in places)


def _of_kind(documents: Sequence[Document], kind: type[_D]) -> tuple[_D, ...]:
    return tuple(document for document in documents if isinstance(document, kind))
