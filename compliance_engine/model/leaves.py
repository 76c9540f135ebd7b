"""Expressions that hold no others but fields: constants, fields and names, and what is read off a field.

Plain data, as all of `expression`, which gives these names with its own.
"""

from __future__ import annotations

import msgspec


class Node(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="node"):
    """What every expression has: the kind of its value."""

    kind: str


class Const(Node, frozen=True, kw_only=True, tag=True):
    """A literal: `value` None is the absent value `none`."""

    value: str | None


class Duration(Node, frozen=True, kw_only=True, tag=True):
    """A length of time: calendar months, calendar days, elapsed microseconds."""

    months: int = 0
    days: int = 0
    micros: int = 0


class Hop(msgspec.Struct, frozen=True, kw_only=True):
    """One reference followed: the field that holds the id, and the type it leads to."""

    field: str
    type: str


class Field(Node, frozen=True, kw_only=True, tag=True):
    """A field of the record in `scope`, after following `hops`.

    `scope`: `subject`, `occurrence` (the record of `each: TYPE`), `finding` (the subject is a finding: its attribute), or the name that the
    compiler gave to a record set (`r1`, `r2` ...). `type` is the fact type that holds the field (`finding` for a finding).
    `name` is `id` for the key.
    """

    scope: str
    hops: tuple[Hop, ...] = ()
    type: str
    name: str
    non_negative: bool = False
    qualified: bool = False
    varies: bool = False
    empty: str = "unknown"
    symbols: tuple[str, ...] = ()


class Builtin(Node, frozen=True, kw_only=True, tag=True):
    """`period.start`, `period.end`, `trigger`, `due`, `as-of`."""

    name: str


class LetRef(Node, frozen=True, kw_only=True, tag=True):
    """A `let` of the same document."""

    name: str
    optional: bool = False


class Previous(Node, frozen=True, kw_only=True, tag=True):
    """A field of the definition that is being found, one period back: `none` in its first period."""

    field: str


class Printed(Node, frozen=True, kw_only=True, tag=True):
    """The printed number of a qualified quantity field."""

    operand: Field


class Sign(Node, frozen=True, kw_only=True, tag=True):
    """The qualifier of a qualified quantity field: `=`, `<`, `<=`, `>`, `>=`."""

    operand: Field


class PolicyRef(Node, frozen=True, kw_only=True, tag=True):
    """The choice that was made at the subject's site (fact type `policy`); any of the choices where none is stated."""

    id: str
    choices: tuple[str, ...]
