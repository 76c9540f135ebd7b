"""Evaluate facts against law: read, compile, derive, infer, settle. The only place where these stages meet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import polars as pl

from compliance_engine.deriving.derivation import Derivation, world_of
from compliance_engine.engine import engine_named
from compliance_engine.engine.verdict import VERDICT_RULES
from compliance_engine.kernel.diagnostic import Diagnostic, has_errors
from compliance_engine.kernel.errors import FactsError
from compliance_engine.kernel.pool import in_the_pool
from compliance_engine.kernel.shipped import resolve_facts
from compliance_engine.model.findings import Findings, Provenance, digest_findings, of_duty
from compliance_engine.reading.facts import read_facts
from compliance_engine.version import __version__
from compliance_engine.workflow.programs import load_program, rules_paths
from compliance_engine.workflow.strays import warn_of_strays

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from compliance_engine.deriving.world import World
    from compliance_engine.engine import Engine
    from compliance_engine.model.facts import Facts
    from compliance_engine.model.program import Program

EngineName = Literal["durable", "python"]
# From so many records on an evaluation takes long enough to be interrupted, and its steps to be worth waking a thread.
MANY = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An evaluation: its findings, what they rest on, and what was remarked upon."""

    findings: Findings
    provenance: Provenance
    program: Program
    program_data: bytes
    diagnostics: tuple[Diagnostic, ...] = ()

    def sealed(self) -> Outcome:
        """Give the same with the digest of its findings, as it is stored and told."""
        digest = digest_findings(self.findings)
        return replace(self, provenance=replace(self.provenance, findings_digest=digest))


def run(  # noqa: PLR0913
    *,
    rules: Sequence[str],
    facts: Sequence[str],
    as_of: date,
    mapping: Path | None = None,
    known_as_of: datetime | None = None,
    period: tuple[date, date] | None = None,
    sites: Sequence[str] = (),
    engine: EngineName = "durable",
    cache: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Evaluate the facts at these paths against the rulesets at those.

    Raises RulesetError or FactsError with every mistake found. `progress` is told the name of each stage as it begins.
    """
    progress("reading the rules")
    compiled = load_program(rules_paths(rules), cache)
    progress("reading the facts")
    found = [resolve_facts(text) if "://" not in text else text for text in facts]
    missing = [f for f in found if isinstance(f, Diagnostic)]
    if missing:
        raise FactsError(missing)
    loaded, diagnostics = read_facts(
        [f for f in found if not isinstance(f, Diagnostic)], compiled.program.types, mapping
    )
    if has_errors(diagnostics):
        raise FactsError(diagnostics)
    findings = findings_of(
        compiled.program,
        loaded,
        as_of=as_of,
        known_as_of=known_as_of,
        period=period,
        sites=sites,
        engine=engine,
        progress=progress,
    )
    provenance = Provenance(
        rules_digest=compiled.program.digest,
        facts_digest=loaded.digest,
        findings_digest="",
        as_of=as_of,
        known_as_of=None if known_as_of is None else known_as_of.date(),
        period="" if period is None else f"{period[0]}..{period[1]}",
        engine=engine,
        product_version=__version__,
        sources=loaded.sources,
        quarantine=loaded.quarantine,
        rules=tuple(rules),
        facts=tuple(facts),
    )
    return Outcome(
        findings=findings,
        provenance=provenance,
        program=compiled.program,
        program_data=compiled.data,
        diagnostics=(*compiled.diagnostics, *diagnostics, *warn_of_strays(loaded, compiled.program)),
    )


def findings_of(  # noqa: PLR0913
    program: Program,
    facts: Facts,
    *,
    as_of: date,
    known_as_of: datetime | None = None,
    period: tuple[date, date] | None = None,
    since: Mapping[str, date] | None = None,
    sites: Sequence[str] = (),
    engine: EngineName = "durable",
    progress: Callable[[str], None] = lambda _: None,
) -> Findings:
    """Give the findings of a program on facts; `since` and `period` narrow the obligations to those of that time."""
    begin: Mapping[str, date] = dict(facts.since) if since is None else dict(since)
    if period is not None:
        begin = {"": period[0]}
    chosen = frozenset(sites) if sites else None

    def derived() -> Findings:
        world = world_of(program, facts, as_of=as_of, known_as_of=known_as_of, since=begin, sites=chosen)
        return _derived(world, engine_named(engine), progress)

    few = sum(table.frame.height for table in facts.tables.values()) < MANY
    findings = in_the_pool(derived) if few else derived()
    return findings if period is None else _within(findings, period)


def _derived(world: World, inference: Engine, progress: Callable[[str], None]) -> Findings:
    """Judge, infer and settle, stratum by stratum."""
    derivation = Derivation(world)
    strata = world.program.strata
    for number, ids in enumerate(strata, 1):
        progress(f"evaluating ({number} of {len(strata)})")
        stratum = derivation.judge(ids)
        if stratum.judged:
            open_still = stratum.propositions
            conclusions = inference.infer(VERDICT_RULES, open_still) if open_still.height else None
            derivation.settle(stratum, conclusions)
    return derivation.findings()


def _within(findings: Findings, period: tuple[date, date]) -> Findings:
    """Keep what falls due (or, without a due date, holds) in the period, and what was open when it began."""
    start, end = period
    due = pl.coalesce("due", "period_to")
    carried = (
        (due < start) & pl.col("status").is_in(["violation", "undetermined", "pending"]) & pl.col("cured").is_null()
    )
    keep = due.is_null() | due.is_between(start, end) | carried
    frame = findings.frame.filter(keep)
    if frame.height == findings.frame.height:
        return findings
    links = findings.evidence.filter(pl.col("set").is_in(frame["evidence"].implode()))
    kept = findings.frame.select(keep.alias("kept"))["kept"]
    trace = {n: t.filter(kept.filter(of_duty(findings.frame, n))) for n, t in findings.trace.items()}
    return Findings(frame=frame, evidence=links, trace=trace)
