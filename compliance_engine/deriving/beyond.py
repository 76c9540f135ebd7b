"""By how much a breach is beyond its limit, for the provisions that read it: what is certain, and whether that is all."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving import decimals, rational
from compliance_engine.deriving.kleene import both, expression
from compliance_engine.deriving.limits import amount, exceedance
from compliance_engine.deriving.values import Number, single
from compliance_engine.model.facts import Shape
from compliance_engine.model.program import LimitSpec

if TYPE_CHECKING:
    from compliance_engine.deriving.judging import Judged

ZERO = rational.constant(Fraction(0))
# Of figures of which nothing is known.
UNKNOWN = {name: Shape(scale=1, largest=1) for name in ("exceedance", "amount")}


@dataclass(frozen=True, slots=True)
class Beyond:
    """A figure of a breach: it is `least` where that is `exact`, else at least that (null: nothing is known); `none`: there certainly is none."""

    least: rational.Rational
    exact: pl.Expr
    none: pl.Expr


def columns_beyond(judged: Judged, surely: pl.Expr) -> tuple[dict[str, pl.Expr], dict[str, Shape]]:
    """Give the columns of `exceedance` and `amount` that `references.attribute_value` reads, where the breach is certain (`surely`).

    Of each numerator and denominator (__n, __d), and whether that is the figure, or there is none (__x); of an amount its unit (__u).
    """
    columns: dict[str, pl.Expr] = {}
    shapes = dict(UNKNOWN)
    for name, found in (("exceedance", _exceedance(judged)), ("amount", _amount(judged))):
        if found is None:
            continue
        num, den = decimals.reduced(found.least)
        columns[f"{name}__n"], columns[f"{name}__d"] = (pl.when(surely).then(part) for part in (num, den))
        settled = pl.when(num.is_null()).then(found.none).otherwise(found.exact).fill_null(value=False)
        columns[f"{name}__x"] = ~surely | settled
        largest = (found.least.den_bound * found.least.scale, found.least.bound)
        scale, most = (min(bound, rational.INT128_MAX) for bound in largest)
        shapes[name] = Shape(scale=scale, largest=most)
    columns["amount__u"] = _unit(judged)
    return columns, shapes


def _exceedance(judged: Judged) -> Beyond | None:
    """Give the exceedance in percent, the rule's own where it states one; of a limit of zero there is none."""
    if judged.duty.exceedance is None:
        ratio = exceedance(judged.figures, judged.context)
        return None if ratio is None else Beyond(ratio, _is_fixed(judged), _is_zero(judged.figures["limit"]))
    stated = judged.context.once(judged.duty.exceedance)
    if not isinstance(stated, Number):  # `exceedance: none`
        return None
    here = ~expression(stated.absent.may)
    return Beyond(stated.low, here & expression(single(stated)), ~expression(stated.absent.may_not))


def _amount(judged: Judged) -> Beyond | None:
    found = amount(judged.figures)
    return None if found is None else Beyond(found, _is_fixed(judged), pl.lit(value=False))


def _is_fixed(judged: Judged) -> pl.Expr:
    return expression(both(single(judged.figures["value"]), single(judged.figures["limit"])))


def _is_zero(limit: Number) -> pl.Expr:
    return (rational.compare("==", limit.low, ZERO) & rational.compare("==", limit.high, ZERO)).fill_null(value=False)


def _unit(judged: Judged) -> pl.Expr:
    """Give the standard unit of an amount: that of its side whose unit the records bring, else that of the demand."""
    demand = judged.duty.demand
    own = next((n.unit for n in judged.figures.values() if n.unit is not None), None)
    if own is not None:
        return own.cast(pl.String)
    return pl.lit(demand.unit if isinstance(demand, LimitSpec) else "")
