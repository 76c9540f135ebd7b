"""`table` documents, with their rows in the document or in a CSV file beside it."""

import csv
from collections.abc import Callable, Iterator

from compliance_engine.kernel.span import Span
from compliance_engine.model.law import FieldDecl, TableDecl
from compliance_engine.reading.law.definitions import read_source_of
from compliance_engine.reading.law.nodes import (
    ListNode,
    MapNode,
    Node,
    ScalarNode,
    Source,
    describe_node,
    repeated,
    shorten,
)
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.schema import Entries, document_title
from compliance_engine.reading.law.vocabulary import read_field, read_fields

Beside = Callable[[ScalarNode, Problems], Source | None]
TABLE_KEYS = ("table", "citation", "keys", "columns", "rows", "file", "on_miss")
ON_MISS = ("undetermined", "none")
_Rows = list[tuple[tuple[str, ...], Span]]


def read_table(node: MapNode, problems: Problems, beside: Beside) -> TableDecl:
    """Read a `table` document; `beside` reads a file that the document names."""
    entries = Entries(node, document_title(node, "table"), TABLE_KEYS, problems)
    keys, bands = _read_keys(entries)
    columns = _read_columns(entries)
    names = tuple(field.name.text for field in (*keys, *columns))
    twice = repeated(names)
    if twice is not None:
        problems.report(
            "duplicate-key", f"{entries.what} has two columns `{twice}`", entries.place("columns"), hint="rename one"
        )
    rows = _read_rows(entries, names, beside)
    return TableDecl(
        id=entries.identifier("table"),
        citation=read_source_of(entries),
        keys=keys,
        bands=bands,
        columns=columns,
        rows=tuple(row for row, _ in rows),
        row_spans=tuple(span for _, span in rows),
        on_miss=entries.choice("on_miss", ON_MISS, default="undetermined"),
    )


def _read_keys(entries: Entries) -> tuple[tuple[FieldDecl, ...], frozenset[str]]:
    """Read the key columns, and which of them are banded."""
    node = entries.mapping("keys", required=True)
    if node is None:
        return (), frozenset()
    label = entries.label("keys")
    fields = tuple(read_field(key, value, label, entries.problems, ("band",)) for key, value in node.entries)
    bands = [
        key.text
        for key, value in node.entries
        if isinstance(value, MapNode) and _read_band(value, f"key {key.text} of {entries.what}", entries.problems)
    ]
    return fields, frozenset(bands)


def _read_band(node: MapNode, what: str, problems: Problems) -> bool:
    """Say whether a key is a band (`band: from`)."""
    entries = Entries(node, what, tuple(key.text for key, _ in node.entries), problems)
    return entries.has("band") and entries.choice("band", ("from",)) == "from"


def _read_columns(entries: Entries) -> tuple[FieldDecl, ...]:
    node = entries.mapping("columns")
    return () if node is None else read_fields(node, entries.label("columns"), entries.problems)


def _read_rows(entries: Entries, names: tuple[str, ...], beside: Beside) -> _Rows:
    """Read the rows as texts, keys first."""
    if entries.has("rows") == entries.has("file"):
        entries.problems.report(
            "missing-key" if not entries.has("rows") else "too-many-values",
            f"{entries.what} has {'both `rows` and' if entries.has('rows') else 'neither `rows` nor'} `file`",
            entries.span,
            hint="rows: [[BOD5, 30]], or file: limits.csv",
        )
        return []
    file = entries.scalar("file")
    if file is not None:
        text = beside(file, entries.problems)
        return [] if text is None else _read_csv(text, names, entries)
    return [row for node in entries.items("rows", filled=True) if (row := _read_row(node, names, entries)) is not None]


def _read_row(node: Node, names: tuple[str, ...], entries: Entries) -> tuple[tuple[str, ...], Span] | None:
    """Read one row that is written in the document."""
    what = f"a row of {entries.label('rows')}"
    if not isinstance(node, ListNode):
        entries.problems.report(
            "wrong-kind", f"{what}: found {describe_node(node)}, expected a list", node.span, hint="rows: [[BOD5, 30]]"
        )
        return None
    cells = [_cell(item, what, entries.problems) for item in node.items]
    return _sized(tuple(cells), names, node.span, entries)


def _cell(node: Node, what: str, problems: Problems) -> str:
    if isinstance(node, ScalarNode):
        return "" if node.is_empty else node.text.strip()
    problems.report("wrong-kind", f"{what}: found {describe_node(node)}, expected a text", node.span)
    return ""


def _sized(
    cells: tuple[str, ...], names: tuple[str, ...], span: Span, entries: Entries
) -> tuple[tuple[str, ...], Span] | None:
    """Give the row if it has a cell for each column."""
    if len(cells) == len(names):
        return cells, span
    entries.problems.report(
        "row-length",
        f"a row of {entries.what} has {len(cells)} cells, expected {len(names)}",
        span,
        hint=f"one for each of: {', '.join(names)}",
    )
    return None


def _read_csv(text: Source, names: tuple[str, ...], entries: Entries) -> _Rows:
    """Read the rows of a CSV file, whose header names the keys and columns in any order."""
    name = text.name
    rows = _csv_rows(text, entries.problems)
    header, place = next(rows, ((), Span(name, 1, 1)))
    if sorted(header) != sorted(names):
        entries.problems.report(
            "bad-header",
            f"the header of the file of {entries.what} is `{shorten(','.join(header))}`",
            place,
            hint=f"expected: {','.join(names)}",
            related=((entries.place("file"), "named here"),),
        )
        return []
    order = [header.index(column) for column in names]
    sized = [_sized(cells, header, span, entries) for cells, span in rows if cells]
    return [(tuple(cells[k] for k in order), span) for cells, span in filter(None, sized)]


def _csv_rows(text: Source, problems: Problems) -> Iterator[tuple[tuple[str, ...], Span]]:
    """Give each row without surrounding blanks, with its first line."""
    reader = csv.reader(text.text.splitlines(keepends=True), strict=True)
    line = 1
    try:
        for cells in reader:
            yield tuple(cell.strip() for cell in cells), Span(text.name, line, 1)
            line = reader.line_num + 1
    except csv.Error as error:
        problems.report(
            "broken-csv",
            f"this is not CSV: {error}",
            Span(text.name, line, 1),
            hint='a quote inside a cell is doubled: ""',
        )
