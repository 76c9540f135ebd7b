"""Parameters and tables: law that is plain data."""

import re
from collections.abc import Mapping
from fractions import Fraction

from compliance_engine.compiling.branches import unified
from compliance_engine.compiling.desk import Desk, Frame, Scope
from compliance_engine.compiling.index import ParameterEntry, TableEntry
from compliance_engine.compiling.reports import Report
from compliance_engine.compiling.typed import ABSENT, WRONG, Typed, wrong
from compliance_engine.compiling.vocabulary import compile_field
from compliance_engine.kernel.days import read_day
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.kernel.units import Unit, UnitProblem, read_unit
from compliance_engine.model.law import FieldDecl, Parameter, TableDecl
from compliance_engine.model.program import FieldType, ParameterSpec, TableSpec
from compliance_engine.model.syntax import DateLiteral, Number, Path, Text, Unary, Word

_NUMBER = re.compile(r"^(?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(?P<unit>[^\s\d,.].*)?$")
_EMPTY = {"", "~"}


def compile_parameter(parameter: Parameter, desk: Desk) -> ParameterEntry:
    """Compile the dated values of a parameter, all of one kind and unit; after a report, what it is stays unknown."""
    failed = ParameterEntry(
        spec=ParameterSpec(id=parameter.id.text, kind=WRONG, values=()), type=wrong(parameter.id.span)
    )
    scope = Scope(desk=desk, subject=Frame(scope="subject", type=""), words=None)
    values: list[Typed] = []
    for day, expression in parameter.values:
        literal = expression.operand if isinstance(expression, Unary) and expression.op == "-" else expression
        if not isinstance(literal, Number | Text | DateLiteral | Word | Path):
            desk.report(
                "bad-parameter",
                f"the value from {day} is not a literal",
                expression.span,
                "write 35 days, 0.2 mg/L or a word",
            )
            return failed
        values.append(desk.express(expression, scope))
    merged = unified(tuple(values), parameter.id.span, scope)
    if merged is None:
        return failed
    parts, whole = merged
    if any(part.kind == ABSENT for part in values):
        desk.report(
            "bad-parameter",
            f"{parameter.id.text} has no value at some date",
            parameter.id.span,
            "a parameter always has a value",
        )
        return failed
    dated = tuple((day.isoformat(), part.node) for (day, _), part in zip(parameter.values, parts, strict=True))
    return ParameterEntry(spec=ParameterSpec(id=parameter.id.text, kind=whole.kind, values=dated), type=whole)


def compile_table(table: TableDecl, report: Report) -> TableEntry:
    """Compile a table: every cell of its type and in the computed unit, no two rows with one key."""
    shown: dict[str, Unit] = {}
    compiled: dict[str, FieldType] = {}
    for declaration in (*table.keys, *table.columns):
        field, unit = compile_field(declaration, report)
        compiled[field.name] = field
        if unit is not None:
            shown[field.name] = unit
    keys = tuple(compiled[declaration.name.text] for declaration in table.keys)
    columns = tuple(compiled[declaration.name.text] for declaration in table.columns)
    rows = _rows(table, keys, columns, shown, report)
    _check_bands(table, keys, report)
    spec = TableSpec(
        id=table.id.text,
        keys=keys,
        bands=tuple(sorted(table.bands)),
        columns=columns,
        rows=tuple(sorted(rows, key=_sort_key)),
        on_miss=table.on_miss,
    )
    return TableEntry(spec=spec, shown=shown, place=table.id.span)


def _sort_key(row: tuple[str | None, ...]) -> tuple[str, ...]:
    """Order rows by their texts."""
    return tuple("" if cell is None else f" {cell}" for cell in row)


def _check_bands(table: TableDecl, keys: tuple[FieldType, ...], report: Report) -> None:
    """Check that a banded key is a number or a date."""
    for declaration, key in zip(table.keys, keys, strict=True):
        if key.name in table.bands and key.base not in {"integer", "decimal", "quantity", "date"}:
            report.error(
                "bad-field",
                f"the key {key.name} is a {key.base}, and only numbers and dates have bands",
                declaration.name.span,
            )


