"""The wheel works where nothing else is: the command, the shipped law and the sample sites come with it.

No network: the new environment gets what requirements/run.txt names, linked from the one that runs the tests, and
nothing more, so that a dependency missing from the lock is missed here too.
"""

import os
import re
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the locked build tools."""
    folder = tmp_path_factory.mktemp("wheel")
    built = _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    assert built.returncode == 0, built.stdout + built.stderr
    [path] = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """Install the wheel into an environment of its own; give the environment's folder of commands."""
    home = wheel.parent / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    [packages] = home.glob("lib/python*/site-packages")
    for name in re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements/run.txt").read_text("utf-8"), re.MULTILINE):
        _link(distribution(name), packages)
    python = home / "bin" / "python"
    options = ["--no-index", "--no-deps", "--disable-pip-version-check", "--quiet"]
    done = _run(sys.executable, "-m", "pip", "--python", python, "install", *options, wheel, cwd=home)
    assert done.returncode == 0, done.stderr
    return home / "bin"


def _link(package: Distribution, target: Path) -> None:
    for part in {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}:
        if not (target / part).exists():
            (target / part).symlink_to(Path(str(package.locate_file(part))))


def test_the_wheel_has_all_law_and_sample_sites(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "rulesets", "facts"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    tracked = {f"compliance_engine/_shipped/{name}" for name in listed.split("\0") if name}
    assert tracked
    assert tracked <= set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_has_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"compliance_engine"}


def test_the_command_is_the_installed_one(installed: Path) -> None:
    where = _run(
        installed / "python", "-c", "import compliance_engine; print(compliance_engine.__file__)", cwd=installed
    )
    assert Path(where.stdout.strip()).is_relative_to(installed.parent)


def test_what_the_wheel_requires_is_there(installed: Path) -> None:
    checked = _run(sys.executable, "-m", "pip", "--python", installed / "python", "check", cwd=installed)
    assert checked.returncode == 0, checked.stdout


def test_help(installed: Path) -> None:
    run = _run(installed / "compliance", "--help", cwd=installed)
    assert run.returncode == 0, run.stderr
    assert "evaluate" in run.stdout


def test_the_demo(installed: Path, tmp_path: Path) -> None:
    run = _run(installed / "compliance", "demo", cwd=tmp_path)
    assert run.returncode in {0, 1, 3}, run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout


def test_shipped_law_by_name(installed: Path, tmp_path: Path) -> None:
    run = _run(installed / "compliance", "rules", "check", "us", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
