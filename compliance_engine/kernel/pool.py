"""Small work inside Polars' own pool of threads.

A step that Polars computes in parallel (each filter or join, each comparison of two columns) is handed to a thread of its pool, which has to be
woken and waited for. That takes longer than the step itself where there are few rows. A step that is asked for by a thread of the pool is done
by this thread. An evaluation of one site asks for thousands (`bench/sites.py` measures them).
"""

from __future__ import annotations

from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from compliance_engine.kernel.collecting import uncollected

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
# Below so many rows the streaming engine takes longer to begin than the work takes.
FEW_ROWS = 100_000
# Of few rows only what keeps a join from growing is worth planning: the rest of the plan would take longer to make than it saves.
FEW_STEPS = pl.QueryOptFlags.none(predicate_pushdown=True)
IS_HERE: ContextVar[bool] = ContextVar("IS_HERE", default=False)  # whether a thread of the pool does this work


def in_the_pool(work: Callable[[], T]) -> T:
    """Do the work in a thread of the pool, and give or raise what it does.

    Ctrl-C is heard, and garbage collected, when it is done: it should be short, and leave little behind.
    """
    given: list[T] = []
    raised: list[BaseException] = []
    context = copy_context()
    context.run(IS_HERE.set, True)  # noqa: FBT003

    def call(column: pl.Series, **_: object) -> pl.Series:
        try:
            given.append(context.run(work))
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is raised where the work was asked for)
            raised.append(error)
        return column

    # One column alone would be computed by the thread that asks.
    columns = [pl.col("row").map_batches(call, return_dtype=pl.Int64), (pl.col("row") + 1).alias("beside")]
    with uncollected():
        pl.DataFrame({"row": [0]}).select(columns)
    if raised:
        raise raised[0]
    return given[0]


def collected(query: pl.LazyFrame, rows: int | None = None) -> pl.DataFrame:
    """Compute a query that reads so many rows (None: it is not known how many).

    A thread of the pool never waits for the streaming engine, which may itself wait for one: there may be only one.
    """
    few = IS_HERE.get() or (rows is not None and rows < FEW_ROWS)
    return query.collect(engine="in-memory", optimizations=FEW_STEPS) if few else query.collect()
