"""What is told of a finding's figures: the value, its limit, by how much it is beyond, what each condition and `let` was."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import listing, rational
from compliance_engine.deriving.kleene import Truth, expression
from compliance_engine.deriving.limits import exceedance
from compliance_engine.deriving.printing import Figure
from compliance_engine.deriving.tables import repeated
from compliance_engine.deriving.values import Number, single
from compliance_engine.kernel.frames import rows_where
from compliance_engine.model.expression import LetRef
from compliance_engine.model.parts import parts
from compliance_engine.model.program import LimitSpec, Shown

if TYPE_CHECKING:
    from compliance_engine.deriving.context import Context
    from compliance_engine.deriving.judging import Judged

# A truth as text, by what is possible of it: 1 that it is true, 2 that it is not; null where neither was examined.
TRUTHS = pl.Series([None, "true", "false", "unknown"], dtype=pl.Enum(["true", "false", "unknown"]))


def truths_told(judged: Judged) -> pl.DataFrame:
    """Print whether each obligation is met (`met`), and what every named condition was (by role and name; null where a defence was not examined)."""
    truths = {"met": judged.met, **{f"{role} {name}": truth for (role, name), truth in judged.parts.items()}}
    return pl.DataFrame([_in_words(judged.context, truth).alias(name) for name, truth in truths.items()])


def _in_words(context: Context, truth: Truth) -> pl.Series:
    settled = context.settle(truth)
    assert isinstance(settled, Truth)
    found = repeated(0, context.frame.height, pl.UInt32)
    for part, weight in ((settled.may, 1), (settled.may_not, 2)):
        if part is not False:
            found = found + (weight if part is True else context.compute(part).cast(pl.UInt32) * weight)
    return TRUTHS[found]


def lets_told(judged: Judged) -> dict[str, Figure | None]:
    """Give every `let` that is a number and that the duty speaks of, also where nobody needed to know it."""
    read = _lets_read(judged)
    found = {
        let.name: judged.context.value(LetRef(kind="number", name=let.name))
        for let in judged.provision.lets
        if let.node.kind == "number" and let.name in read
    }
    return {f"let {name}": Figure(value) for name, value in found.items() if isinstance(value, Number)}


def _lets_read(judged: Judged) -> set[str]:
    """Name the lets that a duty speaks of, and those that these speak of: its context may have been read by others."""
    nodes = {let.name: let.node for let in judged.provision.lets}
    read: set[str] = set()
    waiting: list[object] = [judged.duty]
    while waiting:
        names = {part.name for part in parts(waiting.pop()) if isinstance(part, LetRef)} - read
        read |= names
        waiting += [nodes[name] for name in names]
    return read


def figures_told(judged: Judged) -> dict[str, Figure | None]:
    """Give the figure held against the limit, and the limit; None where the demand has none."""
    demand = judged.duty.demand
    unit = demand.unit if isinstance(demand, LimitSpec) else ""
    shown = demand.shown if isinstance(demand, LimitSpec) else None
    told: dict[str, Figure | None] = {}
    for name in ("value", "limit"):
        number = judged.figures.get(name)
        if number is not None and shown is not None and number.unit is None:
            told[name] = Figure(_as_seen(number, shown), shown.unit)
        else:
            told[name] = None if number is None else Figure(number, unit)
    return told


def _as_seen(number: Number, shown: Shown) -> Number:
    """Give a figure in the unit in which the author sees it."""
    offset, factor = (rational.constant(Fraction(text)) for text in (shown.offset, shown.factor))

    def seen(end: rational.Rational) -> rational.Rational:
        return rational.divide(rational.add(end, rational.negate(offset)), factor)

    low = seen(number.low)
    return replace(number, low=low, high=low if number.exact else seen(number.high))


def ratio_of(judged: Judged) -> rational.Rational | None:
    """Give the exceedance in percent as a fraction; the rule's own where it states one."""
    if judged.duty.exceedance is None:
        return exceedance(judged.figures, judged.context)
    stated = judged.context.once(judged.duty.exceedance)
    if not isinstance(stated, Number):  # `exceedance: none`
        return None
    return stated.low.only(expression(single(stated)) & ~expression(stated.absent.may))


def percent_beyond(context: Context, ratio: rational.Rational | None, violated: pl.Series) -> pl.Series:
    """Print the exceedance of the violations; null elsewhere."""
    shown = repeated(None, violated.len(), pl.Decimal(38, 9)).alias("exceedance_percent")
    rows = rows_where(violated)
    if ratio is None or rows.is_empty():
        return shown
    return shown.scatter(rows, listing.percents(context.frame[rows], ratio))
