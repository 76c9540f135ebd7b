from collections.abc import Iterator
from unittest.mock import patch

import polars as pl
import pytest

from compliance_engine.engine import InferenceRule, Pattern, screening
from compliance_engine.engine.propositions import read_propositions
from compliance_engine.engine.screening import Screened, screen

RULES = (
    InferenceRule(name="bound", when=(Pattern(kind="a", where=(("x", 1),)), Pattern(kind="b")), then="c", carry=("x",)),
    InferenceRule(name="chained", when=(Pattern(kind="d"), Pattern(kind="c", on="x")), then="e"),
)


@pytest.fixture(autouse=True, params=[0, screening.FEW], ids=["by joins", "one by one"])
def few(request: pytest.FixtureRequest) -> Iterator[None]:
    with patch.object(screening, "FEW", request.param):
        yield


def screened(*rows: tuple[int, str, int, int | None]) -> Screened:
    schema = {"session": pl.UInt32, "kind": pl.String, "key": pl.Int64, "x": pl.Int64}
    return screen(RULES, read_propositions(RULES, pl.DataFrame(rows, schema=schema, orient="row")))


def test_only_what_is_in_a_match_is_kept() -> None:
    result = screened(
        (2, "b", 5, None),
        (1, "a", 5, 1),
        (1, "b", 5, None),
        (1, "b", 5, None),
        (1, "a", 6, 1),  # no partner
        (1, "a", 5, 0),  # fails its test
        (1, "a", 5, None),  # has no such field
        (1, "d", 1, None),  # meets a conclusion
        (1, "d", 2, None),  # meets none
        (1, "z", 5, 1),  # no rule names it
    )
    assert result.propositions["row"].to_list() == [1, 2, 3, 7]
    assert result.matches == (2, 1)
    assert result.chained == {1: {("c", 5, 1)}}


def test_nothing_is_kept_where_nothing_matches() -> None:
    result = screened((1, "a", 5, 1), (2, "b", 5, None), (1, "d", 1, None))
    assert result.propositions.height == 0
    assert result.matches == (0, 0)
    assert result.chained == {}


def test_what_is_kept_is_sorted_by_session() -> None:
    result = screened((9, "b", 5, None), (3, "a", 5, 1), (9, "a", 5, 1), (3, "b", 5, None))
    assert result.propositions["row"].to_list() == [1, 3, 0, 2]
