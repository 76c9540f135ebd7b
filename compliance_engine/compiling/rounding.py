"""`round(x, PLACES, MODE)`, in the unit that the author sees."""

from dataclasses import replace
from fractions import Fraction

from compliance_engine.compiling.checks import express, of_kind
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.typed import Typed, wrong
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.model.expression import AnyNode, Const, Round, Scale
from compliance_engine.model.syntax import Call, Expr

MODES = ("half-up", "half-down", "half-even", "up", "down")
MOST_PLACES = 18


def compile_round(call: Call, scope: Scope) -> Typed:
    """Compile `round(x, PLACES, MODE)`."""
    value = express(call.arguments[0].value, scope)
    mode = call.arguments[2].value if len(call.arguments) > 2 else None
    if mode is None:
        scope.desk.report(
            "bad-argument", "round needs a mode", call.span, f"write round(x, 1, MODE), MODE one of {', '.join(MODES)}"
        )
        return wrong(call.span)
    return rounded(value, call.arguments[1].value, mode, call.span, scope)


def rounded(value: Typed, places: Expr, mode: Expr, place: Span, scope: Scope) -> Typed:
    """Round a compiled number to places of the unit in which the author sees it."""
    scope = scope.expecting(())
    digits = of_kind(express(places, scope), ("number",), scope, "the places of `round`")
    how = of_kind(express(mode, scope.expecting(MODES)), ("symbol",), scope, "the mode of `round`")
    value = of_kind(value, ("number",), scope, "`round`")
    if value.is_wrong or digits.is_wrong or how.is_wrong:
        return wrong(place)
    if not _is_count(digits.node):
        message = f"the places of `round` are a whole number from -{MOST_PLACES} to {MOST_PLACES}, written out"
        scope.desk.report("bad-argument", message, digits.place, "write round(x, 1, half-up)")
        return wrong(place)
    strange = [symbol for symbol in how.symbols or () if symbol not in MODES]
    if strange or how.symbols is None:
        message = f"{strange[0]} is no mode of rounding" if strange else "the mode may be any text"
        hint = did_you_mean(strange[0], MODES) if strange else f"use an enum of {', '.join(MODES)}"
        scope.desk.report("unknown-symbol", message, how.place, hint)
        return wrong(place)
    return replace(value, node=_rounded_as_seen(value, digits.node, how.node), place=place, bare=False)


def _is_count(node: AnyNode) -> bool:
    """Say whether a node is a whole number of places that numbers may have."""
    value = Fraction(node.value) if isinstance(node, Const) and node.value is not None else None
    return value is not None and value.denominator == 1 and abs(value) <= MOST_PLACES


def _rounded_as_seen(value: Typed, places: AnyNode, mode: AnyNode) -> AnyNode:
    """Convert to the unit seen, round, and convert back: 1 place of ug/L is not 1 place of mg/L."""
    factor, offset = value.factor, value.offset
    if factor == 1 and offset == 0:
        return Round(kind="number", operand=value.node, places=places, mode=mode)
    seen = scale(value.node, 1 / factor, -offset / factor)
    return scale(Round(kind="number", operand=seen, places=places, mode=mode), factor, offset)


def scale(node: AnyNode, factor: Fraction, offset: Fraction) -> AnyNode:
    """Give a number x factor + offset; a literal at once."""
    if isinstance(node, Const) and node.value is not None:
        return Const(kind="number", value=str(Fraction(node.value) * factor + offset))
    return Scale(kind="number", operand=node, factor=str(factor), offset=str(offset))
