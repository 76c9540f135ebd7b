"""Compiled rulesets: from the cache where these very files were compiled before, else compiled and cached.

The cache holds plain JSON (never pickle), keyed by a digest of the files' names and bytes and of this software. An evaluation from the cache
imports neither the grammar nor the units: together they cost more than a small evaluation.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from compliance_engine.kernel.collecting import uncollected
from compliance_engine.kernel.diagnostic import Diagnostic, has_errors, join_diagnostics
from compliance_engine.kernel.errors import RulesetError
from compliance_engine.kernel.shipped import resolve_rules
from compliance_engine.model.program import PROGRAM_VERSION, Program, decode_program, encode_program
from compliance_engine.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_engine.model.law import Law

LAW_SUFFIXES = {".yaml", ".yml", ".csv"}
PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A program, its JSON, and what was remarked upon (warnings only; from the cache: none)."""

    program: Program
    data: bytes
    diagnostics: tuple[Diagnostic, ...] = ()


def rules_paths(rules: Sequence[str]) -> tuple[Path, ...]:
    """Find rulesets by path or by shipped name; raises RulesetError with every one that is neither."""
    found = [resolve_rules(text) for text in rules]
    missing = [f for f in found if isinstance(f, Diagnostic)]
    if missing:
        raise RulesetError(missing)
    return tuple(f for f in found if isinstance(f, Path))


def load_program(paths: Sequence[Path], cache: Path | None) -> Compiled:
    """Give the program of these rulesets; raises RulesetError with every mistake of every file."""
    place = None if cache is None else cache / f"{_key(paths)}.json"
    if place is not None and place.is_file():
        with contextlib.suppress(msgspec.MsgspecError, OSError):
            data = place.read_bytes()
            return Compiled(program=decode_program(data), data=data)
    compiled = compile_paths(paths)
    if place is not None and not compiled.diagnostics:
        _keep(place, compiled.data)
    return compiled


def compile_paths(paths: Sequence[Path]) -> Compiled:
    """Read and compile rulesets, not their cases; raises RulesetError with every mistake of every file."""
    _, program, diagnostics = read_and_compile(paths, cases=())
    if program is None or has_errors(diagnostics):
        raise RulesetError(diagnostics)
    return Compiled(program=program, data=encode_program(program), diagnostics=diagnostics)


@uncollected()
def read_and_compile(
    paths: Sequence[Path], *, cases: Sequence[Path] | None = None
) -> tuple[Law, Program | None, tuple[Diagnostic, ...]]:
    """Read and compile rulesets; a program that comes with errors is not to be used, only looked at for further ones."""
    # Start-up: these import Lark and Pint (0.5 s), which an evaluation from the cache does without.
    from compliance_engine.compiling import compile_program, is_whole  # noqa: PLC0415
    from compliance_engine.reading.law import read_law  # noqa: PLC0415

    law, read = read_law(paths, cases=cases)
    program, compiled = compile_program(law)
    diagnostics = join_diagnostics(read, compiled)
    assert program is None or has_errors(diagnostics) or is_whole(law, program), "what was not compiled was reported"
    return law, program, diagnostics


def _key(paths: Sequence[Path]) -> str:
    """Digest the rulesets' files, and the parts of this software that compile them."""
    total = sha256(f"{__version__} {PROGRAM_VERSION}".encode())
    for file in sorted({f for p in paths for f in _files(p)}):
        data = file.read_bytes()
        total.update(f"{file.name} {len(data)} ".encode() + data)
    for part in ("reading/law", "compiling", "model", "kernel"):
        for source in sorted(f for f in (PACKAGE / part).iterdir() if f.suffix in {".py", ".lark"}):
            status = source.stat()
            total.update(f"{source.name} {status.st_size} {status.st_mtime_ns}".encode())
    total.update(" ".join(str(p) for p in paths).encode())
    return total.hexdigest()


def _files(path: Path) -> list[Path]:
    files = [f for f in path.rglob("*") if f.suffix in LAW_SUFFIXES and f.is_file()] if path.is_dir() else [path]
    shared = (above / "vocabulary.yaml" for above in path.resolve().parents)
    return files + [file for file in shared if file.is_file()]


def _keep(place: Path, data: bytes) -> None:
    """Write a cache entry whole or not at all; a cache that cannot be written is no trouble."""
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(place)
