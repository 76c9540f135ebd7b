"""A JSON Schema of rule files, for editors: the keys, words and kinds of values that the readers accept.

The keys are the readers' own. A key that a reader learns and this module does not know stops the schema from being made.
"""

from collections.abc import Collection, Mapping

import msgspec

from compliance_engine.reading.law import (
    cases,
    definitions,
    duties,
    periods,
    provisions,
    questions,
    relations,
    survivors,
    tables,
    vocabulary,
)
from compliance_engine.reading.law.schema import EXAMPLES

Schema = dict[str, object]

DRAFT = "http://json-schema.org/draft-07/schema#"
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_NO_KEYS: frozenset[str] = frozenset()


def render_json_schema() -> str:
    """Give the schema as a JSON text."""
    return msgspec.json.format(msgspec.json.encode(make_json_schema()), indent=2).decode() + "\n"


def make_json_schema() -> Schema:
    """Make the schema of one document: the key that it has says of which kind it is."""
    kinds: dict[str, Schema] = {
        "provision": _provision(),
        "definition": _definition(),
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
        "definitions": {**kinds, "conditions": _nested_conditions()},
    }


def _provision() -> Schema:
    shared = _shared_keys()
    values: dict[str, Schema] = {
        **shared,
        "provision": _id("The id of the requirement; several documents with one id are its versions."),
        "title": _text("What is required, in one sentence.", "title"),
        "text": _text("The clause in plain words."),
        "citation": _text("Where the requirement stands in the law.", "citation"),
        "source": _text("The address of the text that was read."),
        "in_force": _object(
            provisions.IN_FORCE_KEYS,
            {"from": _date("The first day."), "to": _date("The last day; left out while in force.")},
            required=("from",),
        ),
        "reviewed": _date("The day on which somebody last read the law."),
        "status": _choice(provisions.LAW_STATUSES, "unconfirmed (the default) is shown in every report."),
        "repealed": _flag("After the last version nothing follows."),
        "governed_by": _expression("The day whose version governs, instead of the period's end or the trigger."),
        "applies": _object(
            provisions.APPLIES_KEYS,
            {
                "to": _expression(
                    "Who or what is bound: `TYPE where COND` or `finding of PROVISION where COND`.", "to"
                ),
                "each": _each(),
                "while": _one_or_more(_text("State facts during which the subject is bound.")),
                "when": _conditions("Conditions under which the requirement applies."),
            },
            required=("to",),
        ),
        "calendar": _text("The table of the days that are no working days, besides Saturdays and Sundays."),
        "let": _named_expressions("Names for expressions of this document."),
        "duties": {"type": "array", "minItems": 1, "items": _duty(shared)},
        "evidence": _one_or_more(_text("Fact types that show whether it is met.")),
        "responsible": _text("The role on whose desk it lies."),
        **_relation_keys(),
    }
    return _object(
        provisions.PROVISION_KEYS,
        values,
        required=("provision", "title", "citation", "in_force", "reviewed", "applies"),
    ) | {"oneOf": [{"required": [key]} for key in ("duties", *duties.DEMANDS)]}


def _duty(shared: Mapping[str, Schema]) -> Schema:
    values: dict[str, Schema] = {
        **shared,
        "id": _text("The duty's id, unique in its provision."),
        "title": _text("What this duty requires, in one sentence."),
        "citation": _text("Where this duty stands in the law.", "citation"),
        "when": _conditions("Conditions under which this duty applies, besides those of the provision."),
        "each": _each(),
    }
    return _object(duties.DUTY_KEYS, values, required=("id",)) | {
        "oneOf": [{"required": [key]} for key in duties.DEMANDS]
    }


