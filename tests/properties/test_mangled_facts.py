"""Whatever a fact file holds, reading it gives facts and diagnostics: never an exception, never a lost row."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_engine.kernel.diagnostic import Diagnostic
from compliance_engine.reading.facts import facts_from_records, read_facts
from tests.unit.reading.example_types import COLUMNS, HEADER, ROWS, TYPES, write_site

if TYPE_CHECKING:
    from compliance_engine.model.facts import Facts

FIELDS = [field.name for field in TYPES["result"].fields]
CELLS = st.sampled_from(["", "1", "<0.5 mg/L", "2026-03-04", "grab", "true", "1,5", "nan", "−1", "9" * 30]) | st.text(
    max_size=12
)


def whole_csv() -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *ROWS])
    return text.getvalue().encode()


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """Draw a good CSV file with a few bytes put in, taken out, or changed."""
    data = bytearray(whole_csv())
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(data)))
        taken = draw(st.integers(0, 3))
        data[at : at + taken] = draw(st.binary(max_size=3) | st.sampled_from([b'"', b",", b"\n", b"\r", b"\x00"]))
    return bytes(data)


def read(name: str, data: bytes) -> tuple[Facts, tuple[Diagnostic, ...]]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_bytes(data)
        write_site(Path(folder), f"  - file: {name}{COLUMNS}")
        return read_facts([folder], TYPES)


@settings(max_examples=60)
@given(mangled())
def test_mangled_csv(data: bytes) -> None:
    """Law: totality. Each row that was counted is a fact, or in the quarantine, or the equal of a fact."""
    facts, diagnostics = read("lab.csv", data)
    assert all(isinstance(found, Diagnostic) for found in diagnostics)
    if not diagnostics:
        (source,) = facts.sources
        kept = facts.tables["result"].frame.height
        assert kept <= source.rows
        assert kept + len({q.row for q in facts.quarantine}) >= min(source.rows, 1)


@pytest.mark.parametrize(
    "name", ["lab.json", "lab.jsonl", "lab.yaml", "lab.parquet", "lab.xlsx", "lab.csv.gz", "lab.tsv"]
)
@settings(max_examples=15)
@given(st.binary(max_size=80) | st.text(alphabet='[]{}:,"- \n\tab1&*', max_size=60).map(str.encode))
def test_bytes_that_are_no_such_file(name: str, data: bytes) -> None:
    """Law: totality."""
    _, diagnostics = read(name, data)
    assert all(isinstance(found, Diagnostic) for found in diagnostics)


@settings(max_examples=60)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["id", *FIELDS]), CELLS | st.none() | st.floats() | st.integers()), max_size=6
    )
)
def test_no_record_is_lost(records: list[dict[str, object]]) -> None:
    """Law: nothing lost. A record is a fact, in the quarantine, or equal to a fact with the same id."""
    facts, diagnostics = facts_from_records(TYPES, {"result": records})
    if diagnostics or not records:
        return
    frame = facts.tables["result"].frame
    seen = {row for (row,) in frame.select("_row").rows()} | {q.row for q in facts.quarantine}
    ids = set(frame["id"].cast(pl.String).to_list())
    for number, record in enumerate(records, 1):
        text = str(record.get("id"))  # Python takes control characters for blanks, facts do not
        assert number in seen or {text, text.strip()} & ids


@settings(max_examples=40)
@given(st.permutations(range(6)))
def test_order_of_rows_does_not_matter(order: list[int]) -> None:
    """Law: order independence, also of ids made from content and of what is said of doubles."""
    records = [
        {"site": "s", "date": "2026-03-04", "value": "1.50 mg/L"},
        {"site": "s", "date": "2026-03-04", "value": "1.5 mg/L"},
        {"id": "a", "value": "1 mg/L"},
        {"id": "a", "value": "2 mg/L"},
        {"id": "b", "value": "0.125 mg/L"},
        {"id": "c", "value": "x"},
    ]
    facts, _ = facts_from_records(TYPES, {"result": [records[i] for i in order]})
    straight, _ = facts_from_records(TYPES, {"result": records})
    frames = [f.tables["result"].frame.drop("_row").sort("id") for f in (facts, straight)]
    assert frames[0].equals(frames[1])
    told = [sorted((q.column, q.found, q.reason) for q in f.quarantine) for f in (facts, straight)]
    assert told[0] == told[1]