def _rows(
    table: TableDecl,
    keys: tuple[FieldType, ...],
    columns: tuple[FieldType, ...],
    shown: Mapping[str, Unit],
    report: Report,
) -> list[tuple[str | None, ...]]:
    """Read the rows of a table; those with an error are left out."""
    declared = (*table.keys, *table.columns)
    rows: list[tuple[str | None, ...]] = []
    seen: dict[tuple[str | None, ...], Span] = {}
    for row, span in zip(table.rows, table.row_spans, strict=True):
        if len(row) != len(declared):
            message = f"the row has {len(row)} cells, and the table {len(declared)} keys and columns"
            report.error(
                "table-cell", message, span, f"the cells are {', '.join(field.name.text for field in declared)}"
            )
            continue
        cells = _cells(row, declared, (*keys, *columns), shown, span, report)
        if cells is None:
            continue
        key = cells[: len(keys)]
        if None in key:
            report.error("table-cell", "a key of the row is empty", span)
        elif key in seen:
            named = ", ".join(f"{field.name} {text}" for field, text in zip(keys, row, strict=False))
            report.error(
                "table-duplicate-key", f"two rows have the key {named}", span, related=((seen[key], "the first"),)
            )
        else:
            seen[key] = span
            rows.append(cells)
    return rows


def _cells(
    row: tuple[str, ...],
    declared: tuple[FieldDecl, ...],
    fields: tuple[FieldType, ...],
    shown: Mapping[str, Unit],
    span: Span,
    report: Report,
) -> tuple[str | None, ...] | None:
    """Read the cells of a row; None after a report."""
    cells: list[str | None] = []
    failed = False
    for text, declaration, field in zip(row, declared, fields, strict=True):
        if text.strip() in _EMPTY:
            cells.append(None)
            continue
        value = read_cell(text.strip(), field, shown.get(field.name))
        if isinstance(value, tuple):
            report.error("table-cell", f"{declaration.name.text}: {value[0]}", span, value[1])
            failed = True
            continue
        cells.append(value)
    return None if failed else tuple(cells)


def read_cell(text: str, field: FieldType, shown: Unit | None) -> str | tuple[str, str | None]:
    """Read a cell as its type's canonical text, a quantity in the computed unit; else give what is wrong and a hint."""
    match field.base:
        case "integer" | "decimal" | "quantity":
            return _read_number(text, field, shown)
        case "date":
            return text if _is_day(text) else (f"{text} is no date", "write 2026-03-31")
        case "bool":
            return text if text in {"true", "false"} else (f"{text} is neither true nor false", None)
        case "enum":
            wanted = f"{text} is none of {', '.join(field.symbols)}"
            return text if text in field.symbols else (wanted, did_you_mean(text, field.symbols))
        case _:
            return text


def _is_day(text: str) -> bool:
    """Say whether a text is a day of the calendar, as year-month-day."""
    try:
        read_day(text)
    except ValueError:
        return False
    return True


def _read_number(text: str, field: FieldType, shown: Unit | None) -> str | tuple[str, str | None]:
    """Read a number, with a unit of its own or the column's."""
    found = _NUMBER.match(text)
    if found is None:
        grouped = re.fullmatch(r"[+-]?\d[\d,._ ]*(\s.*)?", text)
        written = "with a point and without separators: 2.5, 1000"
        return f"{text} is no number", f"numbers are written {written}" if grouped else "write 0.5, 1e-5 or 30 mg/L"
    value = Fraction(found["number"])
    unit = shown
    if found["unit"]:
        given = read_unit(found["unit"])
        if isinstance(given, UnitProblem):
            return given.message, f"did you mean {given.suggestion}?" if given.suggestion else None
        if given.standard != field.unit:
            return f"{text} is in another unit than the column ({shown.text if shown else 'no unit'})", None
        unit = given
    if field.base == "integer" and value.denominator != 1:
        return f"{text} is no whole number", None
    return str(value * unit.factor + unit.offset) if unit else str(value)
