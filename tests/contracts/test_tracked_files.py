"""What is committed runs anywhere: no tracked file names a path of the machine it was written on."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Spelled in parts, or this file would be its own first finding.
MACHINE_PATH = re.compile(
    rb"(?<![\w.])/(?:" + b"|".join([b"home", b"root", b"Users", b"w" + b"ork", b"t" + b"mp"]) + rb")/\w"
)


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout  # noqa: S607
    return [ROOT / name for name in listed.decode().split("\0") if name]


def test_no_tracked_file_names_a_path_of_one_machine() -> None:
    files = [path for path in _tracked() if path.is_file()]
    assert files
    found = [
        f"{path.relative_to(ROOT)}: {match[0].decode()}"
        for path in files
        for match in MACHINE_PATH.finditer(path.read_bytes())
    ]
    assert not found


def test_generated_files_are_not_tracked() -> None:
    refused = {".venv", "out", "dist", "__pycache__", "compliance.db", ".mypy_cache", ".ruff_cache"}
    assert not [path for path in _tracked() if refused & set(path.relative_to(ROOT).parts)]
