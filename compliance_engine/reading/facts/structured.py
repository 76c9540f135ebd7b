"""JSON, JSON Lines and YAML: lists of records. Numbers are read from the text, never by way of a float."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

import msgspec
import polars as pl
import yaml

from compliance_engine.reading.facts.cells import LONGEST_CELL, cell_text
from compliance_engine.reading.facts.nodes import Trouble as Found
from compliance_engine.reading.facts.nodes import compose, is_empty
from compliance_engine.reading.facts.rows import REFUSED
from compliance_engine.reading.facts.tables import Loaded, Trouble, nothing_refused, table_of_rows

DECODER = msgspec.json.Decoder(float_hook=str)
_END_OF_KEY = re.compile(rb'"\s*:')


class Twice(str):
    """Stands for a record that says one field twice, by the name of that field: which of the two is meant is not guessed."""

    __slots__ = ()

    @property
    def reason(self) -> str:
        """Say why the record is refused."""
        return f"`{self}` stands twice in one record"


def open_json(data: bytes, at: str | None) -> Loaded | Trouble:
    """Read a list of objects, at the top or at the dotted path `at`; a record's row is its place, from 1."""
    try:
        top = _decoded(data)
    except (msgspec.DecodeError, RecursionError) as trouble:
        return Trouble(code="facts-unreadable", message=f"this is no JSON: {trouble}")
    return _listed(top, at)


def _decoded(data: bytes) -> object:
    """Decode JSON, of a record that says a field twice only its name; the decoder itself would take the last one."""
    top = DECODER.decode(data)
    if len(_END_OF_KEY.findall(data)) == _count_keys(top):
        return top
    return json.loads(data, object_pairs_hook=_record_of, parse_float=str)


def _count_keys(value: object) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_count_keys, value.values()))
    return sum(map(_count_keys, value)) if isinstance(value, list) else 0


def _record_of(pairs: Sequence[tuple[str, object]]) -> Mapping[str, object] | Twice:
    record: dict[str, object] = {}
    for name, value in pairs:
        if name in record:
            return Twice(name)
        record[name] = value
    return record


def open_json_lines(data: bytes) -> Loaded | Trouble:
    """Read one object a line; a line that is none is refused alone."""
    records, numbers, bad = [], [], []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            record = _decoded(line)
        except (msgspec.DecodeError, RecursionError) as trouble:
            record = trouble
        if isinstance(record, dict):
            records.append(record)
            numbers.append(number)
        else:
            reason = record.reason if isinstance(record, Twice) else "expected one JSON object on the line"
            bad.append((number, "", line[:LONGEST_CELL].decode(errors="replace"), reason))
    refused = pl.DataFrame(bad, schema=REFUSED, orient="row") if bad else nothing_refused()
    return Loaded(frame=_framed(records, numbers), refused=refused)


def open_yaml(data: bytes, at: str | None, file: str) -> Loaded | Trouble:
    """Read a list of mappings; every scalar is the text that stands there, plain null and `~` are empty."""
    found = Found(file)
    root = compose(data, found)
    if found.found:
        place = found.found[0].span
        return Trouble(
            code="facts-unreadable", message=found.found[0].message + (f", at line {place.line}" if place else "")
        )
    return _listed([] if root is None else _plain(root), at)


def _plain(node: yaml.Node) -> object:
    """Give a node as texts, lists and mappings; it has no aliases and is not deep."""
    if isinstance(node, yaml.MappingNode):
        return _record_of([(str(key.value), _plain(value)) for key, value in node.value])
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return None if is_empty(node) else node.value


def _listed(top: object, at: str | None) -> Loaded | Trouble:
    for step in (at or "").split(".") if at else ():
        if not isinstance(top, Mapping) or step not in top:
            return Trouble(code="facts-no-records", message=f"there is nothing at {at!r}")
        top = top[step]
    if not isinstance(top, Sequence) or isinstance(top, str):
        return Trouble(
            code="facts-no-records",
            message="expected a list of records",
            hint="`at: results` says where the list stands",
        )
    records = [(n, item) for n, item in enumerate(top, 1) if isinstance(item, Mapping)]
    bad = [
        (n, "", str(item)[:LONGEST_CELL], item.reason if isinstance(item, Twice) else "expected a record")
        for n, item in enumerate(top, 1)
        if not isinstance(item, Mapping)
    ]
    refused = pl.DataFrame(bad, schema=REFUSED, orient="row") if bad else nothing_refused()
    return Loaded(frame=_framed([item for _, item in records], [n for n, _ in records]), refused=refused)


def _framed(records: Sequence[Mapping[str, object]], numbers: Sequence[int]) -> pl.DataFrame:
    names = list(dict.fromkeys(name for record in records for name in record))
    rows = [[cell_text(record.get(name)) for name in names] for record in records]
    return table_of_rows(names, rows, numbers) if names else table_of_rows([], [], [])
