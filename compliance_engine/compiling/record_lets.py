"""A `let` that names a record set stands for it: it is put in wherever the document ranges over that name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from compliance_engine.compiling.aggregates import is_aggregate
from compliance_engine.compiling.reports import Report
from compliance_engine.kernel.span import Span
from compliance_engine.model.law import Definition, Law, Let, Limit, Provision, TypeDecl
from compliance_engine.model.syntax import (
    Argument,
    Binary,
    Call,
    Expr,
    Path,
    Quantified,
    RecordSet,
    Unary,
    Window,
)

_Document = TypeVar("_Document", Definition, Provision)
_Sets = Mapping[str, RecordSet]


def with_record_lets(law: Law, report: Report) -> Law:
    """Put record sets in for the lets that name them, in every definition and provision."""
    types = {declared.name.text: declared for vocabulary in law.vocabularies for declared in vocabulary.types}
    putting = _Putting(types, report)
    return replace(
        law,
        definitions=tuple(putting.into(one) for one in law.definitions),
        provisions=tuple(putting.into(one) for one in law.provisions),
    )


class _Putting:
    """Puts record sets into documents; what cannot be said is reported."""

    def __init__(self, types: Mapping[str, TypeDecl], report: Report) -> None:
        self._types = types
        self._report = report

    def into(self, document: _Document) -> _Document:
        """Give a document without lets that name record sets."""
        if not any(isinstance(let.value, RecordSet) for let in document.lets):
            return document
        sets: dict[str, RecordSet] = {}
        kept: list[Let] = []
        for let in document.lets:
            if isinstance(let.value, RecordSet):
                sets[let.name.text] = self._changed(let.value, sets)
            else:
                kept.append(replace(let, value=self._changed(let.value, sets)))
        others = {f.name: self._changed(getattr(document, f.name), sets) for f in fields(document) if f.name != "lets"}
        return replace(document, lets=tuple(kept), **others)

    def _changed(self, part: Any, sets: _Sets) -> Any:  # noqa: ANN401 (any part of a document)
        """Change a part and all that is inside it, from the inside."""
        if isinstance(part, tuple):
            items = tuple(self._changed(item, sets) for item in part)
            return items if any(new is not old for new, old in zip(items, part, strict=True)) else part
        if not is_dataclass(part) or isinstance(part, type | Span):
            return part
        if isinstance(part, Quantified) and _names(part.set.source, sets):
            return self._quantified(part, sets)
        named = self._named(part, sets)
        there = {f.name: getattr(part, f.name) for f in fields(part)}
        changed = {name: new for name, old in there.items() if (new := self._changed(old, sets)) is not old}
        inner = replace(part, **changed) if changed else part
        return named(inner) if named is not None else inner

    def _named(self, part: object, sets: _Sets) -> Callable[[Any], Any] | None:
        """Say what becomes of a part that ranges over a named set, once its inside is changed."""
        if isinstance(part, Path) and part.parts[0] in sets and len(part.parts) > 1:
            source = sets[part.parts[0]].source.parts
            return lambda path: replace(path, parts=(*source, *path.parts[1:]))
        if isinstance(part, RecordSet) and _names(part.source, sets):
            return None if part.finding else lambda made: self._set(made, sets[part.source.parts[0]])
        if isinstance(part, Call) and is_aggregate(part):
            return self._of_call(part, sets)
        if isinstance(part, Limit) and part.every is not None:
            found = _ranged(part.every.value, sets)
            if found is not None:
                return lambda made: replace(made, every=self._argument(made.every, sets[found]))
        return None

    def _quantified(self, part: Quantified, sets: _Sets) -> Quantified:
        """Give `some`, `no` or `every` of a named set."""
        records = sets[part.set.source.parts[0]]
        window, where = (self._changed(inner, sets) for inner in (part.set.window, part.set.where))
        inside = replace(part.set, window=window, where=where)
        return replace(part, set=self._set(inside, records, universal=part.quantifier == "every"))

    def _of_call(self, call: Call, sets: _Sets) -> Callable[[Any], Any] | None:
        place = 1 if call.name == "stat" else 0
        found = _ranged(call.arguments[place].value, sets) if len(call.arguments) > place else None
        if found is None:
            return None
        if call.name == "share":
            self._report.error(
                "bad-let",
                f"share takes a type of record, and {found} names some of its records",
                call.arguments[place].span,
                f"write 100 * count({found} where ...) / count({found})",
            )
            return None

        def put(made: Call) -> Call:
            arguments = list(made.arguments)
            arguments[place] = self._argument(arguments[place], sets[found])
            return replace(made, arguments=tuple(arguments))

        return put

    def _argument(self, written: Argument, records: RecordSet) -> Argument:
        """Give an argument that ranges over a named set."""
        value = written.value
        if isinstance(value, Path) and len(value.parts) == 1:
            value = replace(records.source, span=value.span)
        where = _both(records.where, written.where)
        window, where = self._window(written.window, records, where)
        return replace(
            written,
            value=value,
            finding=records.finding,
            alias=written.alias or records.alias,
            window=window,
            where=where,
        )

    def _set(self, written: RecordSet, records: RecordSet, *, universal: bool = False) -> RecordSet:
        """Give a set that ranges over a named one; of `every`, what each record of the named set must meet."""
        where = _implied(records.where, written.where) if universal else _both(records.where, written.where)
        window, where = self._window(written.window, records, where)
        return RecordSet(
            source=replace(records.source, span=written.source.span),
            finding=records.finding,
            alias=written.alias or records.alias,
            window=window,
            where=where,
            span=written.span,
        )

    def _window(self, own: Window | None, records: RecordSet, where: Expr | None) -> tuple[Window | None, Expr | None]:
        """Cut to both windows: that of the let becomes a condition on the record's time."""
        if own is None or records.window is None:
            return own or records.window, where
        declared = self._types.get(str(records.source))
        if declared is None or declared.time is None or records.window.end is None or records.window.kind == "at":
            self._report.error(
                "bad-let",
                "this set has a window, and so has the let that it names",
                own.span,
                "leave one of them out: only events can be cut to two windows",
                related=((records.window.span, "the window of the let"),),
            )
            return own, where
        return own, _both(_in_window(records.window, declared.time.text), where)


