"""Every mistake is told in one go: one in the layout of a document does not hide those in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance_engine.workflow.rules import check_rules

if TYPE_CHECKING:
    from pathlib import Path

LAW = """\
vocabulary: x
types:
  site: {kind: reference}
  tank: {kind: reference, fields: {site: reference site, volume: {type: quantity, unit: m3}}}
---
definition: x.great
for: tank
valeu: volume > 5 m3
---
provision: x.one
title: t
citaton: c
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
applies: {to: tank, whenn: [volume > 5 kg]}
require: volum > 3 m3 or great
---
provision: x.two
title: t
citation: c
in_force: {from: 2020-01-01}
reviewed: 2026-13-01
severity: grave
applies: {to: tank, when: ["volume >"]}
require: volume > 3 mg
unless: [volumen > 2]
"""


def test_layout_names_and_units(tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text(LAW, encoding="utf-8")
    checked = check_rules([str(tmp_path)])
    assert checked.program is None
    assert [(d.span.line, d.code) for d in checked.diagnostics if d.span] == [
        (8, "unknown-key"),
        (12, "unknown-key"),
        (15, "unknown-key"),
        (15, "unit-mismatch"),
        (16, "unknown-name"),
        (22, "bad-date"),
        (23, "bad-word"),
        (24, "bad-expression"),
        (25, "unit-mismatch"),
        (26, "unknown-name"),
    ]


def test_nothing_is_said_of_stand_ins(tmp_path: Path) -> None:
    """Where the reader has found a mistake, what stands there instead is no mistake of the author's."""
    text = LAW.partition("---\nprovision: x.two")[0].replace("valeu", "value").replace("citaton", "citation")
    broken = text.replace("volum > 3 m3 or great", "(").replace(", whenn: [volume > 5 kg]", "")
    (tmp_path / "law.yaml").write_text(
        broken.replace("in_force: {from: 2020-01-01}", "in_force: {from: soon}"), encoding="utf-8"
    )
    assert [d.code for d in check_rules([str(tmp_path)]).diagnostics] == ["bad-date", "bad-expression"]
