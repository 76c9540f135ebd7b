"""Rulesets as plain dictionaries: YAML read as strings, types and ids resolved. Law is taken to be well-formed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.oracle.csv_rows import read_rows
from tests.oracle.values import OracleError

if TYPE_CHECKING:
    from collections.abc import Iterable

Document = dict[str, Any]
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
CALENDAR_SLOTS = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a fact type. `base`: text, bool, integer, decimal, date, instant, enum, quantity, reference."""

    name: str
    base: str
    unit: str = ""
    target: str = ""
    symbols: tuple[str, ...] = ()
    ordered: bool = False
    qualified: bool = False
    empty: str = "unknown"
    non_negative: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FactType:
    """A type of the vocabulary; `time`, `start`, `end` and `goes_on` name fields."""

    name: str
    kind: str
    time: str = ""
    start: str = ""
    end: str = ""
    goes_on: str = ""
    links: dict[str, list[str]]
    fields: dict[str, Field]


BUILT_IN = """
determination:
  kind: reference
  fields:
    question: text
    subject: text
    answer: bool
    basis: {type: text, empty: none}
    author: {type: text, empty: none}
    role: text
    date: {type: date, empty: none}
policy:
  kind: reference
  fields: {policy: text, choice: text, site: {type: text, empty: none}}
waiver:
  kind: state
  span: {from: from, to: to}
  fields: {subject: text, provision: text, from: date, to: {type: date, empty: never}, authority: text}
"""


def built_in() -> dict[str, FactType]:
    """Give the types that the language itself reads."""
    return {name: _fact_type(name, text) for name, text in yaml.load(BUILT_IN, Loader=LOADER).items()}  # noqa: S506


@dataclass(slots=True)
class OracleLaw:
    """Documents by id; provisions have a list of versions, by date."""

    types: dict[str, FactType] = field(default_factory=built_in)
    definitions: dict[str, Document] = field(default_factory=dict)
    parameters: dict[str, Document] = field(default_factory=dict)
    tables: dict[str, Document] = field(default_factory=dict)
    provisions: dict[str, list[Document]] = field(default_factory=dict)
    policies: dict[str, Document] = field(default_factory=dict)
    determinations: dict[str, Document] = field(default_factory=dict)
    cases: list[Document] = field(default_factory=list)
    spells: dict[str, str] = field(default_factory=dict)
    found: dict[tuple[str, str], str | None] = field(default_factory=dict)
    displaced: dict[str, list[tuple[str, str | None]]] = field(default_factory=dict)

    def displacing(self, target: str) -> list[tuple[str, str | None]]:
        """List what displaces a provision: the other's id, and the condition (None: wherever it applies)."""
        if target not in self.displaced:
            self.displaced[target] = self._displacing(target)
        return self.displaced[target]

    def _displacing(self, target: str) -> list[tuple[str, str | None]]:
        found: list[tuple[str, str | None]] = []
        for name, versions in self.provisions.items():
            for version in versions:
                own = _rows(version.get("displaced_by")) if name == target else []
                found += [(self._provision(row["provision"]), row.get("when")) for row in own]
                others = [row for row in _rows(version.get("displaces")) if self._provision(row["provision"]) == target]
                found += [(name, row.get("when")) for row in others]
        return found

    def _provision(self, name: str) -> str:
        identity = self.resolve("provisions", name)
        if identity is None:
            raise OracleError(f"no such provision: {name}")
        return identity

    def resolve(self, kind: str, name: str) -> str | None:
        """Give the id that a unique suffix stands for; None if there is none."""
        key = (kind, name)
        if key not in self.found:
            ids: dict[str, Any] = getattr(self, kind)
            matches = [name] if name in ids else [i for i in ids if i.endswith(f".{name}")]
            if len(matches) > 1:
                raise OracleError(f"{name} may be any of {matches}")
            self.found[key] = matches[0] if matches else None
        return self.found[key]


def _rows(value: Any) -> list[Document]:  # noqa: ANN401 - YAML
    """Read ids, or rows that say when."""
    listed = [] if value is None else value if isinstance(value, list) else [value]
    return [row if isinstance(row, dict) else {"provision": row} for row in listed]


