"""Law from a stranger: whatever the bytes are, reading gives law and diagnostics, and nothing else."""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_engine.compiling import compile_program
from compliance_engine.kernel.diagnostic import Diagnostic, has_errors, join_diagnostics
from compliance_engine.model.law import Law
from compliance_engine.reading.law import read_law
from compliance_engine.workflow.rules import check_quickly, check_rules

SOUND = b"""\
vocabulary: us.test
types:
  site: {kind: reference, fields: {name: text}}
  permit:
    kind: state
    span: {from: effective, to: expires}
    fields: {site: reference site, effective: date, expires: {type: date, empty: never}}
  result:
    kind: event
    time: date
    fields: {date: date, value: {type: qualified quantity, unit: varies, domain: non-negative}, level: "enum [A, B]"}
---
definition: us.test.mean
citation: 40 CFR 122.44(d)
for: permit
each: calendar month
let: {s: some permit at period.end where site.name is "x"}
first:
  - {when: s, then: 'mean(result.value where date > 2026-03-31)'}
  - {otherwise: none}
---
parameter: us.test.days
citation: 40 CFR 262.42
values: [{from: 2010-01-01, value: 35 days}, {from: 2025-01-22, value: 45 days}]
---
table: us.test.limits
citation: Annex I
keys: {class: text, size: {type: decimal, band: from}}
columns: {limit: quantity mg/L}
file: limits.csv
---
provision: us.test.average
title: The average stays within the limit
text: |
  A text
  of two lines
citation: 40 CFR 122.41(a)(1)
in_force: {from: 1983-09-01, to: 2030-01-01}
reviewed: 2026-11-01
applies: {to: finding of us.test.mean/main where met is false, each: calendar month, while: [permit]}
duties:
  - {id: a, limit: {every: "censored(result.value, zero)", must: "<=", of: "table(us.test.limits, x, 1).limit"}}
  - {id: b, require: {any: [some result in 365 days to due, count(result) >= 2]}, by: 28 of next month}
unless:
  - {id: upset, when: if a then b else c, because: "affirmative \\u0064efence"}
severity: major
---
cases: us.test.average
facts: {site: [{id: s, name: ~}]}
complete: [{type: result, from: 2026-01-01, to: 2026-12-31}]
cases:
  - {case: one, kind: pass, as_of: 2026-04-20, expect: [{subject: L1, period: 2026-03, status: compliant}]}
"""
TABLE = b'class,size,limit\nI,0,3 mg/L\n"I",0.10,"1e-5 mg/L"\n'
Edit = Callable[[bytes], bytes]


