"""Arithmetic and comparisons."""

from dataclasses import replace
from fractions import Fraction

from compliance_engine.compiling.checks import as_day, express, of_kind, read, same_time
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.quantities import MICROS_A_DAY, aligned, as_days, scaled
from compliance_engine.compiling.slips import time_meant
from compliance_engine.compiling.typed import DAYS, VARIES, Typed, number, truth, wrong
from compliance_engine.compiling.workdays import compile_working
from compliance_engine.kernel.span import Span
from compliance_engine.kernel.suggestions import did_you_mean
from compliance_engine.kernel.units import UnitProblem, combine, conversion
from compliance_engine.model.expression import Arithmetic, Compare, CompareBy, Const, Function, Round
from compliance_engine.model.syntax import Binary, Expr, Unary

_QUANTITY = "a number of days that facts or tables give is declared as `quantity d`"
TIMES = ("date", "instant")
TEMPERATURE, DIFFERENCE = "degC", "delta_degC"
COMPARISONS = ("=", "<", "<=", ">", ">=")


def compile_arithmetic(expression: Binary, scope: Scope) -> Typed:
    """Compile `+ - * /`."""
    left, right = express(expression.left, scope), express(expression.right, scope)
    return calculated(expression.op, left, right, expression.span, scope)


def calculated(op: str, left: Typed, right: Typed, place: Span, scope: Scope) -> Typed:
    """Join two compiled values by `+ - * /`."""
    if left.is_wrong or right.is_wrong:
        return wrong(place)
    if op in {"+", "-"}:
        if left.kind in TIMES or right.kind in TIMES:
            return _with_time(op, left, right, place, scope)
        return _sum(op, left, right, place, scope)
    left = of_kind(left, ("number",), scope, f"`{op}`")
    right = of_kind(right, ("number",), scope, f"`{op}`")
    return wrong(place) if left.is_wrong or right.is_wrong else _product(op, left, right, place, scope)


def _with_time(op: str, left: Typed, right: Typed, place: Span, scope: Scope) -> Typed:
    """Subtract two dates, or move a date by a length of time."""
    if op == "-" and left.kind in TIMES and right.kind in TIMES:
        left, right = same_time(left, right)
        node = Arithmetic(kind="number", op=op, left=left.node, right=right.node)
        between = number(node, place, DAYS)
        return between if left.kind == "date" else scaled(between, Fraction(1, MICROS_A_DAY), DAYS)
    if op == "+" and right.kind in TIMES:
        left, right = right, left
    counted = right.kind == "number" and right.unit == DAYS and not isinstance(right.node, Const)
    if left.kind not in TIMES or not (right.kind == "duration" or counted):
        usual = "write date + 30 days, instant + 24 hours, or date - date"
        unitless = right.kind == "number" and not right.unit and not right.bare
        hint = time_meant(left) or time_meant(right) or (_QUANTITY if unitless else usual)
        scope.desk.report(
            "kind-mismatch", f"`{op}` stands between {left.described()} and {right.described()}", place, hint
        )
        return wrong(place)
    if counted:
        right = counted_from(left.kind, right, scope)
        if right.is_wrong:
            return wrong(place)
    kind = "instant" if getattr(right.node, "micros", 0) else left.kind
    return Typed(node=Arithmetic(kind=kind, op=op, left=left.node, right=right.node), kind=kind, place=place)


def counted_from(kind: str, length: Typed, scope: Scope) -> Typed:
    """Give a number of days as it is added to a date, or a number of hours as it is to an instant; report the other two.

    A date is moved by whole days: a part of one reaches no further day. Days that are added to an instant move the clock
    on the wall, which no number does; hours that facts give need not be whole days.
    """
    hours = length.factor < 1
    if kind == "date" and not hours:
        return _whole(length, "down")
    if kind == "date":
        scope.desk.report(
            "kind-mismatch",
            f"hours that facts give count from an instant, and this is {length.described()}",
            length.place,
            "count from a field of the type instant, or write the hours out: if urgent then 24 hours else 72 hours",
        )
        return wrong(length.place)
    if hours:
        return _whole(scaled(length, Fraction(MICROS_A_DAY), DAYS), "half-up")
    scope.desk.report(
        "kind-mismatch",
        f"an instant is moved by hours, or by days that are written out (`30 days`), and this is {length.described()}",
        length.place,
        "add a number of days to a date: a field of days, `trigger`, `period.end`",
    )
    return wrong(length.place)


def _whole(length: Typed, mode: str) -> Typed:
    places, rounding = Const(kind="number", value="0"), Const(kind="symbol", value=mode)
    return replace(length, node=Round(kind="number", operand=length.node, places=places, mode=rounding))


