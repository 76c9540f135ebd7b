"""Print the digests of what an evaluation of generated data found, as the yardstick prints its own: digest.py DATA SHARED."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench"), sys.argv[2]]

from answers import answers
from common import digests

from compliance_engine.workflow.evaluation import run

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    outcome = run(
        rules=[str(ROOT / "bench" / "rules")],
        facts=[str(folder / "parquet")],
        as_of=date(2025, 12, 31),
        period=(date(2025, 1, 1), date(2025, 12, 31)),
    )
    print(json.dumps(digests(answers(outcome.findings, pl.read_parquet(folder / "permits.parquet")))))
