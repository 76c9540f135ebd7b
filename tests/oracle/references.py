"""Definitions, parameters, tables, and findings of other provisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

from tests.oracle import composites, expressions, facts, functions, provisions, questions
from tests.oracle import syntax as s
from tests.oracle.context import Context, named_things, of_type, reach
from tests.oracle.findings import root
from tests.oracle.law import read_field
from tests.oracle.parser import parse
from tests.oracle.periods import Grain, Period, Window, as_day, period_of, periods_between, read_grain
from tests.oracle.values import (
    ABSENT,
    OracleError,
    Value,
    anything,
    can_fail,
    can_hold,
    compare,
    conjunction,
    disjunction,
    exactly,
    holds,
    hull,
    is_among,
    symbol,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.oracle.facts import Record, World
    from tests.oracle.findings import OracleFinding
    from tests.oracle.law import Document, Field


ATTRIBUTES = {
    *("id", "subject", "site", "applies", "lifted", "met", "status", "due", "breach-at", "period-start", "period-end"),
    *("exceedance", "amount", "days-late", "cured"),
}


def named_value(parts: tuple[str, ...], context: Context) -> Value | None:
    """Read a path as a definition (and field), a parameter, or a provision and what is asked of its finding."""
    law = context.world.law
    for size in range(len(parts), 0, -1):
        name, rest = ".".join(parts[:size]), parts[size:]
        definition = law.resolve("definitions", name)
        if definition is not None and _has_field(law.definitions[definition], rest):
            return definition_value(definition, ".".join(rest), _subject_of(definition, context), context)
        parameter = law.resolve("parameters", name)
        if parameter is not None and not rest:
            return parameter_value(law.parameters[parameter], governing_day(context), context)
        answer = questions.named(name, context) if not rest else None
        if answer is not None:
            return answer
        provision = law.resolve("provisions", name)
        if provision is not None and rest and rest[-1] in ATTRIBUTES:
            return finding_value(provision, rest, context)
    return _through_reference(parts, context)


def _has_field(document: Document, rest: tuple[str, ...]) -> bool:
    return ".".join(rest) in document["fields"] if "fields" in document else not rest


def _through_reference(parts: tuple[str, ...], context: Context) -> Value | None:
    """Read `permit.in-force-days`: a definition of the record that a reference leads to, or of one that has a name."""
    for start, path in _beginnings(parts, context):
        for size in range(len(path)):
            record = reach(start, path[:size], context.world)
            found = None if record is None else _definition_of(record, path[size:], context)
            if found is not None:
                return found
    return None


def _beginnings(parts: tuple[str, ...], context: Context) -> Iterator[tuple[Record | OracleFinding, tuple[str, ...]]]:
    """Give the records from which a path may be read, and what is left of it: named by an alias or by their type, or unnamed."""
    for scope in reversed(context.scopes):
        if scope.alias == parts[0]:
            yield scope.thing, parts[1:]
    named = of_type(parts[0], context)
    if named is not None:
        yield named, parts[1:]
    for thing in named_things(context):
        yield thing, parts


def _definition_of(record: Record, path: tuple[str, ...], context: Context) -> Value | None:
    law = context.world.law
    for end in range(len(path), 0, -1):
        name = law.resolve("definitions", ".".join(path[:end]))
        if name is not None and _has_field(law.definitions[name], path[end:]):
            return definition_value(name, ".".join(path[end:]), record, context)
    return None


def _subject_of(definition: str, context: Context) -> Record:
    name = composites.about(context.world.law.definitions[definition]["for"]).type
    found = of_type(name, context)
    if found is not None:
        return root(found)
    reached = [root(context.subject)]
    for _ in context.world.law.types:
        reached = [
            facts.follow(record, field.name, context.world)
            for record in reached
            for field in record.type.fields.values()
            if field.base == "reference"
        ]
        there = [record for record in reached if record.type.name == name]
        if there:
            return there[0]
    raise OracleError(f"{definition} is not about what stands here")


def definition_value(name: str, field: str, subject: Record, context: Context) -> Value:
    """Evaluate a definition for a subject, and for the period at hand if it has `each`."""
    document = context.world.law.definitions[name]
    each = read_grain(document["each"]) if "each" in document else None
    period = context.period if each is not None else None
    if each is not None and (period is None or context.grain != each):
        raise OracleError(f"{name} is not read at its own grain")
    memo = context.world.memo
    key = (name, field, subject.type.name, subject.id if not subject.phantom else None, period)
    if key not in memo:
        home = ("home", name, *key[2:])
        if home not in memo:
            memo[home] = _definition_context(document, subject, each, period, context.world)
        memo[key] = _within_for(document, memo[home], formula(document, field, memo[home]))
    value: Value = memo[key]
    return value


def _definition_context(
    document: Document, subject: Record, each: Grain | None, period: Period | None, world: World
) -> Context:
    window = None
    if period is not None:
        days = ((Fraction(period.start), Fraction(period.end)),)
        window = Window(days, days)
    lets = document.get("let") or {}
    here = Context(world=world, subject=subject, grain=each, period=period, window=window, lets=lets)
    if each is None or each.kind != "calendar":
        return here
    return here.changed(itself=partial(previous, document, each))


def previous(document: Document, each: Grain, field: str, context: Context) -> Value:
    """Give a field of a definition one period back: `none` in its first period, unknown before it."""
    assert context.period is not None
    name, subject = document["definition"], root(context.subject)
    first = _first_period(document, each, context)
    if first is not None and context.period.start > first.start:
        last = context.period.start - 1
        for period in periods_between(each, first.start, last):
            earlier = definition_value(name, field, subject, context.changed(period=period, grain=each, scopes=()))
        return earlier
    if first is not None and context.period.start == first.start:
        return ABSENT
    value = formula(document, field, context.changed(itself=lambda *_: ABSENT))
    return hull([anything(value.kind, value.dimension), ABSENT])


def _first_period(document: Document, each: Grain, context: Context) -> Period | None:
    """Give the period in which a definition begins for a subject; None where that is not known."""
    world, subject = context.world, root(context.subject)
    if "start" in document:
        alone = Context(world=world, subject=subject)
        start = as_day(expressions.evaluate(document["start"], alone), facts.zone_of(subject, world))
    else:
        start = facts.cell(subject, subject.type.start, world)
    if not start.present or isinstance(start.low, float) or isinstance(start.high, float):
        return None
    low, high = (period_of(each, int(day)) for day in (start.low, start.high))
    return low if low == high else None


def _within_for(document: Document, context: Context, value: Value) -> Value:
    """Outside of `for: TYPE where COND` a definition may be anything."""
    where = composites.about(document["for"]).where
    if where is None or holds(expressions.value_of(where, context)):
        return value
    return hull([value, anything(value.kind, value.dimension)]) if value.present else value


def formula(document: Document, field: str, context: Context) -> Value:
    """Evaluate `value`, `first`, `unique`, or a field that is one of these, and round it."""
    body: Any = document["fields"][field] if field else document
    body = {"value": body} if isinstance(body, str) else body
    if "value" in body:
        value = expressions.evaluate(body["value"], context)
    else:
        value = expressions.first_row([_row(row) for row in body.get("first") or body["unique"]], context)
    if "round" in body:
        rounding = body["round"]
        places, mode = (
            expressions.evaluate(str(rounding.get(k, d)), context) for k, d in (("places", "0"), ("mode", "half-up"))
        )
        absent = value.absent
        rounded = functions.rounded(value, places, mode) if value.present else ABSENT
        value = hull([rounded, ABSENT]) if absent and value.present else rounded
    return _as_stated(value, expressions.evaluate(body["stated"], context)) if "stated" in body else value


def _as_stated(found: Value, stated: Value) -> Value:
    """Take what is stated where it is possible; where it is not, anything is."""
    parts = [found] if stated.absent else []
    if stated.present:
        low = (found.low, found.low_open) <= (stated.low, stated.low_open)
        high = (found.high, not found.high_open) >= (stated.high, not stated.high_open)
        parts.append(replace(stated, absent=False) if low and high else anything("number", found.dimension))
    return hull(parts)


def _row(row: dict[str, str]) -> tuple[s.Expr | None, s.Expr]:
    return (None, parse(row["otherwise"])) if "otherwise" in row else (parse(row["when"]), parse(row["then"]))


def governing_day(context: Context) -> Value:
    """Give the day at which a bare parameter is read: the period's end, the day that governs, the trigger, else the as-of date."""
    if context.period is not None:
        return exactly(context.period.end, "date")
    if context.governed is not None:
        return context.governed
    if context.trigger is None:
        return exactly(context.world.as_of, "date")
    return as_day(context.trigger, facts.zone_of(root(context.subject), context.world))


