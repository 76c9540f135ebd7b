"""Facts from Python records: typing, refusal, ids, duplicates, completeness."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
from msgspec.structs import replace

from compliance_engine.model.facts import Complete, Facts
from compliance_engine.model.program import FieldType
from compliance_engine.reading.facts import describe_facts, facts_from_frames, facts_from_records, quarantine_rows
from tests.unit.reading.example_types import TYPES, cells

if TYPE_CHECKING:
    from compliance_engine.kernel.diagnostic import Diagnostic

YEAR = Complete(type="result", start=date(2026, 1, 1), end=date(2026, 12, 31))


def read(records: dict[str, list[dict[str, object]]], complete: tuple[Complete, ...] = ()) -> Facts:
    facts, diagnostics = facts_from_records(TYPES, records, complete=complete)
    assert diagnostics == ()
    return facts


def refused(records: dict[str, list[dict[str, object]]]) -> tuple[Diagnostic, ...]:
    facts, diagnostics = facts_from_records(TYPES, records)
    assert not facts.tables
    return diagnostics


def test_cells_are_texts_or_python_values() -> None:
    facts = read(
        {
            "result": [
                {
                    "id": "a",
                    "site": "s",
                    "date": "2026-03-04",
                    "value": "<0.2 mg/L",
                    "kind": "grab",
                    "approved": "true",
                },
                {"id": "b", "site": "s", "date": date(2026, 3, 5), "value": "36.25 mg/L", "approved": False},
                {"id": "c", "date": None, "value": ""},
            ],
            "limit": [{"id": "l", "value": "30 mg/L", "months": 3, "factor": Decimal("8.34")}],
        }
    )
    assert cells(facts, "result", "id", "date", "value", "value__q", "kind", "approved") == [
        ("a", date(2026, 3, 4), 20, 1, "grab", True),
        ("b", date(2026, 3, 5), 3625, 0, None, False),
        ("c", None, None, 0, None, None),
    ]
    shape = facts.tables["result"].shapes["value"]
    assert (shape.scale, shape.nulls, shape.largest, shape.censored) == (100, 1, 3625, True)
    assert cells(facts, "limit", "value", "value__u", "months", "factor") == [(30, "mg/L", 3, 834)]
    assert facts.tables["limit"].shapes["factor"].scale == 100


def test_every_column_of_the_type_is_there() -> None:
    frame = read({"result": [{"id": "a", "value": "1 mg/L"}]}).tables["result"].frame
    assert dict(frame.schema) == {
        "id": pl.String, "site": pl.String, "outfall": pl.String, "date": pl.Date, "value": pl.Int64,
        "value__q": pl.UInt8, "kind": pl.String, "approved": pl.Boolean, "_source": pl.UInt16, "_row": pl.UInt32,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ({"value": "-1 mg/L"}, "below zero"),
        ({"value": "<0 mg/L"}, "below zero"),
        ({"value": "1 kg"}, "cannot be converted"),
        ({"value": "1 blorb"}, "blorb"),
        ({"value": "1,5 mg/L"}, "comma"),
        ({"kind": "grap"}, "did you mean grab"),
        ({"approved": "Y"}, "codes"),
        ({"date": "03/04/2026"}, "2026-03-04"),
        ({"date": "0026-03-04"}, "1800"),
        ({"date": "2026-02-30"}, "2026-03-04"),
    ],
)
def test_a_bad_cell_refuses_its_row_with_a_reason(cell: dict[str, object], reason: str) -> None:
    good: dict[str, object] = {"id": "good", "value": "1 mg/L", "date": "2026-03-04"}
    facts = read({"result": [good, {"id": "bad", **cell}]})
    assert cells(facts, "result", "id") == [("good",)]
    (row,) = quarantine_rows(facts)
    assert (row.row, row.column) == (2, next(iter(cell)))
    assert reason in row.reason
    assert facts.sources[0].quarantined == 1
    assert facts.sources[0].rows == 2


def test_integers_are_whole_and_bare() -> None:
    facts = read({"limit": [{"id": "a", "months": "3.0"}, {"id": "b", "months": "3.5"}, {"id": "c", "months": "<3"}]})
    assert cells(facts, "limit", "id", "months") == [("a", 3)]
    assert [q.row for q in facts.quarantine] == [2, 3]


def test_units_are_converted_exactly_row_by_row() -> None:
    facts = read({"result": [{"id": "a", "value": "250 ug/L"}, {"id": "b", "value": "1.5 mg/L"}]})
    scale = facts.tables["result"].shapes["value"].scale
    assert [v / scale for (v,) in cells(facts, "result", "value")] == [0.25, 1.5]  # type: ignore[operator]


def test_a_quantity_without_any_unit_is_the_authors_mistake() -> None:
    (diagnostic,) = refused({"result": [{"id": "a", "value": "30"}]})
    assert diagnostic.code == "facts-no-unit"
    assert diagnostic.hint is not None
    assert "mg/L" in diagnostic.hint


def test_one_number_without_a_unit_among_others_is_refused() -> None:
    facts = read({"result": [{"id": "a", "value": "30"}, {"id": "b", "value": "30 mg/L"}]})
    assert [(q.row, q.column) for q in facts.quarantine] == [(1, "value")]


def test_unknown_names_are_diagnosed_with_a_suggestion() -> None:
    found = refused({"reslt": [{"id": "a"}], "result": [{"id": "a", "outfal": "1"}]})
    assert {(d.code, d.hint) for d in found} == {
        ("facts-unknown-type", "did you mean result?"),
        ("facts-unknown-field", "did you mean outfall?"),
    }


def test_a_zone_that_does_not_exist_is_diagnosed() -> None:
    (diagnostic,) = refused({"site": [{"id": "s", "zone": "America/Riverside"}]})
    assert diagnostic.code == "facts-unknown-zone"


def test_instants_are_local_to_the_site_unless_they_have_an_offset() -> None:
    facts = read(
        {
            "site": [{"id": "s", "zone": "America/Chicago"}],
            "permit": [{"id": "p", "site": "s"}],
            "notice": [
                {"id": "a", "permit": "p", "given": "2026-03-04T23:30"},
                {"id": "b", "permit": "p", "given": "2026-03-05T02:30:00Z"},
                {"id": "c", "permit": "p", "given": "2026-03-05 02:30:00.5+09:00"},
                {"id": "d", "permit": None, "given": "2026-07-01T12:00"},
            ],
        }
    )
    assert cells(facts, "notice", "given", "given__d") == [
        (datetime(2026, 3, 5, 5, 30, tzinfo=UTC), date(2026, 3, 4)),
        (datetime(2026, 3, 5, 2, 30, tzinfo=UTC), date(2026, 3, 4)),
        (datetime(2026, 3, 4, 17, 30, 0, 500_000, tzinfo=UTC), date(2026, 3, 4)),
        (datetime(2026, 7, 1, 12, tzinfo=UTC), date(2026, 7, 1)),
    ]


def test_a_local_time_that_does_not_exist_or_is_two_is_refused() -> None:
    facts = read(
        {
            "site": [{"id": "s", "zone": "America/Chicago"}],
            "permit": [{"id": "p", "site": "s"}],
            "notice": [
                {"id": "skipped", "permit": "p", "given": "2026-03-08T02:30"},
                {"id": "twice", "permit": "p", "given": "2026-11-01T01:30"},
                {"id": "said", "permit": "p", "given": "2026-11-01T01:30-06:00"},
            ],
        }
    )
    assert cells(facts, "notice", "id") == [("said",)]
    assert [(q.row, q.found) for q in facts.quarantine] == [(1, "2026-03-08T02:30:00"), (2, "2026-11-01T01:30:00")]


def test_ids_from_content_do_not_depend_on_order_or_neighbours() -> None:
    one: dict[str, object] = {"site": "s", "date": "2026-03-04", "value": "1.50 mg/L"}
    two: dict[str, object] = {"site": "s", "date": "2026-03-05", "value": "0.123456 mg/L"}
    alone, both = read({"result": [one]}), read({"result": [two, one]})
    assert set(cells(alone, "result", "id")) < set(cells(both, "result", "id"))


def test_ids_from_content_outlive_a_new_field() -> None:
    """Law: a field that is added to a type leaves the ids of the records without it as they were."""
    records: dict[str, list[dict[str, object]]] = {"result": [{"site": "s", "date": "2026-03-04", "value": "<5 mg/L"}]}
    more = (
        FieldType(name="permit-number", base="text", empty="none"),
        FieldType(name="blank", base="quantity", unit="mg/L", qualified=True),
    )
    wider = replace(TYPES["result"], fields=(*TYPES["result"].fields, *more))
    facts, diagnostics = facts_from_records({**TYPES, "result": wider}, records)
    assert diagnostics == ()
    assert cells(facts, "result", "id") == cells(read(records), "result", "id")


def test_equal_records_without_ids_stay_two() -> None:
    same: dict[str, object] = {"site": "s", "date": "2026-03-04", "value": "1 mg/L"}
    (first,), (second,) = cells(read({"result": [same, same]}), "result", "id")
    assert second == f"{first}-2"


def test_equal_records_with_one_id_are_one() -> None:
    facts = read({"result": [{"id": "a", "value": "1.0 mg/L"}, {"id": "a", "value": "1 mg/L"}]})
    assert cells(facts, "result", "id", "_row") == [("a", 1)]
    assert facts.quarantine == ()


def test_what_records_with_one_id_say_differently_is_unknown_and_both_are_shown() -> None:
    facts = read(
        {"result": [{"id": "a", "kind": "grab", "value": "1 mg/L"}, {"id": "a", "kind": "grab", "value": "1.5 mg/L"}]}
    )
    assert cells(facts, "result", "id", "kind", "value") == [("a", "grab", None)]
    assert [(q.row, q.column, q.found) for q in facts.quarantine] == [(1, "value", "1"), (2, "value", "1.5")]


@pytest.mark.parametrize(("field", "one", "other"), [("date", "2026-03-04", "2026-03-05"), ("site", "s", "t")])
def test_records_with_one_id_and_two_times_or_places_are_not_used(field: str, one: str, other: str) -> None:
    facts = read({"result": [{"id": "a", field: one}, {"id": "a", field: other}]}, complete=(YEAR,))
    assert cells(facts, "result", "id") == []
    assert [q.column for q in facts.quarantine] == [field, field]
    assert all(c.site not in (None, "s") for c in facts.complete)


def test_an_expiry_that_differs_is_not_taken_for_never() -> None:
    facts = read({"permit": [{"id": "p", "expires": "2026-01-01"}, {"id": "p", "expires": "2027-01-01"}]})
    assert cells(facts, "permit", "id") == []


def test_records_known_at_different_times_are_corrections_and_stay() -> None:
    rows: list[dict[str, object]] = [
        {"id": "a", "value": "1 mg/L", "_known": "2026-03-01"},
        {"id": "a", "value": "2 mg/L", "_known": "2026-04-01T10:00:00Z"},
    ]
    facts = read({"result": rows})
    assert [known for (known,) in cells(facts, "result", "_known")] == [
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 4, 1, 10, tzinfo=UTC),
    ]


def test_a_refused_record_is_not_taken_for_absent() -> None:
    rows: list[dict[str, object]] = [
        {"id": "a", "site": "s", "date": "2026-03-04", "value": "1 mg/L"},
        {"id": "b", "site": "s", "date": "2026-03-05", "value": "1,5 mg/L"},
        {"id": "c", "site": "t", "date": "2026-03-06", "value": "1 mg/L"},
    ]
    assert read({"result": rows}, complete=(YEAR,)).complete == (
        Complete(type="result", site="s", start=date(2026, 1, 1), end=date(2026, 3, 4)),
        Complete(type="result", site="s", start=date(2026, 3, 6), end=date(2026, 12, 31)),
        Complete(type="result", site="t", start=date(2026, 1, 1), end=date(2026, 12, 31)),
    )


@pytest.mark.parametrize("gap", [{"date": "soon", "site": "s"}, {"date": None, "site": "s", "value": "x"}])
def test_completeness_is_withdrawn_where_the_day_of_the_refused_record_is_unknown(gap: dict[str, object]) -> None:
    rows: list[dict[str, object]] = [{"id": "a", "site": "t"}, {"id": "b", **gap}]
    assert [c.site for c in read({"result": rows}, complete=(YEAR,)).complete] == ["t"]


def test_completeness_is_withdrawn_everywhere_where_the_site_is_unknown_too() -> None:
    rows: list[dict[str, object]] = [{"id": "a", "site": "t"}, {"id": "b", "date": "soon"}]
    facts = read({"result": rows}, complete=(YEAR,))
    assert (facts.complete, facts.withdrawn) == ((), (YEAR,))


def test_the_digest_does_not_depend_on_the_order_of_types() -> None:
    site: list[dict[str, object]] = [{"id": "s"}]
    permit: list[dict[str, object]] = [{"id": "p"}]
    assert read({"site": site, "permit": permit}).digest == read({"permit": permit, "site": site}).digest
    assert read({"site": site}).digest != read({"site": site}, complete=(YEAR,)).digest


def test_frames_keep_slim_columns() -> None:
    frame = pl.DataFrame({"id": [7, 8], "site": [1, 1], "value": [1.5, 2.25], "value__unit": ["mg/L", "ug/L"]})
    facts, diagnostics = facts_from_frames(TYPES, {"result": frame.cast({"site": pl.Int32})})
    assert diagnostics == ()
    schema = facts.tables["result"].frame.schema
    assert [schema[name] for name in ("id", "site", "value")] == [pl.Int64(), pl.Int32(), pl.Int64()]
    assert cells(facts, "result", "value") == [(150000,), (225,)]


def test_facts_are_described() -> None:
    rows: list[dict[str, object]] = [
        {"id": "a", "site": "s", "date": "2026-03-04", "value": "<1 mg/L", "kind": "grab"},
        {"id": "b", "site": "s", "date": "2026-04-04", "value": "1 mg/L"},
    ]
    (described,) = describe_facts(read({"result": rows}, complete=(YEAR,)), TYPES)
    assert (described.rows, described.sites) == (2, 1)
    assert (described.first, described.last) == (date(2026, 3, 4), date(2026, 4, 4))
    assert described.empty == (("outfall", 2), ("kind", 1), ("approved", 2))
    assert described.censored == (("value", 1),)
    assert described.complete == ((date(2026, 1, 1), date(2026, 12, 31), ""),)


def test_what_needs_no_conversion_loads_no_pint() -> None:
    code = (
        "import sys; from tests.unit.reading.example_types import TYPES; "
        "from compliance_engine.reading.facts import facts_from_records as f; "
        "f(TYPES, {'result': [{'id': 'a', 'value': '1 mg/L'}], 'limit': [{'id': 'l', 'value': '1 mg/L'}]}); "
        "print([m for m in ('pint', 'sqlalchemy', 'openpyxl', 'fastexcel', 'lark') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_reasons_name_the_unit_of_the_vocabulary() -> None:
    """Flows are reckoned in MGD; who wrote m3/d reads m3/d."""
    flow = FieldType(name="flow", base="quantity", unit="MGD", printed="m3/d")
    types = {**TYPES, "result": replace(TYPES["result"], fields=(*TYPES["result"].fields, flow))}
    records = {"result": [{"id": "a", "flow": "2000 m3/d"}, {"id": "a", "flow": "3 L/d"}, {"id": "b", "flow": "5 kg"}]}
    facts, _ = facts_from_records(types, records)
    told = [(row.column, row.found, row.reason) for row in facts.quarantine]
    assert ("flow", "2000 m3/d") in [(column, found) for column, found, _ in told]
    assert ("flow", "0.003 m3/d") in [(column, found) for column, found, _ in told]
    assert ("flow", "kg", "the unit kg cannot be converted to m3/d") in told
