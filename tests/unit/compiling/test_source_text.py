"""Expressions written back as text."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance_engine.compiling.source_text import text_of, text_of_argument, text_of_set
from compliance_engine.kernel.span import Span
from compliance_engine.model.law import Forbid, Law, Limit
from compliance_engine.model.syntax import Argument, Expr, RecordSet
from compliance_engine.reading.law import read_law
from tests.unit.compiling.example_law import read_text

SHIPPED = Path(__file__).parents[3] / "rulesets"
HARD = [
    "a or b and not c",
    "(a or b) and c",
    "not (a and b)",
    "a - (b - c)",
    "a - b - c",
    "(a + b) * c / (d * e)",
    "-(a + b)",
    "(a else b) + c else d",
    "(if a then b else c) + d",
    "if a then if b then c else d else e",
    "(some x where a) and b",
    "(some x where a) or no y where b",
    "(if a then b else c) or d",
    "if a then (b else c) else d",
    "if a then (b else 0) + 1 else d else e",
    "if a then if b then (c else d) else e else f",
    "no x as y in 3 days to z.w where a or b",
    "every x from a to b where c",
    "count(x in 5 months before period where a) >= 2",
    "x at (a + 3 days) > y",
    "180 days before permit.expires",
    "(3 years before permit.expires) + 1 day",
    "3 years before (permit.expires + 1 day)",
    "3 years before permit.expires >= x.y",
    'a is not "B c" and d is present',
    "x not in [A, B] or y in table(t.u)",
    "table(t, a, b).c else 0",
    "percentile(x.y where a, 95 %)",
    "28 of next month > 03-01 of next year",
    "mean(censored(x.y, zero) where some z where a)",
]


def _bare(part: object) -> object:
    """Give a syntax tree without places and printed numbers."""
    if isinstance(part, tuple):
        return tuple(_bare(one) for one in part)
    if not dataclasses.is_dataclass(part) or isinstance(part, type):
        return part
    names = [field.name for field in dataclasses.fields(part) if field.name not in {"span", "text"}]
    return (type(part).__name__, *(_bare(getattr(part, name)) for name in names))


def _again(folder: Path, text: str) -> Expr:
    law = read_text(folder, f"definition: test.d\ncitation: c\nfor: tank\nvalue: >-\n  {text}\n")
    expression = law.definitions[0].fields[0][1].expression
    assert expression is not None
    return expression


@pytest.mark.parametrize("text", HARD)
def test_what_is_written_is_read_as_the_same(tmp_path: Path, text: str) -> None:
    """Law: reading what is written back gives the same expression."""
    expression = _again(tmp_path / "law", text)
    assert _bare(_again(tmp_path / "law", text_of(expression))) == _bare(expression)


def test_parentheses_stand_only_where_they_are_needed(tmp_path: Path) -> None:
    text = "a or b and not c = d + e * (f - g)"
    assert text_of(_again(tmp_path / "law", text)) == text


def _parts(part: object) -> Iterator[Expr | Argument | RecordSet]:
    """Give the outermost expressions of a law."""
    if isinstance(part, Forbid):
        yield part.set
    elif isinstance(part, Limit) and part.every is not None:
        yield part.every
        yield part.of
    elif isinstance(part, Expr | Argument | RecordSet):
        yield part
    elif isinstance(part, tuple):
        for one in part:
            yield from _parts(one)
    elif dataclasses.is_dataclass(part) and not isinstance(part, Span):
        for field in dataclasses.fields(part):
            yield from _parts(getattr(part, field.name))


def _shipped_law() -> Law:
    law, diagnostics = read_law([SHIPPED], cases=())
    assert not diagnostics
    return law


def test_every_expression_of_the_shipped_law_is_read_as_the_same(tmp_path: Path) -> None:
    """Law: reading what is written back gives the same expression."""
    law = _shipped_law()
    found = list(_parts((law.definitions, law.provisions)))
    wrapped = []
    for part in found:
        if isinstance(part, RecordSet):
            wrapped.append(f"some {text_of_set(part)}")
        elif isinstance(part, Argument):
            wrapped.append(f"mean({text_of_argument(part)})")
        else:
            wrapped.append(text_of(part))
    lines = [f"  x{number}: >-\n    {text}" for number, text in enumerate(wrapped)]
    again = read_text(
        tmp_path / "law", "definition: test.d\ncitation: c\nfor: tank\nlet:\n" + "\n".join(lines) + "\nvalue: x0\n"
    )
    assert len(found) > 100
    for part, let in zip(found, again.definitions[0].lets, strict=True):
        if isinstance(part, RecordSet | Argument):
            assert repr(_bare(part)) in repr(_bare(let.value))
        else:
            assert _bare(let.value) == _bare(part)
