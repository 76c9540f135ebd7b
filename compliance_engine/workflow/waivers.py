"""Waivers on record that lift nothing because a name in them is misspelt: without a word, that is a false accusation."""

from collections.abc import Iterator, Mapping

import polars as pl

from compliance_engine.kernel.diagnostic import Diagnostic, Level
from compliance_engine.kernel.suggestions import suggest, suggest_slip
from compliance_engine.model.expression import Among, Field
from compliance_engine.model.facts import Facts
from compliance_engine.model.parts import parts
from compliance_engine.model.program import Program, ProvisionSpec

_WAIVER = "waiver"
_FIELDS = ("provision", "subject", "authority")


def warn_of_waivers(facts: Facts, program: Program) -> tuple[Diagnostic, ...]:
    """Warn of each waiver whose provision, subject or authority is nearly one that is known, or whose provision nobody may waive.

    A waiver of a provision of other rulesets is none of these.
    """
    table = facts.tables.get(_WAIVER)
    if table is None or table.frame.is_empty():
        return ()
    frame = table.frame.select("_source", "_row", *(pl.col(name).cast(pl.String) for name in ("id", *_FIELDS)))
    return tuple(
        Diagnostic(
            code="idle-waiver",
            message=f"the waiver {row['id']} ({facts.sources[row['_source']].name}#row {row['_row']}) lifts nothing: {reason}",
            level=Level.WARNING,
        )
        for row in frame.sort("_source", "_row").iter_rows(named=True)
        for reason in _slips(row, facts, program)
    )


def _slips(row: Mapping[str, str | None], facts: Facts, program: Program) -> Iterator[str]:
    name, _, duty = (row["provision"] or "").partition("/")
    versions = program.provisions.get(name)
    if versions is None:
        near = _nearest(name, program)
        if near is not None:
            yield f"there is no provision {name}; did you mean {near}?"
        return
    duties = {one.id for version in versions for one in version.duties}
    if duty and duty not in duties:
        yield f"{name} has no duty {duty}; its duties are {', '.join(sorted(duties))}"
    authorities = _authorities(versions)
    if not authorities:
        yield f"nobody may waive {name}"
    elif row["authority"] is not None and row["authority"] not in authorities:
        yield f"{name} may be waived by {' or '.join(sorted(authorities))}, and not by {row['authority']}"
    yield from _stray_subject(row["subject"], versions, facts)


def _nearest(name: str, program: Program) -> str | None:
    """Give the provision that is probably meant: one that ends so, else one that is nearly written so."""
    ending = [known for known in program.provisions if name and known.endswith(f".{name}")]
    return ending[0] if len(ending) == 1 else suggest_slip(name, program.provisions)


def _authorities(versions: tuple[ProvisionSpec, ...]) -> frozenset[str]:
    """Give those who may waive a provision, as its exception for waivers names them."""
    rows = tuple(
        row.node for version in versions for duty in version.duties for row in duty.unless if row.name == _WAIVER
    )
    return frozenset(
        symbol
        for part in parts(rows)
        if isinstance(part, Among) and isinstance(part.operand, Field) and part.operand.name == "authority"
        for symbol in part.symbols
    )


def _stray_subject(subject: str | None, versions: tuple[ProvisionSpec, ...], facts: Facts) -> Iterator[str]:
    about = versions[-1].subject
    table = facts.tables.get(about.type)
    if subject is None or about.finding or table is None:
        return
    ids = table.frame["id"].cast(pl.String).to_list()
    if subject not in ids:
        near = suggest(subject, ids)
        yield f"there is no {about.type} {subject}{f'; did you mean {near}?' if near else ''}"
