"""Reading what was found before: definitions, parameters, findings."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import dates, kleene, merging, rational, values
from compliance_engine.deriving.context import Context
from compliance_engine.deriving.kleene import FALSE, Truth
from compliance_engine.deriving.moments import elsewhere, unknown_of, where_known
from compliance_engine.deriving.site_days import trigger_day
from compliance_engine.deriving.tables import DOUBT, LISTED, ROW_NUMBER
from compliance_engine.deriving.unrolling import chained_periods, unroll
from compliance_engine.deriving.values import Number, Option, Symbols, Value
from compliance_engine.deriving.world import FoundDefinition, Scope
from compliance_engine.kernel.frames import kept_where, tuples_of, with_series, without
from compliance_engine.kernel.pool import collected
from compliance_engine.model.expression import Hop

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_engine.deriving.tables import Table
    from compliance_engine.deriving.world import World
    from compliance_engine.model.expression import DefinitionRef, Field, FindingRef, ParameterRef
    from compliance_engine.model.program import DefinitionSpec

RATIO_BOUND = 2**100
# So many rows of a definition are found at once, though not all are asked for; so many are kept for others.
FEW = 2_000
MOST_SHARED = 100_000
TRUTHS = {"met", "applies", "lifted"}
DAYS = {"period_from", "period_to", "due", "breach_at", "cured"}
RATIOS = {"exceedance", "amount"}


def definition_value(node: DefinitionRef, context: Context) -> Value:
    """Give a definition's value for the subject (and period) of each row."""
    spec = context.world.program.definitions[node.id]
    if node.at is not None or node.back:
        return elsewhere(node, spec.grain, context)
    inner, back = place_of_definition(node, context)
    field_key = f"{back}:{node.field}"
    if field_key not in context.cache:
        brought = inner.carried(_field_of(spec, node, inner), context, back)
        context.cache[field_key] = where_known(brought, node, context, back)
    return context.cache[field_key]


def place_of_definition(node: DefinitionRef, context: Context) -> tuple[Context, str]:
    """Give where a definition is found of the subject (and period) of each row, and the column with its row there."""
    key = node.id, node.subject
    if key not in context.definitions:
        spec = context.world.program.definitions[node.id]
        table = context.world.tables[spec.subject.type]
        context.definitions[key] = _found(spec, context, table, _subject_rows(node, context, table))
    return context.definitions[key]


def _field_of(spec: DefinitionSpec, node: DefinitionRef, inner: Context) -> Value:
    """Give a field of an evaluated definition, found when it is first read."""
    key = f"field:{node.field}"
    if key not in inner.cache:
        text = next(f for f in spec.fields if f.name == node.field)
        inner.cache[key] = inner.settle(_within(spec, node, inner, inner.value(text.node)), "field")
    return inner.cache[key]


def _within(spec: DefinitionSpec, node: DefinitionRef, inner: Context, value: Value) -> Value:
    """Leave unknown what a definition would be of a subject outside of its `for: TYPE where COND`."""
    if spec.subject.where is None:
        return value
    inside = inner.truth(spec.subject.where)
    return inner.settle(merging.merge(inside.may, value, inside.may_not, unknown_of(node)), "within")


def _subject_rows(node: DefinitionRef, context: Context, table: Table) -> str:
    """Name the column with the row of the definition's subject."""
    if node.subject is None:
        scope = context.scopes["subject"]
        if scope.index is not None:
            return scope.index
        return context.add("subject#", pl.int_range(context.frame.height, dtype=pl.UInt32, eager=True))
    ids = context.value(node.subject)
    assert isinstance(ids, Symbols)
    named = context.compute(ids.options[0].value.cast(pl.String))
    return context.add("subject#", table.rows_of(named))


def _found(spec: DefinitionSpec, context: Context, table: Table, row: str) -> tuple[Context, str]:
    """Find a definition for each subject (and period) that is asked for, and name the column with its row there.

    What a definition is depends on its subject and period alone, so all duties share what was found; only what is not too much is kept.
    """
    keys = ["subject#"] + (["p.index"] if spec.grain is not None else [])
    columns = [context.frame[row].alias("subject#")]
    if spec.grain is not None:
        columns += [context.frame[c] for c in ("p.index", "p.from", "p.to")]
    wanted = pl.DataFrame(columns)
    held = context.world.shared.get(spec.id)
    found = None if held is None else _places(wanted, held, keys)
    if held is None or found is None:
        asked = kept_where(wanted, wanted["subject#"].is_not_null()) if wanted["subject#"].null_count() else wanted
        asked = asked.unique(keys, keep="first", maintain_order=True)
        held = _evaluated(spec, _with_neighbours(spec, asked, held, table), context.world, table)
        if held.inner.frame.height <= MOST_SHARED:
            context.world.shared[spec.id] = held
        found = _places(wanted, held, keys)
        assert found is not None
    return held.inner, context.add("found#", found)


