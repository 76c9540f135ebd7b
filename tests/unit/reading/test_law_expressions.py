"""How expressions are read: precedence, the shapes of sets, and the place of every part in its file."""

from dataclasses import fields, is_dataclass
from fractions import Fraction

import pytest

from compliance_engine.kernel.span import Span
from compliance_engine.model.law import Subject
from compliance_engine.model.syntax import (
    Argument,
    Binary,
    Call,
    Conditional,
    Expr,
    Is,
    Member,
    NextDay,
    Number,
    Path,
    Quantified,
    RecordSet,
    Unary,
)
from compliance_engine.reading.law.expressions import MAX_DEPTH, read_argument, read_expression, read_set, read_subject
from compliance_engine.reading.law.nodes import MapNode, ScalarNode
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.texts import decode_text
from compliance_engine.reading.law.tokens import MAX_CHARACTERS
from compliance_engine.reading.law.yaml_nodes import read_documents


def scalar(yaml: str) -> ScalarNode:
    """Give the value of the first key of a YAML text."""
    problems = Problems()
    text = decode_text(yaml.encode(), "law.yaml", problems, tabs=False)
    assert text is not None
    (document,) = read_documents(text, problems)
    assert isinstance(document, MapNode)
    value = document.entries[0][1]
    assert isinstance(value, ScalarNode)
    assert not problems.found
    return value


def quoted(text: str) -> ScalarNode:
    """Give a text as a single-quoted scalar."""
    return scalar(f"x: '{text.replace(chr(39), chr(39) * 2)}'")


def parse(text: str) -> Expr:
    problems = Problems()
    parsed = read_expression(quoted(text), problems)
    assert not problems.found, problems.found
    return parsed


def refuse(text: str) -> tuple[str, str]:
    """Give code and message of the one mistake in a text."""
    problems = Problems()
    read_expression(quoted(text), problems)
    (found,) = problems.found
    return found.code, found.message


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


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a / b * c", "(a / b) * c"),
        ("a * b else c", "a * (b else c)"),
        ("a else b else c", "a else (b else c)"),
        ("-a else b", "-(a else b)"),
        ("-a * b", "(-a) * b"),
        ("rate at d else 0", "(rate at d) else 0"),
        ("a + 1 > b * 2", "(a + 1) > (b * 2)"),
        ("not a = b", "not (a = b)"),
        ("not a and b", "(not a) and b"),
        ("a or b and c", "a or (b and c)"),
        ("a is X or b", "(a is X) or b"),
        ("d < 180 days before e + 1 days", "d < (180 days before (e + 1 days))"),
        ("2 days before 3 months after d", "2 days before (3 months after d)"),
        ("if a then b else c or d", "if a then b else (c or d)"),
        ("if a then b else c else d", "if a then b else (c else d)"),
        ("if a then if b then c else d else e", "if a then (if b then c else d) else e"),
        ("if a else b then c else d", "if (a else b) then c else d"),
        ("if f(a else b) then (c else d) else e", "if (f(a else b)) then (c else d) else e"),
        ("not some a where b or c", "not (some a where (b or c))"),
        ("some a where some b where c and d", "some a where (some b where (c and d))"),
        ("some a and b", "(some a) and b"),
        ("some a at d and b", "(some a at d) and b"),
        ("a - -1", "a - (-1)"),
        ("a -1", "a - 1"),
        ("2 * -b", "2 * (-b)"),
    ],
)
def test_precedence(text: str, meaning: str) -> None:
    assert bare(parse(text)) == bare(parse(meaning))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("some a where b and c", "(some a where b) and c"),
        ("a - b", "a-b"),
        ("(a or b) and c", "a or b and c"),
        ("- 5 degC", "-5 degC"),
    ],
)
def test_these_differ(text: str, other: str) -> None:
    assert bare(parse(text)) != bare(parse(other))


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("30 mg/L", Fraction(30), "mg/L"),
        ("30mg/L", Fraction(30), "mg/L"),
        ("95 %", Fraction(95), "%"),
        ("126 CFU/100mL", Fraction(126), "CFU/100mL"),
        ("1e-5", Fraction(1, 100_000), None),
        ("0.10 MGD", Fraction(1, 10), "MGD"),
        ("-5 degC", Fraction(-5), "degC"),
        ("10 mg/L as N", Fraction(10), "mg/L as N"),
        ("126 {#/100mL}", Fraction(126), "#/100mL"),
        ("85 { dB(A) }", Fraction(85), "dB(A)"),
        ("6 months", Fraction(6), "months"),
        ("3 ng/m3", Fraction(3), "ng/m3"),
    ],
)
def test_numbers_are_exact_and_keep_the_unit_as_printed(text: str, value: Fraction, unit: str | None) -> None:
    number = parse(text)
    assert isinstance(number, Number)
    assert (number.value, number.unit) == (value, unit)


