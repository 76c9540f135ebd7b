"""Where an expression stands, and what its names mean there (docs/language.md section 2, Names)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.oracle.facts import cell, follow, zone_of
from tests.oracle.findings import OracleFinding, root
from tests.oracle.periods import as_day
from tests.oracle.values import OracleError, Value, anything, exactly, symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.facts import Record, World
    from tests.oracle.periods import Grain, Period, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A record in whose `where` or aggregate an expression stands."""

    alias: str | None
    thing: Record | OracleFinding


@dataclass(frozen=True, kw_only=True)
class Context:
    """`window`: the occurrence's days (None: no window). `some_window`: where a bare `some` of a `require` looks.

    `governed`: the day that decides which version is read, where it is stated or that of an event.
    `due_at`: the instant until which its records count, where the law counts hours.
    `itself`: of a definition with periods, a field of it in the period before that of a context.
    `home`: where the document's `let`s stand, if this is inside an aggregate; `memo` holds their values.
    """

    world: World
    subject: Record | OracleFinding
    occurrence: Record | None = None
    grain: Grain | None = None
    period: Period | None = None
    window: Window | None = None
    some_window: Window | None = None
    due_at: Value | None = None
    trigger: Value | None = None
    governed: Value | None = None
    due: Value | None = None
    scopes: tuple[Scope, ...] = ()
    lets: dict[str, str] = field(default_factory=dict)
    home: Context | None = None
    holidays: frozenset[int] = frozenset()
    itself: Callable[[str, Context], Value] | None = None
    memo: dict[str, Value] = field(default_factory=dict)

    def changed(self, **changes: object) -> Context:
        """Give the same place with other facts about it; values of `let` are found anew."""
        return self._but(memo={}, **changes)

    def within(self, alias: str | None, thing: Record | OracleFinding) -> Context:
        """Step into a record of a set."""
        scope = Scope(alias=alias, thing=thing)
        return self._but(scopes=(*self.scopes, scope), home=self.home or self, some_window=None, due_at=None)

    def in_slot(self, grain: Grain, period: Period, window: Window) -> Context:
        """Step into a calendar slot of the current period."""
        changes = {"grain": grain, "period": period, "window": window, "some_window": None, "due_at": None}
        return self._but(home=self.home or self, **changes)

    def _but(self, **changes: object) -> Context:
        """Give a copy with changes, in a tenth of the time of `dataclasses.replace`: each record of each set has one."""
        copy = object.__new__(Context)
        copy.__dict__.update(self.__dict__, **changes)
        return copy


def type_name(thing: Record | OracleFinding) -> str:
    return "finding" if isinstance(thing, OracleFinding) else thing.type.name


def attribute(thing: Record | OracleFinding, parts: tuple[str, ...], world: World) -> Value | None:
    """Give a field after following references; None where there is no such field."""
    if isinstance(thing, OracleFinding):
        name = ".".join(parts)
        return thing.attributes[name] if name in thing.attributes else attribute(thing.about, parts, world)
    if parts == ("id",):
        return anything("symbol") if thing.phantom else symbol(thing.id)
    declared = thing.type.fields.get(parts[0])
    if declared is None:
        return None
    if len(parts) == 1:
        return cell(thing, parts[0], world)
    return attribute(follow(thing, parts[0], world), parts[1:], world) if declared.base == "reference" else None


def reach(thing: Record | OracleFinding, parts: tuple[str, ...], world: World) -> Record | None:
    """Give the record at the end of a path of references; None where one of them is no reference."""
    record = root(thing)
    for part in parts:
        declared = record.type.fields.get(part)
        if declared is None or declared.base != "reference":
            return None
        record = follow(record, part, world)
    return record


def builtin(parts: tuple[str, ...], context: Context) -> Value | None:
    """Give `period.start`, `period.end`, `trigger`, `due`, `as-of`."""
    if parts in (("period", "start"), ("period", "end")):
        if context.period is None:
            raise OracleError("there is no period here")
        return exactly(getattr(context.period, parts[1]), "date")
    if parts == ("as-of",):
        return exactly(context.world.as_of, "date")
    if parts in (("trigger",), ("due",)):
        moment: Value = getattr(context, parts[0]) or anything("date")
        return as_day(moment, zone_of(root(context.subject), context.world))
    return None


def named_things(context: Context) -> list[Record | OracleFinding]:
    """List what a bare name may be a field of, innermost first."""
    inner = [scope.thing for scope in reversed(context.scopes)]
    outer = [context.occurrence] if context.occurrence is not None else []
    return [*inner, *outer, context.subject]


def of_type(name: str, context: Context) -> Record | OracleFinding | None:
    """Give the innermost record, occurrence or subject of a type; of a finding, also its own subject."""
    for thing in named_things(context):
        if type_name(thing) == name:
            return thing
        if isinstance(thing, OracleFinding) and type_name(root(thing)) == name:
            return root(thing)
    return None


def field_value(parts: tuple[str, ...], context: Context, *, scopes: bool) -> Value | None:
    """Look a path up as a field: of the records in whose `where` it stands (`scopes`), or of occurrence and subject."""
    world, count = context.world, len(context.scopes)
    if scopes and not count:
        return None
    things = named_things(context)[:count] if scopes else named_things(context)[count:]
    if scopes:
        for scope in reversed(context.scopes):
            if scope.alias == parts[0]:
                return attribute(scope.thing, parts[1:] or ("id",), world)
    for thing in things:
        found = attribute(thing, parts, world)
        if found is not None:
            return found
    for thing in things:
        for candidate in (thing, root(thing)):
            if len(parts) > 1 and type_name(candidate) == parts[0]:
                return attribute(candidate, parts[1:], world)
    return None
