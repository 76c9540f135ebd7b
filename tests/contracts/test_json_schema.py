"""The schema that editors use agrees with the reader: it takes the law that is read, and no key that is not."""

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from compliance_engine.reading.law.json_schema import make_json_schema

ROOT = Path(__file__).parents[2]
VALIDATOR = jsonschema.Draft7Validator(make_json_schema())
FILES = sorted([*(ROOT / "rulesets").rglob("*.yaml"), *(ROOT / "tests" / "e2e" / "law").rglob("*.yaml")])


class EditorLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # whichever there is
    """YAML as an editor reads it (1.2): a date is a text, only true and false are truths."""


EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith((":timestamp", ":bool", ":value"))]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def documents() -> tuple[tuple[str, dict[str, Any]], ...]:
    # Of the two `cases` of one document the later stands for both, as in an editor.
    return tuple(
        (str(path.relative_to(ROOT)), document)
        for path in FILES
        for document in yaml.load_all(path.read_text(encoding="utf-8"), EditorLoader)
    )


def document(name: str) -> dict[str, Any]:
    return copy.deepcopy(next(doc for path, doc in documents() if path.endswith(f"/{name}")))


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(make_json_schema())


def test_all_shipped_law_is_valid() -> None:
    found = [
        (name, error.json_path, error.message) for name, doc in documents() for error in VALIDATOR.iter_errors(doc)
    ]
    assert found == []
    assert len(FILES) > 60


def test_every_kind_of_document_is_among_it() -> None:
    assert {kind for _, doc in documents() for kind in doc} >= {
        "provision",
        "definition",
        "table",
        "vocabulary",
        "cases",
    }


def _mappings(part: object) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _mappings(inner)


@pytest.mark.parametrize("name", ["monthly-average.yaml", "bod5.yaml", "twenty-four-hour-notice.yaml"])
def test_an_unknown_key_is_refused_wherever_it_stands(name: str) -> None:
    """Only `let` takes names of the author's own."""
    law = document(name)
    count = len(list(_mappings(law)))
    refused = 0
    for place in range(count):
        spoilt = copy.deepcopy(law)
        mapping = list(_mappings(spoilt))[place]
        mapping["sevrity"] = "major"
        refused += not VALIDATOR.is_valid(spoilt)
    assert count - refused == ("let" in law)


@pytest.mark.parametrize("key", ["title", "citation", "in_force", "reviewed", "applies"])
def test_a_missing_key_is_refused(key: str) -> None:
    law = document("monthly-average.yaml")
    del law[key]
    assert not VALIDATOR.is_valid(law)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("severity", "mayor"),
        ("reviewed", "2 November 2026"),
        ("status", "sure"),
        ("in_force", {"from": "2026-1-1"}),
        ("applies", {"to": "site", "each": "calendar fortnight"}),
        ("limit", {"value": "x"}),
        ("require", "both a limit and a requirement"),
        ("duties", []),
    ],
)
def test_a_wrong_value_is_refused(key: str, value: object) -> None:
    law = document("monthly-average.yaml")
    assert VALIDATOR.is_valid(law)
    assert not VALIDATOR.is_valid(law | {key: value})


@pytest.mark.parametrize("demand", [[], {}, {"any": []}, ["a", {"all": []}]])
def test_a_demand_of_nothing_is_refused(demand: object) -> None:
    law = {key: value for key, value in document("monthly-average.yaml").items() if key != "limit"}
    assert VALIDATOR.is_valid(law | {"require": ["a", {"all": ["b"]}]})
    assert not VALIDATOR.is_valid(law | {"require": demand})


def test_no_document_is_refused() -> None:
    assert not VALIDATOR.is_valid({"title": "x"})


def test_the_committed_schema_is_the_one_that_is_printed() -> None:
    assert json.loads((ROOT / "docs" / "rules.schema.json").read_text(encoding="utf-8")) == make_json_schema()
