"""Facts from Python: records (mappings of cells) and frames. The library and the rule cases come in here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.kernel.diagnostic import Diagnostic, has_errors, sort_diagnostics
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.facts import Complete, Facts
from compliance_engine.reading.facts.assembling import Part, Stated, assemble, part_of
from compliance_engine.reading.facts.cells import cell_text
from compliance_engine.reading.facts.refusals import no_refusals
from compliance_engine.reading.facts.rows import KNOWN, REFUSED, ROW, Raw, read_rows
from compliance_engine.reading.facts.spec import ColumnSpec, Emit
from compliance_engine.reading.facts.zones import is_zone

if TYPE_CHECKING:
    from datetime import date

    from compliance_engine.model.program import FactType

Record = Mapping[str, object]
RECORDS = "records"
_NAME = re.compile(r"[^\W\d][\w-]*")
_SPLIT = "inside { } of YAML a text that holds commas stands in quotes"
# Types of columns that a CSV cannot hold.
_NOT_IN_CSV = (pl.Duration, pl.Object, pl.Binary)


def facts_from_records(
    types: Mapping[str, FactType],
    records: Mapping[str, Sequence[Record]],
    *,
    complete: Sequence[Complete] = (),
    zones: Mapping[str, str] | None = None,
    since: date | Mapping[str, date] | None = None,
) -> tuple[Facts, tuple[Diagnostic, ...]]:
    """Read records: by type, mappings of field to cell (`id` too, and `_known`).

    Cells are texts (`36.2 mg/L`, `<0.2 mg/L`, `2026-03-04`, `true`) or Python values; None and "" are empty. A zone
    that a site's record names counts unless `zones` has another.
    """
    diagnostics = _unknown_names(types, records)
    parts = [
        record_part(RECORDS, rows, types[name]) for name, rows in sorted(records.items()) if name in types and rows
    ]
    return _facts(parts, types, _stated(parts, complete, zones, since), diagnostics)


def facts_from_frames(
    types: Mapping[str, FactType],
    frames: Mapping[str, pl.DataFrame],
    *,
    complete: Sequence[Complete] = (),
    zones: Mapping[str, str] | None = None,
    since: date | Mapping[str, date] | None = None,
) -> tuple[Facts, tuple[Diagnostic, ...]]:
    """Read Polars frames: by type, columns named as the fields; `FIELD__unit` has the units of a quantity."""
    diagnostics: list[Diagnostic] = []
    parts = []
    for name, frame in sorted(frames.items()):
        if name not in types:
            diagnostics.append(_unknown_type(name, types))
            continue
        allowed = {*_field_names(types[name]), *(f.name + "__unit" for f in types[name].fields)}
        diagnostics += [_unknown_field(name, column, types) for column in frame.columns if column not in allowed]
        parts.append(_frame_part(name, frame, types[name]))
    return _facts(parts, types, _stated(parts, complete, zones, since), diagnostics)


def record_part(
    source: str,
    rows: Sequence[Record],
    fact_type: FactType,
    *,
    numbers: Sequence[int] | None = None,
    sheet: str | None = None,
    digest: str | None = None,
) -> Part:
    """Read the records of one type; `numbers` are their rows, else their places. Unknown fields are passed over."""
    names = [n for n in _field_names(fact_type) if any(n in row for row in rows)]
    cells = {n: pl.Series(n, [cell_text(row.get(n)) for row in rows], dtype=pl.String) for n in names}
    counted = numbers if numbers is not None else range(1, len(rows) + 1)
    frame = pl.DataFrame({ROW: pl.Series(list(counted), dtype=pl.UInt32), **cells})
    said = digest or hashlib.sha256(frame.drop(ROW).write_json().encode()).hexdigest()
    raw = _raw(frame, source, fact_type.name if sheet is None else sheet, said)
    return part_of(raw, [read_rows(raw, _emit(fact_type.name, names, {}), fact_type)])


def _frame_part(name: str, frame: pl.DataFrame, fact_type: FactType) -> Part:
    names = [n for n in _field_names(fact_type) if n in frame.columns]
    units = {n: n + "__unit" for n in names if n + "__unit" in frame.columns}
    selected = frame.select(*names, *units.values())
    digest = hashlib.sha256(
        selected.write_csv().encode()
        if not any(d.is_nested() or d in _NOT_IN_CSV for d in selected.dtypes)
        else str(selected.rows()).encode()
    )
    raw = _raw(selected.with_row_index(ROW, offset=1), "frames", name, digest.hexdigest())
    return part_of(raw, [read_rows(raw, _emit(name, names, units), fact_type)])


def _raw(frame: pl.DataFrame, name: str, sheet: str, digest: str) -> Raw:
    none = no_refusals().select(row="at", column="column", found="found", reason="reason").cast(REFUSED)
    return Raw(frame=frame, name=name, sheet=sheet, digest=digest, rows=frame.height, refused=none)


def _emit(type_name: str, names: Sequence[str], units: Mapping[str, str]) -> Emit:
    columns = {n: ColumnSpec(name=n, unit_column=units.get(n)) for n in names if n != KNOWN}
    return Emit(type=type_name, columns=columns, known=ColumnSpec(name=KNOWN) if KNOWN in names else None)


def _field_names(fact_type: FactType) -> list[str]:
    return ["id", *(f.name for f in fact_type.fields), KNOWN]


def _unknown_names(types: Mapping[str, FactType], records: Mapping[str, Sequence[Record]]) -> list[Diagnostic]:
    found = []
    for name, rows in records.items():
        if name not in types:
            found.append(_unknown_type(name, types))
            continue
        known = set(_field_names(types[name]))
        found += [_unknown_field(name, field, types) for field in sorted({f for row in rows for f in row} - known)]
    return found


def _unknown_type(name: str, types: Mapping[str, FactType]) -> Diagnostic:
    return Diagnostic(
        code="facts-unknown-type", message=f"there is no fact type `{name}`", hint=did_you_mean(name, types)
    )


def _unknown_field(type_name: str, field: str, types: Mapping[str, FactType]) -> Diagnostic:
    names = [f.name for f in types[type_name].fields]
    message = f"the fact type `{type_name}` has no field `{field}`"
    hint = did_you_mean(field, ["id", *names]) if _NAME.fullmatch(field) else _SPLIT
    return Diagnostic(code="facts-unknown-field", message=message, hint=hint)


def _stated(
    parts: Sequence[Part],
    complete: Sequence[Complete],
    zones: Mapping[str, str] | None,
    since: date | Mapping[str, date] | None,
) -> Stated:
    return Stated(
        complete=tuple(complete),
        since=since if isinstance(since, Mapping) else {"": since} if since is not None else {},
        zones={**site_zones(parts), **(zones or {})},
    )


def site_zones(parts: Sequence[Part]) -> dict[str, str]:
    """Give the zones that the sites' own records name."""
    found: dict[str, str] = {}
    for part in parts:
        for chunk in part.chunks:
            if chunk.type == "site" and "zone" in chunk.frame.columns:
                named = chunk.frame.select(pl.col("id").cast(pl.String), pl.col("zone").cast(pl.String)).drop_nulls()
                found |= dict(named.rows())
    return found


