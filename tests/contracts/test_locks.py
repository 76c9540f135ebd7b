"""The locked environment can be trusted: every version has hashes, and nothing says where it was downloaded."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PINNED = re.compile(r"^[a-z0-9._-]+(\[[a-z,]+\])?==\S+( ; .+)? \\$")


def _entries(lock: Path) -> list[str]:
    return re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())


def test_there_are_locks() -> None:
    assert [lock.name for lock in LOCKS] == ["build.txt", "dev.txt", "run.txt"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_entry_is_pinned_and_hashed(lock: Path) -> None:
    for entry in _entries(lock):
        first, *rest = entry.splitlines()
        assert PINNED.match(first), first
        assert rest, first
        assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in rest), first


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_names_an_address_or_a_path(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|--index|--find-links|(?<![\w.])/\w", text)


def test_users_get_the_versions_that_are_tested() -> None:
    run, dev = (
        {entry.splitlines()[0] for entry in _entries(ROOT / "requirements" / name)} for name in ("run.txt", "dev.txt")
    )
    assert run <= dev
