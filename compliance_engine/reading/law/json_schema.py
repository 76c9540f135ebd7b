"""A JSON Schema of rule files, for editors: the keys, words and kinds of values that the readers accept.

The keys are the readers' own. A key that a reader learns and this module does not know stops the schema from being made.
"""

from collections.abc import Mapping

import msgspec

from compliance_engine.model.case import CASE_KINDS
from compliance_engine.reading.law import (
    cases,
    definitions,
    questions,
    survivors,
    tables,
    vocabulary,
)
from compliance_engine.reading.law.json_schema_parts import (
    CELL,
    Schema,
    make_choice,
    make_closed_object,
    make_date,
    make_expression,
    make_flag,
    make_identifier,
    make_one_or_more,
    make_text,
    tell,
)
from compliance_engine.reading.law.json_schema_provisions import make_definition, make_nested_conditions, make_provision

DRAFT = "http://json-schema.org/draft-07/schema#"


def render_json_schema() -> str:
    """Give the schema as a JSON text."""
    return msgspec.json.format(msgspec.json.encode(make_json_schema()), indent=2).decode() + "\n"


def make_json_schema() -> Schema:
    """Make the schema of one document: the key that it has says of which kind it is."""
    kinds: dict[str, Schema] = {
        "provision": make_provision(),
        "definition": make_definition(),
        "parameter": _parameter(),
        "table": _table(),
        "vocabulary": _vocabulary(),
        "policy": _policy(),
        "determination": _determination(),
        "survivors": _survivors(),
        "cases": _cases(),
    }
    return {
        "$schema": DRAFT,
        "title": "Rules as data: a document of docs/language.md",
        "type": "object",
        "anyOf": [{"required": [kind]} for kind in kinds],
        "allOf": [{"if": {"required": [kind]}, "then": {"$ref": f"#/definitions/{kind}"}} for kind in kinds],
        "definitions": {**kinds, "conditions": make_nested_conditions()},
    }


def _parameter() -> Schema:
    row: dict[str, Schema] = {
        "from": make_date("The first day of this value."),
        "value": make_expression("The value.", "value"),
    }
    values: dict[str, Schema] = {
        "parameter": make_identifier("The id under which the value is read."),
        "citation": make_text("Where the values stand in the law.", "citation"),
        "values": make_one_or_more(make_closed_object(definitions.DATED_KEYS, row, required=definitions.DATED_KEYS)),
    }
    return make_closed_object(definitions.PARAMETER_KEYS, values, required=("parameter", "values"))


def _table() -> Schema:
    values: dict[str, Schema] = {
        "table": make_identifier("The id under which the table is read."),
        "citation": make_text("Where the table stands in the law.", "citation"),
        "keys": {
            "type": "object",
            "additionalProperties": _field({"band": make_choice(("from",), "Greatest key not above.")}),
        },
        "columns": {"type": "object", "additionalProperties": _field({})},
        "rows": {"type": "array", "minItems": 1, "items": {"type": "array", "items": CELL}},
        "file": make_text("A CSV file beside this one with the rows."),
        "on_miss": make_choice(tables.ON_MISS, "What a key that is in no row gives."),
    }
    one = make_closed_object(tables.TABLE_KEYS, values, required=("table", "keys"))
    return one | {"oneOf": [{"required": ["rows"]}, {"required": ["file"]}]}


def _vocabulary() -> Schema:
    span: dict[str, Schema] = {
        "from": make_text("The field with the first day."),
        "to": make_text("The field with the last day."),
        "goes_on": make_text("A field that says whether it goes on past its last day."),
    }
    kind: dict[str, Schema] = {
        "kind": make_choice(vocabulary.KINDS, "What kind of fact it is."),
        "time": make_text("The field that says when it happened.", "time"),
        "span": make_closed_object(vocabulary.SPAN_KEYS, span, required=("from", "to")),
        "links": {
            "type": "object",
            "additionalProperties": make_one_or_more(make_text("Fields that are equal in both.")),
        },
        "fields": {"type": "object", "additionalProperties": _field({})},
        "describe": make_text("What it is, in words."),
    }
    types: Schema = {
        "type": "object",
        "additionalProperties": make_closed_object(vocabulary.TYPE_KEYS, kind, required=("kind",)),
    }
    values = {"vocabulary": make_identifier("The id of the vocabulary."), "types": types}
    return make_closed_object(vocabulary.VOCABULARY_KEYS, values, required=("vocabulary", "types"))


