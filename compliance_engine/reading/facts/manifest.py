"""`site.yaml`: which files of a site give which facts, what is stated about them, and records written in place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.facts import Complete
from compliance_engine.reading.facts.emits import EMIT_KEYS, Entries, read_emit
from compliance_engine.reading.facts.nodes import Trouble, compose, count, day, entries, is_empty, items, text
from compliance_engine.reading.facts.zones import is_zone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from compliance_engine.kernel.diagnostic import Diagnostic
    from compliance_engine.kernel.span import Span
    from compliance_engine.model.program import FactType
    from compliance_engine.reading.facts.spec import Emit

MANIFEST = "site.yaml"
MAPPINGS = "mappings"
KEYS = ("facts", "zone", "since", "records", "sources", "complete")
SOURCE_KEYS = (
    "file",
    "sheet",
    "header",
    "separator",
    "encoding",
    "decimal",
    "at",
    "sql",
    "complete",
    "mapping",
    *EMIT_KEYS,
)

_TEXT_KEYS = ("sheet", "separator", "encoding", "decimal", "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A record in place: the line that it begins on, and its cells."""

    line: int
    cells: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDecl:
    """A file or a query, how to read it, and the facts that its rows give. `path` is resolved; None for a query."""

    path: Path | None
    url: str = ""
    query: str = ""
    sheet: str | None = None
    header: int = 1
    separator: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    at: str | None = None
    emits: tuple[Emit, ...]
    complete: tuple[tuple[date, date], ...] = ()
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest. `digests`: names and SHA-256 of it and the mappings that it uses."""

    name: str
    folder: Path
    zone: str | None
    since: date | None
    records: Mapping[str, tuple[Written, ...]]
    sources: tuple[SourceDecl, ...]
    complete: tuple[Complete, ...]
    digests: tuple[tuple[str, str], ...]


def read_manifest(path: Path, types: Mapping[str, FactType]) -> tuple[Manifest | None, list[Diagnostic]]:
    """Read a manifest; None where it is none at all."""
    trouble = Trouble(path.as_posix())
    data = path.read_bytes()
    root = compose(data, trouble)
    parts = entries(root, "the manifest", KEYS, trouble)
    if not parts:
        return None, trouble.found
    name = text(parts["facts"][1], "`facts`", trouble) if "facts" in parts else None
    if "facts" not in parts:
        trouble.report("facts-missing-key", "a manifest begins with its name", root, "facts: riverside")
    reader = _Reader(path.parent, types, trouble)
    zone = text(_value(parts, "zone"), "`zone`", trouble)
    if zone is not None and not is_zone(zone):
        trouble.report(
            "facts-unknown-zone",
            f"there is no time zone {zone!r}",
            _value(parts, "zone"),
            "for example America/Chicago",
        )
        zone = None
    manifest = Manifest(
        name=name or path.parent.name,
        folder=path.parent,
        zone=zone,
        since=day(_value(parts, "since"), "`since`", trouble),
        records=reader.records(_value(parts, "records")),
        sources=tuple(
            s for n in items(_value(parts, "sources"), "`sources`", trouble) if (s := reader.source(n)) is not None
        ),
        complete=reader.statements(_value(parts, "complete")),
        digests=((MANIFEST, hashlib.sha256(data).hexdigest()), *sorted(reader.digests.items())),
    )
    return manifest, trouble.found


def _value(parts: Entries, key: str) -> yaml.Node | None:
    return parts[key][1] if key in parts else None


class _Reader:
    """Reads the parts of one manifest in `folder`."""

    def __init__(self, folder: Path, types: Mapping[str, FactType], trouble: Trouble) -> None:
        self.folder = folder
        self.types = types
        self.trouble = trouble
        self.digests: dict[str, str] = {}

    def records(self, node: yaml.Node | None) -> dict[str, tuple[Written, ...]]:
        """Read records in place."""
        found = {}
        for name, (key, value) in entries(node, "`records`", None, self.trouble).items():
            if self._is_type(name, key):
                known = ("id", "_known", *(f.name for f in self.types[name].fields))
                found[name] = tuple(
                    self._record(n, name, known) for n in items(value, f"the records of `{name}`", self.trouble)
                )
        return found

    def _record(self, node: yaml.Node, name: str, known: tuple[str, ...]) -> Written:
        cells: dict[str, str | None] = {}
        for field, (_, value) in entries(node, f"a record of `{name}`", known, self.trouble).items():
            empty = is_empty(value) or (isinstance(value, yaml.ScalarNode) and value.value == "")
            cells[field] = None if empty else text(value, f"`{name}.{field}`", self.trouble)
        return Written(line=node.start_mark.line + 1, cells=cells)

    def _is_type(self, name: str, node: yaml.Node) -> bool:
        if name not in self.types:
            self.trouble.report_type(name, self.types, node)
        return name in self.types

    def source(self, node: yaml.Node) -> SourceDecl | None:
        """Read one of `sources`."""
        parts = entries(node, "a source", SOURCE_KEYS, self.trouble)
        url, query = self._database(parts, node)
        path = self._file(parts, node) if not url else None
        emits = self._emits(parts, node)
        if not emits or (path is None and not url):
            return None
        said = {k: text(_value(parts, k), f"`{k}`", self.trouble) for k in _TEXT_KEYS}
        if said["separator"] is not None and len(said["separator"]) != 1:
            self.trouble.report(
                "facts-bad-separator", "`separator`: expected one character", _value(parts, "separator")
            )
            said["separator"] = None
        if said["decimal"] not in (None, ",", "."):
            self.trouble.report(
                "facts-bad-decimal", "`decimal`: expected a comma or a point", _value(parts, "decimal"), 'decimal: ","'
            )
        return SourceDecl(
            path=path,
            url=url,
            query=query,
            emits=emits,
            span=self.trouble.span(_value(parts, "file") or node),
            header=count(_value(parts, "header"), "`header`", self.trouble, 1),
            sheet=said["sheet"],
            separator=said["separator"],
            encoding=said["encoding"],
            decimal=said["decimal"],
            at=said["at"],
            complete=self._windows(_value(parts, "complete")),
        )

    def _database(self, parts: Entries, node: yaml.Node) -> tuple[str, str]:
        if "sql" not in parts:
            return "", ""
        if "file" in parts:
            self.trouble.report("facts-key-twice", "a source has either `file` or `sql`", parts["sql"][0])
        inner = entries(parts["sql"][1], "`sql`", ("url", "query"), self.trouble)
        url = text(_value(inner, "url"), "`url`", self.trouble)
        query = text(_value(inner, "query"), "`query`", self.trouble)
        if url is None or query is None:
            self.trouble.report(
                "facts-missing-key",
                "`sql` needs a `url` and a `query`",
                node,
                "sql: {url: sqlite:///lab.db, query: select * from results}",
            )
            return "", ""
        return url, query

    def _file(self, parts: Entries, node: yaml.Node) -> Path | None:
        if "file" not in parts:
            if "sql" not in parts:
                self.trouble.report(
                    "facts-missing-key", "a source needs a `file`, or `sql`", node, "file: monitoring/2026.csv"
                )
            return None
        return self._inside(parts["file"][1], (self.folder,))

    def _inside(self, node: yaml.Node, roots: tuple[Path, ...]) -> Path | None:
        """Give the file that is named, if it lies in one of the folders, links followed."""
        name = text(node, "`file`", self.trouble)
        if name is None:
            return None
        try:
            path = (self.folder / name).resolve()
            lies_inside, exists = any(path.is_relative_to(root.resolve()) for root in roots), path.is_file()
        except (OSError, ValueError, RuntimeError):  # the last: links that lead in a circle
            self.trouble.report("facts-missing-file", f"{name!r} is no path", node)
            return None
        if not lies_inside:
            self.trouble.report("facts-path-escapes", f"{name} lies outside the folder of the manifest", node)
        elif not exists:
            near = sorted(
                p.relative_to(self.folder.resolve()).as_posix()
                for p in path.parent.glob("*")
                if p.is_file() and p.is_relative_to(self.folder.resolve())
            )
            self.trouble.report("facts-missing-file", f"there is no file {name}", node, did_you_mean(name, near))
        return path if lies_inside and exists else None

    def _emits(self, parts: Entries, node: yaml.Node) -> tuple[Emit, ...]:
        if "mapping" not in parts:
            emit = read_emit(parts, node, self.types, self.trouble)
            return () if emit is None else (emit,)
        for key in EMIT_KEYS:
            if key in parts:
                self.trouble.report(
                    "facts-key-twice", f"with a `mapping`, `{key}` stands in the mapping", parts[key][0]
                )
        path = self._inside(parts["mapping"][1], (self.folder, self.folder.resolve().parent / MAPPINGS))
        if path is None:
            return ()
        emits, digest, found = read_mapping(path, self.types)
        self.trouble.found += found
        self.digests[path.name] = digest
        return emits

    def _windows(self, node: yaml.Node | None) -> tuple[tuple[date, date], ...]:
        if node is None:
            return ()
        nodes = items(node, "`complete`", self.trouble) if isinstance(node, yaml.SequenceNode) else [node]
        found = [self._window(entries(n, "`complete`", ("from", "to"), self.trouble), n) for n in nodes]
        return tuple(window for window in found if window is not None)

    def _window(self, parts: Entries, node: yaml.Node) -> tuple[date, date] | None:
        start, end = (day(_value(parts, k), f"`{k}` of `complete`", self.trouble) for k in ("from", "to"))
        if start is None or end is None:
            if not parts.keys() >= {"from", "to"}:  # else it is told which of them is no day
                self.trouble.report(
                    "facts-missing-key", "`complete` needs `from` and `to`", node, "{from: 2025-01-01, to: 2025-12-31}"
                )
            return None
        if start > end:
            self.trouble.report("facts-bad-window", f"`complete` ends on {end}, before it begins on {start}", node)
            return None
        return start, end

    def statements(self, node: yaml.Node | None) -> tuple[Complete, ...]:
        """Read the manifest's own `complete`."""
        found = []
        for n in items(node, "`complete`", self.trouble):
            parts = entries(n, "`complete`", ("type", "from", "to", "site"), self.trouble)
            name, window = text(_value(parts, "type"), "`type`", self.trouble), self._window(parts, n)
            site = text(_value(parts, "site"), "`site`", self.trouble)
            if name is None:
                self.trouble.report("facts-missing-key", "`complete` needs a `type`", n)
            elif self._is_type(name, parts["type"][1]) and window is not None:
                found.append(Complete(type=name, start=window[0], end=window[1], site=site))
        return tuple(found)


def read_mapping(path: Path, types: Mapping[str, FactType]) -> tuple[tuple[Emit, ...], str, list[Diagnostic]]:
    """Read a mapping file: the facts that a row of a public format gives, and the digest of the file."""
    trouble = Trouble(path.as_posix())
    data = path.read_bytes()
    root = compose(data, trouble)
    parts = entries(root, "the mapping", ("mapping", "source", "emit"), trouble)
    if "emit" not in parts:
        trouble.report("facts-missing-key", "a mapping needs `emit`: the list of facts that a row gives", root)
    emits = []
    for node in items(_value(parts, "emit"), "`emit`", trouble):
        emit = read_emit(entries(node, "a part of `emit`", EMIT_KEYS, trouble), node, types, trouble)
        emits += [] if emit is None else [emit]
    return tuple(emits), hashlib.sha256(data).hexdigest(), trouble.found
