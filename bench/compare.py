"""Compare what an evaluation of generated data found with the yardstick's answers, row by row: compare.py DATA SHARED.

Identical: the same rows of each kind with the same evidence. Percentages are exact here and floats there: where the exact one lies halfway
between two millionths, a float may fall to the other side, and such rows are counted.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench"), sys.argv[2]]

import yardstick_polars as yardstick
from answers import answers
from common import digests

from compliance_engine.workflow.evaluation import run

KEYS = ["kind", "a", "b"]
MILLIONTH = 1.000001e-6


def ours(folder: Path) -> pl.DataFrame:
    """Evaluate, and give the findings as the yardstick gives its own."""
    outcome = run(
        rules=[str(ROOT / "bench" / "rules")],
        facts=[str(folder / "parquet")],
        as_of=date(2025, 12, 31),
        period=(date(2025, 1, 1), date(2025, 12, 31)),
    )
    return answers(outcome.findings, pl.read_parquet(folder / "permits.parquet"))


def differences(found: pl.DataFrame, theirs: pl.DataFrame) -> tuple[int, int]:
    """Count the rows that differ, and of the others those whose percentages differ by a millionth."""
    columns = [pl.col(*KEYS).cast(pl.Int64), pl.col("pct").cast(pl.Float64)]
    evidence = pl.col("ev").cast(pl.List(pl.Int64)).list.sort()
    both = found.select(*columns, evidence).join(
        theirs.select(*columns, evidence), on=KEYS, how="full", suffix="_theirs"
    )
    same = (pl.col("ev") == pl.col("ev_theirs")) & ((pl.col("pct") - pl.col("pct_theirs")).abs() <= MILLIONTH)
    alike = both.filter(same.fill_null(value=False))
    millionths = [(pl.col(name) * 1e6).round() for name in ("pct", "pct_theirs")]
    return both.height - alike.height, alike.filter(millionths[0] != millionths[1]).height


if __name__ == "__main__":
    data = Path(sys.argv[1])
    mine = ours(data)
    expected = yardstick.evaluate(yardstick.load(f"{data}/"))
    different, rounded = differences(mine, expected)
    print(json.dumps({"kinds": digests(mine), "different": different, "rounded": rounded}))
