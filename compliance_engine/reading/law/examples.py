"""An example of each key, as it is written: for messages and for editors."""

import re
from collections.abc import Mapping

EXAMPLES: Mapping[str, str] = {
    "applies": "applies: {to: permit-limit, each: calendar month}",
    "applies.to": "to: permit-limit",
    "as_of": "as_of: 2026-04-20",
    "because": "because: affirmative defence",
    "by": "by: 30 days",
    "case": "case: the mean equals the limit",
    "case.kind": "kind: boundary",
    "cases": "cases: [{case: ..., kind: pass, as_of: 2026-04-20, expect: [...]}]",
    "choices": "choices: [anniversary, calendar-year]",
    "citation": "citation: 40 CFR 122.41(a)(1)",
    "columns": "columns: {limit: quantity mg/L}",
    "expect": "expect: [{subject: L1, period: 2026-03, status: compliant}]",
    "duties": "duties: [{id: report, by: 30 days, require: some report}]",
    "fields": "fields: {date: date, value: quantity mg/L}",
    "first": "first: [{when: total > 1000 kg, then: LQG}, {otherwise: SQG}]",
    "first.then": "then: LQG",
    "for": "for: permit-limit",
    "from": "from: 2026-01-01",
    "id": "id: report",
    "in_force": "in_force: {from: 1983-09-01}",
    "keys": "keys: {parameter: text}",
    "limit": 'limit: {value: mean(result.value), must: "<=", of: 30 mg/L}',
    "kind": "kind: event",
    "mode": "mode: half-up",
    "of": "of: permit-limit.value",
    "places": "places: 0",
    "prompts.then": "then: call the plant's engineer",
    "provision": "provision: us.cwa.npdes.monthly-average",
    "question": "question: could oil reach navigable waters",
    "recur": "recur: {first: 12 months, then: 12 months, from: completion}",
    "recur.first": "first: 12 months",
    "recur.from": "from: completion",
    "require": "require: some training",
    "reviewed": "reviewed: 2026-11-01",
    "rows": "rows: [[BOD5, 30]]",
    "span": "span: {from: effective, to: expires}",
    "status": "status: confirmed",
    "expect.status": "status: compliant",
    "waivable.by": "by: [regional administrator]",
    "subject": "subject: L1",
    "then": "then: 12 months",
    "time": "time: date",
    "title": "title: The average monthly discharge stays within the permit's limit",
    "to": "to: 2026-12-31",
    "type": "type: result",
    "unique": "unique: [{when: class is I, then: 3}, {when: class is II, then: 5}]",
    "unique.then": "then: 5",
    "types": "types: {site: {kind: reference, fields: {name: text}}}",
    "value": "value: 30 mg/L",
    "values": "values: [{from: 2026-01-01, value: 30 days}]",
    "waivable": "waivable: {by: [state director]}",
    "when": "when: some upset-granted",
}

# What a label in a message names: `limit` of provision ...
KEY_OF = re.compile(r"`(?P<key>[\w-]+)` of ")


def example_of(key: str, what: str) -> str | None:
    """Give an example of a key, as it is written in what `what` names."""
    inside = re.match(r"case (?=`)", what) or KEY_OF.search(what)
    within = "case" if inside and inside[0] == "case " else inside["key"] if inside else ""
    example = EXAMPLES.get(f"{within}.{key}")
    example = example or EXAMPLES.get(key)
    return None if example is None else f"for example: {example}"