def order_of(parts: tuple[str, ...], context: Context) -> tuple[str, ...]:
    """Give the order that a definition declares for its value."""
    law = context.world.law
    for start in range(len(parts)):
        for end in range(len(parts), start, -1):
            name = law.resolve("definitions", ".".join(parts[start:end]))
            if name is not None and _has_field(law.definitions[name], parts[end:]):
                document = law.definitions[name]
                body = document["fields"][".".join(parts[end:])] if parts[end:] else document
                return tuple(body.get("order", ())) if isinstance(body, dict) else ()
    return ()


def elsewhere(node: s.Binary, grain: Grain, context: Context) -> Value:
    """Give a definition or finding one period back, or in the period that holds a date; unknown where that is not known."""
    assert isinstance(node.left, s.Path)
    if node.right == s.Path(("last",)):
        assert context.period is not None
        period: Period | None = period_of(grain, context.period.start - 1)
    else:
        zone = facts.zone_of(root(context.subject), context.world)
        period = _period_of(as_day(expressions.value_of(node.right, context), zone), grain)
    today = period_of(grain, context.world.as_of)
    found = expressions.path_value(
        node.left.parts, context.changed(grain=grain, period=period or today, home=context.home or context)
    )
    if period is not None:
        return found
    may_be_none = _may_be_none(node.left.parts, context)
    return (
        hull([anything(found.kind, found.dimension), ABSENT]) if may_be_none else anything(found.kind, found.dimension)
    )


