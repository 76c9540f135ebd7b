"""Symbols that have an order: declared by an enum, or by a definition that gives them."""

from dataclasses import replace

from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.typed import Typed, wrong
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.expression import Aggregate, OfRank, Rank
from compliance_engine.model.law import Name


def ordered_by(order: tuple[Name, ...], value: Typed, scope: Scope) -> Typed:
    """Give the value with the order that its definition declares; report what the order leaves out."""
    if not order or value.is_wrong:
        return value
    words = tuple(dict.fromkeys(name.text for name in order))
    missing = [symbol for symbol in value.symbols or () if symbol not in words]
    if value.kind != "symbol" or value.symbols is None or missing:
        found = f"{missing[0]} is not in it" if missing else f"this is {value.described()}"
        hint = did_you_mean(missing[0], words) if missing else "order: [low, high] for a value that is low or high"
        scope.desk.report("bad-order", f"`order` lists all symbols of the value, and {found}", order[0].span, hint)
        if not missing:
            return wrong(value.place)
        words = (*words, *missing)
    return replace(value, symbols=words, ordered=True)


def ranked(value: Typed) -> Typed:
    """Give a symbol that has an order as its place in it; anything else as it is."""
    if value.kind != "symbol" or not value.ordered or not value.symbols:
        return value
    return replace(value, node=Rank(kind="number", operand=value.node, order=value.symbols), kind="number")


def of_rank(aggregate: Aggregate, order: tuple[str, ...]) -> OfRank:
    """Give the symbol at the place that a statistic of places gives."""
    return OfRank(kind="symbol", operand=aggregate, order=order)
