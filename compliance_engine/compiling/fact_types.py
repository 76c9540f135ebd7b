"""Fact types as the compiler knows them: their fields, printed units and links, and the way to the site."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from compliance_engine.kernel.span import Span
from compliance_engine.kernel.units import Unit
from compliance_engine.model.program import FactType, FieldType

SITE = "site"
FINDING = "finding"
VARIES = "varies"
WAIVER = "waiver"
# What the language itself reads of facts. A vocabulary that declares such a type has to declare it so.
BUILT_IN = (
    FactType(
        name="determination",
        kind="reference",
        fields=(
            FieldType(name="answer", base="bool"),
            FieldType(name="author", base="text", empty="none"),
            FieldType(name="basis", base="text", empty="none"),
            FieldType(name="date", base="date", empty="none"),
            FieldType(name="question", base="text"),
            FieldType(name="role", base="text"),
            FieldType(name="subject", base="text"),
        ),
    ),
    FactType(
        name="policy",
        kind="reference",
        fields=(
            FieldType(name="choice", base="text"),
            FieldType(name="policy", base="text"),
            FieldType(name="site", base="text", empty="none"),
        ),
    ),
    FactType(
        name=WAIVER,
        kind="state",
        span_from="from",
        span_to="to",
        fields=(
            FieldType(name="authority", base="text"),
            FieldType(name="from", base="date"),
            FieldType(name="provision", base="text"),
            FieldType(name="subject", base="text"),
            FieldType(name="to", base="date", empty="never"),
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeEntry:
    """A fact type, where it was declared, the printed unit of each quantity, and its links (type to field names).

    `composite`: it has no records of its own; its fields are the keys of a composite subject.
    """

    fact: FactType
    place: Span
    shown: Mapping[str, Unit]
    links: Mapping[str, tuple[str, ...]]
    composite: bool = False
    fields: Mapping[str, FieldType] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the fields where they are found by name."""
        object.__setattr__(self, "fields", {one.name: one for one in reversed(self.fact.fields)})

    def field(self, name: str) -> FieldType | None:
        """Give the field of that name, None if there is none; every type has the text field `id`."""
        if name == "id":
            return FieldType(name="id", base="text")
        return self.fields.get(name)

    def names(self) -> tuple[str, ...]:
        """List the names of its fields."""
        return ("id", *(field.name for field in self.fact.fields))

    def references(self) -> tuple[FieldType, ...]:
        """List the fields that refer to another record."""
        return tuple(field for field in self.fact.fields if field.base == "reference" and field.target)

    def chosen(self, target: str) -> str:
        """Name the reference to a type by which `links` says that a record belongs to it; "" if there is none."""
        names = self.links.get(target, ())
        field = self.field(names[0]) if len(names) == 1 else None
        return field.name if field and field.base == "reference" and field.target == target else ""


def with_site(entry: TypeEntry, entries: Mapping[str, TypeEntry]) -> TypeEntry:
    """Find the shortest chain of references to the site (of several, the first in the alphabet)."""
    return replace(entry, fact=msgspec.structs.replace(entry.fact, site=site_chain(entry.fact.name, entries)))


def leads_nowhere(name: str, entries: Mapping[str, TypeEntry]) -> bool:
    """Say whether some reference on the ways from a type is to none that is known, which is told where it is declared."""
    reached, frontier = {name}, [name]
    while frontier:
        entry = entries.get(frontier.pop())
        targets = {field.target for field in entry.references()} if entry else set()
        if not targets <= {*entries, FINDING}:
            return True
        frontier += targets - reached
        reached |= targets
    return False


def site_chain(name: str, entries: Mapping[str, TypeEntry]) -> tuple[str, ...] | None:
    """Give the reference fields that lead from a type to the site; None where none do."""
    reached: dict[str, tuple[str, ...]] = {name: ()}
    frontier = [name]
    while frontier and SITE not in reached:
        following: list[str] = []
        for origin in frontier:
            references = entries[origin].references() if origin in entries else ()
            for reference in references:
                if reference.target not in reached:
                    reached[reference.target] = (*reached[origin], reference.name)
                    following.append(reference.target)
        frontier = following
    return reached.get(SITE)
