"""How a provision stands to others: what it tightens, what displaces it, who may waive it."""

from compliance_engine.model.law import Name
from compliance_engine.model.relations import Relation
from compliance_engine.reading.law.definitions import all_of
from compliance_engine.reading.law.nodes import MapNode, Node
from compliance_engine.reading.law.schema import Entries
from compliance_engine.reading.law.values import as_identifier, as_scalar

RELATION_KEYS = ("provision", "when", "because", "citation")
WAIVABLE_KEYS = ("by",)


def read_relations(entries: Entries, key: str) -> tuple[Relation, ...]:
    """Read `displaced_by` or `displaces`: ids of other provisions, or rows `{provision, when, because, citation}`."""
    return tuple(found for node in entries.items(key) if (found := _read_relation(node, key, entries)) is not None)


def _read_relation(node: Node, key: str, entries: Entries) -> Relation | None:
    label = entries.label(key)
    if not isinstance(node, MapNode):
        scalar = as_scalar(node, label, entries.problems)
        if scalar is None:
            return None
        other = as_identifier(scalar, label, entries.problems)
        return Relation(provision=other, when=None, because=None, citation=None, span=other.span)
    row = Entries(node, f"a row of {label}", RELATION_KEYS, entries.problems)
    return Relation(
        provision=row.identifier("provision"),
        when=all_of(row.conditions("when")),
        because=row.text("because"),
        citation=row.text("citation"),
        span=row.span,
    )


def read_tightened(entries: Entries) -> tuple[Name, ...]:
    """Read `tightens`: one id of another provision or several."""
    label = entries.label("tightens")
    scalars = (as_scalar(node, label, entries.problems) for node in entries.items("tightens"))
    return tuple(as_identifier(scalar, label, entries.problems) for scalar in scalars if scalar is not None)


def read_waivable(entries: Entries) -> tuple[str, ...]:
    """Read `waivable: {by: [AUTHORITY]}`; nobody where it is not written."""
    waivable = entries.open("waivable", WAIVABLE_KEYS)
    if waivable is None:
        return ()
    if not waivable.has("by"):
        waivable.report_missing("by")
    return waivable.texts("by")
