"""What a parse error says: what was found, what was expected, in words, and how it is written right."""

from dataclasses import dataclass

from compliance_engine.kernel.span import Span
from compliance_engine.reading.law.nodes import shorten
from compliance_engine.reading.law.syntax_slips import RANGE, replace_foreign
from compliance_engine.reading.law.tokens import KEYWORDS, Lexeme, SyntaxTroubleError

_EXAMPLES = {
    "expression": "for example: result.value <= 30 mg/L and type is ENF",
    "argument": "for example: censored(result.value, zero) where method-approved",
    "set": "for example: discharge where volume > 42 gal",
    "subject": "for example: permit-limit where base is monthly-average",
}
# Token types in the order in which they are named, each group by one phrase.
_PHRASES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"PATH", "NUMBER", "LPAR"}), "a value"),
    (frozenset({"PATH", "STRING", "TRUE"}), "one word, a text in double quotes, `present`, `true`, `false` or `none`"),
    (frozenset({"FINDING", "PATH"}), "a fact type or `finding of`"),
    (frozenset({"LSQB", "PATH"}), "`[` or `table(`"),
    (frozenset({"PATH"}), "a name"),
    (frozenset({"NUMBER"}), "a length of time"),
    (frozenset({"PLUS", "COMPARE", "AND"}), "an operator (`+`, `=`, `is`, `and` ...)"),
    (frozenset({"PLUS", "AND"}), "an operator (`+`, `and` ...)"),
    (frozenset({"PLUS"}), "an operator (`+` ...)"),
    (frozenset({"AND"}), "`and`, `or`"),
    (frozenset({"_IN", "NOT"}), "`in`"),
    (frozenset({"_THEN"}), "`then`"),
    (frozenset({"_OTHERWISE"}), "`else`"),
    (frozenset({"_TO"}), "`to`"),
    (frozenset({"BEFORE", "_TO"}), "`before period`"),
    (frozenset({"BEFORE", "AFTER"}), "`before` or `after` a date"),
    (frozenset({"FROM"}), "a window (`in`, `from`, `at`)"),
    (frozenset({"_WHERE"}), "`where`"),
    (frozenset({"_COMMA"}), "`,`"),
    (frozenset({"LPAR"}), "`(`"),
    (frozenset({"RPAR"}), "`)`"),
    (frozenset({"RSQB"}), "`]`"),
    (frozenset({"$END"}), "the end"),
)
_WINDOW_WORDS = frozenset({"before", "after", "since", "until", "during", "on", "between", "for", "by", "within"})
_WINDOW = "a window is written `in 30 days to due`, `from 2026-01-01 to due`, or, of states, `at due`"
_WHERE = "a `where` stands inside the brackets of what it cuts: sum(result.value where method-approved) > 3"
_CLOSE = "close the bracket; inside [ ] and { } of YAML a text that holds commas stands in quotes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Where parsing stopped.

    `found`: the token that could not stand there (None: the end); `words`: the last two tokens before it; `after`: the
    text before it; `expected`: the token types that could have stood there; `start`: the start rule.
    """

    found: Lexeme | None
    words: tuple[str, ...]
    after: str
    expected: frozenset[str]
    start: str
    span: Span


def explain_token(failure: Failure) -> SyntaxTroubleError:
    """Say what was found, after which text, and what could have stood there."""
    previous = failure.words[-1] if failure.words else ""
    what = "the end" if failure.found is None else f"`{shorten(failure.found)}`"
    after = f" after `{shorten(failure.after)}`" if failure.after else ""
    message = f"found {what}{after}; expected {_in_words(failure.expected)}"
    return SyntaxTroubleError(message, failure.span, _advise(failure, previous) or _EXAMPLES[failure.start])


def _in_words(expected: frozenset[str]) -> str:
    """Name the token types; one that a larger group named is not named again."""
    named = {"LPAR", "_IN", "BEFORE", "AFTER"} if "PLUS" in expected else set()
    words: list[str] = []
    for group, phrase in _PHRASES:
        if group <= expected and not group & named:
            words.append(phrase)
            named |= group
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _advise(failure: Failure, previous: str) -> str | None:
    """Recognise a frequent mistake."""
    text = "" if failure.found is None else str(failure.found)
    kind = "" if failure.found is None else failure.found.type
    expected = failure.expected
    foreign = replace_foreign(text, previous)
    advice = (
        ("FROM" in expected and text in _WINDOW_WORDS, _WINDOW),
        (foreign is not None, foreign or ""),
        (text != text.lower() and text.lower() in KEYWORDS, f"words of the language are in lower case: {text.lower()}"),
        (text == previous == "=", "write `=` once"),
        (kind == "COMPARE" and not previous and not failure.after, "write `<=`, `>=`, `<`, `>` or `=`"),
        (kind == "COMPARE" and previous in {"<", ">", "="}, "write `<=`, `>=`, or `not (a = b)`"),
        (
            kind == "COMPARE" and "AND" in expected and "COMPARE" not in expected,
            "comparisons do not chain: a < b and b < c",
        ),
        (
            kind in {"NUMBER", "DATE"} and previous in {"is", "not"},
            "numbers and dates are compared with `=`: x = 5, date = 2026-03-31",
        ),
        ((kind == "WITHIN" and "COMPARE" in expected) or (text == "to" and "RSQB" in expected), RANGE),
        (text == "where" and bool({"AND", "$END"} & expected), _WHERE),
        (
            kind == "_COMMA" and previous.isdecimal(),
            "numbers are written with a point and without separators: 2.5, 1000",
        ),
        (text == "at" and not failure.after, "write `<=`, `>=`, `<`, `>` or `=`"),
        (
            failure.start == "set" and text in {"no", "some", "every"},
            "name the records alone: discharge where volume > 42 gal",
        ),
        (
            failure.start == "set" and kind == "COMPARE",
            "records stand here; a condition is forbidden by `require: not (...)`",
        ),
        (text == "of", "for example: 28 of next month, 03-01 of next year, some finding of PROVISION"),
        (bool({"_OTHERWISE", "_THEN"} & expected), "for example: if covered then 30 days else 5 days"),
        (failure.found is None and "RPAR" in expected, _CLOSE),
        (text == "(" and previous[:1].isdecimal(), "a unit with brackets stands in braces: 85 {dB(A)}"),
        (expected == {"BEFORE", "AFTER"}, f"for example: {previous} after X"),
        (
            kind == "_IN" or "in" in failure.words,
            "for example: x in [A, B], x in table(ID), some result in 365 days to due",
        ),
        (
            text in KEYWORDS - {"and", "or", "then", "else"} and "PATH" in expected,
            f"`{text}` is a word of the language; nothing can have it as its name",
        ),
    )
    return next((hint for applies, hint in advice if applies), None)
