"""Laws of the expression parser, on random expressions written out by a printer of our own."""

from dataclasses import fields, is_dataclass
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from compliance_engine.kernel.diagnostic import render_diagnostic
from compliance_engine.kernel.span import Span
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
from compliance_engine.reading.law.expressions import read_expression
from compliance_engine.reading.law.nodes import ScalarNode, Source
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.tokens import KEYWORDS, RESERVED

HERE = Span("f", 1, 1)
BINDING = {
    "or": 1, "and": 2, "=": 5, "<": 5, "<=": 5, ">": 5, ">=": 5, "before": 6, "after": 6,
    "+": 7, "-": 7, "*": 8, "/": 8, "else": 10, "at": 11,
}  # fmt: skip
TIGHTEST = 12


def parse(text: str) -> Expr:
    """Parse a text, which must be without mistakes."""
    problems = Problems()
    node = ScalarNode(
        text=text,
        style="",
        span=Span("f", 1, 1, len(text)),
        end=(1, len(text) + 1),
        source=Source(name="f", text=text),
    )
    parsed = read_expression(node, problems)
    assert not problems.found, (text, [render_diagnostic(found) for found in problems.found])
    return parsed


def bare(node: object) -> object:
    """Give nested tuples without places."""
    if isinstance(node, tuple):
        return tuple(bare(item) for item in node)
    if is_dataclass(node) and not isinstance(node, type):
        return (
            type(node).__name__,
            *(bare(getattr(node, field.name)) for field in fields(node) if field.name != "span"),
        )
    return node


def write(node: Expr, least: int = 0) -> str:
    """Write an expression; in brackets where it binds less than `least`."""
    text, binding = _write(node)
    return f"({text})" if binding < least else text


def _write(node: Expr) -> tuple[str, int]:
    writers = (_write_atom, _write_operator, _write_compound)
    return next(written for writer in writers if (written := writer(node)) is not None)


def _write_atom(node: Expr) -> tuple[str, int] | None:
    text: str | None = None
    match node:
        case Number():
            text = node.text if node.unit is None else f"{node.text} {node.unit}"
        case Text():
            text = f'"{node.value}"'
        case DateLiteral() | Word():
            text = node.value
        case Path():
            text = ".".join(node.parts)
        case NextDay():
            text = f"{node.day} of next month" if node.month is None else f"{node.month:02}-{node.day:02} of next year"
        case Call():
            column = "" if node.field is None else f".{node.field}"
            text = f"{node.name}({', '.join(write_argument(part) for part in node.arguments)}){column}"
        case Quantified():
            # A `where` takes all that follows, so a set always stands in brackets here.
            text = f"({node.quantifier} {write_set(node.set)})"
    return None if text is None else (text, TIGHTEST)


def _write_operator(node: Expr) -> tuple[str, int] | None:
    match node:
        case Unary(op="not"):
            return f"not {write(node.operand, 3)}", 3
        case Unary():
            return f"- {write(node.operand, 9)}", 9
        case Binary():
            binding = BINDING[node.op]
            right_first = node.op in {"before", "after", "else"}
            either = node.op in {"=", "<", "<=", ">", ">=", "at"}
            left = write(node.left, binding + (right_first or either))
            right = write(node.right, binding + (not right_first))
            return f"{left} {node.op} {right}", binding
    return None


def _write_compound(node: Expr) -> tuple[str, int] | None:
    match node:
        case Is():
            word = f'"{node.word}"' if node.quoted else node.word
            return f"{write(node.operand, 6)} is {'not ' if node.negated else ''}{word}", 5
        case Member():
            among = f"table({node.table})" if node.items is None else f"[{', '.join(map(write, node.items))}]"
            return f"{write(node.operand, 6)} {'not ' if node.negated else ''}in {among}", 5
        case Conditional():
            then = write(node.then)
            # The first `else` after a `then` belongs to it: the operator stands in brackets there.
            then = f"({then})" if " else " in then else then
            return f"if {write(node.condition)} then {then} else {write(node.otherwise)}", 0
    return None


def write_set(records: RecordSet) -> str:
    """Write `TYPE as NAME WINDOW where COND`."""
    return _write_records(".".join(records.source.parts), records)


