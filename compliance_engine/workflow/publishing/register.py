"""Rulesets as one register: provisions, the values and facts that they read, and who names whom."""

from collections.abc import Callable, Iterator, Sequence

from compliance_engine.compiling.fact_types import VARIES
from compliance_engine.compiling.source_text import text_of
from compliance_engine.kernel.errors import RulesetError
from compliance_engine.model.law import Definition, FieldDecl, Formula, Law, Parameter, Provision, TableDecl
from compliance_engine.model.program import FactType, Program
from compliance_engine.model.register import ProvisionText, Reference, Register, TypeText, ValueText
from compliance_engine.model.relations import Determination, Policy
from compliance_engine.workflow.amending.others import write_type
from compliance_engine.workflow.amending.wording import write, write_subject
from compliance_engine.workflow.publishing.provisions import describe_examples, describe_versions
from compliance_engine.workflow.publishing.words import tell_every
from compliance_engine.workflow.references import Reads, list_readers, list_reads
from compliance_engine.workflow.rules import check_rules
from compliance_engine.workflow.selection import find_provision

_NOTHING = Reads(documents=frozenset(), types=frozenset(), fields=frozenset())


def make_register(rules: Sequence[str]) -> Register:
    """Describe all that these rulesets say; raises RulesetError if they cannot be used."""
    checked = check_rules(rules)
    if checked.program is None:
        raise RulesetError(checked.diagnostics)
    links = _Links(checked.law, checked.program)
    return Register(
        provisions=tuple(_describe_provisions(checked.law, checked.program, links)),
        values=tuple(sorted(_describe_values(checked.law, links), key=lambda value: value.id)),
        types=tuple(_describe_all_types(checked.law, checked.program, links)),
        digest=checked.law.digest,
    )


