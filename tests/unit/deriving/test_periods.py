"""The periods in which subjects are bound are the same whether they are listed one by one or by a plan over frames."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compliance_engine.deriving import dates, periods
from compliance_engine.deriving.context import Context
from compliance_engine.deriving.periods import bound_periods
from compliance_engine.deriving.windows import FAR
from compliance_engine.model.program import Grain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_engine.deriving.world import World
    from compliance_engine.model.program import ProvisionSpec

DAYS = st.dates(date(2023, 11, 1), date(2026, 3, 31)).map(dates.days_of)
LOW, HIGH = DAYS | st.just(-FAR), DAYS | st.just(FAR)
SPANS = st.lists(st.tuples(st.integers(0, 2), LOW, HIGH, st.integers(0, 40), st.integers(0, 40)), max_size=6)
CALENDARS = [Grain(kind="calendar", unit=unit) for unit in ("month", "quarter", "half-year", "year")]
CALENDARS += [Grain(kind="calendar", unit="week", week_start=day) for day in ("sunday", "monday")]
SLIDING = [Grain(kind="sliding", count=count, step=step) for count, step in ((2, 1), (6, 3), (12, 12), (3, 2))]
IN_FORCE = st.tuples(
    st.sampled_from(["1990-01-01", "2024-02-29", "2025-07-01"]), st.sampled_from(["", "2025-06-30", "2024-12-31"])
)


def found(  # noqa: PLR0913 (all that it rests on)
    spans: Sequence[tuple[int, ...]],
    grain: Grain,
    in_force: tuple[str, str],
    back: int,
    since: dict[str, date],
    *,
    few: int,
    as_of: date = date(2026, 1, 31),
) -> pl.DataFrame:
    names = dict.fromkeys(("from", "to", "c.from", "c.to"), pl.Int32)
    frame = pl.DataFrame(spans, schema={"sub": pl.UInt32, **names}, orient="row").sort("sub", maintain_order=True)
    world = cast("World", SimpleNamespace(since=since, as_of=as_of, earliest=lambda: dates.days_of(date(2024, 5, 9))))
    provision = cast("ProvisionSpec", SimpleNamespace(id="p", in_force_from=in_force[0], in_force_to=in_force[1]))
    subjects = Context(world, pl.DataFrame({"site": ["a", "b", None]}, schema={"site": pl.String}), {}, {})
    with patch.object(periods, "FEW_SPANS", few):
        return bound_periods(subjects, frame, provision, grain, back)


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(
    spans=SPANS,
    grain=st.sampled_from([*CALENDARS, *SLIDING]),
    in_force=IN_FORCE,
    back=st.sampled_from([0, 1, 11, 12]),
    since=st.sampled_from([{}, {"": date(2024, 2, 29)}, {"": date(2025, 3, 31), "b": date(2024, 12, 31)}]),
)
@example(
    spans=[(0, 19_800, 19_850, 0, 0), (0, 19_840, 19_900, 3, 0), (1, -FAR, FAR, 0, 0)],
    grain=SLIDING[1],
    in_force=("1990-01-01", ""),
    back=1,
    since={"": date(2024, 3, 31)},
)
def test_both_ways_find_the_same(
    spans: Sequence[tuple[int, ...]], grain: Grain, in_force: tuple[str, str], back: int, since: dict[str, date]
) -> None:
    # What is certain lies within what is possible.
    certain = [(sub, low, high, low + later, high - sooner) for sub, low, high, later, sooner in spans if low <= high]
    singly, together = (found(certain, grain, in_force, back, since, few=few) for few in (20, -1))
    assert singly.equals(together)
    assert singly.schema == together.schema


def test_many_periods_are_not_listed_one_by_one() -> None:
    day = Grain(kind="calendar", unit="day")
    every = [(0, -FAR, FAR, -FAR, FAR)]
    since = {"": date(2026, 1, 31) - timedelta(days=periods.FEW_PERIODS)}
    with patch.object(periods, "_together", side_effect=AssertionError("listed by a plan")):
        with pytest.raises(AssertionError, match="by a plan"):
            found(every, day, ("1990-01-01", ""), 0, since, few=20)
        since = {"": since[""] + timedelta(days=1)}
        assert found(every, day, ("1990-01-01", ""), 0, since, few=20).height == periods.FEW_PERIODS


@pytest.mark.parametrize(
    ("as_of", "since", "back"),
    [(date.max, date(9998, 5, 1), 0), (date(3, 2, 1), date.min, 12), (date(3, 2, 1), date(2, 1, 1), 20_000)],
)
@pytest.mark.parametrize("grain", [*CALENDARS, *SLIDING])
def test_the_first_and_the_last_days_of_the_calendar(grain: Grain, as_of: date, since: date, back: int) -> None:
    ever = [(0, -FAR, FAR, -FAR, FAR)]
    ways = [found(ever, grain, ("0001-01-01", ""), back, {"": since}, few=few, as_of=as_of) for few in (20, -1)]
    assert ways[0].equals(ways[1])
    assert ways[0].height > 0
