"""`cases` documents: facts in, findings out."""

from compliance_engine.model.case import CASE_KINDS, Case, CaseRecord, Cases, Cell, CompleteDecl, Expectation
from compliance_engine.model.law import Name
from compliance_engine.reading.law.nodes import CASE_LIST, MapNode, Node, ScalarNode, describe_node, repeated, shorten
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.schema import Entries, document_title, open_entries
from compliance_engine.reading.law.values import as_mapping, as_word

STATUSES = ("compliant", "violation", "undetermined", "exempt", "not_applicable", "pending")
CASES_KEYS = ("cases", CASE_LIST, "facts", "complete")
CASE_KEYS = ("case", "kind", "as_of", "since", "facts", "complete", "expect", "only")
EXPECT_KEYS = (
    *("subject", "status", "provision", "duty", "period", "occurrence", "due", "exceedance", "days_late", "reason"),
)
COMPLETE_KEYS = ("type", "from", "to", "site")
_Facts = tuple[tuple[Name, tuple[CaseRecord, ...]], ...]


def read_cases(node: MapNode, problems: Problems) -> Cases:
    """Read a `cases` document; what its cases share is merged into each."""
    entries = Entries(node, document_title(node, "cases"), CASES_KEYS, problems)
    provision = entries.identifier("cases")
    shared = _read_facts(entries)
    complete = _read_complete(entries)
    if not entries.has(CASE_LIST):
        entries.report_missing("cases")
    cases = tuple(_read_case(item, provision.text, entries, shared, complete) for item in entries.items(CASE_LIST))
    twice = repeated(tuple(case.name for case in cases))
    if twice is not None:
        places = [case.span for case in cases if case.name == twice]
        problems.report(
            "duplicate-key",
            f"{entries.what} has two cases `{shorten(twice)}`",
            places[1],
            hint="give one of them another name",
            related=((places[0], "the other one"),),
        )
    return Cases(provision=provision, cases=cases)


def _read_case(
    node: Node, provision: str, document: Entries, shared: _Facts, complete: tuple[CompleteDecl, ...]
) -> Case:
    """Read one case."""
    entries = open_entries(node, f"{_case_name(node)} of {document.what}", CASE_KEYS, document.problems)
    entries.get("expect", required=True)
    return Case(
        name=entries.required_text("case"),
        kind=entries.choice("kind", CASE_KINDS),
        as_of=entries.required_day("as_of"),
        since=entries.day("since"),
        facts=_merge(shared, _read_facts(entries)),
        complete=complete + _read_complete(entries),
        expect=tuple(_read_expectation(item, provision, entries) for item in entries.items("expect")),
        only=entries.flag("only"),
        span=entries.span,
    )


def _case_name(node: Node) -> str:
    """Name a case in messages."""
    name = next((v for k, v in node.entries if k.text == "case"), None) if isinstance(node, MapNode) else None
    return f"case `{shorten(name.text)}`" if isinstance(name, ScalarNode) and name.text else "a case"


def _read_facts(entries: Entries) -> _Facts:
    """Read `facts: {type: [records]}`."""
    node = entries.mapping("facts")
    if node is None:
        return ()
    label, problems = entries.label("facts"), entries.problems
    facts = Entries(node, label, tuple(key.text for key, _ in node.entries), problems)
    found = []
    for key, _ in node.entries:
        what = f"a {shorten(key.text)} of {label}"
        records = tuple([_read_record(item, what, problems) for item in facts.items(key.text)])
        found.append((as_word(key, label, problems), records))
    return tuple(found)


def _read_record(node: Node, what: str, problems: Problems) -> CaseRecord:
    """Read one fact: field names to texts; an empty cell or a bare `~` is an empty cell."""
    mapping = as_mapping(node, what, problems)
    cells = []
    for key, value in () if mapping is None else mapping.entries:
        text = _text_of(value, what, problems)
        cells.append((Name(text=key.text, span=key.span), Cell(text=text, span=value.span)))
    return CaseRecord(cells=tuple(cells), span=node.span)


def _text_of(value: Node, what: str, problems: Problems) -> str | None:
    if isinstance(value, ScalarNode):
        return None if value.is_empty else value.text.strip()
    problems.report(
        "wrong-kind",
        f"{what}: found {describe_node(value)}, expected a text",
        value.span,
        hint="a field of a record has one value",
    )
    return None


def _merge(shared: _Facts, own: _Facts) -> _Facts:
    """Add a case's facts to those of the document; the same type and id replaces."""
    merged = {name.text: (name, records) for name, records in shared}
    for name, records in own:
        first, others = merged.get(name.text, (name, ()))
        replaced = {_identity(record) for record in records} - {None} if others else frozenset[str | None]()
        kept = [record for record in others if _identity(record) not in replaced]
        merged[name.text] = (first, (*kept, *records))
    return tuple(merged.values())


def _identity(record: CaseRecord) -> str | None:
    """Give the record's id, or None where its author gave none."""
    return next((cell.text for name, cell in record.cells if name.text == "id"), None)


def _read_complete(entries: Entries) -> tuple[CompleteDecl, ...]:
    """Read `complete: [{type, from, to}]`."""
    label = entries.label("complete")
    return tuple(_read_statement(node, f"a row of {label}", entries.problems) for node in entries.items("complete"))


def _read_statement(node: Node, what: str, problems: Problems) -> CompleteDecl:
    row = open_entries(node, what, COMPLETE_KEYS, problems)
    statement = CompleteDecl(
        type=row.word("type", required=True) or Name(text="", span=row.span),
        start=row.required_day("from"),
        end=row.required_day("to"),
        site=row.text("site"),
    )
    if row.has("from") and row.has("to") and statement.end < statement.start:
        problems.report("bad-window", f"{what} ends before it begins", row.place("to"), hint="`to` is the last day")
    return statement


def _read_expectation(node: Node, provision: str, case: Entries) -> Expectation:
    """Read one row of `expect`."""
    row = open_entries(node, f"a row of {case.label('expect')}", EXPECT_KEYS, case.problems)
    days = row.number("days_late")
    absent = row.has("exceedance") and row.text("exceedance") == "none"
    if days is not None and days.denominator != 1:
        row.problems.report(
            "bad-number",
            f"{row.label('days_late')}: expected whole days",
            row.place("days_late"),
            hint="for example: days_late: 3",
        )
    return Expectation(
        provision=row.identifier("provision").text if row.has("provision") else provision,
        duty=row.text("duty"),
        subject=row.required_text("subject"),
        period=row.text("period"),
        occurrence=row.text("occurrence"),
        status=row.choice("status", STATUSES),
        due=row.text("due"),
        exceedance=None if absent else row.number("exceedance"),
        no_exceedance=absent,
        days_late=None if days is None else int(days),
        reason=row.text("reason"),
        span=row.span,
    )
