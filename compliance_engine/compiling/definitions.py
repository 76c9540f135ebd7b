"""Definitions, each compiled when it is first read or when its turn comes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from compliance_engine.compiling.branches import compile_rows
from compliance_engine.compiling.checks import of_kind, read
from compliance_engine.compiling.desk import Desk, Scope
from compliance_engine.compiling.earlier import compile_start, of_earlier_kind
from compliance_engine.compiling.expressions import compile_expression
from compliance_engine.compiling.index import Index
from compliance_engine.compiling.inference import with_earlier
from compliance_engine.compiling.ordering import ordered_by
from compliance_engine.compiling.quantities import aligned
from compliance_engine.compiling.rounding import rounded
from compliance_engine.compiling.source_text import text_of
from compliance_engine.compiling.spells import spell_type
from compliance_engine.compiling.subjects import compile_grain, compile_lets, compile_subject, named, with_grain
from compliance_engine.compiling.typed import ABSENT, VARIES, Typed, wrong
from compliance_engine.compiling.unique import check_unique
from compliance_engine.model.expression import Choice, First, Stated
from compliance_engine.model.law import Definition, Formula
from compliance_engine.model.program import DefinitionSpec, NamedNode
from compliance_engine.model.syntax import Expr


@dataclass(slots=True, kw_only=True)
class Library:
    """The definitions compiled so far: what their fields are, their specifications, and the desk of each."""

    index: Index
    fields: dict[str, Mapping[str, Typed]] = field(default_factory=dict)
    specs: dict[str, DefinitionSpec] = field(default_factory=dict)
    desks: dict[str, Desk] = field(default_factory=dict)

    def definition_of(self, identity: str) -> Mapping[str, Typed] | None:
        """Give the fields of a definition, compiling it if need be; None while it is being compiled itself."""
        if identity in self.fields:
            return self.fields[identity]
        if identity in self.desks:
            return None
        desk = self.open_desk()
        self.desks[identity] = desk
        fields, spec = compile_definition(self.index.definitions[identity], desk)
        self.fields[identity] = fields
        if spec is not None:
            self.specs[identity] = spec
        return fields

    def open_desk(self) -> Desk:
        """Give a desk for a document."""
        return Desk(index=self.index, express=compile_expression, definition_of=self.definition_of)


def compile_definition(definition: Definition, desk: Desk) -> tuple[Mapping[str, Typed], DefinitionSpec | None]:
    """Compile a definition: what its fields are, and its specification (None after a report)."""
    names = [name for name, _ in definition.fields]
    opened = compile_subject(definition.subject, desk)
    if opened is None:
        return {name: wrong(definition.id.span) for name in names}, None
    subject, scope = opened
    grain = compile_grain(definition.each, scope)
    start = compile_start(definition, scope)
    scope = with_earlier(definition, with_grain(scope, definition.each, grain))
    lets, scope = compile_lets(definition.lets, scope)
    fields: dict[str, Typed] = {}
    nodes: list[NamedNode] = []
    for name, formula in definition.fields:
        value = of_earlier_kind(name, compile_formula(formula, scope), scope)
        value = of_kind(value, ("bool",), scope, "`spells`") if definition.spells else value
        kind = "symbol" if value.kind == ABSENT else value.kind
        fields[name] = replace(value, kind=kind)
        nodes.append(named(name, value.node, _formula_text(formula), formula.span))
    spec = DefinitionSpec(
        id=definition.id.text,
        citation=definition.citation or "",
        subject=subject,
        grain=grain,
        lets=lets,
        fields=tuple(nodes),
        start=start,
        spells=spell_type(definition) if definition.spells else "",
    )
    return fields, spec


def compile_formula(formula: Formula, scope: Scope) -> Typed:
    """Compile an expression or a decision table, then its rounding, then what it is stated to be."""
    value = _rounded_formula(formula, scope)
    return value if formula.stated is None or value.is_wrong else _stated(value, formula.stated, scope)


def _stated(value: Typed, written: Expr, scope: Scope) -> Typed:
    """Compile what a number is stated to be; it may be none."""
    stated = scope.desk.express(written, scope)
    if stated.is_wrong:
        return stated
    found = of_kind(read(value, scope), ("number",), scope, "what `stated` stands for")
    pair = None if found.is_wrong else aligned(found, stated, "stated", written.span, scope)
    if pair is None:
        return wrong(written.span)
    left, right, unit = pair
    if VARIES in {left.unit, right.unit}:
        scope.desk.report(
            "unit-mismatch", "`stated` takes a number of one unit, and this one's unit varies", written.span
        )
        return wrong(written.span)
    return replace(left, node=Stated(kind="number", found=left.node, stated=right.node), unit=unit, optional=False)


def _rounded_formula(formula: Formula, scope: Scope) -> Typed:
    value = ordered_by(formula.order, _unrounded(formula, scope), scope)
    if formula.rounding is None or value.is_wrong:
        return value
    rounding = formula.rounding
    if value.kind != "number" or not value.optional:
        return rounded(value, rounding.places, rounding.mode, rounding.span, scope)
    result = _rounded_rows(value, formula, scope)
    return replace(result, optional=value.optional) if not result.is_wrong else result


def _rounded_rows(value: Typed, formula: Formula, scope: Scope) -> Typed:
    """Round the rows of a table that give a number, and leave `none` as it is."""
    assert formula.rounding is not None
    node, rounding = value.node, formula.rounding
    if not isinstance(node, First):
        scope.desk.report(
            "possibly-absent", "what is rounded may be none (absent)", value.place, "give a default: x else 0"
        )
        return wrong(value.place)
    rows: list[Choice] = []
    for row in node.rows:
        part = replace(value, node=row.then)
        absent = getattr(row.then, "value", "") is None
        then = part if absent else rounded(part, rounding.places, rounding.mode, rounding.span, scope)
        if then.is_wrong:
            return then
        rows.append(Choice(when=row.when, then=then.node, text=row.text))
    return replace(value, node=First(kind=node.kind, rows=tuple(rows)))


def _unrounded(formula: Formula, scope: Scope) -> Typed:
    """Compile an expression or a decision table."""
    if formula.expression is not None:
        return scope.desk.express(formula.expression, scope)
    if not formula.rows:
        return wrong(formula.span)
    value = compile_rows(formula.rows, formula.span, scope)
    if value.is_wrong:
        return value
    ends = any(row.when is None for row in formula.rows)
    if formula.unique:
        check_unique(formula, value.node, scope.desk)
    elif not ends:
        scope.desk.report(
            "no-otherwise",
            "the table does not say what holds when none of its rows does",
            formula.rows[-1].span,
            "end it with {otherwise: X}, or {otherwise: none}",
        )
    return value


def _formula_text(formula: Formula) -> str:
    """Write a formula in one line."""
    stated = "" if formula.stated is None else f"; stated: {text_of(formula.stated)}"
    return f"{_value_text(formula)}{stated}"


def _value_text(formula: Formula) -> str:
    if formula.expression is not None:
        return text_of(formula.expression)
    rows = [
        f"{text_of(row.when)}: {text_of(row.then)}" if row.when is not None else f"otherwise: {text_of(row.then)}"
        for row in formula.rows
    ]
    return "; ".join(rows)
