"""The examples of `docs/language.md` are YAML and expressions that can be read, whatever types they speak of."""

import re
from pathlib import Path

import pytest

from compliance_engine.reading.law import read_law

PAGE = Path(__file__).parents[2] / "docs" / "language.md"
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
WHOLE = [block for block in BLOCKS if "\n...\n" not in block]
# A definition that shows every key has more of them than one may have.
SHOWN_TOGETHER = {"too-many-values"}


def test_most_examples_are_whole() -> None:
    assert len(WHOLE) >= 6


@pytest.mark.parametrize("block", WHOLE, ids=lambda block: block.splitlines()[0])
def test_an_example_can_be_read(block: str, tmp_path: Path) -> None:
    left_out = re.sub(r",? ?\.\.\.(?=[\]}])", "", block)
    (tmp_path / "example.yaml").write_text(left_out, encoding="utf-8")
    _, found = read_law([tmp_path / "example.yaml"])
    assert [diagnostic for diagnostic in found if diagnostic.code not in SHOWN_TOGETHER] == []
