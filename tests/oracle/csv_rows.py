"""The rows of a table that stands in a CSV file."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def read_rows(path: Path) -> list[list[str]]:
    """Give the rows below the header."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))[1:]
