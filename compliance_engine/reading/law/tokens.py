"""Expression text to tokens, each with its place in the file."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from lark import Token

from compliance_engine.kernel.span import Span
from compliance_engine.reading.law.nodes import ScalarNode

MAX_CHARACTERS = 4_000
MAX_TOKENS = 600

KEYWORDS = frozenset(
    {
        "if",
        "then",
        "else",
        "or",
        "and",
        "not",
        "some",
        "no",
        "every",
        "is",
        "in",
        "where",
        "as",
        "of",
        "from",
        "to",
        "at",
        "before",
        "after",
        "true",
        "false",
        "none",
    }
)
# Names with a meaning of their own, which a field may not take.
RESERVED = KEYWORDS | {"previous"}

_WORD = r"[A-Za-z_]\w*(?:-\w+)*"
_PATH = rf"{_WORD}(?:\.\w+(?:-\w+)*)*"
_KEYWORD = rf"(?:{'|'.join(sorted(KEYWORDS))})(?![\w-])"
_UNIT_WORD = r"[A-Za-z°µμΩ][A-Za-z0-9°µμΩ_]*(?:-[A-Za-z0-9]+)*(?:\^-?\d+)?"
_UNIT = rf"(?!{_KEYWORD})(?:%|{_UNIT_WORD})(?:/\d*{_UNIT_WORD})*(?: as (?!{_KEYWORD})[A-Za-z0-9]+)?"
_DIGITS = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
NUMBER = re.compile(rf"(-?{_DIGITS})\s*(?:\{{([^{{}}]*)\}}|({_UNIT}))?", re.ASCII)
_TOKENS = re.compile(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in (
            ("space", r"\s+"),
            ("DATE", r"\d{4}-\d{2}-\d{2}(?![\w-])"),
            ("NEXTDAY", r"\d{1,2}\s+of\s+next\s+month(?![\w-])|\d{1,2}-\d{1,2}\s+of\s+next\s+year(?![\w-])"),
            ("WORKING", r"\d{1,4}\s+working\s+days?(?![\w-])"),
            ("NUMBER", rf"{_DIGITS}\s*(?:\{{[^{{}}]*\}}|{_UNIT}|(?=\W|$))"),
            ("FINDING", rf"finding\s+of\s+{_PATH}(?:/\w+(?:-\w+)*)?"),
            ("WITHIN", r"in(?=\s+\d)"),
            ("RUNNING", r"running(?=\s+(?:sum|count)\s*\()"),
            ("PATH", _PATH),
            ("FIELD", rf"\.{_WORD}"),
            ("STRING", r'"[^"\n]*"'),
            ("COMPARE", r"<=|>=|<|>|="),
            ("sign", r"[-+*/()\[\],]"),
            ("bad", r"[\s\S]"),
        )
    ),
    re.ASCII,
)
_SIGNS = {
    "+": "PLUS",
    "-": "MINUS",
    "*": "STAR",
    "/": "SLASH",
    "(": "LPAR",
    ")": "RPAR",
    "[": "LSQB",
    "]": "RSQB",
    ",": "_COMMA",
}
_FILTERED = frozenset(("then", "is", "in", "to", "as", "where"))
_OPERAND_ENDS = frozenset(
    ("NUMBER", "STRING", "DATE", "NEXTDAY", "PATH", "FIELD", "TRUE", "FALSE", "NONE", "RPAR", "RSQB")
)


class Lexeme(Token):
    """A token with its place in the file."""

    __slots__ = ("span",)
    span: Span

    # Not the constructor of Token, which takes as long as the rest of the parser.
    def __new__(cls, kind: str, text: str, start: int, span: Span) -> Self:
        """Make a token of a kind, at an offset of the expression and a place in the file."""
        token = str.__new__(cls, text)
        token.type, token.value, token.start_pos, token.span = kind, text, start, span
        return token


@dataclass(slots=True)
class SyntaxTroubleError(Exception):
    """An expression that cannot be parsed: what a diagnostic will say."""

    message: str
    span: Span
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruler:
    """Gives places in a scalar: one line as it is, or (`places`) each character's own."""

    node: ScalarNode
    places: tuple[tuple[int, int], ...] | None

    def span(self, start: int, length: int) -> Span:
        """Give the span of characters of the scalar's text."""
        at = self.node.span
        if self.places is None:
            return Span(at.file, at.line, at.column + bool(self.node.style) + start, length)
        if start >= len(self.places):
            return Span(at.file, *self.node.end)
        return Span(at.file, *self.places[start], length)


def make_ruler(node: ScalarNode) -> Ruler:
    """Prepare to give places in a scalar."""
    return Ruler(node=node, places=node.places())


