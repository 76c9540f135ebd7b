"""What the compiler has on its desk while it compiles one document."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from compliance_engine.kernel.diagnostic import Diagnostic, Level
from compliance_engine.kernel.span import Span
from compliance_engine.model.expression import AnyNode, Hop
from compliance_engine.model.program import Grain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compliance_engine.compiling.index import Index
    from compliance_engine.compiling.typed import Typed
    from compliance_engine.model.syntax import Expr

FINDING = "finding"


@dataclass(slots=True, kw_only=True)
class Desk:
    """One document being compiled: what was found wrong, what it reads (and where), and the record sets named so far.

    `express` compiles an expression; it stands here because sets hold expressions and expressions hold sets.
    `definition_of` gives the compiled fields of another definition, None while that one is itself on a desk.
    """

    index: "Index"
    express: "Callable[[Expr, Scope], Typed]"
    definition_of: "Callable[[str], Mapping[str, Typed] | None]"
    troubles: list[Diagnostic] = field(default_factory=list)
    reads: dict[str, Span] = field(default_factory=dict)

    def report(
        self,
        code: str,
        message: str,
        place: Span,
        hint: str | None = None,
        *,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> None:
        """Keep an error of the author's."""
        self.troubles.append(Diagnostic(code=code, message=message, span=place, hint=hint, related=related))

    def warn(self, code: str, message: str, place: Span, hint: str | None = None) -> None:
        """Keep a remark that refuses nothing."""
        self.troubles.append(Diagnostic(code=code, message=message, span=place, hint=hint, level=Level.WARNING))

    def read_from(self, document: str, place: Span) -> None:
        """Keep that this document reads another one, and where it first does."""
        self.reads.setdefault(document, place)

    def read_type(self, name: str, place: Span) -> None:
        """Keep that this document reads facts of a type: spells are found by a definition."""
        if name in self.index.spells:
            self.read_from(self.index.spells[name], place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A record whose fields can be named: the subject, the occurrence or the record of a set.

    `type`: a fact type, or `finding` (then `provision` and `duty` say of which); `hops` lead to it from the record of
    `scope`. A slot (`month`) is a frame with `slot` and no fields.
    """

    scope: str
    type: str
    hops: tuple[Hop, ...] = ()
    provision: str = ""
    duty: str = ""
    alias: str | None = None
    slot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What may be named at a place, and what is known to be present there.

    `records`: innermost last. `grain`: of the enclosing document or duty (None: none). `timed`: there is a period;
    `triggered`: there is an `after`; `dated`: `due` may be read. `present`: what is known to be present. `words`: the
    symbols that a bare word may be (none: no symbol is expected; None: any). `previous`: the fields of the definition
    being compiled, as they were one period back (None: nothing here has an earlier self). `moment`: what is named is read
    in the period that holds a date. `holidays`: of the document's `calendar`. `mixed`: what is said here is read by duties
    of different periods.
    """

    desk: Desk
    subject: Frame
    occurrence: Frame | None = None
    records: tuple[Frame, ...] = ()
    lets: "Mapping[str, Typed]" = field(default_factory=dict)
    grain: Grain | None = None
    timed: bool = False
    triggered: bool = False
    dated: bool = False
    present: frozenset[AnyNode] = frozenset()
    words: tuple[str, ...] | None = ()
    previous: "Mapping[str, Typed] | None" = None
    moment: bool = False
    holidays: tuple[str, ...] = ()
    mixed: bool = False

    def name_set(self) -> str:
        """Name the records of a set by how deep it stands (r1, r2 inside it ...): equal sets are equal, wherever they are written."""
        return f"r{len(self.records) + 1}"

    def within(self, frame: Frame) -> "Scope":
        """Give the scope inside a record set."""
        return replace(self, records=(*self.records, frame), words=())

    def knowing(self, present: frozenset[AnyNode]) -> "Scope":
        """Give the scope where more is known to be present."""
        return replace(self, present=self.present | present) if present else self

    def expecting(self, words: tuple[str, ...] | None) -> "Scope":
        """Give the scope where a bare word may be one of these symbols."""
        return self if words == self.words else replace(self, words=words)

    def slot(self) -> str:
        """Give the innermost slot (`month`), or ""."""
        return next((frame.slot for frame in reversed(self.records) if frame.slot), "")
