"""`survivors` documents: changes of the law that no case notices, each with the reason why that is accepted."""

from compliance_engine.model.case import Survivor, Survivors
from compliance_engine.reading.law.nodes import MapNode, Node
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.schema import Entries, open_entries

SURVIVORS_KEYS = ("survivors", "accepted")
ACCEPTED_KEYS = ("in", "clause", "change", "after", "because")


def read_survivors(node: MapNode, problems: Problems) -> Survivors:
    """Read a `survivors` document."""
    entries = Entries(node, "the list of survivors", SURVIVORS_KEYS, problems)
    name = entries.identifier("survivors")
    rows = entries.items("accepted", required=True)
    return Survivors(id=name, accepted=tuple(_read_row(row, problems) for row in rows))


def _read_row(node: Node, problems: Problems) -> Survivor:
    """Read one row; all of it is needed to say which change is meant, and why nobody need notice it."""
    entries = open_entries(node, "an accepted survivor", ACCEPTED_KEYS, problems)
    return Survivor(
        document=entries.identifier("in"),
        clause=entries.required_text("clause"),
        change=entries.required_text("change"),
        after=entries.required_text("after"),
        because=entries.required_text("because"),
        span=entries.span,
    )
