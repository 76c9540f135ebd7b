"""The `cases` documents of a ruleset, run on the oracle."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.evaluation import evaluate
from tests.oracle.findings import OracleFinding, root
from tests.oracle.law import OracleLaw, load
from tests.oracle.settle import ends_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.oracle.law import Document
    from tests.oracle.periods import Period
    from tests.oracle.provisions import Obligation

Facts = dict[str, list[dict[str, str]]]


def run_cases(path: str | Path, only: Iterable[str] = ()) -> list[tuple[str, list[str]]]:
    """Run every case under a path: (name, what did not come out as expected)."""
    law = load([path])
    wanted = set(only)
    results: list[tuple[str, list[str]]] = []
    for document in law.cases:
        for case in document["cases"]:
            name = f"{document['cases_of']}: {case['case']}"
            results += [(name, problems(law, document, case))] if not wanted or case["case"] in wanted else []
    return results


def problems(law: OracleLaw, document: Document, case: Document) -> list[str]:
    """Compare what is found with what is expected, each way."""
    found = findings_of_case(law, document, case)
    rows, trouble = case.get("expect") or [], []
    matched: set[str] = set()
    for row in rows:
        provision = law.resolve("provisions", row.get("provision") or document["cases_of"])
        hits = [f for f in found if f.provision == provision and _is_meant(f, row)]
        exact = [f for f in hits if not _differences(f, row)]
        hits = exact if len(exact) == 1 else hits  # where several are meant, the rest of the row may decide
        if len(hits) != 1:
            trouble.append(f"{len(hits)} findings for {row}")
            continue
        matched.add(hits[0].name)
        trouble += _differences(hits[0], row)
    about = law.resolve("provisions", document["cases_of"])
    if case.get("only") != "true":
        trouble += [
            f"not expected: {f.name} {f.status}" for f in found if f.provision == about and f.name not in matched
        ]
    return trouble


def findings_of_case(law: OracleLaw, document: Document, case: Document) -> list[OracleFinding]:
    complete = [
        {**row, "from": date.fromisoformat(row["from"]), "to": date.fromisoformat(row["to"])}
        for row in [*(document.get("complete") or []), *(case.get("complete") or [])]
    ]
    since = case.get("since") or document.get("since")
    as_of = case.get("as_of") or document["as_of"]
    return evaluate(
        law,
        merged(document.get("facts") or {}, case.get("facts") or {}),
        complete,
        as_of=date.fromisoformat(as_of),
        since=date.fromisoformat(since) if since else None,
        only=provisions_of(law, document),
        judged=_spoken_of(case),
    )


def _spoken_of(case: Document) -> Callable[[Obligation], bool]:
    """Say which obligations have to be judged: where a case tells of some periods only (`only`), those of other calendar periods need not."""
    periods = {row.get("period") for row in case.get("expect") or []}
    whole = case.get("only") != "true" or None in periods

    def judged(obligation: Obligation) -> bool:
        first, last = ends_of(obligation.context)
        if whole or obligation.context.period is None or obligation.duty.after is not None or not (first and last):
            return True
        return bool(periods & _names(first, last, obligation.occurrence, obligation.context.period))

    return judged


def provisions_of(law: OracleLaw, document: Document) -> tuple[str, ...]:
    """List the provisions whose findings the cases of a document speak of."""
    rows = [row for case in document["cases"] for row in case.get("expect") or []]
    names = {document["cases_of"], *(row["provision"] for row in rows if "provision" in row)}
    return tuple(sorted(str(law.resolve("provisions", name)) for name in names))


def merged(shared: Facts, own: Facts) -> Facts:
    """Add the facts of a case to those of the document; the same type and id replaces."""
    result: Facts = {}
    for name in [*shared, *(n for n in own if n not in shared)]:
        ids = {row["id"] for row in own.get(name) or [] if "id" in row}
        result[name] = [row for row in shared.get(name) or [] if row.get("id") not in ids] + list(own.get(name) or [])
    return result


def _is_meant(finding: OracleFinding, row: dict[str, Any]) -> bool:
    subject = row.get("subject")
    named = subject is None or subject in (finding.subject, root(finding).id)
    duty = "duty" not in row or row["duty"] == finding.duty
    occurrence = "occurrence" not in row or row["occurrence"] in (finding.occurrence, _trigger(finding))
    return named and duty and occurrence and ("period" not in row or is_period(finding, row["period"]))


def _trigger(finding: OracleFinding) -> str:
    return finding.period_from.isoformat() if finding.period_from else ""


def is_period(finding: OracleFinding, text: str) -> bool:
    """Say whether a finding (of a consequence: what it is about) is of `2026-03`, `2026-Q1`, `2026` or a first day."""
    about = finding.about
    if isinstance(about, OracleFinding) and not finding.occurrence:
        return is_period(about, text)
    first, last = finding.period_from, finding.period_to
    return first is not None and last is not None and text in _names(first, last, finding.occurrence, finding.period)


def _names(first: date, last: date, occurrence: str, whole: Period | None) -> set[str]:
    """Give the texts that name a period: those of the days on which its subject is bound, and of the calendar period that is cut to them."""
    names = names_of(first, last, occurrence)
    if whole is not None:
        ends = (date.fromordinal(whole.start), date.fromordinal(whole.end))
        names |= names_of(*ends, occurrence) - {ends[0].isoformat()}
    return names


def names_of(first: date, last: date, occurrence: str) -> set[str]:
    """Give the texts that name a period in a case."""
    names = {first.isoformat(), str(last.year) if first.month == 1 and last.month == 12 else ""}
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months == 1 or occurrence == first.isoformat():
        names.add(f"{last.year}-{last.month:02}")
    if months == 6:
        names.add(f"{first.year}-H{(first.month + 5) // 6}")
    if months == 3:
        names.add(f"{first.year}-Q{(first.month + 2) // 3}")
    week = first.isocalendar()
    if (last - first).days == 6:
        names.add(f"{week.year}-W{week.week:02}")
        names.add(f"{first.year}-W{int(first.strftime('%U')):02}")
    return names


def _differences(finding: OracleFinding, row: dict[str, Any]) -> list[str]:
    trouble = []
    if row["status"] != finding.status:
        trouble.append(f"{finding.name}: {finding.status} {sorted(finding.possible)}, expected {row['status']}")
    if "due" in row and row["due"][:10] != (finding.due.isoformat() if finding.due else "unknown"):
        trouble.append(f"{finding.name}: due {finding.due}, expected {row['due']}")
    if row.get("exceedance") == "none":
        trouble += (
            [] if finding.exceedance is None else [f"{finding.name}: exceedance {finding.exceedance}, expected none"]
        )
    elif "exceedance" in row and not _near(finding.exceedance, row["exceedance"]):
        trouble.append(f"{finding.name}: exceedance {finding.exceedance}, expected {row['exceedance']}")
    if "days_late" in row and str(finding.days_late) != row["days_late"]:
        trouble.append(f"{finding.name}: {finding.days_late} days late, expected {row['days_late']}")
    return trouble


def _near(found: Fraction | None, expected: str) -> bool:
    """Compare to as many places as are written."""
    places = len(expected.partition(".")[2])
    return found is not None and abs(found - Fraction(expected)) <= Fraction(1, 2) / 10**places
