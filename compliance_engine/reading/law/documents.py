"""YAML documents to the documents of the law: the first key says which kind."""

from collections.abc import Callable, Mapping

from compliance_engine.kernel.suggestions import suggest
from compliance_engine.model.case import Cases, Survivors
from compliance_engine.model.law import Definition, Parameter, Provision, TableDecl, Vocabulary
from compliance_engine.model.relations import Determination, Policy
from compliance_engine.reading.law.cases import read_cases
from compliance_engine.reading.law.definitions import read_definition, read_parameter
from compliance_engine.reading.law.keys import SAID_OTHERWISE
from compliance_engine.reading.law.nodes import KINDS, MapNode, Node, describe_node, shorten
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.provisions import read_provision
from compliance_engine.reading.law.questions import read_determination, read_policy
from compliance_engine.reading.law.survivors import read_survivors
from compliance_engine.reading.law.tables import Beside, read_table
from compliance_engine.reading.law.vocabulary import read_vocabulary

Document = Vocabulary | Definition | Parameter | TableDecl | Provision | Policy | Determination | Cases | Survivors

FIRST_KEY = "provision: us.cwa.npdes.monthly-average"
_READERS: Mapping[str, Callable[[MapNode, Problems], Document]] = {
    "vocabulary": read_vocabulary,
    "definition": read_definition,
    "parameter": read_parameter,
    "provision": read_provision,
    "policy": read_policy,
    "determination": read_determination,
    "cases": read_cases,
    "survivors": read_survivors,
}


def read_document(node: Node, problems: Problems, beside: Beside) -> Document | None:
    """Read one document; after a report, with stand-ins for what is wrong. None where nothing says what it is."""
    if not isinstance(node, MapNode) or not node.entries:
        problems.report(
            "wrong-kind",
            f"found {describe_node(node)}, expected a document",
            node.span,
            hint=f"a document begins with its kind and its id: {FIRST_KEY}",
        )
        return None
    kind = node.entries[0][0].text
    if kind == "table":
        return read_table(node, problems, beside)
    reader = _READERS.get(kind)
    if reader is None:
        meant = _report_kind(node, problems)
        return None if meant is None else read_document(meant, problems, beside)
    return reader(node, problems)


def _report_kind(node: MapNode, problems: Problems) -> MapNode | None:
    """Report a first key that says no kind of document; give the document as it is probably meant, to read the rest."""
    first = node.entries[0][0]
    later = next((key for key, _ in node.entries[1:] if key.text in KINDS), None)
    near = suggest(first.text, KINDS) if len(first.text) <= 100 else None
    if later is not None:
        problems.report("bad-document", f"`{later.text}` stands after other keys", later.span, hint="write it first")
        ordered = sorted(node.entries, key=lambda entry: entry[0] is not later)
        return MapNode(entries=tuple(ordered), span=node.span)
    problems.report(
        "bad-document",
        f"the first key is `{shorten(first.text)}`; expected one of {', '.join(KINDS)}",
        first.span,
        hint=f"did you mean {near}?" if near else SAID_OTHERWISE.get(first.text, FIRST_KEY),
    )
    if near is None:
        return None
    return MapNode(entries=((first.reworded(near), node.entries[0][1]), *node.entries[1:]), span=node.span)