def _shared_keys() -> dict[str, Schema]:
    """Give what a provision and each of its duties may say alike."""
    limit: dict[str, Schema] = {
        "value": _expression("The value that is held against the limit.", "value"),
        "every": _expression("Records, each of which is held against the limit."),
        "must": _expression("<=, <, >=, > or =, or an expression that yields one; <= if left out."),
        "of": _expression("The limit.", "of"),
    }
    recur: dict[str, Schema] = {
        "first": _expression("The first due date, or the time until it after the trigger.", "first"),
        "then": _expression("The time until the next.", "then"),
        "from": _choice(duties.BASES, "Counted from the day it was done, from the day it was due, or by the calendar."),
    }
    return {
        "require": {"$ref": "#/definitions/conditions"} | _tell("What has to hold."),
        "limit": _object(duties.LIMIT_KEYS, limit, required=("of",))
        | {"oneOf": [{"required": ["value"]}, {"required": ["every"]}]},
        "done": _expression("A date that is to be not after the due date."),
        "forbid": _expression("Records that may not exist."),
        "after": _expression("The day that triggers the duty."),
        "by": _expression("The due date, or the time until it after the trigger or the period's end."),
        "roll": _choice(duties.ROLLS, "To which working day a due date moves that is none."),
        "recur": _object(duties.RECUR_KEYS, recur, required=("first", "then", "from")),
        "unless": _exceptions("What lifts the duty, examined first."),
        "excused_by": _exceptions("Defences, examined on a breach only."),
        "exceedance": _expression("The reported percentage, where the regulator reckons it otherwise."),
        "days_late": _expression("The reported days, where the regulator counts them otherwise."),
        "severity": _choice(duties.SEVERITIES, "How grave a breach is; moderate if left out."),
    }


def _nested_conditions() -> Schema:
    """Give a condition, a list of such, `{any: ...}`, `{all: ...}`, or named parts, one inside the other."""
    inner: Schema = {"$ref": "#/definitions/conditions"}
    return {"anyOf": [_SCALAR, {"type": "array", "items": inner}, {"type": "object", "additionalProperties": inner}]}


def _relation_keys() -> dict[str, Schema]:
    """Give how a provision stands to others, who may waive it, and what it prompts for."""
    row: dict[str, Schema] = {
        "provision": _id("The other provision."),
        "when": _conditions("Where it governs; left out: wherever it applies."),
        "because": _text("Why, in words; shown with the finding.", "because"),
        "citation": _text("Where that stands in the law.", "citation"),
    }
    relation = _one_or_more(
        {"anyOf": [_id("The other provision."), _object(relations.RELATION_KEYS, row, required=("provision",))]}
    )
    prompt: dict[str, Schema] = {
        "id": _text("The prompt's name."),
        "when": _conditions("Where it is shown.", "when"),
        "then": _text("What to do or to note."),
    }
    by: dict[str, Schema] = {"by": _one_or_more(_text("An authority."))}
    return {
        "tightens": _one_or_more(_id("A provision whose limit this one is stricter than; both hold.")),
        "displaced_by": relation | _tell("Provisions that come in this one's place."),
        "displaces": relation | _tell("Provisions in whose place this one comes."),
        "waivable": _object(relations.WAIVABLE_KEYS, by, required=("by",)) | _tell("Who may waive it."),
        "prompts": _one_or_more(_object(duties.PROMPT_KEYS, prompt, required=duties.PROMPT_KEYS)),
    }


def _exceptions(text: str) -> Schema:
    row: dict[str, Schema] = {
        "id": _text("The exception's name."),
        "when": _conditions("When it holds.", "when"),
        "because": _text("Why, in words; shown with the finding.", "because"),
        "citation": _text("Where the exception stands in the law.", "citation"),
    }
    return _one_or_more({"anyOf": [_SCALAR, _object(duties.EXCEPTION_KEYS, row, required=("when",))]}) | _tell(text)


def _definition() -> Schema:
    formula = _formula_keys()
    values: dict[str, Schema] = {
        **formula,
        "definition": _id("The id under which the value is read."),
        "citation": _text("Where the definition stands in the law.", "citation"),
        "for": _expression("Whose value it is: `TYPE where COND`.", "for"),
        "each": _each(),
        "start": _expression("The day from which `previous` is reckoned."),
        "spells": _expression("A condition on each day; the stretches on which it holds are facts of their own."),
        "let": _named_expressions("Names for expressions of this document."),
        "fields": {
            "type": "object",
            "additionalProperties": {"anyOf": [_SCALAR, _one_value(_object(definitions.FORMULA_KEYS, formula))]},
        },
    }
    one = _object(definitions.DEFINITION_KEYS, values, required=("definition", "for"))
    return one | {"oneOf": [{"required": [key]} for key in ("value", "first", "unique", "fields", "spells")]}


def _formula_keys() -> dict[str, Schema]:
    row: dict[str, Schema] = {
        "when": _conditions("When this row holds.", "when"),
        "then": _expression("The value then."),
        "otherwise": _expression("The value where no row holds."),
    }
    full = _object(definitions.ROW_KEYS, row)
    rows: Schema = {
        "type": "array",
        "minItems": 1,
        "items": full | {"oneOf": [{"required": ["when", "then"]}, {"required": ["otherwise"]}]},
    }
    rounding: dict[str, Schema] = {
        "places": _expression("How many places.", "places"),
        "mode": _expression("half-up, half-down, half-even, up or down.", "mode"),
    }
    return {
        "value": _expression("The value.", "value"),
        "first": rows | _tell("A decision table: the first row that holds."),
        "unique": rows | _tell("A decision table without order: at most one row holds."),
        "order": _one_or_more(_text("A symbol; the least first.")),
        "stated": _expression("The number as someone reported it, for when the records do not tell."),
        "round": _object(definitions.ROUND_KEYS, rounding, required=definitions.ROUND_KEYS),
    }