def read_tokens(text: str, ruler: Ruler) -> Iterator[Lexeme]:
    """Cut a text into tokens; raises SyntaxTroubleError at what is none, and where there are too many."""
    opened: list[str] = []
    previous = ""
    position = count = 0
    while position < len(text):
        match = _match(text, position, previous)
        position = match.end()
        if match.lastgroup == "space":
            continue
        token = _lexeme(match, opened, ruler)
        count += 1
        if count > MAX_TOKENS:
            raise SyntaxTroubleError(
                f"the expression has more than {MAX_TOKENS} words and signs", token.span, "split it with `let:`"
            )
        previous = token.type
        yield token


def _match(text: str, position: int, previous: str) -> re.Match[str]:
    """Match the next token; a sign directly before digits belongs to the number unless a value stands before it."""
    if text[position] == "-" and previous not in _OPERAND_ENDS and text[position + 1 : position + 2].isdecimal():
        number = _NEGATIVE.match(text, position)
        if number:
            return number
    match = _TOKENS.match(text, position)
    assert match is not None, "the last alternative matches anything"
    return match


_NEGATIVE = re.compile(rf"(?P<NUMBER>-{_DIGITS}\s*(?:\{{[^{{}}]*\}}|{_UNIT}|(?=\W|$)))", re.ASCII)


def _lexeme(match: re.Match[str], opened: list[str], ruler: Ruler) -> Lexeme:
    """Make the token of a match, telling keywords from names."""
    text = match.group().rstrip()
    kind = match.lastgroup or "bad"
    span = ruler.span(match.start(), len(text))
    if kind == "bad":
        raise _refuse(match.group(), match.string, match.start(), span)
    if kind == "sign":
        kind = _SIGNS[text]
    elif kind == "PATH" and text in KEYWORDS:
        kind = text.upper()
    kind = _pair(kind, opened)
    if kind.lower() in _FILTERED:
        kind = f"_{kind}"
    return Lexeme(kind, text, match.start(), span)


def _pair(kind: str, opened: list[str]) -> str:
    """Tell the `else` of an `if` from the operator: it is the first one after a `then` of the same brackets."""
    if kind in {"LPAR", "LSQB", "IF"}:
        opened.append(kind)
    elif kind in {"RPAR", "RSQB"}:
        other = "LPAR" if kind == "RPAR" else "LSQB"
        while opened and opened.pop() != other:
            pass
    elif kind == "THEN" and opened and opened[-1] == "IF":
        opened[-1] = kind
    elif kind == "ELSE" and opened and opened[-1] == "THEN":
        opened.pop()
        return "_OTHERWISE"
    return kind


_DOTTED = re.compile(r"\d{1,4}\.\d{1,2}\.\d{1,4}")
_INSTEAD = {
    "!": "write `not (a = b)`, or `a is not WORD`",
    "&": "write `and`",
    "|": "write `or`",
    "'": 'texts stand in double quotes: "text"',
    "“": 'texts stand in straight double quotes: "text"',
    "”": 'texts stand in straight double quotes: "text"',
    "–": "write `-`",
    "—": "write `-`",
    "−": "write `-`",
    "²": "write m2, or {m²} after its number",
    "³": "write m3, or {m³} after its number",
    "≠": "write `not (a = b)`, or `a is not WORD`",
    "≤": "write `<=`",
    "≥": "write `>=`",
    "×": "write `*`",
    "·": "write `*`",
    "{": "braces stand only after a number, around its unit: 126 {#/100mL}",
    "#": "a unit with signs stands in braces: 126 {#/100mL}",
    "%": "`%` stands after a number: 95 %",
    "∞": "leave the open end out",
}


def _refuse(text: str, whole: str, start: int, span: Span) -> SyntaxTroubleError:
    """Say what is wrong with a character that begins no token."""
    if text == '"':
        return SyntaxTroubleError('a text is opened with `"` and not closed', span, 'for example: "sample lost"')
    if text.isdecimal():
        found = re.match(r"[\w.]*", whole[start:])
        return SyntaxTroubleError(
            f"found `{(found.group() if found else text)[:40]}`, expected a number",
            span,
            "for example: 1000, 0.5 or 1e-5",
        )
    if text == "." and whole[start + 1 : start + 2].isdecimal():
        dotted = next((found.group() for found in _DOTTED.finditer(whole) if found.start() < start < found.end()), None)
        if dotted is not None:
            hint = "a date is written year-month-day: 2026-03-31"
            return SyntaxTroubleError(f"found `{dotted}`, which is no number", span, hint)
        return SyntaxTroubleError("found a number that begins with `.`", span, "write 0.5, not .5")
    if text.isspace() or not text.isprintable():
        name = unicodedata.name(text, f"U+{ord(text):04X}").lower()
        return SyntaxTroubleError(f"found the sign {name}", span, "write a blank, or nothing")
    return SyntaxTroubleError(f"found `{text}`, which means nothing here", span, _INSTEAD.get(text))
