"""Parser callbacks: each rule of grammar.lark to a node of `model.syntax`."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from lark import Transformer, v_args

from compliance_engine.model.law import Name, Subject
from compliance_engine.model.syntax import (
    Argument,
    Binary,
    Call,
    Conditional,
    DateLiteral,
    Expr,
    Is,
    Member,
    NextDay,
    Number,
    Path,
    Quantified,
    RecordSet,
    Text,
    Unary,
    Window,
    Word,
)
from compliance_engine.reading.law.nodes import join_spans
from compliance_engine.reading.law.syntax_nodes import (
    argument_node,
    is_day,
    is_node,
    member_node,
    path_of,
    provision_of,
    ranging_argument,
    read_number,
    set_node,
    span_to_last,
    split_finding,
    subject_node,
    table_member,
    word_of,
)
from compliance_engine.reading.law.tokens import Lexeme, SyntaxTroubleError

WORKING_DAYS = "working days"

# Which argument of an aggregate ranges over records, and so may carry `at` as its window.
_RANGING = dict.fromkeys(("count", "sum", "mean", "median", "geomean", "first", "last", "share", "percentile"), 0) | {
    "stat": 1
}


@v_args(inline=True)
class SyntaxBuilder(Transformer[Lexeme, Expr]):
    """Builds nodes bottom up; raises SyntaxTroubleError for what the grammar alone cannot refuse."""

    def number(self, token: Lexeme) -> Number:
        """Read an exact number and the unit printed after it."""
        return read_number(token, token.span)

    def text(self, token: Lexeme) -> Text:
        """Take off the quotes."""
        return Text(value=token[1:-1], span=token.span)

    def date(self, token: Lexeme) -> DateLiteral:
        """Refuse dates that no calendar has."""
        try:
            date.fromisoformat(token)
        except ValueError:
            raise SyntaxTroubleError(
                f"found `{token}`, which is no date", token.span, "for example: 2026-03-31"
            ) from None
        return DateLiteral(value=str(token), span=token.span)

    def next_day(self, token: Lexeme) -> NextDay:
        """Read `28 of next month` and `03-01 of next year`."""
        day_text, _, _, unit = token.split()
        month_text, _, day_text = day_text.rpartition("-")
        month, day = int(month_text or 1), int(day_text)
        if bool(month_text) != (unit == "year") or not is_day(month, day):
            raise SyntaxTroubleError(
                f"found `{token}`, which is no day", token.span, "for example: 28 of next month, or 03-01 of next year"
            )
        return NextDay(month=month if month_text else None, day=day, unit=unit, span=token.span)

    def constant(self, token: Lexeme) -> Word:
        """Read `true`, `false`, `none`."""
        return Word(value=str(token), span=token.span)

    def path(self, token: Lexeme) -> Path:
        """Split a dotted name."""
        return path_of(token)

    def group(self, opening: Lexeme, node: Expr, closing: Lexeme) -> Expr:
        """Take off brackets; a bracketed `at` keeps their place, which tells it from a window (see `_ranging`)."""
        if isinstance(node, Binary) and node.op == "at":
            return replace(node, span=join_spans(opening.span, closing.span))
        return node

    def unary(self, op: Lexeme, operand: Expr) -> Unary:
        """Build `not x` and `-x`."""
        return Unary(op=str(op), operand=operand, span=join_spans(op.span, operand.span))

    def binary(self, left: Expr, op: Lexeme, right: Expr) -> Binary:
        """Build every operator with two sides."""
        return Binary(op=str(op), left=left, right=right, span=join_spans(left.span, right.span))

    def working(self, length: Lexeme, op: Lexeme, origin: Expr) -> Binary:
        """Build `10 working days after X`."""
        digits = str(length).split()[0]
        count = Number(value=Fraction(digits), text=digits, unit=WORKING_DAYS, span=length.span)
        return Binary(op=f"working-{op}", left=count, right=origin, span=join_spans(length.span, origin.span))

    def reading_or_else(self, left: Expr, at: Lexeme, instant: Expr, op: Lexeme, right: Expr) -> Binary:
        """Build `parameter at DATE else value`."""
        return self.binary(self.binary(left, at, instant), op, right)

    def conditional(self, opening: Lexeme, condition: Expr, then: Expr, otherwise: Expr) -> Conditional:
        """Build `if c then a else b`."""
        span = join_spans(opening.span, otherwise.span)
        return Conditional(condition=condition, then=then, otherwise=otherwise, span=span)

    def symbol(self, token: Lexeme) -> Lexeme:
        """Give what stands after `is`; a dotted name is no symbol."""
        if token.type == "PATH" and "." in token:
            raise SyntaxTroubleError(
                f"found `{token}` after `is`, expected one word", token.span, "compare values with `=`: a.b = c.d"
            )
        return token

    def equals_symbol(self, operand: Expr, symbol: Lexeme) -> Is:
        """Build `x is WORD`."""
        return is_node(operand, symbol, negated=False)

    def differs_from_symbol(self, operand: Expr, _: Lexeme, symbol: Lexeme) -> Is:
        """Build `x is not WORD`."""
        return is_node(operand, symbol, negated=True)

    def member_of_list(self, operand: Expr, _: Lexeme, *items: Expr | Lexeme) -> Member:
        """Build `x in [A, B]`."""
        return member_node(operand, items, negated=False)

    def outside_list(self, operand: Expr, _not: Lexeme, _opening: Lexeme, *items: Expr | Lexeme) -> Member:
        """Build `x not in [A, B]`."""
        return member_node(operand, items, negated=True)

    def member_of_table(self, operand: Expr, call: Lexeme, _opening: Lexeme, table: Lexeme, closing: Lexeme) -> Member:
        """Build `x in table(ID)`."""
        return table_member(operand, call, table, closing, negated=False)

    def outside_table(self, operand: Expr, _not: Lexeme, call: Lexeme, _opening: Lexeme, *rest: Lexeme) -> Member:
        """Build `x not in table(ID)`."""
        return table_member(operand, call, *rest, negated=True)

    def quantified(self, quantifier: Lexeme, records: RecordSet) -> Quantified:
        """Build `some SET`, `no SET`, `every SET`."""
        return Quantified(quantifier=str(quantifier), set=records, span=join_spans(quantifier.span, records.span))

    def alias(self, token: Lexeme) -> str:
        """Give the name after `as`."""
        return word_of(token)

    def condition(self, node: Expr) -> Expr:
        """Give the condition after `where`."""
        return node

    def trailing(self, start: Lexeme, length: Lexeme, end: Expr) -> Window:
        """Build `in LENGTH to END`."""
        number = read_number(length, length.span)
        return Window(kind="trailing", length=number, start=None, end=end, span=join_spans(start.span, end.span))

    def leading(self, start: Lexeme, length: Lexeme, _: Lexeme, period: Lexeme) -> Window:
        """Build `in LENGTH before period`."""
        if period != "period":
            raise SyntaxTroubleError(
                f"found `{period}` after `before`, expected `period`",
                period.span,
                f"for another end: in {length} to {period}",
            )
        number = read_number(length, length.span)
        return Window(kind="leading", length=number, start=None, end=None, span=join_spans(start.span, period.span))

    def between(self, opening: Lexeme, start: Expr, end: Expr) -> Window:
        """Build `from START to END`."""
        return Window(kind="between", length=None, start=start, end=end, span=join_spans(opening.span, end.span))

    def at_instant(self, opening: Lexeme, end: Expr) -> Window:
        """Build `at END`."""
        return Window(kind="at", length=None, start=None, end=end, span=join_spans(opening.span, end.span))

    def fact_set(self, source: Lexeme, alias: str | None, window: Window | None, where: Expr | None) -> RecordSet:
        """Build `TYPE as NAME WINDOW where COND`."""
        return set_node(path_of(source), source.span, alias, window, where)

    def finding_set(self, source: Lexeme, alias: str | None, window: Window | None, where: Expr | None) -> RecordSet:
        """Build `finding of PROVISION as NAME WINDOW where COND`."""
        return replace(set_node(provision_of(source), source.span, alias, window, where), finding=True)

    def plain_argument(self, value: Expr, window: Window | None, where: Expr | None) -> Argument:
        """Build an argument without a name."""
        return argument_node(value, value.span, None, window, where)

    def named_argument(self, value: Lexeme, alias: str, window: Window | None, where: Expr | None) -> Argument:
        """Build `TYPE as NAME WINDOW where COND`."""
        return argument_node(path_of(value), value.span, alias, window, where)

    def finding_argument(self, value: Lexeme, alias: str | None, window: Window | None, where: Expr | None) -> Argument:
        """Build `finding of PROVISION ...` as an argument."""
        return replace(argument_node(provision_of(value), value.span, alias, window, where), finding=True)

    def call(self, name: Lexeme, _opening: Lexeme, *rest: Argument | Lexeme | None) -> Call:
        """Build `name(arguments).field`."""
        arguments = tuple(part for part in rest if isinstance(part, Argument))
        tokens = [part for part in rest if isinstance(part, Lexeme)]
        column = next((token for token in tokens if token.type == "FIELD"), None)
        span = join_spans(name.span, tokens[-1].span)
        ranging = _RANGING.get(name, 0 if name in {"min", "max"} and len(arguments) == 1 else -1)
        shaped = tuple(ranging_argument(part) if place == ranging else part for place, part in enumerate(arguments))
        return Call(name=word_of(name), arguments=shaped, field=None if column is None else str(column)[1:], span=span)

    def running(self, opening: Lexeme, name: Lexeme, _: Lexeme, argument: Argument, closing: Lexeme) -> Call:
        """Build `running sum(...)`: from where the records are complete to the end of the period."""
        if argument.window is not None:
            raise SyntaxTroubleError(
                f"found a window in `running {name}(...)`, which has its own: all that went before",
                argument.window.span,
                f"write running {name}(TYPE.FIELD where ...)",
            )
        window = Window(kind="running", length=None, start=None, end=None, span=opening.span)
        ranging = replace(ranging_argument(argument), window=window)
        return Call(name=str(name), arguments=(ranging,), field=None, span=join_spans(opening.span, closing.span))

    def fact_subject(self, source: Lexeme, where: Expr | None) -> Subject:
        """Build `TYPE where COND`."""
        return subject_node(path_of(source), source.span, None, where, finding=False)

    def finding_subject(self, source: Lexeme, where: Expr | None) -> Subject:
        """Build `finding of PROVISION/DUTY where COND`."""
        provision, duty = split_finding(source)
        return subject_node(provision, source.span, duty, where, finding=True)

    def distinct_subject(self, opening: Lexeme, _: Lexeme, *rest: Lexeme | Expr | None) -> Subject:
        """Build `distinct (KEY, KEY) in TYPE where COND`."""
        if opening != "distinct":
            raise SyntaxTroubleError(
                f"found `{opening}(`, expected a type or `distinct (`",
                opening.span,
                "for example: distinct (site, chemical) in chemical-activity",
            )
        *before, last = rest
        where = None if last is None or isinstance(last, Lexeme) else last
        names = [part for part in before if isinstance(part, Lexeme) and part.type == "PATH"]
        *keys, source = [Name(text=word_of(token), span=token.span) for token in names]
        span = span_to_last(opening.span, Path(parts=(source.text,), span=source.span), where)
        return Subject(source=source, finding=False, duty=None, where=where, span=span, keys=tuple(keys))
