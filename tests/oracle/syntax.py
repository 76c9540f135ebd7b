"""The shapes of parsed expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Number:
    value: Fraction
    unit: str


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Day:
    ordinal: int


@dataclass(frozen=True, slots=True)
class Word:
    """`true`, `false`, `none`."""

    value: str


@dataclass(frozen=True, slots=True)
class Path:
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary:
    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Is:
    operand: Expr
    word: str
    negated: bool


@dataclass(frozen=True, slots=True)
class Member:
    operand: Expr
    items: tuple[Expr, ...]
    table: str | None
    negated: bool


@dataclass(frozen=True, slots=True)
class If:
    condition: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class NextDay:
    month: int | None
    day: int


@dataclass(frozen=True, slots=True)
class Window:
    """`kind`: trailing (length, end), leading (length), between (start, end), at (end)."""

    kind: str
    length: Number | None = None
    start: Expr | None = None
    end: Expr | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """A set of records, or the argument of an aggregate: `value` is a type's Path, or an expression of the record."""

    value: Expr
    finding: bool = False
    duty: str = ""
    alias: str | None = None
    window: Window | None = None
    where: Expr | None = None


@dataclass(frozen=True, slots=True)
class Quantified:
    quantifier: str
    records: Records


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Records, ...]
    field: str | None


Expr = Number | Text | Day | Word | Path | Unary | Binary | Is | Member | If | NextDay | Quantified | Call
