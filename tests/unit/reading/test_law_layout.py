"""The layout of rule files: what it looks like, that comments stay, that nothing else changes."""

from pathlib import Path

import pytest

from compliance_engine.reading.law.layout import files as layout_files
from compliance_engine.reading.law.layout import lay_out_files
from compliance_engine.reading.law.layout.files import LayoutError
from compliance_engine.reading.law.layout.formatting import Formatted

ROOT = Path(__file__).parents[3]

RAGGED = """\


---
# Head of the file.
provision:   test.report
citation: '1 X 2'
title: "A report, 'signed'"
severity: major   # as agreed
applies: {when: [site.kind is large,   site.kind is not small], to: site}

# Above the date.
reviewed: 2026-11-02
# Above the window.
in_force:
    from: 2020-01-01
text: The report is sent
  when it is due.
unless:
- {id: small, when: site.kind is small and site.name is "a very long name of a site that makes this line long", because: small}
# Between exceptions.
- id: other
  when:
      site.kind is large
  # Below the exception.
duties:
      - require: [some report where report.kind is "yearly" and (report.state is sent or report.state is received or report.state is read)]
        id: send
        when: site.kind is large
        each: calendar year
evidence:
  - report
# At the end.
"""

LAID_OUT = """\
# Head of the file.
provision: test.report
title: "A report, 'signed'"
text: >-
  The report is sent
  when it is due.
citation: "1 X 2"
# Above the window.
in_force:
  from: 2020-01-01

# Above the date.
reviewed: 2026-11-02
applies: {when: [site.kind is large, site.kind is not small], to: site}
duties:
  - id: send
    each: calendar year
    when: site.kind is large
    require:
      - >-
        some report where report.kind is "yearly" and (report.state is sent or report.state is received or report.state
        is read)
unless:
  - {id: small, when: site.kind is small and site.name is "a very long name of a site that makes this line long",
     because: small}
  # Between exceptions.
  - id: other
    when: site.kind is large
    # Below the exception.
evidence:
  - report
# At the end.
severity: major  # as agreed
"""


def lay_out(folder: Path, text: str) -> str:
    path = folder / "law.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    (layout,), diagnostics = lay_out_files([path])
    assert diagnostics == ()
    assert layout.before == text
    return layout.after


def test_what_it_looks_like(tmp_path: Path) -> None:
    assert lay_out(tmp_path, RAGGED) == LAID_OUT
    assert lay_out(tmp_path, LAID_OUT) == LAID_OUT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("table: a\ncitation: x\nkeys: {k: text}\nrows: [ [a ], [ b] ]", None),
        ("parameter: p\r\ncitation: x\r\nvalues: [{from: 2026-01-01, value: 30 days}]\r\n", None),
        ("# One.\n\n\n# Two.\n\nparameter: p\ncitation: x\nvalues: [{from: 2026-01-01, value: 1}]\n...\n", None),
        (
            "parameter: p\ncitation: x\nvalues: [{from: 2026-01-01, value: 1}, # first\n  {from: 2027-01-01, value: 2}]\n",
            (
                "parameter: p\ncitation: x\nvalues:\n  - {from: 2026-01-01, value: 1}  # first\n"
                "  - {from: 2027-01-01, value: 2}\n"
            ),
        ),
        (
            "parameter: p\ncitation: |\n    two\n     lines # of text\n\nvalues:   # dated\n- from: 2026-01-01\n  value: 1\n",
            "parameter: p\ncitation: |\n  two\n   lines # of text\n\nvalues:  # dated\n  - from: 2026-01-01\n    value: 1\n",
        ),
        (
            (
                "---\nparameter: p\ncitation: x\nvalues: [{from: 2026-01-01, value: 1}]\n# of p\n---\n# of q\nparameter: q\n"
                "citation: it's # so\nvalues: [{from: 2026-01-01, value: 1}]\n"
            ),
            (
                "parameter: p\ncitation: x\nvalues: [{from: 2026-01-01, value: 1}]\n# of p\n---\n# of q\nparameter: q\n"
                "citation: it's  # so\nvalues: [{from: 2026-01-01, value: 1}]\n"
            ),
        ),
        (
            "policy: p\ncitation: x\nchoices: [a, b]\n--- # of q\npolicy: q\ncitation: x\nchoices: [a, b]\n",
            "policy: p\ncitation: x\nchoices: [a, b]\n---\n# of q\npolicy: q\ncitation: x\nchoices: [a, b]\n",
        ),
    ],
)
def test_small_files(tmp_path: Path, before: str, after: str | None) -> None:
    """Reading before and after, and a second time over, are part of the function itself."""
    found = lay_out(tmp_path, before)
    assert found.endswith("\n")
    assert "\r" not in found
    assert [line for line in found.splitlines() if line.startswith("#")] == [
        line.removeprefix("--- ") for line in before.splitlines() if line.removeprefix("--- ").startswith("#")
    ]
    if after is not None:
        assert found == after
    assert lay_out(tmp_path, found) == found


def test_shipped_law_is_laid_out() -> None:
    layouts, diagnostics = lay_out_files([ROOT / "rulesets"])
    assert layouts
    assert diagnostics == ()
    assert [layout.name for layout in layouts if layout.is_changed] == []


def test_a_layout_that_changes_the_meaning_is_never_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt = Formatted(text=LAID_OUT.replace("is large", "is not large"), remarks=())
    monkeypatch.setattr(layout_files, "format_text", lambda *_: spoilt)
    with pytest.raises(LayoutError, match="change what the file says"):
        lay_out(tmp_path, RAGGED)


def test_a_layout_that_loses_a_comment_is_never_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = iter(
        (
            Formatted(text=LAID_OUT.replace("# At the end.\n", ""), remarks=("# At the end.",)),
            Formatted(text=LAID_OUT.replace("# At the end.\n", ""), remarks=()),
        )
    )
    monkeypatch.setattr(layout_files, "format_text", lambda *_: next(shown))
    with pytest.raises(LayoutError, match="lose a comment"):
        lay_out(tmp_path, RAGGED)


def test_files_with_mistakes_are_not_laid_out(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RAGGED, encoding="utf-8")
    (tmp_path / "b.yaml").write_text("parameter: p\nvalues: [\n", encoding="utf-8")
    layouts, diagnostics = lay_out_files([tmp_path])
    assert layouts == ()
    assert [diagnostic.code for diagnostic in diagnostics] == ["broken-yaml"]


def test_the_vocabulary_above_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.yaml").write_text("vocabulary: v\ntypes: {a:   {kind: reference}}\n", encoding="utf-8")
    below = tmp_path / "below"
    below.mkdir()
    (below / "law.yaml").write_text(RAGGED, encoding="utf-8")
    layouts, _ = lay_out_files([below])
    assert [layout.path.name for layout in layouts] == ["law.yaml"]