def write_argument(argument: Argument) -> str:
    """Write an argument of a call; an `at` in it stands in brackets, for it would be read as a window."""
    value = argument.value
    return _write_records(write(value, 6 if isinstance(value, Binary) and value.op == "at" else 0), argument)


def _write_records(source: str, records: RecordSet | Argument) -> str:
    words = [f"finding of {source}" if records.finding else source]
    words += [] if records.alias is None else [f"as {records.alias}"]
    words += [] if records.window is None else [_write_window(records.window)]
    words += [] if records.where is None else [f"where {write(records.where)}"]
    return " ".join(words)


def _write_window(window: Window) -> str:
    length = "" if window.length is None else f"{window.length.text} {window.length.unit}"
    if window.kind == "leading":
        return f"in {length} before period"
    assert window.end is not None
    end = write(window.end, TIGHTEST)
    if window.kind == "trailing":
        return f"in {length} to {end}"
    if window.kind == "between":
        assert window.start is not None
        return f"from {write(window.start, TIGHTEST)} to {end}"
    return f"at {end}"


NEVER, ALWAYS = st.just(value=False), st.just(value=True)
NAMES = st.from_regex(r"[A-Za-z_][a-z0-9_]{0,4}(-[a-z0-9]{1,3})?", fullmatch=True).filter(
    lambda word: word not in RESERVED
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: Path(parts=tuple(parts), span=HERE))
FUNCTIONS = NAMES.filter(lambda name: name != "finding")
UNITS = st.sampled_from(
    ["mg/L", "%", "CFU/100mL", "MGD", "lb/d", "ug/L", "degC", "months", "mg/L as N", "m3/d", "ng/m^3", "{#/100mL}"]
)
DIGITS = st.sampled_from(["0", "30", "0.10", "1e-5", "-1", "-0.5", "123456789.000001", "2E3"])


def number(digits: str, unit: str | None) -> Number:
    """Make a number."""
    return Number(value=Fraction(digits), text=digits, unit=None if unit is None else unit.strip("{}"), span=HERE)


NUMBERS = st.builds(number, DIGITS, st.none() | UNITS.filter(lambda unit: "{" not in unit))
LENGTHS = st.builds(number, st.sampled_from(["1", "12", "365"]), st.sampled_from(["days", "months", "years"]))
LEAVES = st.one_of(
    NUMBERS,
    st.builds(Text, value=st.sampled_from(["", "may endanger", "<=", "if [x]"]), span=st.just(HERE)),
    st.builds(DateLiteral, value=st.sampled_from(["2026-03-31", "2024-02-29"]), span=st.just(HERE)),
    st.builds(Word, value=st.sampled_from(["true", "false", "none"]), span=st.just(HERE)),
    st.builds(NextDay, month=st.none(), day=st.integers(1, 30), unit=st.just("month"), span=st.just(HERE)),
    st.builds(NextDay, month=st.integers(1, 12), day=st.integers(1, 28), unit=st.just("year"), span=st.just(HERE)),
    PATHS,
)


def windows(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Window | None]:
    """Give windows over expressions, or none."""
    nothing, here = st.none(), st.just(HERE)
    return st.one_of(
        nothing,
        st.builds(Window, kind=st.just("trailing"), length=LENGTHS, start=nothing, end=inner, span=here),
        st.builds(Window, kind=st.just("leading"), length=LENGTHS, start=nothing, end=nothing, span=here),
        st.builds(Window, kind=st.just("between"), length=nothing, start=inner, end=inner, span=here),
        st.builds(Window, kind=st.just("at"), length=nothing, start=nothing, end=inner, span=here),
    )


def calls(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Call]:
    """Give calls: aggregates over records in a window, and functions of plain values."""
    here, maybe = st.just(HERE), st.none() | inner
    plain = st.builds(Argument, value=inner, finding=NEVER, alias=st.none(), window=st.none(), where=maybe, span=here)
    ranging = st.builds(
        Argument,
        value=PATHS,
        finding=st.booleans(),
        alias=st.none() | NAMES,
        window=windows(inner),
        where=maybe,
        span=here,
    )
    field = st.none() | NAMES
    return st.one_of(
        st.builds(Call, name=FUNCTIONS, arguments=st.lists(plain, max_size=3).map(tuple), field=field, span=here),
        st.builds(
            Call,
            name=st.sampled_from(["count", "sum", "max", "share"]),
            arguments=st.tuples(ranging),
            field=field,
            span=here,
        ),
    )


