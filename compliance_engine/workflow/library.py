"""The library: load law, load facts, evaluate. What the command line does with paths and text, for a program.

Nothing here prints, keeps global state or reads the clock. What is loaded is never changed: any number of threads may
evaluate the same law and facts at once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from compliance_engine.kernel.diagnostic import Diagnostic, has_errors
from compliance_engine.kernel.errors import FactsError
from compliance_engine.kernel.shipped import resolve_facts
from compliance_engine.reading.facts import facts_from_frames, facts_from_records, read_facts
from compliance_engine.workflow.arguments import (
    check_complete,
    check_day,
    check_engine,
    check_frames,
    check_records,
    check_scope,
    check_since,
)
from compliance_engine.workflow.evaluation import findings_of
from compliance_engine.workflow.programs import load_program, rules_paths
from compliance_engine.workflow.results import Evaluation, Requirement, requirements_of
from compliance_engine.workflow.silence import refuse_unknown_sites
from compliance_engine.workflow.strays import warn_of_strays

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import polars as pl

    from compliance_engine.model.facts import Complete
    from compliance_engine.model.facts import Facts as FactFrames
    from compliance_engine.model.program import FactType, Program
    from compliance_engine.workflow.evaluation import EngineName

AnyPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """Law that was read and found good. `diagnostics`: remarks of the kind that do not refuse it."""

    program: Program
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def digest(self) -> str:
        """Tell this law from any other."""
        return self.program.digest

    def requirements(self) -> Iterator[Requirement]:
        """Give every duty of every version of every provision, by provision."""
        yield from requirements_of(self.program).values()


class _Reader(Protocol):
    """Where facts come from: reads them by a vocabulary, with what is to be said of them."""

    def read(self, types: Mapping[str, FactType]) -> tuple[FactFrames, tuple[Diagnostic, ...]]: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Read:
    """Facts as one vocabulary reads them (warnings only)."""

    types: Mapping[str, FactType]
    facts: FactFrames
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Facts:
    """Facts of sites, from where they are. The law's vocabulary says what they mean: `evaluate` reads them with it.

    To read them once for many evaluations, or to see mistakes before one: `facts.read(law)`.
    """

    _reader: _Reader = field(repr=False)
    _done: _Read | None = field(default=None, repr=False)

    @classmethod
    def from_records(
        cls,
        records: Mapping[str, Sequence[Mapping[str, object]]],
        *,
        complete: Sequence[Complete] = (),
        zones: Mapping[str, str] | None = None,
        since: date | Mapping[str, date] | None = None,
    ) -> Facts:
        """Take records by fact type: mappings of field to cell, text (`36.2 mg/L`) or Python values; None: empty."""
        check_records(records)
        check_complete(complete)
        copied = {name: tuple(dict(row) for row in rows) for name, rows in records.items()}
        said = _Said(complete=tuple(complete), zones=dict(zones or {}), since=_dates(since))
        return cls(_reader=_Records(records=copied, said=said))

    @classmethod
    def from_frames(
        cls,
        frames: Mapping[str, pl.DataFrame],
        *,
        complete: Sequence[Complete] = (),
        zones: Mapping[str, str] | None = None,
        since: date | Mapping[str, date] | None = None,
    ) -> Facts:
        """Take Polars frames by fact type, columns named as the fields; `FIELD__unit` has the units of a quantity."""
        check_frames(frames)
        check_complete(complete)
        copied = {name: frame.clone() for name, frame in frames.items()}
        said = _Said(complete=tuple(complete), zones=dict(zones or {}), since=_dates(since))
        return cls(_reader=_Frames(frames=copied, said=said))

    def read(self, rules: Ruleset) -> Facts:
        """Read them now, for every evaluation by law of the same vocabulary; raises FactsError with every mistake."""
        return Facts(_reader=self._reader, _done=self._read(rules.program.types))

    def _read(self, types: Mapping[str, FactType]) -> _Read:
        if self._done is not None and self._done.types == types:
            return self._done
        facts, diagnostics = self._reader.read(types)
        if has_errors(diagnostics):
            raise FactsError(diagnostics)
        return _Read(types=types, facts=facts, diagnostics=diagnostics)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What is said of facts as a whole: for which time they are complete, time zones, the first day in scope."""

    complete: tuple[Complete, ...]
    zones: Mapping[str, str]
    since: Mapping[str, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Records:
    records: Mapping[str, Sequence[Mapping[str, object]]]
    said: _Said

    def read(self, types: Mapping[str, FactType]) -> tuple[FactFrames, tuple[Diagnostic, ...]]:
        said = self.said
        return facts_from_records(types, self.records, complete=said.complete, zones=said.zones, since=said.since)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Frames:
    frames: Mapping[str, pl.DataFrame]
    said: _Said

    def read(self, types: Mapping[str, FactType]) -> tuple[FactFrames, tuple[Diagnostic, ...]]:
        said = self.said
        return facts_from_frames(types, self.frames, complete=said.complete, zones=said.zones, since=said.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paths:
    paths: tuple[Path, ...]
    mapping: Path | None

    def read(self, types: Mapping[str, FactType]) -> tuple[FactFrames, tuple[Diagnostic, ...]]:
        return read_facts(self.paths, types, self.mapping)


def load_rules(path: AnyPath, *paths: AnyPath) -> Ruleset:
    """Load rulesets: files, folders, or the names of shipped law (`us/cwa`).

    Raises RulesetError with every mistake of every file, each at its line and column.
    """
    compiled = load_program(rules_paths([os.fspath(p) for p in (path, *paths)]), None)
    return Ruleset(program=compiled.program, diagnostics=compiled.diagnostics)


def load_facts(path: AnyPath, *paths: AnyPath, rules: Ruleset | None = None, mapping: AnyPath | None = None) -> Facts:
    """Load facts: folders with a `site.yaml`, data files with a `mapping`, or the names of sample sites.

    Raises FactsError if a path does not exist and, if `rules` are given, with every mistake in the files; else
    `evaluate` does. Rows that cannot be used are no mistake: `Evaluation.quarantine` lists them.
    """
    found = [resolve_facts(os.fspath(p)) for p in (path, *paths)]
    missing = [f for f in found if isinstance(f, Diagnostic)]
    if missing:
        raise FactsError(missing)
    reader = _Paths(
        paths=tuple(f for f in found if isinstance(f, Path)), mapping=None if mapping is None else Path(mapping)
    )
    facts = Facts(_reader=reader)
    return facts if rules is None else facts.read(rules)


def evaluate(  # noqa: PLR0913 (the public API: named options)
    rules: Ruleset,
    facts: Facts,
    *,
    as_of: date,
    known_as_of: datetime | None = None,
    period: tuple[date, date] | None = None,
    since: date | Mapping[str, date] | None = None,
    sites: Sequence[str] = (),
    engine: EngineName = "durable",
) -> Evaluation:
    """Give every obligation its verdict as of a date; raises FactsError if the facts cannot be used, or name no site that was asked for.

    `known_as_of`: leave out what became known later. `period` (both days included) and `since` (for all sites, or by
    site): only obligations of that time. `sites`: only these; none named: all.
    """
    if not isinstance(rules, Ruleset):
        raise TypeError(f"`rules` is what `load_rules` gives, not a {type(rules).__name__}")
    if not isinstance(facts, Facts):
        raise TypeError(f"`facts` is what `load_facts` or `Facts.from_...` gives, not a {type(facts).__name__}")
    check_day(as_of, "as_of")
    check_scope(known_as_of, period, sites)
    check_engine(engine)
    sites = tuple(sites)
    read = facts._read(rules.program.types)  # noqa: SLF001 (the module's own class)
    findings = findings_of(
        rules.program,
        read.facts,
        as_of=as_of,
        known_as_of=known_as_of,
        period=period,
        since=None if since is None else _dates(since),
        sites=sites,
        engine=engine,
    )
    there = read.facts.tables.get("site")
    named = [*sites, *(site for site in _dates(since) if site)]
    refuse_unknown_sites(findings.frame, named, () if there is None else map(str, there.frame["id"].to_list()))
    return Evaluation(
        rules_digest=rules.digest,
        as_of=as_of,
        diagnostics=(*rules.diagnostics, *read.diagnostics, *warn_of_strays(read.facts, rules.program)),
        _findings=findings,
        _facts=read.facts,
        _program=rules.program,
    )


def _dates(since: date | Mapping[str, date] | None) -> dict[str, date]:
    """Write one date for all sites as the evaluator does: under the site ""."""
    check_since(since)
    if since is None:
        return {}
    return {"": since} if isinstance(since, date) else dict(since)
