"""Answers that people give: determinations and policies."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tests.oracle import facts
from tests.oracle import syntax as s
from tests.oracle.findings import root
from tests.oracle.values import FALSE, TRUE, UNKNOWN, OracleError, Value

if TYPE_CHECKING:
    from tests.oracle.context import Context
    from tests.oracle.facts import Record
    from tests.oracle.law import Document


def named(name: str, context: Context) -> Value | None:
    """Read the name of a policy or of a determination; None if it is neither."""
    law = context.world.law
    policy = law.resolve("policies", name)
    if policy is not None:
        return choice(law.policies[policy], policy, context)
    question = law.resolve("determinations", name)
    return None if question is None else _answer(question, law.determinations[question], context)


def choice(document: Document, name: str, context: Context) -> Value:
    """Give the choices stated for the site, else those stated for all sites, else every choice."""
    site = facts.site_of(root(context.subject), context.world)
    own: set[str | None] = set()
    common: set[str | None] = set()
    for record in context.world.records.get("policy", {}).values():
        policy, made, where = (facts.told(record, cell) for cell in ("policy", "choice", "site"))
        if policy == name and made in document["choices"] and where in (None, site):
            (own if where else common).add(made)
    return Value(kind="symbol", symbols=frozenset(str(c) for c in own or common or set(document["choices"])))


def determined(question: s.Expr, context: Context) -> Value:
    """Give a recorded answer about the subject."""
    if not isinstance(question, s.Text):
        raise OracleError("determined takes a text")
    for name, document in context.world.law.determinations.items():
        if question.value in (name, document["question"]):
            return _answer(name, document, context)
    return _answer("", {"question": question.value}, context)


def _answer(name: str, document: Document, context: Context) -> Value:
    """Give the answer if one surely counts and no other that may count differs; else unknown."""
    about = root(context.subject).id
    answers: set[str] = set()
    sure = False
    for record in context.world.records.get("determination", {}).values():
        if record.cells.get("subject") != about or record.cells.get("question") not in (name, document["question"]):
            continue
        counts = _counts(record, document, context.world.as_of)
        if counts is not False:
            answers.add(str(record.cells.get("answer")).lower())
            sure = sure or counts is True
    if not sure or len(answers) != 1:
        return UNKNOWN
    (answer,) = answers
    return {"true": TRUE, "yes": TRUE, "false": FALSE, "no": FALSE}.get(answer, UNKNOWN)


def _counts(record: Record, document: Document, as_of: int) -> bool | None:
    """Say whether an answer counts; None if that is not known."""
    day, basis, role = (facts.told(record, name) for name in ("date", "basis", "role"))
    if day and date.fromisoformat(day).toordinal() > as_of:
        return False
    if document.get("void") and (not basis or basis in document["void"]):
        return False
    if document.get("answered_by"):
        return None if not role else role in document["answered_by"]
    return True
