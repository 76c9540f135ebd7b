"""Typed expressions: what the compiler gives and the deriver reads. Plain data: they survive a trip through JSON.

`kind` of a node: `bool`, `symbol` (text, enum, reference: compared as text), `number` (an exact fraction, in the unit that the
compiler settled on), `date` (days since 1970-01-01), `instant` (microseconds since 1970-01-01 UTC) or `duration`.
Numbers are written as `n` or `n/d` texts, dates as ISO texts.
"""

from __future__ import annotations

import msgspec

from compliance_engine.model.leaves import (
    Builtin,
    Const,
    Duration,
    Field,
    Hop,
    LetRef,
    Node,
    PolicyRef,
    Previous,
    Printed,
    Sign,
)

# Whoever reads expressions finds their leaves here too.
__all__ = ["Builtin", "Const", "Duration", "Field", "Hop", "LetRef", "Node", "PolicyRef", "Previous", "Printed", "Sign"]


class DefinitionRef(Node, frozen=True, kw_only=True, tag=True):
    """A definition's value: for the same subject (no `subject`), or for the subject whose id `subject` gives.

    `at`: in the period that holds this date; `back`: so many periods before the one at hand.
    """

    id: str
    field: str
    subject: AnyNode | None = None
    optional: bool = False
    at: AnyNode | None = None
    back: int = 0


class ParameterRef(Node, frozen=True, kw_only=True, tag=True):
    """A parameter's value at a date; `at` None: at the governing date of the occurrence."""

    id: str
    at: AnyNode | None = None


class FindingRef(Node, frozen=True, kw_only=True, tag=True):
    """An attribute of the finding of another provision for the same subject and period (`met`, `status`, `exceedance` ...).

    `at`: of the period that holds this date; `back`: of so many periods before the one at hand.
    """

    provision: str
    duty: str
    attribute: str
    at: AnyNode | None = None
    back: int = 0


class Arithmetic(Node, frozen=True, kw_only=True, tag=True):
    """`op`: `+ - * /`. A date and a duration, or a number of days, give a date.

    Two dates subtracted give a number of days, two instants a number of microseconds.
    """

    op: str
    left: AnyNode
    right: AnyNode


class Scale(Node, frozen=True, kw_only=True, tag=True):
    """A unit converted: operand x factor + offset, both exact."""

    operand: AnyNode
    factor: str
    offset: str = "0"


class Compare(Node, frozen=True, kw_only=True, tag=True):
    """`op`: `= < <= > >=`, on numbers, dates, instants; on symbols and bools only `=`. Ordered enums compare by `order`.

    An instant beside a date counts as its local day.

    `unit`: where one side's unit varies and the other's does not, the standard unit that a record must have (another: unknown).
    """

    op: str
    left: AnyNode
    right: AnyNode
    order: tuple[str, ...] = ()
    unit: str = ""


class Rank(Node, frozen=True, kw_only=True, tag=True):
    """The place of a symbol in its order, from 0."""

    operand: AnyNode
    order: tuple[str, ...]


class OfRank(Node, frozen=True, kw_only=True, tag=True):
    """The symbol at a place of an order."""

    operand: AnyNode
    order: tuple[str, ...]


class CompareBy(Node, frozen=True, kw_only=True, tag=True):
    """`compare(x, OP, y)`: the operator is data (a symbol among `= < <= > >=`); `unit` as in `Compare`."""

    left: AnyNode
    op: AnyNode
    right: AnyNode
    unit: str = ""


class Among(Node, frozen=True, kw_only=True, tag=True):
    """`x in [..]`: the operand is one of the symbols, or one of the keys of a table (`table` is its id)."""

    operand: AnyNode
    symbols: tuple[str, ...] = ()
    table: str | None = None


class AmongNumbers(Node, frozen=True, kw_only=True, tag=True):
    """`x in [1, 2]`: the operand equals one of the items."""

    operand: AnyNode
    items: tuple[AnyNode, ...]


class Present(Node, frozen=True, kw_only=True, tag=True):
    """`x is present`: not known to be absent, and not `never`."""

    operand: AnyNode


class Not(Node, frozen=True, kw_only=True, tag=True):
    """Strong Kleene negation."""

    operand: AnyNode


class And(Node, frozen=True, kw_only=True, tag=True):
    """Strong Kleene conjunction."""

    operands: tuple[AnyNode, ...]


