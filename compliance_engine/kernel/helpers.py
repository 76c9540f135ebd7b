"""Work that is shared among processes, and what becomes of it in order."""

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
PATIENCE = 5  # seconds, for what takes a microsecond
ROOM = 1 << 20  # bytes that a helper may tell before anybody listens


def count_helpers(jobs: int | None = None) -> int:
    """Count the helpers for so many jobs at once (None: as many as there are processors).

    None where a process cannot safely be split in two: where it has threads, and on systems that do not say so.
    """
    try:
        threads = len(list(Path("/proc/self/task").iterdir()))
        processors = len(os.sched_getaffinity(0))
    except (OSError, AttributeError):
        return 0
    return (processors if jobs is None else jobs) - 1 if threads == 1 else 0


class Helpers(Generic[T]):
    """Does `work` for each number below `count`: helpers begin at once, this process helps when it is asked for results.

    A helper is a copy of this process (`fork`): the work finds all that there was when it began, and gives what can be
    pickled. What a helper fails at, or takes with it when it is killed, is done here.
    """

    def __init__(self, work: Callable[[int], T], count: int, helpers: int) -> None:
        """Begin, with so many helpers; without any, nothing is done before it is asked for."""
        # Start-up: most commands begin no process.
        from multiprocessing import get_context  # noqa: PLC0415

        self._work = work
        self._count = count
        self._pipes: list[Connection] = []
        context = get_context("fork" if helpers else None)
        self._taken = context.Value("q", 0)
        for _ in range(helpers):
            here, there = context.Pipe(duplex=False)
            _widen(there)
            context.Process(target=self._help, args=(there,), daemon=True).start()
            there.close()
            self._pipes.append(here)

    def results(self) -> Iterator[T]:
        """Give what was done for each number, in order and as soon as it is known; raises what `work` raises."""
        done: dict[int, T] = {}
        given = 0
        for number, result in self._share():
            done[number] = result
            self._hear(done, 0)
            while given in done:
                yield done.pop(given)
                given += 1
        while given < self._count:
            while self._pipes and given not in done:
                self._hear(done, None)
            yield done.pop(given) if given in done else self._work(given)
            given += 1

    def _hear(self, done: dict[int, T], timeout: float | None) -> None:
        """Take what helpers tell; one that has ended is heard no more."""
        from multiprocessing.connection import wait  # noqa: PLC0415

        ready = wait(self._pipes, timeout)
        for pipe in [pipe for pipe in self._pipes if pipe in ready]:
            try:
                number, result = pipe.recv()
            except (EOFError, OSError):
                self._pipes.remove(pipe)
            else:
                done[number] = result

    def _help(self, pipe: Connection) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is asked to stop ends its helpers
        with suppress(Exception, KeyboardInterrupt):  # Polars listens to Ctrl-C in a way of its own
            for told in self._share():
                pipe.send(told)

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


def _widen(pipe: Connection) -> None:
    """Make room in a pipe, so that a helper goes on while nobody listens; without it, it waits."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl  # noqa: PLC0415 (not everywhere)

        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, ROOM)
