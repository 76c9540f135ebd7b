"""`and`, `or`, `not`, `is`, `in`."""

from compliance_engine.compiling.checks import condition, of_kind, read
from compliance_engine.compiling.desk import Scope
from compliance_engine.compiling.index import find_id
from compliance_engine.compiling.operators import check_symbol, compared
from compliance_engine.compiling.optional import present_if, present_unless
from compliance_engine.compiling.typed import ABSENT, Typed, symbol, truth, wrong
from compliance_engine.kernel.span import Span
from compliance_engine.model.expression import (
    Among,
    AmongNumbers,
    And,
    AnyNode,
    Compare,
    Const,
    Field,
    Not,
    Or,
    Present,
)
from compliance_engine.model.syntax import Binary, Expr, Is, Member, Path, Text, Unary

_WHOLE = "each side is a whole condition: x is A or x is B; or write x in [A, B]"


def flattened(expression: Expr, op: str) -> tuple[Expr, ...]:
    """Give the operands of `a and b and c`."""
    if isinstance(expression, Binary) and expression.op == op:
        return (*flattened(expression.left, op), *flattened(expression.right, op))
    return (expression,)


def compile_junction(expression: Binary, scope: Scope) -> Typed:
    """Compile `and` or `or`; each operand knows what those before it say of absence."""
    learn = present_if if expression.op == "and" else present_unless
    nodes: list[AnyNode] = []
    failed = False
    inner = scope.expecting(())
    for operand in flattened(expression, expression.op):
        value = condition(operand, inner, f"`{expression.op}`", _WHOLE)
        failed = failed or value.is_wrong
        nodes.append(value.node)
        inner = inner.knowing(learn(value.node))
    if failed:
        return wrong(expression.span)
    operands = tuple(nodes)
    node = And(kind="bool", operands=operands) if expression.op == "and" else Or(kind="bool", operands=operands)
    return truth(node, expression.span)


def compile_not(expression: Unary, scope: Scope) -> Typed:
    """Compile `not c`."""
    value = condition(expression.operand, scope.expecting(()), "`not`")
    return value if value.is_wrong else truth(Not(kind="bool", operand=value.node), expression.span)


def _negated(node: AnyNode, place: Span, *, negated: bool) -> Typed:
    """Give a condition, or its negation."""
    return truth(Not(kind="bool", operand=node) if negated else node, place)


def compile_is(expression: Is, scope: Scope) -> Typed:
    """Compile `x is WORD`, `x is present`, `x is true`, `x is none`."""
    operand = scope.desk.express(expression.operand, scope.expecting(()))
    if operand.is_wrong:
        return operand
    if not expression.quoted and expression.word in {"present", "none"}:
        return _presence(operand, expression, scope)
    value = read(operand, scope)
    if value.is_wrong:
        return value
    if value.kind == "bool":
        return _is_bool(value, expression, scope)
    if value.kind != "symbol":
        absent = expression.word.lower() in {"null", "empty", "missing", "blank"}
        hint = "write `x is not present`" if absent else "write `=` to compare numbers and dates"
        if expression.word.lower() == "unknown":
            hint = "nothing can ask for what is not known: the verdict is then undetermined, and says so"
        scope.desk.report("kind-mismatch", f"`is {expression.word}` follows {value.described()}", expression.span, hint)
        return wrong(expression.span)
    literal = symbol(expression.word, expression.span)
    check_symbol(literal, value, scope)
    if not expression.quoted and value.symbols is None and expression.word in scope.lets:
        scope.desk.warn(
            "word-or-let",
            f"`is {expression.word}` asks for the text {expression.word}, and a `let` has this name",
            expression.span,
            f'write `= {expression.word}` for what the `let` says, or `is "{expression.word}"` for the text',
        )
    node = Compare(kind="bool", op="=", left=value.node, right=literal.node)
    return _negated(node, expression.span, negated=expression.negated)


