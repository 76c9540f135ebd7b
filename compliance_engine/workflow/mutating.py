"""Run the cases against law with slips of the pen in it, to find those that nobody would notice."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import random
import threading
from collections import Counter, deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from compliance_engine.workflow.mutants import Mutant, mutants_of
from compliance_engine.workflow.selection import Selection
from compliance_engine.workflow.trying import Bench, Fate, Tried, bench_of, try_mutant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from compliance_engine.model.case import Survivor
    from compliance_engine.workflow.evaluation import EngineName
    from compliance_engine.workflow.mutant_places import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationReport:
    """All that were tried, in order of place; how many there are in all; and accepted survivors that are none."""

    tried: tuple[Tried, ...]
    total: int
    stale: tuple[Survivor, ...] = ()

    @property
    def counts(self) -> Mapping[Fate, int]:
        """Count the fates."""
        counted = Counter(one.fate for one in self.tried)
        return {fate: counted[fate] for fate in Fate}

    @property
    def percent(self) -> float:
        """Give the share of survivors that nobody accepted, of those that are law and mean something else."""
        counts = self.counts
        judged = counts[Fate.NOTICED] + counts[Fate.SURVIVED] + counts[Fate.ACCEPTED]
        return 100 * counts[Fate.SURVIVED] / judged if judged else 0.0


def mutate_rules(  # noqa: PLR0913 (named options of the command)
    rules: Sequence[str],
    *,
    text: str = "",
    sample: int | None = None,
    seed: int = 0,
    engine: EngineName = "durable",
    jobs: int = 1,
    progress: Callable[[str], None] = lambda _: None,
    tell: Callable[[Tried], None] = lambda _: None,
    may_go_on: Callable[[], bool] = lambda: True,
) -> MutationReport:
    """Change the law of these places in every way that is tried, or a sample of them, and run the cases that read it.

    `text`: only documents whose id contains it. `jobs`: in so many processes at once. `tell` is given each mutant as soon as its fate is
    known, in order of place. `may_go_on` is asked before each mutant; the rest is then left out.
    Raises RulesetError if the law itself cannot be used.
    """
    bench, places = bench_of(rules, engine)
    law, select = bench.law, Selection(places=places)
    documents: tuple[Document, ...] = (*law.definitions, *law.parameters, *law.tables, *law.provisions)
    meant = [d for d in documents if text.lower() in d.id.text.lower() and select.has_place(d.id.span.file)]
    mutants = sorted((m for d in meant for m in mutants_of(d)), key=lambda m: (m.span, m.clause, m.change, m.after))
    chosen = mutants if sample is None or sample >= len(mutants) else _sampled(mutants, sample, seed)
    asked = itertools.takewhile(lambda _: may_go_on(), chosen)
    fates = (try_mutant(mutant, bench) for mutant in asked) if jobs == 1 else _tried_apart(asked, rules, engine, jobs)
    tried: list[Tried] = []
    alive = 0
    for number, one in enumerate(fates, 1):
        tried.append(one)
        tell(one)
        alive += one.fate is Fate.SURVIVED
        progress(f"mutant {number} of {len(chosen)}, {alive} survived: {one.mutant.document}")
    return MutationReport(tried=tuple(tried), total=len(mutants), stale=_stale(tried, bench.accepted.values()))


def _tried_apart(mutants: Iterable[Mutant], rules: Sequence[str], engine: EngineName, jobs: int) -> Iterator[Tried]:
    """Try mutants in processes of their own, in order; each process reads the law once."""
    # Not forked: the threads of Polars would not come along.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_set_up, initargs=(tuple(rules), engine)) as pool:
        waiting: deque[Future[Tried]] = deque()
        for mutant in mutants:
            waiting.append(pool.submit(_try_here, mutant))
            if len(waiting) > 2 * jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_HERE: list[Bench] = []  # of a process that `_tried_apart` started, and only there


def _set_up(rules: tuple[str, ...], engine: EngineName) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _HERE.append(bench_of(rules, engine)[0])


def _end_with_parent() -> None:
    """End this process when the one that began it was ended: nobody would tell it that no further mutant comes."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _try_here(mutant: Mutant) -> Tried:
    return try_mutant(mutant, _HERE[0])


def _sampled(mutants: Sequence[Mutant], count: int, seed: int) -> list[Mutant]:
    """Choose some; the same for the same seed and law."""
    places = sorted(random.Random(seed).sample(range(len(mutants)), count))  # noqa: S311 (no secret)
    return [mutants[place] for place in places]


def _stale(tried: Sequence[Tried], listed: Iterable[Survivor]) -> tuple[Survivor, ...]:
    """Give the accepted survivors of the documents that were tried which a case notices after all."""
    noticed = {one.mutant.key for one in tried if one.fate is not Fate.ACCEPTED}
    return tuple(one for one in listed if (one.document.text, one.clause, one.change, one.after) in noticed)