class _Links:
    """Who names whom."""

    def __init__(self, law: Law, program: Program) -> None:
        """Find what every document reads, and its readers."""
        self.reads = list_reads(program)
        self._readers = list_readers(self.reads)
        self._known = {reference.id: reference for reference in _list_documents(law)}

    def out(self, name: str) -> tuple[Reference, ...]:
        """Give the documents that one reads."""
        return self._known_of(sorted(self.reads.get(name, _NOTHING).documents))

    def into(self, name: str) -> tuple[Reference, ...]:
        """Give the documents that read one."""
        return self._known_of(self._readers.get(name, ()))

    def of_type(self, name: str) -> tuple[Reference, ...]:
        """Give the documents that read records of a type."""
        return self._known_of(
            sorted(
                reader
                for reader, found in self.reads.items()
                if name in found.types or any(kind == name for kind, _ in found.fields)
            )
        )

    def fields_of(self, name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Give the fields that a document reads, by type."""
        fields: dict[str, list[str]] = {}
        for kind, field in sorted(self.reads.get(name, _NOTHING).fields):
            fields.setdefault(kind, []).append(field)
        return tuple((kind, tuple(found)) for kind, found in fields.items())

    def _known_of(self, names: Sequence[str]) -> tuple[Reference, ...]:
        return tuple(self._known[name] for name in names if name in self._known)


def _list_documents(law: Law) -> Iterator[Reference]:
    for provision in sorted(law.provisions, key=lambda version: version.in_force_from):
        confirmed = provision.status == "confirmed"
        yield Reference(kind="provision", id=provision.id.text, title=provision.title, confirmed=confirmed)
    for definition in law.definitions:
        yield Reference(kind="definition", id=definition.id.text)
    for parameter in law.parameters:
        yield Reference(kind="parameter", id=parameter.id.text)
    for table in law.tables:
        yield Reference(kind="table", id=table.id.text)
    for policy in law.policies:
        yield Reference(kind="policy", id=policy.id.text, title=policy.describe or "")
    for question in law.determinations:
        yield Reference(kind="determination", id=question.id.text, title=question.question)


def _describe_provisions(law: Law, program: Program, links: _Links) -> Iterator[ProvisionText]:
    versions: dict[str, list[Provision]] = {}
    for provision in law.provisions:
        versions.setdefault(provision.id.text, []).append(provision)
    for name, found in sorted(versions.items()):
        cases = [document for document in law.cases if find_provision(program, document.provision.text) == name]
        yield ProvisionText(
            id=name,
            instrument=".".join(name.split(".")[:-1][:2]) or name,
            versions=describe_versions(found),
            examples=tuple(describe_examples(cases)),
            reads=links.out(name),
            readers=links.into(name),
            facts=links.fields_of(name),
        )


def _describe_values(law: Law, links: _Links) -> Iterator[ValueText]:
    describe: Sequence[
        tuple[Sequence[Definition | Parameter | TableDecl | Policy | Determination], Callable[..., ValueText]]
    ] = (
        (law.definitions, _describe_definition),
        (law.parameters, _describe_parameter),
        (law.tables, _describe_table),
        (law.policies, _describe_policy),
        (law.determinations, _describe_determination),
    )
    for documents, describing in describe:
        for document in documents:
            yield describing(document, links)


def _describe_definition(definition: Definition, links: _Links) -> ValueText:
    lets = tuple((let.name.text, (write(let.value),)) for let in definition.lets)
    fields = tuple((name or "value", _describe_formula(formula)) for name, formula in definition.fields)
    return ValueText(
        kind="definition",
        id=definition.id.text,
        citation=definition.citation or "",
        subject=write_subject(definition.subject),
        every="spells of days on which the value holds" if definition.spells else tell_every(definition.each),
        lines=(*lets, *fields),
        columns=(),
        rows=(),
        reads=links.out(definition.id.text),
        readers=links.into(definition.id.text),
        place=f"{definition.id.span.file}:{definition.id.span.line}",
    )


def _describe_formula(formula: Formula) -> tuple[str, ...]:
    """Give the expression, or a line for each row of the decision table."""
    if formula.expression is not None:
        return (text_of(formula.expression),)
    return tuple(
        f"{text_of(row.then)}, otherwise" if row.when is None else f"{text_of(row.then)}, when {text_of(row.when)}"
        for row in formula.rows
    )


def _describe_parameter(parameter: Parameter, links: _Links) -> ValueText:
    return ValueText(
        kind="parameter",
        id=parameter.id.text,
        citation=parameter.citation or "",
        subject="",
        every="",
        lines=(),
        columns=("from", "value"),
        rows=tuple((str(day), text_of(value)) for day, value in parameter.values),
        reads=(),
        readers=links.into(parameter.id.text),
        place=f"{parameter.id.span.file}:{parameter.id.span.line}",
    )


def _describe_table(table: TableDecl, links: _Links) -> ValueText:
    return ValueText(
        kind="table",
        id=table.id.text,
        citation=table.citation or "",
        subject="",
        every="",
        lines=(),
        columns=tuple(_head(field, table) for field in (*table.keys, *table.columns)),
        rows=table.rows,
        reads=(),
        readers=links.into(table.id.text),
        place=f"{table.id.span.file}:{table.id.span.line}",
    )


def _head(field: FieldDecl, table: TableDecl) -> str:
    """Name a column with what its cells leave out: their unit, and that a key is the first of a band."""
    unit = f" ({field.unit})" if field.base == "quantity" and field.unit not in {None, VARIES} else ""
    return f"{field.name.text}{unit}{' (from)' if field.name.text in table.bands else ''}"


def _describe_policy(policy: Policy, links: _Links) -> ValueText:
    choices = ("One of: " + ", ".join(choice.text for choice in policy.choices),)
    return _describe_question(
        policy, "policy", ((policy.describe or "A choice of whom the law binds", choices),), links
    )


def _describe_determination(question: Determination, links: _Links) -> ValueText:
    """Describe a question, who may answer it, and on what basis nobody may."""
    lines: list[tuple[str, tuple[str, ...]]] = [
        (question.question, ("Answered by: " + (", ".join(question.answered_by) or "anybody"),))
    ]
    if question.void:
        lines.append(("No answer counts on the basis of", question.void))
    return _describe_question(question, "determination", tuple(lines), links)


def _describe_question(
    document: Policy | Determination, kind: str, lines: tuple[tuple[str, tuple[str, ...]], ...], links: _Links
) -> ValueText:
    return ValueText(
        kind=kind,
        id=document.id.text,
        citation=document.citation or "",
        subject="",
        every="",
        lines=lines,
        columns=(),
        rows=(),
        reads=(),
        readers=links.into(document.id.text),
        place=f"{document.id.span.file}:{document.id.span.line}",
    )


def _describe_all_types(law: Law, program: Program, links: _Links) -> Iterator[TypeText]:
    """Describe the types of the vocabularies, and those that need none (waivers, answers, choices), where they are read."""
    declared = {kind.name: kind for kind in _describe_types(law, links)}
    named = {kind for provision in program.provisions for kind, _ in links.fields_of(provision)}
    for name in sorted({*declared, *(named & program.types.keys())}):
        yield declared.get(name) or _describe_undeclared(program.types[name], links)


def _describe_undeclared(kind: FactType, links: _Links) -> TypeText:
    times = " to ".join(part for part in (kind.time, kind.span_from, kind.span_to) if part)
    return TypeText(
        name=kind.name,
        kind=kind.kind,
        time=times,
        describe="Needs no vocabulary: the language itself reads it.",
        fields=tuple((field.name, field.base, field.empty, "") for field in kind.fields),
        readers=links.of_type(kind.name),
    )


def _describe_types(law: Law, links: _Links) -> Iterator[TypeText]:
    """Describe each type once, with the fields of every vocabulary that declares it."""
    declared = sorted((kind for vocabulary in law.vocabularies for kind in vocabulary.types), key=lambda k: k.name.text)
    fields: dict[str, dict[str, FieldDecl]] = {}
    for kind in declared:
        for field in kind.fields:
            fields.setdefault(kind.name.text, {}).setdefault(field.name.text, field)
    first = {kind.name.text: kind for kind in reversed(declared)}
    for name, kind in sorted(first.items()):
        times = " to ".join(part.text for part in (kind.time, kind.span_from, kind.span_to) if part)
        yield TypeText(
            name=name,
            kind=kind.kind,
            time=times,
            describe=kind.describe or "",
            fields=tuple(
                (field.name.text, write_type(field), field.empty, field.describe or "")
                for field in fields.get(name, {}).values()
            ),
            readers=links.of_type(name),
        )
