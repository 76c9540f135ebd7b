"""The rules that settle obligations, from what comparison left possible.

Each screened obligation brings two propositions with its number as `key`: of kind `scope`, whether it possibly does not
apply (`out`), applies and is lifted by an exception (`lifted`), applies unlifted (`bound`), with its `duty`; of kind
`conduct`, whether it is possibly `met`, or not met and `excused`, or `unexcused`. Each is 1 or 0; what is unknown makes
more than one of them possible, and then an obligation has several conclusions. A duty with consequences brings, for
each, a proposition of kind `consequence`, the duty's number as `key`, what follows as `target`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from compliance_engine.engine.rules import InferenceRule, Pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

SCOPE: Final = "scope"
CONDUCT: Final = "conduct"
CONSEQUENCE: Final = "consequence"
NOT_APPLICABLE: Final = "possibly-not-applicable"
EXEMPT: Final = "possibly-exempt"
COMPLIANT: Final = "possibly-compliant"
EXCUSED: Final = "possibly-excused"
VIOLATED: Final = "possibly-violated"
TRIGGERED: Final = "triggered"

_BOUND: Final = Pattern(kind=SCOPE, where=(("bound", 1),))


def _bound_and(conduct: str) -> tuple[Pattern, Pattern]:
    """Match an obligation that possibly binds, and this about its conduct."""
    return (_BOUND, Pattern(kind=CONDUCT, where=((conduct, 1),)))


VERDICT_RULES: Final = (
    InferenceRule(name="outside", when=(Pattern(kind=SCOPE, where=(("out", 1),)),), then=NOT_APPLICABLE),
    InferenceRule(name="lifted", when=(Pattern(kind=SCOPE, where=(("lifted", 1),)),), then=EXEMPT),
    InferenceRule(name="met", when=_bound_and("met"), then=COMPLIANT),
    InferenceRule(name="excused", when=_bound_and("excused"), then=EXCUSED),
    InferenceRule(name="unexcused", when=_bound_and("unexcused"), then=VIOLATED, carry=("duty",)),
    # First the consequence, since a conclusion takes key and fields from its first premise.
    InferenceRule(
        name="triggers",
        when=(Pattern(kind=CONSEQUENCE), Pattern(kind=VIOLATED, on="duty")),
        then=TRIGGERED,
        carry=("target",),
    ),
)

RULE_SENTENCES: Final[Mapping[str, str]] = {
    "outside": "The obligation possibly does not apply.",
    "lifted": "The obligation possibly applies, and an exception possibly lifts it.",
    "met": "The obligation possibly applies with no exception lifting it, and is possibly met.",
    "excused": "The obligation possibly applies and is possibly not met, and an excuse possibly holds.",
    "unexcused": "The obligation possibly applies and is possibly not met, and possibly no excuse holds.",
    "triggers": "The duty is possibly violated, and a violation of it has this consequence.",
}
