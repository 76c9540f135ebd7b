"""What the compiler knows of an expression: its node, and what its value may be."""

from dataclasses import dataclass, replace
from fractions import Fraction

from compliance_engine.kernel.span import Span
from compliance_engine.model.expression import AnyNode, Const

VARIES = "varies"
WRONG = "wrong"  # the kind of what a diagnostic has been given for: nothing more is said of it
ABSENT = "none"  # the kind of the literal `none`
DAYS = "d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A compiled expression.

    `unit`: the standard unit of a number (`varies`: each record's own). `printed`: the unit in which the author sees it
    ("" if not known); `factor`, `offset`: from there to the standard unit.
    `symbols`: what a symbol may be (None: any text). `optional`: may be `none`.
    `bare`: a literal number printed without a unit. `place`: where it stands. `reads`: of a let, the dates of the
    occurrence that it reads; `source`: of a let, what it stands for.
    """

    node: AnyNode
    kind: str
    place: Span
    unit: str = ""
    printed: str = ""
    factor: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)
    symbols: tuple[str, ...] | None = None
    ordered: bool = False
    optional: bool = False
    bare: bool = False
    reads: frozenset[AnyNode] = frozenset()
    source: AnyNode | None = None

    @property
    def is_wrong(self) -> bool:
        """Say whether a diagnostic has been given for it."""
        return self.kind == WRONG

    def at(self, place: Span) -> "Typed":
        """Give it as it stands at another place."""
        return self if place == self.place else replace(self, place=place)

    def described(self) -> str:
        """Say in words what it is, for a diagnostic."""
        if self.kind == "number":
            if self.unit == VARIES:
                return "a quantity whose unit varies"
            return f"a number in {self.printed or self.unit}" if self.unit else "a number without a unit"
        if self.kind == "symbol" and self.symbols:
            return f"one of {', '.join(self.symbols)}"
        return DESCRIPTIONS[self.kind]


DESCRIPTIONS = {
    "bool": "a condition (true or false)",
    "symbol": "a text",
    "number": "a number",
    "date": "a date",
    "instant": "an instant",
    "duration": "a length of time",
    ABSENT: "none",
    WRONG: "an expression that has an error",
}


def with_article(noun: str) -> str:
    """Give a noun with its article: `a permit`, `an application`."""
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"


def wrong(place: Span) -> Typed:
    """Give what stands for an expression that has an error."""
    return Typed(node=Const(kind="symbol", value=None), kind=WRONG, place=place)


def absent(place: Span) -> Typed:
    """Give the literal `none`."""
    return Typed(node=Const(kind="symbol", value=None), kind=ABSENT, place=place, optional=True, symbols=())


def truth(node: AnyNode, place: Span) -> Typed:
    """Give a condition."""
    return Typed(node=node, kind="bool", place=place)


def number(node: AnyNode, place: Span, unit: str = "") -> Typed:
    """Give a number in a standard unit."""
    return Typed(node=node, kind="number", place=place, unit=unit)


def symbol(text: str, place: Span) -> Typed:
    """Give a literal symbol."""
    return Typed(node=Const(kind="symbol", value=text), kind="symbol", place=place, symbols=(text,))