def _policy() -> Schema:
    values: dict[str, Schema] = {
        "policy": make_identifier("The id under which the choice is read."),
        "title": make_text("What is chosen."),
        "citation": make_text("Where the law leaves the choice.", "citation"),
        "describe": make_text("What is chosen, in words."),
        "choices": {"type": "array", "minItems": 2, "items": make_text("A choice.")} | tell("The choices.", "choices"),
    }
    return make_closed_object(questions.POLICY_KEYS, values, required=("policy", "choices"))


def _determination() -> Schema:
    values: dict[str, Schema] = {
        "determination": make_identifier("The id under which the answer is read."),
        "question": make_text("What a person answers.", "question"),
        "citation": make_text("Where the law asks it.", "citation"),
        "describe": make_text("What to consider."),
        "answered_by": make_one_or_more(make_text("A role that may answer.")),
        "void": make_one_or_more(make_text("A basis on which no answer counts.")),
    }
    return make_closed_object(questions.DETERMINATION_KEYS, values, required=("determination", "question"))


def _survivors() -> Schema:
    row: dict[str, Schema] = {key: make_text(f"The change's {key}.") for key in survivors.ACCEPTED_KEYS}
    listed = make_one_or_more(make_closed_object(survivors.ACCEPTED_KEYS, row, required=survivors.ACCEPTED_KEYS))
    values = {
        "survivors": make_identifier("The ruleset."),
        "accepted": listed | tell("Changes that no case need notice."),
    }
    return make_closed_object(survivors.SURVIVORS_KEYS, values, required=("survivors", "accepted"))


def _field(more: Mapping[str, Schema]) -> Schema:
    """Give a field in its short form (`date`) or its long one (`{type: date, empty: never}`)."""
    plain = "|".join(vocabulary.PLAIN)
    written: Schema = {
        "type": "string",
        "pattern": rf"^\s*({plain}|(ordered\s+)?enum\s*\[[\s\S]*\]|(qualified\s+)?quantity(\s+\S.*)?|reference\s+\S+)\s*$",
        "examples": ["text", "date", "enum [A, B]", "quantity mg/L", "reference site"],
    }
    values: dict[str, Schema] = {
        "type": written,
        "empty": make_choice(vocabulary.EMPTY, "What an empty cell means."),
        "domain": make_choice(("non-negative",), "What an unknown value may be."),
        "unit": make_text("The unit of a quantity; `varies`: each record has its own."),
        "describe": make_text("What it is, in words."),
        **more,
    }
    return {"anyOf": [written, make_closed_object((*vocabulary.FIELD_KEYS, *more), values, required=("type",))]}


def _cases() -> Schema:
    facts: Schema = {
        "type": "object",
        "additionalProperties": make_one_or_more({"type": "object", "additionalProperties": CELL}),
    }
    complete: dict[str, Schema] = {
        "type": make_text("The fact type.", "type"),
        "from": make_date("The first day."),
        "to": make_date("The last day."),
        "site": make_text("The site; left out: every site."),
    }
    known: dict[str, Schema] = {
        "facts": facts | tell("Records, by fact type."),
        "complete": make_one_or_more(
            make_closed_object(cases.COMPLETE_KEYS, complete, required=("type", "from", "to"))
        ),
    }
    expect: dict[str, Schema] = {
        name: make_text(f"The finding's {name.replace('_', ' ')}.") for name in cases.EXPECT_KEYS
    }
    expect["status"] = make_choice(cases.STATUSES, "The verdict.")
    case: dict[str, Schema] = {
        **known,
        "case": make_text("What the case shows, in one sentence.", "case"),
        "kind": make_choice(CASE_KINDS, "What the case is an example of."),
        "as_of": make_date("The day as of which it is judged."),
        "since": make_date("The first day in scope."),
        "expect": make_one_or_more(make_closed_object(cases.EXPECT_KEYS, expect, required=("subject", "status"))),
        "only": make_flag("Findings that no row expects are no failure."),
    }
    listed = make_one_or_more(make_closed_object(cases.CASE_KEYS, case, required=("case", "kind", "as_of", "expect")))
    # The id and the list stand under one word; an editor sees the last of the two.
    values: dict[str, Schema] = {"cases": {"anyOf": [make_identifier("The provision under test."), listed]}, **known}
    return make_closed_object([key for key in cases.CASES_KEYS if " " not in key], values, required=("cases",))
