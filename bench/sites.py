"""Measure the sample sites against all shipped law: `python bench/sites.py [--rounds N] [SITE ...]`.

Each round is a process of its own, as a command is. Printed are medians in seconds: the whole process, and in it the time to read the facts and to
evaluate them. Beside them stands what the same machine needed in the same minute to start Python and import the libraries: where that is slow, all is.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMPORTS = "import polars, msgspec, yaml, click, durable.lang"
STAGES = """
import json, sys, time
from datetime import date
from pathlib import Path
from compliance_engine.workflow.evaluation import run
marks = []
def progress(stage):
    marks.append((stage.split(" (")[0], time.perf_counter()))
run(rules=["rulesets"], facts=[sys.argv[1]], as_of=date(2026, 6, 30), cache=Path(sys.argv[2]), progress=progress)
marks.append(("end", time.perf_counter()))
spent = {}
for (stage, begun), (_, ended) in zip(marks, marks[1:]):
    spent[stage] = spent.get(stage, 0) + ended - begun
print(json.dumps(spent))
"""


def main() -> int:
    """Measure, print a row a site."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("sites", nargs="*")
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    known = sorted(path.parent.name for path in (ROOT / "facts").glob("*/site.yaml"))
    cache = ROOT / "out" / "bench" / "programs"
    cache.mkdir(parents=True, exist_ok=True)
    print(f"{'site':<16} {'process':>8} {'facts':>8} {'evaluate':>9} {'imports':>8}")
    for site in chosen.sites or known:
        place = str(ROOT / "facts" / site)
        timed(STAGES, place, str(cache))  # compiles the rules, once
        rounds = [(timed(STAGES, place, str(cache)), timed(IMPORTS)) for _ in range(chosen.rounds)]
        told = [json.loads(text) for (_, text), _ in rounds]
        columns = [
            statistics.median(wall for (wall, _), _ in rounds),
            statistics.median(one["reading the facts"] for one in told),
            statistics.median(one["evaluating"] for one in told),
            statistics.median(wall for _, (wall, _) in rounds),
        ]
        print(f"{site:<16} {columns[0]:>8.2f} {columns[1]:>8.2f} {columns[2]:>9.2f} {columns[3]:>8.2f}", flush=True)
    return 0


def timed(code: str, *arguments: str) -> tuple[float, str]:
    """Give the wall seconds of a process, and what it printed."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return time.perf_counter() - begun, done.stdout


if __name__ == "__main__":
    sys.exit(main())
