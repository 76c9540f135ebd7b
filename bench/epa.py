"""Judge EPA's public discharge reports with the shipped rules, and compare with EPA's own flags: `make epa`.

EPA's verdict columns are read here only, to compare; the evaluation never sees them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "epa-dmr" / "dmr_fy2026_sample.csv.gz"
COMMAND = [
    sys.executable,
    str(ROOT / "cli.py"),
    "evaluate",
    "--rules",
    str(ROOT / "rulesets/us/cwa"),
    "--mapping",
    str(ROOT / "facts/mappings/icis-npdes-dmr.yaml"),
    "--as-of",
    "2026-11-01",
    "--no-store",
    "--format",
    "csv",
]


def main() -> int:
    """Print the table of agreement; 0 if every target is met, 77 where the data is absent."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    if not data.is_file():
        print(f"{data} is absent: nothing to compare with", file=sys.stderr)
        return 77
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "findings.csv"
        done = subprocess.run([*COMMAND, "--facts", str(data), "--out", str(out)], check=False)
        if done.returncode not in {0, 1, 3}:
            return done.returncode
        findings = pl.read_csv(out, infer_schema=False)
    return show(compare(findings, pl.read_csv(data, infer_schema=False)))


def compare(findings: pl.DataFrame, official: pl.DataFrame) -> pl.DataFrame:
    """Give one row a target: how many values, how many agree."""
    ours = {
        name: findings.filter(pl.col("provision") == f"us.cwa.npdes.{name}").select(
            "subject", "status", "exceedance_percent"
        )
        for name in ("effluent-limit", "report-on-time")
    }
    values = official.group_by("DMR_FORM_VALUE_ID", maintain_order=True).agg(
        (pl.col("VIOLATION_CODE") == "E90").any().fill_null(value=False).alias("E90"),
        (pl.col("VIOLATION_CODE") == "D90").any().fill_null(value=False).alias("D90"),
        pl.col("EXCEEDENCE_PCT").filter(pl.col("VIOLATION_CODE") == "E90").first().alias("percent"),
    )
    rows = []
    for code, name in (("E90", "effluent-limit"), ("D90", "report-on-time")):
        joined = values.join(ours[name], left_on="DMR_FORM_VALUE_ID", right_on="subject", how="left")
        same = ((joined["status"] == "violation").fill_null(value=False)) == joined[code]
        rows.append(
            (
                code,
                joined.height,
                int(same.sum()),
                ours[name]["subject"].n_unique() == ours[name].height == values.height,
            )
        )
    both = values.filter("E90").join(
        ours["effluent-limit"], left_on="DMR_FORM_VALUE_ID", right_on="subject", how="inner"
    )
    equal = (
        both["percent"]
        .fill_null("")
        .cast(pl.Float64, strict=False)
        .eq_missing(both["exceedance_percent"].fill_null("").cast(pl.Float64, strict=False))
    )
    rows.append(("EXCEEDENCE_PCT", both.height, int(equal.sum()), True))
    return pl.DataFrame(rows, schema=["verdict", "values", "agree", "one finding each"], orient="row")


def show(table: pl.DataFrame) -> int:
    """Print the comparison and say whether the targets are met."""
    targets = {"E90": 0.999, "D90": 1.0, "EXCEEDENCE_PCT": 0.999}
    met = True
    for verdict, values, agree, each in table.iter_rows():
        share = agree / values if values else 0.0
        met = met and share >= targets[verdict] and each
        print(
            f"{verdict:15} {agree:6} of {values:6} agree  {100 * share:8.3f} %  target {100 * targets[verdict]:.1f} %"
            f"  {'one finding a value' if each else 'NOT one finding a value'}"
        )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
