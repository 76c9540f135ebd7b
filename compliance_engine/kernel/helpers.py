"""Work that other processes begin while this one is busy with something else."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

T = TypeVar("T")
MOST = 7  # of more helpers even ten thousand cases have no use
PATIENCE = 5  # seconds, for what takes a microsecond


def count_helpers() -> int:
    """Count the processors that could help: none where a process cannot safely be split in two, since it has threads."""
    try:
        threads = len(list(Path("/proc/self/task").iterdir()))
        processors = len(os.sched_getaffinity(0))
    except (OSError, AttributeError):  # neither is there but on Linux
        return 0
    return min(processors - 1, MOST) if threads == 1 else 0


class Helpers(Generic[T]):
    """Does `work` for each number below `count`; helpers begin at once, and `finish` does what is left of it.

    A helper is a copy of this process (`fork`): the work finds all that there was when it began, and gives what can be
    pickled. What a helper fails at, or takes with it when it is killed, is done here.
    """

    def __init__(self, work: Callable[[int], T], count: int, helpers: int) -> None:
        """Begin, with so many helpers; without any, nothing is done before `finish`."""
        # Start-up: most commands begin no process.
        from multiprocessing import get_context  # noqa: PLC0415

        self._work = work
        self._count = count
        self._pipes: list[Connection] = []
        context = get_context("fork" if helpers else None)
        self._taken = context.Value("q", 0)
        for _ in range(helpers):
            here, there = context.Pipe(duplex=False)
            context.Process(target=self._help, args=(there,), daemon=True).start()
            there.close()
            self._pipes.append(here)

    def finish(self) -> list[T]:
        """Give what was done of each number, in order; raises what `work` raises."""
        done = dict(self._share())
        for pipe in self._pipes:
            with suppress(EOFError, OSError):
                done.update(pipe.recv())
        return [done[number] if number in done else self._work(number) for number in range(self._count)]

    def _help(self, pipe: Connection) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is asked to stop ends its helpers
        with suppress(Exception):
            pipe.send(dict(self._share()))

    def _share(self) -> Iterator[tuple[int, T]]:
        """Take a number after the other as long as there are any; none where a helper was killed just when it took one."""
        lock = self._taken.get_lock()
        while lock.acquire(timeout=PATIENCE):
            number = self._taken.value
            self._taken.value = number + 1
            lock.release()
            if number >= self._count:
                return
            yield number, self._work(number)
