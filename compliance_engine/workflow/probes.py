"""Provisions that are put beside the law to see which rows of its tables are reached: no verdict of theirs is reported.

A decision table, or a look-up by what the subject says, becomes a duty with a named part for each row. The derivation of its findings then
tells for which records each part held, by the same evaluation that gives the law's own verdicts.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

from compliance_engine.compiling import compile_program
from compliance_engine.kernel.span import Span
from compliance_engine.model import law as lw
from compliance_engine.model import syntax as sx

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PREFIX = "probe-of-coverage"
_EARLY = date(1900, 1, 1)
# Inside these stand the fields of other records than the subject.
_OTHER_RECORDS = (sx.RecordSet, sx.Quantified)
_AGGREGATES = frozenset(
    ("count", "sum", "mean", "median", "geomean", "min", "max", "first", "last", "share", "percentile", "stat")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row that may be reached: of `document` (a definition or a table), as its author wrote it."""

    document: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A provision put beside the law; `reads` is the document whose cases may reach its rows, part by part."""

    id: str
    reads: str
    rows: tuple[Row, ...]
    provision: lw.Provision


def probes_of(law: lw.Law) -> tuple[Probe, ...]:
    """Make the probes of a law: those that can be compiled beside it."""
    made = [*_of_decisions(law), *_of_lookups(law)]
    numbered = [_numbered(probe, number) for number, probe in enumerate(made, 1)]
    return tuple(probe for probe in numbered if _compiles(law, probe))


def with_probes(law: lw.Law, probes: Sequence[Probe]) -> lw.Law:
    """Put probes beside the law."""
    return replace(law, provisions=(*law.provisions, *(probe.provision for probe in probes)))


def _numbered(probe: Probe, number: int) -> Probe:
    name = f"{PREFIX}.p{number}"
    provision = replace(probe.provision, id=lw.Name(text=name, span=probe.provision.span))
    return replace(probe, id=name, provision=provision)


def _compiles(law: lw.Law, probe: Probe) -> bool:
    program, _ = compile_program(with_probes(law, (probe,)))
    return program is not None


def _of_decisions(law: lw.Law) -> Iterator[Probe]:
    for definition in law.definitions:
        for _, formula in definition.fields:
            if not formula.rows:
                continue
            guards = [row.when for row in formula.rows if row.when is not None]
            parts = [
                guard if formula.unique else _first_of(guards[:place], guard) for place, guard in enumerate(guards)
            ]
            if formula.rows[-1].when is None:
                parts.append(_none_of(guards, formula.span))
            rows = tuple(
                Row(document=definition.id.text, text=_text_of_row(row, number), span=row.span)
                for number, row in enumerate(formula.rows, 1)
            )
            yield Probe(
                id="",
                reads=definition.id.text,
                rows=rows,
                provision=_provision(definition, parts, definition.subject, definition.each, definition.lets),
            )


def _text_of_row(row: lw.Row, number: int) -> str:
    return f"row {number}" if row.when is not None else f"row {number} (otherwise)"


def _of_lookups(law: lw.Law) -> Iterator[Probe]:
    """Probe each table where a document reads it by what the subject says."""
    tables = {table.id.text: table for table in law.tables}
    documents: tuple[lw.Definition | lw.Provision, ...] = (*law.definitions, *law.provisions)
    for document in documents:
        for name, keys in dict.fromkeys(_lookups(document)):
            found = [table for identity, table in tables.items() if identity == name or identity.endswith(f".{name}")]
            if len(found) != 1 or len(found[0].keys) != len(keys):
                continue
            table = found[0]
            parts = [_matches(table, keys, place) for place in range(len(table.rows))]
            rows = tuple(
                Row(document=table.id.text, text=f"row {', '.join(row[: len(keys)])}", span=place)
                for row, place in zip(table.rows, table.row_spans, strict=True)
            )
            known = [part for part in parts if part is not None]
            if len(known) == len(parts):
                yield Probe(
                    id="",
                    reads=document.id.text,
                    rows=rows,
                    provision=_provision(document, known, document.subject, document.each, document.lets),
                )


def _lookups(document: object) -> Iterator[tuple[str, tuple[sx.Expr, ...]]]:
    """Give the tables that a document reads outside of record sets, and by which keys."""
    waiting: list[object] = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _OTHER_RECORDS) or (
            isinstance(node, sx.Call) and node.name in _AGGREGATES and _ranges(node)
        ):
            continue
        if isinstance(node, sx.Member) and node.table is not None:
            yield node.table, (node.operand,)
        if isinstance(node, sx.Call) and node.name == "table" and isinstance(node.arguments[0].value, sx.Path):
            yield str(node.arguments[0].value), tuple(one.value for one in node.arguments[1:])
        if isinstance(node, tuple):
            waiting += node
        elif is_dataclass(node) and not isinstance(node, lw.Name | Span):
            waiting += [getattr(node, field.name) for field in fields(node)]


def _ranges(node: sx.Call) -> bool:
    """Say whether a call is of records: `min` and `max` are of figures, too."""
    return node.name not in {"min", "max"} or len(node.arguments) == 1


def _matches(table: lw.TableDecl, keys: Sequence[sx.Expr], place: int) -> sx.Expr | None:
    """Give the condition under which a row is the one that is found; None for keys in bands or of other kinds."""
    conditions: list[sx.Expr] = []
    for column, key in zip(table.keys, keys, strict=True):
        if column.name.text in table.bands or column.base not in {"text", "enum"}:
            return None
        word = table.rows[place][len(conditions)].strip()
        conditions.append(sx.Is(operand=key, word=word, quoted=True, negated=False, span=key.span))
    return _joined("and", conditions)


def _first_of(earlier: Sequence[sx.Expr], guard: sx.Expr) -> sx.Expr:
    return _joined("and", [_not(one) for one in earlier] + [guard])


def _none_of(guards: Sequence[sx.Expr], span: Span) -> sx.Expr:
    return _joined("and", [_not(one) for one in guards]) if guards else sx.Word(value="true", span=span)


def _not(node: sx.Expr) -> sx.Expr:
    return sx.Unary(op="not", operand=node, span=node.span)


def _joined(op: str, conditions: Sequence[sx.Expr]) -> sx.Expr:
    return reduce(lambda left, right: sx.Binary(op=op, left=left, right=right, span=left.span), conditions)


def _provision(
    document: lw.Definition | lw.Provision,
    parts: Sequence[sx.Expr],
    subject: lw.Subject,
    each: lw.Every | None,
    lets: tuple[lw.Let, ...],
) -> lw.Provision:
    span = document.id.span
    named = tuple(lw.Part(name=str(number), condition=part) for number, part in enumerate(parts, 1))
    duty = lw.Duty(
        id=lw.Name(text="main", span=span),
        title=None,
        citation=None,
        severity=None,
        when=(),
        each=None,
        after=None,
        by=None,
        roll=None,
        recur=None,
        demand=lw.Require(any=True, parts=named, span=span),
        unless=(),
        excused_by=(),
        exceedance=None,
        days_late=None,
        span=span,
    )
    own = document if isinstance(document, lw.Provision) else None
    return lw.Provision(
        id=document.id,
        title="which rows are reached",
        text=None,
        citation="none",
        source=None,
        in_force_from=_EARLY if own is None else own.in_force_from,
        in_force_to=None if own is None else own.in_force_to,
        reviewed=_EARLY,
        status="confirmed",
        repealed=False,
        governed_by=None,
        subject=subject,
        each=each,
        bound_while=() if own is None else own.bound_while,
        when=(),
        after=None if own is None else own.after,
        by=None if own is None else own.by,
        calendar=None if own is None else own.calendar,
        roll=None,
        lets=lets,
        unless=(),
        excused_by=(),
        exceedance=None,
        days_late=None,
        duties=(duty,),
        evidence=(),
        responsible=None,
        severity="minor",
        span=span,
    )