def _sum(op: str, left: Typed, right: Typed, place: Span, scope: Scope) -> Typed:
    """Add or subtract two numbers; the difference of two temperatures is no temperature."""
    if left.kind == right.kind == "duration":
        left, right = as_days(left), as_days(right)
    units = (left.unit, right.unit)
    if TEMPERATURE in units:
        return _temperatures(op, left, right, place, scope)
    pair = aligned(left, right, op, place, scope)
    if pair is None:
        return wrong(place)
    one, other, unit = pair
    node = Arithmetic(kind="number", op=op, left=one.node, right=other.node)
    return replace(_plain(left), node=node, place=place, unit=unit)


def _plain(value: Typed) -> Typed:
    """Give a number without what it has as a literal."""
    return replace(value, bare=False, optional=False)


def _temperatures(op: str, left: Typed, right: Typed, place: Span, scope: Scope) -> Typed:
    """Subtract temperatures, or move one by a difference."""
    node = Arithmetic(kind="number", op=op, left=left.node, right=right.node)
    if op == "-" and left.unit == right.unit == TEMPERATURE:
        return number(node, place, DIFFERENCE)
    if left.unit == TEMPERATURE and right.unit == DIFFERENCE:
        return replace(_plain(left), node=node, place=place)
    hint = "write a difference of temperatures as 5 delta_degC"
    scope.desk.report("unit-mismatch", f"`{op}` stands between {left.described()} and {right.described()}", place, hint)
    return wrong(place)


def _product(op: str, left: Typed, right: Typed, place: Span, scope: Scope) -> Typed:
    """Multiply or divide two numbers, and convert the result into its own standard unit."""
    node = Arithmetic(kind="number", op=op, left=left.node, right=right.node)
    if VARIES in (left.unit, right.unit):
        return _varying_product(op, left, right, node, scope)
    unit = combine(left.unit, right.unit, op)
    if isinstance(unit, UnitProblem):
        message = f"`{op}` stands between {left.described()} and {right.described()}: {unit.message}"
        scope.desk.report("unit-mismatch", message, place)
        return wrong(place)
    standard, factor = unit
    result = scaled(number(node, place, standard), factor, standard)
    seen = left.factor * right.factor if op == "*" else left.factor / right.factor
    return replace(result, factor=seen * factor)


def _varying_product(op: str, left: Typed, right: Typed, node: Arithmetic, scope: Scope) -> Typed:
    """Multiply or divide a quantity whose unit varies: by a plain number, or by another for their ratio."""
    place = left.place
    if op == "/" and left.unit == right.unit:
        return number(node, place)
    fixed = right if left.unit == VARIES else left
    divides = op == "/" and right.unit == VARIES
    if fixed.unit not in {"", "%", "ppm"} or divides:
        hint = "a quantity whose unit varies is multiplied or divided by plain numbers, or divided by another such"
        scope.desk.report(
            "unit-mismatch", f"`{op}` stands between {left.described()} and {right.described()}", place, hint
        )
        return wrong(place)
    plain = conversion(fixed.unit, "")
    assert plain is not None
    return scaled(number(node, place, VARIES), plain if op == "*" else 1 / plain, VARIES)


def compile_moved(expression: Binary, scope: Scope) -> Typed:
    """Compile `DURATION before X` and `DURATION after X`, also of working days."""
    if expression.op.startswith("working-"):
        return compile_working(expression, scope)
    length, origin = express(expression.left, scope), express(expression.right, scope)
    op = "-" if expression.op == "before" else "+"
    length = of_kind(length, ("duration", "number"), scope, f"`{expression.op}`")
    origin = of_kind(origin, TIMES, scope, f"`{expression.op}`")
    return calculated(op, origin, length, expression.span, scope)


def compile_negative(expression: Unary, scope: Scope) -> Typed:
    """Compile `-x`."""
    operand = of_kind(express(expression.operand, scope), ("number",), scope, "`-`")
    if operand.is_wrong:
        return operand
    if isinstance(operand.node, Const) and operand.node.value is not None:
        node: Const | Function = Const(kind="number", value=str(-Fraction(operand.node.value)))
    else:
        node = Function(kind="number", name="negate", arguments=(operand.node,))
    return replace(operand, node=node, place=expression.span)


def compile_comparison(expression: Binary, scope: Scope) -> Typed:
    """Compile `= < <= > >=`; beside an enum, a bare word is one of its symbols."""
    left = read(scope.desk.express(expression.left, scope.expecting(())), scope)
    right = read(scope.desk.express(expression.right, scope.expecting(left.symbols or ())), scope)
    warn_of_itself(expression.op, left, right, expression.span, scope)
    return compared(expression.op, left, right, expression.span, scope)


