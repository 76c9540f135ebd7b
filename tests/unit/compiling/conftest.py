"""Law from text, through the real reader."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from compliance_engine.compiling import compile_program
from compliance_engine.kernel.diagnostic import Diagnostic, render_diagnostic
from compliance_engine.model.law import Law
from compliance_engine.model.program import Program
from compliance_engine.reading.law import read_law

VOCABULARY = """
vocabulary: test
types:
  site: {kind: reference, fields: {name: text}}
  permit:
    kind: state
    span: {from: effective, to: expires}
    fields: {site: reference site, effective: date, expires: {type: date, empty: never}}
  tank:
    kind: reference
    fields:
      site: reference site
      permit: reference permit
      capacity: {type: quantity gal, domain: non-negative}
      class: "ordered enum [I, II, III]"
      use: "enum [oil, water]"
      note: text
      closed: {type: date, empty: none}
      coated: {type: bool, empty: none}
      ceiling: {type: quantity, unit: varies}
      temperature: quantity degF
  reading:
    kind: event
    time: date
    links: {tank: [site, note]}
    fields:
      site: reference site
      note: text
      date: date
      level: {type: qualified quantity mg/L, domain: non-negative}
      any: {type: qualified quantity, unit: varies}
      extra: {type: quantity mg/L, empty: none}
      seen: instant
      good: bool
      number: integer
  check:
    kind: event
    time: done-at
    fields: {tank: reference tank, done-at: instant, passed: bool, next-due: {type: date, empty: none}}
"""

Compile = Callable[[str], tuple[Program | None, tuple[Diagnostic, ...]]]


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Law]:
    """Read law: the vocabulary of the tests, then the documents given."""

    def _read(text: str) -> Law:
        folder = tmp_path / "law"
        folder.mkdir(exist_ok=True)
        (folder / "vocabulary.yaml").write_text(VOCABULARY.lstrip("\n"))
        (folder / "law.yaml").write_text(dedent(text).lstrip("\n"))
        law, diagnostics = read_law([folder])
        assert not diagnostics, "\n".join(render_diagnostic(diagnostic) for diagnostic in diagnostics)
        return law

    return _read


@pytest.fixture
def compiled(read: Callable[[str], Law]) -> Compile:
    """Compile law: the program, and what is wrong."""

    def _compiled(text: str) -> tuple[Program | None, tuple[Diagnostic, ...]]:
        return compile_program(read(text))

    return _compiled


@pytest.fixture
def program(compiled: Compile) -> Callable[[str], Program]:
    """Compile law that is to have no error."""

    def _program(text: str) -> Program:
        result, diagnostics = compiled(text)
        assert result is not None, "\n".join(render_diagnostic(diagnostic) for diagnostic in diagnostics)
        return result

    return _program


@pytest.fixture
def value_of(program: Callable[[str], Program]) -> Callable[..., object]:
    """Compile an expression as a definition's value and give its node."""

    def _value(expression: str, about: str = "tank", each: str = "") -> object:
        grain = f"\neach: {each}" if each else ""
        text = f"definition: test.value\ncitation: none\nfor: {about}{grain}\nvalue: {expression!r}\n".replace("'", '"')
        return program(text.replace("\\\"", "'")).definitions["test.value"].fields[0].node

    return _value
