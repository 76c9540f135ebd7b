"""Symbols compared: with words, and with one another, over all that each may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from compliance_engine.deriving.kleene import ALWAYS, UNKNOWN, Maybe, Truth, both, certain, either, expression
from compliance_engine.deriving.values import perhaps

if TYPE_CHECKING:
    from compliance_engine.deriving.values import Option, Symbols


def may_be_among(domain: tuple[str, ...], symbols: tuple[str, ...]) -> Truth:
    """Give whether what may be any symbol of a domain (any at all where that is empty) is among some."""
    if not domain:
        return UNKNOWN
    return Truth(any(symbol in symbols for symbol in domain), any(symbol not in symbols for symbol in domain))


def is_symbol(value: Symbols, symbol: str) -> Truth:
    """Give whether it is that symbol."""
    return among(value, (symbol,))


def among(value: Symbols, symbols: tuple[str, ...]) -> Truth:
    """Give whether it is one of the symbols; `none` is none of them."""
    may: Maybe = False
    may_not: Maybe = value.absent.may
    for option in value.options:
        if option.literal is not None:
            inside: Maybe = option.literal in symbols
            outside: Maybe = not inside
        else:
            hit = option.value == symbols[0] if len(symbols) == 1 else option.value.cast(pl.String).is_in(list(symbols))
            found = certain(hit) if option.known else perhaps(hit, may_be_among(option.domain, symbols))
            inside, outside = found.may, found.may_not
        may = either(may, both(option.possible, inside))
        may_not = either(may_not, both(option.possible, outside))
    return Truth(may, may_not)


def same_symbol(a: Symbols, b: Symbols) -> Truth:
    """Give whether two symbols are equal over all pairs."""
    may: Maybe = both(a.absent.may, b.absent.may)
    may_not: Maybe = either(both(a.absent.may, b.absent.may_not), both(a.absent.may_not, b.absent.may))
    for x in a.options:
        for y in b.options:
            found = _same_option(x, y)
            here = both(x.possible, y.possible)
            may = either(may, both(here, found.may))
            may_not = either(may_not, both(here, found.may_not))
    return Truth(may, may_not)


def _same_option(x: Option, y: Option) -> Truth:
    first, second = x.value.cast(pl.String), y.value.cast(pl.String)
    hit = first == second
    if x.known and y.known:
        return certain(hit)
    domains = [o.domain if o.literal is None else (o.literal,) for o in (x, y)]
    if not all(domains) or (set(domains[0]) == set(domains[1]) and len(domains[0]) > 1):
        return perhaps(hit)
    # Of symbols that are listed one by one: each where the other is not known, and what is left where neither is.
    may, may_not = expression(any(s in domains[1] for s in domains[0])), ALWAYS[True]
    for own, other in ((first, domains[1]), (second, domains[0])):
        inside = own.is_in(list(other))
        may = pl.when(own.is_null()).then(may).otherwise(inside)
        may_not = pl.when(own.is_null()).then(may_not).otherwise(~inside | (len(other) > 1))
    return Truth(hit.fill_null(may), (~hit).fill_null(may_not))
