"""An instant lies on the day that it is at its site: held by both evaluators, in zones on both sides of UTC."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.properties import laws
from tests.properties.budget import examples
from tests.properties.worlds import Rows, Statement, World, by_oracle, by_product

VOCABULARY = """
vocabulary: random
types:
  site: {kind: reference, fields: {zone: {type: text, empty: none}}}
  spill:
    kind: event
    time: found
    fields: {site: reference site, found: instant, stopped: {type: instant, empty: none}}
  visit:
    kind: event
    time: day
    fields: {site: reference site, day: date}
"""
PARAMETER = (
    "parameter: random.step\ncitation: none\nvalues: [{from: 2025-06-01, value: 2}, {from: 2026-03-03, value: 3}]\n"
)
HEAD = """provision: random.%s
title: Random
citation: none
in_force: {from: %s}
reviewed: 2026-01-01
severity: minor
status: confirmed
applies: {to: spill}
after: found
by: %s
"""
DEMANDS = (
    "require: some visit",
    "require: some visit from trigger to due",
    "require: some visit in 2 days to trigger",
    "require: some visit where day >= found and day <= 1 days after trigger",
    "require: some visit from found to 1 days after found",
    "require: count(visit from trigger to due) + 2 >= step",
    "done: stopped",
    "require: (stopped else found) > trigger",
    "require: (stopped else found) > 1 months after found or (stopped else found) < 2 days before found",
    "require: (stopped else found) < 30 hours after found",
)
INSTANTS = st.sampled_from(
    [f"2026-03-0{day}T{hour}:30:00Z" for day in (2, 3, 4, 7, 8) for hour in ("00", "05", "12", "17", "23")]
)
DAYS = st.sampled_from([f"2026-03-0{day}" for day in range(1, 10)])
WHOLE = tuple(Statement(name, date(2026, 1, 1), date(2026, 12, 31)) for name in ("visit", "spill"))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    zones = draw(st.lists(st.sampled_from([None, "America/Chicago", "Asia/Shanghai"]), min_size=2, max_size=2))
    sites = [f"s{number}" for number in range(len(zones))]
    facts: Rows = {
        "site": [{"id": site, "zone": zone} for site, zone in zip(sites, zones, strict=True)],
        "spill": [
            {
                "id": f"p{n}",
                "site": draw(st.sampled_from(sites)),
                "found": draw(INSTANTS),
                "stopped": draw(st.none() | INSTANTS),
            }
            for n in range(draw(st.integers(1, 3)))
        ],
        "visit": [
            {"id": f"v{n}", "site": draw(st.sampled_from(sites)), "day": draw(DAYS)}
            for n in range(draw(st.integers(0, 3)))
        ],
    }
    rules = [VOCABULARY, PARAMETER]
    for number, demand in enumerate(DEMANDS):
        due, start = (
            draw(
                st.sampled_from(
                    ["2 days", "36 hours", "1 months", "1 months after found", "1 days after (stopped else found)"]
                )
            ),
            draw(st.sampled_from(["2020-01-01", "2026-03-03"])),
        )
        rules.append(HEAD % (f"p{number}", start, due) + demand + "\n")
    return World(tuple(rules), facts, WHOLE, date(2026, 3, draw(st.integers(3, 12))), date(2026, 1, 1))


@examples(20)
@given(worlds())
def test_both_find_the_same_day(world: World) -> None:
    laws.agree(by_oracle(world), by_product(world))
