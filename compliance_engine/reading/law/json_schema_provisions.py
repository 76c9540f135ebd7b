"""The part of the JSON Schema that speaks of provisions and definitions."""

from collections.abc import Mapping

from compliance_engine.reading.law import (
    definitions,
    demands,
    duties,
    provisions,
    relations,
)
from compliance_engine.reading.law.json_schema_parts import (
    SCALAR,
    Schema,
    make_choice,
    make_closed_object,
    make_conditions,
    make_date,
    make_each,
    make_expression,
    make_flag,
    make_identifier,
    make_named_expressions,
    make_one_or_more,
    make_one_value,
    make_text,
    tell,
)


def make_provision() -> Schema:
    """Give what a provision may say."""
    shared = _shared_keys()
    values: dict[str, Schema] = {
        **shared,
        "provision": make_identifier("The id of the requirement; several documents with one id are its versions."),
        "title": make_text("What is required, in one sentence.", "title"),
        "text": make_text("The clause in plain words."),
        "citation": make_text("Where the requirement stands in the law.", "citation"),
        "source": make_text("The address of the text that was read."),
        "in_force": make_closed_object(
            provisions.IN_FORCE_KEYS,
            {"from": make_date("The first day."), "to": make_date("The last day; left out while in force.")},
            required=("from",),
        ),
        "reviewed": make_date("The day on which somebody last read the law."),
        "status": make_choice(provisions.LAW_STATUSES, "unconfirmed (the default) is shown in every report."),
        "repealed": make_flag("After the last version nothing follows."),
        "governed_by": make_expression("The day whose version governs, instead of the period's end or the trigger."),
        "applies": make_closed_object(
            provisions.APPLIES_KEYS,
            {
                "to": make_expression(
                    "Who or what is bound: `TYPE where COND` or `finding of PROVISION where COND`.", "to"
                ),
                "each": make_each(),
                "while": make_one_or_more(make_text("State facts during which the subject is bound.")),
                "when": make_conditions("Conditions under which the requirement applies."),
            },
            required=("to",),
        ),
        "calendar": make_text("The table of the days that are no working days, besides Saturdays and Sundays."),
        "let": make_named_expressions("Names for expressions of this document."),
        "duties": {"type": "array", "minItems": 1, "items": _duty(shared)},
        "evidence": make_one_or_more(make_text("Fact types that show whether it is met.")),
        "responsible": make_text("The role on whose desk it lies."),
        **_relation_keys(),
    }
    return make_closed_object(
        provisions.PROVISION_KEYS,
        values,
        required=("provision", "title", "citation", "in_force", "reviewed", "applies"),
    ) | {"oneOf": [{"required": [key]} for key in ("duties", *demands.DEMANDS)]}


def _duty(shared: Mapping[str, Schema]) -> Schema:
    values: dict[str, Schema] = {
        **shared,
        "id": make_text("The duty's id, unique in its provision."),
        "title": make_text("What this duty requires, in one sentence."),
        "citation": make_text("Where this duty stands in the law.", "citation"),
        "when": make_conditions("Conditions under which this duty applies, besides those of the provision."),
        "each": make_each(),
    }
    return make_closed_object(duties.DUTY_KEYS, values, required=("id",)) | {
        "oneOf": [{"required": [key]} for key in demands.DEMANDS]
    }


def _shared_keys() -> dict[str, Schema]:
    """Give what a provision and each of its duties may say alike."""
    limit: dict[str, Schema] = {
        "value": make_expression("The value that is held against the limit.", "value"),
        "every": make_expression("Records, each of which is held against the limit."),
        "must": make_expression("<=, <, >=, > or =, or an expression that yields one; <= if left out."),
        "of": make_expression("The limit.", "of"),
        "on_none": make_choice(
            demands.ON_NONE, "Whether `every` is met without any record (the default), or it is not known."
        ),
    }
    recur: dict[str, Schema] = {
        "first": make_expression("The first due date, or the time until it after the trigger.", "first"),
        "then": make_expression("The time until the next.", "then"),
        "from": make_choice(
            duties.BASES, "Counted from the day it was done, from the day it was due, or by the calendar."
        ),
    }
    return {
        "require": {"$ref": "#/definitions/conditions"} | tell("What has to hold."),
        "limit": make_closed_object(demands.LIMIT_KEYS, limit, required=("of",))
        | {"oneOf": [{"required": ["value"]}, {"required": ["every"]}]},
        "done": make_expression("A date that is to be not after the due date."),
        "forbid": make_expression("Records that may not exist."),
        "after": make_expression("The day that triggers the duty."),
        "by": make_expression("The due date, or the time until it after the trigger or the period's end."),
        "roll": make_choice(duties.ROLLS, "To which working day a due date moves that is none."),
        "recur": make_closed_object(duties.RECUR_KEYS, recur, required=("first", "then", "from")),
        "unless": _exceptions("What lifts the duty, examined first."),
        "excused_by": _exceptions("Defences, examined on a breach only."),
        "exceedance": make_expression("The reported percentage, where the regulator reckons it otherwise."),
        "days_late": make_expression("The reported days, where the regulator counts them otherwise."),
        "severity": make_choice(duties.SEVERITIES, "How grave a breach is; moderate if left out."),
    }


