"""The files of a ruleset: which are read, under which names, and what they are together (their digest)."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from compliance_engine.kernel.span import Span
from compliance_engine.reading.law.nodes import ScalarNode, Source, shorten
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.texts import MAX_BYTES, decode_text

SUFFIXES = (".yaml", ".yml")
SHARED = "vocabulary.yaml"
# A topic may lie so many folders below its vocabulary: us/cwa/npdes/limits below us/cwa.
DEEPEST = 3
_TABLE_FILE = re.compile(r"[\w][\w.-]{0,80}(/[\w][\w.-]{0,80}){0,3}\.csv", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class LawFile:
    """A file of law: where it is, its name in diagnostics, its name in the ruleset, and the ruleset's folder."""

    path: Path
    name: str
    relative: str
    root: Path


class Shelf:
    """Reads the files of a ruleset and remembers what was read."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._read: dict[Path, tuple[str, bytes]] = {}

    def read(self, file: LawFile, problems: Problems, *, tabs: bool = False) -> Source | None:
        """Read a file as text; None after a report."""
        try:
            with file.path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            problems.report("unreadable-file", f"the file cannot be read: {error.strerror}", Span(file.name, 1, 1))
            return None
        self._read[file.path.resolve()] = (file.relative, data)
        return decode_text(data, file.name, problems, tabs=tabs)

    def read_beside(self, file: LawFile, node: ScalarNode, problems: Problems) -> Source | None:
        """Read a file that a document of `file` names; it lies beside it or below, inside the ruleset."""
        written = node.text.strip()
        if (
            not _TABLE_FILE.fullmatch(written)
            or ".." in written
            or not _is_inside(file.path.parent / written, file.root)
        ):
            problems.report(
                "file-outside",
                f"`file: {shorten(written)}` names no CSV file of the ruleset",
                node.span,
                hint="a table's file lies beside its document: file: limits.csv",
            )
            return None
        target = file.path.parent / written
        if not target.is_file():
            problems.report("no-such-file", f"there is no file `{written}` beside this one", node.span)
            return None
        name = str(PurePosixPath(file.name).parent / written)
        relative = str(PurePosixPath(file.relative).parent / written)
        return self.read(LawFile(path=target, name=name, relative=relative, root=file.root), problems, tabs=True)

    def digest(self) -> str:
        """Give the SHA-256 over names in the ruleset and bytes, in order of name."""
        total = sha256()
        for relative, data in sorted(self._read.values()):
            total.update(f"{len(relative.encode())} {relative} {len(data)}\n".encode())
            total.update(data)
        return total.hexdigest()


def find_files(paths: Sequence[Path], problems: Problems) -> tuple[LawFile, ...]:
    """List the files to read, each once, in order of their names in the ruleset.

    A folder is walked for *.yaml and *.yml, leaving out what begins with a dot. The nearest `vocabulary.yaml` above is
    read too, and those right above that one: the vocabulary that rulesets share.
    """
    found: dict[Path, LawFile] = {}
    for path in sorted(paths):
        if not path.exists():
            problems.report("no-such-file", f"there is no file or folder `{path}`", Span(str(path), 1, 1))
            continue
        files = tuple(_files_of(path, problems))
        if not files:
            problems.report("no-law", f"`{path}` holds no *.yaml file", Span(str(path), 1, 1))
        for file in files:
            found.setdefault(file.path.resolve(), file)
    return tuple(sorted(found.values(), key=lambda file: (file.relative, file.name)))


def ruleset_above(path: Path) -> Path:
    """Give the whole ruleset that a part belongs to: the nearest folder above with a vocabulary, named as `path` is.

    What has a vocabulary of its own, or none above, is whole.
    """
    place = path.resolve()
    if (place / SHARED).is_file():
        return path
    above = _folders_above(place)
    return _name_above(path, len(place.parts) - len(above[0].parts)) if above else path


def _files_of(path: Path, problems: Problems) -> Iterator[LawFile]:
    """List the files of one given path, and the shared vocabularies above it."""
    place = path.resolve()
    above = _folders_above(place)
    root = above[-1] if above else place if place.is_dir() else place.parent
    for folder in above:
        yield _law_file(folder / SHARED, str(_name_above(path, len(place.parts) - len(folder.parts)) / SHARED), root)
    if place.is_file():
        yield _law_file(place, str(path), root)
        return
    for found in _walk(place, str(path), root, problems):
        yield _law_file(found, str(path / found.relative_to(place)), root)


def _folders_above(place: Path) -> tuple[Path, ...]:
    """List the folders above that share a vocabulary, nearest first; a single file's own folder is among them."""
    own = place if place.is_dir() else place.parent
    folders = [own] if own != place and (own / SHARED).is_file() else []
    if not folders:
        own = next((f.parent for f in (own, *own.parents[:DEEPEST]) if (f.parent / SHARED).is_file()), own)
        folders = [own] if (own / SHARED).is_file() and own != place else []
    while (own.parent / SHARED).is_file() and own.parent != own:
        own = own.parent
        folders.append(own)
    return tuple(folders)


def _name_above(path: Path, height: int) -> Path:
    """Name the folder so many levels above a path, as the path was given."""
    if ".." in path.parts or height > len(path.parts):
        return path.joinpath(*[".."] * height)
    return path.parents[height - 1]


def _law_file(path: Path, name: str, root: Path) -> LawFile:
    relative = path.relative_to(root).as_posix()
    return LawFile(path=path, name=name, relative=relative, root=root)


def _walk(folder: Path, name: str, root: Path, problems: Problems) -> Iterator[Path]:
    """Walk a folder in order of names; links that lead out of the ruleset are refused, hidden names left out."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(entry for entry in folders if not entry.startswith("."))
        for entry in sorted((*folders, *files)):
            path = Path(here, entry)
            is_link = path.is_symlink()
            if entry.startswith(".") or not (is_link or path.suffix in SUFFIXES):
                continue
            if is_link and not _is_inside(path, root):
                place = str(Path(name) / path.relative_to(folder))
                problems.report(
                    "file-outside", "a link leads out of the ruleset", Span(place, 1, 1), hint="copy the file"
                )
            elif path.suffix in SUFFIXES and path.is_file():
                yield path


def _is_inside(path: Path, root: Path) -> bool:
    """Say whether a path, links followed, lies in the folder."""
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a loop of links
        return False
