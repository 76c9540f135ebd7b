"""Law and sample sites are found by path first, then by the name under which they are shipped."""

from pathlib import Path

import pytest

from compliance_engine.kernel import shipped
from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.kernel.shipped import resolve_facts, resolve_rules, shipped_rulesets


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for the installed package, with no data yet."""
    package = tmp_path / "site" / "compliance_engine"
    package.mkdir(parents=True)
    monkeypatch.setattr(shipped, "_PACKAGE", package)
    monkeypatch.chdir(tmp_path)
    return package


def test_a_checkout_has_them_beside_the_package(package: Path) -> None:
    (package.parent / "rulesets" / "us" / "cwa").mkdir(parents=True)
    assert resolve_rules("us/cwa") == package.parent / "rulesets" / "us" / "cwa"


def test_a_wheel_has_them_inside_the_package(package: Path) -> None:
    (package / "_shipped" / "rulesets" / "us").mkdir(parents=True)
    (package.parent / "rulesets" / "us").mkdir(parents=True)
    assert shipped_rulesets() == package / "_shipped" / "rulesets"


def test_a_path_that_exists_wins(package: Path, tmp_path: Path) -> None:
    (package.parent / "facts" / "riverside").mkdir(parents=True)
    (tmp_path / "riverside").mkdir()
    assert resolve_facts("riverside") == Path("riverside")


def test_a_near_miss_is_named(package: Path) -> None:
    (package.parent / "rulesets" / "us" / "cwa").mkdir(parents=True)
    answer = resolve_rules("us/cwaa")
    assert isinstance(answer, Diagnostic)
    assert answer.hint is not None
    assert "us/cwa" in answer.hint


@pytest.mark.parametrize("text", ["", "..", "../secret", "us/../../secret", "/us/../.."])
def test_no_name_leads_out_of_the_shipped_folder(package: Path, text: str) -> None:
    (package.parent / "rulesets" / "us").mkdir(parents=True)
    answer = resolve_rules(text)
    assert isinstance(answer, Diagnostic) or package.parent not in answer.resolve().parents