def _facts(
    parts: Sequence[Part], types: Mapping[str, FactType], stated: Stated, diagnostics: Sequence[Diagnostic]
) -> tuple[Facts, tuple[Diagnostic, ...]]:
    found = [*diagnostics, *zone_diagnostics(stated.zones), *type_diagnostics(stated.complete, types)]
    found += [d for part in parts for chunk in part.chunks for d in chunk.diagnostics]
    stated = replace(
        stated,
        zones={site: zone for site, zone in stated.zones.items() if is_zone(zone)},
        complete=tuple(c for c in stated.complete if c.type in types),
    )
    facts = Facts(tables={}) if has_errors(found) else assemble(parts, types, stated)
    return facts, sort_diagnostics(found)


def zone_diagnostics(zones: Mapping[str, str]) -> list[Diagnostic]:
    """Refuse zones that do not exist."""
    return [
        Diagnostic(
            code="facts-unknown-zone",
            message=f"the site {site} has the time zone {zone!r}, which does not exist",
            hint="for example America/Chicago",
        )
        for site, zone in sorted(zones.items())
        if not is_zone(zone)
    ]


def type_diagnostics(complete: Sequence[Complete], types: Mapping[str, FactType]) -> list[Diagnostic]:
    """Refuse completeness of types that do not exist, and of a time that ends before it begins."""
    unknown = [_unknown_type(statement.type, types) for statement in complete if statement.type not in types]
    backwards = [
        Diagnostic(
            code="facts-bad-window",
            message=f"`complete` of {statement.type} ends on {statement.end}, before it begins on {statement.start}",
        )
        for statement in complete
        if statement.start > statement.end
    ]
    return [*unknown, *backwards]
