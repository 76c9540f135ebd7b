"""What a duty demands: conditions to hold, a limit to keep, a date to be done by, records that may not be."""

from functools import reduce

from compliance_engine.model.law import Done, Forbid, Limit, Part, Require
from compliance_engine.model.syntax import Binary, Expr
from compliance_engine.reading.law.expressions import read_argument, read_expression, read_set, stand_in
from compliance_engine.reading.law.nodes import ListNode, MapNode, Node, join_spans
from compliance_engine.reading.law.problems import Problems
from compliance_engine.reading.law.schema import Entries, has_parts, report_empty
from compliance_engine.reading.law.values import as_expression

DEMANDS = ("require", "limit", "done", "forbid")
LIMIT_KEYS = ("value", "every", "must", "of", "on_none")
ON_NONE = ("met", "undetermined")
_OPERATORS = frozenset(("<", "<=", ">", ">=", "="))
Demand = Require | Limit | Done | Forbid


def read_demand(entries: Entries) -> Demand:
    """Read the one of `require`, `limit`, `done`, `forbid` that is there."""
    written = [key for key in DEMANDS if entries.has(key)]
    if len(written) > 1 or not (written or any(entries.is_meant(key) for key in DEMANDS)):
        found = " and ".join(f"`{key}`" for key in written) or "none of them"
        entries.problems.report(
            "too-many-duties" if written else "missing-key",
            f"{entries.what} has one of `require`, `limit`, `done` and `forbid`; found {found}",
            entries.place(written[1]) if written else entries.span,
            hint="several things to do are several `duties`, each with an `id`"
            if written
            else "require: some training",
        )
    if entries.has("limit"):
        return _read_limit(entries)
    if entries.has("done"):
        return Done(date=entries.required_expression("done"), span=entries.place("done"))
    if entries.has("forbid"):
        return _read_forbid(entries)
    return _read_require(entries)


def _read_require(entries: Entries) -> Require:
    """Read a condition, a list of them, `{any: ...}`, `{all: ...}` or named parts."""
    span = entries.place("require")
    node = entries.get("require")
    label = entries.label("require")
    joined = _joining(node)
    if joined is not None:
        word, inner = joined
        parts = _read_parts(inner, f"`{word}` in {label}", entries.problems)
        return Require(any=word == "any", parts=parts, span=span)
    return Require(any=False, parts=() if node is None else _read_parts(node, label, entries.problems), span=span)


def _joining(node: Node | None) -> tuple[str, Node] | None:
    """Take apart `{any: ...}` and `{all: ...}`; None for anything else."""
    if isinstance(node, MapNode) and len(node.entries) == 1 and node.entries[0][0].text in {"any", "all"}:
        return node.entries[0][0].text, node.entries[0][1]
    return None


def _read_parts(node: Node, label: str, problems: Problems) -> tuple[Part, ...]:
    """Read the conditions of a list, or the named ones; with none of them anything would be as required."""
    if isinstance(node, ListNode | MapNode) and not has_parts(node):
        report_empty(node, label, problems, "require: some training")
    if isinstance(node, MapNode) and _joining(node) is None:
        named = [(key.text, value) for key, value in node.entries]
    else:
        items = node.items if isinstance(node, ListNode) else (node,)
        named = [(str(place), item) for place, item in enumerate(items, 1)]
    return tuple(Part(name=name, condition=_read_part(item, label, problems)) for name, item in named)


def _read_part(node: Node, label: str, problems: Problems) -> Expr:
    """Read a condition, or several of which `any` or `all` are to hold, one inside the other as needed."""
    joined = _joining(node)
    if joined is None:
        return as_expression(node, label, problems)
    word, inner = joined
    parts = _read_parts(inner, f"`{word}` in {label}", problems)
    if not parts:
        return stand_in(inner.span)
    op = "or" if word == "any" else "and"
    return reduce(lambda left, right: _joined(op, left, right), [part.condition for part in parts])


def _joined(op: str, left: Expr, right: Expr) -> Expr:
    return Binary(op=op, left=left, right=right, span=join_spans(left.span, right.span))


def _read_limit(entries: Entries) -> Limit:
    """Read `{value, must, of}` or `{every, must, of, on_none}`."""
    limit = entries.required_open("limit", LIMIT_KEYS)
    every = limit.scalar("every")
    if limit.has("every") == limit.has("value"):
        limit.problems.report(
            "missing-key" if every is None else "too-many-values",
            f"{limit.what} has {'neither `value` nor' if every is None else 'both `value` and'} `every`",
            limit.span,
            hint="limit: {value: avg, of: permit-limit.value}",
        )
    value = limit.expression("value")
    return Limit(
        value=stand_in(limit.span) if value is None and every is None else value,
        every=None if every is None else read_argument(every, limit.problems),
        must=_read_must(limit),
        of=limit.required_expression("of"),
        open_if_none=_read_on_none(limit),
        span=entries.place("limit"),
    )


def _read_on_none(limit: Entries) -> bool:
    """Say whether it is not known if the limit is kept where there is no record."""
    if limit.has("on_none") and not limit.has("every"):
        message = f"`on_none` of {limit.what} says something of `every`, which is not there"
        limit.problems.report(
            "missing-key", message, limit.place("on_none"), hint="without any record a `value` is unknown anyway"
        )
    return limit.choice("on_none", ON_NONE, default="met") == "undetermined"


def _read_must(limit: Entries) -> Expr | str | None:
    """Read an operator, or an expression that yields one; None where the default holds."""
    node = limit.scalar("must")
    if node is None:
        return None
    text = node.text.strip()
    return text if text in _OPERATORS else read_expression(node, limit.problems)


def _read_forbid(entries: Entries) -> Forbid | Require:
    """Read the records that may not exist; after a report, an empty requirement stands in."""
    node = entries.scalar("forbid")
    records = None if node is None else read_set(node, entries.problems)
    span = entries.place("forbid")
    return Require(any=False, parts=(), span=span) if records is None else Forbid(set=records, span=span)
