"""The compiled ruleset: names resolved, units settled, in the order in which it is evaluated. Plain data, kept in a cache as JSON."""

from __future__ import annotations

import msgspec

from compliance_engine.model.expression import AnyNode, Duration, Set

PROGRAM_VERSION = 8


class FieldType(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a fact type.

    `base`: text, bool, integer, decimal, date, instant, enum, quantity, reference. `unit`: the unit in which the program computes it
    ("" dimensionless, `varies`: each record's own, in the standard unit of its dimension), `printed`: the one that the vocabulary names,
    `target`: the type a reference leads to.
    """

    name: str
    base: str
    symbols: tuple[str, ...] = ()
    ordered: bool = False
    unit: str = ""
    printed: str = ""
    qualified: bool = False
    target: str = ""
    empty: str = "unknown"
    non_negative: bool = False


class FactType(msgspec.Struct, frozen=True, kw_only=True):
    """A fact type: `kind` event, state, plan or reference; `time`, `span_from`, `span_to`, `goes_on` name fields ("" if none).

    `site` is the chain of reference fields that leads to the site (("site",), or ("permit", "site"); () for the type `site` itself;
    None where there is none).
    """

    name: str
    kind: str
    time: str = ""
    span_from: str = ""
    span_to: str = ""
    goes_on: str = ""
    fields: tuple[FieldType, ...] = ()
    site: tuple[str, ...] | None = None

    def field(self, name: str) -> FieldType:
        """Give the field of that name, or raise KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


class Composite(msgspec.Struct, frozen=True, kw_only=True):
    """A type of subjects that no source gives: each combination of `keys` that some record of `source` has is one of them."""

    type: FactType
    source: str
    keys: tuple[str, ...]


class Grain(msgspec.Struct, frozen=True, kw_only=True):
    """`each`: `kind` calendar (unit, week_start), sliding (count and step, in months) or type (the linked records of `set.type`)."""

    kind: str
    unit: str = ""
    week_start: str = "sunday"
    count: int = 0
    step: int = 0
    set: Set | None = None


class NamedNode(msgspec.Struct, frozen=True, kw_only=True):
    """A named condition or value with the text that its author wrote and where (`file:line`)."""

    name: str
    node: AnyNode
    text: str
    place: str = ""
    citation: str = ""
    because: str = ""


class SubjectSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a provision or definition is about: records of `type`, or (`finding`) findings of provision `type`, duty `duty` ("" any)."""

    type: str
    finding: bool = False
    duty: str = ""
    where: AnyNode | None = None
    where_text: str = ""


class DefinitionSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A definition; `fields` has one entry named "" unless the author wrote `fields`.

    `start`: of one that reads itself in the period before (`previous`), the date in whose period it begins. `spells`: of a
    condition on each day, the name of the fact type of the stretches of days on which it holds.
    """

    id: str
    citation: str
    subject: SubjectSpec
    grain: Grain | None
    lets: tuple[NamedNode, ...]
    fields: tuple[NamedNode, ...]
    start: AnyNode | None = None
    spells: str = ""


class ParameterSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Dated values: ISO date and value node (Const or Duration), ascending."""

    id: str
    kind: str
    values: tuple[tuple[str, AnyNode], ...]


class TableSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A table: rows of key texts, then column texts (None: empty). Numbers are fraction texts in the computed unit."""

    id: str
    keys: tuple[FieldType, ...]
    bands: tuple[str, ...]
    columns: tuple[FieldType, ...]
    rows: tuple[tuple[str | None, ...], ...]
    on_miss: str


class RequireSpec(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """All parts hold (`any`: one of them)."""

    any: bool
    parts: tuple[NamedNode, ...]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The unit in which the author sees a figure: the standard one is `factor` times it, plus `offset` (both exact fractions)."""

    unit: str
    factor: str
    offset: str = "0"


class LimitSpec(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """`value` `must` `of`; or every record of `set` (its value `value` in the set's scope, `of` and `must` in the subject's).

    `open_if_none`: of no record at all it is not known whether the limit is kept.
    """

    value: NamedNode
    must: AnyNode
    of: NamedNode
    set: Set | None = None
    open_if_none: bool = False
    unit: str = ""
    shown: Shown | None = None


class DoneSpec(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A date that is to be not after `due`."""

    date: NamedNode


class ForbidSpec(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """No record of the set may exist."""

    set: Set
    text: str


Demand = RequireSpec | LimitSpec | DoneSpec | ForbidSpec


class RecurSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A chain of occurrences; `first` is a date node or a Duration after the trigger."""

    first: AnyNode
    then: Duration
    basis: str


class DutySpec(msgspec.Struct, frozen=True, kw_only=True):
    """One duty, with what it takes from its provision filled in.

    `by` is a date, an instant or a duration node (None: no `by`); `unless` and `excused_by` in document order. `roll`: to
    which working day a due date moves that is none (`next`, `previous`; "" it stays), with the `holidays` (ISO).
    `governed_by`: the day that decides which version is read (None: period's end, due date of a link, trigger, else the as-of date).
    `prompts`: what to do (`because`) where a condition holds, beside the verdict.
    """

    id: str
    title: str
    citation: str
    severity: str
    grain: Grain | None
    when: tuple[NamedNode, ...]
    after: AnyNode | None
    by: AnyNode | None
    recur: RecurSpec | None
    demand: Demand
    unless: tuple[NamedNode, ...]
    excused_by: tuple[NamedNode, ...]
    exceedance: AnyNode | None
    days_late: AnyNode | None
    roll: str = ""
    holidays: tuple[str, ...] = ()
    governed_by: AnyNode | None = None
    prompts: tuple[NamedNode, ...] = ()


class ProvisionSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a provision. Dates are ISO texts, `in_force_to` "" while open; `version` counts from 1 by date."""

    id: str
    version: int
    title: str
    text: str
    citation: str
    source: str
    in_force_from: str
    in_force_to: str
    reviewed: str
    status: str
    subject: SubjectSpec
    bound_while: tuple[Set, ...]
    lets: tuple[NamedNode, ...]
    duties: tuple[DutySpec, ...]
    evidence: tuple[str, ...]
    responsible: str
    place: str
    tightens: tuple[str, ...] = ()


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `strata` lists ids of definitions and provisions in order: what stands in one reads only earlier ones.

    `readers`: for each provision whose findings are read, what reads them; `lookback`: from how many months before the horizon
    (`reads.with_reads`).
    """

    version: int
    digest: str
    types: dict[str, FactType]
    definitions: dict[str, DefinitionSpec]
    parameters: dict[str, ParameterSpec]
    tables: dict[str, TableSpec]
    provisions: dict[str, tuple[ProvisionSpec, ...]]
    strata: tuple[tuple[str, ...], ...]
    composites: dict[str, Composite] = {}
    readers: dict[str, tuple[str, ...]] = {}
    lookback: dict[str, int] = {}


def encode_program(program: Program) -> bytes:
    """Write a program as JSON."""
    return msgspec.json.encode(program, order="sorted")


def decode_program(data: bytes) -> Program:
    """Read a program from JSON; raises msgspec.DecodeError if it is not one of this version."""
    return msgspec.json.decode(data, type=Program)
