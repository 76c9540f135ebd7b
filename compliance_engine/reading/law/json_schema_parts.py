"""The small parts of which the JSON Schema of rule files is made."""

from collections.abc import Collection, Mapping

from compliance_engine.reading.law import periods
from compliance_engine.reading.law.examples import EXAMPLES

Schema = dict[str, object]

_KINDS = ("string", "number", "boolean")
SCALAR: Schema = {"type": list(_KINDS)}
CELL: Schema = {"type": [*_KINDS, "null"]}
NO_KEYS: frozenset[str] = frozenset()


def make_closed_object(
    keys: Collection[str], values: Mapping[str, Schema], required: Collection[str] = NO_KEYS
) -> Schema:
    """Give a mapping with these keys and no others; every key has to be described, and only those."""
    assert set(keys) == set(values), f"json_schema and the reader differ on {sorted(set(keys) ^ set(values))}"
    known = {key: values[key] for key in keys}
    return {"type": "object", "additionalProperties": False, "properties": known} | (
        {"required": list(required)} if required else {}
    )


def make_one_or_more(item: Schema) -> Schema:
    """Give one of these, or a list of them."""
    return {"anyOf": [item, {"type": "array", "items": item}]}


def make_one_value(schema: Schema) -> Schema:
    """Give one value, and no list of them."""
    return schema | {"oneOf": [{"required": [key]} for key in ("value", "first", "unique")]}


def make_named_expressions(text: str) -> Schema:
    """Give expressions by name."""
    return {"type": "object", "additionalProperties": SCALAR} | tell(text)


def make_conditions(text: str, example: str = "") -> Schema:
    """Give one condition, or a list of them."""
    return make_one_or_more(SCALAR) | tell(text, example)


def make_expression(text: str, example: str = "") -> Schema:
    """Give an expression: a text, or a bare number or truth."""
    return SCALAR | tell(text, example)


def make_text(text: str, example: str = "") -> Schema:
    """Give a text: to YAML it may look like a number."""
    return SCALAR | tell(text, example)


def make_identifier(text: str) -> Schema:
    """Give an id: dotted lower-case words with hyphens."""
    return {"type": "string", "pattern": "^[a-z][a-z0-9.-]*$"} | tell(text)


def make_date(text: str) -> Schema:
    """Give a day."""
    return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "examples": ["2026-03-31"]} | tell(text)


def make_choice(words: Collection[str], text: str) -> Schema:
    """Give one word of several."""
    return {"enum": list(words)} | tell(text)


def make_flag(text: str) -> Schema:
    """Give true or false."""
    return {"enum": [True, False, "true", "false"]} | tell(text)


def make_each() -> Schema:
    """Give what `each:` may be."""
    units = "|".join(periods.UNITS)
    pattern = rf"^\s*(calendar\s+({units})(\s+from\s+(monday|sunday))?|\d+\s+calendar\s+months?\s+step\s+\d+\s+months?|[A-Za-z_][\w-]*)\s*$"
    examples = ["calendar month", "calendar week from monday", "6 calendar months step 1 month"]
    return {"type": "string", "pattern": pattern, "examples": examples} | tell("One obligation for each of these.")


def tell(text: str, example: str = "") -> Schema:
    """Give what an editor shows beside a key."""
    shown: Schema = {"description": text}
    written = EXAMPLES.get(example, "").partition(": ")[2]
    return shown | ({"examples": [written]} if written else {})
