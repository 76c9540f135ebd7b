"""A small vocabulary, and law compiled from text through the real reader."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

from compliance_engine.compiling import compile_program
from compliance_engine.kernel.diagnostic import Diagnostic, render_diagnostic
from compliance_engine.model.expression import AnyNode
from compliance_engine.model.law import Law
from compliance_engine.model.program import Program
from compliance_engine.reading.law import read_law

Compile = Callable[[str], tuple[Program | None, tuple[Diagnostic, ...]]]

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


def read_text(folder: Path, text: str) -> Law:
    """Read law: the vocabulary above, then the documents given."""
    folder.mkdir(exist_ok=True)
    (folder / "vocabulary.yaml").write_text(VOCABULARY.lstrip("\n"), encoding="utf-8")
    (folder / "law.yaml").write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    law, diagnostics = read_law([folder])
    assert not diagnostics, "\n".join(render_diagnostic(diagnostic) for diagnostic in diagnostics)
    return law


def compile_text(folder: Path, text: str) -> tuple[Program | None, tuple[Diagnostic, ...]]:
    """Compile law."""
    return compile_program(read_text(folder, text))


def program_of(compiled: Compile, text: str) -> Program:
    """Compile law that is to have no error."""
    program, diagnostics = compiled(text)
    assert program is not None, "\n".join(render_diagnostic(diagnostic) for diagnostic in diagnostics)
    return program


def _definition(expression: str) -> str:
    return f"definition: test.value\ncitation: c\nfor: tank\nvalue: >-\n  {expression}\n"


def first_node(compiled: Compile, expression: str) -> AnyNode:
    """Compile an expression about a tank, and give its node."""
    return program_of(compiled, _definition(expression)).definitions["test.value"].fields[0].node


def codes(compiled: Compile, expression: str) -> list[str]:
    """Compile an expression about a tank that is to have errors, and give their codes."""
    program, diagnostics = compiled(_definition(f"({expression}) is present"))
    assert program is None
    return [diagnostic.code for diagnostic in diagnostics if diagnostic.level == "error"]


HEAD = """title: t
citation: c
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
status: confirmed
severity: major
"""


def provision(identity: str, body: str, head: str = HEAD) -> str:
    """Write a provision."""
    return f"provision: {identity}\n{head}{dedent(body).strip()}\n"
