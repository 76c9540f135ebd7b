"""The order in which definitions and provisions are evaluated: each reads only what is settled before it."""

from collections.abc import Iterator, Mapping

from compliance_engine.compiling.reports import Report
from compliance_engine.kernel.span import Span

Reads = Mapping[str, Mapping[str, Span]]


def stratify(reads: Reads, report: Report) -> tuple[tuple[str, ...], ...]:
    """Give the strata, lowest first, each in the order of the alphabet; report every cycle."""
    levels: dict[str, int] = {}
    for identity in _depth_first(reads, report):
        below = [levels[other] for other in reads[identity] if other in levels]
        levels[identity] = max(below, default=-1) + 1
    strata: list[list[str]] = [[] for _ in range(max(levels.values(), default=-1) + 1)]
    for identity in sorted(levels):
        strata[levels[identity]].append(identity)
    return tuple(tuple(stratum) for stratum in strata)


def _depth_first(reads: Reads, report: Report) -> Iterator[str]:
    """Give each id after all that it reads, without recursion: chains may be long."""
    done: set[str] = set()
    for start in sorted(reads):
        path: list[str] = []
        waiting: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            waiting.append((start, iter(sorted(reads[start]))))
            path.append(start)
        while waiting:
            identity, following = waiting[-1]
            other = next(following, None)
            if other is None:
                waiting.pop()
                path.pop()
                done.add(identity)
                yield identity
            elif other in path:
                _report_cycle(path[path.index(other) :], reads, report)
            elif other not in done and other in reads:
                waiting.append((other, iter(sorted(reads[other]))))
                path.append(other)


def _report_cycle(cycle: list[str], reads: Reads, report: Report) -> None:
    """Print a cycle, from its first id in the alphabet, with the place of each step."""
    start = cycle.index(min(cycle))
    turned = [*cycle[start:], *cycle[:start]]
    steps = list(zip(turned, [*turned[1:], turned[0]], strict=True))
    report.error(
        "cycle",
        f"what is read must be settled before: {' -> '.join([*turned, turned[0]])}",
        reads[turned[0]][steps[0][1]],
        "a definition or provision cannot depend on itself; take one of these steps out",
        related=tuple((reads[one][other], f"{one} reads {other}") for one, other in steps),
    )
