"""Random rulesets of one small vocabulary: definitions and provisions; as YAML texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.properties.vocabulary import EACH, NUMBERS, OPERATORS, POLICY, QUESTION, REFERENCE, STATE, TABLES, VOCABULARY
from tests.properties.writer import Writer

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn


@st.composite
def rulesets(draw: DrawFn) -> tuple[str, ...]:
    """Give a vocabulary, a definition, a parameter and one or two provisions, each a text of its own."""
    about = draw(st.sampled_from(["plant", "plant", "distinct (plant, tone) in reading"]))
    follow = draw(st.sampled_from(["", "finding", "status", "displacing"]))
    kind, each = draw(st.sampled_from([REFERENCE, STATE])), draw(EACH)
    definition = _definition(draw, each, about)
    parameter = "parameter: random.step\nvalues: [{from: 2025-06-01, value: 2}, {from: 2026-02-15, value: 3}]\n"
    surge = about == "plant" and draw(st.integers(0, 4)) == 0
    first = _provision(draw, each, about, surge=surge)
    miss = st.sampled_from(["undetermined", "none"])
    tables = TABLES % (draw(miss), draw(miss))
    texts = [
        VOCABULARY % kind,
        tables,
        definition,
        parameter,
        POLICY,
        QUESTION,
        _months(draw),
        _machine(draw, each),
        first,
    ]
    if surge:
        texts.append(_surge(draw))
    if draw(st.integers(0, 3)) == 0:
        texts += _of_records(draw)
    if follow == "displacing":
        texts.append(_displacing(draw, each, about))
    elif follow:
        texts.append(_consequence(draw, follow, each, about))
    return tuple(texts)


def perhaps_days(own: str) -> list[str]:
    """Write days that may lie between two others."""
    return [
        f"if {own}active then {own}opened else 2026-01-05",
        f"if {own}mode is red then 2026-01-20 else if {own}active then 2026-02-10 else {own}opened",
        f"latest({own}opened, if {own}active then 2025-12-20 else 2026-02-01)",
    ]


def reach(about: str) -> str:
    """Say how the fields of the plant are reached from a subject."""
    return "" if about == "plant" else "plant."


def _definition(draw: DrawFn, each: str, about: str) -> str:
    grain = f"each: {each}\n" if each else ""
    write = Writer(draw, bool(each), own=reach(about))
    grain += draw(st.sampled_from(["", "", f"stated: {reach(about)}spare\n", f"stated: '{write.number(0)}'\n"]))
    if draw(st.booleans()):
        return f"definition: random.figure\nfor: {about}\n{grain}value: '{write.number(1)}'\n"
    first = f"  - {{when: '{write.condition(1)}', then: '{write.number(1)}'}}\n"
    return f"definition: random.figure\nfor: {about}\n{grain}first:\n{first}  - {{otherwise: '{write.number(0)}'}}\n"


MONTHS = """definition: random.monthly
for: plant
each: calendar month
value: '%s'
---
definition: random.grade
for: plant
each: calendar month
order: [low, middle, high]
first:
  - {when: '%s', then: high}
  - {when: '%s', then: low}
  - {otherwise: %s}
"""


SURGE = "definition: random.surge\nfor: plant\nspells: '%s'\n"


def _surge(draw: DrawFn) -> str:
    """Write a condition whose stretches of days are facts."""
    write = Writer(draw, period=True)
    forms = [
        f"running sum(reading.amount) {draw(OPERATORS)} {draw(NUMBERS)}",
        f"running count(reading where {write.of_reading()}) >= 2",
        f"count(reading in 20 days to period.end) >= {draw(NUMBERS)}",
        f"(some permit where strength {draw(OPERATORS)} {draw(NUMBERS)})",
        f"running sum(reading.amount) > 2 and {write.condition(0)}",
    ]
    return SURGE % draw(st.sampled_from(forms))


def _months(draw: DrawFn) -> str:
    """Write two definitions of each month: a number, and a symbol that has an order."""
    write = Writer(draw, period=True)
    last = draw(st.sampled_from(["middle", "rank"]))
    return MONTHS % (write.number(1), write.condition(0), write.condition(0), last)


MACHINE = """definition: random.machine
for: plant
each: %s
start: %s
let:
  was: previous.level else %s
  changed: '%s'
fields:
  level: 'if changed then %s else %s'
  since: if changed then period.start else (previous.since else period.start)
  flagged: '(previous.flagged else false) or %s'
  tone: 'if changed then mode else if was > 1 then (previous.tone else red) else green'
