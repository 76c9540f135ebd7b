"""Files of law, laid out: read before and after, so that nothing is written that would change what they say."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from compliance_engine.kernel.diagnostic import Diagnostic, has_errors, sort_diagnostics
from compliance_engine.kernel.span import Span
from compliance_engine.reading.law.documents import read_document
from compliance_engine.reading.law.files import LawFile, Shelf, find_files
from compliance_engine.reading.law.layout.formatting import Formatted, format_text
from compliance_engine.reading.law.nodes import Node, ScalarNode, Source
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.texts import decode_text
from compliance_engine.reading.law.yaml_nodes import read_documents


class LayoutError(Exception):
    """Laying a file out would have changed its meaning or its comments: a bug of ours, found before anything is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLayout:
    """A file as it is and as it should be; `name` as the paths were given."""

    path: Path
    name: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Say whether the file is to be written again."""
        return self.before != self.after


def lay_out_files(paths: Sequence[Path]) -> tuple[tuple[FileLayout, ...], tuple[Diagnostic, ...]]:
    """Lay out the files at these paths (not the vocabularies above them); none, if any of them has an error."""
    problems = Problems()
    given = [path.resolve() for path in paths]
    files = [
        file for file in find_files(paths, problems) if any(file.path.resolve().is_relative_to(path) for path in given)
    ]
    layouts = tuple(layout for file in files if (layout := _lay_out_file(file, problems)) is not None)
    diagnostics = sort_diagnostics(problems.found)
    return (() if has_errors(diagnostics) else layouts), diagnostics


def _lay_out_file(file: LawFile, problems: Problems) -> FileLayout | None:
    errors = problems.errors
    text = Shelf().read(file, problems)
    nodes = () if text is None else read_documents(text, problems)
    documents = _documents_of(file, nodes, problems)
    if text is None or problems.errors > errors:
        return None
    formatted = format_text(text, nodes)
    assert formatted is not None, "a file without errors can be laid out"
    with file.path.open(encoding="utf-8", newline="") as stream:
        before = stream.read()
    if formatted.text != before:
        _verify(file, documents, formatted)
    return FileLayout(path=file.path, name=file.name, before=before, after=formatted.text)


def _verify(file: LawFile, documents: Sequence[object], formatted: Formatted) -> None:
    """Read the new text: it says the same, keeps every comment, and would not be changed again."""
    problems = Problems()
    text = decode_text(formatted.text.encode(), file.name, problems, tabs=False)
    nodes = () if text is None else read_documents(text, problems)
    again = None if text is None or problems.errors else format_text(text, nodes)
    read = _documents_of(file, nodes, problems)
    if again is None or _without_places(read) != _without_places(documents):
        raise LayoutError(f"{file.name}: another layout would change what the file says")
    if again.remarks != formatted.remarks:
        raise LayoutError(f"{file.name}: another layout would lose a comment")
    if again.text != formatted.text:
        raise LayoutError(f"{file.name}: the layout is not stable")


def _documents_of(file: LawFile, nodes: Sequence[Node], problems: Problems) -> list[object]:
    """Give the law that the nodes of a file say."""
    shelf = Shelf()

    def beside(node: ScalarNode, reports: Problems) -> Source | None:
        return shelf.read_beside(file, node, reports)

    return [read_document(node, problems, beside) for node in nodes]


def _without_places(part: object) -> object:
    """Give nested tuples of the values of dataclasses and structs, all spans left out."""
    if isinstance(part, list | tuple):
        return tuple(_without_places(item) for item in part)
    if isinstance(part, Span):
        return None
    if dataclasses.is_dataclass(part):
        values = tuple(getattr(part, field.name) for field in dataclasses.fields(part))
    elif isinstance(part, msgspec.Struct):
        values = msgspec.structs.astuple(part)
    else:
        return part
    return (type(part).__name__, *(_without_places(value) for value in values))
