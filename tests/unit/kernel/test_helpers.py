"""Processes that help: whatever becomes of them, each number's work is done, once told of and in order."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from compliance_engine.kernel.helpers import Helpers, count_helpers

# A process that has threads, as that of a test runner may, is not to be forked.
PROGRAM = """
import os, signal, sys, time
from compliance_engine.kernel import helpers
from compliance_engine.kernel.helpers import Helpers
parent = os.getpid()
def work(number):
    %s
    return number * number, os.getpid() == parent
helpers.PATIENCE = 0.5
done = Helpers(work, 40, %d)
time.sleep(0.2)
given = list(done.results())
print([square for square, _ in given] == [n * n for n in range(40)], *[number for number in (0, 7) if given[number][1]])
"""


def run(body: str, helpers: int) -> subprocess.CompletedProcess[str]:
    """Run the program with this work in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM % (body, helpers)], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(("helpers", "here"), [(0, " 0 7"), (1, ""), (3, "")])
def test_all_is_done_in_order(helpers: int, here: str) -> None:
    """The sleep of the program lets a helper do it all; without one all is done here."""
    done = run("pass", helpers)
    assert (done.stdout, done.stderr) == (f"True{here}\n", "")


@pytest.mark.parametrize(
    "end", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(3)", "sys.exit(3)", "raise ValueError('helper')"]
)
def test_what_a_helper_took_with_it_is_done_here(end: str) -> None:
    done = run(f"if os.getpid() != parent and number == 7: {end}", 1)
    assert (done.stdout, done.stderr) == ("True 7\n", "")


def test_a_helper_that_is_killed_while_it_takes_a_number_stops_nobody() -> None:
    end = "from multiprocessing import current_process as me; me()._target.__self__._taken.get_lock().acquire(); os._exit(1)"
    done = run(f"if os.getpid() != parent: {end}", 1)
    assert (done.stdout, done.stderr) == ("True 0 7\n", "")


def test_what_fails_everywhere_is_raised_here() -> None:
    def work(number: int) -> int:
        raise LookupError(str(number))

    with pytest.raises(LookupError, match="0"):
        list(Helpers(work, 3, 0).results())
    assert "LookupError: 5" in run("if number == 5: raise LookupError(number)", 1).stderr


def test_a_process_with_threads_has_no_helpers() -> None:
    wait = threading.Event()
    thread = threading.Thread(target=wait.wait)
    thread.start()
    try:
        assert count_helpers() == 0
    finally:
        wait.set()
        thread.join()
