"""The part of a manifest or mapping that says which columns give which fields of a type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from compliance_engine.kernel.suggestions import did_you_mean, suggest
from compliance_engine.reading.facts.columns import DAYS
from compliance_engine.reading.facts.nodes import Trouble, count, entries, flag, items, text, texts
from compliance_engine.reading.facts.serials import SERIAL
from compliance_engine.reading.facts.spec import ColumnSpec, Emit
from compliance_engine.reading.facts.units import conversion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compliance_engine.model.program import FactType, FieldType

EMIT_KEYS = ("type", "columns", "constants", "codes", "where", "distinct", "known")
COLUMN_KEYS = ("column", "format", "unit", "unit_column", "qualifier", "first")
_FORMAT = 'for example "%d.%m.%Y" (day, month, year of four digits), days, serial'
UNIT_CODES, QUALIFIER_CODES = "units", "qualifiers"

Entries = dict[str, tuple[yaml.Node, yaml.Node]]


def read_emit(parts: Entries, node: yaml.Node, types: Mapping[str, FactType], trouble: Trouble) -> Emit | None:
    """Read what facts a row gives, from entries with the keys `EMIT_KEYS`; None if nothing is left after a report."""
    if "type" not in parts:
        trouble.report("facts-missing-key", "a source needs a `type`", node, "for example `type: result`")
        return None
    name = text(parts["type"][1], "`type`", trouble)
    if name is None:
        return None
    if name not in types:
        trouble.report_type(name, types, parts["type"][1])
        return None
    fields = {"id": None, **{f.name: f for f in types[name].fields}}
    columns = _read_columns(parts, name, fields, trouble)
    codes = _read_codes(_value(parts, "codes"), name, fields, trouble)
    return Emit(
        type=name,
        columns=columns,
        codes={field: told for field, told in codes.items() if field in fields},
        unit_codes={} if UNIT_CODES in fields else codes.get(UNIT_CODES, {}),
        qualifier_codes={} if QUALIFIER_CODES in fields else codes.get(QUALIFIER_CODES, {}),
        where=_read_where(_value(parts, "where"), trouble),
        distinct=flag(_value(parts, "distinct"), "`distinct`", trouble),
        known=_read_column(parts["known"][1], "`known`", trouble) if "known" in parts else None,
        span=trouble.span(parts["type"][1]),
    )


def _value(parts: Entries, key: str) -> yaml.Node | None:
    return parts[key][1] if key in parts else None


def _read_columns(
    parts: Entries, type_name: str, fields: Mapping[str, FieldType | None], trouble: Trouble
) -> dict[str, ColumnSpec]:
    columns: dict[str, ColumnSpec] = {}
    for name, (key, value) in entries(_value(parts, "columns"), "`columns`", None, trouble).items():
        if _is_field(name, type_name, fields, key, trouble):
            what = f"the column of `{name}`"
            spec = _read_column(value, what, trouble)
            _check_column(spec, fields[name], what, value, trouble)
            if spec.name is not None:
                columns[name] = spec
    for name, (key, value) in entries(_value(parts, "constants"), "`constants`", None, trouble).items():
        constant = text(value, f"the constant `{name}`", trouble)
        if name in columns:
            trouble.report("facts-key-twice", f"`{name}` has both a column and a constant", key)
        elif _is_field(name, type_name, fields, key, trouble) and constant is not None:
            columns[name] = ColumnSpec(constant=constant, span=trouble.span(value))
    return columns


def _is_field(name: str, type_name: str, fields: Mapping[str, object], key: yaml.Node, trouble: Trouble) -> bool:
    if name not in fields:
        trouble.report(
            "facts-unknown-field", f"the fact type `{type_name}` has no field `{name}`", key, did_you_mean(name, fields)
        )
    return name in fields


def _read_column(node: yaml.Node, what: str, trouble: Trouble) -> ColumnSpec:
    if isinstance(node, yaml.ScalarNode):
        return ColumnSpec(name=text(node, what, trouble), span=trouble.span(node))
    parts = entries(node, what, COLUMN_KEYS, trouble)
    if (
        isinstance(node, yaml.MappingNode)
        and "column" not in parts
        and parts.keys() >= {k.value for k, _ in node.value}
    ):
        trouble.report(
            "facts-missing-key", f"{what}: which `column`?", node, "for example {column: Result, unit: mg/L}"
        )
    if "unit" in parts and "unit_column" in parts:
        trouble.report("facts-key-twice", f"{what}: either `unit` or `unit_column`", parts["unit"][0])
    said = {key: text(value, f"{what}, `{key}`", trouble) for key, (_, value) in parts.items() if key != "first"}
    layout = said.get("format")
    if layout is not None and "%" not in layout and layout not in (DAYS, SERIAL):
        trouble.report("facts-bad-format", f"{what}: {layout!r} is no `format`", parts["format"][1], _FORMAT)
    return ColumnSpec(
        name=said.get("column"),
        format=layout,
        unit=said.get("unit"),
        unit_column=said.get("unit_column"),
        qualifier=said.get("qualifier"),
        first=count(parts["first"][1], f"{what}, `first`", trouble, 1) if "first" in parts else None,
        span=trouble.span(parts["column"][1] if "column" in parts else node),
    )


def _check_column(spec: ColumnSpec, field: FieldType | None, what: str, node: yaml.Node, trouble: Trouble) -> None:
    """Report what a column is said to have and its field cannot have: a unit, a sign beside it, a way to write days."""
    base = "text" if field is None else field.base
    units = [key for key in ("unit", "unit_column", "qualifier") if getattr(spec, key) is not None]
    if units and base != "quantity":
        trouble.report("facts-bad-unit", f"{what}: a {base} has no `{units[0]}`", node, f"leave `{units[0]}` out")
    elif field is not None and spec.unit is not None:
        way = conversion(spec.unit, field.unit, field.printed)
        if isinstance(way, str):
            trouble.report("facts-bad-unit", f"{what}: {way}", node)
    if spec.format is not None and base not in {"date", "instant"}:
        trouble.report("facts-bad-format", f"{what}: a {base} has no `format`", node, "leave `format` out")


def _read_codes(
    node: yaml.Node | None, type_name: str, fields: Mapping[str, FieldType | None], trouble: Trouble
) -> dict[str, dict[str, str]]:
    found = {}
    for name, (key, value) in entries(node, "`codes`", None, trouble).items():
        if name not in (UNIT_CODES, QUALIFIER_CODES) and not _is_field(name, type_name, fields, key, trouble):
            continue
        found[name] = texts(value, f"the codes of `{name}`", trouble)
        field = fields.get(name)
        if field is not None and field.base == "enum":
            _check_symbols(found[name], field, value, trouble)
    return found


def _check_symbols(codes: Mapping[str, str], field: FieldType, node: yaml.Node, trouble: Trouble) -> None:
    for symbol in sorted({s for s in codes.values() if s and s not in field.symbols}):
        near = suggest(symbol, field.symbols)
        hint = f"did you mean {near}?" if near else f"it has: {', '.join(field.symbols)}"
        trouble.report("facts-unknown-symbol", f"`{field.name}` has no symbol {symbol!r}", node, hint)


def _read_where(node: yaml.Node | None, trouble: Trouble) -> dict[str, tuple[str, ...]]:
    found = {}
    for column, (_, value) in entries(node, "`where`", None, trouble).items():
        listed = [value] if isinstance(value, yaml.ScalarNode) else items(value, f"`where` of {column}", trouble)
        found[column] = tuple(
            "" if n.value == "" else t
            for n in listed
            if (t := "" if n.value == "" else text(n, f"`where` of {column}", trouble)) is not None
        )
    return found
