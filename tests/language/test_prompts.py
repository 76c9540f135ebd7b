"""What a provision prompts for stands in the explanation, beside a verdict that it does not change."""

from datetime import date
from pathlib import Path

import pytest

from compliance_engine.reporting.explanation import render_explanation
from tests.properties.worlds import World, product_findings, program_of
from tests.unit.example_findings import make_provenance

LAW = Path(__file__).parent / "constructs" / "nested-requirements.yaml"


@pytest.mark.parametrize(
    ("cell", "status", "told"),
    [
        ("true", "compliant", "look at d "),
        ("false", "compliant", None),
        (None, "compliant", "look at d (if `d`, which is not known)"),
    ],
)
def test_a_prompt_is_told_where_its_condition_may_hold(cell: str | None, status: str, told: str | None) -> None:
    site: dict[str, str | None] = {"id": "s", "a": "true", "b": "true", "c": "true", "d": cell}
    world = World(
        rules=(), facts={"site": [site]}, complete=(), as_of=date(2026, 1, 2), paths=(str(LAW),), only=("t.nested",)
    )
    findings = product_findings(world)
    (row,) = findings.frame.to_dicts()
    text = render_explanation(findings, row["finding"], make_provenance(), program_of((), (str(LAW),)))
    assert row["status"] == status
    assert ("look at d" in text) is (told is not None)
    assert told is None or told in text
