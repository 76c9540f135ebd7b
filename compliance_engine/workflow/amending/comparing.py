"""Two states of the law, compared document by document."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from compliance_engine.kernel.diagnostic import has_errors
from compliance_engine.kernel.errors import RulesetError
from compliance_engine.kernel.span import Span
from compliance_engine.model.amendment import Amendment, Change
from compliance_engine.model.law import Definition, Law, Parameter, Provision, TableDecl, Vocabulary
from compliance_engine.model.program import Program
from compliance_engine.model.relations import Determination, Policy
from compliance_engine.workflow.amending.clauses import compare_provisions
from compliance_engine.workflow.amending.others import (
    compare_definitions,
    compare_determinations,
    compare_parameters,
    compare_policies,
    compare_tables,
    compare_vocabularies,
)
from compliance_engine.workflow.amending.sides import read_sides
from compliance_engine.workflow.amending.wording import Difference
from compliance_engine.workflow.programs import read_and_compile, rules_paths
from compliance_engine.workflow.references import close_over, list_readers, list_reads

Other = Definition | Parameter | TableDecl | Vocabulary | Policy | Determination
_O = TypeVar("_O", bound=Other)


def compare_rules(old: Sequence[str], new: Sequence[str]) -> Amendment:
    """Say what changes from old rulesets to new ones; raises RulesetError with the mistakes of both."""
    (before, was), (after, becomes) = read_sides(_read, old, new)
    changes = (
        *_compare_requirements(before, after),
        *_compare_kind("definition", before.definitions, after.definitions, compare_definitions),
        *_compare_kind("parameter", before.parameters, after.parameters, compare_parameters),
        *_compare_kind("table", before.tables, after.tables, compare_tables),
        *_compare_kind("policy", before.policies, after.policies, compare_policies),
        *_compare_kind("determination", before.determinations, after.determinations, compare_determinations),
        *_compare_kind("vocabulary", before.vocabularies, after.vocabularies, compare_vocabularies),
    )
    changed = dict.fromkeys(change.id for change in changes if change.document not in {"provision", "vocabulary"})
    concerns = _name_concerned(tuple(changed), (was, becomes))
    return Amendment(changes=changes, concerns=concerns)


def _read(rules: Sequence[str]) -> tuple[Law, Program]:
    law, program, diagnostics = read_and_compile(rules_paths(rules))
    if program is None or has_errors(diagnostics):
        raise RulesetError(diagnostics)
    return law, program


def _name_concerned(changed: Sequence[str], programs: Sequence[Program]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Name, for each changed document that is no provision, the provisions that read it, directly or through others."""
    readers: dict[str, set[str]] = {}
    provisions = {name for program in programs for name in program.provisions}
    for program in programs:
        for name, found in list_readers(list_reads(program)).items():
            readers.setdefault(name, set()).update(found)
    return tuple((name, tuple(sorted(close_over([name], readers) & provisions))) for name in changed)


def _compare_requirements(old: Law, new: Law) -> Iterator[Change]:
    before, after = _versions_by_id(old), _versions_by_id(new)
    renamed = _find_renamed(before, after)
    for name in sorted({*before, *after} - set(renamed.values())):
        if name in renamed:
            latest = after[renamed[name]][-1]
            yield _tell(latest, "renamed", f"{name} is now called {latest.id.text}", before=name, after=latest.id.text)
            yield from _compare_versions(before[name], after[renamed[name]])
        elif name not in before:
            latest = after[name][-1]
            text = f"a new provision, in force from {after[name][0].in_force_from}"
            yield _tell(latest, "added", text, effective=after[name][0].in_force_from)
        elif name not in after:
            yield _tell(before[name][-1], "removed", "the provision is removed")
        else:
            yield from _compare_versions(before[name], after[name])


def _versions_by_id(law: Law) -> dict[str, list[Provision]]:
    versions: dict[str, list[Provision]] = {}
    for provision in sorted(law.provisions, key=lambda provision: provision.in_force_from):
        versions.setdefault(provision.id.text, []).append(provision)
    return versions


def _find_renamed(old: Mapping[str, list[Provision]], new: Mapping[str, list[Provision]]) -> dict[str, str]:
    """Pair provisions that are gone with new ones that say the same, or have the same title and citation."""
    gone = [name for name in sorted(old) if name not in new]
    come = [name for name in sorted(new) if name not in old]
    renamed: dict[str, str] = {}
    for alike in (_says_the_same, _is_called_the_same):
        for name in gone:
            other = next((c for c in come if c not in renamed.values() and alike(old[name], new[c])), None)
            if name not in renamed and other is not None:
                renamed[name] = other
    return renamed


