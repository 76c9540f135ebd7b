"""Random facts of the small vocabulary: few records, many gaps, sources that are complete for some of the time."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.properties.rulesets import rulesets
from tests.properties.worlds import Rows, Statement, World

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

Row = dict[str, str | None]
AMOUNTS = ["0", "1", "2", "2.5", "3", "4", "10"]
LEVELS = ["1 mg/L", "2000 ug/L", "3 mg/L", "<2 mg/L", "<=3 mg/L", ">3 mg/L", "4.5 mg/L", ">=1 mg/L"]
DAYS = ["2026-01-03", "2026-01-31", "2026-02-10", "2026-02-28", "2026-03-01", "2026-03-15", "2026-04-20"]
FIELDS: dict[str, dict[str, list[str]]] = {
    "plant": {
        "size": AMOUNTS,
        "spare": ["1", "4"],
        "cap": ["1 mg/L", "3 mg/L", "3000 ug/L"],
        "mode": ["red", "blue", "green"],
        "rank": ["low", "middle", "high"],
        "active": ["true", "false"],
        "opened": ["2025-12-01", "2026-01-20", "2026-02-10", "2026-03-20"],
        "shut": DAYS,
        "ends": ["2026-02-20", "2026-03-31"],
        "how": ["mean", "max", "min", "sum", "count"],
        "way": ["zero", "half", "interval"],
        "sense": ["<=", ">", "="],
    },
    "reading": {
        "day": DAYS,
        "amount": AMOUNTS,
        "level": LEVELS,
        "good": ["true", "false"],
        "tone": ["red", "blue", "green"],
    },
    "check": {
        "date": DAYS,
        "mode": ["red", "blue", "green"],
        "rank": ["low", "middle", "high"],
        "dose": ["0 mg/L", "1 mg/L", "2000 ug/L", "5 kg"],
    },
    "permit": {
        "begins": ["2025-06-01", "2026-02-01", "2026-03-10"],
        "stops": ["2026-02-14", "2026-03-31"],
        "extended": ["true", "false"],
        "strength": AMOUNTS,
    },
    "waiver": {
        "provision": ["random.first", "random.first/main", "random.second", "random.records"],
        "from": ["2025-06-01", "2026-02-01", "2026-02-28"],
        "to": ["2026-02-28", "2026-03-31"],
        "authority": ["boss", "clerk"],
    },
    "determination": {
        "question": ["random.looks-bad", "does it look bad", "rusty"],
        "answer": ["true", "false"],
        "basis": ["sight", "hearsay"],
        "role": ["boss", "clerk"],
        "date": DAYS,
    },
}


@st.composite
def record(draw: DrawFn, name: str, key: str, links: tuple[str, ...]) -> Row:
    """Give a record; about one cell in six is empty."""
    row: Row = {"id": key}
    link = {"plant": "site", "check": "site", "waiver": "subject", "determination": "subject"}.get(name, "plant")
    row[link] = draw(st.sampled_from(links))
    for field, choices in FIELDS[name].items():
        empty = draw(st.integers(0, 5)) == 0
        row[field] = None if empty else draw(st.sampled_from(choices))
    return row


@st.composite
def facts(draw: DrawFn) -> Rows:
    plants = tuple(f"p{n}" for n in range(draw(st.integers(1, 2))))
    rows: Rows = {"site": [{"id": "s", "zone": None}]}
    rows["plant"] = [draw(record("plant", key, ("s",))) for key in plants]
    rows["reading"] = [draw(record("reading", f"r{n}", plants)) for n in range(draw(st.integers(0, 5)))]
    rows["check"] = [draw(record("check", f"c{n}", ("s",))) for n in range(draw(st.integers(0, 3)))]
    rows["permit"] = [draw(record("permit", f"m{n}", plants)) for n in range(draw(st.integers(0, 2)))]
    subjects = (*plants, "p0/red", "p1/blue", "r0")
    rows["waiver"] = [draw(record("waiver", f"w{n}", subjects)) for n in range(draw(st.integers(0, 2)))]
    rows["determination"] = [draw(record("determination", f"d{n}", subjects)) for n in range(draw(st.integers(0, 3)))]
    choices = st.fixed_dictionaries(
        {
            "policy": st.just("random.basis"),
            "choice": st.sampled_from(["early", "late", "never"]),
            "site": st.sampled_from(["s", "z", None]),
        }
    )
    rows["policy"] = draw(st.lists(choices, max_size=2))
    return rows


def statements() -> SearchStrategy[tuple[Statement, ...]]:
    """Give statements of completeness: for the whole time, for a part, or none."""
    ends = st.sampled_from([date(2026, 12, 31), date(2026, 12, 31), date(2026, 2, 20)])
    one = st.builds(
        Statement, st.sampled_from(["reading", "check", "permit", "plant", "waiver"]), st.just(date(2025, 1, 1)), ends
    )
    return st.lists(one, max_size=3, unique_by=lambda s: s.type).map(tuple)


def worlds() -> SearchStrategy[World]:
    as_of = st.sampled_from([date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 20), date(2026, 5, 4)])
    return st.builds(World, rulesets(), facts(), statements(), as_of, st.just(date(2026, 1, 1)))
