"""`provision` documents."""

from datetime import date

from compliance_engine.model.law import Provision
from compliance_engine.reading.law.definitions import read_about, read_lets
from compliance_engine.reading.law.demands import DEMANDS
from compliance_engine.reading.law.duties import (
    SEVERITIES,
    read_duties,
    read_exceptions,
    read_prompts,
    read_roll,
)
from compliance_engine.reading.law.nodes import MapNode
from compliance_engine.reading.law.periods import read_each
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.relations import read_relations, read_tightened, read_waivable
from compliance_engine.reading.law.schema import Entries, document_title

PROVISION_KEYS = (
    *("provision", "title", "text", "citation", "source", "in_force", "reviewed", "status", "repealed", "governed_by"),
    *(
        "applies",
        "after",
        "by",
        "roll",
        "calendar",
        "recur",
        "let",
        *DEMANDS,
        "duties",
        "unless",
        "excused_by",
        "exceedance",
        "days_late",
    ),
    *("evidence", "responsible", "severity", "tightens", "displaced_by", "displaces", "waivable", "prompts"),
)
APPLIES_KEYS = ("to", "each", "while", "when")
IN_FORCE_KEYS = ("from", "to")
LAW_STATUSES = ("confirmed", "unconfirmed")


def read_provision(node: MapNode, problems: Problems) -> Provision:
    """Read a `provision` document: one version of a requirement."""
    entries = Entries(node, document_title(node, "provision"), PROVISION_KEYS, problems)
    provision_id = entries.identifier("provision")
    title, citation = entries.required_text("title"), entries.required_text("citation")
    first, last = _read_in_force(entries)
    applies = entries.required_open("applies", APPLIES_KEYS)
    return Provision(
        id=provision_id,
        title=title,
        text=entries.text("text"),
        citation=citation,
        source=entries.text("source"),
        in_force_from=first,
        in_force_to=last,
        reviewed=entries.required_day("reviewed"),
        status=entries.choice("status", LAW_STATUSES, default="unconfirmed"),
        repealed=entries.flag("repealed"),
        governed_by=entries.expression("governed_by"),
        subject=read_about(applies, "to"),
        each=read_each(applies),
        bound_while=applies.words("while"),
        when=applies.conditions("when"),
        after=entries.expression("after"),
        by=entries.expression("by"),
        roll=read_roll(entries),
        calendar=entries.identifier("calendar") if entries.has("calendar") else None,
        lets=read_lets(entries),
        unless=read_exceptions(entries, "unless"),
        excused_by=read_exceptions(entries, "excused_by"),
        exceedance=entries.expression("exceedance"),
        days_late=entries.expression("days_late"),
        duties=read_duties(entries),
        evidence=entries.words("evidence"),
        responsible=entries.text("responsible"),
        severity=entries.choice("severity", SEVERITIES, default="moderate"),
        span=entries.span,
        tightens=read_tightened(entries),
        displaced_by=read_relations(entries, "displaced_by"),
        displaces=read_relations(entries, "displaces"),
        waivable=read_waivable(entries),
        prompts=read_prompts(entries),
    )


def _read_in_force(entries: Entries) -> tuple[date, date | None]:
    """Read the first day and the last, which does not come before it (None: still in force)."""
    in_force = entries.required_open("in_force", IN_FORCE_KEYS)
    first, last = in_force.required_day("from"), in_force.day("to")
    if last is not None and last < first:
        in_force.problems.report(
            "bad-window", f"{in_force.what} ends before it begins", in_force.place("to"), hint="`to` is the last day"
        )
    return first, last
