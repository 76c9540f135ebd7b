"""Words that people bring along from contracts, spreadsheets and other languages, and what stands for them here."""

from collections.abc import Mapping

RANGE = "write both ends: 1 <= x and x <= 3"
_SETS = "write `some TYPE where ...`, `no TYPE where ...` or `every TYPE where ...`"
_DAYS = "write `30 days`, which are days of the calendar, or `10 working days after X`"
_COMPARED = "write `<`, `<=`, `>`, `>=` or `=`"
_WHOLE = "texts are compared whole: x is WORD, x in [A, B]"
_MONTH = "write one day as 2026-03-01, or one of every year as 03-01 of next year"
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november"),
    *("december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"),
)
_FOREIGN: Mapping[str, str] = {
    "between": RANGE,
    "implies": "write `not A or B`",
    "per": "a unit is written with a stroke: 30 mg/L",
    "unless": "write `and not ...`; an exception to a duty stands under `unless:`",
    "within": "write a window: some inspection in 30 days to due; a due date stands under `by:`",
    "end": "write `period.end` (due where no `by:` is written), or `31 of next month`, which is its last day",
    **dict.fromkeys(("exists", "exist", "any", "all", "each"), _SETS),
    **dict.fromkeys(("than", "greater", "more", "less", "least", "most", "exceeds", "equals"), _COMPARED),
    **dict.fromkeys(("like", "contains", "matches"), _WHOLE),
    **dict.fromkeys(("business", "calendar", "consecutive"), _DAYS),
    **dict.fromkeys(_MONTHS, _MONTH),
}


def replace_foreign(*tokens: str) -> str | None:
    """Give what stands for the first of these tokens that is such a word, or a number with it: `3 business`."""
    words = (token.split()[-1].lower() for token in tokens if token.split())
    return next((_FOREIGN[word] for word in words if word in _FOREIGN), None)
