"""What an amendment does to the verdicts of sites: the same facts, judged by old law and by new."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import polars as pl

from compliance_engine.kernel.diagnostic import Diagnostic, has_errors
from compliance_engine.kernel.errors import FactsError
from compliance_engine.kernel.shipped import resolve_facts
from compliance_engine.model.amendment import Impact, Need, Shift
from compliance_engine.model.findings import as_texts
from compliance_engine.reading.facts import read_facts
from compliance_engine.workflow.amending.sides import read_sides
from compliance_engine.workflow.evaluation import EngineName, findings_of
from compliance_engine.workflow.programs import load_program, rules_paths
from compliance_engine.workflow.references import Reads, close_over, list_reads
from compliance_engine.workflow.silence import refuse_unknown_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from compliance_engine.model.facts import Facts
    from compliance_engine.model.program import FactType, Program

_SHOWN_SUBJECTS = 3
_COMPARED = ("status", "due", "severity")
_Key = tuple[str, str]


def assess_impact(  # noqa: PLR0913 (what is evaluated, as of when)
    old: Sequence[str],
    new: Sequence[str],
    *,
    facts: Sequence[str],
    as_of: date,
    mapping: Path | None = None,
    known_as_of: datetime | None = None,
    period: tuple[date, date] | None = None,
    sites: Sequence[str] = (),
    engine: EngineName = "durable",
    cache: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Impact:
    """Evaluate facts by old rulesets and by new ones; raises RulesetError or FactsError if they cannot be used."""
    progress("reading the rules")
    programs = read_sides(lambda rules: load_program(rules_paths(rules), cache).program, old, new)
    progress("reading the facts")
    frames = []
    for program, read in _read_facts_for(programs, facts, mapping):
        findings = findings_of(
            program,
            read,
            as_of=as_of,
            known_as_of=known_as_of,
            period=period,
            sites=sites,
            engine=engine,
            progress=progress,
        )
        frames.append(findings.frame)
        last = read
    refuse_unknown_sites(frames[0], sites, known=frames[1]["site"].unique().to_list() if frames[1].height else ())
    changed, same = _compare_frames(*frames)
    titles = {**_titles(programs[0]), **_titles(programs[1])}
    return Impact(
        as_of=as_of,
        shifts=tuple(_list_shifts(changed, titles)),
        needs=tuple(_list_needs(programs[0], programs[1], last)),
        same=same,
    )


def _read_facts_for(
    programs: Sequence[Program], places: Sequence[str], mapping: Path | None
) -> Iterator[tuple[Program, Facts]]:
    """Read the facts once by both vocabularies together, or, where these contradict each other, once by each."""
    types = _merge_types(programs[0].types, programs[1].types)
    found = [resolve_facts(text) if "://" not in text else text for text in places]
    missing = [place for place in found if isinstance(place, Diagnostic)]
    if missing:
        raise FactsError(missing)
    known = [place for place in found if not isinstance(place, Diagnostic)]
    read: Facts | None = None
    for program in programs:
        if read is None or types is None:
            read, diagnostics = read_facts(known, types or program.types, mapping)
            if has_errors(diagnostics):
                raise FactsError(diagnostics)
        yield program if types is None else msgspec.structs.replace(program, types=types), read


def _merge_types(old: Mapping[str, FactType], new: Mapping[str, FactType]) -> dict[str, FactType] | None:
    """Give the types and fields of both; None where they speak differently of one."""
    merged = dict(old)
    for name, kind in new.items():
        other = old.get(name, kind)
        fields = {field.name: field for field in (*other.fields, *kind.fields)}
        whole = tuple(fields.values())
        if msgspec.structs.replace(other, fields=whole) != msgspec.structs.replace(kind, fields=whole):
            return None
        if any(fields[field.name] != field for field in other.fields):
            return None
        merged[name] = msgspec.structs.replace(kind, fields=whole)
    return merged


def _compare_frames(old: pl.DataFrame, new: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Give the findings that are not the same in both, with `status` and `status_old`, and count those that are."""
    identity = ["finding", "site", "provision", "duty", "subject", "period_from"]
    one, other = (_name_roots(as_texts(frame)).select(*identity, *_COMPARED) for frame in (old, new))
    joined = one.join(other, on=identity, how="full", suffix="_new", coalesce=True, nulls_equal=True)
    alike = pl.all_horizontal(
        pl.col("status").eq_missing(pl.col("status_new")), pl.col("due").eq_missing(pl.col("due_new"))
    )
    changed = joined.filter(~alike).with_columns(
        pl.coalesce("severity_new", "severity").alias("severity"),
        pl.coalesce("period_from", "due_new", "due").alias("day"),
        pl.col("status").fill_null(""),
        pl.col("status_new").fill_null(""),
        pl.col("site").fill_null(""),
    )
    return changed, joined.height - changed.height


def _name_roots(frame: pl.DataFrame) -> pl.DataFrame:
    """Put in place of a finding that is a subject the record that it is about."""
    about = dict(frame.select("finding", "subject").iter_rows())
    while (subjects := frame["subject"].replace(about)).ne_missing(frame["subject"]).any():
        frame = frame.with_columns(subjects)
    return frame


def _list_shifts(changed: pl.DataFrame, titles: Mapping[_Key, tuple[str, str]]) -> Iterator[Shift]:
    """Put together what changes alike, the gravest first."""
    keys = ["site", "provision", "duty", "status", "status_new", "severity"]
    groups = changed.group_by(keys).agg(
        pl.len().alias("count"),
        pl.col("day").min(),
        pl.col("subject").unique().sort().head(_SHOWN_SUBJECTS).alias("subjects"),
    )
    for row in groups.sort(keys).iter_rows(named=True):
        title, citation = titles[row["provision"], row["duty"]]
        yield Shift(
            site=row["site"],
            provision=row["provision"],
            duty=row["duty"],
            title=title,
            citation=citation,
            severity=row["severity"],
            before=row["status"],
            after=row["status_new"],
            count=row["count"],
            first=row["day"],
            subjects=tuple(row["subjects"]),
        )


def _titles(program: Program) -> dict[_Key, tuple[str, str]]:
    """Give title and citation of each duty, as the last version has them."""
    return {
        (spec.id, duty.id): (duty.title or spec.title, duty.citation or spec.citation)
        for versions in program.provisions.values()
        for spec in versions
        for duty in spec.duties
    }


def _list_needs(old: Program, new: Program, facts: Facts) -> Iterator[Need]:
    """List the fields that only the new law reads, and whether the facts have them."""
    before, after = _fields_read(old), _fields_read(new)
    types = {name for name, _ in before}
    for name, field in sorted(set(after) - set(before)):
        table = facts.tables.get(name)
        records = 0 if table is None else table.frame.height
        shape = None if table is None else table.shapes.get(field)
        yield Need(
            type=name,
            field=field,
            is_new_type=name not in types,
            records=records,
            empty=records if shape is None else shape.nulls,
            provisions=tuple(sorted(after[name, field])),
        )


def _fields_read(program: Program) -> dict[_Key, set[str]]:
    """Give, for each field that a provision reads, directly or through others, those provisions."""
    reads = list_reads(program)
    steps = {name: found.documents for name, found in reads.items()}
    fields: dict[_Key, set[str]] = {}
    nothing = Reads(documents=frozenset(), types=frozenset(), fields=frozenset())
    for provision in program.provisions:
        for name in close_over([provision], steps):
            for key in reads.get(name, nothing).fields:
                fields.setdefault(key, set()).add(provision)
    return fields
