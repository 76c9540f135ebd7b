"""How many examples a property is tried on: few by default, always the same; `slow` tests try many, and fresh ones.

`pytest --hypothesis-profile=thorough` multiplies every budget by ten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, settings

if TYPE_CHECKING:
    from collections.abc import Callable


def examples(number: int, *, fresh: bool = False) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a decorator: that many examples; `fresh` ones are others each time.

    Only fresh ones are shrunk: each step costs an evaluation, and a plain failure shows its world as it is.
    """
    factor = settings.default.max_examples // 100 if settings.default else 1
    slow_to_draw = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(
        max_examples=number * max(factor, 1),
        deadline=None,
        derandomize=not fresh and factor <= 1,
        database=None,
        phases=(Phase.generate, Phase.shrink) if fresh else (Phase.generate,),
        suppress_health_check=slow_to_draw,
    )
