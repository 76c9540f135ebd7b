"""Where texts go: stdout, or a file that is written whole or not at all. Progress: stderr, on a terminal only."""

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.status import Status

from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.kernel.errors import InputError
from compliance_engine.reporting.page import Page

Write = Callable[[Iterable[str]], None]

_WIDTH_OF_A_FILE = 100
_LEAST_WIDTH = 40

_ORDINARY_FILE = 0o666
_STDOUT = "-"


@contextmanager
def open_output(path: Path | None) -> Iterator[Write]:
    """Give what writes the text: to stdout, or to a temporary file that takes the file's place when all went well.

    `-` is stdout. A link stays, and what it leads to is written; a device or a named pipe is written into, never replaced.
    Raises InputError at once if there can be no such file, before anything is waited for.
    """
    if path is None or str(path) == _STDOUT:
        yield write_stdout
        return
    if path.exists() and not path.is_file() and not path.is_dir():
        yield partial(_write_file, path)
        return
    if path.is_symlink():
        path = Path(os.path.realpath(path))
    temporary = _make_beside(path)

    def write(parts: Iterable[str]) -> None:
        _write_file(temporary, parts)

    try:
        yield write
        temporary.replace(path)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def write_stdout(parts: Iterable[str]) -> None:
    """Write data to stdout in UTF-8, as it is."""
    if sys.stdout is None:
        raise _refuse("stdout", "is closed")
    stream = sys.stdout.buffer
    for part in parts:
        data = part.encode()
        with _say_what_failed("stdout"):
            stream.write(data)
    with _say_what_failed("stdout"):
        stream.flush()


def choose_page(path: Path | None, most: int = 15) -> Page:
    """Choose width and colours: the terminal's, or 100 plain characters for a file or another program."""
    if (path is not None and str(path) != _STDOUT) or sys.stdout is None or not sys.stdout.isatty():
        return Page(width=_WIDTH_OF_A_FILE, most=most)
    width = max(shutil.get_terminal_size((_WIDTH_OF_A_FILE, 24)).columns, _LEAST_WIDTH)
    return Page(width=width, most=most, color=not os.environ.get("NO_COLOR"))


@dataclass(frozen=True, slots=True)
class Progress:
    """Tells the stage under way, in a line of a terminal that replaces itself (`status`; None: nobody watches)."""

    status: Status | None

    def __call__(self, stage: str) -> None:
        """Tell another stage; with the first one the line appears, and the thread that keeps it moving."""
        if self.status is not None:
            self.status.update(stage)
            self.status.start()

    def write_stdout(self, parts: Iterable[str]) -> None:
        """Write data to stdout while work goes on, with the line out of its way."""
        if self.status is not None:
            self.status.stop()
        write_stdout(parts)
        if self.status is not None:
            self.status.start()


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Give what tells the stage under way: on a terminal only."""
    console = Console(stderr=True, no_color=bool(os.environ.get("NO_COLOR")) or None)
    if not console.is_terminal:
        yield Progress(None)
        return
    status = console.status("starting")
    try:
        yield Progress(status)
    finally:
        status.stop()


def _make_beside(path: Path) -> Path:
    """Make a temporary file in the folder of `path`, with the rights of an ordinary file."""
    if path.is_dir():
        raise _refuse(path, "is a folder")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _refuse(path, f"cannot be written: {error.strerror}") from error
    os.close(handle)
    mask = os.umask(0)
    os.umask(mask)
    temporary = Path(name)
    temporary.chmod(_ORDINARY_FILE & ~mask)
    return temporary


def _write_file(path: Path, parts: Iterable[str]) -> None:
    with _say_what_failed(str(path)), path.open("wb") as file:
        file.writelines(part.encode() for part in parts)


@contextmanager
def _say_what_failed(name: str) -> Iterator[None]:
    """Turn a full disk and the like into an InputError; a reader that went away is left to the boundary."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        raise _refuse(name, f"cannot be written: {error.strerror}") from error


def _refuse(name: object, what: str) -> InputError:
    return InputError([Diagnostic(code="bad-output", message=f"{name} {what}")])