def _says_the_same(old: Sequence[Provision], new: Sequence[Provision]) -> bool:
    windows = [[(p.in_force_from, p.in_force_to) for p in versions] for versions in (old, new)]
    pairs = zip(old, new, strict=False)
    return windows[0] == windows[1] and not any(difference for a, b in pairs for difference in compare_provisions(a, b))


def _is_called_the_same(old: Sequence[Provision], new: Sequence[Provision]) -> bool:
    return (old[-1].title, old[-1].citation) == (new[-1].title, new[-1].citation)


def _compare_versions(old: Sequence[Provision], new: Sequence[Provision]) -> Iterator[Change]:
    """Compare the versions of a provision: those of the same first day with each other, a new one with the one before it."""
    before, after = {p.in_force_from: p for p in old}, {p.in_force_from: p for p in new}
    moved = dict(zip(sorted(set(after) - set(before)), sorted(set(before) - set(after)), strict=False))
    for day, version in sorted(after.items()):
        same = before.get(day) or before.get(moved.get(day, date.min))
        if same is not None:
            yield from _compare_version(same, version, is_only=len(after) == 1, follows=_follows(version, new))
            continue
        earlier = [other for first, other in sorted(after.items()) if first < day]
        yield _tell(version, "version", f"a new version is in force from {day}", effective=day)
        for told in compare_provisions(earlier[-1], version) if earlier else ():
            yield _tell_difference(version, told, day)
    for day in sorted(set(before) - set(after) - set(moved.values())):
        yield _tell(before[day], "removed", f"the version in force from {day} is removed")


def _follows(version: Provision, versions: Sequence[Provision]) -> bool:
    """Say whether another version begins on the day after the last one of this."""
    last = version.in_force_to
    return last is not None and any(other.in_force_from == last + timedelta(days=1) for other in versions)


def _compare_version(old: Provision, new: Provision, *, is_only: bool, follows: bool) -> Iterator[Change]:
    """Compare a version with what it was before; `effective` is its first day where there are several."""
    if old.in_force_from != new.in_force_from:
        yield _tell(new, "changed", f"it is in force from {new.in_force_from}, not from {old.in_force_from}")
    if old.in_force_to != new.in_force_to and not (old.in_force_to is None and follows):
        yield _tell(new, "changed", _tell_end(old, new), effective=_day_after(old, new))
    for told in compare_provisions(old, new):
        yield _tell_difference(new, told, None if is_only else new.in_force_from)


def _day_after(old: Provision, new: Provision) -> date:
    """Give the first day on which the ends of two versions make a difference."""
    return min(end for end in (old.in_force_to, new.in_force_to) if end is not None) + timedelta(days=1)


def _tell_end(old: Provision, new: Provision) -> str:
    if new.in_force_to is None:
        return f"it no longer ends on {old.in_force_to}"
    before = "" if old.in_force_to is None else f", not on {old.in_force_to}"
    return f"the version in force from {new.in_force_from} ends on {new.in_force_to}{before}"


def _tell(
    provision: Provision,
    kind: str,
    text: str,
    *,
    effective: date | None = None,
    before: str = "",
    after: str = "",
) -> Change:
    return Change(
        document="provision",
        id=provision.id.text,
        citation=provision.citation,
        title=provision.title,
        kind=kind,
        text=text,
        effective=effective,
        before=before,
        after=after,
        place=_place(provision.span),
    )


def _tell_difference(provision: Provision, told: Difference, effective: date | None) -> Change:
    return _tell(provision, "changed", told.text, effective=effective, before=told.before, after=told.after)


def _place(span: Span) -> str:
    return f"{span.file}:{span.line}"


def _compare_kind(
    kind: str, old: Sequence[_O], new: Sequence[_O], compare: Callable[[_O, _O], Iterator[Difference]]
) -> Iterator[Change]:
    """Compare documents of one kind by their ids."""
    before, after = {document.id.text: document for document in old}, {document.id.text: document for document in new}
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        shown = other or one
        assert shown is not None, "one of the two has the id"
        base = Change(
            document=kind,
            id=name,
            citation="" if isinstance(shown, Vocabulary) else shown.citation or "",
            title="",
            kind="changed",
            text="",
            place=_place(shown.id.span),
        )
        if one is None:
            yield replace(base, kind="added", text=f"a new {kind}")
        elif other is None:
            yield replace(base, kind="removed", text=f"the {kind} is removed")
        else:
            for told in compare(one, other):
                yield replace(base, text=told.text, before=told.before, after=told.after, effective=told.effective)
