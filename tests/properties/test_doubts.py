"""Worlds that random search found, in which a doubt must not become a verdict: small, and held by both evaluators."""

from __future__ import annotations

from datetime import date

import pytest

from tests.properties import laws
from tests.properties.rulesets import HEAD
from tests.properties.vocabulary import REFERENCE, STATE, VOCABULARY
from tests.properties.worlds import Rows, Statement, World, by_oracle, by_product

WHOLE = tuple(Statement(name, date(2025, 1, 1), date(2026, 12, 31)) for name in ("reading", "permit"))
SITE: Rows = {"site": [{"id": "s"}], "plant": [{"id": "p", "site": "s", "size": "0", "cap": "3 mg/L"}]}
BOUND = (
    "applies:\n  to: plant\n  each: calendar month\n  while: [permit]\nlimit: {value: max(reading.level), of: cap}\n"
)
FOLLOWS = "applies:\n  to: finding of random.first where met is false\nrequire: size > 1\n"


def permitted(extended: str | None) -> World:
    """Give a breach five days after a permit ended, unless it went on; and a duty that follows from the breach."""
    readings: list[dict[str, str | None]] = [
        {"id": "a", "plant": "p", "day": "2026-03-02", "level": "1 mg/L"},
        {"id": "b", "plant": "p", "day": "2026-03-25", "level": "9 mg/L"},
    ]
    permit: dict[str, str | None] = {
        "id": "m",
        "plant": "p",
        "begins": "2026-03-01",
        "stops": "2026-03-20",
        "extended": extended,
    }
    rules = (VOCABULARY % REFERENCE, HEAD % "first" + BOUND, HEAD % "second" + FOLLOWS)
    return World(rules, {**SITE, "reading": readings, "permit": [permit]}, WHOLE, date(2026, 3, 31), date(2026, 3, 1))


def dated(day: str | None) -> World:
    """Give a forbidden reading, of a day that is perhaps after the as-of date."""
    rules = (VOCABULARY % REFERENCE, HEAD % "first" + "applies:\n  to: plant\nrequire: no reading\n")
    return World(
        rules, {**SITE, "reading": [{"id": "a", "plant": "p", "day": day}]}, WHOLE, date(2026, 5, 4), date(2026, 3, 1)
    )


def nested() -> World:
    """Give records that are held against the due date, and against each other, where they stand in a set."""
    readings: list[dict[str, str | None]] = [
        {"id": "a", "plant": "p", "day": "2026-03-02", "level": "1 mg/L"},
        {"id": "b", "plant": "p", "day": "2026-03-05", "level": "9 mg/L"},
    ]
    head = "applies:\n  to: plant\nafter: opened\nby: 1 months\n"
    pair = "some reading as x where count(reading as y from opened to x.day where y.level < x.level) > 0"
    rules = (
        VOCABULARY % REFERENCE,
        HEAD % "first" + head + "require: some reading where day <= due and day > trigger\n",
        HEAD % "second" + head + f"require: no reading as z where z.level > 5 mg/L and ({pair})\n",
        HEAD % "third" + head + f"require: {pair}\n",
    )
    plants: Rows = {"plant": [{**SITE["plant"][0], "opened": "2026-03-01"}]}
    return World(rules, {**SITE, **plants, "reading": readings}, WHOLE, date(2026, 5, 4), date(2026, 3, 1))


def unlinked() -> World:
    """Give a note that is known to be about no plant."""
    vocabulary = VOCABULARY % REFERENCE + (
        "  note:\n    kind: event\n    time: day\n"
        "    fields: {plant: {type: reference plant, empty: none}, day: date}\n"
    )
    rules = (vocabulary, HEAD % "first" + "applies:\n  to: plant\nrequire: no note\n")
    statement = Statement("note", date(2025, 1, 1), date(2026, 12, 31))
    facts: Rows = {**SITE, "note": [{"id": "a", "plant": None, "day": "2026-03-02"}]}
    return World(rules, facts, (*WHOLE, statement), date(2026, 5, 4), date(2026, 3, 1))


def sized(size: str | None) -> World:
    """Give a duty of great plants, and three that read what was found of it; whether the plant is great is not always known."""
    great = "applies:\n  to: plant where size > 2\nlimit: {value: 9, of: 5}\n"
    rules = (
        VOCABULARY % REFERENCE,
        HEAD % "first" + great,
        HEAD % "second" + "applies:\n  to: plant\nrequire: random.first.met\n",
        HEAD % "third" + "applies:\n  to: plant\nrequire: no finding of random.first as o where o.met is false\n",
        HEAD % "fourth" + FOLLOWS,
    )
    return World(rules, {**SITE, "plant": [{**SITE["plant"][0], "size": size}]}, WHOLE, date(2026, 5, 4))


def judged(day: str | None) -> World:
    """Give a duty about each reading; of one it is perhaps not known when it was taken."""
    rules = (VOCABULARY % REFERENCE, HEAD % "first" + "applies:\n  to: reading\nrequire: level < 2 mg/L\n")
    readings: list[dict[str, str | None]] = [{"id": "a", "plant": "p", "day": day, "level": "9 mg/L"}]
    return World(rules, {**SITE, "reading": readings}, WHOLE, date(2026, 5, 4), date(2026, 3, 1))


DOUBTS = [
    pytest.param(sized(None), [sized("1"), sized("3")], id="a subject that is perhaps none"),
    pytest.param(judged(None), [judged("2026-04-01"), judged("2026-06-01")], id="an event that perhaps is to come"),
    pytest.param(permitted(None), [permitted("false"), permitted("true")], id="a permit that perhaps went on"),
    pytest.param(dated(None), [dated("2026-04-01"), dated("2026-06-01")], id="a record without its day"),
]


@pytest.mark.parametrize(("doubtful", "known"), DOUBTS)
def test_the_oracle_keeps_the_doubt(doubtful: World, known: list[World]) -> None:
    for world in known:
        laws.is_monotone(by_oracle, doubtful, world)


@pytest.mark.parametrize(("doubtful", "known"), DOUBTS)
def test_the_product_keeps_the_doubt(doubtful: World, known: list[World]) -> None:
    for world in known:
        laws.is_monotone(by_product, doubtful, world)


@pytest.mark.parametrize(
    "world", [permitted("false"), permitted("true"), dated("2026-04-01"), dated("2026-06-01"), nested(), unlinked()]
)
def test_without_doubt_both_agree(world: World) -> None:
    laws.agree(by_oracle(world), by_product(world))


def test_both_doubt_what_holds_without_end_while_no_day_is_certain() -> None:
    """A plant that opened on some day, and a permit that goes on: whether it held while the plant was one."""
    plant: dict[str, str | None] = {"id": "p", "site": "s", "active": "true", "opened": None, "ends": "2026-02-20"}
    permits: list[dict[str, str | None]] = [
        {"id": "a", "plant": "p", "begins": "2026-03-10", "stops": "2026-03-31", "extended": None, "strength": "0"},
        {"id": "b", "plant": "p", "begins": "2025-06-01", "stops": "2026-03-31", "extended": "true", "strength": "2"},
    ]
    body = "applies:\n  to: plant\n  each: calendar week\n  while: [permit]\nrequire: active\nunless: [some permit]\n"
    rules = (VOCABULARY % STATE, HEAD % "first" + body)
    facts: Rows = {"site": [{"id": "s"}], "plant": [plant], "permit": permits}
    world = World(rules, facts, WHOLE, date(2026, 2, 28), date(2026, 1, 1))
    laws.agree(by_oracle(world), by_product(world))
