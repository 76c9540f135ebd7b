"""Law as written: the documents of docs/language.md with the place of every part, before names are resolved."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from compliance_engine.kernel.span import Span
from compliance_engine.model.syntax import Argument, Expr, Number, RecordSet

if TYPE_CHECKING:
    from compliance_engine.model.case import Cases, Survivors
    from compliance_engine.model.relations import Determination, Policy, Prompt, Relation


class Name(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A name and its place."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDecl:
    """A field of a fact type.

    `base`: text, bool, integer, decimal, date, instant, enum, quantity or reference. `symbols` of an enum in order;
    `unit` as printed (`varies`: each record brings its own); `target` of a reference; `empty`: unknown, none or never.
    """

    name: Name
    base: str
    symbols: tuple[str, ...] = ()
    ordered: bool = False
    unit: str | None = None
    qualified: bool = False
    target: Name | None = None
    empty: str = "unknown"
    non_negative: bool = False
    describe: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeDecl:
    """A fact type of a vocabulary; `kind`: event, state, plan or reference."""

    name: Name
    kind: str
    time: Name | None
    span_from: Name | None
    span_to: Name | None
    goes_on: Name | None
    links: tuple[tuple[Name, tuple[Name, ...]], ...]
    fields: tuple[FieldDecl, ...]
    describe: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """A `vocabulary` document."""

    id: Name
    types: tuple[TypeDecl, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a decision table; `when` None: otherwise."""

    when: Expr | None
    then: Expr
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounding:
    """`round: {places, mode}`; either may be an expression."""

    places: Expr
    mode: Expr
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """How a value is found: an expression, or a decision table (`unique` or `first`), then rounded.

    `order`: its symbols, the least first (none: they have no order).
    `stated`: what someone says that it is, which serves where it cannot be found.
    """

    expression: Expr | None
    rows: tuple[Row, ...]
    unique: bool
    rounding: Rounding | None
    span: Span
    order: tuple[Name, ...] = ()
    stated: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Let:
    """`let: {name: expression}`, or a set of records."""

    name: Name
    value: Expr | RecordSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """What `each` says: `kind` is calendar, sliding or type.

    calendar: `unit` (day, week, month, quarter, half-year, year) and `week_start` (sunday, monday); sliding: `count` months,
    each `step` months; type: `type` names a fact type.
    """

    kind: str
    span: Span
    unit: str = ""
    week_start: str = "sunday"
    count: int = 0
    step: int = 0
    type: Name | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`TYPE where COND`, `finding of PROVISION/DUTY where COND`, or `distinct (KEY, KEY) in TYPE where COND` (`keys`)."""

    source: Name
    finding: bool
    duty: str | None
    where: Expr | None
    span: Span
    keys: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A `definition` document; `fields` holds one entry named "" for `value`/`first`/`unique`.

    `start`: the day from which `previous` is reckoned (None: the start of the subject's own span). `spells`: its value is
    a condition on each day, and the stretches of days on which it holds are facts of their own.
    """

    id: Name
    citation: str | None
    subject: Subject
    each: Every | None
    start: Expr | None
    lets: tuple[Let, ...]
    fields: tuple[tuple[str, Formula], ...]
    spells: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A `parameter` document: dated legal values, in order of their first day."""

    id: Name
    citation: str | None
    values: tuple[tuple[date, Expr], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDecl:
    """A `table` document with its rows as text; `bands` lists the keys that match the greatest key not above."""

    id: Name
    citation: str | None
    keys: tuple[FieldDecl, ...]
    bands: frozenset[str]
    columns: tuple[FieldDecl, ...]
    rows: tuple[tuple[str, ...], ...]
    row_spans: tuple[Span, ...]
    on_miss: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A named part of a `require`; `name` is `1`, `2` ... where the author gave none."""

    name: str
    condition: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Require:
    """All (or, `any`) of the parts hold."""

    any: bool
    parts: tuple[Part, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A value (or, `every`, each record's value) stands in relation `must` to `of`; `must` None: `<=`.

    `open_if_none`: of no record at all it is not known whether the limit is kept (`on_none: undetermined`).
    """

    value: Expr | None
    every: Argument | None
    must: Expr | str | None
    of: Expr
    open_if_none: bool = False
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A date that is to be not after `due`."""

    date: Expr
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbid:
    """No such record may exist."""

    set: RecordSet
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRow:
    """A row of `unless` or `excused_by`. `words`: how the condition is told, where nobody wrote it."""

    id: str
    when: Expr
    because: str | None
    citation: str | None
    span: Span
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recur:
    """`recur: {first, then, from}`; `basis` is completion, due or calendar."""

    first: Expr
    then: Number
    basis: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One duty of a provision; what it leaves out comes from the provision.

    `roll`: to which working day, `next` or `previous`, a due date moves that is none.
    """

    id: Name
    title: str | None
    citation: str | None
    severity: str | None
    when: tuple[Expr, ...]
    each: Every | None
    after: Expr | None
    by: Expr | None
    roll: str | None
    recur: Recur | None
    demand: Require | Limit | Done | Forbid
    unless: tuple[ExceptionRow, ...]
    excused_by: tuple[ExceptionRow, ...]
    exceedance: Expr | None
    days_late: Expr | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """A `provision` document: one version of a requirement; `waivable`: the authorities that may waive it.

    `calendar` names the table of the days that are no working days, besides Saturdays and Sundays.
    """

    id: Name
    title: str
    text: str | None
    citation: str
    source: str | None
    in_force_from: date
    in_force_to: date | None
    reviewed: date
    status: str
    repealed: bool
    governed_by: Expr | None
    subject: Subject
    each: Every | None
    bound_while: tuple[Name, ...]
    when: tuple[Expr, ...]
    after: Expr | None
    by: Expr | None
    roll: str | None
    calendar: Name | None
    lets: tuple[Let, ...]
    unless: tuple[ExceptionRow, ...]
    excused_by: tuple[ExceptionRow, ...]
    exceedance: Expr | None
    days_late: Expr | None
    duties: tuple[Duty, ...]
    evidence: tuple[Name, ...]
    responsible: str | None
    severity: str
    span: Span
    tightens: tuple[Name, ...] = ()
    displaced_by: "tuple[Relation, ...]" = ()
    displaces: "tuple[Relation, ...]" = ()
    waivable: tuple[str, ...] = ()
    prompts: "tuple[Prompt, ...]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Everything read from the ruleset paths, in the order of file name and place; `digest` is the SHA-256 of all bytes read."""

    vocabularies: tuple[Vocabulary, ...] = ()
    definitions: tuple[Definition, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    tables: tuple[TableDecl, ...] = ()
    provisions: tuple[Provision, ...] = ()
    cases: "tuple[Cases, ...]" = ()
    policies: "tuple[Policy, ...]" = ()
    determinations: "tuple[Determination, ...]" = ()
    survivors: "tuple[Survivors, ...]" = ()
    digest: str = ""