def _in_window(window: Window, time: str) -> Expr:
    """Say that the time of a record lies in a window."""
    place, end = window.span, window.end
    assert end is not None
    path = Path(parts=(time,), span=place)
    until = Binary(op="<=", left=path, right=end, span=place)
    if window.kind == "between":
        assert window.start is not None
        return Binary(
            op="and", left=Binary(op=">=", left=path, right=window.start, span=place), right=until, span=place
        )
    assert window.length is not None
    start = Binary(op="before", left=window.length, right=end, span=place)
    return Binary(op="and", left=Binary(op=">", left=path, right=start, span=place), right=until, span=place)


def _names(source: Path, sets: _Sets) -> bool:
    return len(source.parts) == 1 and source.parts[0] in sets


def _ranged(value: Expr, sets: _Sets) -> str | None:
    """Find the named set whose records an aggregate's argument is about."""
    return next((path.parts[0] for path in _paths(value) if path.parts[0] in sets), None)


def _paths(part: Any) -> Iterator[Path]:  # noqa: ANN401 (any part of an expression)
    """Give the names of an expression, but not those inside a set of its own."""
    if isinstance(part, Path):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from _paths(item)
    elif is_dataclass(part) and not isinstance(part, type | Span | Quantified) and not _ranges(part):
        for one in fields(part):
            yield from _paths(getattr(part, one.name))


def _ranges(part: object) -> bool:
    return isinstance(part, Call) and is_aggregate(part)


def _both(first: Expr | None, second: Expr | None) -> Expr | None:
    if first is None or second is None:
        return first if second is None else second
    return Binary(op="and", left=first, right=second, span=second.span)


def _implied(first: Expr | None, second: Expr | None) -> Expr | None:
    if first is None or second is None:
        return second
    return Binary(op="or", left=Unary(op="not", operand=first, span=first.span), right=second, span=second.span)