class Or(Node, frozen=True, kw_only=True, tag=True):
    """Strong Kleene disjunction."""

    operands: tuple[AnyNode, ...]


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a decision table; `when` None: otherwise."""

    when: AnyNode | None
    then: AnyNode
    text: str = ""


class First(Node, frozen=True, kw_only=True, tag=True):
    """A decision table: the first row that holds; also `if c then a else b`."""

    rows: tuple[Choice, ...]


class Else(Node, frozen=True, kw_only=True, tag=True):
    """`x else y`: y where x is absent (`none`)."""

    operand: AnyNode
    default: AnyNode


class Round(Node, frozen=True, kw_only=True, tag=True):
    """A rounded number; `places` a number node, `mode` a symbol node."""

    operand: AnyNode
    places: AnyNode
    mode: AnyNode


class Stated(Node, frozen=True, kw_only=True, tag=True):
    """A number that is found, and what it is stated to be (absent: nothing is stated).

    What is stated holds where it is one of the values that the found one may be; where it is not, nothing is known.
    """

    found: AnyNode
    stated: AnyNode


class Function(Node, frozen=True, kw_only=True, tag=True):
    """`abs`, `min`, `max` (of numbers or dates; `earliest` and `latest` compile to these), `year`, `month`, `negate`, `day` (an instant's local day)."""

    name: str
    arguments: tuple[AnyNode, ...]


class NextDay(Node, frozen=True, kw_only=True, tag=True):
    """A day of the month (`month` None) or year after the one that holds `period.end`."""

    month: int | None
    day: int


class WorkingDays(Node, frozen=True, kw_only=True, tag=True):
    """The `count`-th working day after a date (negative: before it); `holidays` (ISO) are none, nor are weekends."""

    origin: AnyNode
    count: int
    holidays: tuple[str, ...] = ()


class Censored(Node, frozen=True, kw_only=True, tag=True):
    """A qualified quantity under a policy (a symbol node): zero, half, full, printed, interval."""

    operand: Field
    policy: AnyNode


class Lookup(Node, frozen=True, kw_only=True, tag=True):
    """A cell of a table."""

    table: str
    keys: tuple[AnyNode, ...]
    column: str
    optional: bool = False


class Determined(Node, frozen=True, kw_only=True, tag=True):
    """A recorded human answer (fact type `determination`) to a question about the record whose id `about` gives.

    `id`: that of the document which says more of the question (""), by which records may name it as well; `roles` that may answer
    (none: any), and `void` bases.
    """

    question: str
    about: AnyNode
    id: str = ""
    roles: tuple[str, ...] = ()
    void: tuple[str, ...] = ()


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One equality of a link: `subject` is evaluated where the set stands, `record` on the record (scope of the set)."""

    subject: AnyNode
    record: AnyNode


class WindowSpec(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: trailing (length, end), leading (length before the period), between (start, end), at (end).

    running: from where the records are complete to the end of the period (without one, to the as-of date).
    """

    kind: str
    length: Duration | None = None
    start: AnyNode | None = None
    end: AnyNode | None = None


class Set(msgspec.Struct, frozen=True, kw_only=True):
    """Records to range over.

    `source`: `facts` (type names a fact type), `finding` (type names a provision, `duty` one of its duties or ""), `slot` (type is
    day, week, month, quarter or year; without a window those of the period). `scope` names its records in `where`. `pairs` is the
    link, empty for slots and for what no link binds.
    """

    source: str
    type: str
    scope: str
    duty: str = ""
    pairs: tuple[Pair, ...] = ()
    window: WindowSpec | None = None
    where: AnyNode | None = None


class Aggregate(Node, frozen=True, kw_only=True, tag=True):
    """A statistic of a set.

    `function`: some, no, every, count, sum, mean, median, geomean, min, max, first, last, share, percentile, stat.
    `value` is evaluated on each record (None for some, no, every, count, share); for `every` and `share` the condition is `condition` and `set.where` is
    None. `percent` (a fraction text, 0.95) for percentile; `statistic` (a symbol node) for stat.
    """

    function: str
    set: Set
    value: AnyNode | None = None
    condition: AnyNode | None = None
    percent: str | None = None
    statistic: AnyNode | None = None


AnyNode = (
    Const
    | Duration
    | Field
    | Builtin
    | LetRef
    | Previous
    | DefinitionRef
    | ParameterRef
    | FindingRef
    | Arithmetic
    | Scale
    | Compare
    | Rank
    | OfRank
    | CompareBy
    | Among
    | AmongNumbers
    | Present
    | Not
    | And
    | Or
    | First
    | Else
    | Round
    | Stated
    | Function
    | NextDay
    | WorkingDays
    | Printed
    | Sign
    | Censored
    | Lookup
    | Determined
    | PolicyRef
    | Aggregate
)
