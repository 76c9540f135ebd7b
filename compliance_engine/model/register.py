"""The law as a reader looks it up: what the pages of `rules docs` show, in words and in order, without any markup."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Another document that is named: `kind` as the document calls itself; `confirmed` speaks of provisions."""

    kind: str
    id: str
    title: str = ""
    confirmed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionText:
    """An exception or defence; `id` is "" where its author gave none."""

    id: str
    when: str
    because: str
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyText:
    """One duty in words. `lead` introduces `demands` (expressions); `due` and `every` are words, "" where there is nothing to say.

    `due_code` is the expression that the words of `due` end with, "" where they end without; `roll`: next or previous, where a
    due date moves to a working day.
    """

    id: str
    title: str
    citation: str
    severity: str
    every: str
    when: tuple[str, ...]
    lead: str
    demands: tuple[str, ...]
    due: str
    due_code: str
    roll: str
    recurs: str
    unless: tuple[ExceptionText, ...]
    excused_by: tuple[ExceptionText, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionText:
    """One version of a provision; `changes` says in words what differs from the version before it.

    `relations`: how it stands to other provisions, who may waive it, what it prompts for, each with its heading.
    """

    number: int
    first: date
    last: date | None
    reviewed: date
    confirmed: bool
    title: str
    text: str
    citation: str
    source: str
    subject: str
    every: str
    bound_while: tuple[str, ...]
    when: tuple[str, ...]
    lets: tuple[tuple[str, str], ...]
    duties: tuple[DutyText, ...]
    unless: tuple[ExceptionText, ...]
    excused_by: tuple[ExceptionText, ...]
    evidence: tuple[str, ...]
    responsible: str
    severity: str
    place: str
    changes: tuple[str, ...]
    relations: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleFacts:
    """The records of one type in an example; a cell is "" where nothing is written."""

    type: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleResult:
    """A verdict that an example expects; `about` names subject, duty and period."""

    about: str
    status: str
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A case that stands beside the law."""

    name: str
    kind: str
    as_of: date
    facts: tuple[ExampleFacts, ...]
    results: tuple[ExampleResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionText:
    """A provision with its versions (the latest first), examples, and who is named by whom; `facts`: fields read, by type."""

    id: str
    instrument: str
    versions: tuple[VersionText, ...]
    examples: tuple[Example, ...]
    reads: tuple[Reference, ...]
    readers: tuple[Reference, ...]
    facts: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueText:
    """A definition, parameter, table, policy or determination. `lines`: name and what it is; `columns` and `rows` of a table."""

    kind: str
    id: str
    citation: str
    subject: str
    every: str
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    reads: tuple[Reference, ...]
    readers: tuple[Reference, ...]
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeText:
    """A fact type; each field with its type, what an empty cell means, and what it is."""

    name: str
    kind: str
    time: str
    describe: str
    fields: tuple[tuple[str, str, str, str], ...]
    readers: tuple[Reference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Everything that the pages show; `digest` tells these rulesets from any other."""

    provisions: tuple[ProvisionText, ...]
    values: tuple[ValueText, ...]
    types: tuple[TypeText, ...]
    digest: str
