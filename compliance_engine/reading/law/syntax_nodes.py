"""Nodes of `model.syntax` made of what the parser hands over, and what it refuses."""

from dataclasses import replace
from fractions import Fraction

from compliance_engine.kernel.span import Span
from compliance_engine.model.law import Name, Subject
from compliance_engine.model.syntax import (
    Argument,
    Binary,
    Expr,
    Is,
    Member,
    Number,
    Path,
    RecordSet,
    Window,
)
from compliance_engine.reading.law.nodes import join_spans
from compliance_engine.reading.law.tokens import KEYWORDS, NUMBER, Lexeme, SyntaxTroubleError

MAX_DIGITS = 40
MAX_EXPONENT = 60


def read_number(text: str, span: Span) -> Number:
    """Read a number exactly; raises SyntaxTroubleError if it is longer than law ever is."""
    match = NUMBER.fullmatch(text)
    digits = match.group(1) if match else ""
    mantissa, _, exponent = digits.lower().partition("e")
    if match is None or len(mantissa) > MAX_DIGITS or len(exponent) > 4 or abs(int(exponent or 0)) > MAX_EXPONENT:
        raise SyntaxTroubleError(
            f"found `{text[:60]}`, expected a number of at most {MAX_DIGITS} digits and exponent {MAX_EXPONENT}", span
        )
    unit = match.group(2) if match.group(2) is not None else match.group(3)
    return Number(value=Fraction(digits), text=digits, unit=None if unit is None else unit.strip(), span=span)


def ranging_argument(argument: Argument) -> Argument:
    """Read `X at D` over records as a window, unless brackets keep it together: their place is not that of X."""
    value = argument.value
    if (
        argument.window is None
        and isinstance(value, Binary)
        and value.op == "at"
        and value.span == join_spans(value.left.span, value.right.span)
    ):
        window = Window(kind="at", length=None, start=None, end=value.right, span=value.right.span)
        return replace(argument, value=value.left, window=window)
    return argument


def path_of(token: Lexeme) -> Path:
    """Read a dotted name, none of whose parts may be a word of the language."""
    parts = tuple(token.split("."))
    keyword = next((part for part in parts if part in KEYWORDS), None)
    if keyword is not None:
        raise SyntaxTroubleError(
            f"found `{keyword}` in `{token}`; it is a word of the language and names nothing", token.span, "rename it"
        )
    return Path(parts=parts, span=token.span)


def word_of(token: Lexeme) -> str:
    """Give a name without dots."""
    if "." in token:
        raise SyntaxTroubleError(f"found `{token}`, expected a name without dots", token.span)
    return str(token)


def is_node(operand: Expr, symbol: Lexeme, *, negated: bool) -> Is:
    """Make `X is SYMBOL`; the symbol may stand in quotes."""
    quoted = symbol.type == "STRING"
    word = str(symbol)[1:-1] if quoted else str(symbol)
    return Is(operand=operand, word=word, quoted=quoted, negated=negated, span=join_spans(operand.span, symbol.span))


def member_node(operand: Expr, items: tuple[Expr | Lexeme, ...], *, negated: bool) -> Member:
    """Make `X in [A, B]`; the last item is the closing bracket."""
    values = tuple(item for item in items if not isinstance(item, Lexeme))
    return Member(
        operand=operand, items=values, table=None, negated=negated, span=join_spans(operand.span, items[-1].span)
    )


def table_member(operand: Expr, call: Lexeme, table: Lexeme, closing: Lexeme, *, negated: bool) -> Member:
    """Make `X in table(ID)`."""
    if call != "table":
        raise SyntaxTroubleError(
            f"found `{call}(` after `in`, expected `[` or `table(`", call.span, "for example: x in table(ID)"
        )
    return Member(
        operand=operand,
        items=None,
        table=str(path_of(table)),
        negated=negated,
        span=join_spans(operand.span, closing.span),
    )


def span_to_last(start: Span, *nodes: Window | Expr | None) -> Span:
    """Give the span from a start to the last node there is."""
    ends = [node.span for node in nodes if node is not None]
    return join_spans(start, ends[-1]) if ends else start


def set_node(source: Path, start: Span, alias: str | None, window: Window | None, where: Expr | None) -> RecordSet:
    """Make a set of records: `SOURCE as ALIAS WINDOW where CONDITION`."""
    span = span_to_last(start, source, window, where)
    return RecordSet(source=source, finding=False, alias=alias, window=window, where=where, span=span)


def argument_node(value: Expr, start: Span, alias: str | None, window: Window | None, where: Expr | None) -> Argument:
    """Make what an aggregate reads of the records of a set."""
    span = span_to_last(start, value, window, where)
    return Argument(value=value, finding=False, alias=alias, window=window, where=where, span=span)


def subject_node(path: Path, start: Span, duty: str | None, where: Expr | None, *, finding: bool) -> Subject:
    """Make the subject of a provision: records of a type, or the findings of a provision."""
    name = Name(text=str(path), span=path.span)
    return Subject(source=name, finding=finding, duty=duty, where=where, span=span_to_last(start, path, where))


def split_finding(token: Lexeme) -> tuple[Path, str | None]:
    """Split `finding of PROVISION/DUTY`."""
    written, slash, duty = token.split()[-1].partition("/")
    length = len(written) + len(slash) + len(duty)
    at = token.span
    place = Span(at.file, at.line, at.column + max(0, at.length - length), len(written))
    return path_of(Lexeme("PATH", written, token.start_pos or 0, place)), duty or None


def provision_of(token: Lexeme) -> Path:
    """Give the provision whose findings a set ranges over: all its duties."""
    path, duty = split_finding(token)
    if duty is not None:
        raise SyntaxTroubleError(
            f"found `{token}`; a duty can be named only in `applies`",
            token.span,
            f"all duties of the provision: finding of {path}",
        )
    return path


def is_day(month: int, day: int) -> bool:
    """Say whether some year has that day."""
    return 1 <= month <= 12 and 1 <= day <= (29 if month == 2 else 30 if month in {4, 6, 9, 11} else 31)
