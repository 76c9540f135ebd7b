"""Measure evaluations of generated data against the hand-written yardstick: `make bench [SIZE=large]`.

Whole processes run in turn, in the same minutes; what is printed are medians and their ratios. The results are compared first: a fast wrong answer
is worth nothing. The generator and the yardstick lie in `../shared/bench`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SHARED = ROOT.parent / "shared" / "bench"
DATA = ROOT / "out" / "bench"
SOURCES = ("parquet", "csv")


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took: wall and processor seconds, peak memory in MiB."""

    wall: float
    cpu: float
    memory: float


def main() -> int:
    """Compare, then race; 77 where the yardstick is absent."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--size", action="append", choices=["tiny", "small", "medium", "large"])
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    if not SHARED.is_dir():
        print(f"{SHARED} is absent: there is no yardstick to measure against", file=sys.stderr)
        return 77
    same = True
    for size in chosen.size or ["tiny", "small", "medium", "large"]:
        folder = prepare(size)
        same = same_answers(folder) and same
        race(size, folder, chosen.rounds)
    return 0 if same else 1


def prepare(size: str) -> Path:
    """Make the data of a size, once, with the manifests that tell this software how to read it."""
    folder = DATA / size
    if not (folder / "meas.parquet").is_file():
        subprocess.run([sys.executable, str(SHARED / "make_data.py"), size, str(folder)], check=True)
    for source in SOURCES:
        place = folder / source
        place.mkdir(exist_ok=True)
        for file in folder.glob(f"*.{source}"):
            (place / file.name).unlink(missing_ok=True)
            os.link(file, place / file.name)
        manifest = (HERE / "manifest.parquet.yaml").read_text().replace(".parquet", f".{source}")
        (place / "site.yaml").write_text(manifest)
        shutil.copy(HERE / "permits.yaml", place / "permits.yaml")
    return folder


def same_answers(folder: Path) -> bool:
    """Compare the rows of every kind of violation, their evidence and percentages, with the yardstick's."""
    told = subprocess.run(
        [sys.executable, str(HERE / "compare.py"), str(folder), str(SHARED)], check=True, capture_output=True, text=True
    ).stdout
    found = json.loads(told)
    same = found["different"] == 0
    halves = f" ({found['rounded']} percentages halfway between two millionths)" if found["rounded"] else ""
    print(f"{folder.name}: {'identical to' if same else 'DIFFERS from'} the yardstick{halves}: {found['kinds']}")
    return same


def race(size: str, folder: Path, rounds: int) -> None:
    """Run the yardstick and each way of evaluating in turn, and print medians and ratios."""
    evaluate = [
        sys.executable,
        str(ROOT / "cli.py"),
        "evaluate",
        "--rules",
        str(HERE / "rules"),
        "--as-of",
        "2025-12-31",
        "--period",
        "2025",
        "--format",
        "table",
        "--out",
        str(folder / "summary.txt"),
        "--facts",
    ]
    store = folder / "store.db"
    ways = {
        "yardstick": [sys.executable, str(SHARED / "yardstick_polars.py"), str(folder)],
        "evaluate": [*evaluate, str(folder / "parquet"), "--no-store"],
        "from CSV": [*evaluate, str(folder / "csv"), "--no-store"],
        "with store": [*evaluate, str(folder / "parquet"), "--store", f"sqlite:///{store}"],
    }
    runs: dict[str, list[Run]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, command in ways.items():
            store.unlink(missing_ok=True)
            runs[name].append(timed(command))
    base = runs["yardstick"]
    print(f"{size:7} {'':11} {'wall s':>8} {'cpu s':>8} {'MiB':>7} {'wall x':>7} {'cpu x':>7} {'mem x':>6}")
    for name, taken in runs.items():
        wall, cpu, memory = (statistics.median(getattr(r, k) for r in taken) for k in ("wall", "cpu", "memory"))
        ratios = [
            statistics.median(getattr(r, k) for r in taken) / statistics.median(getattr(r, k) for r in base)
            for k in ("wall", "cpu", "memory")
        ]
        print(
            f"{'':7} {name:11} {wall:8.2f} {cpu:8.2f} {memory:7.0f} {ratios[0]:7.2f} {ratios[1]:7.2f} {ratios[2]:6.2f}"
        )
    if store.is_file():
        print(f"{'':7} store       {store.stat().st_size / 1e6:.1f} MB")


def timed(command: list[str]) -> Run:
    """Run a process to its end and say what it took."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in {0, 1, 3}:
        message = f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}"
        raise SystemExit(message)
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    sys.exit(main())