def _places(wanted: pl.DataFrame, held: FoundDefinition, keys: list[str]) -> pl.Series | None:
    """Give the row of `held` for each row that is wanted (null: no subject); None if one is not there."""
    if max(wanted.height, held.places.height) <= LISTED:
        if not held.listed:
            rows_there = held.places.get_column("found").to_list()
            held.listed.update(zip(tuples_of(held.places, *keys), rows_there, strict=True))
        rows = [held.listed.get(key) for key in tuples_of(wanted, *keys)]
        found = pl.Series("found", rows, dtype=pl.UInt32)
        return found if found.null_count() == wanted["subject#"].null_count() else None
    places = held.places.lazy().select(*keys, "found")
    query = wanted.lazy().select(keys).join(places, on=keys, how="left", maintain_order="left")
    found = collected(query, max(wanted.height, held.places.height))["found"]
    return found if found.null_count() == wanted["subject#"].null_count() else None


def _with_neighbours(
    spec: DefinitionSpec, asked: pl.DataFrame, held: FoundDefinition | None, table: Table
) -> pl.DataFrame:
    """Add what other duties have asked for, and where that is little all subjects in all of these periods: they will ask next."""
    together = asked
    if held is not None:
        together = pl.concat([asked, held.places.select(asked.columns)]).unique(maintain_order=True)
    if spec.start is not None:
        return together
    periods = without(together, "subject#").unique(maintain_order=True)
    if table.frame.height * max(periods.height, 1) > max(FEW, 2 * together.height):
        return together
    subjects = pl.DataFrame({"subject#": pl.int_range(table.frame.height, dtype=pl.UInt32, eager=True)})
    return subjects.join(periods, how="cross") if periods.width else subjects


def _evaluated(spec: DefinitionSpec, asked: pl.DataFrame, world: World, table: Table) -> FoundDefinition:
    """Set a definition up for these subjects (and periods): columns subject#, (p.index, p.from, p.to)."""
    lets = {item.name: item for item in spec.lets}
    inner = Context(world, asked, {"subject": Scope(table, "subject#")}, lets, spec.grain)
    if spec.start is not None:
        inner.frame = chained_periods(spec, asked, inner, table)
    if spec.grain is not None:
        whole = inner.frame["p.from"].alias("w.from"), inner.frame["p.to"].alias("w.to")
        inner.frame = with_series(inner.frame, *whole)
        inner.windowed = inner.plain_window = True
    inner.frame = with_series(inner.frame, site_of(inner, table).alias("site"))
    if spec.start is not None:
        unroll(spec, inner)
    return FoundDefinition(inner, inner.frame[asked.columns].with_row_index("found"))


def site_of(context: Context, table: Table) -> pl.Series:
    """Give the site of each row's subject as text (null where there is none)."""
    site = table.type.site
    height = context.frame.height
    if site is None:
        return pl.Series("site", [None] * height, dtype=pl.String)
    hops: list[Hop] = []
    current, name = table.type, "id"
    for position, name in enumerate(site):
        target = current.field(name).target
        if position < len(site) - 1:
            hops.append(Hop(field=name, type=target))
            current = context.world.program.types[target]
    column, _ = context.column("subject", tuple(hops), name)
    return context.compute(column.cast(pl.String)).alias("site")


def parameter_value(node: ParameterRef, context: Context) -> Value:
    """Give a dated value: the last whose first day is not after the date; unknown before the first."""
    spec = context.world.program.parameters[node.id]
    at = governing_day(context) if node.at is None else context.value(node.at)
    assert isinstance(at, Number)
    result = context.value(spec.values[0][1])
    first = values.less(dates.day_literal(date.fromisoformat(spec.values[0][0])), at, strict=False)
    if isinstance(result, Number):
        result = merging.merge(first.may_not, values.unknown_number(), first.may, result)
    for start, node_value in spec.values[1:]:
        reached = values.less(dates.day_literal(date.fromisoformat(start)), at, strict=False)
        result = merging.merge(reached.may_not, result, reached.may, context.value(node_value))
    return result


