"""Fact types for the tests of the fact readers, and how a site folder is written for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance_engine.model.program import FactType, FieldType
from compliance_engine.reading.facts import read_facts

if TYPE_CHECKING:
    from pathlib import Path

    from compliance_engine.kernel.diagnostic import Diagnostic
    from compliance_engine.model.facts import Facts

SITE = FieldType(name="site", base="reference", target="site")
TYPES = {
    "site": FactType(
        name="site",
        kind="reference",
        site=(),
        fields=(FieldType(name="name", base="text"), FieldType(name="zone", base="text")),
    ),
    "permit": FactType(
        name="permit",
        kind="state",
        span_from="effective",
        span_to="expires",
        site=("site",),
        fields=(
            SITE,
            FieldType(name="effective", base="date"),
            FieldType(name="expires", base="date", empty="never"),
        ),
    ),
    "result": FactType(
        name="result",
        kind="event",
        time="date",
        site=("site",),
        fields=(
            SITE,
            FieldType(name="outfall", base="text"),
            FieldType(name="date", base="date"),
            FieldType(name="value", base="quantity", unit="mg/L", qualified=True, non_negative=True),
            FieldType(name="kind", base="enum", symbols=("grab", "composite")),
            FieldType(name="approved", base="bool"),
        ),
    ),
    "limit": FactType(
        name="limit",
        kind="reference",
        site=("permit", "site"),
        fields=(
            FieldType(name="permit", base="reference", target="permit"),
            FieldType(name="value", base="quantity", unit="varies"),
            FieldType(name="months", base="integer"),
            FieldType(name="factor", base="decimal"),
        ),
    ),
    "training": FactType(
        name="training", kind="event", time="date", site=("site",), fields=(SITE, FieldType(name="date", base="date"))
    ),
    "notice": FactType(
        name="notice",
        kind="event",
        time="given",
        site=("permit", "site"),
        fields=(
            FieldType(name="permit", base="reference", target="permit"),
            FieldType(name="given", base="instant"),
        ),
    ),
}
COLUMNS = """
    type: result
    columns:
      id: Lab ID
      site: Site
      date: Day
      value: {column: Result, unit: mg/L, qualifier: Q}
      kind: Kind
"""
HEADER = ["Lab ID", "Site", "Day", "Result", "Q", "Kind"]
ROWS = [["A1", "s", "2026-03-04", "36.25", "", "grab"], ["A2", "s", "2026-03-05", "0.2", "<", "composite"]]


def write_site(folder: Path, sources: str, rest: str = "") -> None:
    """Write a manifest with the `sources` given as YAML list items."""
    folder.mkdir(exist_ok=True)
    folder.joinpath("site.yaml").write_text(f"facts: example\nsources:\n{sources}\n{rest}\n")


def read_site(folder: Path) -> Facts:
    """Read a folder of which nothing is wrong."""
    facts, diagnostics = read_facts([folder], TYPES)
    assert diagnostics == ()
    return facts


def diagnosed(folder: Path) -> tuple[Diagnostic, ...]:
    """Read a folder of which something is wrong."""
    facts, diagnostics = read_facts([folder], TYPES)
    assert diagnostics
    assert not facts.tables
    return diagnostics


def cells(facts: Facts, type_name: str, *names: str) -> list[tuple[object, ...]]:
    """List the cells of a table, by id."""
    frame = facts.tables[type_name].frame.sort("id")
    return [tuple(row) for row in frame.select(names).rows()]
