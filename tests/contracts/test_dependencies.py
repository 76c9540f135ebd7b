"""Every dependency has its reason written down."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lists = [
        project["build-system"]["requires"],
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    return {re.split(r"[^a-z0-9-]", requirement)[0] for requirements in lists for requirement in requirements}


def test_the_page_names_what_is_declared() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| ([a-z0-9-]+) \|", page, re.MULTILINE)) - {"package", "---"} == _declared()


def test_what_is_declared_is_locked() -> None:
    locks = "".join((ROOT / "requirements" / name).read_text(encoding="utf-8") for name in ("build.txt", "dev.txt"))
    assert _declared() <= set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z]+\])?==", locks, re.MULTILINE))