def warn_of_itself(op: str, left: Typed, right: Typed, place: Span, scope: Scope) -> None:
    """Remark upon a value that is held against itself: wherever it is known, the outcome is the same."""
    if left.is_wrong or right.is_wrong:
        return
    if isinstance(left.node, Const) and isinstance(right.node, Const):
        scope.desk.warn(
            "settled", "both sides are written out, so that the outcome never changes", place, "name a field"
        )
        return
    if left.node != right.node:
        return
    holds = "holds" if "=" in op else "never holds"
    scope.desk.warn(
        "compared-with-itself",
        f"both sides of `{op}` are the same: it {holds}, whatever they are",
        place,
        "one of them was meant to be something else",
    )


def compared(op: str, left: Typed, right: Typed, place: Span, scope: Scope) -> Typed:
    """Compare two compiled values."""
    if left.is_wrong or right.is_wrong:
        return wrong(place)
    if left.kind == right.kind == "symbol":
        return _compared_symbols(op, left, right, place, scope)
    if left.kind in TIMES and right.kind in TIMES:  # an instant beside a date counts as its local day: see Compare
        return truth(Compare(kind="bool", op=op, left=left.node, right=right.node), place)
    if left.kind == right.kind == "bool" and op == "=":
        return truth(Compare(kind="bool", op=op, left=left.node, right=right.node), place)
    pair = aligned(left, right, op, place, scope)
    if pair is None:
        return wrong(place)
    one, other, unit = pair
    guard = unit if VARIES in (left.unit, right.unit) and unit != VARIES else ""
    return truth(Compare(kind="bool", op=op, left=one.node, right=other.node, unit=guard), place)


def _compared_symbols(op: str, left: Typed, right: Typed, place: Span, scope: Scope) -> Typed:
    """Compare two symbols: `=`, or by order where the enum has one."""
    enum = left if left.ordered else right
    for literal, other in ((left, right), (right, left)):
        check_symbol(literal, other, scope)
    if op == "=":
        return truth(Compare(kind="bool", op=op, left=left.node, right=right.node), place)
    if left.ordered and right.ordered and not _agree(left.symbols or (), right.symbols or ()):
        scope.desk.report(
            "kind-mismatch",
            f"`{op}` stands between symbols of two orders that contradict each other",
            place,
            "declare both from the least to the greatest: "
            f"{', '.join(left.symbols or ())} on the left, {', '.join(right.symbols or ())} on the right",
        )
        return wrong(place)
    if not enum.ordered or not enum.symbols:
        scope.desk.report("kind-mismatch", f"`{op}` compares texts only if they are an `ordered enum`", place)
        return wrong(place)
    return truth(Compare(kind="bool", op=op, left=left.node, right=right.node, order=enum.symbols), place)


def _agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Say whether two orders put the symbols that both have in the same order."""
    return [symbol for symbol in one if symbol in other] == [symbol for symbol in other if symbol in one]


def check_symbol(literal: Typed, other: Typed, scope: Scope) -> None:
    """Report a literal that is none of the symbols of what it is held against."""
    node = literal.node
    if not isinstance(node, Const) or node.value is None or other.symbols is None or isinstance(other.node, Const):
        return
    if node.value not in other.symbols:
        scope.desk.report(
            "unknown-symbol",
            f"{node.value} is none of {', '.join(other.symbols)}",
            literal.place,
            did_you_mean(node.value, other.symbols),
        )


def compared_by(left: Typed, op: Typed, right: Typed, place: Span, scope: Scope) -> Typed:
    """Compare two values by an operator that is data."""
    if left.is_wrong or right.is_wrong or op.is_wrong:
        return wrong(place)
    strange = [symbol for symbol in op.symbols or () if symbol not in COMPARISONS]
    if strange:
        scope.desk.report(
            "unknown-symbol", f"{strange[0]} is no comparison", op.place, f"write one of {', '.join(COMPARISONS)}"
        )
        return wrong(place)
    if left.kind in TIMES and right.kind in TIMES:
        left, right = as_day(left), as_day(right)
        return truth(CompareBy(kind="bool", left=left.node, op=op.node, right=right.node), place)
    pair = aligned(left, right, "compare", place, scope)
    if pair is None:
        return wrong(place)
    one, other, unit = pair
    guard = unit if VARIES in (left.unit, right.unit) and unit != VARIES else ""
    return truth(CompareBy(kind="bool", left=one.node, op=op.node, right=other.node, unit=guard), place)


def compile_operator(expression: Expr | str | None, scope: Scope, place: Span) -> Typed:
    """Compile an operator that may be data: a word such as `<=`, or an expression that yields one."""
    if expression is None or isinstance(expression, str):
        node = Const(kind="symbol", value=expression or "<=")
        return Typed(node=node, kind="symbol", place=place, symbols=(expression or "<=",))
    return of_kind(express(expression, scope.expecting(COMPARISONS)), ("symbol",), scope, "an operator")
