"""Law as a slip of the pen would have it: each mutant differs from the law in one place, as drafts do."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from compliance_engine.compiling.source_text import text_of
from compliance_engine.kernel.span import Span
from compliance_engine.model import law as lw
from compliance_engine.model import syntax as sx
from compliance_engine.model.relations import Prompt
from compliance_engine.workflow.mutant_places import Document, Path, name_clause, span_at

if TYPE_CHECKING:
    from collections.abc import Iterator

Edit = tuple[Path, object, str, str, str]  # where, what stands there then, the kind of change, before, after

_DEFENCES = ("unless", "excused_by")

_STRICTER = {">=": ">", ">": ">=", "<=": "<", "<": "<="}

_UNITS = {
    "years": "months",
    "year": "months",
    "months": "weeks",
    "month": "weeks",
    "weeks": "days",
    "week": "days",
    "days": "weeks",
    "day": "weeks",
    "hours": "days",
    "hour": "days",
    "minutes": "hours",
    "minute": "hours",
    "mg/L": "ug/L",
    "ug/L": "mg/L",
    "kg": "lb",
    "lb": "kg",
    "t": "kg",
    "gal": "L",
    "L": "gal",
    "MGD": "m3/d",
    "mi": "km",
    "km": "mi",
    "ft": "m",
    "m": "ft",
    "degC": "degF",
    "degF": "degC",
    "ppm": "ppb",
    "ton": "t",
}

# What names say decides nothing, nor does what is said beside a verdict.
_PROSE = (lw.Name, Span, Prompt)

_DROPPED = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change: `document` is the id, `version` its first day (of a provision), `clause` the way to the place inside it.

    `changed` is the document as it then reads.
    """

    document: str
    version: str
    clause: str
    change: str
    before: str
    after: str
    span: Span
    changed: Document

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Name the change as a list of accepted survivors does."""
        return (self.document, self.clause, self.change, self.after)


def mutants_of(document: Document) -> Iterator[Mutant]:
    """Change a document in every way that is tried, each time in one place."""
    version = document.in_force_from.isoformat() if isinstance(document, lw.Provision) else ""
    for path, node in _walk(document, ()):
        for where, new, change, before, after in _edits(path, node):
            yield Mutant(
                document=document.id.text,
                version=version,
                clause=name_clause(document, where),
                change=change,
                before=before,
                after=after,
                span=span_at(document, where),
                changed=_replaced(document, where, new),
            )


def apply_mutant(law: lw.Law, mutant: Mutant) -> lw.Law:
    """Give the law with the changed document in the place of the one that it was made of."""

    def changed(documents: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(mutant.changed if _is_original(one, mutant) else one for one in documents)

    return replace(
        law,
        definitions=changed(law.definitions),
        parameters=changed(law.parameters),
        tables=changed(law.tables),
        provisions=changed(law.provisions),
    )


def _is_original(document: Document, mutant: Mutant) -> bool:
    if type(document) is not type(mutant.changed) or document.id.text != mutant.document:
        return False
    return not isinstance(document, lw.Provision) or document.in_force_from.isoformat() == mutant.version


def _walk(node: object, path: Path) -> Iterator[tuple[Path, object]]:
    """Visit every part of a document that a change can begin at, the outer before the inner."""
    if isinstance(node, _PROSE):
        return
    if isinstance(node, tuple):
        for index, item in enumerate(node):
            yield from _walk(item, (*path, index))
    elif is_dataclass(node):
        yield path, node
        for field in fields(node):
            yield from _walk(getattr(node, field.name), (*path, field.name))


def _edits(path: Path, node: object) -> Iterator[Edit]:
    """Give the changes that can be made of one part."""
    match node:
        case lw.Limit():
            yield from _limit(path, node)
        case lw.Require() if len(node.parts) > 1:
            words = ("any of", "all of") if node.any else ("all of", "any of")
            yield path, replace(node, any=not node.any), "and/or", f"{words[0]} the parts", f"{words[1]} the parts"
        case lw.Formula():
            yield from _rows(path, node)
        case lw.Provision() | lw.Duty():
            yield from _dates_in_force(path, node) if isinstance(node, lw.Provision) else ()
            yield from _exceptions(path, node)
            yield from _conditions(path, node)
        case lw.Parameter():
            yield from _values(path, node)
        case lw.TableDecl():
            yield from _cells(path, node)
        case _:
            yield from _expression(path, node)


def _expression(path: Path, node: object) -> Iterator[Edit]:
    """Give the changes that can be made of a part of an expression."""
    match node:
        case sx.Binary():
            yield from _binary(path, node)
        case sx.Number():
            yield from _number(path, node)
        case sx.DateLiteral():
            later = _day_later(date.fromisoformat(node.value))
            yield path, replace(node, value=later), "date", node.value, later
        case sx.NextDay():
            day = node.day - 1 if node.day > 1 else node.day + 1
            yield path, replace(node, day=day), "date", text_of(node), text_of(replace(node, day=day))
        case sx.Unary(op="not"):
            yield path, node.operand, "not dropped", text_of(node), text_of(node.operand)
        case sx.Is(negated=True) | sx.Member(negated=True):
            plain = replace(node, negated=False)
            yield path, plain, "not dropped", text_of(node), text_of(plain)
        case sx.Quantified(quantifier="no"):
            some = replace(node, quantifier="some")
            yield path, some, "not dropped", text_of(node), text_of(some)


def _binary(path: Path, node: sx.Binary) -> Iterator[Edit]:
    if node.op in _STRICTER:
        other = replace(node, op=_STRICTER[node.op])
        yield path, other, "comparison", text_of(node), text_of(other)
    elif node.op in {"and", "or"}:
        other = replace(node, op="or" if node.op == "and" else "and")
        yield path, other, "and/or", text_of(node), text_of(other)


def _number(path: Path, node: sx.Number) -> Iterator[Edit]:
    text = _next_number(node.text)
    if text is not None:
        other = replace(node, text=text, value=Fraction(text))
        yield path, other, "number", text_of(node), text_of(other)
    unit = _UNITS.get(node.unit or "")
    if unit is not None:
        other = replace(node, unit=unit)
        yield path, other, "unit", text_of(node), text_of(other)


def _next_number(text: str) -> str | None:
    """Change the last digit by one: upwards, but 9 to 8."""
    digits = text.rstrip()
    if not digits or not digits[-1].isdigit() or "e" in digits.lower():
        return None
    last = int(digits[-1])
    return digits[:-1] + str(last + 1 if last < 9 else 8)


def _limit(path: Path, node: lw.Limit) -> Iterator[Edit]:
    written = node.must.value if isinstance(node.must, sx.Text) else node.must
    word = written if isinstance(written, str) else "<=" if written is None else ""
    if word in _STRICTER:
        yield (*path, "must"), _STRICTER[word], "comparison", f"must {word}", f"must {_STRICTER[word]}"


def _rows(path: Path, node: lw.Formula) -> Iterator[Edit]:
    for index, row in enumerate(node.rows):
        if row.when is not None:
            yield (*path, "rows", index), _DROPPED, "row dropped", f"when {text_of(row.when)}", "(dropped)"


def _exceptions(path: Path, node: lw.Provision | lw.Duty) -> Iterator[Edit]:
    names = ("unless", "excused_by", "displaced_by", "displaces") if isinstance(node, lw.Provision) else _DEFENCES
    for name in names:
        for index, row in enumerate(getattr(node, name)):
            said = getattr(row, "id", "") or row.provision.text
            yield (*path, name, index), _DROPPED, "exception dropped", f"{name} {said}", "(dropped)"


def _conditions(path: Path, node: lw.Provision | lw.Duty) -> Iterator[Edit]:
    for index, condition in enumerate(node.when):
        yield (*path, "when", index), _DROPPED, "condition dropped", f"when {text_of(condition)}", "(dropped)"


def _dates_in_force(path: Path, node: lw.Provision) -> Iterator[Edit]:
    for name in ("in_force_from", "in_force_to"):
        day: date | None = getattr(node, name)
        if day is not None and day < date.max:
            later = day + timedelta(days=1)
            yield (*path, name), later, "date", day.isoformat(), later.isoformat()


def _values(path: Path, node: lw.Parameter) -> Iterator[Edit]:
    for index, (day, value) in enumerate(node.values):
        later = _day_later(day)
        yield (*path, "values", index), (date.fromisoformat(later), value), "date", day.isoformat(), later


def _cells(path: Path, node: lw.TableDecl) -> Iterator[Edit]:
    """Change the figures of a table; texts are its author's words for things, as names are."""
    columns = (*node.keys, *node.columns)
    for place, row in enumerate(node.rows):
        for column, text in enumerate(row):
            new = _next_number(text.strip().split(" ")[0]) if columns[column].base in _FIGURES else None
            if new is not None:
                changed = " ".join((new, *text.strip().split(" ")[1:]))
                yield (*path, "rows", place, column), changed, "number", text, changed


_FIGURES = {"integer", "decimal", "quantity"}


def _day_later(day: str | date) -> str:
    known = date.fromisoformat(day) if isinstance(day, str) else day
    return (known + timedelta(days=1)).isoformat() if known < date.max else known.isoformat()


def _replaced(node: Any, path: Path, new: object) -> Any:  # noqa: ANN401 (a part of any kind)
    """Give a document with another part at the end of a path, or without that part."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        return replace(node, **{step: _replaced(getattr(node, step), rest, new)})
    if not rest and new is _DROPPED:
        return (*node[:step], *node[step + 1 :])
    return (*node[:step], _replaced(node[step], rest, new), *node[step + 1 :])
