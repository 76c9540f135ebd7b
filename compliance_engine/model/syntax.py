"""Expressions as written (docs/language.md section 2): what the parser gives and the compiler reads."""

from dataclasses import dataclass
from fractions import Fraction

from compliance_engine.kernel.span import Span

UNREAD = "unread"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """`30 mg/L`, `6 months`, `95 %`, `0.5`: an exact value and its unit as printed (None: bare)."""

    value: Fraction
    text: str
    unit: str | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A quoted text."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class DateLiteral:
    """`2026-03-31`, as text checked to be a date."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """The constants `true`, `false`, `none`; `UNREAD` stands for an expression that could not be read."""

    value: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A dotted name: `permit.site.name`; may turn out to be a symbol, a field, a let, a definition."""

    parts: tuple[str, ...]
    span: Span

    def __str__(self) -> str:
        """Give the name as written."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary:
    """`not x` or `-x`; `op` is `not` or `-`."""

    op: str
    operand: "Expr"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """`op` is one of `or and + - * / = < <= > >= else before after at working-before working-after`.

    `before` and `after` have a duration on the left (`180 days before permit.expires`); `at` a parameter or definition
    on the left and a date on the right.
    """

    op: str
    left: "Expr"
    right: "Expr"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Is:
    """`x is WORD`, `x is not WORD`, also with `present`, `true`, `false`, `none`; `quoted` if written as a text."""

    operand: "Expr"
    word: str
    quoted: bool
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`x in [A, B]` or `x in table(ID)`: exactly one of `items` and `table` is not None."""

    operand: "Expr"
    items: "tuple[Expr, ...] | None"
    table: str | None
    negated: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """`if c then a else b`."""

    condition: "Expr"
    then: "Expr"
    otherwise: "Expr"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time that a set is cut to.

    `kind`: `trailing` (`in LENGTH to TO`), `leading` (`in LENGTH before period`), `between` (`from FROM to TO`), `at` (`at TO`),
    `running` (of `running sum(...)`: all that went before the end of the period).
    """

    kind: str
    length: Number | None
    start: "Expr | None"
    end: "Expr | None"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSet:
    """`TYPE as NAME WINDOW where COND`; `source` may name a slot (`month`); `finding of P` sets `finding`."""

    source: Path
    finding: bool
    alias: str | None
    window: Window | None
    where: "Expr | None"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantified:
    """`some SET`, `no SET`, `every SET`."""

    quantifier: str
    set: RecordSet
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """An argument of a call: `VALUE WINDOW where COND`, or `WORD as NAME ...`.

    An aggregate's first argument may carry `alias`, `window`, `where`; `finding of P` gives `finding` with the path in `value`.
    """

    value: "Expr"
    finding: bool
    alias: str | None
    window: Window | None
    where: "Expr | None"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`name(arguments)`, and the field read from its result (`table(groups, parameter).trc`)."""

    name: str
    arguments: tuple[Argument, ...]
    field: str | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class NextDay:
    """`28 of next month` (`month` None, unit `month`) or `03-01 of next year` (unit `year`)."""

    month: int | None
    day: int
    unit: str
    span: Span


Expr = (
    Number | Text | DateLiteral | Word | Path | Unary | Binary | Is | Member | Conditional | Quantified | Call | NextDay
)
