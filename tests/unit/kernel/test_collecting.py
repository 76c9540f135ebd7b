"""While something large is built the garbage collector is off, and afterwards as it was."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from compliance_engine.kernel.collecting import uncollected

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    was = gc.isenabled()
    yield
    (gc.enable if was else gc.disable)()


@pytest.mark.parametrize("was", [True, False])
def test_it_is_off_inside_and_then_as_it_was(*, was: bool) -> None:
    (gc.enable if was else gc.disable)()
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled() is was


def test_it_is_on_again_after_an_error() -> None:
    gc.enable()
    with pytest.raises(ValueError, match="broken"), uncollected():
        raise ValueError("broken")
    assert gc.isenabled()


def test_one_within_another_leaves_it_off_for_the_outer() -> None:
    gc.enable()
    with uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