def load(paths: Iterable[str | Path]) -> OracleLaw:
    """Read every YAML file under the paths."""
    law = OracleLaw()
    for path in paths:
        given = Path(path)
        files = sorted(given.rglob("*.y*ml")) if given.is_dir() else [given]
        for file in files:
            read_text(law, file.read_text(encoding="utf-8"), file.parent)
    return law


def read_text(law: OracleLaw, text: str, folder: Path | None = None) -> OracleLaw:
    """Add the documents of a text to a law; `folder` holds the CSV files of its tables."""
    for node in yaml.compose_all(text, Loader=LOADER):
        if not isinstance(node, yaml.MappingNode):
            continue
        kind = str(node.value[0][0].value)
        if kind == "survivors":  # says nothing of any site
            continue
        if kind == "cases":  # whose document has a second key of that name
            node.value[0][0].value = "cases_of"
        document: Document = LOADER("").construct_document(node)
        _add(law, kind, document, folder)
    return law


def _add(law: OracleLaw, kind: str, document: Document, folder: Path | None) -> None:  # noqa: C901 - a line for each kind
    name = next(iter(document.values()))
    if kind == "vocabulary":
        for one in (_fact_type(n, d) for n, d in document["types"].items()):
            declared = law.types.setdefault(one.name, one)  # by another vocabulary too: it has the fields of both
            declared.fields.update(one.fields)
            declared.links.update(one.links)
    elif kind == "definition":
        law.definitions[name] = document
        if "spells" in document:
            document.update(value=document["spells"], each="calendar day")
            law.types[name.rpartition(".")[2]] = _spell_type(name.rpartition(".")[2], document["for"].split()[0])
            law.spells[name.rpartition(".")[2]] = name
    elif kind == "parameter":
        law.parameters[name] = document
    elif kind == "table":
        if "file" in document and folder is not None:
            document["rows"] = read_rows(folder / document["file"])
        law.tables[name] = document
    elif kind == "provision":
        versions = law.provisions.setdefault(name, [])
        versions.append(document)
        versions.sort(key=lambda d: str(d["in_force"]["from"]))
    elif kind == "policy":
        law.policies[name] = document
    elif kind == "determination":
        law.determinations[name] = document
    elif kind == "cases":
        law.cases.append(document)
    else:
        raise OracleError(f"no such document: {kind}")


def _spell_type(name: str, subject: str) -> FactType:
    fields = {subject: f"reference {subject}", "goes-on": "bool"}
    fields |= dict.fromkeys(("start", "end", "held-from", "held-to"), "date")
    return FactType(
        name=name,
        kind="state",
        start="held-from",
        end="held-to",
        goes_on="goes-on",
        links={},
        fields={n: read_field(n, text) for n, text in fields.items()},
    )


def _fact_type(name: str, text: Document) -> FactType:
    span = text.get("span") or {}
    fields = {n: read_field(n, d) for n, d in (text.get("fields") or {}).items()}
    return FactType(
        name=name,
        kind=text["kind"],
        time=text.get("time", ""),
        start=span.get("from", ""),
        end=span.get("to", ""),
        goes_on=span.get("goes_on", ""),
        links=text.get("links") or {},
        fields=fields,
    )


def read_field(name: str, declared: str | Document) -> Field:
    """Read `quantity mg/L`, `{type: quantity, unit: mg/L, empty: none}`, `ordered enum [A, B]` ..."""
    long = {"type": declared} if isinstance(declared, str) else declared
    words = long["type"].strip()
    qualified, ordered = words.startswith("qualified "), words.startswith("ordered ")
    words = words.removeprefix("qualified ").removeprefix("ordered ").strip()
    base, _, rest = words.partition(" ")
    symbols: tuple[str, ...] = ()
    if base == "enum":
        inner = rest.strip()[1:-1]
        symbols = tuple(part.strip().strip("'\"") for part in re.split(r",", inner))
    return Field(
        name=name,
        base=base,
        unit=long.get("unit", rest if base == "quantity" else "").strip(),
        target=rest.strip() if base == "reference" else "",
        symbols=symbols,
        ordered=ordered,
        qualified=qualified,
        empty=long.get("empty", "unknown"),
        non_negative=long.get("domain") == "non-negative",
    )
