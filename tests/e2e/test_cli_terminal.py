"""On a terminal: colours and progress; elsewhere, or with NO_COLOR, plain text."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("compliance")


def run_on_terminal(arguments: list[str], folder: Path, **variables: str) -> tuple[str, str]:
    """Run with stdout and stderr each on a terminal of its own; give what each showed."""
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"TERM": "xterm-256color", "COLUMNS": "90", "XDG_CACHE_HOME": str(folder), **variables}
    screens = [pty.openpty() for _ in range(2)]
    process = subprocess.Popen(
        [COMMAND, *arguments], stdout=screens[0][1], stderr=screens[1][1], cwd=folder, env=environment
    )
    for _, writer in screens:
        os.close(writer)
    texts = [read_screen(reader) for reader, _ in screens]
    assert process.wait() == 1
    return texts[0], texts[1]


def read_screen(reader: int) -> str:
    parts = []
    try:
        while part := os.read(reader, 65536):
            parts.append(part)
    except OSError:  # the other side was closed
        pass
    os.close(reader)
    return b"".join(parts).decode()


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_terminal_gets_colours_and_progress(scope: list[str], tmp_path: Path) -> None:
    stdout, stderr = run_on_terminal(["evaluate", *scope, "--no-store"], tmp_path)
    assert "\x1b[" in stdout
    assert "reading the" in stderr or "evaluating" in stderr or "starting" in stderr
    assert "reading the" not in stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_no_color_is_respected(scope: list[str], tmp_path: Path) -> None:
    stdout, _ = run_on_terminal(["evaluate", *scope, "--no-store"], tmp_path, NO_COLOR="1")
    assert "\x1b[" not in stdout
    assert "Violations (3)" in stdout
