"""A long run does not grow: sessions end, and rulesets are registered once."""

import resource
import sys
from pathlib import Path

import polars as pl
import pytest

from compliance_engine.engine import InferenceRule, Pattern, engine_named

MB = 1024 * 1024
RULES = (InferenceRule(name="join", when=(Pattern(kind="left"), Pattern(kind="right")), then="both"),)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_100_000_sites_leave_nothing_behind() -> None:
    sites = pl.int_range(10_000, dtype=pl.UInt32, eager=True)
    facts = pl.concat([pl.DataFrame({"session": sites, "kind": kind, "key": 1}) for kind in ("left", "right")])
    durable = engine_named("durable")
    durable.infer(RULES, facts)
    before = resident()
    for _ in range(10):
        assert durable.infer(RULES, facts).height == 10_000
    assert resident() - before < 20 * MB
