"""Keys that are not known: what was probably meant, or how it is said here."""

from collections.abc import Collection, Mapping

from compliance_engine.kernel.suggestions import did_you_mean, suggest
from compliance_engine.reading.law.examples import EXAMPLES
from compliance_engine.reading.law.nodes import Node, ScalarNode, shorten
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.values import LONGEST_NAME

# Keys of other notations, and ours for them.
_MEANT: Mapping[str, str] = {
    **dict.fromkeys(("except", "exception", "exceptions", "exempt", "exemption", "exemptions"), "unless"),
    **dict.fromkeys(("requires", "must", "shall", "requirement"), "require"),
    **dict.fromkeys(("deadline", "due", "due_date", "within"), "by"),
    **dict.fromkeys(("frequency", "period", "every"), "each"),
    **dict.fromkeys(("prohibit", "prohibits", "forbids", "ban"), "forbid"),
    **dict.fromkeys(("max", "maximum", "min", "minimum", "threshold", "limit"), "of"),
    **dict.fromkeys(("operator", "op", "comparison"), "must"),
    **dict.fromkeys(("description", "summary", "note"), "text"),
    **dict.fromkeys(("effective", "valid", "valid_from", "effective_from"), "in_force"),
    **dict.fromkeys(("owner", "assignee", "role"), "responsible"),
    **dict.fromkeys(("priority", "level", "risk"), "severity"),
    **dict.fromkeys(("scope", "applicability", "applies_to", "subject"), "applies"),
    **dict.fromkeys(("trigger", "triggered_by"), "after"),
    **dict.fromkeys(("name", "heading"), "title"),
    **dict.fromkeys(("reference", "legal_basis", "clause"), "citation"),
    **dict.fromkeys(("url", "link"), "source"),
}
# Keys that authors write a level too high.
_INSIDE: Mapping[str, str] = dict.fromkeys(("to", "each", "while", "when"), "applies")
# What other languages have a word for, and how it is said here.
SAID_OTHERWISE: Mapping[str, str] = {
    "versions": "another version is another document with the same id and an `in_force` of its own",
    "censored": "what counts for a non-detect stands in the expression: mean(censored(result.value, zero))",
    "conversion": "a factor of the law is a `parameter`, or stands where it is used: flow / 1 MGD * 8.34 lb/day",
}


def report_key(key: ScalarNode, value: Node, what: str, known: Collection[str], problems: Problems) -> str | None:
    """Report a key that is not known; give the known one that is probably meant."""
    if problems.is_full:
        return None
    meant = _MEANT.get(key.text)
    if meant not in known:
        meant = suggest(key.text, known) if len(key.text) <= LONGEST_NAME else None
    hint: str | None
    if key.text in SAID_OTHERWISE:
        meant, hint = None, SAID_OTHERWISE[key.text]
    elif key.text in _INSIDE and _INSIDE[key.text] in known:
        meant, hint = None, f"it stands inside `{_INSIDE[key.text]}`, as in {EXAMPLES[_INSIDE[key.text]]}"
    elif isinstance(value, ScalarNode) and value.is_empty:
        meant, hint = None, "it has no value: inside { } a text that holds commas stands in quotes"
    else:
        hint = f"did you mean {meant}?" if meant else _list_keys(key, known)
    problems.report("unknown-key", f"{what} has the key `{shorten(key.text)}`, which is not known", key.span, hint=hint)
    return meant


def _list_keys(key: ScalarNode, known: Collection[str]) -> str | None:
    return did_you_mean(key.text, known) if len(key.text) <= LONGEST_NAME else None
