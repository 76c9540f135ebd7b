"""Read facts and say what they are, without evaluating them: for those who supply them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from compliance_engine.kernel.diagnostic import Diagnostic, has_errors
from compliance_engine.kernel.errors import FactsError
from compliance_engine.kernel.shipped import resolve_facts
from compliance_engine.model.facts import Facts, FactTable
from compliance_engine.model.inventory import TypeSummary
from compliance_engine.model.program import FactType, Program
from compliance_engine.reading.facts import read_facts
from compliance_engine.workflow.programs import load_program, rules_paths


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFacts:
    """Facts and what was remarked upon while they were read (warnings only)."""

    facts: Facts
    program: Program
    diagnostics: tuple[Diagnostic, ...]


def read_facts_for(
    rules: Sequence[str], facts: Sequence[str], mapping: Path | None = None, cache: Path | None = None
) -> ReadFacts:
    """Read facts by the vocabulary of rulesets; raises RulesetError or FactsError if either cannot be used."""
    program = load_program(rules_paths(rules), cache).program
    found = [resolve_facts(text) if "://" not in text else text for text in facts]
    missing = [place for place in found if isinstance(place, Diagnostic)]
    if missing:
        raise FactsError(missing)
    places = [place for place in found if not isinstance(place, Diagnostic)]
    loaded, diagnostics = read_facts(places, program.types, mapping)
    if has_errors(diagnostics):
        raise FactsError(diagnostics)
    return ReadFacts(facts=loaded, program=program, diagnostics=diagnostics)


def describe_facts(read: ReadFacts) -> Iterator[TypeSummary]:
    """Describe the types that have facts, by name."""
    for name, table in sorted(read.facts.tables.items()):
        if table.frame.height:
            yield _describe_table(table, read.program.types[name])


def _describe_table(table: FactTable, kind: FactType) -> TypeSummary:
    first, last = _time_range(table.frame, kind)
    return TypeSummary(
        type=table.type,
        kind=kind.kind,
        count=table.frame.height,
        first=first,
        last=last,
        sites=table.frame["site"].n_unique() if "site" in table.frame.columns else 0,
        empty={name: shape.nulls for name, shape in sorted(table.shapes.items()) if shape.nulls},
    )


def _time_range(frame: pl.DataFrame, kind: FactType) -> tuple[date | None, date | None]:
    """Give the first and the last day on record; of states, of their beginnings and ends."""
    days = [
        frame[column].cast(pl.Date)
        for name in (kind.time, kind.span_from, kind.span_to)
        for column in (f"{name}__d", name)
        if name and column in frame.columns and frame.schema[column] in (pl.Date, pl.Datetime("us", "UTC"))
    ]
    known = pl.concat(days).drop_nulls() if days else pl.Series([], dtype=pl.Date)
    if known.is_empty():
        return None, None
    first, last = known.min(), known.max()
    assert isinstance(first, date)
    assert isinstance(last, date)
    return first, last