def test_a_word_of_the_language_after_a_number_is_no_unit() -> None:
    parsed = parse("count(a) >= 2 and b")
    assert isinstance(parsed, Binary)
    assert (parsed.op, bare(parsed.right)) == ("and", bare(parse("b")))


def test_a_unit_ends_at_a_blank() -> None:
    assert bare(parse("30 mg / L")) == bare(parse("(30 mg) / L"))


@pytest.mark.parametrize(("text", "month", "day"), [("28 of next month", None, 28), ("03-01 of next year", 3, 1)])
def test_days_of_the_next_period(text: str, month: int | None, day: int) -> None:
    parsed = parse(text)
    assert isinstance(parsed, NextDay)
    assert (parsed.month, parsed.day) == (month, day)


def test_a_finding_set_with_alias_and_window() -> None:
    parsed = parse("count(finding of a.b.c as f in 5 months before period where f.exceedance >= 40 %) >= 2")
    assert isinstance(parsed, Binary)
    assert isinstance(parsed.left, Call)
    (argument,) = parsed.left.arguments
    assert isinstance(argument.value, Path)
    assert (argument.finding, str(argument.value), argument.alias) == (True, "a.b.c", "f")
    assert argument.window is not None
    assert argument.window.length is not None
    assert (argument.window.kind, argument.window.length.unit) == ("leading", "months")
    assert bare(argument.where) == bare(parse("f.exceedance >= 40 %"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("some a in 365 days to due where c", "trailing"),
        ("some a in 5 months before period where c", "leading"),
        ("some a from x to y + 1 days where c", "between"),
        ("some a at period.end where c", "at"),
    ],
)
def test_windows(text: str, kind: str) -> None:
    parsed = parse(text)
    assert isinstance(parsed, Quantified)
    assert parsed.set.window is not None
    assert parsed.set.window.kind == kind
    assert bare(parsed.set.where) == bare(parse("c"))


def test_at_in_an_aggregate_is_its_window_and_elsewhere_an_operator() -> None:
    total, rate, bracketed = (
        parse("sum(tank.capacity at d where c)"),
        parse("f(rate at d, 2)"),
        parse("sum((rate at d))"),
    )
    assert isinstance(total, Call)
    assert isinstance(rate, Call)
    assert isinstance(bracketed, Call)
    window = total.arguments[0].window
    assert window is not None
    assert (window.kind, bare(window.end)) == ("at", bare(parse("d")))
    assert bare(rate.arguments[0].value) == bare(parse("rate at d"))
    assert bare(bracketed.arguments[0].value) == bare(parse("rate at d"))


def test_a_column_of_a_table() -> None:
    parsed = parse("table(snc-groups, parameter).trc else none")
    assert isinstance(parsed, Binary)
    assert isinstance(parsed.left, Call)
    assert (parsed.op, parsed.left.name, parsed.left.field, len(parsed.left.arguments)) == ("else", "table", "trc", 2)


def test_membership() -> None:
    among, table, outside = parse('x in [A, "b c", 3]'), parse("x in table(a.b)"), parse("x not in [A]")
    assert isinstance(among, Member)
    assert isinstance(table, Member)
    assert isinstance(outside, Member)
    assert among.items is not None
    assert len(among.items) == 3
    assert (table.items, table.table) == (None, "a.b")
    assert outside.negated


@pytest.mark.parametrize(
    ("text", "word", "quoted_word", "negated"),
    [("x is ENF", "ENF", False, False), ("x is not present", "present", False, True), ('x is "no"', "no", True, False)],
)
def test_is(text: str, word: str, quoted_word: bool, negated: bool) -> None:  # noqa: FBT001  a table of cases
    parsed = parse(text)
    assert isinstance(parsed, Is)
    assert (parsed.word, parsed.quoted, parsed.negated) == (word, quoted_word, negated)


