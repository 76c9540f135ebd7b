"""An evaluation that says nothing: where a site is misspelt, or the law reads none of the facts, silence is no compliance."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from compliance_engine.kernel.diagnostic import Diagnostic, Level
from compliance_engine.kernel.errors import FactsError
from compliance_engine.workflow.evaluation import Outcome


def refuse_silence(outcome: Outcome, sites: Sequence[str] = ()) -> Outcome:
    """Give the outcome, with a warning where it has no finding at all.

    Raises FactsError for each named site of which there is none.
    """
    refuse_unknown_sites(outcome.findings.frame, sites)
    if outcome.findings.frame.height:
        return outcome
    nothing = _nothing_in(outcome.provenance.period) if outcome.provenance.period else _NOTHING
    return replace(outcome, diagnostics=(*outcome.diagnostics, nothing))


def refuse_unknown_sites(findings: pl.DataFrame, sites: Sequence[str], known: Iterable[str] = ()) -> None:
    """Raise FactsError for each named site that has no finding, and is none that is `known`: it is misspelt, or nothing binds it."""
    found = {*known, *(findings["site"].unique().to_list() if findings.height else ())}
    silent = [site for site in dict.fromkeys(sites) if site not in found]
    if silent:
        raise FactsError(_unknown(site) for site in silent)


_NOTHING = Diagnostic(
    code="no-obligation",
    message="no obligation was found: no provision binds anything that these facts tell of",
    hint="`compliance facts describe` lists what facts there are; the rulesets say which types they read",
    level=Level.WARNING,
)


def _nothing_in(period: str) -> Diagnostic:
    return Diagnostic(
        code="no-obligation",
        message=f"no obligation was found that falls due in {period}, or was still open then",
        hint="without --period, all are given that the facts tell of",
        level=Level.WARNING,
    )


def _unknown(site: str) -> Diagnostic:
    return Diagnostic(
        code="no-such-site",
        message=f"no obligation was found for a site `{site}`",
        hint="write the site's id as the findings have it: --site riverside",
    )
