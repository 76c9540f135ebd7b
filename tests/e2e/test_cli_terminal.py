"""On a terminal: colours and progress; elsewhere, or with NO_COLOR, plain text."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("compliance")
LAW = Path(__file__).parent / "law"


def run_on_terminal(arguments: list[str], folder: Path, **variables: str) -> tuple[str, str]:
    """Run with stdout and stderr each on a terminal of its own; give what each showed."""
    stdout, stderr = run_on_terminals([pty.openpty() for _ in range(2)], arguments, folder, **variables)
    return stdout, stderr


def run_on_terminals(screens: list[tuple[int, int]], arguments: list[str], folder: Path, **variables: str) -> list[str]:
    """Run with stdout on the first and stderr on the last of some terminals; give what each showed."""
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"TERM": "xterm-256color", "COLUMNS": "90", "XDG_CACHE_HOME": str(folder), **variables}
    process = subprocess.Popen(
        [COMMAND, *arguments], stdout=screens[0][1], stderr=screens[-1][1], cwd=folder, env=environment
    )
    for _, writer in screens:
        os.close(writer)
    texts = [read_screen(reader) for reader, _ in screens]
    assert process.wait() == 1
    return texts


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


def shown(text: str) -> list[str]:
    """Give the lines that a terminal shows at the end of what was written to it."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[\??[0-9;]*[A-Za-z]|[^\x1b]", text):
        if part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part == "\r":
            column = 0
        elif part.startswith("\x1b"):
            if part.endswith("K"):
                lines[row] = ""
            if part.endswith("A"):
                row -= int(part[2:-1] or 1)
        else:
            lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + 1 :]
            column += 1
    return [line.rstrip() for line in lines if line.strip()]


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_what_is_listed_while_work_goes_on_stands_in_lines_of_its_own(tmp_path: Path) -> None:
    arguments = ["rules", "mutate", str(LAW), "-k", "monthly"]
    plain = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert plain.returncode == 1
    (text,) = run_on_terminals([pty.openpty()], arguments, tmp_path)
    assert "mutant 1 of" in text
    assert shown(text) == (plain.stdout + plain.stderr).splitlines()