def compounds(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Give everything that holds other expressions."""
    here, maybe = st.just(HERE), st.none() | inner
    sets = st.builds(
        RecordSet,
        source=PATHS,
        finding=st.booleans(),
        alias=st.none() | NAMES,
        window=windows(inner),
        where=maybe,
        span=here,
    )
    words = st.one_of(
        st.tuples(NAMES, NEVER), st.tuples(st.sampled_from(["a b", "<"]), ALWAYS),
        st.tuples(st.sampled_from(["present", "true", "none"]), NEVER),
    )  # fmt: skip
    return st.one_of(
        st.builds(Binary, op=st.sampled_from(sorted(BINDING)), left=inner, right=inner, span=here),
        st.builds(Unary, op=st.just("not"), operand=inner, span=here),
        st.builds(Unary, op=st.just("-"), operand=inner, span=here),
        st.builds(Conditional, condition=inner, then=inner, otherwise=inner, span=here),
        st.builds(Quantified, quantifier=st.sampled_from(["some", "no", "every"]), set=sets, span=here),
        st.builds(
            lambda operand, word, negated: Is(
                operand=operand, word=word[0], quoted=word[1], negated=negated, span=HERE
            ),
            inner, words, st.booleans(),
        ),
        st.builds(
            Member, operand=inner, items=st.lists(inner, min_size=1, max_size=3).map(tuple), table=st.none(),
            negated=st.booleans(), span=here,
        ),
        st.builds(Member, operand=inner, items=st.none(), table=PATHS.map(str), negated=st.booleans(), span=here),
        calls(inner),
    )  # fmt: skip


def operators(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Give what precedence is about, and little else."""
    here = st.just(HERE)
    binary = st.builds(Binary, op=st.sampled_from(sorted(BINDING)), left=inner, right=inner, span=here)
    return st.one_of(
        binary,
        binary,
        st.builds(Unary, op=st.sampled_from(["not", "-"]), operand=inner, span=here),
        st.builds(Conditional, condition=inner, then=inner, otherwise=inner, span=here),
    )


LETTERS = st.sampled_from("abc").map(lambda letter: Path(parts=(letter,), span=HERE))
EXPRESSIONS = st.recursive(LEAVES, compounds, max_leaves=12) | st.recursive(LETTERS, operators, max_leaves=10)


@given(EXPRESSIONS)
def test_what_is_written_is_read_back(expression: Expr) -> None:
    """Round trip: an expression, written with as few brackets as precedence allows, is parsed to itself."""
    assert bare(parse(write(expression))) == bare(expression)


@given(EXPRESSIONS)
def test_brackets_around_an_expression_change_nothing(expression: Expr) -> None:
    """Brackets: `(x)` is `x`."""
    text = write(expression)
    assert bare(parse(f"({text})")) == bare(parse(text))


@given(EXPRESSIONS)
def test_blanks_change_nothing(expression: Expr) -> None:
    """Layout: any run of blanks and line ends between words means one blank."""
    text = write(expression)
    if '"' not in text and " as " not in text:
        assert bare(parse(text.replace(" ", "  \n "))) == bare(parse(text))


PIECES = st.sampled_from([*"ab1.-+*/()[]<>=,\"{}% \n_é'", *(f" {word} " for word in sorted(KEYWORDS)), "finding of "])


@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_text_gives_an_expression_or_a_diagnostic(text: str) -> None:
    """Totality: no text makes the parser fail in another way than by a diagnostic at a place inside the text."""
    problems = Problems()
    lines = tuple(text.split("\n"))
    node = ScalarNode(
        text=text,
        style="",
        span=Span("f", 1, 1),
        end=(len(lines), len(lines[-1]) + 1),
        source=Source(name="f", text=text),
    )
    read_expression(node, problems)
    for found in problems.found:
        assert found.span is not None
        assert 1 <= found.span.line <= len(lines)
        assert 1 <= found.span.column <= len(lines[found.span.line - 1]) + 1