"""


def _machine(draw: DrawFn, each: str) -> str:
    """Write a definition that reads itself one period back."""
    write = Writer(draw, period=True)
    moves = st.sampled_from(["min(was + 1, 3)", "was + 1", "0", "(was + 2.5) / 2", "count(reading)"])
    grain = each if each.startswith("calendar") else draw(st.sampled_from(["calendar month", "calendar quarter"]))
    trigger = st.sampled_from(
        [
            f"sum(reading.amount from (previous.since else period.start) to period.end) > {draw(NUMBERS)}",
            f"was < 2 and {write.condition(0)}",
            f"{write.condition(0)}",
        ]
    )
    return MACHINE % (
        grain,
        draw(st.sampled_from(["opened", "2025-12-10", "2026-02-01"])),
        draw(NUMBERS),
        draw(trigger),
        draw(moves),
        draw(st.sampled_from(["was", "was", "0", "max(was - 1, 0)"])),
        write.condition(0),
    )


HEAD = """provision: random.%s
title: Random
citation: none
in_force: {from: 2020-01-01}
reviewed: 2026-01-01
severity: minor
status: confirmed
"""


def _provision(draw: DrawFn, each: str, about: str, *, surge: bool) -> str:
    if not each and not surge and draw(st.integers(0, 3)) == 0:
        return _recurring(draw, about)
    own = reach(about)
    machine = about == "plant" and each.startswith("calendar")
    names = ("figure", "step", "aid", *(("machine.level",) * 3 if machine else ()), *(("surge",) if surge else ()))
    plain, write = Writer(draw, bool(each), own=own), Writer(draw, bool(each), names, own)
    lines = [HEAD % "first", "applies:\n"]
    wheres = ["", f" where {own}active", f" where {own}mode is not red", f" where {own}size > 1"]
    lines.append(f"  to: {about}{draw(st.sampled_from(wheres))}\n")
    lines.append(f"  each: {each}\n" if each else "")
    lines.append("  while: [permit]\n" if draw(st.booleans()) else "")
    if draw(st.booleans()):
        lines.append(f"  when: ['{write.condition(1)}']\n")
    lines.append(f"let: {{aid: '{plain.number(1)}'}}\n")
    if not each and draw(st.booleans()):
        lines.append(f"after: '{draw(st.sampled_from([f'{own}opened', *perhaps_days(own)]))}'\n")
        due = ["", "by: 20 days\n", "by: 1 months\n", f"by: 3 working days after {own}opened\n", "by: 2026-02-01\n"]
        lines.append(draw(st.sampled_from(due)))
        lines.append(draw(st.sampled_from(["", "roll: next working day\n", "roll: previous working day\n"])))
    elif each and draw(st.booleans()):
        lines.append(
            draw(
                st.sampled_from(
                    [
                        "by: 28 of next month\n",
                        "by: 10 days\n",
                        "by: 2026-03-20\n",
                        "by: 28 of next month\nroll: next working day\n",
                        "by: 2 working days before period.end\n",
                    ]
                )
            )
        )
    elif not each and draw(st.booleans()):
        lines.append("by: 2026-02-20\n")
    lines.append(write.demand() + "\n")
    roles = [role for role in ("unless", "excused_by") if draw(st.integers(0, 2)) == 0]
    lines += [f"{role}: ['{write.condition(0)}']\n" for role in roles]
    lines.append(draw(st.sampled_from(["", "", "waivable: {by: [boss, chief]}\n"])))
    return "".join(lines)


def _recurring(draw: DrawFn, about: str) -> str:
    """Write a duty that recurs, from a day that may lie between two others."""
    own = reach(about)
    write = Writer(draw, period=False, own=own)
    days = [f"{own}opened", *perhaps_days(own)]
    after = draw(st.sampled_from(["", *days]))
    dates = [*days, "2026-01-10", f"{own}shut else 2026-02-20", "last(reading.day)", f"20 days after {own}opened"]
    first = draw(st.sampled_from([*dates, *(["20 days", "1 months", "0 days"] * 2 if after else [])]))
    basis = draw(st.sampled_from(["completion", "completion", "due", "calendar"]))
    lengths = ["1 months", "3 months"] if basis == "calendar" else ["10 days", "1 months", "40 days", "1 years"]
    lines = [
        HEAD % "first",
        f"applies:\n  to: {about}\n",
        "  while: [permit]\n" if draw(st.integers(0, 3)) == 0 else "",
        f"  when: ['{write.condition(0)}']\n" if draw(st.integers(0, 3)) == 0 else "",
        f"after: '{after}'\n" if after else "",
        f"recur: {{first: '{first}', then: {draw(st.sampled_from(lengths))}, from: {basis}}}\n",
        draw(st.sampled_from(["", "", "roll: next working day\n", "roll: previous working day\n"])),
        f"require: some reading where {write.of_reading(0)}\n",
        f"unless: ['{write.condition(0)}']\n" if draw(st.integers(0, 3)) == 0 else "",
    ]
    return "".join(lines)


def _of_records(draw: DrawFn) -> list[str]:
    """Write two versions of a provision about each reading, or about each record that is linked to a plant."""
    applies, own, days = draw(
        st.sampled_from(
            [
                ("to: reading", "plant.", ["reading.day", "plant.opened"]),
                ("to: reading", "plant.", ["if reading.good then reading.day else plant.opened"]),
                ("to: reading where good", "plant.", ["reading.day"]),
                ("to: plant\n  each: reading", "", ["reading.day", "opened"]),
                ("to: plant where active\n  each: reading", "", ["reading.day"]),
                ("to: plant\n  each: permit", "", ["permit.begins"]),
                ("to: plant\n  each: permit", "", ["if active then permit.begins else 2026-02-01"]),
            ]
        )
    )
    subject = [day for day in days if applies.startswith("to: reading") or "." not in day]
    stated = [f"governed_by: {day}\n" for day in subject]
    triggers = [f"after: {day}\n{due}" for day in days for due in ("", "by: 10 days\n")]
    lines = [
        f"applies:\n  {applies}\n",
        *(
            draw(st.sampled_from(choices))
            for choices in (
                ["", "  while: [permit]\n"],
                ["", *stated],
                ["", *triggers],
                ["", "waivable: {by: [boss]}\n"],
            )
        ),
    ]
    record = "permit.extended" if "permit" in applies else "reading.good"
    demands = st.sampled_from(
        [
            f"require: {record}\n",
            f"require: ['{record}', 'some permit']\n",
            "require: ['some permit as a where a.strength > 1', 'some permit as b where not b.extended']\n",
            "require: {any: ['some permit as a where a.strength > 2', 'some permit as b where b.extended']}\n",
            f"done: {own}shut\n",
            "forbid: permit as other where other.strength > 2\n",
            f"limit: {{value: {own}size, of: 2.5}}\n",
            f"require: {{any: ['{own}mode is red', '{own}shut is present']}}\n",
            "limit: {value: permit.strength, of: 2}\n"
            if "permit" in applies
            else f"limit: {{value: reading.level, of: {own}cap}}\n",
        ]
    )
    head = HEAD % "records"
    older = head.replace("{from: 2020-01-01}", "{from: 2026-01-10, to: 2026-02-14}")
    newer = head.replace("2020-01-01", "2026-02-15").replace("minor", "major")
    return [first + "".join(lines) + draw(demands) for first in (older, newer)]


def _displacing(draw: DrawFn, each: str, about: str) -> str:
    """Write a provision that displaces the first, always or on a condition, for some of its time."""
    write = Writer(draw, bool(each), ("figure",), reach(about))
    head = (HEAD % "other").replace("2020-01-01", draw(st.sampled_from(["2020-01-01", "2026-02-10"])))
    grain = f"  each: {each}\n" if each else ""
    row = draw(st.sampled_from(["random.first", "{provision: random.first, when: '%s'}"]))
    lines = [head, f"applies:\n  to: {about}\n{grain}  when: ['{write.condition(1)}']\n", write.demand() + "\n"]
    return "".join([*lines, f"displaces: {row % write.condition(0) if '%' in row else row}\n"])


def _consequence(draw: DrawFn, form: str, each: str, about: str) -> str:
    if form == "finding":
        where = draw(st.sampled_from(["", " where met is false", " where met is true"]))
        asked = draw(
            st.sampled_from(
                [
                    f"require: {reach(about)}size > 1",
                    "require: 'some reading where good'",
                    "require: lifted is false",
                    "require: exceedance <= 50 %",
                    "require: days-late < 20 days",
                    "require: breach-at <= 2026-02-28",
                    "after: breach-at\nby: 10 days\nrequire: 'some reading where good'",
                ]
            )
        )
        return HEAD % "second" + f"applies:\n  to: finding of random.first{where}\n{asked}\n"
    grain = f"  each: {each}\n" if each else ""
    asked = draw(
        st.sampled_from(
            [
                "first.met is true",
                "first.status is compliant",
                "first.applies is false",
                "count(finding of random.first where met is false) <= 1",
                "no finding of random.first in 2 months to as-of where status is violation",
                "every finding of random.first where met is true or applies is false",
            ]
        )
    )
    if each.startswith("calendar") and draw(st.booleans()):
        asked = draw(
            st.sampled_from(
                ["(first.met at last) is true", f"(first.met at 2026-02-10) is true or {reach(about)}active"]
            )
        )
    return HEAD % "second" + f"applies:\n  to: {about}\n{grain}require: {asked}\n"
