"""Where errors end: every way of ending a command becomes an exit code, and never a traceback for bad input.

0 to 3 are the command's own (DESIGN 6); 2 also for arguments, law, facts and store that cannot be used; 70 for a bug of
ours; 130 for Ctrl-C; 141 for a reader that went away, as a shell reports it.
"""

import errno
import os
import platform
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import NoReturn

import click

from compliance_engine.kernel.diagnostic import Diagnostic, render_diagnostic
from compliance_engine.kernel.errors import InputError
from compliance_engine.reporting.words import make_printable
from compliance_engine.version import __version__

_PACKAGE = Path(__file__).resolve().parent.parent
_STDOUT, _STDERR = 1, 2
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Exit(IntEnum):
    """What the exit code says."""

    CLEAN = 0
    FOUND = 1
    UNUSABLE_INPUT = 2
    ONLY_UNDETERMINED = 3
    OUR_BUG = 70
    INTERRUPTED = 130
    READER_GONE = 141


def run_to_exit(command: Callable[[], object], *, is_debug: Callable[[], bool]) -> NoReturn:
    """Call the command and end the process; an int that it returns is the exit code."""
    try:
        result = command()
        if sys.stdout is not None:
            sys.stdout.flush()
        code = result if isinstance(result, int) else Exit.CLEAN
    except click.exceptions.Exit as end:
        code = end.exit_code
    except Exception as error:  # noqa: BLE001 (the boundary: whatever it is, a person gets a sentence)
        code = _report(error, debug=is_debug())
    except KeyboardInterrupt:
        code = _say("interrupted", Exit.INTERRUPTED)
    sys.exit(int(code))


def _report(error: Exception, *, debug: bool) -> int:
    """Tell the person what happened; give the exit code."""
    if _is_broken_pipe(error):
        _give_up(_STDOUT)
        return Exit.READER_GONE
    if isinstance(error, click.Abort):
        return _say("interrupted", Exit.INTERRUPTED)
    if debug:
        with _as_far_as_possible():
            traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        with _as_far_as_possible():
            error.show()
        return Exit.UNUSABLE_INPUT
    told = _tell_what_is_unusable(error)
    return _say(told, Exit.UNUSABLE_INPUT) if told else _say(_describe_bug(error), Exit.OUR_BUG)


def _say(text: str, code: Exit) -> Exit:
    with _as_far_as_possible():
        click.echo(text, err=True)
    return code


@contextmanager
def _as_far_as_possible() -> Iterator[None]:
    """Tell something on stderr; where nobody can be told, the exit code alone has to do."""
    try:
        yield
    except OSError:
        _give_up(_STDERR)


def _give_up(stream: int) -> None:
    """Let what is still buffered vanish: it would fail again when Python closes the stream at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


def _is_broken_pipe(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno == errno.EPIPE


def _tell_what_is_unusable(error: Exception) -> str | None:
    """Give the words for input, and for an output, that cannot be used; None for whatever else it is."""
    if isinstance(error, InputError):
        return "\n".join(make_printable(line) for line in str(error).split("\n"))
    if isinstance(error, OSError) and error.errno in _FULL and error.filename is None:
        _give_up(_STDOUT)
        full = Diagnostic(code="bad-output", message=f"stdout cannot be written: {error.strerror}")
        return render_diagnostic(full)
    if isinstance(error, OSError) and _is_about_a_file_of_theirs(error):
        return f"Error: {error.filename}: {error.strerror}"
    return None


def _is_about_a_file_of_theirs(error: OSError) -> bool:
    """Hold for a file that cannot be read or written, unless it is one that we ship."""
    if not isinstance(error.filename, str | Path):
        return False
    return _PACKAGE not in Path(error.filename).absolute().parents


def _describe_bug(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return (
        f"Error: {type(error).__name__}: {error}{place}\n"
        "This is a bug of compliance, not of your input: no verdict was given.\n"
        "Please report it to the project's issue tracker with the command, what `compliance --debug ...` prints, and:\n"
        f"  compliance {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    )
