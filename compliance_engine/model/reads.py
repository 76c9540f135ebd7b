"""Which provisions' findings other provisions read, and how far they look back: known of a program before any facts are."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from compliance_engine.model import expression as ex
from compliance_engine.model.parts import MOST, parts
from compliance_engine.model.program import Program, ProvisionSpec, SubjectSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

# A provision about findings may look back at earlier ones of its kind: so far, in months.
LOOK_BACK = 12


def with_reads(program: Program) -> Program:
    """Give the program with what it says of its reading of findings: `readers` and `lookback`."""
    readers: dict[str, set[str]] = {}
    found: dict[str, int] = {}
    for ids in reversed(program.strata):
        for name in ids:
            versions = program.provisions.get(name, ())
            read = _provisions_read(program, versions or _spells(program, name))
            for other in read:
                readers.setdefault(other, set()).add(name)
            for version in versions if read else ():
                _note_reach(program, name, version, found)
    return msgspec.structs.replace(
        program,
        readers={name: tuple(sorted(others)) for name, others in sorted(readers.items())},
        lookback={name: months for name, months in sorted(found.items()) if months},
    )


def _spells(program: Program, name: str) -> object:
    """Give what a definition reads if its spells are facts, which are found whether or not a provision asks."""
    spec = program.definitions.get(name)
    return (spec.lets, spec.fields) if spec is not None and spec.spells else ()


def _note_reach(program: Program, name: str, version: ProvisionSpec, found: dict[str, int]) -> None:
    """Note how many months before the horizon the findings are read that a version's duties read, now that its own readers are known."""
    for duty in version.duties:
        sliding = duty.grain.count - 1 if duty.grain is not None and duty.grain.kind == "sliding" else 0
        reach = max(sliding, LOOK_BACK if _looks_back(program, (version.lets, duty)) else 0) + found.get(name, 0)
        for read in _provisions_read(program, (version.subject, version.lets, duty)):
            found[read] = max(found.get(read, 0), reach)


def _looks_back(program: Program, part: object) -> bool:
    """Say whether an expression reads findings in a window of its own, or of another period; through definitions too."""
    return any(
        (isinstance(node, ex.Set) and node.source in {"finding", "slot"} and node.window is not None)
        or (isinstance(node, ex.FindingRef | ex.DefinitionRef) and (node.at is not None or node.back))
        for read in _read_through(program, part)
        for node in parts(read)
    )


def _provisions_read(program: Program, part: object) -> frozenset[str]:
    """List the provisions whose findings an expression reads, through definitions too."""
    return frozenset(name for read in _read_through(program, part) for name in _own_reads(read))


@lru_cache(maxsize=MOST)
def _own_reads(part: object) -> frozenset[str]:
    """List the provisions whose findings are read by what stands in an expression itself."""
    found: set[str] = set()
    for node in parts(part):
        if isinstance(node, ex.FindingRef):
            found.add(node.provision)
        elif (isinstance(node, ex.Set) and node.source == "finding") or (
            isinstance(node, SubjectSpec) and node.finding
        ):
            found.add(node.type)
    return frozenset(found)


def _read_through(program: Program, part: object) -> Iterator[object]:
    """Give an expression, and what each definition says that it reads."""
    waiting, seen = [part], set[str]()
    while waiting:
        current = waiting.pop()
        yield current
        for name in _definitions_in(current) - seen:
            seen.add(name)
            spec = program.definitions[name]
            waiting.append((spec.lets, spec.fields))


@lru_cache(maxsize=MOST)
def _definitions_in(part: object) -> frozenset[str]:
    return frozenset(node.id for node in parts(part) if isinstance(node, ex.DefinitionRef))