def _period_of(day: Value, grain: Grain) -> Period | None:
    if not day.present or isinstance(day.low, float) or isinstance(day.high, float):
        return None
    low, high = (period_of(grain, int(end)) for end in (day.low, day.high))
    return low if low == high else None


def _may_be_none(parts: tuple[str, ...], context: Context) -> bool:
    """Say whether what is read may be `none`, from how it is written."""
    law = context.world.law
    for start in range(len(parts)):
        for end in range(len(parts), start, -1):
            name = law.resolve("definitions", ".".join(parts[start:end]))
            if name is not None:
                return "none" in str(law.definitions[name])
    return False


def _grain_read(parts: tuple[str, ...], context: Context) -> Grain | None:
    """Give the periods of the definition or provision that a path names."""
    law = context.world.law
    for start in range(len(parts)):
        for end in range(len(parts), start, -1):
            name = law.resolve("definitions", ".".join(parts[start:end]))
            if name is not None:
                return read_grain(law.definitions[name]["each"])
            name = law.resolve("provisions", ".".join(parts[start:end]))
            if name is not None:
                provision = law.provisions[name][-1]
                return read_grain(provision["applies"].get("each") or provision["each"])
    return None


def parameter_at(node: s.Binary, context: Context) -> Value:
    if not isinstance(node.left, s.Path):
        raise OracleError("`at` is for parameters")
    grain = _grain_read(node.left.parts, context)
    if grain is not None:
        return elsewhere(node, grain, context)
    name = context.world.law.resolve("parameters", ".".join(node.left.parts))
    if name is None:
        raise OracleError(f"no such parameter: {node.left.parts}")
    day = as_day(expressions.value_of(node.right, context), functions.zone(context))
    return parameter_value(context.world.law.parameters[name], day, context)


def parameter_value(document: Document, day: Value, context: Context) -> Value:
    """Give the last value whose first day is not after the date; unknown before the first."""
    rows = sorted((date.fromisoformat(r["from"]).toordinal(), r["value"]) for r in document["values"])
    literals = [expressions.evaluate(text, context) for _, text in rows]
    low = 0 if day.absent else sum(1 for start, _ in rows if start <= day.low)
    high = len(rows) if day.absent else sum(1 for start, _ in rows if start <= day.high)
    possible = [
        literals[i - 1] if i else anything(literals[0].kind, literals[0].dimension) for i in range(low, high + 1)
    ]
    return hull(possible)


def finding_value(provision: str, rest: tuple[str, ...], context: Context) -> Value:
    """Give an attribute of the finding of another provision for the same subject and period; none there: unknown."""
    duty, name = (rest[0], rest[1]) if len(rest) == 2 else ("", rest[0])
    for finding in provisions.findings_about(context.world, provision, root(context.subject), context.period):
        if duty in ("", finding.duty):
            if can_fail(finding.exists):
                break  # perhaps there is none
            return finding.attributes[name]
    kinds = {"met": "bool", "applies": "bool", "lifted": "bool", "status": "symbol", "due": "date", "breach-at": "date"}
    return anything(kinds.get(name, "number"))


