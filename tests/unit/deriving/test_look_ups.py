"""Tables looked up by keys that are not known: by each symbol that they may be, as long as these are not too many."""

from __future__ import annotations

from datetime import date
from unittest.mock import patch

import pytest

from compliance_engine.deriving import lookups
from tests.properties.worlds import World, by_product

LAW = """vocabulary: t
types:
  site: {kind: reference}
  plant:
    kind: reference
    fields: {site: reference site, grade: "enum [small, large]", colour: "enum [red, blue]", level: decimal}
---
table: t.limits
citation: x
keys: {grade: "enum [small, large]", colour: "enum [red, blue]"}
columns: {most: decimal}
rows: [[small, red, 1], [small, blue, 2], [large, red, 3], [large, blue, 4]]
on_miss: undetermined
---
provision: t.level
title: A plant keeps its limit
citation: x
in_force: {from: 2000-01-01}
reviewed: 2026-01-01
status: confirmed
severity: minor
applies: {to: plant}
limit: {value: level, of: "table(t.limits, grade, colour).most"}
"""


def statuses(**plants: dict[str, str | None]) -> dict[str, str]:
    rows = [{"id": name, "site": "s", "grade": None, "colour": None, **cells} for name, cells in plants.items()]
    world = World(tuple(LAW.split("---\n")), {"site": [{"id": "s"}], "plant": rows}, (), date(2026, 3, 31))
    return {verdict.subject: verdict.status for verdict in by_product(world)}


@pytest.mark.parametrize(
    ("most", "within"),
    [(9, "compliant"), (8, "undetermined")],
    ids=["each: what is known, and two symbols", "too many"],
)
def test_every_symbol_that_a_key_may_be(most: int, within: str) -> None:
    """Beyond the bound a verdict is open where it could be settled, and never another one."""
    with patch.object(lookups, "MOST_COMBINED", most):
        found = statuses(
            within={"level": "1"},
            between={"level": "2.5"},
            beyond={"level": "9"},
            known={"level": "2.5", "grade": "large", "colour": "red"},
        )
    beyond = "violation" if within == "compliant" else "undetermined"
    assert found == {"within": within, "between": "undetermined", "beyond": beyond, "known": "compliant"}