def test_start_rules() -> None:
    problems = Problems()
    subject = read_subject(quoted("finding of daily-maximum/main where met is false"), problems)
    plain = read_subject(quoted("permit-limit where base is monthly-average"), problems)
    records = read_set(quoted("work where not supervised"), problems)
    argument = read_argument(quoted("censored(result.value, zero) at d where method-approved"), problems)
    assert not problems.found
    assert isinstance(subject, Subject)
    assert (subject.finding, subject.source.text, subject.duty) == (True, "daily-maximum", "main")
    assert subject.source.span == Span("law.yaml", 1, 16, 13)
    assert isinstance(plain, Subject)
    assert (plain.finding, plain.source.text) == (False, "permit-limit")
    assert isinstance(records, RecordSet)
    assert isinstance(records.where, Unary)
    assert isinstance(argument, Argument)
    assert isinstance(argument.value, Call)
    assert argument.window is not None


@pytest.mark.parametrize(
    ("yaml", "place"),
    [
        ("value: a + wrong", (1, 12)),
        ("value:   a + wrong", (1, 14)),
        ("value: 'a + wrong'", (1, 13)),
        ('value: "a + wrong"', (1, 13)),
        ("value: |\n  a +\n    wrong\n", (3, 5)),
        ("value: >-\n  a\n  + wrong\n", (3, 5)),
        ("value: a +\n  wrong", (2, 3)),
        ("value: 'a +\n\n   wrong'", (3, 4)),
    ],
)
def test_every_part_has_its_place_in_the_file(yaml: str, place: tuple[int, int]) -> None:
    problems = Problems()
    parsed = read_expression(scalar(yaml), problems)
    assert not problems.found
    assert isinstance(parsed, Binary)
    assert (parsed.right.span.line, parsed.right.span.column, parsed.right.span.length) == (*place, 5)


def test_a_span_covers_what_it_stands_for() -> None:
    parsed = parse("count(a where b) > 3 mg/L")
    assert isinstance(parsed, Binary)
    assert parsed.span == Span("law.yaml", 1, 5, 25)
    assert parsed.left.span == Span("law.yaml", 1, 5, 16)
    assert parsed.right.span == Span("law.yaml", 1, 24, 6)


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("a < b < c", "bad-expression", "found `<` after `a < b`"),
        ("2026-02-30 < d", "bad-expression", "is no date"),
        ("31-04 of next year", "bad-expression", "is no day"),
        ("1e99999", "bad-expression", "exponent"),
        ("9" * 41, "bad-expression", "digits"),
        ("from = 2", "bad-expression", "found `from`"),
        ("a.from = 2", "bad-expression", "word of the language"),
        ("running sum(a.b in 3 days to c)", "bad-expression", "found a window"),
        ("running mean(a.b)", "bad-expression", "found `mean`"),
        ("distinct (a, b) in c", "bad-expression", "found the end after `b) in c`"),
        ("x in other(ID)", "bad-expression", "expected `[` or `table(`"),
        ("some finding of a/b", "bad-expression", "a duty can be named only in `applies`"),
        ("some a in 5 months before d", "bad-expression", "expected `period`"),
        ("x" * (MAX_CHARACTERS + 1), "bad-expression", "characters"),
        (" or ".join(["a"] * (MAX_DEPTH + 2)), "bad-expression", "nested deeper"),
        ("(" * 300 + "a" + ")" * 302, "bad-expression", "words and signs"),
        ("not " * (MAX_DEPTH + 1) + "a", "bad-expression", "nested deeper"),
    ],
)
def test_refused(text: str, code: str, part: str) -> None:
    found, message = refuse(text)
    assert found == code
    assert part in message


def test_brackets_that_are_taken_off_do_not_count_as_depth() -> None:
    assert bare(parse("(" * 100 + "a" + ")" * 100)) == bare(parse("a"))


def test_conditionals_keep_their_branches() -> None:
    parsed = parse("if shutdown-needed then 120 days else 30 days")
    assert isinstance(parsed, Conditional)
    assert [bare(parsed.then), bare(parsed.otherwise)] == [bare(parse("120 days")), bare(parse("30 days"))]