def _presence(operand: Typed, expression: Is, scope: Scope) -> Typed:
    """Compile `is present` and `is none`; remark upon what can only be unknown, which no expression tests for."""
    never = isinstance(operand.node, Field) and operand.node.empty == "never"
    if expression.word in (operand.symbols or ()):
        scope.desk.warn(
            "symbol-or-absence",
            f"`is {expression.word}` asks whether there is a value at all, and {expression.word} is also one of its symbols",
            expression.span,
            f'ask for the symbol as `is "{expression.word}"`',
        )
    elif not operand.optional and not never and operand.kind != ABSENT:
        scope.desk.warn(
            "always-present",
            f"this is never none, so `is {expression.word}` always says the same",
            expression.span,
            "a missing value is unknown, not none; declare the field `empty: none` if an empty cell means absent",
        )
    present = Present(kind="bool", operand=operand.node)
    return _negated(present, expression.span, negated=expression.negated == (expression.word == "present"))


def _is_bool(value: Typed, expression: Is, scope: Scope) -> Typed:
    """Compile `x is true` and `x is false`."""
    if expression.word not in {"true", "false"} or expression.quoted:
        scope.desk.report(
            "kind-mismatch",
            f"`is {expression.word}` follows a condition",
            expression.span,
            "write `is true` or `is false`",
        )
        return wrong(expression.span)
    right = Const(kind="bool", value=expression.word)
    return _negated(
        Compare(kind="bool", op="=", left=value.node, right=right), expression.span, negated=expression.negated
    )


def compile_member(expression: Member, scope: Scope) -> Typed:
    """Compile `x in [A, B]` and `x in table(ID)`."""
    operand = read(scope.desk.express(expression.operand, scope.expecting(())), scope)
    if expression.table is not None:
        return _in_table(operand, expression, scope)
    items = expression.items or ()
    if operand.is_wrong:
        return operand
    if operand.kind == "symbol":
        return _in_symbols(operand, items, expression, scope)
    nodes = []
    for item in items:
        test = compared(
            "=", operand, read(scope.desk.express(item, scope.expecting(())), scope), expression.span, scope
        )
        if not isinstance(test.node, Compare):
            return wrong(expression.span)
        nodes.append(test.node)
    if all(node.left == operand.node and not node.unit for node in nodes):
        listed = AmongNumbers(kind="bool", operand=operand.node, items=tuple(node.right for node in nodes))
        return _negated(listed, expression.span, negated=expression.negated)
    return _negated(Or(kind="bool", operands=tuple(nodes)), expression.span, negated=expression.negated)


def _in_symbols(operand: Typed, items: tuple[Expr, ...], expression: Member, scope: Scope) -> Typed:
    """Compile a list of symbols: each a bare word or a text."""
    words = []
    for item in items:
        if not isinstance(item, Path | Text):
            scope.desk.report(
                "kind-mismatch",
                "a list held against a text has words or texts",
                item.span,
                'write [A, B] or ["a", "b"]',
            )
            return wrong(expression.span)
        word = item.value if isinstance(item, Text) else str(item)
        check_symbol(symbol(word, item.span), operand, scope)
        words.append(word)
    return _negated(
        Among(kind="bool", operand=operand.node, symbols=tuple(words)), expression.span, negated=expression.negated
    )


def _in_table(operand: Typed, expression: Member, scope: Scope) -> Typed:
    """Compile membership in the keys of a table."""
    assert expression.table is not None
    tables = scope.desk.index.tables
    identity = find_id(expression.table, tables, scope.desk.index)
    if isinstance(identity, tuple):
        scope.desk.report("unknown-name", identity[0], expression.span, identity[1])
        return wrong(expression.span)
    keys = tables[identity].spec.keys
    if len(keys) != 1:
        message = f"{identity} has {len(keys)} keys; `in` looks one up"
        scope.desk.report("bad-argument", message, expression.span, "write table(ID, key, key).column")
        return wrong(expression.span)
    value = of_kind(operand, ("symbol",), scope, f"`in table({expression.table})`")
    if value.is_wrong:
        return value
    return _negated(Among(kind="bool", operand=value.node, table=identity), expression.span, negated=expression.negated)
