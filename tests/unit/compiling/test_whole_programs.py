"""A program has all of its law, and a name that means nothing is told with what it may have meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from compliance_engine.compiling import compile_program, is_whole
from tests.unit.compiling.example_law import read_text

if TYPE_CHECKING:
    from pathlib import Path

LAW = """
definition: test.area.large
citation: c
for: tank
value: capacity > 100 gal
---
provision: test.area.marked
title: Large tanks are marked, and closed ones too
citation: c
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
status: confirmed
applies: {to: tank}
duties:
  - {id: one, require: not test.area.large or note is "x"}
  - {id: two, require: closed is not present or note is "x"}
---
provision: test.area.seen
title: Each tank is looked at
citation: c
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
status: confirmed
applies: {to: tank}
tightens: TARGET
require: some check
"""


def test_a_program_that_lacks_a_duty_or_a_definition_is_not_whole(tmp_path: Path) -> None:
    law = read_text(tmp_path, LAW.replace("tightens: TARGET\n", ""))
    program, found = compile_program(law)
    assert program is not None, found
    assert is_whole(law, program)
    (marked,) = program.provisions["test.area.marked"]
    shorter = {**program.provisions, "test.area.marked": (msgspec.structs.replace(marked, duties=marked.duties[:1]),)}
    assert not is_whole(law, msgspec.structs.replace(program, provisions=shorter))
    assert not is_whole(law, msgspec.structs.replace(program, provisions={**program.provisions, "test.area.seen": ()}))
    assert not is_whole(law, msgspec.structs.replace(program, definitions={}))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("area.markd", "did you mean area.marked?"),
        ("test.area.markd", "did you mean test.area.marked?"),
        ("other.area.marked", "nothing of other was read: give the law that this rests on as well"),
    ],
)
def test_a_name_that_means_nothing(tmp_path: Path, name: str, hint: str) -> None:
    text = LAW.replace("TARGET", name)
    _, found = compile_program(read_text(tmp_path, text))
    (told,) = [one for one in found if one.code == "unknown-name"]
    assert (told.hint or "").startswith(hint)
