"""Reading mappings by their keys: what is missing, unknown or of the wrong kind is reported, and the rest is read.

A reader that reports gives a stand-in (an empty text, the first day there is), so that one pass finds every mistake; a
document with an error never becomes law.
"""

from collections.abc import Collection
from datetime import date
from fractions import Fraction

from compliance_engine.kernel.span import Span
from compliance_engine.kernel.suggestions import suggest
from compliance_engine.model.law import Name
from compliance_engine.model.syntax import Expr
from compliance_engine.reading.law.examples import KEY_OF, example_of
from compliance_engine.reading.law.expressions import stand_in
from compliance_engine.reading.law.keys import report_key
from compliance_engine.reading.law.nodes import ListNode, MapNode, Node, ScalarNode, describe_node, shorten
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.values import (
    NO_DATE,
    NUMBER,
    as_choice,
    as_date,
    as_expression,
    as_identifier,
    as_mapping,
    as_part,
    as_scalar,
    as_word,
)


class Entries:
    """The entries of one mapping, named `what` in messages. Unknown keys are reported at once."""

    def __init__(self, node: MapNode, what: str, keys: Collection[str], problems: Problems) -> None:
        """Index the keys and report those that are not among `keys`."""
        self.node = node
        self.what = what
        self.problems = problems
        self._entries = {entry[0].text: entry for entry in node.entries}
        self._meant: set[str] = set()
        for key, value in node.entries:
            if key.text not in keys:
                self._read_as_meant(key, value, report_key(key, value, what, keys, problems))

    def _read_as_meant(self, key: ScalarNode, value: Node, meant: str | None) -> None:
        """Read what stands under a misspelt key as that of the key that is meant, so that it is not told to be missing."""
        if meant is None:
            return
        self._meant.add(meant)
        if meant not in self._entries and suggest(key.text, (meant,)):
            self._entries[meant] = (key, value)

    @property
    def span(self) -> Span:
        """Give the place of the mapping: its first key."""
        return self.node.span

    def place(self, key: str) -> Span:
        """Give the place of a key, or of the mapping if it is not there."""
        entry = self._entries.get(key)
        return self.span if entry is None else entry[0].span

    def has(self, key: str) -> bool:
        """Say whether the key is written."""
        return key in self._entries

    def is_meant(self, key: str) -> bool:
        """Say whether a key that is not known was told to mean this one."""
        return key in self._meant

    def get(self, key: str, *, required: bool = False) -> Node | None:
        """Give the value of a key; None if it is missing (reported where required) or empty (reported)."""
        entry = self._entries.get(key)
        if entry is None:
            if required:
                self.report_missing(key)
            return None
        node = entry[1]
        if isinstance(node, ScalarNode) and node.is_empty:
            self.problems.report(
                "empty-value",
                f"`{key}` of {self.what} has no value",
                entry[0].span,
                hint=example_of(key, self.what) or "give it one, or remove it",
            )
            return None
        return node

    def report_missing(self, key: str) -> None:
        """Report that a key is missing, unless another one was told to mean it."""
        if self.is_meant(key):
            return
        self.problems.report("missing-key", f"{self.what} has no `{key}`", self.span, hint=example_of(key, self.what))

    def scalar(self, key: str, *, required: bool = False) -> ScalarNode | None:
        """Give a value that is to be a text."""
        node = self.get(key, required=required)
        return None if node is None else as_scalar(node, self.label(key), self.problems)

    def text(self, key: str) -> str | None:
        """Give a text without surrounding blanks, or None."""
        node = self.scalar(key)
        return None if node is None else node.text.strip()

    def required_text(self, key: str) -> str:
        """Give a text that must be there."""
        node = self.scalar(key, required=True)
        return "" if node is None else node.text.strip()

    def part(self, key: str) -> Name:
        """Give the id of a part of a document: lower-case words with hyphens, which may begin with a digit."""
        node = self.scalar(key, required=True)
        return Name(text="", span=self.place(key)) if node is None else as_part(node, self.label(key), self.problems)

    def identifier(self, key: str) -> Name:
        """Give an id: dotted lower-case words with hyphens."""
        node = self.scalar(key, required=True)
        return (
            Name(text="", span=self.place(key)) if node is None else as_identifier(node, self.label(key), self.problems)
        )

    def word(self, key: str, *, required: bool = False) -> Name | None:
        """Give a name without dots (of a type or a field)."""
        node = self.scalar(key, required=required)
        return None if node is None else as_word(node, self.label(key), self.problems)

    def day(self, key: str) -> date | None:
        """Give a day, or None."""
        node = self.scalar(key)
        return None if node is None else as_date(node, self.label(key), self.problems)

    def required_day(self, key: str) -> date:
        """Give a day that must be there."""
        node = self.scalar(key, required=True)
        return NO_DATE if node is None else as_date(node, self.label(key), self.problems)

    def choice(self, key: str, words: tuple[str, ...], *, default: str | None = None) -> str:
        """Give one of the words; without a default the key must be there."""
        node = self.scalar(key, required=default is None)
        if node is None:
            return default or words[0]
        return as_choice(node, words, self.label(key), self.problems)

    def flag(self, key: str) -> bool:
        """Give true or false; false if not there."""
        return self.choice(key, ("true", "false"), default="false") == "true"

    def number(self, key: str) -> Fraction | None:
        """Give an exact number, with or without `%`, or None."""
        node = self.scalar(key)
        if node is None:
            return None
        text = node.text.strip().removesuffix("%").rstrip()
        if NUMBER.fullmatch(text):
            return Fraction(text)
        self.problems.report(
            "bad-number",
            f"{self.label(key)}: found {describe_node(node)}, expected a number",
            node.span,
            hint="for example: 20.7",
        )
        return None

    def expression(self, key: str, *, required: bool = False) -> Expr | None:
        """Give an expression, or None."""
        node = self.get(key, required=required)
        return None if node is None else as_expression(node, self.label(key), self.problems)

    def required_expression(self, key: str) -> Expr:
        """Give an expression that must be there."""
        parsed = self.expression(key, required=True)
        return stand_in(self.place(key)) if parsed is None else parsed

    def conditions(self, key: str) -> tuple[Expr, ...]:
        """Give one expression or a list of them."""
        return tuple(as_expression(node, self.label(key), self.problems) for node in self.items(key))

    def items(self, key: str, *, required: bool = False, filled: bool = False) -> tuple[Node, ...]:
        """Give the items of a list, which has some where it is to be `filled`; a value that is no list is its only item."""
        node = self.get(key, required=required)
        if node is None:
            return ()
        if filled and isinstance(node, ListNode | MapNode) and not has_parts(node):
            report_empty(node, self.label(key), self.problems, example_of(key, self.what))
        return node.items if isinstance(node, ListNode) else (node,)

    def words(self, key: str) -> tuple[Name, ...]:
        """Give one name or a list of them."""
        found = []
        for node in self.items(key):
            scalar = as_scalar(node, self.label(key), self.problems)
            if scalar is not None:
                found.append(as_word(scalar, self.label(key), self.problems))
        return tuple(found)

    def texts(self, key: str) -> tuple[str, ...]:
        """Give one text or a list of them."""
        found = (as_scalar(node, self.label(key), self.problems) for node in self.items(key))
        return tuple(scalar.text.strip() for scalar in found if scalar is not None)

    def mapping(self, key: str, *, required: bool = False) -> MapNode | None:
        """Give a value that is to be a mapping."""
        node = self.get(key, required=required)
        return None if node is None else as_mapping(node, self.label(key), self.problems, example_of(key, self.what))

    def open(self, key: str, keys: Collection[str]) -> "Entries | None":
        """Give the entries of a mapping inside this one; None if there is none."""
        node = self.mapping(key)
        return None if node is None else Entries(node, self.label(key), keys, self.problems)

    def required_open(self, key: str, keys: Collection[str]) -> "Entries":
        """Give the entries of a mapping that must be there; after a report, empty ones that report nothing."""
        node = self.mapping(key, required=True)
        if node is None:
            return Entries(MapNode(entries=(), span=self.place(key)), self.label(key), (), Problems())
        return Entries(node, self.label(key), keys, self.problems)

    def label(self, key: str) -> str:
        """Name a key in a message."""
        return f"`{key}` of {self.what}"


def open_entries(node: Node, what: str, keys: Collection[str], problems: Problems) -> Entries:
    """Give the entries of a node that is to be a mapping; after a report, empty ones that report nothing more."""
    key = KEY_OF.match(what)
    mapping = as_mapping(node, what, problems, None if key is None else example_of(key["key"], ""))
    if mapping is None:
        return Entries(MapNode(entries=(), span=node.span), what, (), Problems())
    return Entries(mapping, what, keys, problems)


def has_parts(node: ListNode | MapNode) -> bool:
    """Say whether a list has items, or a mapping entries."""
    return bool(node.items if isinstance(node, ListNode) else node.entries)


def report_empty(node: Node, label: str, problems: Problems, hint: str | None) -> None:
    """Report a list or mapping that says nothing where it has to say something."""
    problems.report("empty-list", f"{label} is empty", node.span, hint=hint)


def document_title(node: MapNode, kind: str) -> str:
    """Name a document in messages: its kind and its id as written."""
    first = node.entries[0][1]
    return f"{kind} {shorten(first.text)}" if isinstance(first, ScalarNode) and first.text else f"the {kind}"
