"""Law: whatever an author writes, the compiler answers with a program or with diagnostics, and always with the same."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_engine.compiling import compile_program
from compliance_engine.kernel.diagnostic import has_errors
from compliance_engine.model.program import decode_program, encode_program
from compliance_engine.reading.law import read_law
from tests.unit.compiling.example_law import HEAD, VOCABULARY

ATOMS = [
    *(
        "capacity",
        "class",
        "use",
        "note",
        "closed",
        "coated",
        "ceiling",
        "temperature",
        "site",
        "permit",
        "site.name",
        "id",
    ),
    *(
        "permit.expires",
        "permit.site.name",
        "reading.level",
        "reading.any",
        "reading.extra",
        "check.done-at",
        "check.passed",
    ),
    *(
        "level",
        "good",
        "number",
        "seen",
        "due",
        "trigger",
        "period.start",
        "as-of",
        "tank.capacity",
        "test.other",
        "test.p.met",
    ),
    *(
        "30 mg/L",
        "95 %",
        "0",
        "1",
        "3 gal",
        "2 lb",
        "6 months",
        "24 hours",
        "10 days",
        "5 degF",
        "2026-03-31",
        '"text"',
    ),
    *("true", "none", "oil", "II", "nothing", "28 of next month", 'determined("q")', "finding.met", "test.limit"),
]
SETS = [
    "reading",
    "check",
    "permit",
    "tank",
    "site",
    "month",
    "finding of test.p",
    "reading in 30 days to as-of",
    "permit at as-of",
]


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    sets = st.sampled_from(SETS)
    ops = st.sampled_from(["+", "-", "*", "/", "=", "<", "<=", "and", "or", "else", "before"])
    functions = st.sampled_from(
        ["sum", "mean", "min", "max", "first", "abs", "year", "sign", "printed", "count", "geomean"]
    )
    return st.one_of(
        st.builds("({}) {} ({})".format, inner, ops, inner),
        st.builds("not ({})".format, inner),
        st.builds("-({})".format, inner),
        st.builds("({}) is {}".format, inner, st.sampled_from(["present", "none", "true", "oil", "not II", '"x"'])),
        st.builds("({}) in [{}, {}]".format, inner, inner, inner),
        st.builds("({}) in table(test.t)".format, inner),
        st.builds("if {} then ({}) else {}".format, inner, inner, inner),
        st.builds("({} {} where {})".format, st.sampled_from(["some", "no", "every"]), sets, inner),
        st.builds("{}({})".format, functions, inner),
        st.builds("{}({} where {})".format, functions, inner, inner),
        st.builds("count({} where {})".format, sets, inner),
        st.builds("share({} where {})".format, sets, inner),
        st.builds("max({}, {})".format, inner, inner),
        st.builds("round({}, {}, half-up)".format, inner, inner),
        st.builds('compare({}, ">=", {})'.format, inner, inner),
        st.builds("censored({}, {})".format, inner, st.sampled_from(["zero", "note", "use"])),
        st.builds("percentile({}, 95 %)".format, inner),
        st.builds("table(test.t, {}).f".format, inner),
    )


EXPRESSIONS = st.recursive(st.sampled_from(ATOMS), _grown, max_leaves=8)


def _law(values: list[str]) -> str:
    fields = "\n".join(f"  f{number}: >-\n    {text}" for number, text in enumerate(values))
    lets = "\n".join(f"  x{number}: >-\n    {text}" for number, text in enumerate(values))
    return f"""
definition: test.other
citation: c
for: tank
value: 3 gal
---
definition: test.limit
citation: c
for: tank
each: calendar year
fields:
{fields}
---
table: test.t
citation: c
keys: {{k: text}}
columns: {{f: quantity mg/L}}
on_miss: none
rows: [[a, 1]]
---
provision: test.p
{HEAD}applies: {{to: tank}}
require: some check
---
provision: test.q
{HEAD}applies: {{to: tank, each: calendar month}}
let:
{lets}
limit:
  value: >-
    {values[0]}
  of: >-
    {values[-1]}
"""


@settings(max_examples=60)
@given(st.lists(EXPRESSIONS, min_size=1, max_size=12))
def test_any_law_compiles_or_says_why_not(values: list[str]) -> None:
    """Law: the compiler raises nothing; without errors it gives a program that survives a trip through JSON."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "vocabulary.yaml").write_text(VOCABULARY.lstrip("\n"), encoding="utf-8")
        (folder / "law.yaml").write_text(_law(values), encoding="utf-8")
        law, _ = read_law([folder])
    program, diagnostics = compile_program(law)
    assert (program is None) == has_errors(diagnostics)
    assert compile_program(law) == (program, diagnostics)
    if program is not None:
        assert decode_program(encode_program(program)) == program
