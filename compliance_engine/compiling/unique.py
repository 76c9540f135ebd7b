"""`unique` decision tables: rows on one variable that overlap, or leave a gap."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from compliance_engine.compiling.desk import Desk
from compliance_engine.model.expression import Among, And, AnyNode, Compare, Const, Field, First, Not, Or
from compliance_engine.model.law import Formula

End = tuple[Fraction | None, bool]  # of a range; whether it is open

_FLIPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Numbers between two ends (None: no end), each in it unless open."""

    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False

    def is_empty(self) -> bool:
        """Say whether nothing is in it."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def meet(self, other: "Range") -> "Range":
        """Give what is in both."""
        low, low_open = _tighter((self.low, self.low_open), (other.low, other.low_open), 1)
        high, high_open = _tighter((self.high, self.high_open), (other.high, other.high_open), -1)
        return Range(low=low, high=high, low_open=low_open, high_open=high_open)

    def example(self) -> Fraction:
        """Give a number in it, as round as the ends allow."""
        if self.low is not None and not self.low_open:
            return self.low
        if self.high is not None and not self.high_open:
            return self.high
        if self.low is not None and self.high is not None:
            return (self.low + self.high) / 2
        if self.low is not None:
            return self.low + 1
        return self.high - 1 if self.high is not None else Fraction(0)


def _tighter(one: End, other: End, sign: int) -> End:
    """Give the narrower of two ends: the greater (`sign` 1) or the lesser (-1)."""
    if one[0] is None or other[0] is None:
        return other if one[0] is None else one
    if one[0] == other[0]:
        return one[0], one[1] or other[1]
    return one if (one[0] - other[0]) * sign > 0 else other


Ranges = tuple[Range, ...]
Covering = Ranges | frozenset[str]
Covered = tuple[AnyNode, Covering]  # the variable, and what of it a guard covers


def check_unique(formula: Formula, node: AnyNode, desk: Desk) -> None:
    """Report two rows that hold for one value, and a value for which none holds."""
    assert isinstance(node, First)
    ends = formula.rows[-1].when is None
    guards = [row.when for row in node.rows if row.when is not None]
    covered = [_covered(guard) for guard in guards]
    variables = {found[0] for found in covered if found is not None}
    if None in covered or len(variables) != 1:
        _report_unseen(formula, desk, ends=ends)
        return
    parts = [found[1] for found in covered if found is not None]
    variable = next(iter(variables))
    _check_overlaps(formula, parts, variable, desk)
    if not ends:
        _check_gaps(formula, parts, variable, desk)


def _report_unseen(formula: Formula, desk: Desk, *, ends: bool) -> None:
    """Say that rows on several variables cannot be checked here; without `otherwise` that is an error."""
    message = "the rows do not all compare one value with constants, so overlaps and gaps cannot be seen"
    if ends:
        desk.warn("unique-unchecked", message, formula.span, "use `first:` if the order of the rows decides")
    else:
        desk.report("no-otherwise", message, formula.span, "end the table with {otherwise: X}")


def _check_overlaps(formula: Formula, parts: list[Covering], variable: AnyNode, desk: Desk) -> None:
    """Report each two rows that hold for one value."""
    for later, part in enumerate(parts):
        for earlier in range(later):
            example = _common(parts[earlier], part, variable, desk)
            if example is not None:
                desk.report(
                    "table-overlap",
                    f"two rows hold for {example}",
                    formula.rows[later].span,
                    "in a `unique` table at most one row holds; use `first:` if their order decides",
                    related=((formula.rows[earlier].span, "the other row"),),
                )


def _common(one: Covering, other: Covering, variable: AnyNode, desk: Desk) -> str | None:
    """Give a value that both cover, in words; None where there is none."""
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        return min(one & other, default=None)
    if isinstance(one, frozenset) or isinstance(other, frozenset):
        return None
    meets = [a.meet(b) for a in one for b in other]
    return next((_words(meet.example(), variable, desk) for meet in meets if not meet.is_empty()), None)


def _check_gaps(formula: Formula, parts: list[Covering], variable: AnyNode, desk: Desk) -> None:
    """Report a value that no row covers."""
    example = _uncovered(parts, variable, desk)
    if example is not None:
        desk.report("table-gap", f"no row holds for {example}", formula.span, "add a row for it, or {otherwise: X}")


def _uncovered(parts: list[Covering], variable: AnyNode, desk: Desk) -> str | None:
    """Give a value that no part covers, in words; None where all are covered."""
    if all(isinstance(part, frozenset) for part in parts):
        symbols = variable.symbols if isinstance(variable, Field) else ()
        named = frozenset().union(*(part for part in parts if isinstance(part, frozenset)))
        if not symbols:
            return "a text that no row names"
        return next((symbol for symbol in symbols if symbol not in named), None)
    ranges = [span for part in parts if not isinstance(part, frozenset) for span in part]
    floor = Fraction(0) if isinstance(variable, Field) and variable.non_negative else None
    gap = _first_gap(ranges, Range(low=floor))
    return None if gap is None else _words(gap.example(), variable, desk)


def _first_gap(ranges: Iterable[Range], domain: Range) -> Range | None:
    """Give the lowest gap that the ranges leave in a domain."""
    rest = [domain]
    for span in ranges:
        rest = [piece for part in rest for piece in _without(part, span)]
    return min(rest, key=lambda piece: (piece.low is not None, piece.low or Fraction(0)), default=None)


def _without(part: Range, taken: Range) -> tuple[Range, ...]:
    """Give what is left of a range when another is taken away."""
    if part.meet(taken).is_empty():
        return (part,)
    below = None if taken.low is None else part.meet(Range(high=taken.low, high_open=not taken.low_open))
    above = None if taken.high is None else part.meet(Range(low=taken.high, low_open=not taken.high_open))
    return tuple(piece for piece in (below, above) if piece is not None and not piece.is_empty())


def _words(value: Fraction, variable: AnyNode, desk: Desk) -> str:
    """Write a number in the unit of its field, or a date counted in days."""
    if variable.kind == "date":
        return date.fromordinal(int(value)).isoformat()
    entry = desk.index.types.get(variable.type) if isinstance(variable, Field) else None
    unit = entry.shown.get(variable.name) if entry and isinstance(variable, Field) else None
    if unit is not None:
        value = (value - unit.offset) / unit.factor
    text = str(value.numerator) if value.denominator == 1 else f"{value.numerator / value.denominator:g}"
    return f"{text} {unit.text}" if unit else text


def _covered(guard: AnyNode) -> Covered | None:
    """Give what of one variable a guard covers; None where it is more than comparisons with constants."""
    if isinstance(guard, Compare):
        return _compared(guard)
    if isinstance(guard, Among) and guard.table is None:
        return guard.operand, frozenset(guard.symbols)
    if isinstance(guard, And | Or):
        return _joined(guard)
    if isinstance(guard, Not) and isinstance(guard.operand, Compare | Among):
        return _complement(_covered(guard.operand))
    return None


def _compared(guard: Compare) -> Covered | None:
    """Give what a comparison with a constant covers."""
    variable, op, constant = guard.left, guard.op, guard.right
    if isinstance(variable, Const):
        variable, op, constant = constant, _FLIPPED[op], variable
    if not isinstance(constant, Const) or constant.value is None or isinstance(variable, Const) or guard.order:
        return None
    if constant.kind in {"symbol", "bool"}:
        return variable, frozenset((constant.value,))
    if constant.kind not in {"number", "date"}:
        return None
    end = (
        Fraction(date.fromisoformat(constant.value).toordinal())
        if constant.kind == "date"
        else Fraction(constant.value)
    )
    ranges = {
        "=": Range(low=end, high=end),
        "<": Range(high=end, high_open=True),
        "<=": Range(high=end),
        ">": Range(low=end, low_open=True),
        ">=": Range(low=end),
    }
    return variable, (ranges[op],)


def _joined(guard: And | Or) -> Covered | None:
    """Give what `and` or `or` of guards on one variable covers."""
    parts = [_covered(operand) for operand in guard.operands]
    if None in parts or len({part[0] for part in parts if part is not None}) != 1:
        return None
    kept = [part[1] for part in parts if part is not None]
    variable = next(part[0] for part in parts if part is not None)
    symbols = [part for part in kept if isinstance(part, frozenset)]
    ranges = [part for part in kept if not isinstance(part, frozenset)]
    if symbols and ranges:
        return None
    if symbols:
        union = frozenset[str]().union(*symbols)
        return variable, frozenset.intersection(*symbols) if isinstance(guard, And) else union
    if isinstance(guard, Or):
        return variable, tuple(span for part in ranges for span in part)
    meets: Ranges = ranges[0]
    for part in ranges[1:]:
        meets = tuple(meet for a in meets for b in part if not (meet := a.meet(b)).is_empty())
    return variable, meets


def _complement(covered: Covered | None) -> Covered | None:
    """Give the symbols of an enum that a guard does not cover; None for what has no closed list."""
    if covered is None or not isinstance(covered[1], frozenset):
        return None
    variable, symbols = covered[0], covered[1]
    if not isinstance(variable, Field) or not variable.symbols:
        return None
    return variable, frozenset(symbol for symbol in variable.symbols if symbol not in symbols)