def make_nested_conditions() -> Schema:
    """Give a condition, a list of such, `{any: ...}`, `{all: ...}`, or named parts, one inside the other."""
    inner: Schema = {"$ref": "#/definitions/conditions"}
    listed: Schema = {"type": "array", "minItems": 1, "items": inner}
    joined: Schema = {"type": "object", "additionalProperties": False, "minProperties": 1, "maxProperties": 1}
    joined["properties"] = {"any": inner, "all": inner}
    named: Schema = {"type": "object", "minProperties": 1, "additionalProperties": inner}
    named["propertyNames"] = {"not": {"enum": ["any", "all"]}}
    return {"anyOf": [SCALAR, listed, joined, named]}


def _relation_keys() -> dict[str, Schema]:
    """Give how a provision stands to others, who may waive it, and what it prompts for."""
    row: dict[str, Schema] = {
        "provision": make_identifier("The other provision."),
        "when": make_conditions("Where it governs; left out: wherever it applies."),
        "because": make_text("Why, in words; shown with the finding.", "because"),
        "citation": make_text("Where that stands in the law.", "citation"),
    }
    relation = make_one_or_more(
        {
            "anyOf": [
                make_identifier("The other provision."),
                make_closed_object(relations.RELATION_KEYS, row, required=("provision",)),
            ]
        }
    )
    prompt: dict[str, Schema] = {
        "id": make_text("The prompt's name."),
        "when": make_conditions("Where it is shown.", "when"),
        "then": make_text("What to do or to note."),
    }
    by: dict[str, Schema] = {"by": make_one_or_more(make_text("An authority."))}
    return {
        "tightens": make_one_or_more(make_identifier("A provision whose limit this one is stricter than; both hold.")),
        "displaced_by": relation | tell("Provisions that come in this one's place."),
        "displaces": relation | tell("Provisions in whose place this one comes."),
        "waivable": make_closed_object(relations.WAIVABLE_KEYS, by, required=("by",)) | tell("Who may waive it."),
        "prompts": make_one_or_more(make_closed_object(duties.PROMPT_KEYS, prompt, required=duties.PROMPT_KEYS)),
    }


def _exceptions(text: str) -> Schema:
    row: dict[str, Schema] = {
        "id": make_text("The exception's name."),
        "when": make_conditions("When it holds.", "when"),
        "because": make_text("Why, in words; shown with the finding.", "because"),
        "citation": make_text("Where the exception stands in the law.", "citation"),
    }
    return make_one_or_more(
        {"anyOf": [SCALAR, make_closed_object(duties.EXCEPTION_KEYS, row, required=("when",))]}
    ) | tell(text)


def make_definition() -> Schema:
    """Give what a definition may say."""
    formula = _formula_keys()
    values: dict[str, Schema] = {
        **formula,
        "definition": make_identifier("The id under which the value is read."),
        "citation": make_text("Where the definition stands in the law.", "citation"),
        "for": make_expression("Whose value it is: `TYPE where COND`.", "for"),
        "each": make_each(),
        "start": make_expression("The day from which `previous` is reckoned."),
        "spells": make_expression("A condition on each day; the stretches on which it holds are facts of their own."),
        "let": make_named_expressions("Names for expressions of this document."),
        "fields": {
            "type": "object",
            "additionalProperties": {
                "anyOf": [SCALAR, make_one_value(make_closed_object(definitions.FORMULA_KEYS, formula))]
            },
        },
    }
    one = make_closed_object(definitions.DEFINITION_KEYS, values, required=("definition", "for"))
    return one | {"oneOf": [{"required": [key]} for key in ("value", "first", "unique", "fields", "spells")]}


def _formula_keys() -> dict[str, Schema]:
    row: dict[str, Schema] = {
        "when": make_conditions("When this row holds.", "when"),
        "then": make_expression("The value then."),
        "otherwise": make_expression("The value where no row holds."),
    }
    full = make_closed_object(definitions.ROW_KEYS, row)
    rows: Schema = {
        "type": "array",
        "minItems": 1,
        "items": full | {"oneOf": [{"required": ["when", "then"]}, {"required": ["otherwise"]}]},
    }
    rounding: dict[str, Schema] = {
        "places": make_expression("How many places.", "places"),
        "mode": make_expression("half-up, half-down, half-even, up or down.", "mode"),
    }
    return {
        "value": make_expression("The value.", "value"),
        "first": rows | tell("A decision table: the first row that holds."),
        "unique": rows | tell("A decision table without order: at most one row holds."),
        "order": make_one_or_more(make_text("A symbol; the least first.")),
        "stated": make_expression("The number as someone reported it, for when the records do not tell."),
        "round": make_closed_object(definitions.ROUND_KEYS, rounding, required=definitions.ROUND_KEYS),
    }
