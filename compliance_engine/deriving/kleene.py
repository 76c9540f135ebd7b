"""Three-valued truth as two columns: whether it may be true, and whether it may be false. Never null.

Static truth stays a Python bool, so that what is always so costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

Maybe = pl.Expr | bool


def either(a: Maybe, b: Maybe) -> Maybe:
    """Give a or b, folded where one is static."""
    if a is True or b is True:
        return True
    if a is False:
        return b
    return a if b is False else a | b


def both(a: Maybe, b: Maybe) -> Maybe:
    """Give a and b, folded where one is static."""
    if a is False or b is False:
        return False
    if a is True:
        return b
    return a if b is True else a & b


def opposite(a: Maybe) -> Maybe:
    """Give not a."""
    return (not a) if isinstance(a, bool) else ~a


ALWAYS = {value: pl.lit(value) for value in (False, True)}


def expression(a: Maybe) -> pl.Expr:
    """Give a column for a truth that may be static."""
    return ALWAYS[a] if isinstance(a, bool) else a


def masked(condition: Maybe, expr: pl.Expr) -> pl.Expr:
    """Give a column where a condition holds, null elsewhere."""
    return expr if condition is True else pl.when(expression(condition)).then(expr)


@dataclass(frozen=True, slots=True)
class Truth:
    """`may` be true, `may_not` be true; both: unknown."""

    may: Maybe
    may_not: Maybe

    @property
    def exprs(self) -> tuple[pl.Expr, ...]:
        """Give the columns that it is made of."""
        return tuple(e for e in (self.may, self.may_not) if not isinstance(e, bool))

    def rebuilt(self, exprs: tuple[pl.Expr, ...]) -> Truth:
        """Give the same truth over other columns, of which none is ever null."""
        rest = iter(exprs)
        may = self.may if isinstance(self.may, bool) else next(rest)
        return Truth(may, self.may_not if isinstance(self.may_not, bool) else next(rest))


TRUE = Truth(may=True, may_not=False)
FALSE = Truth(may=False, may_not=True)
UNKNOWN = Truth(may=True, may_not=True)


def certain(condition: pl.Expr) -> Truth:
    """Give the truth of a condition that is never null."""
    return Truth(condition, ~condition)


def of_column(expr: pl.Expr) -> Truth:
    """Give the truth of a nullable Boolean column: null is unknown."""
    return Truth(expr.fill_null(value=True), ~expr.fill_null(value=False))


def conjunction(*truths: Truth) -> Truth:
    """Give the strong Kleene `and`."""
    may: Maybe = True
    may_not: Maybe = False
    for truth in truths:
        may, may_not = both(may, truth.may), either(may_not, truth.may_not)
    return Truth(may, may_not)


def disjunction(*truths: Truth) -> Truth:
    """Give the strong Kleene `or`."""
    return negation(conjunction(*(negation(t) for t in truths)))


def negation(truth: Truth) -> Truth:
    """Give the strong Kleene `not`."""
    return Truth(truth.may_not, truth.may)


def union(a: Truth, b: Truth) -> Truth:
    """Give what either may be."""
    return Truth(either(a.may, b.may), either(a.may_not, b.may_not))


def guarded(guard: Maybe, truth: Truth) -> Truth:
    """Give what it may be where the guard holds, nothing elsewhere."""
    return Truth(both(guard, truth.may), both(guard, truth.may_not))
