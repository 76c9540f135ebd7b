"""Where texts go when that place is no ordinary file, is full, or is not there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("compliance")
LAW = str(Path(__file__).parent / "law")
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")


def run_with(redirection: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command under a shell that redirects its output."""
    script = f'exec "$0" "$@" {redirection}'
    return subprocess.run(["/bin/sh", "-c", script, COMMAND, *arguments], capture_output=True, text=True, check=False)


def test_a_pipe_with_a_name_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    handle = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    try:
        assert run_with("", "rules", "diff", LAW, LAW, "--format", "json", "--out", pipe).returncode == 0
        assert pipe.is_fifo()
        assert b'"schema": "compliance-amendment/1"' in os.read(handle, 100)
    finally:
        os.close(handle)


@needs_full
def test_a_device_is_written_into_and_stays_one(tmp_path: Path) -> None:
    # Through a link, so that this test never puts a file in the place of a device.
    full = tmp_path / "full"
    full.symlink_to(FULL)
    done = run_with("", "rules", "schema", "--out", full)
    assert (done.returncode, full.is_symlink(), FULL.is_char_device()) == (2, True, True)
    assert "cannot be written: No space left on device" in done.stderr


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "2026" / "schema.json", tmp_path / "latest.json"
    target.parent.mkdir()
    link.symlink_to(target)
    assert run_with("", "rules", "schema", "--out", link).returncode == 0
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8").startswith("{")
    assert [path.name for path in target.parent.iterdir()] == ["schema.json"]


def test_stdout_by_its_name_is_stdout() -> None:
    done = run_with("| head -c 60", "rules", "schema", "--out", "/dev/stdout")
    assert done.stdout.startswith("{"), done.stderr
    assert Path("/dev/stdout").is_symlink()


@needs_full
@pytest.mark.parametrize("arguments", [("--help",), ("rules", "check", "--help"), ("--version",), ("rules", "schema")])
def test_a_full_disk_is_told_whatever_was_asked_for(arguments: tuple[str, ...]) -> None:
    done = run_with("> /dev/full", *arguments)
    assert done.returncode == 2
    assert done.stderr == "error [bad-output] stdout cannot be written: No space left on device\n"


@needs_full
@pytest.mark.parametrize("arguments", [("nonsense",), ("rules", "check", "nowhere"), ("facts", "check", "nowhere")])
def test_the_exit_code_is_right_where_nothing_can_be_told(arguments: tuple[str, ...]) -> None:
    assert run_with("2> /dev/full", *arguments).returncode == 2


def test_a_closed_output_is_told_where_it_is_needed(tmp_path: Path) -> None:
    done = run_with(">&-", "rules", "schema")
    assert (done.returncode, done.stderr) == (2, "error [bad-output] stdout is closed\n")
    done = run_with(">&-", "rules", "schema", "--out", tmp_path / "schema.json")
    assert (done.returncode, done.stderr) == (0, "")