def _one_value(schema: Schema) -> Schema:
    return schema | {"oneOf": [{"required": [key]} for key in ("value", "first", "unique")]}


def _parameter() -> Schema:
    row: dict[str, Schema] = {
        "from": _date("The first day of this value."),
        "value": _expression("The value.", "value"),
    }
    values: dict[str, Schema] = {
        "parameter": _id("The id under which the value is read."),
        "citation": _text("Where the values stand in the law.", "citation"),
        "values": _one_or_more(_object(definitions.DATED_KEYS, row, required=definitions.DATED_KEYS)),
    }
    return _object(definitions.PARAMETER_KEYS, values, required=("parameter", "values"))


def _table() -> Schema:
    values: dict[str, Schema] = {
        "table": _id("The id under which the table is read."),
        "citation": _text("Where the table stands in the law.", "citation"),
        "keys": {
            "type": "object",
            "additionalProperties": _field({"band": _choice(("from",), "Greatest key not above.")}),
        },
        "columns": {"type": "object", "additionalProperties": _field({})},
        "rows": {"type": "array", "items": {"type": "array", "items": {"type": [*_kinds(), "null"]}}},
        "file": _text("A CSV file beside this one with the rows."),
        "on_miss": _choice(tables.ON_MISS, "What a key that is in no row gives."),
    }
    one = _object(tables.TABLE_KEYS, values, required=("table", "keys"))
    return one | {"oneOf": [{"required": ["rows"]}, {"required": ["file"]}]}


def _vocabulary() -> Schema:
    span: dict[str, Schema] = {
        "from": _text("The field with the first day."),
        "to": _text("The field with the last day."),
        "goes_on": _text("A field that says whether it goes on past its last day."),
    }
    kind: dict[str, Schema] = {
        "kind": _choice(vocabulary.KINDS, "What kind of fact it is."),
        "time": _text("The field that says when it happened.", "time"),
        "span": _object(vocabulary.SPAN_KEYS, span, required=("from", "to")),
        "links": {"type": "object", "additionalProperties": _one_or_more(_text("Fields that are equal in both."))},
        "fields": {"type": "object", "additionalProperties": _field({})},
        "describe": _text("What it is, in words."),
    }
    types: Schema = {
        "type": "object",
        "additionalProperties": _object(vocabulary.TYPE_KEYS, kind, required=("kind",)),
    }
    values = {"vocabulary": _id("The id of the vocabulary."), "types": types}
    return _object(vocabulary.VOCABULARY_KEYS, values, required=("vocabulary", "types"))


def _policy() -> Schema:
    values: dict[str, Schema] = {
        "policy": _id("The id under which the choice is read."),
        "title": _text("What is chosen."),
        "citation": _text("Where the law leaves the choice.", "citation"),
        "describe": _text("What is chosen, in words."),
        "choices": {"type": "array", "minItems": 2, "items": _text("A choice.")} | _tell("The choices.", "choices"),
    }
    return _object(questions.POLICY_KEYS, values, required=("policy", "choices"))


def _determination() -> Schema:
    values: dict[str, Schema] = {
        "determination": _id("The id under which the answer is read."),
        "question": _text("What a person answers.", "question"),
        "citation": _text("Where the law asks it.", "citation"),
        "describe": _text("What to consider."),
        "answered_by": _one_or_more(_text("A role that may answer.")),
        "void": _one_or_more(_text("A basis on which no answer counts.")),
    }
    return _object(questions.DETERMINATION_KEYS, values, required=("determination", "question"))


def _survivors() -> Schema:
    row: dict[str, Schema] = {key: _text(f"The change's {key}.") for key in survivors.ACCEPTED_KEYS}
    listed = _one_or_more(_object(survivors.ACCEPTED_KEYS, row, required=survivors.ACCEPTED_KEYS))
    values = {"survivors": _id("The ruleset."), "accepted": listed | _tell("Changes that no case need notice.")}
    return _object(survivors.SURVIVORS_KEYS, values, required=("survivors", "accepted"))


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
        "empty": _choice(vocabulary.EMPTY, "What an empty cell means."),
        "domain": _choice(("non-negative",), "What an unknown value may be."),
        "unit": _text("The unit of a quantity; `varies`: each record has its own."),
        "describe": _text("What it is, in words."),
        **more,
    }
    return {"anyOf": [written, _object((*vocabulary.FIELD_KEYS, *more), values, required=("type",))]}


