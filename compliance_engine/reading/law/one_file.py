"""One file of a ruleset to its documents."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from compliance_engine.reading.law.documents import Document, read_document
from compliance_engine.reading.law.files import LawFile, Shelf
from compliance_engine.reading.law.nodes import ScalarNode, Source
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.texts import holds_only
from compliance_engine.reading.law.yaml_nodes import read_documents


def read_law_file(
    file: LawFile, shelf: Shelf, problems: Problems, cases: Sequence[Path] | None = None
) -> Iterator[Document]:
    """Read the documents of a file; `cases`: the places whose files are read though they hold nothing but cases (None: all)."""
    text = shelf.read(file, problems)
    if text is not None and (cases is None or _is_below(file, cases) or not holds_only(text.text, "cases")):
        yield from _documents(file, text, shelf, problems)


def read_case_file(file: LawFile, problems: Problems) -> tuple[Document, ...]:
    """Read a file only if it holds nothing but cases."""
    shelf = Shelf()
    text = shelf.read(file, problems)
    if text is None or not holds_only(text.text, "cases"):
        return ()
    return tuple(_documents(file, text, shelf, problems))


def _documents(file: LawFile, text: Source, shelf: Shelf, problems: Problems) -> Iterator[Document]:
    def beside(node: ScalarNode, reports: Problems) -> Source | None:
        return shelf.read_beside(file, node, reports)

    for node in read_documents(text, problems):
        document = None if problems.is_full else read_document(node, problems, beside)
        if document is not None:
            yield document


def _is_below(file: LawFile, places: Sequence[Path]) -> bool:
    return any(file.path.resolve().is_relative_to(place) for place in places)