def read(law: bytes, table: bytes) -> tuple[Law, tuple[Diagnostic, ...]]:
    """Read these bytes as a ruleset."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "law.yaml").write_bytes(law)
        (folder / "limits.csv").write_bytes(table)
        return read_law([folder])


def at(place: float, data: bytes) -> int:
    """Give an offset."""
    return int(place * len(data))


PLACE = st.floats(0, 1, exclude_max=True)
FRAGMENT = st.one_of(
    st.binary(min_size=1, max_size=6),
    st.text(min_size=1, max_size=6).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [
            *(b"&a ", b"*a", b"<<: ", b"!x ", b"\t", b"\n", b"---\n", b"...\n", b"%YAML 9\n", b"? ", b"| ", b"> "),
            *(
                b"{",
                b"}",
                b"[",
                b"]",
                b"'",
                b'"',
                b": ",
                b", ",
                b"#",
                b"(" * 50,
                b"[" * 50,
                b"not ",
                b" where ",
                b" else ",
            ),
            *(
                b"1e999999999",
                b"9" * 5000,
                b"9999-99-99",
                b"-",
                b"\\",
                b"\x00",
                b"\xff",
                b"\xef\xbb\xbf",
                b"../",
                b"\r",
            ),
        ]
    ),
)


def flip(place: float, bits: int) -> Edit:
    return lambda data: data[: at(place, data)] + bytes([data[at(place, data)] ^ bits]) + data[at(place, data) + 1 :]


def cut(place: float, length: int) -> Edit:
    return lambda data: data[: at(place, data)] + data[at(place, data) + length :]


def repeat(place: float, length: int) -> Edit:
    return lambda data: data[: at(place, data) + length] + data[at(place, data) :]


def insert(place: float, fragment: bytes) -> Edit:
    return lambda data: data[: at(place, data)] + fragment + data[at(place, data) :]


def move(place: float, other: float, length: int) -> Edit:
    return lambda data: insert(other, data[at(place, data) : at(place, data) + length])(data)


EDITS = st.lists(
    st.one_of(
        st.builds(flip, PLACE, st.integers(1, 255)),
        st.builds(cut, PLACE, st.integers(1, 200)),
        st.builds(repeat, PLACE, st.integers(1, 200)),
        st.builds(insert, PLACE, FRAGMENT),
        st.builds(move, PLACE, PLACE, st.integers(1, 60)),
    ),
    min_size=1,
    max_size=4,
)


def mangle(data: bytes, edits: list[Edit]) -> bytes:
    """Apply the edits one after the other."""
    for edit in edits:
        data = edit(data or b" ")
    return data


def check_result(result: tuple[Law, tuple[Diagnostic, ...]]) -> None:
    """Check what every reading promises: typed law, and diagnostics that stand somewhere in the files read."""
    law, found = result
    assert isinstance(law, Law)
    for diagnostic in found:
        assert diagnostic.span is not None
        assert diagnostic.span.line >= 1
        assert diagnostic.span.column >= 1
        assert "\x1b" not in diagnostic.message
        assert len(diagnostic.message) < 1000


def test_the_ruleset_that_is_mangled_is_sound() -> None:
    law, found = read(SOUND, TABLE)
    assert not found
    assert len((*law.vocabularies, *law.definitions, *law.parameters, *law.tables, *law.provisions, *law.cases)) == 6


@settings(max_examples=150)
@given(EDITS)
def test_mangled_law_gives_law_and_diagnostics(edits: list[Edit]) -> None:
    """Totality: bytes flipped, cut, repeated, moved or put in give law and diagnostics, never an exception.

    The compiler looks at what was read with stand-ins, too: it says more, or nothing.
    """
    law, found = result = read(mangle(SOUND, edits), TABLE)
    check_result(result)
    program, compiled = compile_program(law)
    assert program is not None or has_errors(join_diagnostics(found, compiled))


@settings(max_examples=50)
@given(EDITS)
def test_a_mangled_table_gives_law_and_diagnostics(edits: list[Edit]) -> None:
    """Totality, for the CSV file beside a document: what cannot be read is refused, and the document stays."""
    law, found = result = read(SOUND, mangle(TABLE, edits))
    check_result(result)
    assert len(law.tables) == 1
    assert has_errors(found) or all(len(row) == 3 for row in law.tables[0].rows)


@settings(max_examples=100)
@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_give_law_and_diagnostics(data: bytes) -> None:
    """Totality, from nothing."""
    check_result(read(data, TABLE))


@settings(max_examples=30)
@given(EDITS)
def test_reading_twice_says_the_same(edits: list[Edit]) -> None:
    """Determinism: the same bytes give the same digest and the same words."""
    data = mangle(SOUND, edits)
    (one, first), (other, second) = read(data, TABLE), read(data, TABLE)
    assert one.digest == other.digest
    assert [(d.code, d.message, d.hint) for d in first] == [(d.code, d.message, d.hint) for d in second]


@settings(max_examples=60)
@given(EDITS)
def test_cases_read_beside_the_law_are_found_the_same_fault_with(edits: list[Edit]) -> None:
    """Reading the files of cases apart from the law is a matter of speed alone."""
    law, between, cases = SOUND.partition(b"---\ncases:")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "law.yaml").write_bytes(law)
        (folder / "limits.csv").write_bytes(TABLE)
        (folder / "law.cases.yaml").write_bytes(mangle(between + cases, edits))
        apart, together = check_quickly([name]), check_rules([name])
    assert apart.diagnostics == together.diagnostics
    assert apart.counts == together.counts
    assert (apart.program is None) == (together.program is None)


KEY = re.compile(rb"[\w-]+:")
PUT = st.sampled_from([b"(", b"[]", b"{}", b"~", b"none", b"5 kg", b"[a, b]", b"{a: b}", b"2026-99-99"])


@settings(max_examples=100)
@given(st.lists(st.tuples(st.floats(0, 1), st.one_of(st.none(), st.just(b""), PUT)), min_size=1, max_size=4))
def test_law_with_wrong_keys_and_values_is_compiled_as_far_as_it_can_be(
    edits: list[tuple[float, bytes | None]],
) -> None:
    """Lines left out, keys that are none, values of another kind: the reader's stand-ins never stop the compiler."""
    lines = SOUND.split(b"\n")
    for place, put in edits:
        number = int(place * (len(lines) - 1))
        if put is None:
            lines[number] = b""
        elif put:
            lines[number] = re.sub(rb": .*", b": " + put, lines[number])
        else:
            lines[number] = KEY.sub(b"xx:", lines[number], count=1)
    law, found = read(b"\n".join(lines), TABLE)
    program, compiled = compile_program(law)
    assert program is not None or has_errors(join_diagnostics(found, compiled))
