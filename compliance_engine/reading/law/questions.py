"""`policy` and `determination` documents: what the law leaves to a choice, and what it leaves to a person's judgement."""

from compliance_engine.model.relations import Determination, Policy
from compliance_engine.reading.law.definitions import read_source_of
from compliance_engine.reading.law.nodes import MapNode, repeated
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.schema import Entries, document_title

POLICY_KEYS = ("policy", "title", "citation", "describe", "choices")
DETERMINATION_KEYS = ("determination", "question", "citation", "describe", "answered_by", "void")


def read_policy(node: MapNode, problems: Problems) -> Policy:
    """Read a `policy` document: an id and two choices or more."""
    entries = Entries(node, document_title(node, "policy"), POLICY_KEYS, problems)
    choices = entries.words("choices")
    twice = repeated(tuple(choice.text for choice in choices))
    if not entries.has("choices"):
        entries.report_missing("choices")
    elif twice is not None or len(choices) < 2:
        found = f"{twice} twice" if twice is not None else "one"
        problems.report(
            "bad-choices",
            f"{entries.label('choices')}: found {found}, expected two different choices or more",
            entries.place("choices"),
            hint="for example: choices: [anniversary, calendar-year]",
        )
    return Policy(
        id=entries.identifier("policy"),
        citation=read_source_of(entries),
        describe=entries.text("describe") or entries.text("title"),
        choices=choices,
    )


def read_determination(node: MapNode, problems: Problems) -> Determination:
    """Read a `determination` document: a question, who may answer it, and on what basis nobody may."""
    entries = Entries(node, document_title(node, "determination"), DETERMINATION_KEYS, problems)
    return Determination(
        id=entries.identifier("determination"),
        question=entries.required_text("question"),
        citation=read_source_of(entries),
        answered_by=entries.texts("answered_by"),
        void=entries.texts("void"),
    )
