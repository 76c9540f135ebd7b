"""Expression texts of the law to `model.syntax`, with a diagnostic for what cannot be parsed."""

import dataclasses
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, UnexpectedToken

from compliance_engine.kernel.span import Span
from compliance_engine.model.law import Subject
from compliance_engine.model.syntax import UNREAD, Argument, Expr, RecordSet, Word
from compliance_engine.reading.law.nodes import ScalarNode
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.syntax_nodes import ranging_argument
from compliance_engine.reading.law.syntax_tree import SyntaxBuilder
from compliance_engine.reading.law.syntax_words import Failure, explain_token
from compliance_engine.reading.law.tokens import (
    MAX_CHARACTERS,
    Lexeme,
    Ruler,
    SyntaxTroubleError,
    make_ruler,
    read_tokens,
)

MAX_DEPTH = 80
_Parsed = Expr | Argument | RecordSet | Subject


def read_expression(node: ScalarNode, problems: Problems) -> Expr:
    """Parse an expression; after a report, one that is known to be wrong stands in for it."""
    parsed = _parse(node, "expression", problems)
    return stand_in(node.span) if parsed is None or isinstance(parsed, Argument | RecordSet | Subject) else parsed


def read_argument(node: ScalarNode, problems: Problems) -> Argument:
    """Parse what stands after `every:`; after a report, a value that is known to be wrong stands in for it."""
    parsed = _parse(node, "argument", problems)
    if isinstance(parsed, Argument):
        return ranging_argument(parsed)
    return Argument(value=stand_in(node.span), finding=False, alias=None, window=None, where=None, span=node.span)


def read_set(node: ScalarNode, problems: Problems) -> RecordSet | None:
    """Parse a set of records; None after a report."""
    parsed = _parse(node, "set", problems)
    return parsed if isinstance(parsed, RecordSet) else None


def read_let(node: ScalarNode, problems: Problems) -> Expr | RecordSet:
    """Parse an expression, or what is none but a set: `TYPE WINDOW where COND`; after a report, as `read_expression`."""
    for start in ("expression", "set"):
        trial = Problems()
        parsed = _parse(node, start, trial)
        if parsed is not None and not trial.found and not isinstance(parsed, Argument | Subject):
            return parsed
    return read_expression(node, problems)


def read_subject(node: ScalarNode, problems: Problems) -> Subject | None:
    """Parse `TYPE where COND` or `finding of PROVISION/DUTY where COND`; None after a report."""
    parsed = _parse(node, "subject", problems)
    return parsed if isinstance(parsed, Subject) else None


def stand_in(span: Span) -> Word:
    """Give what stands where a reported mistake is, so that the rest of the document can be read, and compiled."""
    return Word(value=UNREAD, span=span)


@cache
def _parser() -> Lark:
    """Build the parser's tables, once for the process; it holds no state of a parse."""
    grammar = files("compliance_engine.reading.law").joinpath("grammar.lark").read_text(encoding="utf-8")
    starts = ["expression", "argument", "set", "subject"]
    return Lark(
        grammar, parser="lalr", lexer="basic", start=starts, transformer=SyntaxBuilder(), maybe_placeholders=True
    )


def _parse(node: ScalarNode, start: str, problems: Problems) -> _Parsed | None:
    """Parse a scalar from a start rule; None after a report."""
    if problems.is_full:
        return None
    if len(node.text) > MAX_CHARACTERS:
        message = f"the expression has {len(node.text):,} characters; at most {MAX_CHARACTERS:,} are read"
        problems.report("bad-expression", message, node.span, hint="split it with `let:`")
        return None
    comment = node.comment()
    if comment is not None:
        problems.report(
            "comment-in-expression",
            f"`{comment}` is a comment to YAML and would not be read",
            Span(node.span.file, *node.end),
            hint="a comment has a blank after its #; a unit with # stands in quotes and braces: 'x > 126 {#/100mL}'",
        )
    try:
        return _feed(node.text, start, make_ruler(node))
    except SyntaxTroubleError as trouble:
        problems.report("bad-expression", trouble.message, trouble.span, hint=trouble.hint)
        return None


def _feed(text: str, start: str, ruler: Ruler) -> _Parsed:
    """Feed the tokens of a text to the parser; raises SyntaxTroubleError."""
    parser = _parser().parse_interactive(start=start)
    tokens: list[Lexeme] = []
    try:
        for token in read_tokens(text, ruler):
            tokens.append(token)
            parser.feed_token(token)
        parsed: _Parsed = parser.feed_token(Token("$END", ""))
    except UnexpectedToken as error:
        found = tokens.pop() if error.token.type != "$END" else None
        raise explain_token(_failure(text, tokens, found, start, ruler)) from None
    if len(tokens) > MAX_DEPTH and _depth(parsed) > MAX_DEPTH:
        raise SyntaxTroubleError(
            f"the expression is nested deeper than {MAX_DEPTH}",
            parsed.span,
            "split it with `let:`, use `x in [A, B, ...]`, or look it up in a table",
        )
    return parsed


def _failure(text: str, accepted: list[Lexeme], found: Lexeme | None, start: str, ruler: Ruler) -> Failure:
    """Find what could have stood there: what was accepted is fed once more, since the failing token has reduced it."""
    parser = _parser().parse_interactive(start=start)
    for token in accepted:
        parser.feed_token(token)
    stop = len(text) if found is None else found.start_pos or 0
    return Failure(
        found=found,
        words=tuple(str(token) for token in accepted[-2:]),
        after=text[accepted[-4:][0].start_pos or 0 : stop] if accepted else "",
        expected=frozenset(parser.accepts()),  # type: ignore[no-untyped-call]
        start=start,
        span=ruler.span(len(text.rstrip()), 0) if found is None else found.span,
    )


def _depth(parsed: object) -> int:
    """Measure how deep the nodes are nested, without recursion."""
    deepest = 0
    stack: list[tuple[Any, int]] = [(parsed, 0)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        if isinstance(node, tuple):
            stack += [(item, depth) for item in node]
        elif dataclasses.is_dataclass(node) and not isinstance(node, Span | type):
            stack += [(getattr(node, field.name), depth + 1) for field in dataclasses.fields(node)]
    return deepest
