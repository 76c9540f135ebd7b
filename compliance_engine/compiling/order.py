"""An order in which to compile definitions so that chains of them need no deep recursion."""

import dataclasses
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from compliance_engine.compiling.index import Index
from compliance_engine.model.law import Definition
from compliance_engine.model.syntax import Path


def compilation_order(index: Index) -> tuple[str, ...]:
    """List the definitions, each after those that its text seems to name; only a help, names are resolved later."""
    done: dict[str, None] = {}
    for start in sorted(index.definitions):
        waiting = [(start, iter(_named(index.definitions[start], index)))]
        open_ones = {start}
        while waiting:
            identity, following = waiting[-1]
            other = next(following, None)
            if other is None:
                waiting.pop()
                done.setdefault(identity)
            elif other not in done and other not in open_ones:
                open_ones.add(other)
                waiting.append((other, iter(_named(index.definitions[other], index))))
    return tuple(done)


def _named(definition: Definition, index: Index) -> tuple[str, ...]:
    """List the definitions that a document's names may mean."""
    found: set[str] = set()
    for path in paths_in((definition.lets, definition.fields, definition.subject)):
        for start in range(len(path.parts)):
            for end in range(start + 1, len(path.parts) + 1):
                found.update(index.matches(".".join(path.parts[start:end]), index.definitions))
    return tuple(sorted(found))


def paths_in(part: object) -> Iterator[Path]:
    """Give all dotted names in a part of the syntax."""
    waiting: list[Any] = [part]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Path):
            yield current
        elif isinstance(current, tuple):
            waiting.extend(current)
        else:
            waiting.extend(getattr(current, name) for name in _fields_of(type(current)))  # type: ignore[arg-type]


@lru_cache(maxsize=1_000)
def _fields_of(kind: type[Any]) -> tuple[str, ...]:
    """Name the fields of a kind of part; what has none holds no names."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()
