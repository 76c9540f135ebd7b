"""Parts of the law as words, and the difference between two of them."""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from compliance_engine.compiling.source_text import text_of, text_of_argument, text_of_set
from compliance_engine.kernel.span import Span
from compliance_engine.model.law import Done, Every, Forbid, Formula, Limit, Recur, Require, Subject
from compliance_engine.model.syntax import Binary, DateLiteral, Expr, Is, NextDay, Number, Path, RecordSet, Text, Word

_LEAVES = (Number, DateLiteral, Text, Word, Path, NextDay)
_COMPARISONS = frozenset(("=", "<", "<=", ">", ">="))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A difference in words, and both texts in full; `effective`: the day from which it holds, where it has its own."""

    text: str
    before: str = ""
    after: str = ""
    effective: date | None = None


def write(part: Expr | RecordSet | None) -> str:
    """Write an expression or a set of records; "" where there is none."""
    if part is None:
        return ""
    return text_of_set(part) if isinstance(part, RecordSet) else text_of(part)


def write_subject(subject: Subject) -> str:
    """Write who is bound."""
    duty = f"/{subject.duty}" if subject.duty else ""
    if subject.keys:
        source = f"distinct ({', '.join(key.text for key in subject.keys)}) in {subject.source.text}"
    else:
        source = f"finding of {subject.source.text}{duty}" if subject.finding else subject.source.text
    return f"{source} where {text_of(subject.where)}" if subject.where is not None else source


def write_every(every: Every | None) -> str:
    """Write what stands after `each`."""
    if every is None:
        return ""
    if every.kind == "type":
        return every.type.text if every.type else ""
    if every.kind == "sliding":
        return f"{every.count} calendar months step {every.step} months"
    return f"calendar {every.unit}" + (" from monday" if every.week_start == "monday" else "")


def write_recur(recur: Recur | None) -> str:
    """Write how a duty returns."""
    if recur is None:
        return ""
    return f"first {text_of(recur.first)}, then every {text_of(recur.then)} from {recur.basis}"


def write_must(must: Expr | str | None) -> str:
    """Write how a value has to stand to its limit."""
    return must if isinstance(must, str) else "<=" if must is None else text_of(must)


def write_demand(demand: Require | Limit | Done | Forbid) -> str:
    """Write what a duty demands, in one line."""
    if isinstance(demand, Limit):
        value = f"every {text_of_argument(demand.every)}" if demand.every is not None else write(demand.value)
        without = "; undetermined without any record" if demand.open_if_none else ""
        return f"{value} {write_must(demand.must)} {text_of(demand.of)}{without}"
    if isinstance(demand, Done):
        return f"done {text_of(demand.date)}"
    if isinstance(demand, Forbid):
        return f"no {text_of_set(demand.set)}"
    return (" or " if demand.any else "; ").join(text_of(part.condition) for part in demand.parts)


def write_formula(formula: Formula) -> str:
    """Write how a value is found."""
    rows = "; ".join(
        f"otherwise {text_of(row.then)}" if row.when is None else f"{text_of(row.then)} when {text_of(row.when)}"
        for row in formula.rows
    )
    rounded = formula.rounding
    after = "" if rounded is None else f", rounded to {text_of(rounded.places)} places {text_of(rounded.mode)}"
    stated = "" if formula.stated is None else f", or as stated by {text_of(formula.stated)}"
    order = f", in the order {', '.join(name.text for name in formula.order)}" if formula.order else ""
    return (write(formula.expression) or rows) + after + order + stated


def compare_expressions(what: str, old: Expr | RecordSet | None, new: Expr | RecordSet | None) -> Iterator[Difference]:
    """Say how an expression differs: by its figures and words where these alone do, else as a whole."""
    before, after = write(old), write(new)
    if before == after:
        return
    leaves = None if old is None or new is None else list(_leaves(old, new))
    if leaves is None or None in leaves:
        yield tell_change(what, before, after)
        return
    for leaf in dict.fromkeys(leaf for leaf in leaves if leaf is not None):
        whole = (before, after) == leaf
        told = f"{what} changes from {leaf[0]} to {leaf[1]}" if whole else f"in {what}, {leaf[0]} becomes {leaf[1]}"
        yield Difference(text=told, before=before, after=after)


def tell_change(what: str, before: str, after: str) -> Difference:
    """Say that something is new, is gone, or has changed."""
    if not before:
        text = f"{what} is new: {after}"
    elif not after:
        text = f"{what} is dropped: {before}"
    elif len(before) + len(after) > 90:
        text = f"{what} changes"
    else:
        text = f"{what} changes from {before} to {after}"
    return Difference(text=text, before=before, after=after)


def compare_texts(what: str, before: str | None, after: str | None) -> Iterator[Difference]:
    """Say that a text has changed."""
    if (before or "") != (after or ""):
        yield tell_change(what, before or "", after or "")


def compare_conditions(what: str, old: Sequence[Expr], new: Sequence[Expr]) -> Iterator[Difference]:
    """Say which of several conditions are new, gone, or differ by a figure."""
    gone = [expr for expr in old if text_of(expr) not in {text_of(other) for other in new}]
    come = [expr for expr in new if text_of(expr) not in {text_of(other) for other in old}]
    for before, after in zip(gone, come, strict=False):
        yield from compare_expressions(what, before, after)
    for expr in gone[len(come) :]:
        yield Difference(text=f"{what} is dropped: {text_of(expr)}", before=text_of(expr))
    for expr in come[len(gone) :]:
        yield Difference(text=f"{what} is new: {text_of(expr)}", after=text_of(expr))


def _leaves(old: object, new: object) -> Iterator[tuple[str, str] | None]:
    """Give the figures and words in which two expressions of the same shape differ; None: they differ otherwise."""
    if isinstance(old, _LEAVES) and isinstance(new, _LEAVES):
        before, after = text_of(old), text_of(new)
        if before != after:
            yield (before, after)
    elif type(old) is not type(new):
        yield None
    elif isinstance(old, tuple) and isinstance(new, tuple):
        yield from _leaves_of_all(old, new)
    elif dataclasses.is_dataclass(old) and not isinstance(old, Span):
        for field in dataclasses.fields(old):
            one, other = getattr(old, field.name), getattr(new, field.name)
            if isinstance(one, str) and isinstance(other, str) and one != other:
                named = (isinstance(old, Is) and field.name == "word") or (
                    isinstance(old, Binary) and {one, other} <= _COMPARISONS
                )
                yield (one, other) if named else None
            else:
                yield from _leaves(one, other)
    elif old != new and not isinstance(old, Span):
        yield None


def _leaves_of_all(old: Sequence[object], new: Sequence[object]) -> Iterator[tuple[str, str] | None]:
    if len(old) != len(new):
        yield None
        return
    for one, other in zip(old, new, strict=True):
        yield from _leaves(one, other)