def governing_day(context: Context) -> Number:
    """Give the date that decides which law is read: the period's end, the day that governs the obligation, the trigger, or the as-of date."""
    if "p.to" in context.frame.columns:
        return dates.day_number(pl.col("p.to"), known=True)
    if context.governed is not None:
        return context.governed
    if isinstance(context.trigger, Number):
        return trigger_day(context)
    if context.parent is None:
        return dates.day_literal(context.world.as_of)
    if "@governing" not in context.cache:  # of a record: that of the obligation around it
        context.cache["@governing"] = context.parent.carried(governing_day(context.parent), context, context.row)
    day = context.cache["@governing"]
    assert isinstance(day, Number)
    return day


def finding_value(node: FindingRef, context: Context) -> Value:
    """Give an attribute of another provision's finding for the same subject and period; unknown where there is none."""
    result = context.world.results[(node.provision, node.duty)]
    if node.at is not None or node.back:
        return elsewhere(node, result.grain, context)
    row = context.scopes["subject"].index
    name = f"finding:{node.provision}/{node.duty}#"
    if name not in context.frame.columns:
        keys = ["subject_row"] + (["period"] if result.grain is not None else [])
        index = result.table.frame.select(keys).with_row_index("found").unique(keys, keep="first", maintain_order=True)
        own = pl.col(row) if row is not None else ROW_NUMBER
        wanted = context.frame.select(
            own.alias("subject_row"), *([pl.col("p.index").alias("period")] if len(keys) == 2 else [])
        )
        found = wanted.join(index, on=keys, how="left", maintain_order="left")["found"]
        context.frame = with_series(context.frame, found.alias(name))
    scope = f"{node.provision}/{node.duty}"
    context.scopes.setdefault(scope, Scope(result.table, name))
    value = attribute_value(scope, node.attribute, context)
    if not result.table.frame[DOUBT].any():
        return value
    doubt = context.column(scope, (), DOUBT)[0].fill_null(value=False)  # perhaps there is no such finding
    return merging.merge(True, value, doubt, unknown_of(node))  # noqa: FBT003


def finding_attribute(node: Field, context: Context) -> Value:
    """Give an attribute of the finding in scope."""
    return attribute_value(node.scope, node.name, context)


def attribute_value(scope: str, name: str, context: Context) -> Value:
    """Give an attribute of a finding as a value."""

    def read(column: str) -> pl.Expr:
        return context.column(scope, (), column)[0]

    if name in TRUTHS:
        may, may_not = read(f"{name}__t"), read(f"{name}__f")
        return Truth(may.cast(pl.Boolean).fill_null(value=True), may_not.cast(pl.Boolean).fill_null(value=True))
    if name in DAYS:
        day = read(name).cast(pl.Date).cast(pl.Int32)
        absent = FALSE if name.startswith("period") else Truth(day.is_null(), day.is_not_null())
        if name == "breach_at":
            absent = _if_breached(day, read)
        number = dates.day_number(day)
        return Number(number.low, number.high, absent=absent)
    if name in RATIOS:
        num, den = read(f"{name}__n"), read(f"{name}__d")
        value = rational.Rational(
            num.cast(pl.Int128),
            1,
            context.scopes[scope].table.shapes[name].largest,
            den.cast(pl.Int128),
            context.scopes[scope].table.shapes[name].scale,
        )
        exact = read(f"{name}__x").cast(pl.Boolean).fill_null(value=True)
        most = rational.pick(exact, value, rational.column(pl.lit(None, dtype=pl.Int64), bound=1))
        absent = _if_breached(num, read)
        unit = read("amount__u").cast(pl.String) if name == "amount" else None
        return Number(value, most, absent=Truth(absent.may, absent.may_not | ~exact), unit=unit)
    if name == "days_late":
        value = rational.column(read(name).cast(pl.Int64), bound=dates.DAY_BOUND)
        return Number(value, value, absent=_if_breached(read(name), read))
    return Symbols((Option(possible=True, value=read(name).cast(pl.String)),), kleene.FALSE)


def _if_breached(figure: pl.Expr, read: Callable[[str], pl.Expr]) -> Truth:
    """Say where a figure of a breach is absent; while it is not known whether there was one, it may be."""
    is_open = (read("met__t") & read("met__f")).fill_null(value=False)
    return Truth(figure.is_null() | is_open, figure.is_not_null() | is_open)