def _cases() -> Schema:
    cell: Schema = {"type": [*_kinds(), "null"]}
    facts: Schema = {
        "type": "object",
        "additionalProperties": _one_or_more({"type": "object", "additionalProperties": cell}),
    }
    complete: dict[str, Schema] = {
        "type": _text("The fact type.", "type"),
        "from": _date("The first day."),
        "to": _date("The last day."),
        "site": _text("The site; left out: every site."),
    }
    known: dict[str, Schema] = {
        "facts": facts | _tell("Records, by fact type."),
        "complete": _one_or_more(_object(cases.COMPLETE_KEYS, complete, required=("type", "from", "to"))),
    }
    expect: dict[str, Schema] = {name: _text(f"The finding's {name.replace('_', ' ')}.") for name in cases.EXPECT_KEYS}
    expect["status"] = _choice(cases.STATUSES, "The verdict.")
    case: dict[str, Schema] = {
        **known,
        "case": _text("What the case shows, in one sentence.", "case"),
        "kind": _choice(cases.KINDS, "What the case is an example of."),
        "as_of": _date("The day as of which it is judged."),
        "since": _date("The first day in scope."),
        "expect": _one_or_more(_object(cases.EXPECT_KEYS, expect, required=("subject", "status"))),
        "only": _flag("Findings that no row expects are no failure."),
    }
    listed = _one_or_more(_object(cases.CASE_KEYS, case, required=("case", "kind", "as_of", "expect")))
    # The id and the list stand under one word; an editor sees the last of the two.
    values: dict[str, Schema] = {"cases": {"anyOf": [_id("The provision under test."), listed]}, **known}
    return _object([key for key in cases.CASES_KEYS if " " not in key], values, required=("cases",))


def _object(keys: Collection[str], values: Mapping[str, Schema], required: Collection[str] = _NO_KEYS) -> Schema:
    """Give a mapping with these keys and no others; every key has to be described, and only those."""
    assert set(keys) == set(values), f"json_schema and the reader differ on {sorted(set(keys) ^ set(values))}"
    known = {key: values[key] for key in keys}
    return {"type": "object", "additionalProperties": False, "properties": known} | (
        {"required": list(required)} if required else {}
    )


def _one_or_more(item: Schema) -> Schema:
    return {"anyOf": [item, {"type": "array", "items": item}]}


def _named_expressions(text: str) -> Schema:
    return {"type": "object", "additionalProperties": _SCALAR} | _tell(text)


def _conditions(text: str, example: str = "") -> Schema:
    return _one_or_more(_SCALAR) | _tell(text, example)


def _expression(text: str, example: str = "") -> Schema:
    return _SCALAR | _tell(text, example)


def _text(text: str, example: str = "") -> Schema:
    return _SCALAR | _tell(text, example)


def _id(text: str) -> Schema:
    return {"type": "string", "pattern": "^[a-z][a-z0-9.-]*$"} | _tell(text)


def _date(text: str) -> Schema:
    return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "examples": ["2026-03-31"]} | _tell(text)


def _choice(words: Collection[str], text: str) -> Schema:
    return {"enum": list(words)} | _tell(text)


def _flag(text: str) -> Schema:
    return {"enum": [True, False, "true", "false"]} | _tell(text)


def _each() -> Schema:
    units = "|".join(periods.UNITS)
    pattern = rf"^\s*(calendar\s+({units})(\s+from\s+(monday|sunday))?|\d+\s+calendar\s+months?\s+step\s+\d+\s+months?|[A-Za-z_][\w-]*)\s*$"
    examples = ["calendar month", "calendar week from monday", "6 calendar months step 1 month"]
    return {"type": "string", "pattern": pattern, "examples": examples} | _tell("One obligation for each of these.")


def _kinds() -> list[str]:
    return ["string", "number", "boolean"]


def _tell(text: str, example: str = "") -> Schema:
    """Give what an editor shows beside a key."""
    shown: Schema = {"description": text}
    written = EXAMPLES.get(example, "").partition(": ")[2]
    return shown | ({"examples": [written]} if written else {})
