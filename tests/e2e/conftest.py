"""The command line, run in a folder of its own on a small law and an invented site."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from compliance_engine.commands import main

HERE = Path(__file__).parent
Run = Callable[..., Result]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for compiled rules that the tests share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def run(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give what runs a command in an empty folder: `run("evaluate", "--rules", ...)`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("COMPLIANCE_STORE", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)

    def invoke(*arguments: str | Path) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture
def scope() -> list[str]:
    """Give the options that evaluate Brook as of 15 April 2026."""
    return ["--rules", str(HERE / "law"), "--facts", str(HERE / "brook"), "--as-of", "2026-04-15"]
