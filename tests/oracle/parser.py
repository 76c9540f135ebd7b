"""A recursive-descent parser of the expressions of docs/language.md section 2."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from tests.oracle import syntax as s
from tests.oracle.values import OracleError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
SEGMENT = r"[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*"
TOKEN = re.compile(
    rf"""\s*(?:
    (?P<date>\d{{4}}-\d{{2}}-\d{{2}})
  | (?P<monthday>\d{{2}}-\d{{2}})(?=\s+of\b)
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
  | (?P<text>"[^"]*")
  | (?P<path>{SEGMENT}(?:\.[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*)*)
  | (?P<op><=|>=|[<>=+\-*/(),.\[\]%\#])
    )""",
    re.VERBOSE,
)
UNIT = re.compile(r"\s*((?:[%#]|[A-Za-zµ°][A-Za-z0-9µ°^]*)(?:[*/](?:[A-Za-z0-9µ°^]+))*(?:\s+as\s+[A-Z][A-Za-z0-9]*)?)")
WORKING = re.compile(r"\s+working\s+days?\b")
KEYWORDS = frozenset(
    (
        "if",
        "then",
        "else",
        "and",
        "or",
        "not",
        "where",
        "some",
        "no",
        "every",
        "is",
        "in",
        "at",
        "as",
        "of",
        "from",
        "to",
        "before",
        "after",
        "finding",
        "true",
        "false",
        "none",
    )
)
COMPARISONS = ("<=", ">=", "<", ">", "=")


@lru_cache(maxsize=4096)
def parse(text: str) -> s.Expr:
    """Parse an expression."""
    parser = Parser(text)
    expression = parser.expression()
    parser.finish()
    return expression


@lru_cache(maxsize=4096)
def parse_records(text: str) -> s.Records:
    """Parse `TYPE where COND`, `finding of P/DUTY where COND`, or the argument of an aggregate."""
    parser = Parser(text)
    records = parser.argument()
    parser.finish()
    return records


@lru_cache(maxsize=4096)
def parse_set(text: str) -> s.Records | None:
    """Parse a set of records; None where the text is an expression."""
    try:
        parse(text)
    except OracleError:
        return parse_records(text)
    return None


class Parser:
    """One token of look-ahead over a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.kind = self.token = ""
        self.else_taken = False  # inside `if .. then`: the next `else` is the conditional's own
        self.advance()

    def advance(self) -> str:
        taken = self.token
        match = TOKEN.match(self.text, self.place)
        if match is None:
            if self.text[self.place :].strip():
                raise OracleError(f"cannot read {self.text[self.place :]!r} in {self.text!r}")
            self.kind, self.token = "end", ""
            return taken
        self.kind = str(match.lastgroup)
        self.token, self.place = match.group(self.kind), match.end()
        return taken

    def finish(self) -> None:
        if self.kind != "end":
            raise OracleError(f"unexpected {self.token!r} in {self.text!r}")

    def at(self, *tokens: str) -> bool:
        return self.kind not in ("end", "text") and self.token in tokens

    def take(self, token: str) -> bool:
        if self.at(token):
            self.advance()
            return True
        return False

    def need(self, token: str) -> None:
        if not self.take(token):
            raise OracleError(f"expected {token!r}, found {self.token!r} in {self.text!r}")

    def expression(self) -> s.Expr:
        if self.take("if"):
            condition = self.expression()
            self.need("then")
            then = self._enclosed(self.expression, else_taken=True)
            self.need("else")
            return s.If(condition, then, self.expression())
        left = self.conjunction()
        while self.take("or"):
            left = s.Binary("or", left, self.conjunction())
        return left

    def _enclosed(self, read: Callable[[], T], *, else_taken: bool) -> T:
        outer, self.else_taken = self.else_taken, else_taken
        result = read()
        self.else_taken = outer
        return result

    def conjunction(self) -> s.Expr:
        left = self.negation()
        while self.take("and"):
            left = s.Binary("and", left, self.negation())
        return left

    def negation(self) -> s.Expr:
        if self.take("not"):
            return s.Unary("not", self.negation())
        if self.at("some", "no", "every"):
            return s.Quantified(self.advance(), self.argument(quantified=True))
        return self.comparison()

    def comparison(self) -> s.Expr:
        left = self.sum()
        if self.at(*COMPARISONS):
            return s.Binary(self.advance(), left, self.sum())
        if self.take("is"):
            negated = self.take("not")
            word = self.token[1:-1] if self.kind == "text" else self.token
            self.advance()
            return s.Is(left, word, negated)
        if self.at("not", "in") and not self._window_follows():
            negated = self.take("not")
            self.need("in")
            return self._member(left, negated=negated)
        return left

    def _window_follows(self) -> bool:
        following = TOKEN.match(self.text, self.place)
        return self.at("in") and following is not None and following.lastgroup == "number"

    def _member(self, left: s.Expr, *, negated: bool) -> s.Expr:
        if self.take("["):
            items = [self._enclosed(self.sum, else_taken=False)]
            while self.take(","):
                items.append(self._enclosed(self.sum, else_taken=False))
            self.need("]")
            return s.Member(left, tuple(items), None, negated)
        self.need("table")
        self.need("(")
        name = self.advance()
        self.need(")")
        return s.Member(left, (), name, negated)

    def sum(self) -> s.Expr:
        left = self.product()
        while self.at("+", "-"):
            left = s.Binary(self.advance(), left, self.product())
        return left

    def product(self) -> s.Expr:
        left = self.unary()
        while self.at("*", "/"):
            left = s.Binary(self.advance(), left, self.unary())
        return left

    def unary(self) -> s.Expr:
        if self.take("-"):
            return s.Unary("-", self.unary())
        left = self.shift()
        while not self.else_taken and self.take("else"):
            left = s.Binary("else", left, self.shift())
        return left

    def shift(self) -> s.Expr:
        left = self.dated()
        if self.at("before", "after"):
            return s.Binary(self.advance(), left, self.dated())
        return left

    def dated(self) -> s.Expr:
        left = self.atom()
        return s.Binary("at", left, self.atom()) if self.take("at") else left

    def atom(self) -> s.Expr:  # noqa: PLR0911 - a line for each shape
        if self.take("("):
            inner = self._enclosed(self.expression, else_taken=False)
            self.need(")")
            return inner
        if self.kind == "text":
            return s.Text(self.advance()[1:-1])
        if self.kind == "date":
            return s.Day(date.fromisoformat(self.advance()).toordinal())
        if self.kind == "monthday":
            return self._month_day()
        if self.kind == "number":
            return self._number()
        if self.at("true", "false", "none"):
            return s.Word(self.advance())
        if self.kind == "path" and self.token not in KEYWORDS:
            name = self.advance()
            if name == "running" and self.at("sum", "count"):
                call = self._call(self.advance())
                return s.Call(call.name, (replace(call.arguments[0], window=s.Window("running")),), None)
            return self._call(name) if self.at("(") else s.Path(tuple(name.split(".")))
        raise OracleError(f"unexpected {self.token!r} in {self.text!r}")

    def _month_day(self) -> s.Expr:
        month, day = self.advance().split("-")
        for word in ("of", "next", "year"):
            self.need(word)
        return s.NextDay(int(month), int(day))

    def _number(self) -> s.Expr:
        printed = self.token
        working = WORKING.match(self.text, self.place)
        if working:
            self.place = working.end()
            self.advance()
            return s.Number(Fraction(printed), "working days")
        unit = UNIT.match(self.text, self.place)
        if unit and re.split(r"[\s*/]", unit.group(1))[0] not in KEYWORDS | {"where"}:
            self.place = unit.end()
            self.advance()
            return s.Number(Fraction(printed), unit.group(1))
        self.advance()
        if self.take("of"):
            self.need("next")
            self.need("month")
            return s.NextDay(None, int(printed))
        return s.Number(Fraction(printed), "")

    def _call(self, name: str) -> s.Call:
        self.need("(")
        arguments = []
        while not self.take(")"):
            arguments.append(self._enclosed(self.argument, else_taken=False))
            if not self.at(")"):
                self.need(",")
        field = self.advance() if self.take(".") else None
        return s.Call(name, tuple(arguments), field)

    def argument(self, *, quantified: bool = False) -> s.Records:
        """Parse `TYPE as NAME WINDOW where COND`; in the brackets of a function, any expression in the place of TYPE."""
        finding, duty = self.take("finding"), ""
        if finding:
            self.need("of")
            value: s.Expr = s.Path(tuple(self.advance().split(".")))
            duty = self.advance() if self.take("/") else ""
        elif self.kind == "text" or self.token in COMPARISONS:
            value = s.Text(self.advance().strip('"')) if self.token in COMPARISONS else self.expression()
        elif quantified and self.kind == "path" and self.token not in KEYWORDS:
            value = s.Path(tuple(self.advance().split(".")))
        else:
            value = self._set_name() or self.expression()
        alias = self.advance() if self.take("as") else None
        window = self._window()
        where = self.expression() if self.take("where") else None
        return s.Records(value, finding, duty, alias, window, where)

    def _set_name(self) -> s.Expr | None:
        """Take a lone name before `as`, a window or `where`, so that `at` and `in` after it belong to the set."""
        following = TOKEN.match(self.text, self.place)
        after = following.group(str(following.lastgroup)) if following else ""
        if self.kind != "path" or self.token in KEYWORDS or after not in ("as", "at", "from", "where"):
            return None
        return s.Path(tuple(self.advance().split(".")))

    def _window(self) -> s.Window | None:
        if self.take("at"):
            return s.Window("at", end=self.sum())
        if self.take("from"):
            start = self.sum()
            self.need("to")
            return s.Window("between", start=start, end=self.sum())
        if not self.take("in"):
            return None
        length = self._number()
        if not isinstance(length, s.Number):
            raise OracleError(f"expected a length of time in {self.text!r}")
        if self.take("before"):
            self.need("period")
            return s.Window("leading", length=length)
        self.need("to")
        return s.Window("trailing", length=length, end=self.sum())
