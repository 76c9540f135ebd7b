"""Measure how many propositions a second each engine infers from: `python tests/engine/measure_durable.py [sites]`.

25 obligations a site. `join`: one rule, two propositions a conclusion. `verdict`: the rules that settle obligations, a
third of these violated. The best of five, on the wall and of the processor.
"""

import sys
import time
from collections.abc import Callable, Sequence

import polars as pl

from compliance_engine.engine import InferenceRule, Pattern, engine_named
from compliance_engine.engine.verdict import CONDUCT, CONSEQUENCE, SCOPE, VERDICT_RULES

PAIRS = 25
JOIN = (
    InferenceRule(
        name="join",
        when=(Pattern(kind=SCOPE, where=(("bound", 1),)), Pattern(kind=CONDUCT, where=(("met", 1),))),
        then="met",
    ),
)


def propositions(sites: int) -> pl.DataFrame:
    number = pl.int_range(sites * PAIRS, eager=True)
    obligations = pl.DataFrame({"session": number // PAIRS, "key": number, "duty": number % 40})
    is_violated = (number % 3 == 0).cast(pl.Int64)
    scopes = obligations.with_columns(kind=pl.lit(SCOPE), out=0, lifted=0, bound=1)
    conducts = obligations.drop("duty").with_columns(kind=pl.lit(CONDUCT), met=1, excused=0, unexcused=is_violated)
    consequences = pl.DataFrame({"session": pl.int_range(sites, eager=True), "key": 3, "target": 1})
    frames = (scopes, conducts, consequences.with_columns(kind=pl.lit(CONSEQUENCE)))
    return pl.concat(frames, how="diagonal_relaxed").with_columns(pl.col("session").cast(pl.UInt32))


def best_of_five(call: Callable[[], object]) -> tuple[float, float]:
    walls, cpus = [], []
    for _ in range(5):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus)


def measure(sites: int) -> None:
    facts = propositions(sites)
    pairs = facts.filter(pl.col("kind") != CONSEQUENCE)
    cases: Sequence[tuple[str, Sequence[InferenceRule], pl.DataFrame]] = (
        ("join", JOIN, pairs),
        ("verdict", VERDICT_RULES, facts),
    )
    for name in ("durable", "python"):
        engine = engine_named(name)
        for case, rules, frame in cases:
            wall, cpu = best_of_five(lambda rules=rules, frame=frame, engine=engine: engine.infer(rules, frame))  # type: ignore[misc]
            sys.stdout.write(
                f"{name:8}{case:8}{frame.height:9,} propositions: {frame.height / wall:9,.0f} a second, "
                f"{frame.height / cpu:9,.0f} a second of processor\n"
            )


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 4000)