def lookup(node: s.Call, context: Context) -> Value:
    """Give a cell of a table: of every row that may be the one."""
    path = node.arguments[0].value
    assert isinstance(path, s.Path)
    name = context.world.law.resolve("tables", ".".join(path.parts))
    if name is None or node.field is None:
        raise OracleError(f"no such table or column: {path.parts}")
    table = context.world.law.tables[name]
    column = next(i for i, c in enumerate(_fields(table["columns"])) if c.name == node.field)
    asked = [functions.argument(a, context) for a in node.arguments[1:]]
    return hull([_looked_up(table, column, chosen) for chosen in product(*(_alternatives(value) for value in asked))])


def _alternatives(value: Value) -> list[Value]:
    """List the symbols that a key may be, each by itself, if it can only be some."""
    if value.symbols is None or not value.present:
        return [value]
    return [replace(value, symbols=frozenset({word})) for word in sorted(value.symbols)]


def _looked_up(table: Document, column: int, asked: Sequence[Value]) -> Value:
    keys, columns = _fields(table["keys"]), _fields(table["columns"])
    found, may_miss = [], True
    for row in matching_order(table, keys):
        match = conjunction(_key_matches(k, table, text, v) for k, text, v in zip(keys, row, asked, strict=False))
        if can_hold(match):
            found.append(table_cell(columns[column], row[len(keys) + column]))
        if not can_fail(match):
            may_miss = False
            break
    if may_miss:
        missing = facts.domain_of(columns[column])
        found.append(ABSENT if table.get("on_miss") == "none" else missing)
    return hull(found)


def matching_order(table: Document, keys: list[Field]) -> list[list[str]]:
    """Give the rows so that of those that match, the first counts: the greatest band first."""
    banded = [i for i, k in enumerate(keys) if _is_banded(table, k)]
    return sorted(table["rows"], key=lambda row: tuple(-_band_start(row[i], keys[i]) for i in banded))


def _band_start(text: str, key: Field) -> Fraction:
    """Give where a band begins; of days, the number of the day."""
    return Fraction(date.fromisoformat(text).toordinal()) if key.base == "date" else Fraction(text)


def _is_banded(table: Document, key: Field) -> bool:
    declared = table["keys"][key.name]
    return isinstance(declared, dict) and declared.get("band") == "from"


def _key_matches(key: Field, table: Document, text: str, value: Value) -> Value:
    if key.base in facts.NUMERIC or key.base == "date":
        printed = table_cell(key, text)
        return compare(printed, "<=" if _is_banded(table, key) else "=", value)
    return is_among(value, [text])


def _fields(declared: dict[str, Any]) -> list[Field]:
    return [read_field(name, text) for name, text in declared.items()]


def table_cell(column: Field, text: str) -> Value:
    if text.strip() in ("", "~"):
        return ABSENT if column.empty == "none" else facts.domain_of(column)
    if column.base in facts.NUMERIC:
        return facts.quantity(text.strip(), column)[1]
    if column.base == "date":
        return exactly(date.fromisoformat(text).toordinal(), "date")
    return symbol(text.lower() if column.base == "bool" else text, kind="bool" if column.base == "bool" else "symbol")


def among_keys(operand: Value, name: str, context: Context) -> Value:
    """Say whether a value is one of the first keys of a table."""
    table_name = context.world.law.resolve("tables", name)
    if table_name is None:
        raise OracleError(f"no such table: {name}")
    table = context.world.law.tables[table_name]
    key = _fields(table["keys"])[0]
    if key.base in facts.NUMERIC:
        return disjunction(compare(operand, "=", table_cell(key, row[0])) for row in table["rows"])
    return is_among(operand, [row[0] for row in table["rows"]])


def field_of(parts: tuple[str, ...], context: Context) -> tuple[Record, str]:
    """Give the record and field that a path names, for what needs the cell as printed."""
    things = named_things(context)
    scoped = [scope.thing for scope in reversed(context.scopes) if scope.alias == parts[0]]
    for thing in (*scoped, *things):
        record = root(thing)
        path = parts[1:] if thing in scoped or record.type.name == parts[0] else parts
        target = reach(record, path[:-1], context.world) if path else None
        if target is not None and path[-1] in target.type.fields:
            return target, path[-1]
    raise OracleError(f"no such field: {'.'.join(parts)}")
