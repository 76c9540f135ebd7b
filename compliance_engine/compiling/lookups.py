"""`table(ID, key, ...).column`."""

from compliance_engine.compiling.checks import express, of_kind
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.fields import KINDS, typed_like
from compliance_engine.compiling.index import TableEntry, find_id
from compliance_engine.compiling.operators import check_symbol
from compliance_engine.compiling.quantities import aligned
from compliance_engine.compiling.typed import Typed, number, wrong
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.expression import AnyNode, Const, Lookup
from compliance_engine.model.program import FieldType
from compliance_engine.model.syntax import Argument, Call, Path, Text


def compile_lookup(call: Call, scope: Scope) -> Typed:
    """Compile a look-up: the keys as the table declares them, and the column."""
    desk = scope.desk
    first, *keys = call.arguments
    if not isinstance(first.value, Path | Text):
        desk.report(
            "bad-argument", "table takes the id of a table first", first.span, "write table(trc-groups, parameter).trc"
        )
        return wrong(call.span)
    name = first.value.value if isinstance(first.value, Text) else str(first.value)
    identity = find_id(name, desk.index.tables, desk.index)
    if isinstance(identity, tuple):
        desk.report("unknown-name", f"{identity[0]} (a table is expected)", first.span, identity[1])
        return wrong(call.span)
    entry = desk.index.tables[identity]
    nodes = _keys(keys, entry, call, scope)
    column = _column(entry, call, scope)
    if nodes is None or column is None:
        return wrong(call.span)
    optional = entry.spec.on_miss == "none" or column.empty == "none"
    node = Lookup(kind=KINDS[column.base], table=identity, keys=nodes, column=column.name, optional=optional)
    value = typed_like(column, entry.shown.get(column.name), call.span, node)
    return Typed(
        node=node,
        kind=value.kind,
        place=call.span,
        unit=value.unit,
        printed=value.printed,
        factor=value.factor,
        offset=value.offset,
        symbols=value.symbols,
        ordered=value.ordered,
        optional=optional,
    )


def _keys(keys: list[Argument], entry: TableEntry, call: Call, scope: Scope) -> tuple[AnyNode, ...] | None:
    """Compile the keys of a look-up; None after a report."""
    wanted = entry.spec.keys
    if len(keys) != len(wanted):
        names = ", ".join(key.name for key in wanted)
        scope.desk.report(
            "bad-argument",
            f"{entry.spec.id} is looked up by {names}, and {len(keys)} of these are given",
            call.span,
            f"write table({entry.spec.id}, {names}).COLUMN",
        )
        return None
    nodes = [_key(argument, key, scope) for argument, key in zip(keys, wanted, strict=True)]
    return None if any(node is None for node in nodes) else tuple(node for node in nodes if node is not None)


def _key(argument: Argument, key: FieldType, scope: Scope) -> AnyNode | None:
    """Compile one key, in the unit of the table; None after a report."""
    words = key.symbols if key.base == "enum" else ()
    value = of_kind(express(argument.value, scope.expecting(words)), (KINDS[key.base],), scope, f"the key {key.name}")
    if value.is_wrong:
        return None
    if value.kind == "symbol" and key.base == "enum":
        holder = typed_like(key, None, argument.span, Lookup(kind="symbol", table="", keys=(), column=key.name))
        check_symbol(value, holder, scope)
    if value.kind != "number":
        return value.node
    like = number(Lookup(kind="number", table="", keys=(), column=key.name), argument.span, key.unit)
    if isinstance(value.node, Const) and value.bare and not key.unit:
        return value.node
    pair = aligned(like, value, f"the key {key.name}", argument.span, scope)
    return pair[1].node if pair else None


def _column(entry: TableEntry, call: Call, scope: Scope) -> FieldType | None:
    """Find the column that is read; a table's only column need not be named. None after a report."""
    columns = {column.name: column for column in entry.spec.columns}
    if call.field is None and len(columns) == 1:
        return entry.spec.columns[0]
    if call.field in columns:
        return columns[call.field]
    hint = did_you_mean(call.field, columns) if call.field else f"write table(...).{min(columns, default='COLUMN')}"
    scope.desk.report(
        "unknown-field", f"{entry.spec.id} has no column {call.field or 'of its own name'}", call.span, hint
    )
    return None
