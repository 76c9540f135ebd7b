"""From what is possible to one verdict: every enumerated obligation gets its one finding (docs/language.md section 5).

What comparison left open of an obligation is eight bits: whether it possibly applies, is lifted, is met, is excused, and whether possibly not.
Obligations of a duty with the same bits are one class, and have one verdict. Most classes are plain: certainly outside, or certainly bound and
certainly met. The others become propositions for the inference engine, one pair a class however many obligations it has, whose
conclusions say which verdicts remain possible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.columns import selected
from compliance_engine.deriving.due import perhaps_overdue
from compliance_engine.deriving.kleene import expression
from compliance_engine.deriving.tables import repeated
from compliance_engine.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from compliance_engine.deriving.judging import Judged

# What the engine concludes, and the status that it makes possible.
CONCLUSIONS = {
    "possibly-not-applicable": Status.NOT_APPLICABLE,
    "possibly-exempt": Status.EXEMPT,
    "possibly-compliant": Status.COMPLIANT,
    "possibly-excused": Status.EXEMPT,
    "possibly-violated": Status.VIOLATION,
}
ORDER = [s.value for s in Status]
STATUS = pl.Enum(ORDER)
BITS = tuple(f"{name}.{end}" for name in ("applies", "lifted", "met", "excused") for end in "tf")
OVERDUE = len(BITS)
CODES = 2 ** (OVERDUE + 1)
SESSION = 1


def truths_of(judged: Sequence[Judged]) -> pl.DataFrame:
    """Give what is possible of each obligation of some duties, one below the other: applies.t, applies.f, lifted.t ...

    All of it, with whether it is perhaps overdue, are the bits of a code; `key` is the number of the duty times `CODES`, plus the code.
    """
    bits = [pl.col(name).cast(pl.UInt32) * 2**place for place, name in enumerate((*BITS, "overdue"))]
    numbers = [repeated(number * CODES, item.height, pl.UInt32) for number, item in enumerate(judged)]
    frame = pl.concat([_truth_columns(item) for item in judged]).hstack([pl.concat(numbers).alias("base")])
    return frame.select(*BITS, pl.sum_horizontal("base", *bits).cast(pl.UInt32).alias("key"))


def _truth_columns(judged: Judged) -> pl.DataFrame:
    truths = {"applies": judged.applies, "lifted": judged.lifted, "met": judged.met, "excused": judged.excused}
    parts = [expression(part) for truth in truths.values() for part in (truth.may, truth.may_not)]
    named = [part.alias(name) for part, name in zip(parts, BITS, strict=True)]
    overdue = perhaps_overdue(judged.context, judged.due).alias("overdue")
    return selected(judged.context.frame, [*named, overdue])


@dataclass(frozen=True, slots=True)
class Class:
    """Obligations of one duty (its number in the stratum) of which the same is possible: bits as in `truths_of`, without `overdue`."""

    duty: int
    bits: int

    def holds(self, name: str) -> bool:
        """Say whether this is possible."""
        return bool(self.bits >> BITS.index(name) & 1)

    @property
    def plain(self) -> Status | None:
        """Give the verdict that needs no inference."""
        if not self.holds("applies.t"):
            return Status.NOT_APPLICABLE
        doubtful = self.holds("applies.f") or self.holds("lifted.t") or self.holds("met.f")
        return None if doubtful else Status.COMPLIANT


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What each class may be: the statuses that remain possible, in their order, and the rules that concluded them."""

    classes: tuple[Class, ...]
    possible: tuple[tuple[Status, ...], ...]
    rules: tuple[str, ...]


def classes_of(keys: Sequence[int]) -> tuple[Class, ...]:
    """List the classes of the obligations with these keys, by duty and bits."""
    return tuple(Class(*found) for found in sorted({(key // CODES, key % 2**OVERDUE) for key in keys}))


def propositions(
    classes: Sequence[Class], names: Sequence[str], consequences: Mapping[str, Sequence[int]]
) -> pl.DataFrame:
    """Give what the engine has to decide: a proposition `scope` and one `conduct` for each class that is not plain; `key` is its place.

    `names`: of the duties, as provision/duty; `consequences`: for such a name the numbers of the provisions that a breach of it triggers.
    """
    rows: list[dict[str, int | str]] = []
    breached: set[int] = set()
    for key, item in enumerate(classes):
        if item.plain is not None:
            continue
        bound = item.holds("applies.t") and item.holds("lifted.f")
        unmet = bound and item.holds("met.f")
        scope = {"out": item.holds("applies.f"), "lifted": item.holds("applies.t") and item.holds("lifted.t")}
        conduct = {
            "met": bound and item.holds("met.t"),
            "excused": unmet and item.holds("excused.t"),
            "unexcused": unmet and item.holds("excused.f"),
        }
        rows.append(_proposition("scope", key, scope | {"bound": bound}) | {"duty": item.duty})
        if bound:
            rows.append(_proposition("conduct", key, conduct))
        if conduct["unexcused"]:
            breached.add(item.duty)
    rows += [
        _proposition("consequence", duty, {}) | {"target": target}
        for duty in sorted(breached)
        for target in consequences.get(names[duty], ())
    ]
    return pl.DataFrame(rows, schema_overrides={"session": pl.UInt32}, infer_schema_length=None)


def _proposition(kind: str, key: int, truths: Mapping[str, bool]) -> dict[str, int | str]:
    return {"session": SESSION, "kind": kind, "key": key, **{name: int(value) for name, value in truths.items()}}


def verdicts(classes: Sequence[Class], conclusions: pl.DataFrame | None) -> Verdicts:
    """Give what each class may be, with what the engine concluded of those that are not plain."""
    possible: list[set[Status]] = [set() if item.plain is None else {item.plain} for item in classes]
    rules: list[set[str]] = [set() for _ in classes]
    for key, kind, rule in () if conclusions is None else conclusions.select("key", "kind", "rule").iter_rows():
        if kind in CONCLUSIONS:
            possible[key].add(CONCLUSIONS[kind])
            rules[key].add(rule)
    return Verdicts(
        tuple(classes),
        tuple(tuple(status for status in Status if status in found) for found in possible),
        tuple("|".join(sorted(found)) for found in rules),
    )


def statuses(truths: pl.DataFrame, keys: Sequence[int], found: Verdicts) -> pl.DataFrame:
    """Give the status of each obligation, the verdicts that remain possible, and the rule that concluded them; `keys`: the different ones, ascending."""
    said = {(item.duty, item.bits): number for number, item in enumerate(found.classes)}
    places = [said[key // CODES, key % 2**OVERDUE] for key in keys]
    verdicts = [found.possible[place] for place in places]
    open_still = [Status.UNDETERMINED if key >> OVERDUE & 1 else Status.PENDING for key in keys]
    status = [v[0] if len(v) == 1 else o for v, o in zip(verdicts, open_still, strict=True)]
    possible = ["|".join(v) if len(v) > 1 else "" for v in verdicts]
    columns = [
        pl.Series("status", status, dtype=STATUS),
        pl.Series("possible", possible, dtype=pl.Categorical),
        pl.Series("rule", [found.rules[place] for place in places], dtype=pl.Categorical),
    ]
    row = pl.Series(keys, dtype=pl.UInt32).search_sorted(truths["key"])
    return pl.DataFrame([column[row] for column in columns])
