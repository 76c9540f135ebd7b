"""Cases evaluated together: tagged, read as the facts of many sites, judged once, and told apart again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.kernel.diagnostic import has_errors
from compliance_engine.model.facts import Complete
from compliance_engine.model.findings import as_texts
from compliance_engine.reading.facts import facts_from_records
from compliance_engine.workflow.isolation import NAMING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from compliance_engine.model.case import Case
    from compliance_engine.model.facts import Facts
    from compliance_engine.model.findings import Findings
    from compliance_engine.model.program import FactType

# Two signs that no text of a case may have: between them stands the number of the case.
OPEN, CLOSE = "\ue000", "\ue001"
_TAG = f"{OPEN}[0-9]+{CLOSE}"
_NUMBER = f"{OPEN}([0-9]+){CLOSE}"
_TEXTS = ("site", "subject", "occurrence", "value", "limit", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Cases that share the as-of date and the horizon, by their number, and the facts of all of them."""

    cases: Mapping[int, Case]
    facts: Facts
    as_of: date
    since: date | None


def batches_of(cases: Mapping[int, Case], types: Mapping[str, FactType]) -> tuple[Batch, ...] | None:
    """Put cases together by as-of date and horizon; None if their records cannot be read without a refusal."""
    if any(OPEN in text for case in cases.values() for text in _texts(case)):
        return None
    whole = _read(cases, types)
    if whole is None:
        return None
    groups: dict[tuple[date, date | None, date | None], dict[int, Case]] = {}
    first = _first_days(whole, cases, types)
    for number, case in cases.items():
        begin = None if case.since is not None else first[number]
        groups.setdefault((case.as_of, case.since, begin), {})[number] = case
    if len(groups) == 1:
        ((as_of, since, _),) = groups
        return (Batch(cases=cases, facts=whole, as_of=as_of, since=since),)
    found = []
    for (as_of, since, _), group in groups.items():
        facts = _read(group, types)
        if facts is None:
            return None
        found.append(Batch(cases=group, facts=facts, as_of=as_of, since=since))
    return tuple(found)


def split_findings(findings: Findings, batch: Batch) -> dict[int, pl.DataFrame] | None:
    """Give the findings of each case with its own names; None where one, or a record it rests on, is not of one case."""
    frame = as_texts(findings.frame)
    if frame.is_empty():
        return dict.fromkeys(batch.cases, frame)
    owner = frame["site"].str.extract(_NUMBER, 1).cast(pl.Int64, strict=False)
    if owner.null_count() or not _is_apart(frame.with_columns(owner.alias("#")), findings.evidence):
        return None
    plain = frame.with_columns(pl.col(name).str.replace_all(_TAG, "") for name in _TEXTS)
    return {number: plain.filter(owner == number) for number in batch.cases}


def _is_apart(frame: pl.DataFrame, evidence: pl.DataFrame) -> bool:
    """Say whether each finding rests on records of its own case only."""
    if evidence.is_empty():
        return True
    facts = evidence.select("set", pl.col("fact").cast(pl.String).str.extract(_NUMBER, 1).cast(pl.Int64).alias("of"))
    held = frame.select("#", pl.col("evidence").alias("set")).join(facts.drop_nulls(), on="set", how="inner")
    return bool(held.select((pl.col("#") == pl.col("of")).all()).item())


def _read(cases: Mapping[int, Case], types: Mapping[str, FactType]) -> Facts | None:
    records: dict[str, list[dict[str, str | None]]] = {}
    complete: list[Complete] = []
    for number, case in cases.items():
        tag = f"{OPEN}{number}{CLOSE}"
        sites: set[str] = set()
        for name, group in case.facts:
            keys = _keys(types, name.text)
            sited = {field for field, target in keys.items() if target == "site"}
            for record in group:
                cells = {field.text: cell.text for field, cell in record.cells}
                tagged = {field: tag + text if field in keys and text else text for field, text in cells.items()}
                records.setdefault(name.text, []).append(tagged)
                sites |= {text for field in sited if (text := tagged.get(field)) is not None}
        complete += _tagged_statements(case, tag, sorted(sites))
    facts, diagnostics = facts_from_records(types, records, complete=complete)
    return None if has_errors(diagnostics) or facts.quarantine else facts


def _keys(types: Mapping[str, FactType], name: str) -> dict[str, str]:
    """Name the fields of a type that hold an id, with the type that it is of."""
    kind = types.get(name)
    if kind is None:
        return {}
    keys = {"id": name} | {field.name: field.target for field in kind.fields if field.base == "reference"}
    return {NAMING[name]: "", **keys} if name in NAMING else keys


def _tagged_statements(case: Case, tag: str, sites: Sequence[str]) -> Iterator[Complete]:
    """Make a statement about all sites one about each site of the case."""
    for told in case.complete:
        named = sites if told.site is None else [tag + told.site]
        for site in named:
            yield Complete(type=told.type.text, start=told.start, end=told.end, site=site)


def _first_days(facts: Facts, cases: Mapping[int, Case], types: Mapping[str, FactType]) -> dict[int, date]:
    """Give the first day of which each case's facts tell anything: where its evaluation begins, unless it says."""
    days: dict[int, list[date]] = {number: [told.start for told in case.complete] for number, case in cases.items()}
    for name, table in facts.tables.items():
        kind = types[name]
        if kind.kind != "event" or not kind.time:
            continue
        day = f"{kind.time}__d" if kind.field(kind.time).base == "instant" else kind.time
        if day not in table.frame.columns:
            continue
        number = pl.col("id").cast(pl.String).str.extract(_NUMBER, 1).cast(pl.Int64)
        for owner, seen in table.frame.select(number.alias("of"), day).drop_nulls().iter_rows():
            if seen <= cases[owner].as_of:
                days[owner].append(seen)
    return {number: min(found, default=cases[number].as_of) for number, found in days.items()}


def _texts(case: Case) -> Iterator[str]:
    for _, records in case.facts:
        for record in records:
            yield from (cell.text for _, cell in record.cells if cell.text)
    yield from (text for expected in case.expect for text in (expected.subject, expected.reason or ""))
