"""Facts from paths: manifests, the files that they name, and what all of it says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from compliance_engine.kernel.diagnostic import Diagnostic, has_errors, sort_diagnostics
from compliance_engine.kernel.pool import in_the_pool
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.facts import Complete, Facts
from compliance_engine.reading.facts.assembling import Part, Stated, assemble, part_of
from compliance_engine.reading.facts.delimited import REPLACED
from compliance_engine.reading.facts.manifest import MANIFEST, Manifest, SourceDecl, read_manifest, read_mapping
from compliance_engine.reading.facts.opening import Opened, digest_of_file, open_source
from compliance_engine.reading.facts.records import record_part, site_zones, zone_diagnostics
from compliance_engine.reading.facts.rows import Raw, read_rows
from compliance_engine.reading.facts.tables import Cells, Loaded, Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from compliance_engine.model.program import FactType

LITTLE = 4_000_000  # bytes
_SEPARATORS = (";", "\t", "|")
_LONGEST_HEADER = 60
_READ_AMISS = (
    "the header holds bytes that are no text in this encoding: say which it is, for example `encoding: cp1252`"
)


def read_facts(
    paths: Sequence[Path | str], types: Mapping[str, FactType], mapping: Path | None = None
) -> tuple[Facts, tuple[Diagnostic, ...]]:
    """Read site folders (each with a `site.yaml`), folders of them, manifests, or data files with a `mapping`.

    Rows that cannot be used are in `Facts.quarantine`; with an error among the diagnostics the facts are empty.
    """
    found = [_no_url(str(path)) for path in paths if "://" in str(path)]
    manifests = [m for path in paths if "://" not in str(path) for m in _manifests(Path(path), types, mapping, found)]
    twice = sorted({m.name for m in manifests if [o.name for o in manifests].count(m.name) > 1})
    if twice and mapping is None:
        found.append(Diagnostic(code="facts-name-twice", message=f"two manifests have the name {', '.join(twice)}"))

    def read() -> Facts:
        return _read(manifests, types, found)

    facts = in_the_pool(read) if _is_little(manifests) else read()
    return facts, sort_diagnostics(found)


def _is_little(manifests: Sequence[Manifest]) -> bool:
    """Say whether all sources are files that are read in a moment."""
    paths = {source.path for manifest in manifests for source in manifest.sources}
    return None not in paths and sum(path.stat().st_size for path in paths if path and path.is_file()) < LITTLE


def _read(manifests: Sequence[Manifest], types: Mapping[str, FactType], found: list[Diagnostic]) -> Facts:
    """Read what the manifests name, and put it together."""
    sites = [_read_site(m, types, found, prefix=f"{m.name}/" if len(manifests) > 1 else "") for m in manifests]
    if has_errors(found):
        return Facts(tables={})
    stated = _stated(sites, types, alone=len(sites) == 1)
    found += zone_diagnostics(stated.zones)
    if has_errors(found):
        return Facts(tables={})
    parts = [part for site in sites for part in site.parts]
    sites.clear()
    return assemble(parts, types, stated)


def _no_url(url: str) -> Diagnostic:
    # Not the URL itself: it may hold a password.
    message = f"a database ({url.split(':', 1)[0]}) is named in a {MANIFEST}, which says what its columns are"
    return Diagnostic(
        code="facts-no-mapping", message=message, hint="sources: [{sql: {url: ..., query: ...}, type: ...}]"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    """A manifest with all that its sources gave."""

    manifest: Manifest
    parts: tuple[Part, ...]
    prefix: str

    def ids(self, types: Mapping[str, FactType]) -> set[str]:
        """List the sites that occur in it."""
        found: set[str] = set()
        for part in self.parts:
            for chunk in part.chunks:
                chain = types[chunk.type].site
                if chain in ((), ("site",)) or chunk.type == "site":
                    column = "site" if chain else "id"
                    found |= {str(s) for s in chunk.frame[column].unique().drop_nulls().to_list()}
        return found


def _manifests(
    path: Path, types: Mapping[str, FactType], mapping: Path | None, found: list[Diagnostic]
) -> list[Manifest]:
    """Give the manifests that a path stands for."""
    if mapping is not None and path.is_file():
        return _mapped(path, types, mapping, found)
    if path.is_dir() and (path / MANIFEST).is_file():
        return _one(path / MANIFEST, types, found)
    if path.is_dir():
        inner = sorted(child / MANIFEST for child in path.iterdir() if (child / MANIFEST).is_file())
        if not inner:
            found.append(
                Diagnostic(
                    code="facts-no-manifest",
                    message=f"{path} has no {MANIFEST}, nor has a folder in it",
                    hint="docs/facts.md shows one",
                )
            )
        return [m for manifest in inner for m in _one(manifest, types, found)]
    if not path.is_file():
        near = [p.as_posix() for p in path.parent.iterdir()] if path.parent.is_dir() else []
        found.append(
            Diagnostic(
                code="facts-missing-path", message=f"there is no {path}", hint=did_you_mean(path.as_posix(), near)
            )
        )
        return []
    if path.suffix in (".yaml", ".yml"):
        return _one(path, types, found)
    message = f"{path} is a data file: a {MANIFEST} or a mapping is to say what it holds"
    found.append(
        Diagnostic(code="facts-no-mapping", message=message, hint="--mapping facts/mappings/icis-npdes-dmr.yaml")
    )
    return []


def _one(path: Path, types: Mapping[str, FactType], found: list[Diagnostic]) -> list[Manifest]:
    manifest, diagnostics = read_manifest(path, types)
    found += diagnostics
    return [] if manifest is None else [manifest]


def _mapped(path: Path, types: Mapping[str, FactType], mapping: Path, found: list[Diagnostic]) -> list[Manifest]:
    if not mapping.is_file():
        found.append(Diagnostic(code="facts-missing-file", message=f"there is no mapping {mapping}"))
        return []
    emits, digest, diagnostics = read_mapping(mapping, types)
    found += diagnostics
    source = SourceDecl(path=path.resolve(), emits=emits, span=Span(path.as_posix(), 1, 1))
    return [
        Manifest(
            name=path.name,
            folder=path.resolve().parent,
            zone=None,
            since=None,
            records={},
            sources=(source,),
            complete=(),
            digests=((mapping.name, digest),),
        )
    ]


def _read_site(manifest: Manifest, types: Mapping[str, FactType], found: list[Diagnostic], *, prefix: str) -> _Site:
    written = {name: records for name, records in manifest.records.items() if records}
    digest = dict(manifest.digests).get(MANIFEST)
    parts = [
        record_part(
            prefix + MANIFEST,
            [record.cells for record in records],
            types[name],
            numbers=[record.line for record in records],
            sheet="",
            digest=digest,
        )
        for name, records in written.items()
    ]
    total = sum(len(records) for records in written.values())
    parts = [replace(part, rows=total) for part in parts]
    opened: dict[object, Opened | Trouble] = {}
    for source in manifest.sources:
        part = _read_source(source, manifest, types, found, opened, prefix)
        parts += [] if part is None else [part]
    found += [d for part in parts for chunk in part.chunks for d in chunk.diagnostics]
    return _Site(manifest=manifest, parts=tuple(parts), prefix=prefix)


def _read_source(
    source: SourceDecl,
    manifest: Manifest,
    types: Mapping[str, FactType],
    found: list[Diagnostic],
    opened: dict[object, Opened | Trouble],
    prefix: str,
) -> Part | None:
    key = (
        source.path,
        source.url,
        source.query,
        source.sheet,
        source.header,
        source.separator,
        source.encoding,
        source.at,
    )
    if key not in opened:
        opened[key] = open_source(source, manifest.folder)
    table = opened[key]
    if isinstance(table, Trouble):
        found.append(_diagnostic(table, source.span))
        return None
    missing = _missing_columns(source, table)
    if missing:
        found += missing
        return None
    names = tuple(dict.fromkeys(name for emit in source.emits for name in emit.names))
    with ThreadPoolExecutor(1) as beside:
        digest = None if source.path is None else beside.submit(digest_of_file, source.path)
        cells = table.table.read(names)
        if isinstance(cells, Trouble):
            found.append(_diagnostic(cells, source.span))
            return None
        raw = _raw(source, manifest, table, cells, prefix)
        chunks = [read_rows(raw, emit, types[emit.type]) for emit in source.emits]
        raw = replace(raw, digest=table.digest or "" if digest is None else digest.result())
    return part_of(raw, chunks, [emit.type for emit in source.emits if emit.distinct])


def _raw(source: SourceDecl, manifest: Manifest, table: Opened, cells: Cells, prefix: str) -> Raw:
    name = table.name or ""
    if source.path is not None:
        name = source.path.relative_to(manifest.folder.resolve()).as_posix()
    return Raw(
        frame=cells.frame,
        name=prefix + name,
        sheet=source.sheet or "",
        digest="",
        rows=cells.rows,
        refused=cells.refused,
        commas=source.decimal == ",",
    )


def _diagnostic(trouble: Trouble, span: Span | None) -> Diagnostic:
    return Diagnostic(code=trouble.code, message=trouble.message, span=span, hint=trouble.hint)


def _missing_columns(source: SourceDecl, table: Opened) -> list[Diagnostic]:
    """Report each column that is named and does not exist, or exists twice."""
    columns = table.table.columns
    found = []
    for emit in source.emits:
        specs = [*emit.columns.values(), *([emit.known] if emit.known else [])]
        places = {name: spec.span for spec in specs for name in spec.names} | dict.fromkeys(emit.where, emit.span)
        for name, span in places.items():
            if columns.count(name) != 1:
                message = f"there is no column {name!r}" if name not in columns else f"two columns are named {name!r}"
                hint = "rename one of them in the file" if name in columns else did_you_mean(name, columns)
                hint = _READ_AMISS if any(REPLACED in column for column in columns) else hint
                found.append(Diagnostic(code="facts-unknown-column", message=message, span=span, hint=hint))
    return (found and (_otherwise_parted(source, columns) or _without_rows(source, table))) or found


def _without_rows(source: SourceDecl, table: Opened) -> list[Diagnostic]:
    """Say that no row can be read, where columns come from rows; nothing where there are columns."""
    if table.table.columns or not isinstance(table.table, Loaded) or table.table.refused.is_empty():
        return []
    row, reason = table.table.refused.select("row", "reason").row(0)
    return [
        Diagnostic(code="facts-no-records", message=f"no record can be read; row {row}: {reason}", span=source.span)
    ]


def _otherwise_parted(source: SourceDecl, columns: Sequence[str]) -> list[Diagnostic]:
    """Say that the header is one cell in which another sign parts the columns; nothing where it does not look so."""
    apart = next((sign for sign in _SEPARATORS if len(columns) == 1 and sign in columns[0]), None)
    if apart is None or source.path is None or source.separator is not None:
        return []
    message = f"the header is one cell, {columns[0][:_LONGEST_HEADER]!r}: its columns are not parted by commas"
    hint = f"say `separator: {apart!r}` of the source".replace("'", '"')
    return [Diagnostic(code="facts-separator", message=message, span=source.span, hint=hint)]


def _stated(sites: Sequence[_Site], types: Mapping[str, FactType], *, alone: bool) -> Stated:
    zones: dict[str, str] = {}
    since: dict[str, date] = {}
    complete: list[Complete] = []
    for site in sites:
        manifest = site.manifest
        ids = [] if alone and not manifest.zone else sorted(site.ids(types))
        zones |= dict.fromkeys(ids, manifest.zone) if manifest.zone else {}
        zones |= site_zones(site.parts)
        if manifest.since is not None:
            since |= {"": manifest.since} if alone else dict.fromkeys(ids, manifest.since)
        for statement in (*manifest.complete, *_source_statements(manifest)):
            everywhere = alone or statement.site is not None or types[statement.type].site is None
            complete += [statement] if everywhere else [replace(statement, site=i) for i in ids]
    texts = tuple((site.prefix + name, digest) for site in sites for name, digest in site.manifest.digests)
    return Stated(complete=tuple(complete), since=since, zones=zones, texts=texts)


def _source_statements(manifest: Manifest) -> list[Complete]:
    found = []
    for source in manifest.sources:
        for emit in source.emits:
            constant = emit.columns["site"].constant if "site" in emit.columns else None
            found += [Complete(type=emit.type, start=a, end=b, site=constant) for a, b in source.complete]
    return found
