"""What a program hands over wrongly is refused where it is handed over, in words that name it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import compliance_engine as ce

library: Any = ce  # its types are not held here: what is handed over is wrong on purpose
AS_OF = date(2026, 4, 15)
NOON = datetime(2026, 4, 15, 12, tzinfo=UTC)
SITE: dict[str, Any] = {"site": [{"id": "s", "name": "Brook (invented)"}]}


@pytest.fixture(scope="module")
def law() -> ce.Ruleset:
    return ce.load_rules(Path(__file__).parents[2] / "e2e" / "law")


def _statement(**changed: Any) -> Any:  # noqa: ANN401 (wrong types on purpose)
    return library.Complete(**{"type": "result", "start": date(2026, 1, 1), "end": AS_OF} | changed)


@pytest.mark.parametrize("wrong", [NOON, "2026-04-15", None, 5])
def test_a_day_is_a_day(law: ce.Ruleset, wrong: Any) -> None:  # noqa: ANN401
    facts = ce.Facts.from_records(SITE)
    with pytest.raises(TypeError, match=r"^`as_of` is a day \(datetime\.date\), not "):
        ce.evaluate(law, facts, as_of=wrong)
    with pytest.raises(TypeError, match=r"^`period` is a day \(datetime\.date\), not "):
        ce.evaluate(law, facts, as_of=AS_OF, period=(wrong, AS_OF))
    with pytest.raises(TypeError, match=r"^`complete` is a day \(datetime\.date\), not "):
        ce.Facts.from_records(SITE, complete=[_statement(start=wrong)])
    for since in ({"s": wrong}, *([] if wrong is None else [wrong])):
        with pytest.raises(TypeError, match=r"^`since` is a day \(datetime\.date\), not "):
            ce.evaluate(law, facts, as_of=AS_OF, since=since)
        with pytest.raises(TypeError, match=r"^`since` is a day \(datetime\.date\), not "):
            ce.Facts.from_frames({}, since=since)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda _: library.evaluate("us/cwa", library.Facts.from_records({}), as_of=AS_OF),
            "`rules` is what `load_rules` gives",
        ),
        (lambda law: library.evaluate(law, SITE, as_of=AS_OF), "`facts` is what `load_facts`"),
        (lambda _: library.Facts.from_records(None), "records are a mapping of fact type to rows"),
        (lambda _: library.Facts.from_records({5: []}), "the name of a fact type is a text, not 5"),
        (lambda _: library.Facts.from_records({"site": 5}), "`site`: the records of a type are a list of mappings"),
        (
            lambda _: library.Facts.from_records({"site": {"id": "s"}}),
            "`site`: the records of a type are a list of mapp",
        ),
        (
            lambda _: library.Facts.from_records({"site": ["s"]}),
            "`site`, record 1: a mapping of field to cell, not 's'",
        ),
        (
            lambda _: library.Facts.from_records({"site": [{}, {1: 2}]}),
            "`site`, record 2: the name of a field is a text",
        ),
        (lambda _: library.Facts.from_records(SITE, complete=["x"]), "`complete` holds `Complete`, not 'x'"),
        (lambda _: library.Facts.from_frames(None), "frames are a mapping of fact type to frame"),
        (
            lambda _: library.Facts.from_frames({"site": pl.LazyFrame()}),
            "`site` is a polars.DataFrame, not a LazyFrame",
        ),
        (lambda _: library.Facts.from_frames({"site": SITE}), "`site` is a polars.DataFrame, not a dict"),
    ],
)
def test_what_is_no_such_thing_is_named(law: ce.Ruleset, call: Callable[[Any], object], message: str) -> None:
    with pytest.raises(TypeError) as error:
        call(law)
    assert str(error.value).startswith(message)


def test_a_statement_that_ends_before_it_begins_is_no_statement(law: ce.Ruleset) -> None:
    facts = ce.Facts.from_records(SITE, complete=[_statement(end=date(2025, 1, 1))])
    with pytest.raises(ce.FactsError, match="ends on 2025-01-01, before it begins on 2026-01-01"):
        ce.evaluate(law, facts, as_of=AS_OF)


@pytest.mark.parametrize("cell", [timedelta(days=1), b"5", object(), [5], {"a": 5}])
def test_a_cell_of_any_type_is_told(law: ce.Ruleset, cell: object) -> None:
    dtype = pl.Object if type(cell) is object else None
    row = {"id": ["r"], "permit-limit": ["L"], "date": [AS_OF]}
    frame = pl.DataFrame(row).with_columns(pl.Series("value", [cell], dtype=dtype))
    for facts in (ce.Facts.from_frames({"result": frame}), ce.Facts.from_records({"result": [{"value": cell}]})):
        refused = ce.evaluate(law, facts, as_of=AS_OF).quarantine
        assert [(q.row, q.column) for q in refused] == [(1, "value")]


def test_half_a_character_is_told(law: ce.Ruleset) -> None:
    facts = ce.Facts.from_records({"result": [{"id": "r", "value": "5\ud800 mg/L"}]})
    assert [q.column for q in ce.evaluate(law, facts, as_of=AS_OF).quarantine] == ["value"]


def test_a_scope_that_holds_nothing_by_mistake_is_refused(law: ce.Ruleset) -> None:
    def evaluate(**scope: Any) -> object:  # noqa: ANN401
        return ce.evaluate(law, ce.Facts.from_records(SITE), as_of=AS_OF, **scope)

    with pytest.raises(TypeError, match=r"`sites` is a list of ids, not 's': write \['s'\]"):
        evaluate(sites="s")
    with pytest.raises(ValueError, match="`period` ends on 2026-01-01, before it begins on 2026-04-15"):
        evaluate(period=(AS_OF, date(2026, 1, 1)))
    for odd in ("2026", AS_OF, (AS_OF,), (AS_OF, AS_OF, AS_OF)):
        with pytest.raises(TypeError, match="`period` is its first and its last day"):
            evaluate(period=odd)
    with pytest.raises(ce.FactsError, match="no obligation was found for a site `nope`"):
        evaluate(since={"nope": AS_OF})
    for wrong in (AS_OF, "2026-04-15"):
        with pytest.raises(TypeError, match="`known_as_of` is an instant"):
            evaluate(known_as_of=wrong)


def test_a_site_that_nothing_is_found_for_is_no_site(law: ce.Ruleset) -> None:
    """No finding reads like no violation."""
    facts = ce.Facts.from_records(SITE)
    with pytest.raises(ce.FactsError, match="no obligation was found for a site `nope`"):
        ce.evaluate(law, facts, as_of=AS_OF, sites=["nope"])
    # One that is there may have no obligation.
    assert ce.evaluate(law, facts, as_of=AS_OF, sites=["s"]).to_frame().is_empty()


def test_an_engine_that_is_none(law: ce.Ruleset) -> None:
    with pytest.raises(ValueError, match="`engine` is one of durable, python, not 'x'"):
        library.evaluate(law, ce.Facts.from_records(SITE), as_of=AS_OF, engine="x")
