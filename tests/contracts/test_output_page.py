"""docs/output.md says what is written, in the order in which it is written, and its query runs."""

import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from compliance_engine.commands.boundary import Exit
from compliance_engine.commands.verdict import FAIL_ON
from compliance_engine.reporting.json_text import SCHEMA
from compliance_engine.reporting.rows import COLUMNS
from compliance_engine.storing.writing import store_evaluation
from tests.unit.example_findings import make_findings, make_provenance

PAGE = (Path(__file__).parents[2] / "docs" / "output.md").read_text(encoding="utf-8")


def test_every_key_is_explained_in_order() -> None:
    table = PAGE.split("key | meaning")[1].split("\n\n")[0]
    keys = [key for line in table.splitlines() for key in re.findall(r"`(\w+)`", line.partition("|")[0])]
    assert tuple(keys) == COLUMNS
    assert SCHEMA in PAGE


def test_every_exit_code_is_explained() -> None:
    codes = {int(code) for line in PAGE.splitlines() for code in re.findall(r"\d+", line.partition("|")[0])}
    assert {int(code) for code in Exit} <= codes
    assert all(f"`{word}`" in PAGE for word in FAIL_ON)


def test_the_query_runs(tmp_path: Path) -> None:
    store_evaluation(
        f"sqlite:///{tmp_path / 'x.db'}", make_findings(), make_provenance(), b"{}", datetime(2026, 1, 1, tzinfo=UTC)
    )
    query = PAGE.split("```sql")[1].split("```")[0]
    connection = sqlite3.connect(tmp_path / "x.db")
    rows = connection.execute(query).fetchall()
    connection.close()
    assert [row[0] for row in rows] == ["riverside", "hilltop"]
