"""An expression back as text, as its author could have written it: for reports and explanations."""

import re

from compliance_engine.model.syntax import (
    Argument,
    Binary,
    Call,
    Conditional,
    DateLiteral,
    Expr,
    Is,
    Member,
    NextDay,
    Number,
    Path,
    Quantified,
    RecordSet,
    Text,
    Unary,
    Window,
    Word,
)

_WORDS = re.compile(r'"[^"]*"|[()\[\]]|[^\s()\[\]]+')

# How tightly each operator binds, docs/language.md section 2; what binds less stands in parentheses.
_IF, _OR, _AND, _NOT, _SET, _COMPARE, _SUM, _PRODUCT, _ELSE, _ATOM = range(10)
_BINDING = {
    "or": _OR,
    "and": _AND,
    "=": _COMPARE,
    "<": _COMPARE,
    "<=": _COMPARE,
    ">": _COMPARE,
    ">=": _COMPARE,
    "+": _SUM,
    "-": _SUM,
    "before": _SUM,
    "after": _SUM,
    "working-before": _SUM,
    "working-after": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
    "else": _ELSE,
    "at": _ELSE,
}
_REACHING = ("before", "after", "working-before", "working-after")


def text_of(expression: Expr) -> str:
    """Write an expression in one line."""
    return _written(expression)[0]


def text_of_set(records: RecordSet) -> str:
    """Write a record set: `TYPE as NAME WINDOW where COND`."""
    source = f"finding of {records.source}" if records.finding else str(records.source)
    return _qualified(source, records.alias, records.window, records.where)


def text_of_argument(argument: Argument) -> str:
    """Write an argument of a call."""
    value = text_of(argument.value)
    return _qualified(
        f"finding of {value}" if argument.finding else value, argument.alias, argument.window, argument.where
    )


def _qualified(source: str, alias: str | None, window: Window | None, where: Expr | None) -> str:
    """Write what may follow the records of a set."""
    parts = [source]
    if alias:
        parts.append(f"as {alias}")
    if window and window.kind != "running":
        parts.append(_window(window))
    if where is not None:
        parts.append(f"where {text_of(where)}")
    return " ".join(parts)


def _window(window: Window) -> str:
    """Write a window."""
    length = text_of(window.length) if window.length else ""
    start = text_of(window.start) if window.start is not None else ""
    end = text_of(window.end) if window.end is not None else ""
    return {
        "trailing": f"in {length} to {end}",
        "leading": f"in {length} before period",
        "between": f"from {start} to {end}",
        "at": f"at {end}",
    }[window.kind]


def _written(expression: Expr) -> tuple[str, int]:
    """Write an expression, and say how tightly its outermost operator binds."""
    match expression:
        case Binary():
            return _binary(expression)
        case Unary():
            return _unary(expression)
        case Is() | Member():
            return (_is(expression) if isinstance(expression, Is) else _member(expression)), _COMPARE
        case Conditional():
            return _conditional(expression), _IF
        case Quantified():
            reaches = (
                _IF if expression.set.where is not None else _SET
            )  # what stands after `where` reaches as far as it can
            return f"{expression.quantifier} {text_of_set(expression.set)}", reaches
        case _:
            return _atom(expression), _ATOM


def _conditional(expression: Conditional) -> str:
    """Write `if A then B else C`; a default in B (`x else 0`) stands in parentheses, since an open `else` ends B."""
    condition, then, otherwise = map(text_of, (expression.condition, expression.then, expression.otherwise))
    branch = f"({then})" if _has_open_else(then) else then
    return f"if {condition} then {branch} else {otherwise}"


def _has_open_else(text: str) -> bool:
    """Say whether a text has an `else` outside parentheses and texts that is not the one of an `if`."""
    depth, balance = 0, 0
    for word in _WORDS.findall(text):
        depth += (word in {"(", "["}) - (word in {")", "]"})
        balance += (word == "else") - (word == "if") if depth == 0 else 0
    return balance > 0


def _unary(expression: Unary) -> tuple[str, int]:
    """Write `not x` or `-x`."""
    if expression.op == "not":
        return f"not {_inside(expression.operand, _NOT)}", _NOT
    return f"-{_inside(expression.operand, _ELSE)}", _PRODUCT


def _is(expression: Is) -> str:
    """Write `x is WORD`."""
    word = f'"{expression.word}"' if expression.quoted else expression.word
    return f"{_inside(expression.operand, _SUM)} is {'not ' if expression.negated else ''}{word}"


def _atom(expression: Number | Text | DateLiteral | Word | Path | Call | NextDay) -> str:
    """Write what needs no parentheses."""
    match expression:
        case Number():
            return f"{expression.text} {expression.unit}" if expression.unit else expression.text
        case Text():
            return f'"{expression.value}"'
        case Call():
            arguments = ", ".join(text_of_argument(argument) for argument in expression.arguments)
            running = any(one.window is not None and one.window.kind == "running" for one in expression.arguments)
            name = f"running {expression.name}" if running else expression.name
            return f"{name}({arguments})" + (f".{expression.field}" if expression.field else "")
        case NextDay():
            day = f"{expression.month:02d}-{expression.day:02d}" if expression.month else str(expression.day)
            return f"{day} of next {expression.unit}"
        case _:
            return str(expression) if isinstance(expression, Path) else expression.value


def _binary(expression: Binary) -> tuple[str, int]:
    """Write two operands and what stands between them."""
    binding = _BINDING[expression.op]
    # What stands after `before` or `after` reaches as far as it can: `1 day before X + 1 day` is a day before the sum.
    reaches = isinstance(expression.left, Binary) and expression.left.op in _REACHING
    left, right = _inside(expression.left, binding + reaches), _inside(expression.right, binding + 1)
    return f"{left} {expression.op.removeprefix('working-')} {right}", binding


def _member(expression: Member) -> str:
    """Write `x in [..]` or `x in table(ID)`."""
    items = ", ".join(text_of(item) for item in expression.items or ())
    place = f"[{items}]" if expression.items is not None else f"table({expression.table})"
    return f"{_inside(expression.operand, _SUM)} {'not ' if expression.negated else ''}in {place}"


def _inside(expression: Expr, binding: int) -> str:
    """Write an operand, in parentheses where it binds less tightly than its operator."""
    text, own = _written(expression)
    return text if own >= binding else f"({text})"
