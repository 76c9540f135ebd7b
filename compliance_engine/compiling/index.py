"""Every id of the law, and what a shortened id means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compliance_engine.compiling.fact_types import BUILT_IN, TypeEntry
from compliance_engine.compiling.reports import Report
from compliance_engine.compiling.typed import Typed
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.kernel.units import Unit
from compliance_engine.model.law import Definition, Law, Name, Parameter, Provision, TableDecl
from compliance_engine.model.program import ParameterSpec, TableSpec
from compliance_engine.model.relations import Determination, Policy

if TYPE_CHECKING:
    from compliance_engine.compiling.relations import Displacement


BESIDE = "give the law that this rests on as well (rules check us/cwa permits/harbour)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterEntry:
    """A parameter, compiled, and what its values are."""

    spec: ParameterSpec
    type: Typed


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEntry:
    """A table, compiled, and the printed unit of each quantity key or column."""

    spec: TableSpec
    shown: Mapping[str, Unit]
    place: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The documents by id.

    `provisions` gives the versions of each, by their first day, `displaced` what displaces it, `spells` the definition of a type.
    """

    types: Mapping[str, TypeEntry]
    definitions: Mapping[str, Definition]
    parameters: Mapping[str, ParameterEntry]
    tables: Mapping[str, TableEntry]
    provisions: Mapping[str, tuple[Provision, ...]]
    suffixes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spells: Mapping[str, str] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    determinations: Mapping[str, Determination] = field(default_factory=dict)
    displaced: "Mapping[str, tuple[Displacement, ...]]" = field(default_factory=dict)

    def matches(self, name: str, among: Iterable[str] | None = None) -> tuple[str, ...]:
        """Give the ids that `name` may mean: the id itself, else all that end in it; only those `among` if given."""
        found = self.suffixes.get(name, ())
        if among is not None:
            kept = among if isinstance(among, Mapping) else set(among)
            found = tuple(identity for identity in found if identity in kept)
        return (name,) if name in found else found

    def near_type(self, name: str, also: Iterable[str] = ()) -> str | None:
        """Give the hint for a type that is not known: the nearest, or that no vocabulary was read."""
        if not set(self.types) - set(self.spells) - {fact.name for fact in BUILT_IN}:
            return f"no vocabulary was read: {BESIDE}"
        return did_you_mean(name, {*self.types, *also})


def suffixes_of(identities: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Map each dotted ending to the ids that have it, sorted."""
    endings: dict[str, list[str]] = {}
    for identity in sorted(set(identities)):
        parts = identity.split(".")
        for start in range(len(parts)):
            endings.setdefault(".".join(parts[start:]), []).append(identity)
    return {ending: tuple(found) for ending, found in endings.items()}


def named_documents(law: Law) -> tuple[tuple[str, Name], ...]:
    """List kind and name of each document that has an id of its own, in the order of the law."""
    return (
        *(("definition", definition.id) for definition in law.definitions),
        *(("parameter", parameter.id) for parameter in law.parameters),
        *(("table", table.id) for table in law.tables),
        *(("provision", provision.id) for provision in law.provisions),
        *(("policy", policy.id) for policy in law.policies),
        *(("determination", determination.id) for determination in law.determinations),
    )


def check_duplicates(law: Law, report: Report) -> None:
    """Refuse two documents of one id; versions of one provision are told apart by their windows, elsewhere."""
    first: dict[str, tuple[str, Name]] = {}
    for kind, name in named_documents(law):
        other_kind, other = first.setdefault(name.text, (kind, name))
        if other is name or kind == other_kind == "provision":
            continue
        report.error(
            "duplicate-id",
            f"the {kind} {name.text} has the id of another document",
            name.span,
            "each id names one document; only a provision may have several versions, with different in_force windows",
            related=((other.span, f"the {other_kind} {other.text}"),),
        )


def by_id_definitions(law: Law) -> dict[str, Definition]:
    """Give the definitions by id; the first of several."""
    return {definition.id.text: definition for definition in reversed(law.definitions)}


def by_id_parameters(law: Law) -> dict[str, Parameter]:
    """Give the parameters by id; the first of several."""
    return {parameter.id.text: parameter for parameter in reversed(law.parameters)}


def by_id_tables(law: Law) -> dict[str, TableDecl]:
    """Give the tables by id; the first of several."""
    return {table.id.text: table for table in reversed(law.tables)}


def by_id_provisions(law: Law) -> dict[str, tuple[Provision, ...]]:
    """Give the versions of each provision by their first day."""
    grouped: dict[str, list[Provision]] = {}
    for provision in law.provisions:
        grouped.setdefault(provision.id.text, []).append(provision)
    return {
        identity: tuple(sorted(versions, key=lambda version: (version.in_force_from, version.span)))
        for identity, versions in grouped.items()
    }


def find_id(name: str, among: Mapping[str, object], index: Index) -> str | tuple[str, str | None]:
    """Give the one id that `name` means, else why there is none: message and hint."""
    found = index.matches(name, among)
    if len(found) == 1:
        return found[0]
    if found:
        return f"{name} may mean {' or '.join(found)}", "write more of the id"
    endings = {ending for ending, ids in index.suffixes.items() if any(identity in among for identity in ids)}
    first, _, rest = name.partition(".")
    if rest and not any(ending.startswith(f"{first}.") for ending in index.suffixes):
        return f"nothing is called {name}", f"nothing of {first} was read: {BESIDE}"
    return f"nothing is called {name}", did_you_mean(name, endings)
