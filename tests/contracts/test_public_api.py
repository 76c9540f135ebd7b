"""The public names exist, and are the same for a program, for a type checker and for a reader."""

import ast
from pathlib import Path

import pytest

import compliance_engine


def _imported_for_type_checkers() -> dict[str, str | None]:
    tree = ast.parse(Path(compliance_engine.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    return {name.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for name in node.names}


@pytest.mark.parametrize("name", compliance_engine.__all__)
def test_every_public_name_loads(name: str) -> None:
    assert getattr(compliance_engine, name) is not None


def test_type_checkers_see_what_programs_get() -> None:
    assert _imported_for_type_checkers() == compliance_engine._MODULES


def test_all_lists_the_table() -> None:
    assert compliance_engine.__all__ == sorted([*compliance_engine._MODULES, "__version__"])
    assert set(compliance_engine.__all__) <= set(dir(compliance_engine))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _ = compliance_engine.nope  # type: ignore[attr-defined]
